"""Appointments: making, moving, cancelling and starting one, its calendar file and its mail."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMail
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError
from django.utils import timezone
from icalendar import Calendar, Event
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from interviewprep.accounts.models import User
from sessions import bounds, calendars, composing, lifecycle, scheduling, tasks
from sessions.calendars import Method
from sessions.models import Appointment, InterviewPlan, InterviewSession
from sessions.scheduling import AppointmentRefusedError, Terms
from tests.factories import NOW, make_guest, make_plan, make_session, make_user
from tests.sessions.appointing import HOUR, MINUTE, SECOND, TOMORROW, make_appointment, make_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def candidate() -> User:
    return make_user("ada@example.com")


@pytest.fixture
def appointment(candidate: User) -> Appointment:
    """Tomorrow, 13:00 in Berlin, to be started within an hour; the interview takes 30 minutes."""
    return make_appointment(candidate=candidate, plan=make_plan(minutes=30, name="Fundamentals"))


def move(appointment: Appointment, *, now: datetime = NOW, **slot: Any) -> bool:
    return scheduling.move_appointment(
        appointment_id=appointment.pk, candidate=appointment.candidate, slot=make_slot(**slot), now=now
    )


def cancel(appointment: Appointment, *, now: datetime = NOW) -> bool:
    return scheduling.cancel_appointment(appointment_id=appointment.pk, candidate=appointment.candidate, now=now)


def start(appointment: Appointment, *, now: datetime = TOMORROW, **terms: Any) -> InterviewSession:
    return scheduling.start_appointment(
        appointment_id=appointment.pk, candidate=appointment.candidate, terms=Terms(**terms), now=now
    )


# --- Making -------------------------------------------------------------------------------------------------------


def test_an_appointment_is_made_with_its_window_and_its_zone(appointment: Appointment) -> None:
    stored = Appointment.objects.get()
    assert (stored.opens_at, stored.closes_at, stored.ends_at) == (TOMORROW, TOMORROW + HOUR, None)
    assert (stored.time_zone, stored.sequence, stored.mailed_at) == ("Europe/Berlin", 0, None)


def test_making_the_same_appointment_twice_makes_one(appointment: Appointment) -> None:
    again = make_appointment(candidate=appointment.candidate, plan=appointment.plan)
    assert again == appointment
    assert Appointment.objects.count() == 1


def test_a_cancelled_appointment_can_be_made_again(appointment: Appointment) -> None:
    cancel(appointment)
    assert make_appointment(candidate=appointment.candidate, plan=appointment.plan) != appointment


def test_a_guest_cannot_make_one() -> None:
    with pytest.raises(AppointmentRefusedError, match="account"):
        make_appointment(candidate=make_guest())


@pytest.mark.parametrize("ahead", [timedelta(0), -SECOND, timedelta(days=366) + SECOND])
def test_the_past_this_very_second_and_a_far_year_are_refused(ahead: timedelta) -> None:
    with pytest.raises(AppointmentRefusedError):
        make_appointment(opens_at=NOW + ahead)


@pytest.mark.parametrize("ahead", [SECOND, timedelta(days=366)])
def test_the_next_second_and_the_last_day_of_the_year_ahead_are_taken(ahead: timedelta) -> None:
    assert make_appointment(opens_at=NOW + ahead).opens_at == NOW + ahead


def test_an_end_that_is_not_after_the_latest_start_is_refused() -> None:
    with pytest.raises(AppointmentRefusedError):
        make_appointment(ends_at=TOMORROW + HOUR)
    assert make_appointment(ends_at=TOMORROW + HOUR + SECOND).ends_at == TOMORROW + HOUR + SECOND


def test_twenty_may_lie_ahead_and_no_more(candidate: User) -> None:
    plan = make_plan()
    made = [make_appointment(candidate=candidate, plan=plan, opens_at=TOMORROW + n * HOUR) for n in range(20)]
    with pytest.raises(AppointmentRefusedError, match="20"):
        make_appointment(candidate=candidate, plan=plan, opens_at=TOMORROW + 20 * HOUR)
    cancel(made[0])
    assert make_appointment(candidate=candidate, plan=plan, opens_at=TOMORROW + 20 * HOUR)
    assert make_appointment(plan=plan)  # somebody else's count is their own


# --- Moving -------------------------------------------------------------------------------------------------------


def test_moving_changes_the_date_raises_the_sequence_and_owes_a_mail(appointment: Appointment) -> None:
    Appointment.objects.update(mailed_at=NOW)
    assert move(appointment, opens_at=TOMORROW + HOUR, now=NOW + MINUTE)
    appointment.refresh_from_db()
    assert (appointment.opens_at, appointment.closes_at) == (TOMORROW + HOUR, TOMORROW + 2 * HOUR)
    assert (appointment.sequence, appointment.mailed_at, appointment.changed_at) == (1, None, NOW + MINUTE)


def test_moving_to_the_same_date_twice_moves_once(appointment: Appointment) -> None:
    assert move(appointment, opens_at=TOMORROW + HOUR)
    assert not move(appointment, opens_at=TOMORROW + HOUR)
    appointment.refresh_from_db()
    assert appointment.sequence == 1


def test_a_missed_appointment_can_be_moved(appointment: Appointment) -> None:
    later = appointment.closes_at + SECOND
    assert scheduling.is_missed(appointment, later)
    assert move(appointment, opens_at=later + HOUR, now=later)
    appointment.refresh_from_db()
    assert not scheduling.is_missed(appointment, later)


def test_a_missed_one_moved_counts_among_the_twenty(appointment: Appointment) -> None:
    later = appointment.closes_at + SECOND
    for n in range(1, 21):
        make_appointment(candidate=appointment.candidate, plan=appointment.plan, opens_at=later + n * HOUR, now=later)
    with pytest.raises(AppointmentRefusedError, match="20"):
        move(appointment, opens_at=later + HOUR, now=later)


def test_neither_a_cancelled_nor_a_begun_one_can_be_moved(appointment: Appointment) -> None:
    begun = make_appointment()
    start(begun)
    cancel(appointment)
    for closed in (appointment, begun):
        with pytest.raises(AppointmentRefusedError):
            move(closed, opens_at=TOMORROW + HOUR)


def test_nobody_moves_cancels_or_starts_what_is_not_theirs(appointment: Appointment) -> None:
    stranger = make_user()
    with pytest.raises(Appointment.DoesNotExist):
        scheduling.move_appointment(appointment_id=appointment.pk, candidate=stranger, slot=make_slot(), now=NOW)
    with pytest.raises(Appointment.DoesNotExist):
        scheduling.cancel_appointment(appointment_id=appointment.pk, candidate=stranger, now=NOW)
    with pytest.raises(Appointment.DoesNotExist):
        scheduling.start_appointment(appointment_id=appointment.pk, candidate=stranger, terms=Terms(), now=TOMORROW)


# --- Cancelling ---------------------------------------------------------------------------------------------------


def test_cancelling_twice_is_cancelling_once(appointment: Appointment) -> None:
    assert cancel(appointment, now=NOW + MINUTE)
    assert not cancel(appointment, now=NOW + HOUR)
    appointment.refresh_from_db()
    assert (appointment.cancelled_at, appointment.sequence) == (NOW + MINUTE, 1)


def test_one_that_has_begun_cannot_be_cancelled(appointment: Appointment) -> None:
    start(appointment)
    with pytest.raises(AppointmentRefusedError):
        cancel(appointment, now=TOMORROW)


# --- Starting -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [timedelta(0), HOUR])
def test_it_starts_from_the_first_to_the_last_second_of_its_window(appointment: Appointment, late: timedelta) -> None:
    session = start(appointment, now=TOMORROW + late)
    appointment.refresh_from_db()
    assert appointment.session == session
    assert session.deadline - session.started_at == timedelta(minutes=30), "a late start shortens nothing"


@pytest.mark.parametrize("late", [-SECOND, HOUR + SECOND])
def test_a_second_outside_of_the_window_it_does_not(appointment: Appointment, late: timedelta) -> None:
    with pytest.raises(AppointmentRefusedError):
        start(appointment, now=TOMORROW + late)
    assert not InterviewSession.objects.exists()


def test_starting_twice_is_starting_once_even_after_the_interview(appointment: Appointment) -> None:
    session = start(appointment)
    assert start(appointment, now=TOMORROW + SECOND) == session
    lifecycle.finish_session(session_id=session.pk, now=TOMORROW + MINUTE)
    assert start(appointment, now=TOMORROW + 2 * MINUTE) == session
    assert InterviewSession.objects.count() == 1


def test_a_fixed_end_shortens_a_late_start_and_only_that(candidate: User) -> None:
    end = TOMORROW + timedelta(minutes=40)
    plan = make_plan(minutes=30)
    in_time = make_appointment(plan=plan, window=timedelta(minutes=35), ends_at=end)
    late = make_appointment(candidate=candidate, plan=plan, window=timedelta(minutes=35), ends_at=end)
    assert start(in_time).deadline == TOMORROW + timedelta(minutes=30)
    cut = start(late, now=TOMORROW + timedelta(minutes=18))
    assert (cut.deadline, cut.window_end) == (end, end)


def test_the_terms_reach_the_session(appointment: Appointment) -> None:
    session = start(appointment, time_factor=Decimal("1.50"), extra_minutes=5)
    assert session.deadline - session.started_at == timedelta(minutes=50)


def test_an_untimed_start_stays_open_for_a_week(appointment: Appointment) -> None:
    session = start(appointment, untimed=True)
    assert session.is_untimed
    assert session.deadline - session.started_at == timedelta(days=7)


def test_another_running_interview_is_neither_taken_for_this_one_nor_ended(
    appointment: Appointment, candidate: User
) -> None:
    running = make_session(candidate=candidate, now=TOMORROW - MINUTE)
    with pytest.raises(AppointmentRefusedError, match="in the middle of"):
        start(appointment)
    appointment.refresh_from_db()
    running.refresh_from_db()
    assert (appointment.session, running.is_finished) == (None, False)


def test_one_whose_time_is_over_stands_in_nobodys_way(appointment: Appointment, candidate: User) -> None:
    make_session(candidate=candidate, now=TOMORROW - 2 * HOUR)
    assert start(appointment)


def test_a_plan_that_is_gone_from_the_list_does_not_start(appointment: Appointment) -> None:
    InterviewPlan.objects.update(is_published=False)
    with pytest.raises(AppointmentRefusedError, match="no longer offered"):
        start(appointment)


def test_a_bank_that_is_too_small_starts_nothing_and_keeps_the_appointment(appointment: Appointment) -> None:
    appointment.plan.sections.update(count=9)
    with pytest.raises(composing.PlanTooThinError):
        start(appointment)
    appointment.refresh_from_db()
    assert appointment.session is None


# --- Lists --------------------------------------------------------------------------------------------------------


def test_the_list_has_what_lies_ahead_and_what_was_missed_this_week_in_one_statement(
    candidate: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plan = make_plan()
    made = [make_appointment(candidate=candidate, plan=plan, opens_at=TOMORROW + n * HOUR) for n in range(4)]
    cancel(made[1])
    start(made[2], now=TOMORROW + 2 * HOUR)
    make_appointment(plan=plan)
    now = TOMORROW + HOUR + SECOND
    with django_assert_num_queries(1):
        found = scheduling.upcoming_of(candidate, now)
        assert [item.plan.name for item in found] == [plan.name] * 2
    assert found == [made[0], made[3]]
    assert [scheduling.is_missed(item, now) for item in found] == [True, False]
    week_later = made[0].closes_at + timedelta(days=7)
    assert made[0] in scheduling.upcoming_of(candidate, week_later)
    assert made[0] not in scheduling.upcoming_of(candidate, week_later + SECOND)


# --- Which bound ends it ------------------------------------------------------------------------------------------


def ending(session: InterviewSession) -> str:
    return bounds.ending_of(InterviewSession.objects.get(pk=session.pk))


def test_a_running_session_says_that_its_own_limit_ends_it(appointment: Appointment) -> None:
    assert ending(start(appointment, extra_minutes=5)) == "Ends 35 minutes after the start."


def test_a_running_session_says_that_the_fixed_end_of_its_appointment_ends_it() -> None:
    end = TOMORROW + timedelta(minutes=20)
    session = start(make_appointment(window=timedelta(minutes=10), ends_at=end))
    assert ending(session) == "Ends at 13:20 Europe/Berlin, because the appointment has a fixed end."


def test_a_fixed_end_that_cuts_nothing_is_not_what_ends_it() -> None:
    session = start(make_appointment(window=timedelta(minutes=10), ends_at=TOMORROW + HOUR))
    assert ending(session) == "Ends 30 minutes after the start."


def test_an_untimed_session_says_until_when_it_is_open(appointment: Appointment) -> None:
    assert ending(start(appointment, untimed=True)).startswith("Has no time limit; it stays open until Tue 10 March")


@pytest.mark.parametrize(
    ("moment", "zone", "words"),
    [
        (datetime(2026, 3, 2, 13, 0, tzinfo=UTC), "Europe/Berlin", "Mon 2 March 2026, 14:00 Europe/Berlin (UTC+01:00)"),
        (datetime(2026, 3, 2, 1, 0, tzinfo=UTC), "Asia/Kolkata", "Mon 2 March 2026, 06:30 Asia/Kolkata (UTC+05:30)"),
        (
            datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
            "America/Caracas",
            "Sun 1 March 2026, 21:00 America/Caracas (UTC-04:00)",
        ),
        (datetime(2026, 3, 2, 13, 0, tzinfo=UTC), "UTC", "Mon 2 March 2026, 13:00 UTC"),
    ],
)
def test_a_time_is_said_with_its_zone_and_offset(moment: datetime, zone: str, words: str) -> None:
    assert bounds.full_time(moment, zone) == words


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    said = [bounds.full_time(moment, "Europe/Berlin") for moment in (first, first + HOUR)]
    assert [words[-11:] for words in said] == ["(UTC+02:00)", "(UTC+01:00)"]


def test_a_zone_that_the_system_has_lost_reads_as_utc() -> None:
    assert bounds.full_time(NOW, "Mars/Olympus").startswith("Mon 2 March 2026, 12:00")


# --- The calendar file --------------------------------------------------------------------------------------------


def event_of(content: bytes) -> Any:
    calendar = Calendar.from_ical(content)
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, Event)
    return event


def file_of(appointment: Appointment, method: Method = Method.REQUEST) -> bytes:
    return calendars.calendar_file(Appointment.objects.get(pk=appointment.pk), method=method)


def test_the_file_reads_back_as_the_appointment(appointment: Appointment) -> None:
    event = event_of(file_of(appointment))
    assert event["UID"] == str(appointment.pk)
    assert (event["SEQUENCE"], event["STATUS"]) == (0, "CONFIRMED")
    assert (event.start, event.end) == (TOMORROW, TOMORROW + timedelta(minutes=30))
    assert event["DTSTAMP"].dt == NOW
    assert event["SUMMARY"] == "Interview: Fundamentals"
    assert event["ATTENDEE"] == "mailto:ada@example.com"
    assert event["ORGANIZER"].startswith("mailto:")
    assert event["URL"].endswith(f"/appointments/{appointment.pk}/")
    (alarm,) = event.walk("VALARM")
    assert alarm["ACTION"] == "DISPLAY"


def test_the_file_is_in_utc_with_the_line_ends_and_lengths_of_the_standard(appointment: Appointment) -> None:
    InterviewPlan.objects.update(name="Überblick; Grundlagen, " + "ü" * 70)
    content = file_of(appointment)
    assert f"DTSTART:{TOMORROW:%Y%m%dT%H%M%SZ}\r\n".encode() in content
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    assert b"\\; Grundlagen\\," in content.replace(b"\r\n ", b"")
    assert event_of(content)["SUMMARY"] == "Interview: Überblick; Grundlagen, " + "ü" * 70


def test_the_file_is_the_same_each_time_and_only_its_event_has_a_uid(appointment: Appointment) -> None:
    content = file_of(appointment)
    assert content == file_of(appointment)
    assert set(Calendar.from_ical(content)) == {"VERSION", "PRODID", "METHOD"}


def test_a_line_break_in_a_name_cannot_add_a_line_to_the_file(appointment: Appointment) -> None:
    InterviewPlan.objects.update(name="A\r\nATTENDEE:mailto:eve@example.com")
    assert event_of(file_of(appointment))["ATTENDEE"] == "mailto:ada@example.com"


def test_accommodations_and_a_fixed_end_say_how_long_the_calendar_is_taken(
    appointment: Appointment, candidate: User
) -> None:
    User.objects.update(time_factor=Decimal("1.50"), extra_minutes=10)
    assert event_of(file_of(appointment)).end == TOMORROW + timedelta(minutes=55)
    fixed = make_appointment(candidate=candidate, ends_at=TOMORROW + 2 * HOUR, opens_at=TOMORROW + MINUTE)
    assert event_of(file_of(fixed)).end == TOMORROW + 2 * HOUR


def test_a_plan_without_a_limit_takes_an_hour_of_the_calendar(appointment: Appointment) -> None:
    InterviewPlan.objects.update(mode="practice", time_limit_seconds=None)
    assert event_of(file_of(appointment)).end == TOMORROW + HOUR


def test_moving_and_cancelling_keep_the_uid_and_raise_the_sequence(appointment: Appointment) -> None:
    move(appointment, opens_at=TOMORROW + HOUR)
    moved = event_of(file_of(appointment))
    cancel(appointment, now=NOW + HOUR)
    content = file_of(appointment, Method.CANCEL)
    gone = event_of(content)
    assert {moved["UID"], gone["UID"]} == {str(appointment.pk)}
    assert (moved["SEQUENCE"], gone["SEQUENCE"], gone["STATUS"]) == (1, 2, "CANCELLED")
    assert gone["DTSTAMP"].dt == NOW + HOUR
    assert Calendar.from_ical(content)["METHOD"] == "CANCEL"
    assert not gone.walk("VALARM")


def test_a_download_invites_nobody(appointment: Appointment) -> None:
    content = file_of(appointment, Method.PUBLISH)
    assert Calendar.from_ical(content)["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in event_of(content)


# --- The mail -----------------------------------------------------------------------------------------------------


def deliver(appointment: Appointment, *, now: datetime = NOW) -> bool:
    return scheduling.deliver(appointment_id=appointment.pk, now=now)


def parsed(number: int = -1) -> tuple[ParsedMail, Calendar, str]:
    """Return a mail that went out, read back from its bytes, its calendar, and the type of that part."""
    sent = message_from_bytes(mail.outbox[number].message().as_bytes(), policy=policy.default)
    assert isinstance(sent, ParsedMail)
    (part,) = sent.iter_attachments()
    assert part.get_filename() == "interview.ics"
    return sent, Calendar.from_ical(part.get_content()), str(part["Content-Type"])


def body_of(sent: ParsedMail) -> str:
    part = sent.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_the_mail_says_when_and_where_and_carries_the_invitation(appointment: Appointment, settings: Settings) -> None:
    settings.SITE_URL = "https://interviews.example.org"
    assert deliver(appointment)
    sent, calendar, content_type = parsed()
    assert sent["To"] == "ada@example.com"
    assert sent["Subject"] == "Scheduled: Fundamentals, Tue 3 March 2026, 13:00 Europe/Berlin (UTC+01:00)"
    assert f"https://interviews.example.org/appointments/{appointment.pk}/" in body_of(sent)
    assert "14:00 Europe/Berlin (UTC+01:00) at the latest" in body_of(sent)
    assert calendar["METHOD"] == "REQUEST"
    assert "text/calendar" in content_type
    assert "method=" in content_type and "REQUEST" in content_type
    assert 'charset="utf-8"' in content_type


def test_moving_and_cancelling_send_a_mail_each(appointment: Appointment) -> None:
    deliver(appointment)
    move(appointment, opens_at=TOMORROW + HOUR)
    assert deliver(appointment)
    cancel(appointment)
    assert deliver(appointment)
    assert [message.subject.split(":")[0] for message in mail.outbox] == ["Scheduled", "Moved", "Cancelled"]
    assert [parsed(number)[1]["METHOD"] for number in range(3)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert "takes it out of your calendar" in body_of(parsed()[0])


def test_a_mail_is_sent_once_however_often_the_task_comes(appointment: Appointment) -> None:
    assert deliver(appointment)
    assert not deliver(appointment)
    assert len(mail.outbox) == 1


def test_a_change_while_a_mail_is_on_its_way_owes_one_of_its_own(
    appointment: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move_meanwhile(self: EmailBackend, messages: Any) -> int:
        Appointment.objects.update(sequence=1, mailed_at=None)
        return len(messages)

    monkeypatch.setattr(EmailBackend, "send_messages", move_meanwhile)
    assert not deliver(appointment)
    assert list(scheduling.owing_mail(NOW)) == [appointment]


def test_what_is_of_no_use_any_more_is_not_mailed(appointment: Appointment) -> None:
    assert not deliver(appointment, now=appointment.closes_at + SECOND)
    begun = make_appointment()
    start(begun)
    assert not deliver(begun, now=TOMORROW)
    far = make_appointment(opens_at=NOW + timedelta(days=30))
    assert not deliver(far, now=NOW + timedelta(days=3, seconds=1))
    assert mail.outbox == []
    assert deliver(far, now=NOW + timedelta(days=3))


def test_a_line_break_in_a_plans_name_does_not_break_the_mail(appointment: Appointment) -> None:
    InterviewPlan.objects.update(name="Two\nlines")
    assert deliver(appointment)
    assert "Two lines" in mail.outbox[0].subject


# --- The tasks ----------------------------------------------------------------------------------------------------


def soon(**fields: Any) -> Appointment:
    """An appointment that is due a mail by the clock on the wall, which tasks read."""
    now = timezone.now()
    return make_appointment(now=now - HOUR, opens_at=now + HOUR, **fields)


def break_the_mail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(self: EmailBackend, messages: Any) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", fail)


def test_a_mail_server_that_is_away_delays_the_mail_and_the_sweep_sends_it(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    appointment = soon()
    with monkeypatch.context() as patch:
        break_the_mail(patch, SMTPServerDisconnected("gone"))
        tasks.mail_appointment(str(appointment.pk))
    appointment.refresh_from_db()
    assert appointment.mailed_at is None
    monkeypatch.setattr(tasks.mail_appointment, "delay", tasks.mail_appointment)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.mail_owed_appointments()
    appointment.refresh_from_db()
    assert appointment.mailed_at is not None
    assert len(mail.outbox) == 1


def test_a_lost_database_makes_the_task_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    break_the_mail(monkeypatch, OperationalError())
    result = tasks.mail_appointment.apply(args=(str(soon().pk),), retries=8)
    assert isinstance(result.result, OperationalError)


def test_the_sweep_leaves_alone_what_was_mailed_and_what_is_only_just_owed(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(tasks.mail_appointment, "delay", sent.append)
    lost, mailed, fresh = soon(), soon(), soon()
    Appointment.objects.filter(pk=mailed.pk).update(mailed_at=timezone.now())
    Appointment.objects.filter(pk=fresh.pk).update(changed_at=timezone.now() - timedelta(seconds=20))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.mail_owed_appointments()
    assert sent == [str(lost.pk)]
