"""The timed interview page and everything one can do on it.

Every action posts the words along and saves them before it acts, so the page works without scripts and a click
never overtakes a draft. The page itself writes nothing: reloading it changes neither time nor state.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
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
from sessions import lifecycle, tasks
from sessions.forms import DraftForm
from sessions.grading.answers import UnreadableNumberError, decode_choices, read_number
from sessions.lifecycle import Draft, SaveResult
from sessions.models import Answer, InterviewSession, SessionQuestion

QuestionAction = Callable[[UserRequest, InterviewSession, UUID], HttpResponse]


def _own_session(request: UserRequest, session_id: UUID) -> InterviewSession:
    return get_object_or_404(InterviewSession.objects.of(request.user), pk=session_id)


@require_safe
@never_cache
@candidate_required
def interview(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Show the current question, with the time the server says is left."""
    session = _own_session(request, session_id)
    if session.is_over(request.now):
        return redirect("report", session_id=session.pk)
    return _question_page(request, session)


def _question_page(request: UserRequest, session: InterviewSession, *, problem: str = "") -> HttpResponse:
    """Render the current question; with a `problem`, as the answer to a click that could not be carried out."""
    palette = list(
        SessionQuestion.objects.filter(session=session)
        .select_related("answer")
        .defer("answer__body")
        .annotate(has_words=~Q(answer__body=""))
        .order_by("position")
    )
    here = next((question for question in palette if question.current_since), palette[0])
    question = SessionQuestion.objects.select_related("answer", "version__question__topic").get(pk=here.pk)
    context = {
        "session": session,
        "palette": palette,
        "answered": sum(not entry.answer.is_open for entry in palette),
        "question": question,
        "version": question.version,
        "chosen": decode_choices(question.answer.body) if _is_choice(question) else frozenset(),
        "is_choice": _is_choice(question),
        "remaining_ms": session.remaining_ms(request.now),
        "spent_ms": question.time_spent_ms_at(request.now),
        "problem": problem,
        "client_id": uuid4(),
        "saved": _stored(question.answer, session.remaining_ms(request.now)),
        "answer_max_bytes": settings.INTERVIEW_ANSWER_MAX_BYTES,
        "answer_max_kb": settings.INTERVIEW_ANSWER_MAX_BYTES // 1024,
        "is_last_open": sum(entry.answer.is_open for entry in palette) == 1,
    }
    return render(request, "sessions/interview.html", context, status=422 if problem else 200)


def _is_choice(question: SessionQuestion) -> bool:
    return question.version.kind in {Kind.SINGLE, Kind.MULTIPLE}


def _stored(answer: Answer, remaining_ms: int) -> SaveResult:
    """Return what is stored as if it had just been saved: the chip of a page that was just opened."""
    return SaveResult(
        lifecycle.SaveStatus.SAVED, revision=answer.revision, saved_at=answer.saved_at, remaining_ms=remaining_ms
    )


@require_safe
@never_cache
@candidate_required
def clock(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Tell the browser how much time is left, after it slept or lost count."""
    session = _own_session(request, session_id)
    return JsonResponse({"remaining_ms": session.remaining_ms(request.now)})


# --- Saving -----------------------------------------------------------------------------------------------------


@require_POST
@candidate_required
def draft(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
    """Save the words as they are typed; the answer is the chip that proves it."""
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _refused(request, session_id, form)
    return _chip(session_id, _save(request, session_id, question_id, form.draft))


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
    """Render the chip without the request: on the busiest path, what context processors add would go unused."""
    context = {"result": result, "interview_url": reverse("interview", args=[session_id])}
    chip = render_to_string("sessions/_save_chip.html", context)
    return HttpResponse(chip, status=200 if result.is_saved else 409)


def _refused(request: UserRequest, session_id: UUID, form: DraftForm) -> HttpResponse:
    """Say what is wrong with what was sent: as the chip to a background save, as a page to a click."""
    status = 413 if form.is_too_long else 422
    template = "sessions/_save_refused.html" if request.htmx else "sessions/refused.html"
    context = {"form": form, "interview_url": reverse("interview", args=[session_id])}
    return render(request, template, context, status=status)


def _question_action(action: QuestionAction) -> Callable[..., HttpResponse]:
    """Make a view of an action on one question: own sessions only, words saved first, an end is an arrival.

    A page without an editor (the answer was submitted before) sends no draft; then there is nothing to save.
    """

    @require_POST
    @candidate_required
    @wraps(action)
    def view(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
        session = _own_session(request, session_id)
        if "base_revision" in request.POST:
            form = DraftForm(request.POST)
            if not form.is_valid():
                return _refused(request, session.pk, form)
            result = _save(request, session.pk, question_id, form.draft)
            if result.status is lifecycle.SaveStatus.STALE:
                url = reverse("interview", args=[session.pk])
                context = {"result": result, "mine": form.draft, "interview_url": url}
                return render(request, "sessions/conflict.html", context, status=409)
        if session.is_closed(request.now):
            return redirect("report", session_id=session.pk)
        try:
            return action(request, session, question_id)
        except lifecycle.SessionOverError:
            return redirect("report", session_id=session.pk)
        except (SessionQuestion.DoesNotExist, Answer.DoesNotExist) as error:
            raise Http404 from error

    return view


# --- Actions on a question ---------------------------------------------------------------------------------------


@_question_action
def submit(request: UserRequest, session: InterviewSession, question_id: UUID) -> HttpResponse:
    """Close the answer and go on to the next question. What cannot be graded at all is given back instead."""
    question = SessionQuestion.objects.select_related("answer", "version").get(pk=question_id, session=session)
    if problem := _cannot_be_submitted(question):
        lifecycle.open_question(session=session, question_id=question.pk, now=request.now)
        return _question_page(request, session, problem=problem)
    lifecycle.submit_answer(session=session, question_id=question_id, now=request.now)
    return _go_on(request, session, after=question.position)


def _cannot_be_submitted(question: SessionQuestion) -> str:
    """Return why submitting would waste the answer, or "": it is empty, or not one unmistakable number."""
    if not question.answer.has_words:
        return _("There is nothing to submit yet. Write an answer, or skip the question and come back to it.")
    if question.version.kind == Kind.NUMERIC and question.answer.is_open:
        try:
            read_number(question.answer.body)
        except UnreadableNumberError as error:
            return str(error)
    return ""


@_question_action
def skip(request: UserRequest, session: InterviewSession, question_id: UUID) -> HttpResponse:
    question = SessionQuestion.objects.get(pk=question_id, session=session)
    with suppress(lifecycle.AnswerClosedError):  # submitted in another tab: going on is what was wanted
        lifecycle.skip_question(session=session, question_id=question_id, now=request.now)
    return _go_on(request, session, after=question.position)


def _go_on(request: UserRequest, session: InterviewSession, *, after: int) -> HttpResponse:
    questions = list(SessionQuestion.objects.filter(session=session).select_related("answer").order_by("position"))
    following = lifecycle.next_question(questions, after=after)
    if following is None:
        return redirect("interview_finish", session_id=session.pk)
    lifecycle.open_question(session=session, question_id=following.pk, now=request.now)
    return redirect("interview", session_id=session.pk)


@_question_action
def go(request: UserRequest, session: InterviewSession, question_id: UUID) -> HttpResponse:
    """Go to the question named by `to`, from the palette or by keyboard."""
    try:
        target = UUID(request.POST.get("to", ""))
    except ValueError as error:
        raise Http404 from error
    lifecycle.open_question(session=session, question_id=target, now=request.now)
    return redirect("interview", session_id=session.pk)


@_question_action
def flag(request: UserRequest, session: InterviewSession, question_id: UUID) -> HttpResponse:
    flagged = request.POST.get("flagged") == "1"
    lifecycle.set_flag(session=session, question_id=question_id, flagged=flagged, now=request.now)
    return redirect("interview", session_id=session.pk)


@_question_action
def leave(request: UserRequest, session: InterviewSession, question_id: UUID) -> HttpResponse:
    """Go to the page that asks whether to finish; by now the words are saved."""
    return redirect("interview_finish", session_id=session.pk)


# --- The end -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@candidate_required
def finish(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Ask whether to finish, saying what would be left open; finish when asked to."""
    session = _own_session(request, session_id)
    if request.method == "POST":
        _finish(request, session)
    if request.method == "POST" or session.is_over(request.now):
        return redirect("report", session_id=session.pk)
    questions = list(SessionQuestion.objects.filter(session=session).select_related("answer").order_by("position"))
    context = {
        "session": session,
        "open_questions": [question for question in questions if question.answer.is_open],
        "total": len(questions),
        "current": next((question for question in questions if question.current_since), questions[0]),
        "remaining_ms": session.remaining_ms(request.now),
    }
    return render(request, "sessions/finish.html", context)


def _finish(request: UserRequest, session: InterviewSession) -> None:
    if lifecycle.finish_session(session_id=session.pk, now=request.now):
        enqueue_after_commit(tasks.compile_report, str(session.pk))


@require_POST
@candidate_required
def expire(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
    """The browser's clock reached zero: save the words that came with it, and end the session if ours agrees."""
    session = _own_session(request, session_id)
    form = DraftForm(request.POST)
    over = session.is_over(request.now)
    last_words = form.draft if form.is_valid() else form.cut_draft if over else None
    result = _save(request, session.pk, question_id, last_words) if last_words else None
    if over:
        _finish(request, session)
        return HttpResponseClientRedirect(reverse("report", args=[session.pk]))
    return _chip(session.pk, result) if result else _refused(request, session.pk, form)


_question = "interviews/<uuid:session_id>/questions/<uuid:question_id>"
urlpatterns = [
    path("interviews/<uuid:session_id>/", interview, name="interview"),
    path("interviews/<uuid:session_id>/finish/", finish, name="interview_finish"),
    path("interviews/<uuid:session_id>/clock/", clock, name="interview_clock"),
    path(f"{_question}/draft/", draft, name="interview_draft"),
    path(f"{_question}/submit/", submit, name="interview_submit"),
    path(f"{_question}/skip/", skip, name="interview_skip"),
    path(f"{_question}/go/", go, name="interview_go"),
    path(f"{_question}/flag/", flag, name="interview_flag"),
    path(f"{_question}/leave/", leave, name="interview_leave"),
    path(f"{_question}/expire/", expire, name="interview_expire"),
]
