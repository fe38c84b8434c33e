"""What mentors open: their candidates' finished interviews, the transcript of one, and their comments on it.

A candidate opens the transcript of their own interview here too, once they rated, and reads the comments. Every
comment view answers with the same fragment, alone for htmx and inside a page without it.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from interviewprep.accounts.access import candidate_required, mentor_required
from interviewprep.accounts.models import Mentorship, User
from interviewprep.accounts.roster import roster_of
from interviewprep.http import Request, UserRequest
from sessions import reports, reviews
from sessions.models import InterviewSession, ReviewComment, SessionQuestion
from sessions.opinions import opinions_of
from sessions.views.flagging import flagged_in
from sessions.views.report import rating_first

SESSIONS_PER_PAGE = 20

CommentView = Callable[..., HttpResponse]


class CommentForm(forms.Form):
    body = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=reviews.MAX_COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Write something first.")},
    )

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        # A browser sends two characters for each line end and counts one.
        if data is not None:
            data = {"body": data.get("body", "").replace("\r\n", "\n")}
        super().__init__(data, *args, **kwargs)


# --- The list of candidates and sessions ---------------------------------------------------------------------------


@require_safe
@mentor_required
def mentoring(request: UserRequest) -> HttpResponse:
    """The candidates who let this mentor in, their finished interviews, and what waits for an answer."""
    candidates = _candidates(request.user)
    chosen = next((person for person in candidates if str(person.pk) == request.GET.get("candidate")), None)
    page = Paginator(_sessions_to_read(request.user, chosen), SESSIONS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "candidates": candidates,
        "chosen": chosen,
        "page": page,
        "rows": [(session, reports.stored_overall(getattr(session, "overall", None))) for session in page],
        "roster": roster_of(request.user, now=request.now),
    }
    return render(request, "sessions/mentoring.html", context)


def _candidates(mentor: User) -> list[User]:
    """Return who accepted this mentor, with the number of their finished interviews as `finished_count`."""
    consent = Mentorship.objects.active().filter(mentor=mentor).values("candidate")
    finished = InterviewSession.objects.finished().filter(candidate=OuterRef("pk")).order_by().values("candidate")
    count = Coalesce(Subquery(finished.annotate(n=Count("pk")).values("n")), 0)
    return list(User.objects.filter(pk__in=consent).annotate(finished_count=count).order_by("name", "email"))


def _sessions_to_read(mentor: User, chosen: User | None) -> QuerySet[InterviewSession]:
    """Return finished interviews, newest first, with the report's sums as `overall` and `my_comments` counted."""
    mine = ReviewComment.objects.filter(author=mentor, question__session=OuterRef("pk")).order_by()
    counted = mine.values("question__session").annotate(n=Count("pk")).values("n")
    consent = Mentorship.objects.active().filter(mentor=mentor).values("candidate")
    # `visible_to` decides; naming the candidates as well lets their index be used.
    sessions = InterviewSession.objects.visible_to(mentor).finished().filter(candidate__in=consent)
    sessions = sessions.exclude(candidate=mentor)
    if chosen:
        sessions = sessions.filter(candidate=chosen)
    return (
        sessions.select_related("candidate")
        .annotate(overall=F("report__data__overall"), my_comments=Coalesce(Subquery(counted), 0))
        .order_by("-finished_at", "-pk")
    )


# --- The transcript ------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@candidate_required
def transcript(request: UserRequest, session_id: UUID) -> HttpResponse:
    """A finished interview question by question: the words, what was found in them, the times, the comments."""
    visible = InterviewSession.objects.visible_to(request.user).select_related("candidate", "report", "self_review")
    session = get_object_or_404(visible, pk=session_id)
    if not session.is_finished:
        # The report's page knows whether it still runs, and records an end that nobody has recorded yet.
        return redirect("report", session_id=session.pk)
    if rating := rating_first(request, session):
        return rating
    read = reviews.transcript_of(session)
    is_own = session.candidate_id == request.user.pk
    context = {
        "session": session,
        "transcript": read,
        "is_own": is_own,
        "can_comment": not is_own,
        "can_tick": not is_own,
        "self_review": getattr(session, "self_review", None),
        "flagged": set() if is_own else flagged_in(session, request.user),
        "opinions": opinions_of(session),
        "form": CommentForm(),
    }
    return render(request, "sessions/transcript.html", context)


# --- Comments ------------------------------------------------------------------------------------------------------


def _mentor_action(view: CommentView) -> CommentView:
    """Let in a signed-in user. To a background request of anybody else, give their words back with what to do.

    The log-in page, or nothing, would be swapped in over a comment that somebody has just written.
    """

    @wraps(view)
    def wrapper(request: Request, **ids: UUID) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, **ids)
        if not request.htmx:
            return redirect_to_login(request.get_full_path())
        notice = _("You are signed out, so nothing was saved. Copy your words, sign in again, and paste them here.")
        return _unsaved(request, notice, status=401)

    return wrapper


@require_http_methods(["GET", "HEAD", "POST"])
@_mentor_action
def comments(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
    """The comments on one question, and where a new one is sent to."""
    question = _question(session_id, question_id)
    if not _may_comment(request.user, question):
        return _no_consent(request, question)
    if request.method != "POST":
        return _comments(request, question) if request.htmx else _back_to(question)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _comments(request, question, form=form, status=422)
    body = form.cleaned_data["body"]
    try:
        reviews.add_comment(author=request.user, question_id=question.pk, body=body, now=request.now)
    except reviews.NoConsentError:
        return _no_consent(request, question)
    except reviews.TooManyCommentsError:
        too_many = _("You have written %(n)d comments on this question, and no more fit. Edit one of them.")
        form.add_error("body", too_many % {"n": reviews.MAX_COMMENTS})
        return _comments(request, question, form=form, status=422)
    return _after_writing(request, question, _("Your comment is saved."))


@require_http_methods(["GET", "HEAD", "POST"])
@_mentor_action
def comment_edit(request: UserRequest, comment_id: UUID) -> HttpResponse:
    """Change one's own comment."""
    comment = _own_comment(request, comment_id)
    if not _may_comment(request.user, comment.question):
        return _no_consent(request, comment.question)
    form = CommentForm(request.POST) if request.method == "POST" else CommentForm({"body": comment.body})
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return _comments(request, comment.question, edit_form=form, editing=comment, status=status)
    body = form.cleaned_data["body"]
    try:
        reviews.edit_comment(author=request.user, comment_id=comment.pk, body=body, now=request.now)
    except reviews.NoConsentError:
        return _no_consent(request, comment.question)
    return _after_writing(request, comment.question, _("Your comment is changed."))


@require_http_methods(["GET", "HEAD", "POST"])
@_mentor_action
def comment_delete(request: UserRequest, comment_id: UUID) -> HttpResponse:
    """Delete one's own comment, once it is confirmed."""
    comment = _own_comment(request, comment_id)
    if not _may_comment(request.user, comment.question):
        return _no_consent(request, comment.question)
    if request.method != "POST":
        return _comments(request, comment.question, deleting=comment)
    with suppress(ReviewComment.DoesNotExist):
        try:
            reviews.delete_comment(author=request.user, comment_id=comment.pk)
        except reviews.NoConsentError:
            return _no_consent(request, comment.question)
    return _after_writing(request, comment.question, _("Your comment is deleted."))


def _question(session_id: UUID, question_id: UUID) -> SessionQuestion:
    """Return what can be commented on: a follow-up is read, and commented on, with the question it follows."""
    questions = SessionQuestion.objects.select_related("session").filter(follow_up="")
    return get_object_or_404(questions, pk=question_id, session=session_id)


def _own_comment(request: UserRequest, comment_id: UUID) -> ReviewComment:
    comments = ReviewComment.objects.select_related("question__session")
    return get_object_or_404(comments, pk=comment_id, author=request.user)


def _may_comment(user: User, question: SessionQuestion) -> bool:
    readable = InterviewSession.objects.visible_to(user).finished().exclude(candidate=user)
    return readable.filter(pk=question.session_id).exists()


def _no_consent(request: UserRequest, question: SessionQuestion) -> HttpResponse:
    """Answer 404, except to somebody whose mentorship ended while they wrote: they get their words back."""
    wrote = request.method == "POST" and request.htmx and "body" in request.POST
    # Nobody can have begun to write about an interview that still runs.
    readable_once = question.session.is_finished and reviews.had_consent(mentor=request.user, session=question.session)
    if not wrote or not readable_once:
        raise Http404
    notice = _("The candidate ended the mentorship, so this was not saved. Copy your words if you still need them.")
    return _unsaved(request, notice, status=409)


def _unsaved(request: Request, notice: str, *, status: int) -> HttpResponse:
    """Give the words back with what is wrong, and with nothing of the interview."""
    context = {"form": CommentForm(request.POST), "notice": notice, "action": request.path}
    return render(request, "sessions/_transcript_unsaved.html", context, status=status)


def _comments(request: UserRequest, question: SessionQuestion, *, status: int = 200, **parts: object) -> HttpResponse:
    """Render the comments on a question: alone for htmx, else inside a page of their own."""
    context = {
        "session_id": question.session_id,
        "question_id": question.pk,
        "position": reviews.number_of(question),
        "comments": reviews.comments_on(question.pk),
        "can_comment": True,
        "form": CommentForm(),
    }
    template = "sessions/_transcript_comments.html" if request.htmx else "sessions/transcript_comments.html"
    return render(request, template, context | parts, status=status)


def _after_writing(request: UserRequest, question: SessionQuestion, words: str) -> HttpResponse:
    if request.htmx:
        return _comments(request, question, saved=words)
    messages.success(request, words)
    return _back_to(question)


def _back_to(question: SessionQuestion) -> HttpResponse:
    return redirect(f"{reverse('transcript', args=[question.session_id])}#question-{reviews.number_of(question)}")


urlpatterns = [
    path("mentoring/", mentoring, name="mentoring"),
    path("interviews/<uuid:session_id>/transcript/", transcript, name="transcript"),
    path("interviews/<uuid:session_id>/questions/<uuid:question_id>/comments/", comments, name="comments"),
    path("comments/<uuid:comment_id>/", comment_edit, name="comment_edit"),
    path("comments/<uuid:comment_id>/delete/", comment_delete, name="comment_delete"),
]
