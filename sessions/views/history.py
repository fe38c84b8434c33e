"""The history page: every session of a candidate, and the trend over those that have a report.

Reads only. The numbers come from the stored reports; nothing is summed up anew.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from interviewprep.accounts.access import candidate_required
from interviewprep.accounts.models import User
from interviewprep.http import UserRequest
from sessions import charts, reports
from sessions.mastery import Estimate
from sessions.models import InterviewSession, Report
from sessions.reports import Overall
from sessions.reports.words import estimate_text

SESSIONS_PER_PAGE = 20
SESSIONS_IN_TREND = 30


class Standing(StrEnum):
    """What a candidate can expect of a session now."""

    RUNNING = "running"
    WAITING = "waiting"
    FAILED = "failed"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Entry:
    """One session with its result; `overall` is None until its report was compiled once."""

    session: InterviewSession
    standing: Standing
    overall: Overall | None

    @property
    def time_ran_out(self) -> bool:
        """Whether the clock ended it, also where no sweep has recorded that yet."""
        unrecorded = self.standing is not Standing.RUNNING and not self.session.is_finished
        return self.session.ended_by_clock or unrecorded


@require_safe
@candidate_required
def history(request: UserRequest) -> HttpResponse:
    """List the candidate's sessions, newest first, below the trend over the newest ones with a report."""
    sessions = _sessions(request.user)
    page = Paginator(sessions, SESSIONS_PER_PAGE).get_page(request.GET.get("page"))
    compiled = list(sessions.filter(report__data__isnull=False)[:SESSIONS_IN_TREND])
    trend = [entry for session in reversed(compiled) if (entry := _entry(session, request.now)).overall]
    context = {
        "page": page,
        "entries": [_entry(session, request.now) for session in page],
        "trend": trend,
        "chart": charts.trend_chart([_in_words(entry) for entry in trend]) if len(trend) > 1 else None,
    }
    return render(request, "sessions/history.html", context)


def _sessions(user: User) -> QuerySet[InterviewSession]:
    """Return the user's sessions with the sums of their reports, without the reports' full content."""
    return (
        InterviewSession.objects.of(user)
        .select_related("report")
        .defer("report__data", "report__error")
        .annotate(overall=F("report__data__overall"), comment_count=reports.comment_count())
        .order_by("-started_at", "-pk")
    )


def _entry(session: InterviewSession, now: datetime) -> Entry:
    return Entry(session, _standing(session, now), reports.stored_overall(getattr(session, "overall", None)))


def _standing(session: InterviewSession, now: datetime) -> Standing:
    if not session.is_over(now):
        return Standing.RUNNING
    report: Report | None = getattr(session, "report", None)
    if report is None or report.state == Report.State.PENDING:
        return Standing.WAITING
    return Standing(report.state)


def _in_words(entry: Entry) -> tuple[str, Estimate]:
    assert entry.overall is not None, "only sessions with a report are in the trend"
    day = date_format(entry.session.started_at, "j M Y")
    return f"{day}, {entry.session.plan_name}: {estimate_text(entry.overall.estimate)}", entry.overall.estimate


urlpatterns = [path("history/", history, name="history")]
