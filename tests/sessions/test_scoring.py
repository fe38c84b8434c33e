import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from questions.content import Content
from sessions import scoring
from sessions.grading import Grade, grade
from sessions.models import Answer, InterviewSession, QuestionLevel, Score, VerdictDispute
from tests.factories import GOOD_BODIES, answer, make_finished_session, make_session, make_user, questions_of
from tests.sessions.sitting import LATER, nth_answer, nth_question, sit


def mentor_score(answer: Answer, *, points: str = "0.5", minutes: int = 0) -> Score:
    return Score.objects.create(
        answer=answer,
        source=Score.Source.MENTOR,
        author=make_user(),
        points=Decimal(points),
        max_points=Decimal(1),
        created_at=LATER + timedelta(minutes=minutes),
    )


# --- Grading -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_answer_of_a_finished_session_gets_one_automatic_score() -> None:
    session = sit(("open", None), ("single", "a"), ("numeric", "0.25"))
    scoring.score_session(session=session, now=LATER)
    scores = Score.objects.filter(answer__session=session).order_by("answer__question__position")
    assert [score.points for score in scores] == [0, 1, 1]
    assert {score.created_at for score in scores} == {LATER}
    assert all(score.grader and score.grader_version for score in scores)


@pytest.mark.django_db
def test_scoring_twice_leaves_the_first_scores_untouched() -> None:
    session = make_finished_session()
    scoring.score_session(session=session, now=LATER)
    before = list(Score.objects.order_by("pk").values())
    scoring.score_session(session=session, now=LATER + timedelta(days=1))
    assert list(Score.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_an_answer_graded_by_an_older_grader_is_not_graded_again() -> None:
    session = make_finished_session()
    scoring.score_session(session=session, now=LATER)
    Score.objects.update(grader="an older one", points=Decimal("0.1"))
    scoring.score_session(session=session, now=LATER)
    assert {score.grader for score in Score.objects.all()} == {"an older one"}


@pytest.mark.django_db
def test_a_mentor_score_does_not_stand_in_for_the_automatic_one() -> None:
    session = make_finished_session()
    mentor_score(nth_answer(session, 1))
    scoring.score_session(session=session, now=LATER)
    assert nth_answer(session, 1).scores.filter(source=Score.Source.AUTOMATIC).count() == 1


@pytest.mark.django_db
def test_a_running_session_is_not_graded() -> None:
    session = make_session()
    answer(questions_of(session)[0], "some words")
    with pytest.raises(scoring.SessionNotFinishedError):
        scoring.score_session(session=session, now=LATER)
    assert not Score.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("count", [3, 9])
def test_scoring_costs_three_statements_however_many_questions_there_are(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = make_finished_session(count=count)
    with django_assert_num_queries(3):
        scoring.score_session(session=session, now=LATER)


@pytest.mark.django_db
def test_points_are_at_the_level_of_the_question_and_the_grader_s_own_are_kept() -> None:
    session = sit(("open", GOOD_BODIES["open"]), ("single", "a"), ("numeric", "0.25"))
    asked = nth_question(session, 1).version
    result = grade(asked.content, GOOD_BODIES["open"])
    QuestionLevel.objects.create(
        question=asked.question, grader=result.grader, grader_version=result.grader_version, corrections=20,
        knots=[[0.0, 0.1], [1.0, 0.5]], rmse_before=0.3, rmse_after=0.1, fitted_at=LATER,
    )  # fmt: skip
    scoring.score_session(session=session, now=LATER)
    levelled, *others = Score.objects.order_by("answer__question__position")
    assert levelled.raw_points == result.points
    assert levelled.points == pytest.approx(Decimal("0.1") + Decimal("0.4") * result.points, abs=Decimal("0.0001"))
    assert levelled.verdicts == result.to_json()
    assert [score.raw_points for score in others] == [None, None]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_leave_one_score_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    session = make_finished_session(count=8)
    both_have_looked = threading.Barrier(2, timeout=10)

    def grade_after_both_have_looked(content: Content, body: str) -> Grade:
        if content == first:
            both_have_looked.wait()
        return grade(content, body)

    first = questions_of(session)[0].version.content
    monkeypatch.setattr(scoring, "grade", grade_after_both_have_looked)

    def work(_: int) -> None:
        try:
            scoring.score_session(session=session, now=LATER)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, range(2)))
    assert Score.objects.filter(answer__session=session).count() == 8


# --- Which score counts ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_newest_mentor_score_beats_every_automatic_one() -> None:
    session = make_finished_session()
    graded = nth_answer(session, 1)
    older, newest = mentor_score(graded), mentor_score(graded, points="0.75", minutes=1)
    scoring.score_session(session=session, now=LATER + timedelta(days=1))
    assert scoring.counting_score(graded.scores.all()) == newest
    assert scoring.counting_score(graded.scores.exclude(pk=newest.pk)) == older
    automatic = scoring.automatic_score(graded.scores.all())
    assert automatic is not None and automatic.source == Score.Source.AUTOMATIC


@pytest.mark.django_db
def test_without_a_mentor_the_newest_automatic_score_counts() -> None:
    session = make_finished_session()
    scoring.score_session(session=session, now=LATER)
    graded = nth_answer(session, 1)
    newer = Score.objects.create(
        answer=graded,
        source=Score.Source.AUTOMATIC,
        grader="a newer one",
        grader_version=1,
        points=Decimal("0.2"),
        max_points=Decimal(1),
        created_at=LATER + timedelta(seconds=1),
    )
    assert scoring.counting_score(graded.scores.all()) == newer


def test_without_scores_none_counts() -> None:
    assert scoring.counting_score([]) is None


# --- Disputes ----------------------------------------------------------------------------------------------------


def graded_session() -> tuple[InterviewSession, Score]:
    session = sit(("open", "Accuracy is useless with imbalanced classes."))
    scoring.score_session(session=session, now=LATER)
    return session, nth_answer(session, 1).scores.get()


@pytest.mark.django_db
def test_a_dispute_is_noted_once_and_changes_no_points() -> None:
    session, score = graded_session()

    def dispute() -> bool:
        return scoring.dispute_verdict(candidate=session.candidate, score_id=score.pk, key="costs", now=LATER)

    assert dispute() is True
    assert dispute() is False
    assert VerdictDispute.objects.get().score == score
    points = score.points
    score.refresh_from_db()
    assert score.points == points


@pytest.mark.django_db
def test_a_dispute_can_be_taken_back_and_taking_it_back_twice_is_taking_it_back_once() -> None:
    session, score = graded_session()
    scoring.dispute_verdict(candidate=session.candidate, score_id=score.pk, key="costs", now=LATER)
    scoring.dispute_verdict(candidate=session.candidate, score_id=score.pk, key="precision-recall", now=LATER)
    assert scoring.withdraw_dispute(candidate=session.candidate, score_id=score.pk, key="costs") is True
    assert scoring.withdraw_dispute(candidate=session.candidate, score_id=score.pk, key="costs") is False
    assert [dispute.key for dispute in VerdictDispute.objects.all()] == ["precision-recall"]


@pytest.mark.django_db
def test_only_a_verdict_that_was_given_can_be_disputed() -> None:
    session, score = graded_session()
    with pytest.raises(scoring.UnknownVerdictError):
        scoring.dispute_verdict(candidate=session.candidate, score_id=score.pk, key="made-up", now=LATER)
    with pytest.raises(Score.DoesNotExist):
        scoring.dispute_verdict(candidate=session.candidate, score_id=uuid4(), key="costs", now=LATER)


@pytest.mark.django_db
def test_nobody_else_disputes_or_withdraws() -> None:
    session, score = graded_session()
    scoring.dispute_verdict(candidate=session.candidate, score_id=score.pk, key="costs", now=LATER)
    stranger = make_user()
    with pytest.raises(Score.DoesNotExist):
        scoring.dispute_verdict(candidate=stranger, score_id=score.pk, key="precision-recall", now=LATER)
    with pytest.raises(Score.DoesNotExist):
        scoring.withdraw_dispute(candidate=stranger, score_id=score.pk, key="costs")
    assert VerdictDispute.objects.count() == 1


@pytest.mark.django_db
def test_a_mentors_points_are_not_a_verdict_to_dispute() -> None:
    session, _ = graded_session()
    score = mentor_score(nth_answer(session, 1))
    with pytest.raises(Score.DoesNotExist):
        scoring.dispute_verdict(candidate=session.candidate, score_id=score.pk, key="costs", now=LATER)
