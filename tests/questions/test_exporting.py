"""The export: every published question's current version, as JSON and nothing else."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from questions.content import Content
from questions.models import Question, Topic
from questions.publishing import add_version, publish, retire
from tests.factories import NOW, make_content, make_question, make_topic

pytestmark = pytest.mark.django_db


def export(*arguments: str) -> str:
    out = StringIO()
    call_command("export_bank", "--format", "json", *arguments, stdout=out)
    return out.getvalue()


def exported() -> list[dict[str, Any]]:
    return list(json.loads(export()))


def test_a_question_is_exported_whole() -> None:
    topic = make_topic("metrics", area=Topic.objects.create(slug="evaluation", name="Evaluation"))
    content = make_content(prompt="Größe „μ“ ≤ 3?")
    row = Question.objects.create(slug="one", topic=topic)
    publish(question=row, version=add_version(question=row, content=content, author=None), now=NOW)
    (question,) = exported()
    place = {"slug": "one", "area": "evaluation", "topic": "metrics", "status": "published", "version": 1}
    assert question == place | content.model_dump(mode="json")
    assert "Größe „μ“ ≤ 3?" in export()


@pytest.mark.parametrize("kind", ["open", "single", "multiple", "numeric"])
def test_what_is_exported_can_be_read_back(kind: str) -> None:
    make_question(kind=kind)
    (question,) = exported()
    content = Content.parse({name: question[name] for name in Content.model_fields})
    assert content.digest() == Question.objects.get().current_version.digest  # type: ignore[union-attr]


def test_only_published_questions_and_their_current_version_are_exported() -> None:
    make_question("draft", published=False)
    retire(question=make_question("retired"))
    edited = make_question("edited", title="Old words")
    publish(
        question=edited, version=add_version(question=edited, content=make_content(title="New"), author=None), now=NOW
    )
    add_version(question=edited, content=make_content(title="Unpublished words"), author=None)
    assert [(q["slug"], q["title"], q["version"]) for q in exported()] == [("edited", "New", 2)]


def test_questions_are_sorted_by_code_point() -> None:
    for slug in ("ab", "a-c", "aa", "a1"):
        make_question(slug)
    assert [question["slug"] for question in exported()] == ["a-c", "a1", "aa", "ab"]


def test_an_empty_bank_is_an_empty_list() -> None:
    assert export() == "[]\n"


def test_the_number_of_statements_does_not_grow_with_the_bank() -> None:
    make_question()
    with CaptureQueriesContext(connection) as one:
        export()
    for _ in range(5):
        make_question()
    with CaptureQueriesContext(connection) as six:
        export()
    assert len(one) == len(six)


def test_a_file_is_written_whole_and_nothing_goes_to_standard_output(tmp_path: Path) -> None:
    make_question("one")
    file = tmp_path / "bank.json"
    assert export("--output", str(file)) == ""
    assert [question["slug"] for question in json.loads(file.read_text("utf-8"))] == ["one"]
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        export("--output", str(tmp_path / "missing" / "bank.json"))
