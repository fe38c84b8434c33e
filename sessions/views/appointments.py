"""Scheduled interviews: make, look at, move, cancel and start one, and take it over into a calendar.

Thin: every change goes through `scheduling`, and the mail that it owes is sent for after it is committed. Everything
here is the candidate's own; to anybody else an appointment does not exist.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviewprep.accounts.access import login_required
from interviewprep.celery import enqueue_after_commit
from interviewprep.http import UserRequest
from sessions import calendars, composing, scheduling, tasks
from sessions.appointment_forms import AppointmentForm
from sessions.models import Appointment, AppointmentQuerySet, InterviewPlan
from sessions.scheduling import AppointmentRefusedError
from sessions.views.starting import StartPage


def _own(request: UserRequest) -> AppointmentQuerySet:
    return Appointment.objects.of(request.user).select_related("plan", "session", "candidate")


def _unless_deleted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 404 where an appointment goes with its plan while it is being changed in another tab."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except Appointment.DoesNotExist as error:
            raise Http404 from error

    return wrapper


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def appointment_new(request: UserRequest, plan_id: UUID) -> HttpResponse:
    """Choose date and time for an interview of this plan."""
    plan = get_object_or_404(InterviewPlan.objects.visible_to(request.user), pk=plan_id)
    data = request.POST if request.method == "POST" else None
    form = AppointmentForm(data, plan=plan, user=request.user, now=request.now)
    if data is not None and form.is_valid():
        try:
            appointment = scheduling.make_appointment(
                candidate=request.user, plan=plan, slot=form.slot, now=request.now
            )
        except AppointmentRefusedError as error:
            form.add_error(None, str(error))
        else:
            enqueue_after_commit(tasks.mail_appointment, str(appointment.pk))
            messages.success(request, _mail_words(_("Scheduled."), request))
            return redirect("appointment", appointment_id=appointment.pk)
    context = {"plan": plan, "form": form}
    return render(request, "sessions/appointment_new.html", context, status=422 if form.errors else 200)


def _mail_words(done: str, request: UserRequest) -> str:
    return _("%(done)s A mail with the calendar file goes to %(email)s.") % {"done": done, "email": request.user.email}


@require_safe
@login_required
def appointment(request: UserRequest, appointment_id: UUID) -> HttpResponse:
    """When the interview may start, until when, and what ends it; and everything that can be done about it."""
    found = get_object_or_404(_own(request), pk=appointment_id)
    return _appointment_page(request, found, StartPage(request.user, found.plan, request.now, found))


def _appointment_page(request: UserRequest, found: Appointment, page: StartPage, *, status: int = 200) -> HttpResponse:
    is_offered = InterviewPlan.objects.visible_to(request.user).filter(pk=found.plan_id).exists()
    context: dict[str, Any] = {"appointment": found, "now": request.now, "is_offered": is_offered}
    return render(request, "sessions/appointment.html", page.context() | context, status=status)


@require_POST
@login_required
@_unless_deleted
def appointment_start(request: UserRequest, appointment_id: UUID) -> HttpResponse:
    """Start the interview with the time chosen on the page; one that was started already is gone on with."""
    found = get_object_or_404(_own(request), pk=appointment_id)
    page = StartPage(request.user, found.plan, request.now, found, data=request.POST)
    if found.session is None and not page.form.is_valid():
        return _appointment_page(request, found, page, status=422)
    try:
        terms = scheduling.Terms() if found.session else page.form.terms
        session = scheduling.start_appointment(
            appointment_id=found.pk, candidate=request.user, terms=terms, now=request.now
        )
    except (AppointmentRefusedError, composing.PlanTooThinError) as error:
        page.refuse(error)
        return _appointment_page(request, found, page, status=409)
    return redirect("interview", session_id=session.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@_unless_deleted
def appointment_move(request: UserRequest, appointment_id: UUID) -> HttpResponse:
    """Choose another date, also for one that was missed."""
    found = get_object_or_404(_own(request), pk=appointment_id)
    if found.session or found.cancelled_at:
        return redirect("appointment", appointment_id=found.pk)
    data = request.POST if request.method == "POST" else None
    initial = AppointmentForm.initial_for(found)
    form = AppointmentForm(data, initial=initial, plan=found.plan, user=request.user, now=request.now)
    if data is not None and form.is_valid() and _moved(request, found, form):
        return redirect("appointment", appointment_id=found.pk)
    context = {"appointment": found, "plan": found.plan, "form": form}
    return render(request, "sessions/appointment_move.html", context, status=422 if form.errors else 200)


def _moved(request: UserRequest, found: Appointment, form: AppointmentForm) -> bool:
    """Move the appointment of a valid form; False with the reason in the form when it was refused."""
    try:
        changed = scheduling.move_appointment(
            appointment_id=found.pk, candidate=request.user, slot=form.slot, now=request.now
        )
    except AppointmentRefusedError as error:
        form.add_error(None, str(error))
        return False
    if changed:
        enqueue_after_commit(tasks.mail_appointment, str(found.pk))
        messages.success(request, _mail_words(_("Moved."), request))
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@_unless_deleted
def appointment_cancel(request: UserRequest, appointment_id: UUID) -> HttpResponse:
    """Cancel an appointment after saying what that means."""
    found = get_object_or_404(_own(request), pk=appointment_id)
    if request.method != "POST":
        if found.session or found.cancelled_at:
            return redirect("appointment", appointment_id=found.pk)
        return render(request, "sessions/appointment_cancel.html", {"appointment": found})
    try:
        if scheduling.cancel_appointment(appointment_id=found.pk, candidate=request.user, now=request.now):
            enqueue_after_commit(tasks.mail_appointment, str(found.pk))
            messages.success(request, _("The appointment is cancelled."))
    except AppointmentRefusedError as error:
        messages.error(request, str(error))
    return redirect("appointment", appointment_id=found.pk)


@require_safe
@login_required
def appointment_calendar(request: UserRequest, appointment_id: UUID) -> HttpResponse:
    """The appointment as a file for one's calendar; a cancelled one takes itself out again."""
    found = get_object_or_404(_own(request), pk=appointment_id)
    method = calendars.Method.CANCEL if found.cancelled_at else calendars.Method.PUBLISH
    return HttpResponse(
        calendars.calendar_file(found, method=method),
        content_type=f"text/calendar; charset=utf-8; method={method.value}",
        headers={"Content-Disposition": 'attachment; filename="interview.ics"'},
    )


_one = "appointments/<uuid:appointment_id>/"
urlpatterns = [
    path("plans/<uuid:plan_id>/later/", appointment_new, name="appointment_new"),
    path(_one, appointment, name="appointment"),
    path(f"{_one}start/", appointment_start, name="appointment_start"),
    path(f"{_one}move/", appointment_move, name="appointment_move"),
    path(f"{_one}cancel/", appointment_cancel, name="appointment_cancel"),
    path(f"{_one}interview.ics", appointment_calendar, name="appointment_calendar"),
]
