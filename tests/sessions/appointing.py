"""Appointments for tests: one that opens a day after NOW, and requests that arrive when a test says so."""

from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from interviewprep.accounts.models import User
from sessions import scheduling
from sessions.models import Appointment, InterviewPlan
from sessions.scheduling import Slot
from tests.factories import NOW, make_plan, make_user

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
TOMORROW = NOW + timedelta(days=1)


def arriving(now: datetime) -> Any:
    """Let requests arrive at `now`."""
    return mock.patch("interviewprep.http.timezone.now", return_value=now)


def make_slot(
    opens_at: datetime = TOMORROW,
    *,
    window: timedelta = HOUR,
    ends_at: datetime | None = None,
    time_zone: str = "Europe/Berlin",
) -> Slot:
    return Slot(opens_at, opens_at + window, ends_at, time_zone)


def make_appointment(
    *, candidate: User | None = None, plan: InterviewPlan | None = None, now: datetime = NOW, **slot: Any
) -> Appointment:
    """Make an appointment at `now`; `slot` goes to make_slot."""
    return scheduling.make_appointment(
        candidate=candidate or make_user(), plan=plan or make_plan(), slot=make_slot(**slot), now=now
    )
