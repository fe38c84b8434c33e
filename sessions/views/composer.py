"""The plan composer: composing, editing, duplicating and deleting plans, and a practice plan out of a report.

A form in the browser holds everything until it is saved; each press of a button and each preview sends all of it.
"""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from interviewprep.accounts.access import login_required
from interviewprep.http import UserRequest
from sessions import own_plans, reports
from sessions.composer_forms import Composer, rearranged, typed_anew, typed_plan
from sessions.models import Appointment, InterviewPlan, InterviewSession, Report
from sessions.plan_preview import preview_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def compose(request: UserRequest) -> HttpResponse:
    """Compose a new plan, from nothing or `?like=` a visible one."""
    if request.method == "POST":
        return _answer(request, plan=None)
    typed = typed_anew()
    if like := request.GET.get("like"):
        plan = get_object_or_404(InterviewPlan.objects.visible_to(request.user), pk=_uuid_or_none(like))
        typed = typed_plan(plan)
        typed["name"] = _("%(name)s, my way")[:100] % {"name": plan.name[:80]}
        typed.pop("is_published", None)
    return _page(request, Composer(typed, user=request.user, plan=None))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan_edit(request: UserRequest, plan_id: UUID) -> HttpResponse:
    """Edit one's own plan; a curator also one of the house. Interviews that have started stay as they are."""
    plan = get_object_or_404(own_plans.editable_by(request.user), pk=plan_id)
    if request.method == "POST":
        return _answer(request, plan=plan)
    return _page(request, Composer(typed_plan(plan), user=request.user, plan=plan))


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _answer(request: UserRequest, *, plan: InterviewPlan | None) -> HttpResponse:
    """Do what the pressed button says: save, or change the form and show it again."""
    action = request.POST.get("do", "")
    if action == "save":
        return _save(request, plan)
    composer = Composer(rearranged(request.POST, action), user=request.user, plan=plan)
    return _page(request, composer, action=action)


def _save(request: UserRequest, plan: InterviewPlan | None) -> HttpResponse:
    composer = Composer(request.POST, user=request.user, plan=plan, shows_errors=True)
    if not composer.is_valid():
        return _page(request, composer)
    try:
        saved = own_plans.save_plan(
            draft=composer.draft,
            author=request.user,
            plan=plan,
            new_id=composer.new_id,
            is_house=composer.is_house,
        )
    except own_plans.TooManyPlansError as error:
        messages.error(request, str(error))
        return _page(request, composer)
    preview = preview_of(composer, candidate=request.user, now=request.now)
    messages.success(request, _("“%(plan)s” is saved.") % {"plan": saved.name})
    if preview and not preview.can_be_drawn:
        messages.warning(request, _("It cannot be drawn now: %s") % " ".join(preview.shortfalls))
    return redirect("home")


def _page(request: UserRequest, composer: Composer, *, action: str = "") -> HttpResponse:
    """Show the composer: the whole page, or with htmx the form in it."""
    context: dict[str, object] = {
        "composer": composer,
        "plan": composer.plan,
        "action": action,
        "preview": preview_of(composer, candidate=request.user, now=request.now),
    }
    if request.htmx:
        return render(request, "sessions/_compose_form.html", context)
    if composer.plan is None:
        context["models"] = InterviewPlan.objects.visible_to(request.user).order_by("order", "name")
    return render(request, "sessions/compose.html", context)


@require_POST
@login_required
def compose_preview(request: UserRequest) -> HttpResponse:
    """Answer what the form as it stands would draw, while somebody composes. Nothing is saved."""
    # A change may carry along the button that was pressed before it; here only the example's own button counts.
    typed = rearranged(request.POST, "another") if request.POST.get("do") == "another" else request.POST
    composer = Composer(typed, user=request.user, plan=None)
    preview = preview_of(composer, candidate=request.user, now=request.now)
    context = {"composer": composer, "preview": preview, "swapped": True}
    return render(request, "sessions/_compose_preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan_delete(request: UserRequest, plan_id: UUID) -> HttpResponse:
    """Ask first, then delete one's own plan, unless an appointment still needs it.

    A plan of the house is withdrawn in the admin instead.
    """
    plan = get_object_or_404(InterviewPlan.objects.filter(owner=request.user), pk=plan_id)
    appointment_count = Appointment.objects.filter(plan=plan).upcoming(request.now).count()
    if request.method == "POST":
        with suppress(own_plans.PlanNeededError):  # the page says which
            own_plans.delete_plan(plan, owner=request.user, now=request.now)
            messages.success(request, _("“%(plan)s” is deleted.") % {"plan": plan.name})
            return redirect("home")
    session_count = InterviewSession.objects.filter(plan=plan).count()
    context = {"plan": plan, "session_count": session_count, "appointment_count": appointment_count}
    return render(request, "sessions/compose_delete.html", context)


@require_POST
@login_required
def practise_report(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Compose a practice plan of what a report says is weak, once, and lead to its start page."""
    sessions = InterviewSession.objects.of(request.user).finished().select_related("report")
    session = get_object_or_404(sessions, pk=session_id)
    data = reports.report_data(session.report) if session.report.state == Report.State.READY else None
    if data is None:
        messages.info(request, _("The report is not ready yet. What to practise follows from it."))
        return redirect("report", session_id=session_id)
    try:
        plan = own_plans.practise_report(session=session, report=data, candidate=request.user)
    except own_plans.NothingToPractiseError:
        messages.info(request, _("This report names nothing that the bank has questions about."))
        return redirect("report", session_id=session_id)
    except own_plans.TooManyPlansError as error:
        messages.error(request, str(error))
        return redirect("home")
    return redirect("plan_start", plan_id=plan.pk)


urlpatterns = [
    path("plans/compose/", compose, name="compose"),
    path("plans/compose/preview/", compose_preview, name="compose_preview"),
    path("plans/<uuid:plan_id>/edit/", plan_edit, name="plan_edit"),
    path("plans/<uuid:plan_id>/delete/", plan_delete, name="plan_delete"),
    path("plans/from-report/<uuid:session_id>/", practise_report, name="practise_report"),
]
