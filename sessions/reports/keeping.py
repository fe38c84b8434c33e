"""Keeping reports: the only writer of Report rows once a session is finished. PENDING -> READY, or FAILED.

Every change names the state it expects, so that two workers, a sweep and a click can do the same thing at once. No
network in here: whoever calls sends the task.
"""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import Case, F, Value, When
from pydantic import ValidationError

from sessions.models import Report
from sessions.reports.compiling import compile_report
from sessions.reports.data import REPORT_VERSION, Overall, ReportData
from sessions.scoring import score_session

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
MAX_ERROR_LENGTH = 2_000


def refresh_report(*, session_id: UUID, now: datetime) -> bool:
    """Grade and compile a report that is owed; True if this call made it ready. Doing it twice is doing it once.

    What goes wrong is kept on the row, and after MAX_ATTEMPTS the report is FAILED until somebody asks again. Only
    OperationalError is raised: a database that is away is no fault of the report, and the task tries again.
    """
    try:
        return _compile_and_store(session_id, now)
    except OperationalError:
        raise
    except Exception as error:
        logger.exception("the report of session %s could not be compiled", session_id)
        _record_failure(session_id, error)
        return False


@transaction.atomic
def _compile_and_store(session_id: UUID, now: datetime) -> bool:
    """Do the work behind a lock on the report's row: a second worker waits, and then finds nothing to do."""
    owed = Report.objects.unfinished().select_for_update(no_key=True, of=("self",)).select_related("session")
    report = owed.filter(pk=session_id).first()
    if report is None:
        return False
    score_session(session=report.session, now=now)
    data = compile_report(report.session)
    return (
        Report.objects.filter(pk=session_id, state=Report.State.PENDING).update(
            state=Report.State.READY, version=REPORT_VERSION, data=data.to_json(), compiled_at=now, error=""
        )
        == 1
    )


def _record_failure(session_id: UUID, error: Exception) -> None:
    given_up = When(attempts__gte=MAX_ATTEMPTS - 1, then=Value(Report.State.FAILED))
    Report.objects.filter(pk=session_id, state=Report.State.PENDING).update(
        attempts=F("attempts") + 1,
        error=f"{type(error).__name__}: {error}".replace("\x00", "")[:MAX_ERROR_LENGTH],
        state=Case(given_up, default=F("state")),
    )


def request_again(*, report: Report, now: datetime) -> bool:
    """Order a finished or failed report anew; True if this call did. What was stored stays readable meanwhile."""
    settled = [Report.State.READY, Report.State.FAILED]
    return (
        Report.objects.filter(pk=report.pk, state__in=settled).update(
            state=Report.State.PENDING, attempts=0, error="", requested_at=now
        )
        == 1
    )


def bring_up_to_date(*, report: Report, now: datetime) -> None:
    """Compile anew at once, after something the report tells of has changed: a dispute, a mentor's points.

    If it cannot be done now, the report is pending and the sweep does it.
    """
    request_again(report=report, now=now)
    refresh_report(session_id=report.pk, now=now)


def stored_overall(raw: Any) -> Overall | None:
    """Return the sums in a stored report's `data["overall"]`, for lists that need no more of it.

    None before the report was first compiled, and for a shape that is no longer known.
    """
    try:
        return Overall.model_validate(raw)
    except ValidationError:
        return None


def report_data(report: Report) -> ReportData | None:
    """Return what a report says, or None before it was first compiled.

    One that was stored in an older shape is compiled on the spot: nobody loses an old report to an upgrade.
    """
    if report.data is None:
        return None
    if report.version == REPORT_VERSION:
        return ReportData.from_json(report.data)
    return compile_report(report.session)
