"""The only writer of appointments: make, move, cancel and start one, and send the mail that each of these owes.

An appointment says when an interview may start and, if it says so, when it ends; the interview itself is `lifecycle`'s.
What mail is owed is in the tables (`mailed_at`), so a mail server that is away delays a mail and nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from sessions import invitations, lifecycle
from sessions.models import Appointment, AppointmentQuerySet, InterviewPlan, InterviewSession

MAX_UPCOMING = 20
FURTHEST_AHEAD = timedelta(days=366)
SHOWN_AS_MISSED = timedelta(days=7)
# After this a mail is given up: the server has refused it some hundred times by then.
KEPT_TRYING = timedelta(days=3)


class AppointmentRefusedError(ValueError):
    """It cannot be done; the message says why, in words for the candidate."""


@dataclass(frozen=True, slots=True)
class Slot:
    """When an interview may start (from, until), when it ends at the latest, and in which zone that was said."""

    opens_at: datetime
    closes_at: datetime
    ends_at: datetime | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What the candidate chose on the page before the clock, handed on to `lifecycle.start_session` as it is."""

    time_factor: Decimal = Decimal("1.00")
    extra_minutes: int = 0
    untimed: bool = False
    allow_repeats: bool = False


# --- Reading ------------------------------------------------------------------------------------------------------


def upcoming_of(user: User, now: datetime) -> list[Appointment]:
    """Return the appointments a person can still keep, the next one first, and before them those missed lately.

    One statement; `is_missed` tells them apart.
    """
    kept = Appointment.objects.of(user).filter(cancelled_at__isnull=True, session__isnull=True)
    latest = kept.filter(closes_at__gte=now - SHOWN_AS_MISSED).select_related("plan").order_by("opens_at")
    return list(latest[: 2 * MAX_UPCOMING])


def is_missed(appointment: Appointment, now: datetime) -> bool:
    """Whether the start has become impossible without anybody having started or cancelled it."""
    return appointment.cancelled_at is None and appointment.session_id is None and now > appointment.closes_at


# --- Making, moving, cancelling -----------------------------------------------------------------------------------


@transaction.atomic
def make_appointment(*, candidate: User, plan: InterviewPlan, slot: Slot, now: datetime) -> Appointment:
    """Make an appointment. Making the same one twice is making it once.

    Raises AppointmentRefusedError for a guest, a date that is past or too far ahead, and beyond MAX_UPCOMING.
    """
    if candidate.is_guest:
        raise AppointmentRefusedError(_("Scheduled interviews need an account, because they are announced by e-mail."))
    _lock(candidate)
    _check(slot, now)
    same = Appointment.objects.of(candidate).upcoming(now).filter(plan=plan, **_columns(slot)).first()
    if same:
        return same
    _check_room(candidate, now)
    return Appointment.objects.create(candidate=candidate, plan=plan, created_at=now, changed_at=now, **_columns(slot))


@transaction.atomic
def move_appointment(*, appointment_id: UUID, candidate: User, slot: Slot, now: datetime) -> bool:
    """Give an appointment another date; True if this call changed it. A missed one can be moved too.

    Raises Appointment.DoesNotExist when it is not the candidate's, and AppointmentRefusedError as for a new one, or
    when it was started or cancelled.
    """
    _lock(candidate)
    appointment = Appointment.objects.of(candidate).get(pk=appointment_id)
    _refuse_unless_open(appointment)
    _check(slot, now)
    if _columns(slot) == {name: getattr(appointment, name) for name in _columns(slot)}:
        return False
    if is_missed(appointment, now):
        _check_room(candidate, now)
    return _change(appointment, now, **_columns(slot))


@transaction.atomic
def cancel_appointment(*, appointment_id: UUID, candidate: User, now: datetime) -> bool:
    """Cancel an appointment; True if this call did. Cancelling twice is cancelling once.

    Raises Appointment.DoesNotExist when it is not the candidate's, and AppointmentRefusedError when it was started.
    """
    _lock(candidate)
    appointment = Appointment.objects.of(candidate).get(pk=appointment_id)
    if appointment.cancelled_at:
        return False
    _refuse_unless_open(appointment)
    return _change(appointment, now, cancelled_at=now)


def _lock(candidate: User) -> None:
    """Let one change of a person's appointments wait for the other: the limit must hold. `lifecycle` locks this too."""
    User.objects.select_for_update(no_key=True).get(pk=candidate.pk)


def _columns(slot: Slot) -> dict[str, datetime | str | None]:
    return {
        "opens_at": slot.opens_at,
        "closes_at": slot.closes_at,
        "ends_at": slot.ends_at,
        "time_zone": slot.time_zone,
    }


def _change(appointment: Appointment, now: datetime, **fields: datetime | str | None) -> bool:
    """Write a change that calendars must hear of: their SEQUENCE goes up, and a mail is owed."""
    unchanged = Appointment.objects.filter(pk=appointment.pk, sequence=appointment.sequence, session__isnull=True)
    return unchanged.update(changed_at=now, sequence=F("sequence") + 1, mailed_at=None, **fields) == 1


def _check(slot: Slot, now: datetime) -> None:
    if slot.opens_at <= now:
        raise AppointmentRefusedError(_("This time has passed. Choose a later one."))
    if slot.opens_at > now + FURTHEST_AHEAD:
        raise AppointmentRefusedError(_("Choose a date within the next year."))
    if slot.closes_at < slot.opens_at or (slot.ends_at and slot.ends_at <= slot.closes_at):
        raise AppointmentRefusedError(_("The end must be later than the latest start."))


def _check_room(candidate: User, now: datetime) -> None:
    if Appointment.objects.of(candidate).upcoming(now).count() >= MAX_UPCOMING:
        raise AppointmentRefusedError(
            _("You have %(n)d interviews ahead already. Cancel one before you schedule another.") % {"n": MAX_UPCOMING}
        )


def _refuse_unless_open(appointment: Appointment) -> None:
    if appointment.cancelled_at:
        raise AppointmentRefusedError(_("This appointment was cancelled. Make a new one."))
    if appointment.session_id:
        raise AppointmentRefusedError(_("This interview has begun already."))


# --- Starting -----------------------------------------------------------------------------------------------------


@transaction.atomic
def start_appointment(*, appointment_id: UUID, candidate: User, terms: Terms, now: datetime) -> InterviewSession:
    """Start the interview of an appointment, within its window. Starting twice is starting once.

    Raises Appointment.DoesNotExist, AppointmentRefusedError (not yet, too late, cancelled, another interview runs), and
    composing.PlanTooThinError; nothing is started then.
    """
    _lock(candidate)
    appointment = Appointment.objects.of(candidate).select_related("plan", "session").get(pk=appointment_id)
    if appointment.session:
        return appointment.session
    _refuse_unless_open(appointment)
    _check_time(appointment, now)
    _check_plan(appointment, candidate)
    running = InterviewSession.objects.of(candidate).running().first()
    if running and not running.is_over(now):
        raise AppointmentRefusedError(
            _("You are in the middle of “%(name)s”. Finish it first, then start this one.")
            % {"name": running.plan_name}
        )
    session = lifecycle.start_session(
        candidate=candidate,
        plan=appointment.plan,
        now=now,
        time_factor=terms.time_factor,
        extra_minutes=terms.extra_minutes,
        untimed=terms.untimed,
        window_end=appointment.ends_at,
        allow_repeats=terms.allow_repeats,
    )
    Appointment.objects.filter(pk=appointment.pk, session__isnull=True).update(session=session)
    return session


def _check_time(appointment: Appointment, now: datetime) -> None:
    if now < appointment.opens_at:
        raise AppointmentRefusedError(_("It is not time yet."))
    if now > appointment.closes_at:
        raise AppointmentRefusedError(_("The time to start this interview has passed. Pick a new date."))


def _check_plan(appointment: Appointment, candidate: User) -> None:
    if not InterviewPlan.objects.visible_to(candidate).filter(pk=appointment.plan_id).exists():
        raise AppointmentRefusedError(
            _("This interview is no longer offered. Cancel the appointment and pick another.")
        )


# --- The mail -----------------------------------------------------------------------------------------------------


def owing_mail(now: datetime) -> AppointmentQuerySet:
    """Return the appointments whose last change was not mailed yet, as long as the mail would still be of use."""
    of_use = Appointment.objects.unmailed().filter(session__isnull=True, closes_at__gte=now)
    return of_use.filter(changed_at__gte=now - KEPT_TRYING)


def deliver(*, appointment_id: UUID, now: datetime) -> bool:
    """Mail what an appointment owes; True if this call did. Whatever the mail server raises is passed on.

    Sent first and noted afterwards, so a crash in between repeats a mail instead of losing it: calendars know it by its
    UID and SEQUENCE. A change that comes meanwhile owes a mail of its own.
    """
    appointment = owing_mail(now).select_related("candidate", "plan").filter(pk=appointment_id).first()
    if appointment is None:
        return False
    invitations.message(appointment).send()
    same = Appointment.objects.filter(pk=appointment.pk, sequence=appointment.sequence)
    return same.update(mailed_at=now) == 1
