"""What ends an interview: its own limit or the fixed end of an appointment, how much time that is, and that in words.

The start page, an appointment's page and the interview page say the same, because they all ask here. Nothing is
written, and the time is handed in.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interviewprep.accounts.models import User
from sessions import clock
from sessions.models import InterviewPlan, InterviewSession, QuestionLimit


def total_seconds(plan: InterviewPlan, *, question_count: int, time_factor: Decimal, extra_minutes: int) -> int | None:
    """Return the time for a whole interview with the accommodations applied, as `lifecycle` will set it.

    None where only the questions that are drawn will tell, and where nothing has a limit.
    """
    limit = plan.time_limit_seconds
    if limit is None and plan.question_limit == QuestionLimit.FIXED and not plan.asks_follow_ups:
        limit = (plan.question_limit_seconds or 0) * question_count
    if limit is None:
        return None
    return clock.scaled_seconds(limit + plan.reading_seconds * question_count, time_factor) + extra_minutes * 60


def usual_seconds(plan: InterviewPlan, user: User) -> int | None:
    """Return the time for a whole interview with the accommodations of somebody's profile. Costs a statement."""
    count = plan.sections.aggregate(total=Sum("count"))["total"] or 0
    return total_seconds(plan, question_count=count, time_factor=user.time_factor, extra_minutes=user.extra_minutes)


def seconds_until(end: datetime, *, now: datetime) -> int:
    """Return the whole seconds up to `end`, never negative."""
    return clock.remaining_ms(deadline=end, now=now) // 1000


def is_cut(*, total: int | None, window_end: datetime | None, start: datetime) -> bool:
    """Whether the fixed end comes before `total` seconds are over; None stands for no total, so it always does."""
    return window_end is not None and (total is None or seconds_until(window_end, now=start) < total)


# --- In words -----------------------------------------------------------------------------------------------------


def zone(name: str) -> ZoneInfo:
    """Return the time zone of that name; UTC for one that this system's tables have lost."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def clock_time(moment: datetime, time_zone: str) -> str:
    """Return "14:00 Europe/Berlin"."""
    return f"{date_format(moment.astimezone(zone(time_zone)), 'H:i')} {time_zone}"


def full_time(moment: datetime, time_zone: str) -> str:
    """Return "Mon 2 March 2026, 14:00 Europe/Berlin (UTC+01:00)": the hour that comes twice in autumn is told apart."""
    local = moment.astimezone(zone(time_zone))
    said = f"{date_format(local, 'D j F Y, H:i')} {time_zone}"
    return said if time_zone == "UTC" else f"{said} ({utc_offset(local)})"


def utc_offset(local: datetime) -> str:
    """Return "UTC+05:30"."""
    offset = local.utcoffset() or timedelta(0)
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta(0) else '+'}{hours:02d}:{minutes:02d}"


def minutes_text(seconds: int) -> str:
    """Return 1800 as "30", 2250 as "37:30"."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02d}" if rest else str(minutes)


def minutes_words(seconds: int) -> str:
    """Return 1800 as "30 minutes", 60 as "1 minute", 2250 as "37:30 minutes"."""
    only_one = seconds == 60
    return ngettext("%(n)s minute", "%(n)s minutes", 1 if only_one else 2) % {"n": minutes_text(seconds)}


def own_end(plan: InterviewPlan, total: int | None) -> str:
    """Say what ends an interview of `total` seconds (None: not known before the draw) that has no fixed end."""
    if plan.is_untimed:
        return untimed_words()
    if total is None:
        return _("Ends when the time of all its questions is over.")
    return _("Ends %(time)s after you start.") % {"time": minutes_words(total)}


def fixed_end(total: int | None, *, window_end: datetime, time_zone: str, start: datetime, is_later: bool) -> str:
    """Say what ends an interview that begins at `start` where an appointment fixes the end; `is_later`: not yet."""
    end = clock_time(window_end, time_zone)
    if total is not None and not is_cut(total=total, window_end=window_end, start=start):
        words = _(
            "Ends %(time)s after you start, and at %(end)s at the latest, because the appointment has a fixed end."
        )
        return words % {"time": minutes_words(total), "end": end}
    left = seconds_until(window_end, now=start)
    if total is None:
        amount = _("%(left)s are left") % {"left": minutes_words(left)}
    else:
        amount = _("%(left)s of the %(time)s are left") % {"left": minutes_text(left), "time": minutes_words(total)}
    when = _("if you start on time") if is_later else _("if you start now")
    words = _("Ends at %(end)s, because the appointment has a fixed end; %(amount)s %(when)s.")
    return words % {"end": end, "amount": amount, "when": when}


def untimed_words() -> str:
    days = settings.INTERVIEW_UNTIMED_DAYS
    return ngettext(
        "Has no time limit; it stays open for %(n)d day.", "Has no time limit; it stays open for %(n)d days.", days
    ) % {"n": days}


def ending_of(session: InterviewSession) -> str:
    """Say what ends a session, running or over. Costs a statement where an appointment fixes the end."""
    if session.window_end is not None and session.deadline >= session.window_end:
        appointment = getattr(session, "appointment", None)
        end = clock_time(session.window_end, appointment.time_zone if appointment else "UTC")
        return _("Ends at %(end)s, because the appointment has a fixed end.") % {"end": end}
    if session.is_untimed:
        end = full_time(session.deadline.astimezone(UTC), "UTC")
        return _("Has no time limit; it stays open until %(end)s.") % {"end": end}
    total = clock.scaled_seconds(session.time_limit_seconds or 0, session.time_factor) + session.extra_minutes * 60
    return _("Ends %(time)s after the start.") % {"time": minutes_words(total)}
