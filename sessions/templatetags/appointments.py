"""Template filters of scheduled interviews: times with their zone beside them, and what ends an interview."""

from datetime import UTC, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sessions import bounds, clock, scheduling
from sessions.models import Appointment, InterviewSession

register = template.Library()


@register.filter
def in_zone(moment: datetime, time_zone: str) -> SafeString:
    """Return a moment as people of that zone say it, with the zone's name and offset, in a time element."""
    instant = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return format_html('<time datetime="{}">{}</time>', instant, bounds.full_time(moment, time_zone))


@register.filter
def is_missed(appointment: Appointment, now: datetime) -> bool:
    return scheduling.is_missed(appointment, now)


@register.filter
def is_open(appointment: Appointment, now: datetime) -> bool:
    """Whether the interview can be started now."""
    return appointment.session_id is None and appointment.is_open(now)


@register.filter
def ms_from(moment: datetime, now: datetime) -> int:
    """Return the milliseconds from `now` to a moment, for a page that waits for it by a clock of its own."""
    return clock.remaining_ms(deadline=moment, now=now)


@register.filter
def ending_words(session: InterviewSession) -> str:
    """Say which bound ends a session: its own limit, the fixed end of its appointment, or none."""
    return bounds.ending_of(session)


@register.filter
def minutes_words(seconds: int) -> str:
    """Return 1800 as "30 minutes", 2250 as "37:30 minutes"."""
    return bounds.minutes_words(seconds)
