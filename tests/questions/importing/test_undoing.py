"""Taking an import back: whole, and only while nothing uses what it made."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from interviewprep.accounts.models import User
from questions import curating, publishing
from questions.importing import running, undoing
from questions.importing.running import NotReadyError
from questions.models import (
    BankEntry,
    ImportRun,
    Question,
    QuestionEvent,
    QuestionVersion,
    Topic,
    VersionComment,
    WorkingCopy,
)
from tests.factories import NOW, make_content, make_curator, make_plan, make_question, make_session, make_topic
from tests.questions.importing.runs import GIFT, carry_out, items, read, undo

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
State = ImportRun.State


@pytest.fixture
def topic() -> Topic:
    return make_topic("error-analysis")


@pytest.fixture
def curator() -> User:
    return make_curator()


@pytest.fixture
def run(topic: Topic, curator: User) -> ImportRun:
    return carry_out(read(topic=topic), user=curator)


def bias() -> Question:
    return Question.objects.get(slug="bias")


def test_undoing_leaves_the_bank_as_it_was_and_the_record_of_the_import(run: ImportRun, curator: User) -> None:
    kept = make_question("kept")
    run = undo(run, user=curator, now=LATER)
    assert (run.state, run.undone_at, run.undone_by) == (State.UNDONE, LATER, curator)
    assert list(Question.objects.all()) == [kept]
    assert QuestionVersion.objects.get().question == kept
    assert BankEntry.objects.get().question == kept
    assert [item.title for item in items(run)] == ["Bias", "Coins"]


@pytest.mark.parametrize("target", ["draft", "review", "published"])
def test_it_can_be_undone_however_the_questions_came_in(topic: Topic, target: str) -> None:
    run = carry_out(read(topic=topic, target=target))
    assert undoing.obstacles(run) == []
    undo(run)
    assert not Question.objects.exists()


def test_undoing_takes_unfinished_questions_away_too(topic: Topic) -> None:
    undo(carry_out(read(b"What is bias? {}\n", topic=topic)))
    assert not Question.objects.exists()


def test_topics_that_the_import_made_go_if_they_are_empty(topic: Topic) -> None:
    run = read(b"$CATEGORY: Cooking\n\n" + GIFT)
    running.decide_topics(run=run, choices={"Cooking": f"new:{topic.area.slug}"})  # type: ignore[union-attr]
    run.refresh_from_db()
    undo(carry_out(run))
    assert not Topic.objects.filter(slug="cooking").exists()
    assert Topic.objects.filter(slug="error-analysis").exists()


def test_a_topic_into_which_something_else_has_moved_stays(topic: Topic) -> None:
    run = read(b"$CATEGORY: Cooking\n\n" + GIFT)
    running.decide_topics(run=run, choices={"Cooking": f"new:{topic.area.slug}"})  # type: ignore[union-attr]
    run.refresh_from_db()
    run = carry_out(run)
    make_question("guest", topic=Topic.objects.get(slug="cooking"))
    undo(run)
    assert set(Question.objects.values_list("slug", flat=True)) == {"guest"}


def test_a_new_version_of_an_old_question_goes_and_the_question_stays(topic: Topic) -> None:
    carry_out(read(topic=topic))
    publishing.publish(question=bias(), now=NOW)
    run = read(GIFT.replace(b"Both are.", b"Both of them are."), topic=topic)
    running.decide_duplicates(run=run, choices={1: "version"})
    run = carry_out(run, now=LATER)
    assert bias().versions.count() == 2
    undo(run, now=LATER + timedelta(minutes=1))
    assert [version.number for version in bias().versions.all()] == [1]
    assert QuestionEvent.objects.filter(question=bias(), kind="discarded", version_number=2).exists()


# What stands in the way


def published(curator: User) -> None:
    publishing.publish(question=bias(), now=LATER)


def edited(curator: User) -> None:
    content = make_content("single")
    curating.write_draft(question=bias(), content=content, actor=curator, now=LATER)


def drawn(curator: User) -> None:
    publishing.publish(question=bias(), now=NOW)
    make_session(plan=make_plan(questions=[bias()]))


def reviewed(curator: User) -> None:
    version = bias().versions.get()
    curating.submit(version=version, actor=curator, now=LATER)


def commented(curator: User) -> None:
    VersionComment.objects.create(version=bias().versions.get(), author=curator, body="Hm.", created_at=LATER)


def begun(curator: User) -> None:
    WorkingCopy.objects.create(owner=curator, question=bias(), typed={}, saved_at=LATER)


def moved(curator: User) -> None:
    publishing.move(question=bias(), topic=make_topic("elsewhere"), actor=curator, now=LATER)


@pytest.mark.parametrize("use", [published, edited, drawn, reviewed, commented, begun, moved])
def test_nothing_is_undone_when_one_question_is_used(
    run: ImportRun, curator: User, use: Callable[[User], None]
) -> None:
    use(curator)
    assert {obstacle.slug for obstacle in undoing.obstacles(run)} == {"bias"}
    with pytest.raises(NotReadyError, match="cannot be undone any more"):
        running.order_undoing(run=run, user=curator, now=LATER)
    assert Question.objects.filter(slug__in=["bias", "coins"]).count() == 2


def test_a_use_that_began_while_it_waited_for_a_worker_stops_it(run: ImportRun, curator: User) -> None:
    running.order_undoing(run=run, user=curator, now=LATER)
    commented(curator)
    running.work(run_id=run.pk, now=LATER)
    run.refresh_from_db()
    assert run.state == State.IMPORTED and "something uses what the import made" in run.failure
    assert Question.objects.count() == 2


def test_an_import_is_undone_once(run: ImportRun) -> None:
    undo(run)
    with pytest.raises(NotReadyError):
        running.order_undoing(run=run, user=None, now=LATER)


def test_the_same_file_can_be_imported_again_after_it_was_undone(run: ImportRun, topic: Topic) -> None:
    undo(run)
    carry_out(read(topic=topic))
    assert Question.objects.count() == 2
