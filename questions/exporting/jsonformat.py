"""Our JSON: one object per question, one per line within a list, with everything that the question says."""

import json
from collections.abc import Iterable
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy

from questions.content import Content
from questions.exporting.base import ExportedQuestion


class JsonWriter:
    name = "json"
    label = gettext_lazy("JSON")
    extension = "json"
    media_type = "application/json"

    def carries(self, content: Content) -> bool:
        return True

    def cannot_carry(self, content: Content) -> list[str]:
        return []

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        separator = "[\n"
        for question in questions:
            file.write((separator + json.dumps(as_object(question), ensure_ascii=False)).encode())
            separator = ",\n"
        file.write(b"\n]\n" if separator == ",\n" else b"[]\n")


WRITER = JsonWriter()


def as_object(question: ExportedQuestion) -> dict[str, Any]:
    """Return what leaves: where the question stood, and the names and values of its content."""
    return {
        "slug": question.slug,
        "area": question.area.slug,
        "topic": question.topic.slug,
        "status": question.status,
        "version": question.version,
        **question.content.model_dump(mode="json"),
    }
