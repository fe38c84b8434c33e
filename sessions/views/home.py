"""The way into an interview: the home page, a plan's start page, and the sample for visitors without an account."""

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviewprep.accounts.access import (
    GUEST_SESSION_KEY,
    candidate_required,
    guest_of,
    login_required,
)
from interviewprep.accounts.models import User
from interviewprep.http import Request, UserRequest, allow
from questions import flagging
from sessions import composing, lifecycle, scheduling
from sessions.models import InterviewPlan, InterviewSession
from sessions.views.starting import StartPage, running_session

RECENT_SESSIONS = 3
SAMPLES_PER_ADDRESS_AND_HOUR = 20


@require_safe
@login_required
def home(request: UserRequest) -> HttpResponse:
    """Everything a candidate can begin or go on with."""
    sessions = InterviewSession.objects.of(request.user)
    recent = sessions.finished().select_related("report").order_by("-started_at")[:RECENT_SESSIONS]
    visible = InterviewPlan.objects.visible_to(request.user).annotate(question_count=Sum("sections__count"))
    plans = list(visible.order_by("order", "name"))
    running = running_session(request.user, request.now)
    context = {
        "running": running,
        "running_ms": running.remaining_ms(request.now) if running else 0,
        "plans": [plan for plan in plans if plan.owner_id is None],
        "own_plans": [plan for plan in plans if plan.owner_id is not None],
        "recent": recent,
        "appointments": scheduling.upcoming_of(request.user, request.now),
        "unread_flags": flagging.unread_count(request.user),
        "now": request.now,
    }
    return render(request, "sessions/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@candidate_required
def plan_start(request: UserRequest, plan_id: UUID) -> HttpResponse:
    """Say what comes and how long it takes; start the clock only when asked to."""
    plan = get_object_or_404(InterviewPlan.objects.visible_to(request.user), pk=plan_id)
    data = request.POST if request.method == "POST" else None
    page = StartPage(request.user, plan, request.now, data=data)
    if data is not None and page.form.is_valid():
        try:
            terms = asdict(page.form.terms)
            session = lifecycle.start_session(candidate=request.user, plan=plan, now=request.now, **terms)
        except composing.PlanTooThinError as error:
            page.refuse(error)
        else:
            return redirect("interview", session_id=session.pk)
    return render(request, "sessions/start.html", page.context())


@require_POST
def sample_start(request: Request) -> HttpResponse:
    """Lead a visitor to the sample interview, as a guest whose work is kept if they sign up afterwards."""
    if request.user.is_authenticated:
        return redirect("home")
    plan = InterviewPlan.objects.published().filter(for_visitors=True).first()
    if plan is None:
        messages.info(request, _("There is no sample interview here yet. With an account you can start a whole one."))
        return redirect("account_signup")
    if guest_of(request) is None:
        if not allow(request, "sample", per_hour=SAMPLES_PER_ADDRESS_AND_HOUR):
            messages.error(
                request, _("Too many samples were begun from your address. Try again in an hour, or sign up.")
            )
            return redirect("landing")
        request.session[GUEST_SESSION_KEY] = str(User.objects.create_guest().pk)
    return redirect("plan_start", plan_id=plan.pk)


urlpatterns = [
    path("home/", home, name="home"),
    path("plans/<uuid:plan_id>/", plan_start, name="plan_start"),
    path("sample/", sample_start, name="sample_start"),
]
