"""Bulk actions: exactly what was shown, all of it or nothing, and undone while nothing else has changed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interviewprep.accounts.models import User
from questions import bulk, curating, publishing
from questions.bulk import BulkRefusedError
from questions.models import BulkAction, Question, QuestionVersion, Review
from tests.factories import NOW, OPEN, make_approval, make_content, make_curator, make_question, make_topic

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
Kind, Status = BulkAction.Kind, Question.Status


@pytest.fixture
def curator() -> User:
    return make_curator()


@pytest.fixture
def three() -> list[Question]:
    """Three published questions, each tagged `depth`."""
    topic = make_topic()
    return [make_question(f"q{n}", topic=topic, tags=["depth"], **OPEN) for n in range(3)]


def ids(questions: Sequence[Question]) -> list[UUID]:
    return [question.pk for question in questions]


def do(curator: User, kind: str, questions: Sequence[Question], value: str = "", now: Any = LATER) -> BulkAction:
    planned = bulk.plan(kind=Kind(kind), value=value, ids=ids(questions))
    return bulk.carry_out(kind=Kind(kind), value=value, ids=ids(questions), seal=planned.seal, actor=curator, now=now)


def states(questions: Sequence[Question]) -> dict[UUID, dict[str, str]]:
    return {pk: standing.state for pk, standing in bulk.standings(ids(questions)).items()}


def drafts(questions: Sequence[Question]) -> None:
    """Give each question a draft that waits."""
    for question in questions:
        publishing.add_version(question=question, content=make_content(**OPEN), author=None, now=NOW)


def prepared(kind: str, questions: Sequence[Question]) -> str:
    """Bring the questions where an action of this kind changes all of them, and return its value."""
    if kind == "restore":
        for question in questions:
            publishing.retire(question=question)
    if kind == "submit":
        drafts(questions)
    return {
        "move": make_topic("new-home").slug if kind == "move" else "",
        "add_tag": "width",
        "remove_tag": "depth",
        "difficulty": "hard",
    }.get(kind, "")


def shown(question: Question) -> QuestionVersion:
    version = bulk.standings([question.pk])[question.pk].shown
    assert version
    return version


# --- Doing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "result"),
    [
        ("retire", lambda q: q.status == Status.RETIRED),
        ("restore", lambda q: q.status == Status.PUBLISHED),
        ("move", lambda q: q.topic.slug == "new-home"),
        ("add_tag", lambda q: shown(q).tags == ["depth", "width"]),
        ("remove_tag", lambda q: shown(q).tags == []),
        ("difficulty", lambda q: shown(q).difficulty == "hard"),
        ("submit", lambda q: Review.objects.waiting().filter(version=shown(q)).exists()),
    ],
)
def test_an_action_changes_every_question_and_its_undo_brings_all_back(
    curator: User, three: list[Question], kind: str, result: Any
) -> None:
    value = prepared(kind, three)
    before = states(three)
    action = do(curator, kind, three, value)
    assert all(result(Question.objects.get(pk=question.pk)) for question in three)
    assert states(three) != before
    undone = bulk.undo(action_id=action.pk, actor=curator, now=LATER)
    assert undone.undone_at == LATER
    assert states(three) == before


def test_tags_and_difficulty_become_drafts_and_interviews_see_nothing_of_them(
    curator: User, three: list[Question]
) -> None:
    do(curator, "difficulty", three, "easy")
    for question in three:
        now = Question.objects.get(pk=question.pk)
        assert now.current_version == question.current_version
        assert shown(question).number == 2 and not shown(question).is_published
        assert shown(question).created_by == curator


def test_each_change_is_in_the_history_of_its_question(curator: User, three: list[Question]) -> None:
    do(curator, "retire", three)
    for question in three:
        newest = question.events.order_by("-pk").first()
        assert newest and (newest.kind, newest.actor) == ("retired", curator)


def test_what_is_so_already_is_counted_and_left_alone(curator: User, three: list[Question]) -> None:
    publishing.retire(question=three[0])
    planned = bulk.plan(kind=Kind.RETIRE, value="", ids=ids(three))
    assert (len(planned.steps), len(planned.same)) == (2, 1)
    action = do(curator, "retire", three)
    assert action.changes.count() == 2
    bulk.undo(action_id=action.pk, actor=curator, now=LATER)
    assert Question.objects.get(pk=three[0].pk).status == Status.RETIRED


def test_nothing_is_done_when_a_question_changed_after_it_was_shown(curator: User, three: list[Question]) -> None:
    planned = bulk.plan(kind=Kind.RETIRE, value="", ids=ids(three))
    curating.move_question(question=three[1], topic=make_topic(), actor=curator, now=LATER)
    before = states(three)
    with pytest.raises(BulkRefusedError, match="changed meanwhile"):
        bulk.carry_out(kind=Kind.RETIRE, value="", ids=ids(three), seal=planned.seal, actor=curator, now=LATER)
    assert states(three) == before and not BulkAction.objects.exists()


def test_pressing_a_button_twice_does_it_once(curator: User, three: list[Question]) -> None:
    planned = bulk.plan(kind=Kind.RETIRE, value="", ids=ids(three))
    arguments: dict[str, Any] = {"kind": Kind.RETIRE, "value": "", "ids": ids(three), "seal": planned.seal}
    bulk.carry_out(**arguments, actor=curator, now=LATER)
    with pytest.raises(BulkRefusedError):
        bulk.carry_out(**arguments, actor=curator, now=LATER)
    assert BulkAction.objects.count() == 1


def test_one_refusal_undoes_all(curator: User, three: list[Question], monkeypatch: pytest.MonkeyPatch) -> None:
    retire = curating.retire_question

    def refuse_the_last(**what: Any) -> bool:
        if what["question"] == three[2]:
            raise curating.RefusedError("it is needed")
        return retire(**what)

    monkeypatch.setattr(curating, "retire_question", refuse_the_last)
    before = states(three)
    with pytest.raises(BulkRefusedError, match="it is needed"):
        do(curator, "retire", three)
    assert states(three) == before and not BulkAction.objects.exists()


@pytest.mark.parametrize(
    ("kind", "value"),
    [("move", "no-such-topic"), ("move", ""), ("difficulty", "brutal"), ("add_tag", "Two words"), ("remove_tag", "")],
)
def test_a_value_that_makes_no_sense_is_refused(three: list[Question], kind: str, value: str) -> None:
    with pytest.raises(BulkRefusedError):
        bulk.plan(kind=Kind(kind), value=value, ids=ids(three))


def test_too_many_at_once_are_refused() -> None:
    with pytest.raises(BulkRefusedError, match="500"):
        bulk.plan(kind=Kind.RETIRE, value="", ids=[uuid4() for _ in range(501)])


def test_questions_in_review_keep_their_words(curator: User, three: list[Question]) -> None:
    drafts(three)
    curating.submit(version=shown(three[0]), actor=curator, now=LATER)
    make_approval(shown(three[1]))
    planned = bulk.plan(kind=Kind.ADD_TAG, value="width", ids=ids(three))
    assert [step.standing.question for step in planned.steps] == [three[2]]
    assert {step.standing.question for step in planned.refused} == {three[0], three[1]}


def test_only_drafts_are_submitted(curator: User, three: list[Question]) -> None:
    bare = Question.objects.create(slug="bare", topic=three[0].topic)
    drafts(three[:1])
    planned = bulk.plan(kind=Kind.SUBMIT, value="", ids=ids([*three, bare]))
    assert [step.standing.question for step in planned.steps] == three[:1]
    assert len(planned.refused) == 3


def test_a_draft_that_was_never_published_comes_back_as_it_was(curator: User) -> None:
    question = make_question(published=False)
    before = states([question])
    for kind in ("retire", "restore"):
        do(curator, kind, [question])
    last = BulkAction.objects.order_by("at", "kind")
    assert states([question]) == before
    assert last.count() == 2


# --- Undoing --------------------------------------------------------------------------------------------------------


def test_an_undo_is_refused_as_a_whole_once_one_question_has_changed(curator: User, three: list[Question]) -> None:
    action = do(curator, "retire", three)
    curating.move_question(question=three[1], topic=make_topic(), actor=curator, now=LATER)
    before = states(three)
    with pytest.raises(BulkRefusedError, match="changed since"):
        bulk.undo(action_id=action.pk, actor=curator, now=LATER)
    assert states(three) == before
    assert [standing.question for standing in bulk.changed_since(action)] == [three[1]]


def test_a_draft_somebody_has_gone_on_with_is_not_thrown_away(curator: User, three: list[Question]) -> None:
    action = do(curator, "difficulty", three, "easy")
    draft = shown(three[0])
    curating.write_draft(
        question=three[0],
        content=make_content(**OPEN),
        actor=curator,
        now=LATER,
        version=draft,
        base_digest=draft.digest,
    )
    with pytest.raises(BulkRefusedError):
        bulk.undo(action_id=action.pk, actor=curator, now=LATER)
    assert QuestionVersion.objects.filter(pk=draft.pk).exists()


def test_a_draft_somebody_has_commented_on_or_sent_back_is_not_thrown_away(
    curator: User, three: list[Question]
) -> None:
    action = do(curator, "difficulty", three, "easy")
    curating.add_comment(version=shown(three[0]), actor=make_curator(), body="Too easy by far.", now=LATER)
    review = curating.submit(version=shown(three[1]), actor=curator, now=LATER)
    curating.request_changes(review_id=review.pk, actor=make_curator(), note="Why?", now=LATER)
    assert [standing.question for standing in bulk.changed_since(action)] == three[:2]
    with pytest.raises(BulkRefusedError, match="changed since"):
        bulk.undo(action_id=action.pk, actor=curator, now=LATER)
    assert shown(three[0]).comments.count() == 1 and Review.objects.get().note == "Why?"


def test_an_action_is_undone_once(curator: User, three: list[Question]) -> None:
    action = do(curator, "retire", three)
    bulk.undo(action_id=action.pk, actor=curator, now=LATER)
    with pytest.raises(BulkRefusedError, match="already"):
        bulk.undo(action_id=action.pk, actor=curator, now=LATER)


def test_nobody_undoes_somebody_elses_action(curator: User, three: list[Question]) -> None:
    action = do(curator, "retire", three)
    with pytest.raises(BulkAction.DoesNotExist):
        bulk.undo(action_id=action.pk, actor=make_curator(), now=LATER)


@pytest.mark.parametrize(("days", "undone"), [(6.99, True), (7.01, False)])
def test_an_undo_is_offered_for_a_week(curator: User, three: list[Question], days: float, undone: bool) -> None:
    action = do(curator, "retire", three)
    later = LATER + timedelta(days=days)
    assert (action in bulk.actions_of(curator, now=later)) is undone
    try:
        bulk.undo(action_id=action.pk, actor=curator, now=later)
    except BulkRefusedError:
        assert not undone
    else:
        assert undone


def test_a_question_that_was_deleted_meanwhile_does_not_stand_in_the_way(curator: User) -> None:
    topic = make_topic()
    questions = [make_question(topic=topic, published=False) for _ in range(2)]
    action = do(curator, "retire", questions)
    questions[0].delete()
    bulk.undo(action_id=action.pk, actor=curator, now=LATER)
    assert Question.objects.get(pk=questions[1].pk).status == Status.DRAFT


def test_the_last_action_is_offered_to_be_undone_until_it_is(curator: User, three: list[Question]) -> None:
    do(curator, "retire", three[:1], now=LATER)
    last = do(curator, "retire", three[1:], now=LATER + timedelta(minutes=1))
    soon = LATER + timedelta(hours=1)
    assert bulk.last_undoable(curator, now=soon) == last
    bulk.undo(action_id=last.pk, actor=curator, now=soon)
    assert bulk.last_undoable(curator, now=soon) is None
    assert bulk.last_undoable(make_curator(), now=soon) is None


def test_a_plan_takes_as_many_statements_for_many_as_for_one(three: list[Question]) -> None:
    with CaptureQueriesContext(connection) as one:
        bulk.plan(kind=Kind.ADD_TAG, value="width", ids=ids(three[:1]))
    with CaptureQueriesContext(connection) as many:
        bulk.plan(kind=Kind.ADD_TAG, value="width", ids=ids(three))
    assert len(one) == len(many)
