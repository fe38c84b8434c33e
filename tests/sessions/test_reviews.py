"""Comments: written only with consent at the moment of writing, by their author only, and kept after its end."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts import mentorships
from interviewprep.accounts.models import Mentorship, User
from sessions import reviews
from sessions.models import InterviewSession, KeptDraft, ReviewComment, SessionQuestion
from sessions.reports import Outcome
from tests.factories import CLIENT, NOW, OTHER_CLIENT, answer, make_curator, make_mentor, make_user, questions_of
from tests.sessions.records import add_follow_up, save_words
from tests.sessions.sitting import compiled, finish, sit, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> InterviewSession:
    return sit(("open", "Precision and recall, not accuracy."), ("single", "a"))


@pytest.fixture
def question(session: InterviewSession) -> SessionQuestion:
    return questions_of(session)[0]


@pytest.fixture
def mentor(session: InterviewSession) -> User:
    return make_mentor(of=session.candidate)


def add(author: User, question: SessionQuestion, body: str = "Good point.") -> ReviewComment:
    return reviews.add_comment(author=author, question_id=question.pk, body=body, now=NOW)


def revoke() -> None:
    Mentorship.objects.update(revoked_at=NOW)


# --- Writing ------------------------------------------------------------------------------------------------------


def test_a_mentor_comments_on_a_question(mentor: User, question: SessionQuestion) -> None:
    comment = add(mentor, question, "  Good point.\n")
    assert (comment.author, comment.question, comment.body) == (mentor, question, "Good point.")
    assert (comment.created_at, comment.edited_at) == (NOW, None)


def test_the_same_comment_twice_is_one(mentor: User, question: SessionQuestion) -> None:
    assert add(mentor, question) == add(mentor, question)
    assert add(mentor, question, "Another.") != add(mentor, question)


def test_an_author_comments_fifty_times_on_a_question_and_no_more(
    mentor: User, question: SessionQuestion, session: InterviewSession
) -> None:
    for number in range(50):
        add(mentor, question, f"Comment {number}.")
    with pytest.raises(reviews.TooManyCommentsError):
        add(mentor, question, "One more.")
    assert add(mentor, question, "Comment 49.").body == "Comment 49.", "sent twice it is still saved once"
    assert add(mentor, questions_of(session)[1], "One more.")
    assert add(make_mentor(of=session.candidate), question, "One more.")


def test_fifty_is_the_end_also_for_comments_sent_at_once(mentor: User, question: SessionQuestion) -> None:
    """They queue behind the lock on the consent, and each counts those before it."""
    for number in range(49):
        add(mentor, question, f"Comment {number}.")
    with CaptureQueriesContext(connection) as statements:
        add(mentor, question, "The last.")
    locked, counted = (
        next(i for i, query in enumerate(statements.captured_queries) if words in query["sql"])
        for words in ("FOR NO KEY UPDATE", "COUNT(")
    )
    assert locked < counted


def test_without_consent_nobody_comments(session: InterviewSession, question: SessionQuestion) -> None:
    pending = make_mentor()
    mentorships.invite_mentor(candidate=session.candidate, mentor_email=pending.email or "", now=NOW)
    for author in (session.candidate, make_user(), make_mentor(), make_curator(), pending):
        with pytest.raises(reviews.NoConsentError):
            add(author, question)
    assert not ReviewComment.objects.exists()


def test_after_the_end_of_consent_nothing_is_written_changed_or_deleted(
    mentor: User, question: SessionQuestion
) -> None:
    comment = add(mentor, question)
    revoke()
    with pytest.raises(reviews.NoConsentError):
        add(mentor, question, "Too late.")
    with pytest.raises(reviews.NoConsentError):
        reviews.edit_comment(author=mentor, comment_id=comment.pk, body="Too late.", now=NOW)
    with pytest.raises(reviews.NoConsentError):
        reviews.delete_comment(author=mentor, comment_id=comment.pk)
    assert [kept.body for kept in ReviewComment.objects.all()] == ["Good point."]


def test_a_running_interview_is_not_commented_on() -> None:
    session = start("open")
    with pytest.raises(reviews.NoConsentError):
        add(make_mentor(of=session.candidate), questions_of(session)[0])


def test_a_question_that_does_not_exist_is_not_commented_on(mentor: User) -> None:
    with pytest.raises(SessionQuestion.DoesNotExist):
        reviews.add_comment(author=mentor, question_id=uuid4(), body="?", now=NOW)


def test_an_edit_replaces_the_words_and_says_when(mentor: User, question: SessionQuestion) -> None:
    comment = add(mentor, question)
    later = NOW + timedelta(hours=1)
    edited = reviews.edit_comment(author=mentor, comment_id=comment.pk, body="Better.", now=later)
    assert (edited.body, edited.created_at, edited.edited_at) == ("Better.", NOW, later)


def test_saving_without_a_change_is_no_edit(mentor: User, question: SessionQuestion) -> None:
    comment = add(mentor, question)
    assert reviews.edit_comment(author=mentor, comment_id=comment.pk, body="Good point.", now=NOW).edited_at is None


def test_nobody_changes_or_deletes_the_comment_of_somebody_else(mentor: User, question: SessionQuestion) -> None:
    comment = add(mentor, question)
    other = make_mentor(of=question.session.candidate)
    with pytest.raises(ReviewComment.DoesNotExist):
        reviews.edit_comment(author=other, comment_id=comment.pk, body="Mine.", now=NOW)
    with pytest.raises(ReviewComment.DoesNotExist):
        reviews.delete_comment(author=other, comment_id=comment.pk)
    comment.refresh_from_db()
    assert comment.body == "Good point."


def test_deleting_deletes(mentor: User, question: SessionQuestion) -> None:
    comment = add(mentor, question)
    reviews.delete_comment(author=mentor, comment_id=comment.pk)
    assert not ReviewComment.objects.exists()
    with pytest.raises(ReviewComment.DoesNotExist):
        reviews.delete_comment(author=mentor, comment_id=comment.pk)


@pytest.mark.parametrize("body", ["", " \n ", "x" * 10_001])
def test_an_empty_or_endless_comment_is_refused(mentor: User, question: SessionQuestion, body: str) -> None:
    with pytest.raises(reviews.CommentRefusedError):
        add(mentor, question, body)


def test_the_longest_comment_is_kept_whole(mentor: User, question: SessionQuestion) -> None:
    assert len(add(mentor, question, "x" * 10_000).body) == 10_000


@pytest.mark.django_db(transaction=True)
def test_ending_consent_waits_for_a_comment_under_way_and_the_next_one_finds_none() -> None:
    session = sit(("open", "Recall."))
    question, mentor = questions_of(session)[0], make_mentor(of=session.candidate)
    mentorship = Mentorship.objects.get()
    ended = threading.Event()

    def end() -> None:
        mentorships.end(mentorship_id=mentorship.pk, user=session.candidate, now=NOW)
        ended.set()
        connections.close_all()

    thread = threading.Thread(target=end)
    with transaction.atomic():
        add(mentor, question, "Under way.")
        thread.start()
        assert not ended.wait(0.3), "the end must wait for the lock on the consent"
    thread.join(5)
    assert ended.is_set()
    with pytest.raises(reviews.NoConsentError):
        add(mentor, question, "Afterwards.")
    assert ReviewComment.objects.count() == 1


# --- Reading ------------------------------------------------------------------------------------------------------


def test_the_transcript_has_every_question_with_what_the_report_says_of_it() -> None:
    session = sit(("open", "Look at precision and recall of the fraud class."), ("single", None))
    compiled(session)
    first, second = reviews.transcript_of(session).entries
    assert first.report.outcome is Outcome.ANSWERED
    assert first.report.verdicts
    assert second.report.outcome is Outcome.NOT_REACHED


def test_words_that_did_not_count_are_in_the_transcript_beside_the_answer() -> None:
    session = start("open")
    question = questions_of(session)[0]
    answer(question, "The words that count.")
    answer(question, "From another tab.", client_id=OTHER_CLIENT)
    finished = finish(session)
    answer(question, "Far too late.", client_id=CLIENT, sequence=9, now=NOW + timedelta(hours=2))
    (entry,) = reviews.transcript_of(finished).entries
    assert entry.report.body == "The words that count."
    assert [(draft.text, draft.reason) for draft in entry.saves.kept_drafts] == [
        ("Far too late.", "late"),
        ("From another tab.", "stale"),
    ]


def test_the_transcript_of_a_long_interview_costs_no_more_statements(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Log, questions with answers, scores, disputes; events, saves, refusals; kept drafts, comments."""
    short, long = sit(("open", "Recall.")), sit(*[("open", "Recall.")] * 5)
    for session in (short, long):
        compiled(session)
        mentor = make_mentor(of=session.candidate)
        for question in questions_of(session):
            add(mentor, question)
    for session in (short, long):
        with django_assert_num_queries(9):
            reviews.transcript_of(session)


def test_the_time_strip_lays_the_questions_side_by_side_over_the_whole_session(session: InterviewSession) -> None:
    """Both questions took a minute of ten each."""
    SessionQuestion.objects.filter(session=session).update(time_spent_ms=60_000)
    session.finished_at = session.started_at + timedelta(minutes=10)
    parts = reviews.time_strip(session, reviews.transcript_of(session).entries)
    assert [(part.x, part.width, part.middle) for part in parts] == [
        ("0.00%", "10.00%", "5.00%"),
        ("10.00%", "10.00%", "15.00%"),
    ]
    assert all(part.has_room for part in parts)


def test_a_part_too_narrow_gets_no_number_and_nothing_runs_past_the_end(session: InterviewSession) -> None:
    first, second = questions_of(session)
    SessionQuestion.objects.filter(pk=first.pk).update(time_spent_ms=1)
    SessionQuestion.objects.filter(pk=second.pk).update(time_spent_ms=10 * 3_600_000)
    parts = reviews.time_strip(session, reviews.transcript_of(session).entries)
    assert [part.has_room for part in parts] == [False, True]
    assert parts[1].width == "100.00%"


def test_time_beyond_the_limit_is_told(session: InterviewSession) -> None:
    first = questions_of(session)[0]
    limit_ms = first.time_limit_seconds * 1000
    for spent, over in ((limit_ms, False), (limit_ms + 1, True)):
        SessionQuestion.objects.filter(pk=first.pk).update(time_spent_ms=spent)
        assert reviews.transcript_of(session).entries[0].is_over_limit is over


def test_a_save_that_was_overtaken_is_not_among_the_words_that_did_not_count() -> None:
    session = start("open")
    stored = questions_of(session)[0].answer
    for reason in KeptDraft.Reason:
        stored.kept_drafts.create(reason=reason, body=f"Kept: {reason}.", base_revision=0, received_at=NOW)
    (entry,) = reviews.transcript_of(finish(session)).entries
    assert {draft.reason for draft in entry.saves.kept_drafts} == {"stale", "lease", "late", "closed"}
    assert [draft.text for draft in reviews.overtaken_drafts_of(stored)] == ["Kept: overtaken."]


def test_a_follow_up_stands_with_its_question_with_its_time_and_its_saves() -> None:
    running = start("open", "single")
    first, second = questions_of(running)
    follow_up = add_follow_up(first)
    answer(first, "Recall.", submit=True)
    save_words(follow_up.answer, "More", "More data.")
    finished = finish(running)
    SessionQuestion.objects.filter(pk=follow_up.pk).update(time_spent_ms=40_000)
    SessionQuestion.objects.filter(pk=first.pk).update(time_spent_ms=20_000)
    with_follow_up, without = reviews.transcript_of(finished).entries
    (asked,) = with_follow_up.follow_ups
    assert (asked.report.body, asked.saves.count) == ("More data.", 2)
    assert (with_follow_up.time_spent_ms, with_follow_up.follow_up_ms) == (60_000, 40_000)
    assert without.follow_ups == []
    second.refresh_from_db()
    assert [reviews.number_of(question) for question in (first, follow_up, second)] == [1, 1, 2]
