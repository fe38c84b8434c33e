"""The published bank, for other programs: one JSON object per question, one per line within a list.

Reads only, and holds one question at a time however large the bank is.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models.functions import Collate

from questions.models import Question


def write_json(write: Callable[[str], Any]) -> None:
    """Hand the whole list to `write`, piece by piece: `[`, then the questions by slug, then `]`."""
    separator = "[\n"
    for question in exported_questions():
        write(separator + json.dumps(question, ensure_ascii=False))
        separator = ",\n"
    write("\n]\n" if separator == ",\n" else "[]\n")


def exported_questions() -> Iterator[dict[str, Any]]:
    """Yield each published question with its current version's whole content, sorted by slug."""
    questions = Question.objects.published().select_related("topic__area", "current_version")
    # By code point, whatever the database's language thinks of hyphens.
    for question in questions.order_by(Collate("slug", "C")).iterator(chunk_size=200):
        yield _exported(question)


def _exported(question: Question) -> dict[str, Any]:
    version = question.current_version
    assert version is not None, "published() only gives questions with a version"
    area = question.topic.area or question.topic
    content = version.content.model_dump(mode="json")
    return {
        "slug": question.slug,
        "area": area.slug,
        "topic": question.topic.slug,
        "status": question.status,
        "version": version.number,
        **content,
    }
