"""Which opinions are asked for, who may ask, how many at once, and that consent is looked up each time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from interviewprep.accounts.models import User
from sessions import lifecycle, opinions, reports, tasks
from sessions.models import Answer, InterviewSession, Opinion, Report
from sessions.opinions import keeping, spending
from tests.factories import NOW, answer, make_guest, make_user, questions_of
from tests.sessions.opinions import stub
from tests.sessions.opinions.stub import Server
from tests.sessions.records import add_follow_up
from tests.sessions.sitting import LATER, compiled, finish, nth_answer, sit, start

pytestmark = pytest.mark.django_db

WORDS = "Accuracy is useless with imbalanced classes."
State = Opinion.State


def ready(candidate: User, *bodies: str | None) -> InterviewSession:
    """Sit open questions and compile the report."""
    session = sit(*(("open", body) for body in bodies or (WORDS,)), candidate=candidate)
    compiled(session)
    return session


def ordered(candidate: User, *bodies: str | None) -> InterviewSession:
    session = ready(candidate, *bodies)
    opinions.order(now=LATER, session_id=session.pk)
    return session


def states() -> list[str]:
    return list(Opinion.objects.order_by("answer__question__position").values_list("state", flat=True))


# --- What is asked for -------------------------------------------------------------------------------------------


def test_every_open_answer_with_words_is_asked_about_once(ada: User) -> None:
    session = sit(("open", WORDS), ("single", "a"), ("numeric", "0.25"), ("open", None), ("open", " \n"), candidate=ada)
    compiled(session)
    for _ in range(2):
        opinions.order(now=LATER, session_id=session.pk)
        opinions.order(now=LATER)
    assert [opinion.answer for opinion in Opinion.objects.all()] == [nth_answer(session, 1)]


def test_words_that_the_clock_cut_off_are_asked_about_too(ada: User) -> None:
    session = start("open", candidate=ada)
    answer(questions_of(session)[0], WORDS)
    session = finish(session, by_clock=True)
    reports.refresh_report(session_id=session.pk, now=LATER)
    opinions.order(now=LATER)
    assert states() == [State.PENDING]


def test_a_follow_up_is_not_asked_about(ada: User) -> None:
    session = start("open", candidate=ada)
    follow_up = add_follow_up(questions_of(session)[0])
    Answer.objects.filter(pk=follow_up.pk).update(body=WORDS)
    compiled(finish(session))
    opinions.order(now=LATER)
    assert not Opinion.objects.exists()


def test_nothing_is_asked_before_the_report_is_ready(ada: User) -> None:
    session = sit(("open", WORDS), candidate=ada)
    opinions.order(now=LATER, session_id=session.pk)
    assert not Opinion.objects.exists()


def test_what_lies_beyond_the_limit_of_a_session_is_skipped(ada: User, settings: Settings) -> None:
    settings.OPINION_MAX_ANSWERS_PER_SESSION = 2
    ordered(ada, WORDS, WORDS, WORDS)
    opinions.order(now=LATER)
    assert states() == [State.PENDING, State.PENDING, State.SKIPPED]
    assert Opinion.objects.get(state=State.SKIPPED).error == "beyond the limit of a session"


def test_the_sweep_finds_what_was_never_asked_for_but_nothing_of_long_ago(ada: User) -> None:
    session = ready(ada)
    opinions.order(now=LATER + timedelta(minutes=61))
    assert not Opinion.objects.exists()
    opinions.order(now=LATER + timedelta(minutes=59))
    assert [opinion.answer.session for opinion in Opinion.objects.all()] == [session]


def test_another_model_gives_another_opinion(ada: User, settings: Settings) -> None:
    ordered(ada)
    assert opinions.form_opinion(now=LATER)
    settings.OPINION_MODEL = "stub-2"
    opinions.order(now=LATER)
    assert opinions.form_opinion(now=LATER + timedelta(hours=1))
    assert set(Opinion.objects.values_list("model", "state")) == {("stub-1", "ready"), ("stub-2", "ready")}
    (shown,) = opinions.opinions_of(InterviewSession.objects.get()).values()
    assert shown.model == "stub-2"


# --- Consent -----------------------------------------------------------------------------------------------------


def nobody_asked(user: User) -> None:
    user.opinion_host, user.opinion_since = "", None


def agreed_to_another_host(user: User) -> None:
    user.opinion_host = "other.example.org"


def agreed_afterwards(user: User) -> None:
    user.opinion_since = NOW + timedelta(minutes=11)


@pytest.mark.parametrize("change", [nobody_asked, agreed_to_another_host, agreed_afterwards])
def test_without_consent_nothing_is_asked_for(ada: User, endpoint: Server, change: Callable[[User], None]) -> None:
    change(ada)
    ada.save()
    ordered(ada)
    assert not opinions.form_opinion(now=LATER)
    assert not Opinion.objects.exists()
    assert endpoint.requests == []


@pytest.mark.parametrize("change", [nobody_asked, agreed_to_another_host, agreed_afterwards])
def test_consent_taken_back_before_the_request_stops_it(
    ada: User, endpoint: Server, change: Callable[[User], None]
) -> None:
    ordered(ada, WORDS, WORDS)
    change(ada)
    ada.save()
    assert not opinions.form_opinion(now=LATER)
    assert states() == [State.SKIPPED, State.SKIPPED]
    assert set(Opinion.objects.values_list("error", flat=True)) == {"no consent"}
    assert endpoint.requests == []


@pytest.mark.parametrize("change", [nobody_asked, agreed_to_another_host, agreed_afterwards])
def test_consent_taken_back_in_the_middle_throws_the_reply_away(ada: User, change: Callable[[User], None]) -> None:
    session = ordered(ada)
    work = keeping.claim(now=LATER)
    assert work is not None
    change(ada)
    ada.save()
    outcome = keeping.Outcome(State.READY, 10, data={"points": []})
    keeping.settle(work, outcome, now=LATER)
    opinion = Opinion.objects.get()
    assert (opinion.state, opinion.data, opinion.error) == ("skipped", None, "the consent was taken back")
    assert opinions.opinions_of(session) == {}


def test_off_means_off_whatever_anybody_agreed_to(ada: User, endpoint: Server, settings: Settings) -> None:
    session = ordered(ada)
    opinions.form_opinion(now=LATER)
    ordered(ada)
    settings.OPINION_URL = ""
    opinions.order(now=LATER)
    assert not opinions.form_opinion(now=LATER)
    assert opinions.startable(LATER) == 0
    assert opinions.opinions_of(session) == {}
    assert len(endpoint.requests) == 1


def test_a_new_host_is_not_asked_by_an_old_consent(ada: User, endpoint: Server, settings: Settings) -> None:
    ordered(ada)
    with stub.running() as other:
        settings.OPINION_URL = other.url
        assert not opinions.form_opinion(now=LATER)
        assert other.requests == endpoint.requests == []
    assert Opinion.objects.get().error == "another host or model is set now"


def test_a_guest_has_no_opinions(endpoint: Server) -> None:
    ordered(make_guest())
    assert not Opinion.objects.exists()


# --- One worker at a time ----------------------------------------------------------------------------------------


def test_only_so_many_are_in_hand_at_once_and_the_oldest_comes_first(ada: User, settings: Settings) -> None:
    first = ordered(ada)
    Opinion.objects.update(due_at=LATER - timedelta(minutes=1))
    ordered(ada, WORDS, WORDS)
    assert opinions.startable(LATER) == 1
    work = keeping.claim(now=LATER)
    assert work is not None
    assert Opinion.objects.get(pk=work.opinion_id).answer.session == first
    assert opinions.startable(LATER) == 0
    assert keeping.claim(now=LATER) is None
    settings.OPINION_AT_ONCE = 2
    assert opinions.startable(LATER) == 1
    assert keeping.claim(now=LATER) is not None


def test_what_a_lost_worker_left_is_taken_up_again_and_its_late_result_is_not_kept(ada: User) -> None:
    ordered(ada)
    lost = keeping.claim(now=LATER)
    later = LATER + timedelta(minutes=2)
    again = keeping.claim(now=later)
    assert lost is not None and again is not None
    assert (lost.opinion_id, lost.attempt, again.attempt) == (again.opinion_id, 1, 2)
    assert not keeping.settle(lost, keeping.Outcome(State.READY, 1, data={"late": 1}), now=later)
    assert keeping.settle(again, keeping.Outcome(State.READY, 1, data={"in": "time"}), now=later)
    assert not keeping.settle(again, keeping.Outcome(State.FAILED, 1), now=later)
    assert Opinion.objects.get().data == {"in": "time"}


def test_what_is_lost_three_times_is_given_up(ada: User) -> None:
    ordered(ada)
    for minute in (0, 2, 4):
        assert keeping.claim(now=LATER + timedelta(minutes=minute)) is not None
    assert keeping.claim(now=LATER + timedelta(minutes=6)) is None
    opinion = Opinion.objects.get()
    assert (opinion.state, opinion.error, opinion.attempts) == ("failed", "the worker was lost", 3)


def test_what_nobody_could_take_up_for_a_day_is_left_out(ada: User, endpoint: Server) -> None:
    ordered(ada)
    assert not opinions.form_opinion(now=LATER + timedelta(days=1, seconds=1))
    assert (states(), Opinion.objects.get().error) == ([State.SKIPPED], "waited for too long")
    assert endpoint.requests == []


def test_an_interview_that_was_reopened_waits_and_loses_opinions_on_answers_that_are_open_again(ada: User) -> None:
    session = start("open", "open", candidate=ada)
    one, two = questions_of(session)
    answer(one, WORDS, submit=True)
    answer(two, WORDS)
    session = finish(session)
    compiled(session)
    opinions.order(now=LATER)
    lifecycle.reopen_session(session_id=session.pk, actor=make_user(), reason="x", remaining_ms=600_000, now=LATER)
    assert [opinion.answer_id for opinion in Opinion.objects.all()] == [one.pk]
    assert keeping.claim(now=LATER) is None
    assert states() == [State.PENDING]


# --- Limits ------------------------------------------------------------------------------------------------------


def test_a_reservation_that_would_exceed_one_limit_counts_for_neither(ada: User, settings: Settings) -> None:
    settings.OPINION_DAILY_TOKENS, settings.OPINION_DAILY_TOKENS_PER_USER = 100, 60
    day = NOW.date()
    spending.reserve(user_id=ada.pk, day=day, tokens=60)
    with pytest.raises(spending.OverspentError, match="this candidate"):
        spending.reserve(user_id=ada.pk, day=day, tokens=1)
    other = make_user()
    spending.reserve(user_id=other.pk, day=day, tokens=40)
    with pytest.raises(spending.OverspentError, match="all candidates"):
        spending.reserve(user_id=other.pk, day=day, tokens=1)
    spending.correct(user_id=ada.pk, day=day, by=-20)
    spending.reserve(user_id=other.pk, day=day, tokens=20)


# --- Tasks -------------------------------------------------------------------------------------------------------


@pytest.fixture
def formings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(tasks.form_opinion, "delay", lambda: sent.append("form"))
    return sent


def test_a_report_that_is_ready_sends_for_opinions(
    ada: User, formings: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    session = sit(("open", WORDS), ("open", WORDS), candidate=ada, now=timezone.now() - timedelta(hours=1))
    User.objects.update(opinion_since=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.compile_report(str(session.pk))
        tasks.compile_report(str(session.pk))
    assert (states(), formings) == ([State.PENDING, State.PENDING], ["form"])


def test_one_task_forms_one_opinion_and_sends_for_the_next(
    ada: User,
    endpoint: Server,
    formings: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    ordered(ada, WORDS, WORDS)
    Opinion.objects.update(requested_at=timezone.now())
    for expected in (["form"], ["form", "form"], ["form", "form"]):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.form_opinion()
        assert formings == expected
    assert states() == [State.READY, State.READY]


def test_an_endpoint_that_is_away_is_left_to_the_sweep(
    ada: User,
    endpoint: Server,
    formings: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    ordered(ada, WORDS, WORDS)
    Opinion.objects.update(requested_at=timezone.now())
    endpoint.behaviour = stub.status(503)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.form_opinion()
    assert formings == []
    with django_capture_on_commit_callbacks(execute=True):
        tasks.close_overdue_sessions()
    assert formings == ["form"]


def test_opinions_that_cannot_be_asked_for_leave_the_report_and_the_sweep_alone(
    ada: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(opinions, "order", fail)
    session = sit(("open", WORDS), candidate=ada)
    tasks.compile_report(str(session.pk))
    tasks.close_overdue_sessions()
    assert Report.objects.get().state == Report.State.READY
    assert caplog.text.count("opinions could not be asked for") == 2


def test_where_there_are_none_the_sweep_costs_nothing_more(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ready(make_user())
    with django_assert_num_queries(2):
        tasks.close_overdue_sessions()


@pytest.mark.parametrize("count", [1, 4])
def test_a_sweep_with_nothing_to_ask_costs_the_same_for_any_number_of_opinions(
    ada: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ordered(ada, *[WORDS] * count)
    while opinions.form_opinion(now=LATER):
        pass
    with django_assert_num_queries(5):  # the sweep's own two; what lacks one, is in hand, is due
        tasks.close_overdue_sessions()


# --- Reading -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 4])
def test_reading_costs_one_statement_and_none_where_it_is_off(
    ada: User, count: int, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = ordered(ada, *[WORDS] * count)
    while opinions.form_opinion(now=LATER):
        pass
    asked = {question.pk for question in questions_of(session)}
    with django_assert_num_queries(1):
        assert set(opinions.opinions_of(session)) == asked
    settings.OPINION_URL = ""
    with django_assert_num_queries(0):
        assert opinions.opinions_of(session) == {}


# --- Deleting ----------------------------------------------------------------------------------------------------


def test_deleting_takes_all_of_ones_own_and_nobody_elses_and_nothing_is_asked_for_again(ada: User) -> None:
    other = make_user(opinion_host=ada.opinion_host, opinion_since=ada.opinion_since)
    ordered(other)
    session = ordered(ada, WORDS, WORDS)
    while opinions.form_opinion(now=LATER):
        pass
    assert opinions.delete_opinions(candidate=ada, now=LATER) == 2
    assert opinions.delete_opinions(candidate=ada, now=LATER) == 0
    opinions.order(now=LATER)
    opinions.order(now=LATER, session_id=session.pk)
    assert [opinion.answer.candidate for opinion in Opinion.objects.all()] == [other]
    ada.refresh_from_db()
    assert (ada.opinion_host, ada.opinion_since) == (other.opinion_host, LATER)
