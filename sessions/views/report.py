"""The report page: the wait until it is compiled, the question how sure one was, the report itself, disputes.

Reading changes nothing, except that whoever comes by after the end records it if no sweep has done so yet. A mentor
with consent reads the same page without its controls.

Until a candidate has said how sure they were of their answers in words, or that they do not want to say, their report
shows the questions and their own words alone. Their transcript, objections and ticks lead here until then, as each of
them shows verdicts. It helps them to look at their own judgement first, and locks nothing away: their history, which
sums up, tells what it tells.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from interviewprep.accounts.access import candidate_required
from interviewprep.celery import enqueue_after_commit
from interviewprep.http import UserRequest
from sessions import charts, lifecycle, reports, reviews, scoring, tasks
from sessions.models import Answer, Confidence, InterviewPlan, InterviewSession, Report, Score, SelfReview
from sessions.opinions import opinions_of
from sessions.reports import Calibration, ReportData
from sessions.reports.calibration import BANDS
from sessions.reports.words import estimate_text, short_band_text
from sessions.views.flagging import flagged_in

SLOW_AFTER = timedelta(seconds=60)
# The transcript shows more; here a fold shows what one can take in.
KEPT_DRAFT_LENGTH = 4_000
PRACTICE_ITEMS_SHOWN = 5


class Phase(StrEnum):
    """Where a report is on its way. CLOSING: the time is up, but words under way may still arrive."""

    CLOSING = "closing"
    COMPILING = "compiling"
    SLOW = "slow"
    FAILED = "failed"
    READY = "ready"


def _visible_session(request: UserRequest, session_id: UUID) -> InterviewSession:
    sessions = InterviewSession.objects.visible_to(request.user).select_related(
        "report", "candidate", "plan", "self_review"
    )
    return get_object_or_404(sessions.annotate(comment_count=reports.comment_count()), pk=session_id)


def _own_finished_session(request: UserRequest, session_id: UUID) -> InterviewSession:
    return get_object_or_404(
        InterviewSession.objects.of(request.user).finished().select_related("report", "plan", "self_review"),
        pk=session_id,
    )


def _with_its_end_recorded(session: InterviewSession, request: UserRequest) -> InterviewSession:
    """Record the end of a session whose time and grace are over, and order its report."""
    if not lifecycle.close_if_overdue(session=session, now=request.now):
        return session
    enqueue_after_commit(tasks.compile_report, str(session.pk))
    return _visible_session(request, session.pk)


def _phase(session: InterviewSession, now: datetime) -> Phase:
    report: Report | None = getattr(session, "report", None)
    if report is None:
        return Phase.CLOSING
    if report.state != Report.State.PENDING:
        return Phase(report.state)
    return Phase.SLOW if now - report.requested_at > SLOW_AFTER else Phase.COMPILING


# --- Waiting and reading -----------------------------------------------------------------------------------------


@require_safe
@never_cache
@candidate_required
def report(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Show the report, or what it is waiting for. A running interview has none yet."""
    session = _visible_session(request, session_id)
    if not session.is_over(request.now):
        return redirect("interview", session_id=session.pk)
    session = _with_its_end_recorded(session, request)
    phase = _phase(session, request.now)
    data = reports.report_data(session.report) if phase is not Phase.CLOSING else None
    if data is None:
        return _arrival(request, session, phase)
    if _is_to_rate(request, session, data):
        return render(request, "sessions/report_rating.html", _common(request, session, phase) | {"data": data})
    # Live: late words may arrive after the report.
    kept_drafts = reviews.kept_drafts_of(session, longest=KEPT_DRAFT_LENGTH)
    context = _common(request, session, phase) | {
        "data": data,
        "sentences": reports.summary_sentences(data),
        "chart": charts.dot_chart(
            [(topic.name, estimate_text(topic.estimate), topic.estimate) for topic in data.topics]
        ),
        "flagged": flagged_in(session, request.user),
        "opinions": opinions_of(session),
        "calibration": (calibration := reports.calibration(data, _self_review(session))),
        "steps": calibration and _steps(calibration),
        "cards": [(question, kept_drafts.get(question.question_id, [])) for question in data.questions],
    }
    return render(request, "sessions/report.html", context | _next_steps(data))


def _is_to_rate(request: UserRequest, session: InterviewSession, data: ReportData) -> bool:
    """Whether the candidate is asked first how sure they were. Practice showed them each reference at once."""
    is_own = session.candidate_id == request.user.pk
    return is_own and bool(data.open_answers) and not session.is_practice and _self_review(session) is None


def rating_first(request: UserRequest, session: InterviewSession) -> HttpResponse | None:
    """Lead the candidate to the rating from what else shows verdicts; None once they rated, and for anybody else."""
    stored: Report | None = getattr(session, "report", None)
    if stored is None or session.candidate_id != request.user.pk or _self_review(session):
        return None
    data = reports.report_data(stored)
    if data is None or not _is_to_rate(request, session, data):
        return None
    page = reverse("report", args=[session.pk])
    return HttpResponseClientRedirect(page) if request.htmx else HttpResponseRedirect(page, status=303)


def _self_review(session: InterviewSession) -> SelfReview | None:
    return getattr(session, "self_review", None)


def _steps(calibration: Calibration) -> charts.StepsChart:
    """Draw confidence and bands. Of the five confidences a phone has room for three."""
    bands = [(step, short_band_text(band)) for step, band in enumerate(BANDS)]
    sure = [(step, str(rating.label)) for step, rating in enumerate(Confidence) if step % 2 == 0]
    pairs = [answer.levels for answer in calibration.answers]
    return charts.steps_chart(pairs, across=sure, down=bands, last=len(BANDS) - 1)


def _arrival(request: UserRequest, session: InterviewSession, phase: Phase) -> HttpResponse:
    """Show that the interview is over and its report on the way: what was done, and where it will be."""
    answers = Answer.objects.filter(session=session, question__follow_up="")
    context = _common(request, session, phase) | {
        "answered": answers.filter(state=Answer.State.SUBMITTED).exclude(body="").count(),
        "total": answers.count(),
        "by_clock": session.ended_by_clock or not session.is_finished,
    }
    return render(request, "sessions/report_pending.html", context)


def _common(request: UserRequest, session: InterviewSession, phase: Phase) -> dict[str, object]:
    return {
        "session": session,
        "phase": phase.value,
        "is_own": session.candidate_id == request.user.pk,
        "can_tick": session.candidate_id == request.user.pk,
        "self_review": _self_review(session),
        "plan_again": _plan_again(request, session.plan),
    }


def _plan_again(request: UserRequest, plan: InterviewPlan | None) -> InterviewPlan | None:
    """Return the session's plan where the user can start it again."""
    return plan if plan and plan.is_visible_to(request.user) else None


def _next_steps(data: ReportData) -> dict[str, object]:
    return {
        "practice": data.practice[:PRACTICE_ITEMS_SHOWN],
        "more_practice": data.practice[PRACTICE_ITEMS_SHOWN:],
        "judged_count": data.overall.estimate.count,
        "unanswered": [question for question in data.questions if not question.has_words],
    }


@require_safe
@never_cache
@candidate_required
def report_status(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Answer the page that waits: nothing while nothing changes, new words when it does, and a reload at the end.

    Silence matters: words that are swapped in every two seconds would be read aloud every two seconds.
    """
    session = _visible_session(request, session_id)
    if not session.is_over(request.now):
        return HttpResponseClientRedirect(reverse("interview", args=[session.pk]))
    if not request.htmx:
        return redirect("report", session_id=session.pk)
    session = _with_its_end_recorded(session, request)
    phase = _phase(session, request.now)
    if phase is Phase.READY:
        return HttpResponseClientRefresh()
    if request.GET.get("shown") == phase:
        return HttpResponse(status=204)
    return render(request, "sessions/_report_status.html", _common(request, session, phase))


# --- What the candidate can do -----------------------------------------------------------------------------------


@require_POST
@candidate_required
def report_recompile(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Order the report again, after it failed or to follow changes."""
    session = _own_finished_session(request, session_id)
    if reports.request_again(report=session.report, now=request.now):
        enqueue_after_commit(tasks.compile_report, str(session.pk))
    return redirect("report", session_id=session.pk)


@require_POST
@candidate_required
def report_dispute(request: UserRequest, session_id: UUID, question_id: UUID, key: str) -> HttpResponse:
    """Note that the candidate holds a verdict for wrong; what to practise next follows at once."""
    session = _own_finished_session(request, session_id)
    if rating := rating_first(request, session):
        return rating
    try:
        score_id = _disputable(session, question_id)
        scoring.dispute_verdict(candidate=request.user, score_id=score_id, key=key, now=request.now)
    except (Score.DoesNotExist, scoring.UnknownVerdictError) as error:
        raise Http404 from error
    return _after_dispute(request, session, question_id, key)


@require_POST
@candidate_required
def report_withdraw(request: UserRequest, session_id: UUID, question_id: UUID, key: str) -> HttpResponse:
    """Take an objection to a verdict back."""
    session = _own_finished_session(request, session_id)
    if rating := rating_first(request, session):
        return rating
    try:
        scoring.withdraw_dispute(candidate=request.user, score_id=_disputable(session, question_id), key=key)
    except Score.DoesNotExist as error:
        raise Http404 from error
    return _after_dispute(request, session, question_id, key)


def _disputable(session: InterviewSession, question_id: UUID) -> UUID:
    """Return the score whose verdicts the report shows for a question. Raises Score.DoesNotExist."""
    score = scoring.automatic_score(Score.objects.filter(answer=question_id, answer__session=session))
    if score is None:
        raise Score.DoesNotExist
    return score.pk


def _after_dispute(request: UserRequest, session: InterviewSession, question_id: UUID, key: str) -> HttpResponse:
    """Bring the report up to date and show what changed in it; without htmx, go back to the question."""
    reports.bring_up_to_date(report=session.report, now=request.now)
    session.report.refresh_from_db()
    data = reports.report_data(session.report)
    if data is None or not request.htmx:
        return redirect(f"{reverse('report', args=[session.pk])}#verdict-{question_id}-{key}")
    question = data.question(question_id)
    verdict = next((verdict for verdict in question.verdicts if verdict.key == key), None)
    if verdict is None:
        raise Http404
    context = _common(request, session, Phase.READY) | {"question": question, "verdict": verdict, "swapped": True}
    return render(request, "sessions/_report_disputed.html", context | _next_steps(data))


_report = "interviews/<uuid:session_id>/report"
urlpatterns = [
    path(f"{_report}/", report, name="report"),
    path(f"{_report}/status/", report_status, name="report_status"),
    path(f"{_report}/again/", report_recompile, name="report_recompile"),
    path(f"{_report}/<uuid:question_id>/<slug:key>/dispute/", report_dispute, name="report_dispute"),
    path(f"{_report}/<uuid:question_id>/<slug:key>/withdraw/", report_withdraw, name="report_withdraw"),
]
