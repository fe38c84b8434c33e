"""What staff open: which interviews run, how one stands, more time for it, and opening it again after an incident.

Whoever has the permission sees everybody's sessions, and no words of any answer. A change is asked for, shown, and made
only when confirmed. What it comes to is found out by making it and taking it back, so that nothing is promised by a
second calculation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from interviewprep.celery import enqueue_after_commit
from interviewprep.http import Request, UserRequest
from sessions import clock, lifecycle, supervision, tasks
from sessions.models import Answer, InterviewSession
from sessions.supervision_forms import MAX_REOPENED_MINUTES, ReopenForm, SearchForm, TimeForm

PERMISSION = "interview_sessions.supervise_session"
SESSIONS_PER_PAGE = 25
EVENTS_PER_PAGE = 100


class OlderStateError(Exception):
    """The form was made from an older state of the session than the one it is about to change."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a confirmed form comes to: the session before and after, and by how much its end moves."""

    before: InterviewSession
    after: InterviewSession
    remaining_ms: int

    @property
    def moves_ms(self) -> int:
        return clock.elapsed_ms(since=self.before.deadline, now=self.after.deadline)

    @property
    def moves_words(self) -> str:
        return supervision.duration_words(abs(self.moves_ms))


def supervisor_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in who has the permission; anybody else who is signed in gets 403."""

    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapper


# --- Looking --------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@supervisor_required
def supervision_list(request: UserRequest) -> HttpResponse:
    """The interviews that run and those that ended lately: how each stands, and when it was heard of last."""
    form = SearchForm(request.GET)
    search = form.cleaned_data["q"] if form.is_valid() else ""
    sessions = supervision.recent_sessions(search=search, now=request.now)
    page = Paginator(sessions, SESSIONS_PER_PAGE).get_page(request.GET.get("page"))
    rows = [supervision.overview_of(session, now=request.now) for session in page]
    context = {
        "form": form,
        "search": search,
        "page": page,
        "running": [row for row in rows if not row.is_over],
        "ended": [row for row in rows if row.is_over],
        "now": request.now,
    }
    return render(request, "sessions/supervision.html", context)


@require_safe
@never_cache
@supervisor_required
def supervised_session(request: UserRequest, session_id: UUID) -> HttpResponse:
    """One session: how it stands, its event log, and the form for what can be done with it now."""
    session = _session(request, session_id)
    return _page(request, session, form=_new_form(session))


def _session(request: UserRequest, session_id: UUID) -> InterviewSession:
    """Return the session, after recording an end that nobody has recorded yet."""
    sessions = supervision.sessions(request.now)
    session = get_object_or_404(sessions, pk=session_id)
    if lifecycle.close_if_overdue(session=session, now=request.now):
        enqueue_after_commit(tasks.compile_report, str(session.pk))
        session = sessions.get(pk=session_id)
    return session


def _new_form(session: InterviewSession, **typed: object) -> TimeForm | ReopenForm:
    """Return the form for what can be done with a session now, filled in with what was typed into the other one."""
    if not session.is_finished:
        return TimeForm(session=session, initial=typed)
    left = -(-lifecycle.saved_remainder_ms(session) // 60_000)
    return ReopenForm(session=session, initial={"minutes": min(max(1, left), MAX_REOPENED_MINUTES)} | typed)


def _page(request: UserRequest, session: InterviewSession, *, status: int = 200, **parts: Any) -> HttpResponse:
    """Render a session's page with `form`, or with the `change` it comes to, and a `notice` of what did not work."""
    remainder_ms = lifecycle.saved_remainder_ms(session) if session.is_finished else 0
    events = Paginator(supervision.events_of(session), EVENTS_PER_PAGE).get_page(request.GET.get("events"))
    answers = supervision.answers_of(session)
    context = {
        "session": session,
        "row": supervision.overview_of(session, now=request.now),
        "remainder": supervision.duration_words(remainder_ms),
        "remainder_ms": remainder_ms,
        "answers": [answer for answer in answers if answer.is_asked],
        "reopened_count": sum(answer.is_asked and answer.state == Answer.State.CLOSED for answer in answers),
        "log_page": events,
        "log": supervision.log_of(events, session),
        "now": request.now,
    }
    return render(request, "sessions/supervision_session.html", context | parts, status=status)


# --- More time ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@supervisor_required
def supervision_time(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Give a running interview more time: the form, what it comes to, and the change itself."""
    session = _session(request, session_id)
    if request.method != "POST":
        return _to_session(session)
    form = TimeForm(request.POST, session=session)
    if session.is_finished:
        return _ended_meanwhile(request, session)
    return _carry_on(request, session, form, _give_time)


def _give_time(request: UserRequest, form: TimeForm) -> InterviewSession:
    return lifecycle.change_time(
        session_id=form.session.pk,
        actor=request.user,
        reason=form.cleaned_data["reason"],
        now=request.now,
        time_factor=form.cleaned_data["time_factor"],
        extra_minutes=form.extra_minutes,
    )


def _ended_meanwhile(request: UserRequest, session: InterviewSession) -> HttpResponse:
    """Offer to reopen, with what was typed, where the interview ended before it got more time."""
    notice = _("This interview ended before it got more time, so none was added. You can reopen it here.")
    typed: dict[str, object] = {"reason": request.POST.get("reason", "")}
    if (minutes := request.POST.get("add_minutes", "")).isdecimal():
        typed["minutes"] = minutes
    return _page(request, session, form=_new_form(session, **typed), notice=notice, status=409)


# --- Reopening ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@supervisor_required
def supervision_reopen(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Let a finished interview run again: the form, what it comes to, and the change itself."""
    session = _session(request, session_id)
    if request.method != "POST":
        return _to_session(session)
    form = ReopenForm(request.POST, session=session)
    if not session.is_finished:
        return _runs_already(request, session)
    return _carry_on(request, session, form, _reopen)


def _reopen(request: UserRequest, form: ReopenForm) -> InterviewSession:
    return lifecycle.reopen_session(
        session_id=form.session.pk,
        actor=request.user,
        reason=form.cleaned_data["reason"],
        remaining_ms=form.remaining_ms,
        now=request.now,
    )


def _runs_already(request: UserRequest, session: InterviewSession) -> HttpResponse:
    """Say that there is nothing to reopen, with who was first, and offer more time instead, with what was typed."""
    form = _new_form(session, reason=request.POST.get("reason", ""))
    notice = _("This interview is running, so it was not reopened just now. If it needs more time, give it here.")
    return _page(request, session, form=form, notice=notice, first=_first(session), status=409)


# --- From a form to a change ----------------------------------------------------------------------------------------


def _carry_on(
    request: UserRequest, session: InterviewSession, form: Any, act: Callable[[UserRequest, Any], InterviewSession]
) -> HttpResponse:
    """Show the form, or what it comes to, or carry it out: `step` says which was asked for."""
    step = request.POST.get("step")
    if step == "confirm" and not form.is_current:
        return _older_state(request, session, form)
    if step == "edit" or not form.is_valid():
        return _page(request, session, form=form)
    try:
        change = _carry_out(request, form, act, for_good=step == "confirm")
    except OlderStateError:
        return _again(request, session, form)
    except lifecycle.SessionOverError:
        return _over(request, session, form)
    except (lifecycle.TimeChangeRefusedError, lifecycle.ReopenRefusedError) as error:
        return _page(request, session, form=form, notice=str(error), other=_other_running(session), status=409)
    except lifecycle.ContendedError:
        notice = _("Too much happened in this interview at the same moment, so nothing was done. Try again.")
        return _page(request, session, form=form, notice=notice, status=409)
    if step != "confirm":
        return _page(request, session, form=form, change=change)
    return _done(request, change)


def _carry_out(
    request: UserRequest, form: Any, act: Callable[[UserRequest, Any], InterviewSession], *, for_good: bool
) -> Change:
    """Make the change, and take it back unless it is `for_good`; raises what `act` raises, and OlderStateError."""
    before = form.session
    with transaction.atomic():
        locked = InterviewSession.objects.select_for_update(no_key=True).get(pk=before.pk)
        if supervision.time_facts(locked) != supervision.time_facts(before):
            raise OlderStateError
        after = act(request, form)
        transaction.set_rollback(not for_good)
    return Change(before=before, after=after, remaining_ms=after.remaining_ms(request.now))


def _done(request: UserRequest, change: Change) -> HttpResponse:
    ends = date_format(change.after.deadline, "j M, H:i:s")
    if change.before.is_finished:
        messages.success(request, _("The interview runs again, until %(time)s UTC.") % {"time": ends})
    else:
        messages.success(request, _("The time is changed: the interview ends at %(time)s UTC.") % {"time": ends})
    return _to_session(change.after)


def _again(request: UserRequest, session: InterviewSession, form: Any) -> HttpResponse:
    """Show the new state where the session changed while this request was under way."""
    newest = _session(request, session.pk)
    if newest.is_finished != session.is_finished:
        return _ended_meanwhile(request, newest) if newest.is_finished else _runs_already(request, newest)
    return _older_state(request, newest, type(form)(request.POST, session=newest))


def _older_state(request: UserRequest, session: InterviewSession, form: Any) -> HttpResponse:
    notice = _(
        "The time of this interview changed after you opened this form, so nothing was done just now. "
        "This is how it stands; what you typed is kept below."
    )
    return _page(request, session, form=form, notice=notice, first=_first(session), status=409)


def _over(request: UserRequest, session: InterviewSession, form: Any) -> HttpResponse:
    newest = _session(request, session.pk)
    if newest.is_finished:
        return _ended_meanwhile(request, newest)
    notice = _("The time of this interview is just running out, so none was added. Try again in half a minute.")
    return _page(request, newest, form=form, notice=notice, status=409)


def _first(session: InterviewSession) -> supervision.LogEntry | None:
    """What staff last did about the time of a session, for whoever comes second, or presses a button twice."""
    return supervision.last_change_by_staff(session)


def _other_running(session: InterviewSession) -> InterviewSession | None:
    """The interview that keeps a candidate from going on with this one."""
    running = InterviewSession.objects.filter(candidate=session.candidate_id).running()
    return running.exclude(pk=session.pk).first()


def _to_session(session: InterviewSession) -> HttpResponse:
    # The forms lead to their own place in the page; without a place of its own, this address would inherit theirs.
    return redirect(f"{reverse('supervised_session', args=[session.pk])}#main")


urlpatterns = [
    path("supervision/", supervision_list, name="supervision"),
    path("supervision/<uuid:session_id>/", supervised_session, name="supervised_session"),
    path("supervision/<uuid:session_id>/time/", supervision_time, name="supervision_time"),
    path("supervision/<uuid:session_id>/reopen/", supervision_reopen, name="supervision_reopen"),
]
