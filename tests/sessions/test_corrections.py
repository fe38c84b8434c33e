"""Ticked key points as scores: which one counts, what is refused, what is taken back, and what reopening leaves."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from interviewprep.accounts.models import User
from sessions import lifecycle, reviews, scoring
from sessions.grading import Status
from sessions.models import Answer, Confidence, InterviewSession, Score, SelfReview, SessionQuestion
from tests.factories import answer, make_mentor, make_mentorship, make_user
from tests.sessions.sitting import LATER, compiled, finish, nth_answer, nth_question, sit, start

ONE_POINT = "Accuracy is useless with imbalanced classes."
ALL = dict.fromkeys(("accuracy-misleads", "precision-recall", "costs"), Status.FOUND)
NONE = dict.fromkeys(ALL, Status.NOT_FOUND)


def graded() -> InterviewSession:
    session = sit(("open", ONE_POINT))
    scoring.score_session(session=session, now=LATER)
    return session


def tick(session: InterviewSession, ticks: scoring.Ticks = ALL, *, minutes: int = 0) -> Score:
    question = nth_question(session, 1)
    now = LATER + timedelta(minutes=minutes)
    return scoring.tick_points(candidate=session.candidate, question_id=question.pk, ticks=ticks, now=now)


@pytest.mark.django_db
def test_a_mentors_ticks_beat_the_candidates_and_those_the_automatic_score_whenever_they_were_made() -> None:
    session = graded()
    mentor = make_mentor(of=session.candidate)
    question = nth_question(session, 1)
    by_mentor = reviews.correct_points(author=mentor, question_id=question.pk, ticks=NONE, now=LATER)
    older, newer = tick(session, minutes=1), tick(session, NONE, minutes=2)
    automatic = question.answer.scores.get(source="automatic")
    assert scoring.newest_of_each(question.answer.scores.all()) == [automatic, newer, by_mentor]
    assert scoring.counting_score([newer, by_mentor, older, automatic]) == by_mentor
    assert scoring.counting_score([newer, older, automatic]) == newer
    assert scoring.counting_score([automatic]) == automatic


@pytest.mark.django_db
def test_the_ticks_of_each_mentor_are_shown_and_the_newest_count() -> None:
    session = graded()
    question = nth_question(session, 1)
    first, second = (make_mentor(of=session.candidate) for _ in range(2))

    def correct(mentor: User, ticks: scoring.Ticks, minutes: int) -> Score:
        now = LATER + timedelta(minutes=minutes)
        return reviews.correct_points(author=mentor, question_id=question.pk, ticks=ticks, now=now)

    by_first, by_second = correct(first, ALL, 1), correct(second, NONE, 2)
    automatic = question.answer.scores.get(source="automatic")
    assert scoring.newest_of_each(question.answer.scores.all()) == [automatic, by_first, by_second]
    newer = correct(first, NONE, 3)
    assert scoring.newest_of_each(question.answer.scores.all()) == [automatic, by_second, newer]


@pytest.mark.django_db
def test_a_correction_is_a_weighted_share_with_a_half_for_partly_and_changes_no_other_score() -> None:
    session = graded()
    before = list(Score.objects.values())
    score = tick(session, {**NONE, "precision-recall": Status.PARTLY, "costs": Status.FOUND})
    assert float(score.points) == pytest.approx((3 / 2 + 1) / 6, abs=1e-4)
    assert (score.source, score.author, score.grader, score.findings) == ("self", session.candidate, "", [])
    assert list(Score.objects.exclude(pk=score.pk).values()) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ticks", [{}, {"costs": Status.FOUND}, {**ALL, "more": Status.FOUND}, {**ALL, "costs": Status.UNREAD}]
)
def test_every_key_point_is_ticked_and_nothing_else(ticks: scoring.Ticks) -> None:
    session = graded()
    with pytest.raises(scoring.IncompleteTicksError):
        tick(session, ticks)
    assert Score.objects.count() == 1


@pytest.mark.django_db
def test_nobody_ticks_or_takes_back_in_the_candidates_place() -> None:
    session = graded()
    tick(session)
    question = nth_question(session, 1)
    for stranger in (make_user(), make_mentor(of=session.candidate)):
        with pytest.raises(Answer.DoesNotExist):
            scoring.tick_points(candidate=stranger, question_id=question.pk, ticks=NONE, now=LATER)
        with pytest.raises(Answer.DoesNotExist):
            scoring.withdraw_ticks(candidate=stranger, question_id=question.pk)
    assert Score.objects.filter(source="self").count() == 1


@pytest.mark.django_db
def test_a_mentor_corrects_with_consent_only_and_no_running_interview() -> None:
    session = graded()
    question = nth_question(session, 1)
    asked = make_mentor()
    make_mentorship(candidate=session.candidate, mentor=asked, accepted=False)
    for stranger in (asked, make_mentor(), session.candidate):
        with pytest.raises(reviews.NoConsentError):
            reviews.correct_points(author=stranger, question_id=question.pk, ticks=ALL, now=LATER)
        with pytest.raises(reviews.NoConsentError):
            reviews.withdraw_correction(author=stranger, question_id=question.pk)
    running = start("open")
    with pytest.raises(reviews.NoConsentError):
        reviews.correct_points(
            author=make_mentor(of=running.candidate), question_id=nth_question(running, 1).pk, ticks=ALL, now=LATER
        )
    with pytest.raises(SessionQuestion.DoesNotExist):
        reviews.correct_points(author=asked, question_id=session.pk, ticks=ALL, now=LATER)
    assert Score.objects.count() == 1


@pytest.mark.django_db
def test_an_answer_without_words_or_without_a_score_has_nothing_to_tick() -> None:
    silent, ungraded, choice = sit(("open", None)), sit(("open", ONE_POINT)), sit(("single", "a"))
    for session in (silent, choice):
        scoring.score_session(session=session, now=LATER)
    for session in (silent, ungraded, choice):
        with pytest.raises(scoring.NothingToTickError):
            tick(session)


@pytest.mark.django_db
def test_ticks_go_on_from_the_newest_automatic_score_and_keep_its_quotations() -> None:
    session = graded()
    first = tick(session)
    automatic = nth_answer(session, 1).scores.get(source="automatic")
    assert [verdict["evidence"] for verdict in first.verdicts] == [
        verdict["evidence"] for verdict in automatic.verdicts
    ]
    Score.objects.create(
        answer=automatic.answer,
        source="automatic",
        grader="newer",
        grader_version=9,
        points=1,
        max_points=1,
        verdicts=[{**verdict, "note": "A newer note."} for verdict in automatic.verdicts],
        created_at=LATER + timedelta(days=1),
    )
    assert {verdict["note"] for verdict in tick(session, minutes=1).verdicts} == {"A newer note."}


@pytest.mark.django_db
def test_the_verdicts_are_first_shown_once() -> None:
    session = graded()
    question_id = nth_question(session, 1).pk
    rated = {question_id: Confidence.CERTAIN}
    assert scoring.show_verdicts(session=session, ratings=rated, now=LATER) is True
    assert scoring.show_verdicts(session=session, ratings={}, now=LATER + timedelta(days=1)) is False
    review = SelfReview.objects.get()
    assert (review.shown_at, review.confidence_in(question_id)) == (LATER, Confidence.CERTAIN)


@pytest.mark.django_db
def test_reopening_takes_back_what_the_candidate_said_of_words_they_can_change_and_no_mentors_word() -> None:
    session = start("open", "open")
    submitted, reopened = nth_question(session, 1), nth_question(session, 2)
    answer(submitted, ONE_POINT, submit=True)
    answer(reopened, ONE_POINT)
    session = finish(session)
    compiled(session)
    scoring.show_verdicts(session=session, ratings={}, now=LATER)
    mentor = make_mentor(of=session.candidate)
    for question in (submitted, reopened):
        scoring.tick_points(candidate=session.candidate, question_id=question.pk, ticks=ALL, now=LATER)
        reviews.correct_points(author=mentor, question_id=question.pk, ticks=NONE, now=LATER)
    lifecycle.reopen_session(session_id=session.pk, actor=make_user(), reason="Outage", remaining_ms=60_000, now=LATER)
    assert not SelfReview.objects.exists()
    assert set(submitted.answer.scores.values_list("source", flat=True)) == {"automatic", "self", "mentor"}
    assert set(reopened.answer.scores.values_list("source", flat=True)) == {"mentor"}


@pytest.mark.django_db(transaction=True)
def test_the_same_ticks_sent_twice_at_once_are_one_correction() -> None:
    session = graded()
    together = threading.Barrier(2, timeout=10)

    def work(_: int) -> None:
        try:
            together.wait()
            tick(session)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, range(2)))
    assert Score.objects.filter(source="self").count() == 1
