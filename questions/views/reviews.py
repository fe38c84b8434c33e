"""The review queue, the page on which a reviewer decides, and the comments on a version."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviewprep.http import UserRequest
from questions import curating
from questions.curating.reviewing import MAX_NOTE_LENGTH
from questions.models import QuestionVersion, Review, VersionComment
from questions.views.access import CURATE, curator_required
from questions.views.question import changes, version_context
from questions.views.workflow import Asked, attempt, to_question


@require_safe
@never_cache
@curator_required
def reviews(request: UserRequest) -> HttpResponse:
    """What waits for the reader's review, what came back to them, what they submitted, what can be published."""
    return render(request, "bank/reviews.html", {"queue": curating.queue_of(request.user), "now": request.now})


# --- Deciding -------------------------------------------------------------------------------------------------------


class DecisionForm(forms.Form):
    """The checklist, the note, and which of the three buttons was pressed."""

    checklist = forms.MultipleChoiceField(
        label=gettext_lazy("What I made sure of"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label=gettext_lazy("Note to the author"),
        required=False,
        max_length=MAX_NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, version: QuestionVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = [(item.key, item.text) for item in curating.checklist_of(version)]
        self.fields["checklist"].choices = items  # type: ignore[attr-defined]  # of a field that has choices


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@curator_required
def review(request: UserRequest, review_id: UUID) -> HttpResponse:
    """Read a version that waits for review, with what it changes, and approve it or send it back."""
    found = _review(review_id)
    version = found.version
    form = DecisionForm(request.POST or None, version=version)
    if request.method == "POST" and form.is_valid() and _decided(request, found, form):
        return to_question(version.question_id, version.number)
    current = version.question.current_version
    context = version_context(version.pk) | {
        "review": found,
        "question": version.question,
        "form": form,
        "may_review": curating.may_review(request.user, found),
        "may_curate": True,
        "current": current,
        "sent_back": _sent_back_before(version),
        "changes": changes(current.pk, version.pk) if current and current.pk != version.pk else [],
    }
    return render(request, "bank/review.html", context, status=422 if form.errors else 200)


def _review(review_id: UUID) -> Review:
    related = Review.objects.select_related(
        "version__question__topic__area",
        "version__question__current_version",
        "version__created_by",
        "submitted_by",
        "reviewer",
    )
    return get_object_or_404(related, pk=review_id)


def _sent_back_before(version: QuestionVersion) -> Review | None:
    """Return the last review that asked for changes in an earlier version: what was asked for should be in this one."""
    asked = Review.objects.decided().filter(state=Review.State.CHANGES, version__question=version.question_id)
    earlier = asked.filter(version__number__lt=version.number, version__published_at__isnull=True)
    return earlier.select_related("version", "reviewer").order_by("-version__number", "-decided_at").first()


def _decided(request: UserRequest, found: Review, form: DecisionForm) -> bool:
    """Carry out what the pressed button says; False with the reason in the form when it is refused."""
    told = {
        "review_id": found.pk,
        "actor": request.user,
        "checklist": form.cleaned_data["checklist"],
        "note": form.cleaned_data["note"],
        "now": request.now,
    }
    try:
        if request.POST.get("decision") == "changes":
            curating.request_changes(**told)
            messages.success(request, _("Version %d is sent back with your note.") % found.version.number)
        else:
            curating.approve(**told)
            messages.success(request, _("Version %d is approved.") % found.version.number)
    except curating.ChecklistError as refusal:
        form.add_error("checklist", str(refusal))
        return False
    except (curating.OwnWorkError, curating.ReviewClosedError) as refusal:
        form.add_error(None, str(refusal))
        return False
    except curating.RefusedError as refusal:
        form.add_error("note", str(refusal))
        return False
    if request.POST.get("decision") == "publish":
        attempt(
            request,
            lambda: curating.publish_version(version=found.version, actor=request.user, now=request.now),
            _("New interviews now get version %d. Interviews under way keep theirs.") % found.version.number,
        )
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@curator_required
def review_withdraw(request: UserRequest, review_id: UUID) -> HttpResponse:
    """Take a version out of review, or an approval back."""
    found = _review(review_id)
    number = found.version.number
    if request.method != "POST":
        context = {"question": found.version.question, "asked": _asked_to_withdraw(found)}
        return render(request, "bank/question_action.html", context)
    if curating.withdraw(review_id=found.pk, actor=request.user, now=request.now):
        messages.success(request, _("Version %d is no longer in review.") % number)
    return to_question(found.version.question_id, number)


def _asked_to_withdraw(found: Review) -> Asked:
    if found.is_approved:
        title, words = _("Take the approval back"), _("Version %d can then not be published without another review.")
    else:
        title, words = _("Withdraw from review"), _("Version %d leaves the queue. It can be submitted again.")
    return Asked(title=title, words=words % found.version.number, button=title)


# --- Comments -------------------------------------------------------------------------------------------------------


@require_POST
@curator_required
def comment(request: UserRequest, version_id: UUID) -> HttpResponse:
    """Comment on a version, or on one of its fields."""
    version = get_object_or_404(QuestionVersion, pk=version_id)
    body, field = request.POST.get("body", ""), request.POST.get("field", "")
    try:
        curating.add_comment(version=version, actor=request.user, body=body, field=field, now=request.now)
    except curating.RefusedError as refusal:
        return _comments(request, version.pk, refusal=str(refusal), body=body, field=field, status=422)
    return _after(request, version.pk, _("Your comment is saved."))


@require_POST
@curator_required
def comment_resolve(request: UserRequest, comment_id: UUID) -> HttpResponse:
    """Mark a comment as dealt with."""
    found = get_object_or_404(VersionComment, pk=comment_id)
    curating.resolve_comment(comment_id=found.pk, actor=request.user, now=request.now)
    return _after(request, found.version_id, _("The comment is resolved."))


@require_POST
@curator_required
def comment_reopen(request: UserRequest, comment_id: UUID) -> HttpResponse:
    """Undo that."""
    found = get_object_or_404(VersionComment, pk=comment_id)
    curating.reopen_comment(comment_id=found.pk, actor=request.user, now=request.now)
    return _after(request, found.version_id, _("The comment is open again."))


def _after(request: UserRequest, version_id: UUID, words: str) -> HttpResponse:
    if request.htmx:
        return _comments(request, version_id, saved=words)
    messages.success(request, words)
    version = QuestionVersion.objects.only("number", "question_id").get(pk=version_id)
    return redirect(f"{to_question(version.question_id, version.number)['Location'].removesuffix('#main')}#comments")


def _comments(request: UserRequest, version_id: UUID, *, status: int = 200, **parts: Any) -> HttpResponse:
    """Render the comments on a version: alone for htmx, else inside a page of their own."""
    context = version_context(version_id) | {"may_curate": request.user.has_perm(CURATE)}
    template = "bank/_comments.html" if request.htmx else "bank/comments.html"
    return render(request, template, context | parts, status=status)


urlpatterns = [
    path("reviews/", reviews, name="reviews"),
    path("reviews/<uuid:review_id>/", review, name="review"),
    path("reviews/<uuid:review_id>/withdraw/", review_withdraw, name="review_withdraw"),
    path("versions/<uuid:version_id>/comments/", comment, name="comment"),
    path("comments/<uuid:comment_id>/resolve/", comment_resolve, name="comment_resolve"),
    path("comments/<uuid:comment_id>/reopen/", comment_reopen, name="comment_reopen"),
]
