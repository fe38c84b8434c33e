"""The pages of scheduled interviews: who may, what they say, and what bad input gets."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from interviewprep.accounts.models import User
from sessions import scheduling, tasks
from sessions.models import Appointment, InterviewPlan, InterviewSession
from tests.clients import as_guest, signed_in
from tests.factories import NOW, make_curator, make_guest, make_mentor, make_plan, make_session, make_user
from tests.sessions.appointing import HOUR, MINUTE, SECOND, TOMORROW, arriving, make_appointment

pytestmark = pytest.mark.django_db

PAGES = ["appointment", "appointment_move", "appointment_cancel", "appointment_calendar"]
POSTS = ["appointment_start", "appointment_move", "appointment_cancel"]


@pytest.fixture
def candidate() -> User:
    return make_user("ada@example.com")


@pytest.fixture
def plan() -> InterviewPlan:
    return make_plan(minutes=30, name="Fundamentals")


@pytest.fixture
def appointment(candidate: User, plan: InterviewPlan) -> Appointment:
    """Tomorrow, 13:00 in Berlin, to be started within an hour."""
    return make_appointment(candidate=candidate, plan=plan)


@pytest.fixture
def page(candidate: User) -> Client:
    return signed_in(candidate)


@pytest.fixture
def mailed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the appointments whose mail is sent for, in place of a broker."""
    ids: list[str] = []
    monkeypatch.setattr(tasks.mail_appointment, "delay", ids.append)
    return ids


def url(name: str, appointment: Appointment) -> str:
    return reverse(name, args=[appointment.pk])


def typed(**fields: str) -> dict[str, str]:
    base = {"date": "2026-03-03", "time": "13:00", "time_zone": "Europe/Berlin", "window": "60", "ends": ""}
    return base | fields


def text_of(response: Any) -> str:
    """Return what a page says, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def make(page: Client, plan: InterviewPlan, *, now: datetime = NOW, **fields: str) -> HttpResponse:
    with arriving(now):
        response = page.post(reverse("appointment_new", args=[plan.pk]), typed(**fields))
    assert isinstance(response, HttpResponse)
    return response


def start(page: Client, appointment: Appointment, *, now: datetime = TOMORROW, **fields: str) -> HttpResponse:
    with arriving(now):
        response = page.post(url("appointment_start", appointment), {"time_factor": "1.00"} | fields)
    assert isinstance(response, HttpResponse)
    return response


def look(page: Client, appointment: Appointment, *, now: datetime) -> str:
    with arriving(now):
        return text_of(page.get(url("appointment", appointment)))


# --- Who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_the_anonymous_are_sent_to_the_sign_in(client: Client, appointment: Appointment, name: str) -> None:
    assert client.get(url(name, appointment))["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", POSTS)
def test_the_anonymous_change_nothing(client: Client, appointment: Appointment, name: str) -> None:
    assert client.post(url(name, appointment), typed())["Location"].startswith(reverse("account_login"))
    appointment.refresh_from_db()
    assert (appointment.sequence, appointment.session, appointment.cancelled_at) == (0, None, None)


@pytest.mark.parametrize("somebody", [make_user, make_mentor, make_curator])
def test_to_anybody_else_an_appointment_does_not_exist(appointment: Appointment, somebody: Any) -> None:
    other = signed_in(somebody())
    with arriving(TOMORROW):
        assert {other.get(url(name, appointment)).status_code for name in PAGES} == {404}
        assert {other.post(url(name, appointment), typed()).status_code for name in POSTS} == {404}
    appointment.refresh_from_db()
    assert (appointment.sequence, appointment.session, appointment.cancelled_at) == (0, None, None)


def test_not_even_to_an_accepted_mentor(appointment: Appointment, candidate: User) -> None:
    mentor = signed_in(make_mentor(of=candidate))
    assert mentor.get(url("appointment", appointment)).status_code == 404
    assert mentor.post(url("appointment_cancel", appointment)).status_code == 404


def test_a_guest_is_sent_to_sign_in_and_is_not_offered_a_later_start() -> None:
    sample = make_plan(for_visitors=True)
    guest = as_guest(make_guest())
    assert guest.get(reverse("appointment_new", args=[sample.pk]))["Location"].startswith(reverse("account_login"))
    assert guest.post(reverse("appointment_new", args=[sample.pk]), typed()).status_code == 302
    assert not Appointment.objects.exists()
    assert "Start later" not in text_of(guest.get(reverse("plan_start", args=[sample.pk])))


def test_wrong_methods_are_refused(page: Client, appointment: Appointment, plan: InterviewPlan) -> None:
    assert page.get(url("appointment_start", appointment)).status_code == 405
    assert page.post(url("appointment", appointment)).status_code == 405
    assert page.post(url("appointment_calendar", appointment)).status_code == 405
    assert page.put(url("appointment_move", appointment)).status_code == 405
    assert page.delete(url("appointment_cancel", appointment)).status_code == 405
    assert page.put(reverse("appointment_new", args=[plan.pk])).status_code == 405


def test_a_plan_that_is_not_offered_cannot_be_scheduled(page: Client) -> None:
    hidden, sample = make_plan(is_published=False), make_plan(for_visitors=True)
    someone_elses = make_plan(owner=make_user())
    for closed in (hidden, sample, someone_elses):
        assert page.get(reverse("appointment_new", args=[closed.pk])).status_code == 404
        assert make(page, closed).status_code == 404


# --- Making -------------------------------------------------------------------------------------------------------


def test_scheduling_stores_the_moment_that_was_meant_and_sends_for_the_mail(
    page: Client,
    plan: InterviewPlan,
    mailed: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = make(page, plan)
    made = Appointment.objects.get()
    assert response["Location"] == url("appointment", made)
    assert (made.opens_at, made.closes_at, made.ends_at) == (TOMORROW, TOMORROW + HOUR, None)
    assert made.time_zone == "Europe/Berlin"
    assert mailed == [str(made.pk)]


def test_scheduling_twice_makes_one(page: Client, plan: InterviewPlan) -> None:
    assert make(page, plan)["Location"] == make(page, plan)["Location"]
    assert Appointment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_keeps_nobody_from_scheduling(
    page: Client, plan: InterviewPlan, broken_broker: None
) -> None:
    assert make(page, plan).status_code == 302
    assert list(scheduling.owing_mail(NOW)) == [Appointment.objects.get()]


def test_without_scripts_times_are_utc(page: Client, plan: InterviewPlan) -> None:
    html = page.get(reverse("appointment_new", args=[plan.pk])).content.decode()
    field = re.search(r"<input[^>]*name=\"time_zone\"[^>]*>", html)
    assert field is not None
    assert 'value="UTC"' in field[0]
    assert "data-guess-zone" in field[0]
    make(page, plan, time_zone="UTC")
    assert Appointment.objects.get().opens_at == TOMORROW + HOUR


def test_a_zone_that_was_typed_is_not_guessed_over(page: Client, plan: InterviewPlan) -> None:
    response = make(page, plan, date="2020-01-01", time_zone="UTC")
    assert "data-guess-zone" not in response.content.decode()


@pytest.mark.parametrize(("zone", "stored"), [("europe/berlin", "Europe/Berlin"), (" Asia/Calcutta ", "Asia/Calcutta")])
def test_a_zone_is_known_by_any_of_its_names(page: Client, plan: InterviewPlan, zone: str, stored: str) -> None:
    make(page, plan, time_zone=zone)
    assert Appointment.objects.get().time_zone == stored


@pytest.mark.parametrize(
    "fields",
    [
        {"date": ""},
        {"date": "yesterday"},
        {"date": "9999-12-31"},
        {"date": "0001-01-01"},
        {"date": "2027-03-05"},
        {"date": "2026-02-28"},
        {"date": "2026-03-02", "time": "12:59"},
        {"date": "2026-03-02", "time": "13:00"},
        {"time": ""},
        {"time": "25:00"},
        {"time_zone": ""},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "x" * 65},
        {"time_zone": "a\x00b"},
        {"window": "7"},
        {"window": "1441"},
        {"window": ""},
        {"fixed_end": "on", "ends": "13:04"},
        {"fixed_end": "on", "ends": "noon"},
    ],
)
def test_what_cannot_be_scheduled_is_refused_with_a_reason(
    page: Client, plan: InterviewPlan, fields: dict[str, Any]
) -> None:
    response = make(page, plan, **fields)
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert not Appointment.objects.exists()


def test_the_second_after_now_is_early_enough(page: Client, plan: InterviewPlan) -> None:
    assert make(page, plan, date="2026-03-02", time="13:00", now=NOW - SECOND).status_code == 302


def test_a_time_that_the_clocks_leave_out_is_refused_in_words(page: Client, plan: InterviewPlan) -> None:
    response = make(page, plan, date="2026-03-29", time="02:30")
    assert response.status_code == 422
    assert "in Europe/Berlin there is no 02:30 on that day" in text_of(response)
    assert make(page, plan, date="2026-03-29", time="02:30", time_zone="UTC").status_code == 302


def test_a_fixed_end_that_the_clocks_leave_out_is_refused_too(page: Client, plan: InterviewPlan) -> None:
    response = make(page, plan, date="2026-03-29", time="01:30", fixed_end="on", ends="02:30")
    assert "there is no 02:30 on that day" in text_of(response)


def test_of_an_hour_that_comes_twice_the_first_is_meant_and_shown(page: Client, plan: InterviewPlan) -> None:
    make(page, plan, date="2026-10-25", time="02:30")
    made = Appointment.objects.get()
    assert made.opens_at.isoformat() == "2026-10-25T00:30:00+00:00"
    assert "02:30 Europe/Berlin (UTC+02:00)" in look(page, made, now=NOW)


@pytest.mark.parametrize(
    ("fields", "minutes"), [({"ends": "13:45"}, 45), ({"ends": ""}, 30), ({"ends": "12:00"}, 23 * 60)]
)
def test_a_fixed_end_is_what_was_typed_or_ones_usual_time_after_the_start(
    page: Client, plan: InterviewPlan, fields: dict[str, Any], minutes: int
) -> None:
    make(page, plan, fixed_end="on", **fields)
    made = Appointment.objects.get()
    assert made.ends_at == TOMORROW + minutes * MINUTE
    assert made.closes_at == min(TOMORROW + HOUR, made.ends_at - MINUTE)


def test_an_end_that_is_not_asked_for_is_none(page: Client, plan: InterviewPlan) -> None:
    make(page, plan, ends="13:45")
    assert Appointment.objects.get().ends_at is None


def test_ones_accommodations_count_into_an_end_left_empty(page: Client, candidate: User, plan: InterviewPlan) -> None:
    User.objects.filter(pk=candidate.pk).update(time_factor=Decimal("1.50"), extra_minutes=10)
    make(page, plan, fixed_end="on")
    assert Appointment.objects.get().ends_at == TOMORROW + 55 * MINUTE


def test_a_plan_without_a_limit_asks_when_the_fixed_end_is(page: Client) -> None:
    untimed = make_plan(mode="practice")
    InterviewPlan.objects.filter(pk=untimed.pk).update(time_limit_seconds=None)
    response = make(page, untimed, fixed_end="on")
    assert "Say when it ends" in text_of(response)
    assert make(page, untimed, fixed_end="on", ends="15:00").status_code == 302


def test_beyond_twenty_the_form_says_why(page: Client, candidate: User, plan: InterviewPlan) -> None:
    for n in range(20):
        make_appointment(candidate=candidate, plan=plan, opens_at=TOMORROW + (n + 1) * HOUR)
    response = make(page, plan)
    assert response.status_code == 422
    assert "You have 20 interviews ahead already" in text_of(response)


# --- Looking ------------------------------------------------------------------------------------------------------


def test_before_its_time_the_page_says_when_and_offers_no_start(page: Client, appointment: Appointment) -> None:
    text = look(page, appointment, now=TOMORROW - SECOND)
    assert "You can start from Tue 3 March 2026, 13:00 Europe/Berlin (UTC+01:00)" in text
    assert "Must start by Tue 3 March 2026, 14:00 Europe/Berlin" in text
    assert "Ends 30 minutes after you start." in text
    assert "Start the clock" not in text


def test_it_can_be_started_from_the_first_to_the_last_second(page: Client, appointment: Appointment) -> None:
    for moment in (TOMORROW, TOMORROW + HOUR):
        text = look(page, appointment, now=moment)
        assert "You can start now." in text
        assert "Start the clock" in text


def test_a_second_later_it_is_missed_and_offers_a_new_date(page: Client, appointment: Appointment) -> None:
    text = look(page, appointment, now=TOMORROW + HOUR + SECOND)
    assert "The time to start this interview has passed" in text
    assert "Pick a new date" in text
    assert "Start the clock" not in text


def test_a_missed_one_says_nothing_of_an_end_and_goes_without_a_mail(
    page: Client, candidate: User, plan: InterviewPlan
) -> None:
    fixed = make_appointment(candidate=candidate, plan=plan, window=20 * MINUTE, ends_at=TOMORROW + 30 * MINUTE)
    late = TOMORROW + 20 * MINUTE + SECOND
    assert "Ends at" not in look(page, fixed, now=late)
    with arriving(late):
        assert "goes from your list" in text_of(page.get(url("appointment_cancel", fixed)))
        page.post(url("appointment_cancel", fixed))
    assert not scheduling.owing_mail(late).exists()


def test_the_page_says_how_much_a_fixed_end_leaves(page: Client, candidate: User, plan: InterviewPlan) -> None:
    fixed = make_appointment(candidate=candidate, plan=plan, window=20 * MINUTE, ends_at=TOMORROW + 30 * MINUTE)
    assert "Ends 30 minutes after you start, and at 13:30 Europe/Berlin at the latest" in look(page, fixed, now=NOW)
    text = look(page, fixed, now=TOMORROW + 8 * MINUTE)
    assert (
        "Ends at 13:30 Europe/Berlin, because the appointment has a fixed end; "
        "22 of the 30 minutes are left if you start now." in text
    )
    assert "45 minutes, 50 % more time; the fixed end leaves 22 minutes" in text
    assert "no limit but the fixed end at 13:30 Europe/Berlin" in text


def test_a_fixed_end_shorter_than_the_interview_says_what_a_start_on_time_leaves(
    page: Client, candidate: User, plan: InterviewPlan
) -> None:
    fixed = make_appointment(candidate=candidate, plan=plan, window=MINUTE, ends_at=TOMORROW + 20 * MINUTE)
    assert "20 of the 30 minutes are left if you start on time." in look(page, fixed, now=NOW)


def test_one_that_has_begun_leads_to_the_interview_and_says_what_ends_it(
    page: Client, appointment: Appointment
) -> None:
    start(page, appointment)
    with arriving(TOMORROW + MINUTE):
        html = page.get(url("appointment", appointment)).content.decode()
    assert reverse("interview", args=[InterviewSession.objects.get().pk]) in html
    assert "Ends 30 minutes after the start." in html
    assert url("appointment_move", appointment) not in html


def test_one_of_a_plan_that_is_gone_can_only_be_cancelled(page: Client, appointment: Appointment) -> None:
    InterviewPlan.objects.update(is_published=False)
    text = look(page, appointment, now=TOMORROW)
    assert "no longer offered" in text
    assert "Start the clock" not in text
    assert start(page, appointment).status_code == 409


def test_the_page_costs_the_same_however_many_lie_ahead(
    page: Client, candidate: User, plan: InterviewPlan, appointment: Appointment,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    def cost() -> None:
        # user, appointment, offered; sections with topics and questions; bank, past; running; groups
        with arriving(TOMORROW), django_assert_num_queries(10):
            page.get(url("appointment", appointment))

    cost()
    for n in range(1, 6):
        make_appointment(candidate=candidate, plan=plan, opens_at=TOMORROW + n * HOUR)
    cost()


# --- Starting -----------------------------------------------------------------------------------------------------


def test_starting_ties_the_session_to_its_appointment(page: Client, appointment: Appointment) -> None:
    response = start(page, appointment, time_factor="1.50", extra_minutes="5")
    session = InterviewSession.objects.get()
    assert response["Location"] == reverse("interview", args=[session.pk])
    assert session.deadline - session.started_at == 50 * MINUTE
    appointment.refresh_from_db()
    assert appointment.session == session


def test_starting_twice_leads_to_the_same_interview(page: Client, appointment: Appointment) -> None:
    first = start(page, appointment)
    again = start(page, appointment, now=TOMORROW + 2 * HOUR, time_factor="nonsense")
    assert first["Location"] == again["Location"]
    assert InterviewSession.objects.count() == 1


@pytest.mark.parametrize("late", [-SECOND, HOUR + SECOND])
def test_a_start_a_second_outside_of_the_window_is_refused(
    page: Client, appointment: Appointment, late: timedelta
) -> None:
    assert start(page, appointment, now=TOMORROW + late).status_code == 409
    assert not InterviewSession.objects.exists()


def test_a_cancelled_one_does_not_start(page: Client, appointment: Appointment) -> None:
    page.post(url("appointment_cancel", appointment))
    assert start(page, appointment).status_code == 409
    assert not InterviewSession.objects.exists()


def test_in_the_middle_of_another_interview_the_page_leads_back_to_that(
    page: Client, appointment: Appointment, candidate: User
) -> None:
    running = make_session(candidate=candidate, now=TOMORROW - MINUTE)
    with arriving(TOMORROW):
        html = page.get(url("appointment", appointment)).content.decode()
    assert reverse("interview", args=[running.pk]) in html
    assert "Start the clock" not in html
    assert start(page, appointment).status_code == 409


@pytest.mark.parametrize("factor", ["3.00", "", "much"])
def test_a_factor_that_is_not_offered_starts_nothing(page: Client, appointment: Appointment, factor: str) -> None:
    assert start(page, appointment, time_factor=factor).status_code == 422
    assert not InterviewSession.objects.exists()


# --- Moving and cancelling ----------------------------------------------------------------------------------------


def test_the_form_for_moving_shows_what_is_agreed(page: Client, candidate: User, plan: InterviewPlan) -> None:
    fixed = make_appointment(candidate=candidate, plan=plan, window=29 * MINUTE, ends_at=TOMORROW + 30 * MINUTE)
    html = page.get(url("appointment_move", fixed)).content.decode()
    for value in ("2026-03-03", "13:00", "Europe/Berlin", "13:30"):
        assert f'value="{value}"' in html
    assert '<option value="30" selected>' in html
    assert "data-guess-zone" not in html


def test_moving_changes_the_date_and_sends_for_a_mail_once(
    page: Client,
    appointment: Appointment,
    mailed: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with arriving(NOW), django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            response = page.post(url("appointment_move", appointment), typed(time="15:00"))
    assert response["Location"] == url("appointment", appointment)
    appointment.refresh_from_db()
    assert (appointment.opens_at, appointment.sequence) == (TOMORROW + 2 * HOUR, 1)
    assert mailed == [str(appointment.pk)]


def test_moving_into_the_past_is_refused(page: Client, appointment: Appointment) -> None:
    with arriving(NOW):
        assert page.post(url("appointment_move", appointment), typed(date="2026-03-01")).status_code == 422
    appointment.refresh_from_db()
    assert appointment.sequence == 0


def test_cancelling_asks_first_and_then_sends_for_a_mail_once(
    page: Client,
    appointment: Appointment,
    mailed: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    assert "Cancel “Fundamentals”?" in text_of(page.get(url("appointment_cancel", appointment)))
    appointment.refresh_from_db()
    assert appointment.cancelled_at is None
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            assert page.post(url("appointment_cancel", appointment)).status_code == 302
    assert mailed == [str(appointment.pk)]
    assert "was cancelled" in look(page, appointment, now=NOW)


def test_what_has_begun_is_neither_moved_nor_cancelled(page: Client, appointment: Appointment) -> None:
    start(page, appointment)
    for name in ("appointment_move", "appointment_cancel"):
        assert page.get(url(name, appointment))["Location"] == url("appointment", appointment)
        page.post(url(name, appointment), typed(time="15:00"))
    appointment.refresh_from_db()
    assert (appointment.sequence, appointment.cancelled_at) == (0, None)


# --- The calendar file --------------------------------------------------------------------------------------------


def test_the_download_is_a_calendar_file(page: Client, appointment: Appointment) -> None:
    response = page.get(url("appointment_calendar", appointment))
    assert response["Content-Type"].startswith("text/calendar")
    assert response["Content-Disposition"] == 'attachment; filename="interview.ics"'
    calendar = Calendar.from_ical(response.content)
    assert calendar["METHOD"] == "PUBLISH"
    page.post(url("appointment_cancel", appointment))
    assert Calendar.from_ical(page.get(url("appointment_calendar", appointment)).content)["METHOD"] == "CANCEL"
    assert mail.outbox == []


# --- The home page ------------------------------------------------------------------------------------------------


def home(page: Client, now: datetime) -> str:
    with arriving(now):
        return page.get(reverse("home")).content.decode()


def test_the_home_page_lists_what_is_scheduled_what_can_start_and_what_was_missed(
    page: Client, appointment: Appointment
) -> None:
    ahead, open_now, missed = (home(page, now) for now in (NOW, TOMORROW, TOMORROW + HOUR + SECOND))
    for html in (ahead, open_now, missed):
        assert url("appointment", appointment) in html
        assert "13:00 Europe/Berlin (UTC+01:00)" in html
    assert ["missed" in html for html in (ahead, open_now, missed)] == [False, False, True]
    assert [">Start<" in html for html in (ahead, open_now, missed)] == [False, True, False]
    assert url("appointment_move", appointment) in missed


def test_the_home_page_says_nothing_of_appointments_where_there_are_none(page: Client) -> None:
    make_appointment()
    assert 'id="appointments"' not in home(page, NOW)


def test_the_list_on_the_home_page_costs_one_statement_however_long(
    page: Client, candidate: User, plan: InterviewPlan, appointment: Appointment
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            home(page, NOW)
        return len(queries)

    few = statements()
    for n in range(1, 6):
        make_appointment(candidate=candidate, plan=plan, opens_at=TOMORROW + n * HOUR)
    assert statements() == few


@pytest.mark.parametrize(
    ("name", "change"), [(name, name.replace("appointment_", "") + "_appointment") for name in POSTS]
)
def test_an_appointment_that_goes_with_its_plan_in_another_tab_is_not_there(
    name: str, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    appointment = make_appointment()
    really = getattr(scheduling, change)

    def after_the_plan_is_deleted(**arguments: Any) -> Any:
        appointment.plan.delete()
        return really(**arguments)

    monkeypatch.setattr(scheduling, change, after_the_plan_is_deleted)
    data = {"date": "2026-03-05", "time": "10:00", "time_zone": "UTC", "window": "60", "time_factor": "1.00"}
    with arriving(NOW):
        response = signed_in(appointment.candidate).post(reverse(name, args=[appointment.pk]), data)
    assert response.status_code == 404
