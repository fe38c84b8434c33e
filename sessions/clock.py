"""Pure time arithmetic: deadlines, grace, remaining time. No I/O, and it never asks what time it is."""

from datetime import datetime, timedelta
from decimal import Decimal


def deadline_for(
    *,
    started_at: datetime,
    time_limit_seconds: int,
    time_factor: Decimal,
    extra_minutes: int = 0,
    window_end: datetime | None = None,
) -> datetime:
    """Return when a session ends: its limit times the factor, plus the extra minutes; or with its window if earlier."""
    seconds = scaled_seconds(time_limit_seconds, time_factor) + extra_minutes * 60
    deadline = started_at + timedelta(seconds=seconds)
    return deadline if window_end is None else min(deadline, window_end)


def scaled_seconds(seconds: int, time_factor: Decimal) -> int:
    """Return a limit with extra time applied, in whole seconds, rounded in the candidate's favour."""
    return int((seconds * time_factor).to_integral_value(rounding="ROUND_CEILING"))


def is_over(*, deadline: datetime, now: datetime) -> bool:
    """Whether the time is up. The deadline itself is still inside."""
    return now > deadline


def remaining_ms(*, deadline: datetime, now: datetime) -> int:
    """Return the milliseconds left, never negative. This is the only form in which time leaves the server."""
    return max(0, elapsed_ms(since=now, now=deadline))


def elapsed_ms(*, since: datetime, now: datetime) -> int:
    """Return the whole milliseconds from `since` to `now`; negative when `now` is earlier."""
    return (now - since) // timedelta(milliseconds=1)


def last_accepted(*, deadline: datetime, grace_seconds: int) -> datetime:
    """Return the last moment at which a draft that was under way still counts."""
    return deadline + timedelta(seconds=grace_seconds)


def oldest_deadline_accepting_at(*, now: datetime, grace_seconds: int) -> datetime:
    """Return the earliest deadline whose grace still includes `now`; the same bound seen from the other side."""
    return now - timedelta(seconds=grace_seconds)


def finished_at(*, deadline: datetime, now: datetime) -> datetime:
    """Return when a session that is closed at `now` ended: a late sweep gives nobody extra time."""
    return min(deadline, now)


def question_deadline(
    *, counted_from: datetime, limit_seconds: int, spent_ms: int, session_deadline: datetime
) -> datetime:
    """Return when a question with a limit ends whose clock runs from `counted_from`: never after its session."""
    left = timedelta(seconds=limit_seconds) - timedelta(milliseconds=spent_ms)
    return min(session_deadline, counted_from + left)
