"""The transcript page: who may read it, when, what it shows to whom, and what it costs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from interviewprep.accounts.models import Mentorship
from sessions import reviews, scoring
from sessions.models import DraftRevision, InterviewSession, Score, SessionEvent
from tests.clients import as_guest, signed_in
from tests.factories import (
    NOW,
    OTHER_CLIENT,
    answer,
    make_curator,
    make_guest,
    make_mentor,
    make_mentorship,
    make_user,
    questions_of,
)
from tests.sessions.records import add_follow_up, log, save_words
from tests.sessions.sitting import compiled, finish, shown, sit, start

pytestmark = pytest.mark.django_db

Kind = SessionEvent.Kind
WORDS = "Accuracy is useless with imbalanced classes <b>here</b>."


@pytest.fixture
def session() -> InterviewSession:
    session = sit(("open", WORDS), ("single", "b"), ("numeric", "0.3"), candidate=make_user(name="Ada"))
    shown(session)
    return session


def address(session: InterviewSession) -> str:
    return reverse("transcript", args=[session.pk])


def page_of(client: Client, session: InterviewSession) -> str:
    return client.get(address(session)).content.decode()


# --- Who may read it ----------------------------------------------------------------------------------------------


def test_a_visitor_is_asked_to_sign_in(session: InterviewSession) -> None:
    assert Client().get(address(session)).headers["Location"].startswith(reverse("account_login"))


def test_the_candidate_reads_their_own(session: InterviewSession) -> None:
    assert "Accuracy is useless" in page_of(signed_in(session.candidate), session)


def test_a_guest_reads_their_own_sample_and_no_other(session: InterviewSession) -> None:
    guest = make_guest()
    own = sit(("open", "Mine."), candidate=guest)
    client = as_guest(guest)
    assert "your mentors read this page too" not in page_of(client, own), "a guest has none"
    assert "your mentors read this page too" in page_of(signed_in(session.candidate), session)
    assert client.get(address(session)).status_code == 404
    assert as_guest(make_guest()).get(address(own)).status_code == 404


def test_nobody_reads_it_without_consent(session: InterviewSession) -> None:
    pending = make_mentor()
    make_mentorship(candidate=session.candidate, mentor=pending, accepted=False)
    for stranger in (make_user(), make_mentor(), make_curator(), pending, make_mentor(of=make_user())):
        assert signed_in(stranger).get(address(session)).status_code == 404


def test_a_mentor_with_consent_reads_it_and_after_its_end_it_is_not_found(session: InterviewSession) -> None:
    client = signed_in(make_mentor(of=session.candidate))
    assert client.get(address(session)).status_code == 200
    Mentorship.objects.update(revoked_at=NOW)
    assert client.get(address(session)).status_code == 404


def test_being_mentored_gives_no_right_to_the_mentors_own_interviews(session: InterviewSession) -> None:
    mentor = make_mentor(of=session.candidate)
    own = sit(("open", "The mentor's."), candidate=mentor)
    assert signed_in(session.candidate).get(address(own)).status_code == 404


def test_a_running_interview_has_no_transcript() -> None:
    running = start("open")
    response = signed_in(running.candidate).get(address(running))
    assert response.headers["Location"] == reverse("report", args=[running.pk])
    assert signed_in(make_mentor(of=running.candidate)).get(address(running)).status_code == 404


def test_wrong_methods_and_ids(session: InterviewSession) -> None:
    client = signed_in(session.candidate)
    assert client.post(address(session)).status_code == 405
    assert client.get(reverse("transcript", args=[uuid4()])).status_code == 404
    assert client.get("/interviews/not-a-uuid/transcript/").status_code == 404


# --- What it shows ------------------------------------------------------------------------------------------------


def test_found_words_are_marked_and_everything_is_escaped(session: InterviewSession) -> None:
    page = page_of(signed_in(session.candidate), session)
    assert "<mark title=" in page
    assert "&lt;b&gt;here&lt;/b&gt;" in page
    assert "<b>here</b>" not in page


def test_each_kind_shows_the_answer_and_what_was_expected(session: InterviewSession) -> None:
    page = page_of(signed_in(session.candidate), session)
    assert "Overfitting" in page
    assert "chosen, wrong" in page
    assert "0.3" in page
    assert "Expected: 0.25" in page


def test_times_stand_beside_their_limits(session: InterviewSession) -> None:
    first = questions_of(session)[0]
    first.time_spent_ms = 200_000
    first.save()
    page = page_of(signed_in(session.candidate), session)
    assert "3:20 of 3:00" in page
    assert 'max="200000" value="200000"' in page
    assert "strip__part--over" in page


def test_words_that_do_not_count_are_shown_as_such() -> None:
    running = start("open")
    question = questions_of(running)[0]
    answer(question, "The words that count.")
    answer(question, "From another tab.", client_id=OTHER_CLIENT)
    page = page_of(signed_in(running.candidate), finish(running))
    assert "1 draft that does not count" in page
    assert "From another tab." in page
    assert "another tab had saved in between" in page


def test_a_very_long_draft_that_does_not_count_is_cut_and_says_so() -> None:
    running = start("open")
    question = questions_of(running)[0]
    answer(question, "The words that count.")
    answer(question, "y" * 25_000, client_id=OTHER_CLIENT)
    page = page_of(signed_in(running.candidate), finish(running))
    assert "the rest is not shown" in page
    assert page.count("y" * 20_000) == 1


def test_what_the_candidate_disputes_is_shown_to_the_mentor(session: InterviewSession) -> None:
    score = Score.objects.get(answer__question__position=1)
    key = next(verdict["key"] for verdict in score.verdicts if verdict["status"] == "not_found")
    scoring.dispute_verdict(candidate=session.candidate, score_id=score.pk, key=key, now=NOW)
    page = page_of(signed_in(make_mentor(of=session.candidate)), session)
    assert page.count("The candidate says this is wrong.") == 1


def test_before_the_report_is_compiled_the_words_are_there_and_the_verdicts_announced() -> None:
    fresh = sit(("open", WORDS))
    page = page_of(signed_in(fresh.candidate), fresh)
    assert "Accuracy is useless" in page
    assert "once the report is compiled" in page


def test_before_the_report_is_compiled_the_choice_that_was_taken_is_shown() -> None:
    fresh = sit(("single", "b"))
    page = page_of(signed_in(fresh.candidate), fresh)
    assert "<li>Overfitting</li>" in page
    assert "Underfitting</li>" not in page


def test_an_unanswered_question_says_why(session: InterviewSession) -> None:
    skipped = sit(("open", None), candidate=session.candidate, now=NOW + timedelta(days=1))
    page = page_of(signed_in(session.candidate), skipped)
    assert "Nothing was written here." in page


def test_the_mentor_may_comment_and_the_candidate_only_reads(session: InterviewSession) -> None:
    mentor = make_mentor(of=session.candidate, name="Grace")
    question = questions_of(session)[0]
    reviews.add_comment(author=mentor, question_id=question.pk, body="Name <i>both</i>.", now=NOW)
    mentors_page = page_of(signed_in(mentor), session)
    candidates_page = page_of(signed_in(session.candidate), session)
    assert mentors_page.count("Write a comment") == 3
    assert ">Edit<" in mentors_page
    assert "Write a comment" not in candidates_page
    assert ">Edit<" not in candidates_page
    for page in (mentors_page, candidates_page):
        assert "Name &lt;i&gt;both&lt;/i&gt;." in page
        assert "Grace" in page


def test_another_mentors_comment_is_read_but_not_edited(session: InterviewSession) -> None:
    other = make_mentor(of=session.candidate, name="Barbara")
    reviews.add_comment(author=other, question_id=questions_of(session)[0].pk, body="Hers.", now=NOW)
    page = page_of(signed_in(make_mentor(of=session.candidate)), session)
    assert "Hers." in page
    assert ">Edit<" not in page


def test_comments_stay_with_the_candidate_after_the_end(session: InterviewSession) -> None:
    mentor = make_mentor(of=session.candidate)
    reviews.add_comment(author=mentor, question_id=questions_of(session)[0].pk, body="Keep this.", now=NOW)
    Mentorship.objects.update(revoked_at=NOW)
    assert "Keep this." in page_of(signed_in(session.candidate), session)


def test_nothing_in_the_page_is_inline_script_style_or_handler(session: InterviewSession) -> None:
    page = page_of(signed_in(make_mentor(of=session.candidate)), session)
    for forbidden in (" style=", "<style", "<script>", " onclick=", "hx-on", "javascript:"):
        assert forbidden not in page


def test_every_id_in_the_page_is_used_once(session: InterviewSession) -> None:
    mentor = make_mentor(of=session.candidate)
    for question in questions_of(session):
        reviews.add_comment(author=mentor, question_id=question.pk, body="Yes.", now=NOW)
    page = page_of(signed_in(mentor), session)
    ids = [piece.split('"', 1)[0] for piece in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids))


def test_a_long_transcript_costs_no_more_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    mentor = make_mentor()
    client = signed_in(mentor)
    client.get(reverse("mentoring"))
    for kinds in (["open"], ["open"] * 6):
        session = sit(*[(kind, "Recall.") for kind in kinds])
        make_mentorship(candidate=session.candidate, mentor=mentor)
        compiled(session)
        for question in questions_of(session):
            reviews.add_comment(author=mentor, question_id=question.pk, body="Yes.", now=NOW)
        # user, groups, session; log, questions, scores, disputes; events, saves, refusals; drafts, comments; own flags
        with django_assert_num_queries(13):
            client.get(address(session))


# --- What happened when -------------------------------------------------------------------------------------------


def test_the_timeline_is_folded_below_the_time_strip_for_candidate_and_mentor() -> None:
    running = start("open", "single", candidate=make_user(name="Ada"))
    first = questions_of(running)[0]
    save_words(first.answer, "a", "ab", "abc", at=NOW + timedelta(seconds=187))
    log(running, Kind.TIME_CHANGED, NOW + timedelta(minutes=5), actor=make_user(name="Sam"), reason="Fire <b>alarm</b>")
    add_follow_up(first)
    finished = finish(running)
    for client in (signed_in(finished.candidate), signed_in(make_mentor(of=finished.candidate))):
        page = page_of(client, finished)
        assert page.index("strip-list") < page.index("What happened when") < page.index('id="question-1"')
        assert "3 saves, 12:03:07 to 12:03:27" in page
        assert "3:07" in page
        assert "Time changed · by Sam" in page
        assert "Reason: Fire &lt;b&gt;alarm&lt;/b&gt;" in page
        assert '<a href="#question-1">Question 1</a>: ' in page


def test_an_interview_from_before_the_record_says_so(session: InterviewSession) -> None:
    SessionEvent.objects.all().delete()
    DraftRevision.objects.all().delete()
    page = page_of(signed_in(session.candidate), session)
    assert "older than the record" in page
    assert "How this answer grew" not in page


def test_each_answer_that_was_saved_leads_to_how_it_grew(session: InterviewSession) -> None:
    page = page_of(signed_in(session.candidate), session)
    for question in questions_of(session):
        assert reverse("replay", args=[session.pk, question.pk]) in page
    assert page.count("How this answer grew (1 save)") == 3


def test_words_within_the_grace_are_told_without_the_length_of_the_grace(settings: Settings) -> None:
    settings.INTERVIEW_GRACE_SECONDS = 137
    running = start("open")
    answer(questions_of(running)[0], "In time, just.", now=running.deadline + timedelta(seconds=3))
    page = page_of(signed_in(running.candidate), finish(running, by_clock=True))
    assert "The last words arrived 3 s after the end; they count, within the grace for words under way." in page
    assert "137" not in page


def test_a_follow_up_stands_below_its_question_without_points_and_one_never_asked_does_not() -> None:
    running = start("open", "open")
    first, second = questions_of(running)
    asked = add_follow_up(first, text="What if <i>costs</i> change?")
    add_follow_up(running.questions.get(pk=second.pk), text="Never seen.", opened_at=None)
    save_words(asked.answer, "I would move the threshold.")
    page = page_of(signed_in(running.candidate), finish(running))
    assert "Follow-up: What if" in page
    assert "I would move the threshold." in page
    assert "Carries no points." in page
    assert "Never seen." not in page
    assert 'id="question-2"' in page
    assert 'id="question-3"' not in page


def test_the_rules_of_the_session_are_in_the_header_of_transcript_and_report() -> None:
    running = start("open")
    InterviewSession.objects.filter(pk=running.pk).update(
        mode="practice", limits_questions=True, time_factor="1.50", extra_minutes=10
    )
    log(running, Kind.REOPENED, NOW, actor=make_user(), reason="Outage", remaining_ms=60_000)
    finished = finish(running)
    compiled(finished)
    client = signed_in(finished.candidate)
    rules = "practice · a limit for each question · 1.5 times the usual time · 10 extra minutes · reopened after"
    assert rules in page_of(client, finished)
    assert rules in client.get(reverse("report", args=[finished.pk])).content.decode()
    assert "of a limit of 3:00" in page_of(client, finished)
    assert "suggested" not in page_of(client, finished)


def test_an_untimed_session_says_so_and_nothing_of_extra_time() -> None:
    running = start("open")
    InterviewSession.objects.filter(pk=running.pk).update(
        is_untimed=True, time_limit_seconds=None, time_factor="1.50", extra_minutes=10
    )
    page = page_of(signed_in(running.candidate), finish(running))
    assert "no time limit" in page
    assert "times the usual time" not in page
    assert "extra minutes" not in page
