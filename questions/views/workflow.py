"""What curators do with a question: submit, publish, retire, restore, throw a draft away.

Every view answers a GET with a page that says what will happen, and acts on POST. A refusal is said on the question's
page; the rules are those of `questions.curating`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from interviewprep.http import UserRequest
from questions import curating
from questions.curating.reviewing import MAX_NOTE_LENGTH
from questions.models import Question, QuestionVersion
from questions.views.access import curator_required


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=MAX_NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The page that asks before something is done. `note_label` is empty where there is nothing to say."""

    title: str
    words: str
    button: str
    note_label: str = ""
    is_loss: bool = False


def _ask(request: UserRequest, question: Question, asked: Asked, *, form: NoteForm | None = None) -> HttpResponse:
    form = form or NoteForm()
    form.fields["note"].label = asked.note_label
    context = {"question": question, "asked": asked, "form": form if asked.note_label else None}
    return render(request, "bank/question_action.html", context, status=422 if form.errors else 200)


def _version(version_id: UUID) -> QuestionVersion:
    return get_object_or_404(QuestionVersion.objects.select_related("question__current_version"), pk=version_id)


def to_question(question_id: UUID, number: int | None = None) -> HttpResponse:
    """Go to a question's page, to one of its versions if a number is given."""
    query = f"?version={number}" if number else ""
    return redirect(f"{reverse('bank:question', args=[question_id])}{query}#main")


def attempt(request: UserRequest, act: Callable[[], Any], done: str) -> bool:
    """Carry `act` out and say that it is done, or why it is refused; True if it was done."""
    try:
        act()
    except curating.RefusedError as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, done)
    return True


# --- A version ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@curator_required
def submit(request: UserRequest, version_id: UUID) -> HttpResponse:
    """Ask for a review of a version."""
    version = _version(version_id)
    asked = Asked(
        title=_("Submit version %d for review") % version.number,
        words=_("Somebody else reads it and approves it, or sends it back. Changing it meanwhile withdraws it."),
        button=_("Submit for review"),
        note_label=_("What should the reviewer look at?"),
    )
    form = NoteForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, version.question, asked, form=form)
    attempt(
        request,
        lambda: curating.submit(
            version=version, actor=request.user, message=form.cleaned_data["note"], now=request.now
        ),
        _("Version %d waits for a review by somebody else.") % version.number,
    )
    return to_question(version.question_id, version.number)


@require_http_methods(["GET", "HEAD", "POST"])
@curator_required
def publish(request: UserRequest, version_id: UUID) -> HttpResponse:
    """Let new interviews have a version."""
    version = _version(version_id)
    question = version.question
    if question.status == Question.Status.PUBLISHED and question.current_version_id == version.pk:
        messages.info(request, _("New interviews get version %d already.") % version.number)
        return to_question(question.pk)
    if request.method != "POST":
        return _ask(request, question, _asked_to_publish(version))
    done = attempt(
        request,
        lambda: curating.publish_version(version=version, actor=request.user, now=request.now, without_review=True),
        _("New interviews now get version %d. Interviews under way keep theirs.") % version.number,
    )
    return to_question(version.question_id, None if done else version.number)


def _asked_to_publish(version: QuestionVersion) -> Asked:
    words = _("New interviews get version %d from now on. Interviews under way, reports and transcripts keep theirs.")
    lines = [words % version.number]
    if not version.is_published and curating.approval_of(version) is None:
        lines.append(_("Nobody else has approved these words. The history will say that there was no review."))
    title = _("Make version %d current again") if version.is_published else _("Publish version %d")
    return Asked(title=title % version.number, words=" ".join(lines), button=title % version.number)


@require_http_methods(["GET", "HEAD", "POST"])
@curator_required
def discard(request: UserRequest, version_id: UUID) -> HttpResponse:
    """Throw away a version that was never published."""
    version = _version(version_id)
    if request.method != "POST":
        words = _(
            "Its words are lost, and so are its comments and its reviews; the history keeps what reviewers wrote and"
            " that it was thrown away. Nothing that interviews use is touched."
        )
        button = _("Throw version %d away") % version.number
        return _ask(request, version.question, Asked(title=button, words=words, button=button, is_loss=True))
    attempt(
        request,
        lambda: curating.discard_draft(version=version, actor=request.user, now=request.now),
        _("Version %d is thrown away.") % version.number,
    )
    return to_question(version.question_id)


# --- The question ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@curator_required
def retire(request: UserRequest, question_id: UUID) -> HttpResponse:
    """Take a question out of future interviews."""
    question = get_object_or_404(Question, pk=question_id)
    asked = Asked(
        title=_("Retire this question"),
        words=_(
            "No new interview asks it. Interviews under way keep it, and so do reports and transcripts. You can restore"
            " it at any time."
        ),
        button=_("Retire the question"),
        note_label=_("Why?"),
        is_loss=True,
    )
    form = NoteForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, question, asked, form=form)
    note = form.cleaned_data["note"]
    attempt(
        request,
        lambda: curating.retire_question(question=question, actor=request.user, note=note, now=request.now),
        _("The question is retired: no new interview asks it."),
    )
    return to_question(question.pk)


@require_POST
@curator_required
def restore(request: UserRequest, question_id: UUID) -> HttpResponse:
    """Let interviews ask a retired question again."""
    question = get_object_or_404(Question, pk=question_id)
    if curating.restore_question(question=question, actor=request.user, now=request.now):
        if question.current_version_id:
            messages.success(request, _("New interviews ask this question again, in the version that was current."))
        else:
            messages.success(request, _("The question is a draft again. It was never published."))
    return to_question(question.pk)


urlpatterns = [
    path("versions/<uuid:version_id>/submit/", submit, name="submit"),
    path("versions/<uuid:version_id>/publish/", publish, name="publish"),
    path("versions/<uuid:version_id>/discard/", discard, name="discard"),
    path("<uuid:question_id>/retire/", retire, name="retire"),
    path("<uuid:question_id>/restore/", restore, name="restore"),
]
