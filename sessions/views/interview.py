"""The timed interview page and everything one can do on it.

Every action carries the words of the editor along, and `lifecycle` saves them in the statement that acts: the page
works without scripts, and a click never overtakes a draft. The page itself writes nothing: reloading it changes neither
time nor state.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from interviewprep.accounts.access import candidate_required
from interviewprep.celery import enqueue_after_commit
from interviewprep.http import UserRequest
from questions.content import Kind
from questions.models import QuestionVersion
from questions.versions import published_version
from sessions import clock as time
from sessions import lifecycle, tasks
from sessions.forms import DraftForm, plain_draft
from sessions.grading.answers import UnreadableNumberError, decode_choices, read_number
from sessions.lifecycle import Draft, SaveResult, SaveStatus, Sitting
from sessions.models import Answer, InterviewSession, SessionQuestion
from sessions.templatetags.interview import saved_chip
from sessions.templatetags.palette import numbers

QuestionAction = Callable[[UserRequest, InterviewSession, UUID, Draft | None], HttpResponse]


def _own_sitting(request: UserRequest, session_id: UUID) -> Sitting:
    try:
        return lifecycle.read_sitting(session_id, candidate_id=request.user.pk)
    except InterviewSession.DoesNotExist as error:
        raise Http404 from error


def _own(request: UserRequest, session_id: UUID) -> InterviewSession:
    """Refer to a session without reading it; `lifecycle` finds it only if it is this candidate's."""
    return InterviewSession(pk=session_id, candidate_id=request.user.pk)


@require_safe
@never_cache
@candidate_required
def interview(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Show the current question, with the time the server says is left."""
    sitting = _own_sitting(request, session_id)
    if sitting.session.is_over(request.now):
        return redirect("report", session_id=session_id)
    return _question_page(request, sitting)


def _question_page(request: UserRequest, sitting: Sitting) -> HttpResponse:
    """Render the question in front; a sitting with a problem is the answer to a click that could not be carried out."""
    session, question, now = sitting.session, sitting.current, request.now
    version = published_version(question.version_id)
    asked = sitting.asked
    context = {
        "session": session,
        "palette": asked,
        "question": question,
        "version": version,
        "answered": sum(not entry.answer.is_open for entry in asked),
        "is_last_open": sum(entry.answer.is_open for entry in asked) == 1,
        "can_write": question.answer.is_writable(now),
        "chosen": decode_choices(question.answer.body) if _is_choice(version) else frozenset(),
        "is_choice": _is_choice(version) and not question.is_follow_up,
        "problem": sitting.problem,
        "client_id": session.lease or uuid4(),
        "sequence": question.answer.client_sequence + 1,
        "holder": session.lease,
        "saved": _stored(question.answer, request),
        "shows_answer": session.is_practice and not question.answer.is_open,
        "forward_only": session.is_forward_only,
        "hides_timer": request.user.hides_timer,
        "is_untimed": session.is_untimed,
        "answer_max_bytes": settings.INTERVIEW_ANSWER_MAX_BYTES,
        "answer_max_kb": settings.INTERVIEW_ANSWER_MAX_BYTES // 1024,
    }
    status = 422 if sitting.problem else 200
    return render(request, "sessions/interview.html", context | _times(sitting, request), status=status)


def _times(sitting: Sitting, request: UserRequest) -> dict[str, object]:
    """Return every time the page shows, in ms that are left or used, never as a time of day."""
    session, question, now = sitting.session, sitting.current, request.now
    is_paused = session.is_paused(now)
    reading_until = question.reading_until
    return {
        "remaining_ms": session.remaining_ms(now),
        "question_remaining_ms": _question_remaining_ms(sitting, request),
        "spent_ms": question.time_spent_ms_at(now),
        "reading_ms": time.remaining_ms(deadline=reading_until, now=now) if reading_until and not is_paused else 0,
        "is_paused": is_paused,
        "pause_left_ms": time.remaining_ms(deadline=session.pause_end, now=now) if is_paused else session.pause_left_ms,
        "can_pause": session.may_pause and not is_paused and session.pause_left_ms >= 1000,
    }


def _question_remaining_ms(sitting: Sitting, request: UserRequest) -> int | None:
    """Return what is left of the question's own limit; None where it has none, or runs no more."""
    session, answer = sitting.session, sitting.current.answer
    if not session.limits_questions or not answer.is_open:
        return None
    now = session.pause_end if session.is_paused(request.now) else request.now
    return time.remaining_ms(deadline=answer.deadline, now=now)


def _is_choice(version: QuestionVersion) -> bool:
    return version.kind in {Kind.SINGLE, Kind.MULTIPLE}


def _stored(answer: Answer, request: UserRequest) -> SaveResult:
    """Return what is stored as if it had just been saved: the chip of a page that was just opened."""
    remaining_ms = time.remaining_ms(deadline=answer.deadline, now=request.now)
    return SaveResult(SaveStatus.SAVED, revision=answer.revision, saved_at=answer.saved_at, remaining_ms=remaining_ms)


@require_safe
@never_cache
@candidate_required
def clock(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Tell the browser how much time is left, after it slept or lost count, and whether it still may write."""
    sitting = _own_sitting(request, session_id)
    session = sitting.session
    return JsonResponse(
        {
            "remaining_ms": session.remaining_ms(request.now),
            "question_remaining_ms": _question_remaining_ms(sitting, request),
            "yours": str(session.lease) == request.GET.get("client_id"),
            "paused": session.is_paused(request.now),
        }
    )


# --- Saving -----------------------------------------------------------------------------------------------------


@require_POST
@candidate_required
def draft(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
    """Save the words as they are typed; the answer is the chip that proves it."""
    if usual := plain_draft(request.POST):
        return _chip(session_id, _save(request, session_id, question_id, usual))
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _refused(request, session_id, form)
    result = _save(request, session_id, question_id, form.draft)
    if away_ms := form.cleaned_data["away_ms"]:
        lifecycle.note_absence(
            session_id=session_id, question_id=question_id, candidate=request.user, away_ms=away_ms, now=request.now
        )
    return _chip(session_id, result)


def _save(request: UserRequest, session_id: UUID, question_id: UUID, draft: Draft) -> SaveResult:
    try:
        return lifecycle.save_draft(
            session_id=session_id,
            question_id=question_id,
            candidate=request.user,
            draft=draft,
            now=request.now,
        )
    except Answer.DoesNotExist as error:
        raise Http404 from error


def _chip(session_id: UUID, result: SaveResult) -> HttpResponse:
    """Render the chip without the request, and the usual one without a template: this is the busiest path there is."""
    if result.is_saved:
        return HttpResponse(saved_chip(result))
    context = {"result": result, "interview_url": reverse("interview", args=[session_id])}
    return HttpResponse(render_to_string("sessions/_save_chip.html", context), status=409)


def _refused(request: UserRequest, session_id: UUID, form: DraftForm) -> HttpResponse:
    """Say what is wrong with what was sent: as the chip to a background save, as a page to a click."""
    status = 413 if form.is_too_long else 422
    template = "sessions/_save_refused.html" if request.htmx else "sessions/refused.html"
    context = {"form": form, "interview_url": reverse("interview", args=[session_id])}
    return render(request, template, context, status=status)


class LeaseForm(forms.Form):
    """Which tab wants to write, and whom it saw writing; nobody is the empty string."""

    client_id = forms.UUIDField()
    seen = forms.UUIDField(required=False)


@require_POST
@candidate_required
def lease(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Make this tab the one that may write, if the one it saw still is the one."""
    form = LeaseForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors.get_json_data()}, status=422)
    client_id, seen = form.cleaned_data["client_id"], form.cleaned_data["seen"]
    try:
        lifecycle.take_lease(
            session_id=session_id, candidate=request.user, client_id=client_id, seen=seen, now=request.now
        )
    except InterviewSession.DoesNotExist as error:
        raise Http404 from error
    session = _own_sitting(request, session_id).session
    yours = session.lease == client_id and not session.is_over(request.now)
    answer = {"yours": yours, "holder": session.lease, "remaining_ms": session.remaining_ms(request.now)}
    return JsonResponse(answer, status=200 if yours else 409)


# --- Actions on a question ---------------------------------------------------------------------------------------


def _question_action(action: QuestionAction) -> Callable[..., HttpResponse]:
    """Make a view of an action on one question: own sessions only, words along with it, an end is an arrival.

    A page without an editor (the answer was submitted before) sends no draft; then there is nothing to save.
    """

    @require_POST
    @candidate_required
    @wraps(action)
    def view(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
        words: Draft | None = None
        if "base_revision" in request.POST:
            form = DraftForm(request.POST)
            if not form.is_valid():
                return _refused(request, session_id, form)
            words = form.draft
        try:
            return action(request, _own(request, session_id), question_id, words)
        except lifecycle.StaleDraftError as stale:
            url = reverse("interview", args=[session_id])
            context = {"result": stale.result, "mine": words, "interview_url": url}
            return render(request, "sessions/conflict.html", context, status=409)
        except lifecycle.SessionOverError:
            return redirect("report", session_id=session_id)
        except (InterviewSession.DoesNotExist, SessionQuestion.DoesNotExist) as error:
            raise Http404 from error

    return view


@_question_action
def submit(request: UserRequest, session: InterviewSession, question_id: UUID, words: Draft | None) -> HttpResponse:
    """Close the answer and go on to the next question. What cannot be graded at all is given back instead."""
    sitting = lifecycle.submit_answer(
        session=session,
        question_id=question_id,
        draft=words,
        now=request.now,
        go_on=True,
        problem_of=_problem_of,
    )
    return _question_page(request, sitting) if sitting.problem else _where_next(sitting)


def _problem_of(question: SessionQuestion) -> str:
    """Return why submitting would waste the answer, or "": it is empty, or not one unmistakable number."""
    if not question.answer.has_words:
        return _("There is nothing to submit yet. Write an answer, or skip the question.")
    if question.kind == Kind.NUMERIC and not question.is_follow_up:
        try:
            read_number(question.answer.body)
        except UnreadableNumberError as error:
            return str(error)
    return ""


def _where_next(sitting: Sitting) -> HttpResponse:
    """Lead to the question in front, or to the end when nothing is left to do there or anywhere."""
    here = sitting.current
    shows_answer = sitting.session.is_practice and sitting.session.current_since is None
    nothing_left = lifecycle.next_question(sitting, after=here.position) is None
    if nothing_left and not here.answer.is_open and not shows_answer:
        return redirect("interview_finish", session_id=sitting.session.pk)
    return redirect("interview", session_id=sitting.session.pk)


@_question_action
def skip(request: UserRequest, session: InterviewSession, question_id: UUID, words: Draft | None) -> HttpResponse:
    """Go on without submitting; after a submitted answer, only go on."""
    sitting = lifecycle.skip_question(
        session=session, question_id=question_id, draft=words, now=request.now, go_on=True
    )
    if sitting.question(question_id) is sitting.current and not sitting.current.answer.is_open:
        return redirect("interview_finish", session_id=session.pk)
    return _where_next(sitting)


@_question_action
def go(request: UserRequest, session: InterviewSession, question_id: UUID, words: Draft | None) -> HttpResponse:
    """Go to the question named by `to`, from the palette or by keyboard."""
    try:
        target = UUID(request.POST.get("to", ""))
    except ValueError as error:
        raise Http404 from error
    lifecycle.open_question(session=session, question_id=target, leaving=question_id, draft=words, now=request.now)
    return redirect("interview", session_id=session.pk)


@_question_action
def flag(request: UserRequest, session: InterviewSession, question_id: UUID, words: Draft | None) -> HttpResponse:
    flagged = request.POST.get("flagged") == "1"
    lifecycle.set_flag(session=session, question_id=question_id, flagged=flagged, draft=words, now=request.now)
    return redirect("interview", session_id=session.pk)


@_question_action
def leave(request: UserRequest, session: InterviewSession, question_id: UUID, words: Draft | None) -> HttpResponse:
    """Go to the page that asks whether to finish; by then the words are saved."""
    lifecycle.save_with_click(session=session, question_id=question_id, draft=words, now=request.now)
    return redirect("interview_finish", session_id=session.pk)


@_question_action
def pause(request: UserRequest, session: InterviewSession, question_id: UUID, words: Draft | None) -> HttpResponse:
    """Stop the clock of a practice session."""
    lifecycle.save_with_click(session=session, question_id=question_id, draft=words, now=request.now)
    with suppress(lifecycle.PauseRefusedError):  # nothing is left of the pause: the page says so
        lifecycle.pause_session(session=session, now=request.now)
    return redirect("interview", session_id=session.pk)


@require_POST
@candidate_required
def resume(request: UserRequest, session_id: UUID) -> HttpResponse:
    try:
        lifecycle.resume_session(session=_own(request, session_id), now=request.now)
    except InterviewSession.DoesNotExist as error:
        raise Http404 from error
    except lifecycle.SessionOverError:
        return redirect("report", session_id=session_id)
    return redirect("interview", session_id=session_id)


# --- The end -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@candidate_required
def finish(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Ask whether to finish, saying what would be left open; finish when asked to."""
    if request.method == "POST":
        _finish(request, session_id)
        return redirect("report", session_id=session_id)
    sitting = _own_sitting(request, session_id)
    if sitting.session.is_over(request.now):
        return redirect("report", session_id=session_id)
    questions = sitting.asked
    context = {
        "session": sitting.session,
        "open_questions": [
            (number, question)
            for number, question in zip(numbers(questions), questions, strict=True)
            if question.answer.is_open
        ],
        "total": len(questions),
        "current": sitting.current,
        "remaining_ms": sitting.session.remaining_ms(request.now),
    }
    return render(request, "sessions/finish.html", context)


def _finish(request: UserRequest, session_id: UUID) -> None:
    try:
        ended = lifecycle.finish_session(session_id=session_id, candidate_id=request.user.pk, now=request.now)
    except InterviewSession.DoesNotExist as error:
        raise Http404 from error
    if ended:
        enqueue_after_commit(tasks.compile_report, str(session_id))


@require_POST
@candidate_required
def expire(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
    """The browser's clock reached zero: save the words that came with it, and end what our clock says is over."""
    sitting = _own_sitting(request, session_id)
    session, form = sitting.session, DraftForm(request.POST)
    over = session.is_over(request.now)
    last_words = (
        form.draft if form.is_valid() else form.cut_draft if over or _is_up(sitting, question_id, request) else None
    )
    result = _save(request, session_id, question_id, last_words) if last_words else None
    # Where another tab holds the interview, its last words are under way: the end waits for them, grace and all.
    is_ours = session.lease in {None, form.cleaned_data.get("client_id")} or session.is_closed(request.now)
    if over:
        if is_ours:
            _finish(request, session_id)
        return HttpResponseClientRedirect(reverse("report", args=[session_id]))
    if is_ours and session.limits_questions and (target := _after_the_limit(request, session, question_id)):
        return HttpResponseClientRedirect(target)
    return _chip(session_id, result) if result else _refused(request, session_id, form)


def _is_up(sitting: Sitting, question_id: UUID, request: UserRequest) -> bool:
    """Whether the answer's own time is over."""
    try:
        deadline = sitting.question(question_id).answer.deadline
    except SessionQuestion.DoesNotExist as error:
        raise Http404 from error
    return time.is_over(deadline=deadline, now=request.now)


def _after_the_limit(request: UserRequest, session: InterviewSession, question_id: UUID) -> str | None:
    """Return where to go from a question whose time is up; None while our clock does not agree that it is."""
    try:
        after = lifecycle.close_question_in_time(session=session, question_id=question_id, now=request.now)
    except lifecycle.SessionOverError:  # finished in another tab, this very moment
        return reverse("report", args=[session.pk])
    return None if after.question(question_id).answer.is_open else _where_next(after).headers["Location"]


_question = "interviews/<uuid:session_id>/questions/<uuid:question_id>"
urlpatterns = [
    path("interviews/<uuid:session_id>/", interview, name="interview"),
    path("interviews/<uuid:session_id>/finish/", finish, name="interview_finish"),
    path("interviews/<uuid:session_id>/clock/", clock, name="interview_clock"),
    path("interviews/<uuid:session_id>/lease/", lease, name="interview_lease"),
    path("interviews/<uuid:session_id>/resume/", resume, name="interview_resume"),
    path(f"{_question}/draft/", draft, name="interview_draft"),
    path(f"{_question}/submit/", submit, name="interview_submit"),
    path(f"{_question}/skip/", skip, name="interview_skip"),
    path(f"{_question}/go/", go, name="interview_go"),
    path(f"{_question}/flag/", flag, name="interview_flag"),
    path(f"{_question}/pause/", pause, name="interview_pause"),
    path(f"{_question}/leave/", leave, name="interview_leave"),
    path(f"{_question}/expire/", expire, name="interview_expire"),
]
