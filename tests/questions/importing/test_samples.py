"""Public files of other people, all the way into the bank and out of it again."""

from pathlib import Path
from typing import Any

import pytest

from questions.importing import running
from questions.models import ImportItem, ImportRun, Question, Topic
from tests.factories import make_topic
from tests.questions.importing.runs import carry_out, items, read, undo
from tests.questions.importing.samples import SAMPLES, needs_samples

pytestmark = [pytest.mark.django_db, needs_samples]

LIST = SAMPLES / "markdown" / "data-science-interviews-theory.md"
GIFT = sorted((SAMPLES / "gift").glob("*.gift"))
ABOUT: dict[str, Any] = {
    "licence": "CC BY 4.0",
    "author": "alexeygrigorev and contributors",
    "source": "data-science-interviews",
}


@pytest.fixture
def topic() -> Topic:
    return make_topic("everything-else")


@pytest.fixture
def run(topic: Topic) -> ImportRun:
    return read(LIST.read_bytes(), "qalist", filename=LIST.name, topic=topic, **ABOUT)


def test_the_list_has_its_165_questions_in_its_19_topics(run: ImportRun) -> None:
    assert (run.state, run.question_count, run.error_count) == (ImportRun.State.READY, 165, 0)
    assert len({tuple(item.topics) for item in items(run)}) == 19
    assert {item.values["licence"] for item in items(run)} == {"CC-BY-4.0"}


def test_the_unanswered_14_want_an_answer_and_all_want_key_points(run: ImportRun) -> None:
    wanting = [{lack["message"] for lack in item.missing} for item in items(run)]
    assert sum("an answer" in lacks for lacks in wanting) == 14
    assert all("key points" in lacks for lacks in wanting)


def test_with_proposed_points_the_answered_ones_become_versions_and_the_unanswered_stay_unfinished(
    topic: Topic,
) -> None:
    run = read(LIST.read_bytes(), "qalist", filename=LIST.name, topic=topic, proposes_points=True, **ABOUT)
    unanswered = {item.position for item in items(run) if "an answer" in {lack["message"] for lack in item.missing}}
    incomplete = {item.position for item in items(run) if item.state == ImportItem.State.INCOMPLETE}
    assert unanswered < incomplete and len(incomplete) < 60


def test_the_emoji_are_its_difficulties(run: ImportRun) -> None:
    counted = dict.fromkeys(("easy", "medium", "hard"), 0)
    for item in items(run):
        counted[item.values["difficulty"]] += 1
    text = LIST.read_text()
    questions = [line for line in text.splitlines() if line.startswith("**")]
    assert counted["easy"] == sum("👶" in line for line in questions)
    assert counted["hard"] == sum("🚀" in line for line in questions)


def test_the_list_becomes_drafts_once_and_can_be_taken_back(run: ImportRun, topic: Topic) -> None:
    carry_out(run)
    assert Question.objects.filter(status="draft").count() == Question.objects.count() == 165
    again = read(LIST.read_bytes(), "qalist", filename=LIST.name, topic=topic, **ABOUT)
    assert {item.match for item in items(again)} == {ImportItem.Match.IDENTICAL}
    undo(run)
    assert not Question.objects.exists()


@pytest.mark.parametrize("path", GIFT, ids=lambda path: path.stem)
def test_each_gift_file_is_imported_or_says_why_not(path: Path, topic: Topic) -> None:
    run = read(path.read_bytes(), "gift", topic=topic)
    if path.stem == "category1":
        assert run.state == ImportRun.State.REFUSED
        return
    assert (run.state, run.error_count) == (ImportRun.State.READY, 0)
    assert running.what_is_missing(run) == []
    assert carry_out(run).state == ImportRun.State.IMPORTED
    assert Question.objects.exists()
