"""Where candidates and mentors flag a question they were shown: from a report, a transcript, or an answer in practice.

Says who may flag what; the flag itself is `questions.flagging`'s. Never while a mock interview runs, and in practice
only what was submitted: whoever flags has seen the answer.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from interviewprep.accounts.access import login_required
from interviewprep.accounts.models import User
from interviewprep.http import UserRequest
from questions import flagging
from questions.models import Flag
from sessions import reviews
from sessions.models import Answer, InterviewSession, SessionQuestion


class FlagForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("What is wrong with it?"),
        choices=Flag.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what fits best.")},
    )
    note = forms.CharField(
        label=gettext_lazy("What exactly?"),
        required=False,
        max_length=flagging.MAX_NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For example the sentence that is wrong, and what would be right."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def flag_question(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
    """Flag a question, or change what one said of it as long as nobody has answered."""
    question = _flaggable(request.user, session_id, question_id)
    own = question.session.candidate_id == request.user.pk
    sent = flagging.open_flag(version_id=question.version_id, sender=request.user)
    form = FlagForm(request.POST or None, initial={"reason": sent.reason, "note": sent.note} if sent else None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, question, form, sent=sent)
    try:
        flagging.send_flag(
            version=question.version,
            sender=request.user,
            role=Flag.Role.CANDIDATE if own else Flag.Role.MENTOR,
            reason=Flag.Reason(form.cleaned_data["reason"]),
            note=form.cleaned_data["note"],
            now=request.now,
        )
    except flagging.FlagRefusedError as refusal:
        form.add_error("note", str(refusal))
        return _form(request, question, form, sent=sent)
    return _sent(request, question)


def _flaggable(user: User, session_id: UUID, question_id: UUID) -> SessionQuestion:
    """Return a question that `user` was shown with its answer; 404 for anything else."""
    questions = SessionQuestion.objects.select_related("session", "version", "answer").filter(follow_up="")
    question = get_object_or_404(questions, pk=question_id, session=session_id)
    session = question.session
    if not InterviewSession.objects.visible_to(user).filter(pk=session.pk).exists():
        raise Http404
    if not session.is_finished and not (session.is_practice and question.answer.state == Answer.State.SUBMITTED):
        raise Http404
    return question


def _form(request: UserRequest, question: SessionQuestion, form: FlagForm, *, sent: Flag | None) -> HttpResponse:
    """Show the form: alone for htmx, else inside a page of its own."""
    context = {"form": form, "question": question, "sent": sent, "back_url": _back_url(request.user, question)}
    template = "sessions/_flag_form.html" if request.htmx else "sessions/flag_question.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _sent(request: UserRequest, question: SessionQuestion) -> HttpResponse:
    if request.htmx:
        context = {"question_id": question.pk, "session": question.session, "flagged": {question.pk}, "just_sent": True}
        return render(request, "sessions/_flag_link.html", context)
    messages.success(request, _("Thank you. The curators read it, and their answer comes to “Your flags”."))
    return redirect(_back_url(request.user, question))


def _back_url(user: User, question: SessionQuestion) -> str:
    """Return where the question was read."""
    session = question.session
    if not session.is_finished:
        return reverse("interview", args=[session.pk])
    name = "report" if session.candidate_id == user.pk else "transcript"
    return f"{reverse(name, args=[session.pk])}#question-{reviews.number_of(question)}"


def flagged_in(session: InterviewSession, user: Any) -> set[UUID]:
    """Return which questions of a session carry an open flag by `user`. One statement; none for guests."""
    if user.is_guest:
        return set()
    mine = Flag.objects.of(user).open().values("version")
    return set(SessionQuestion.objects.filter(session=session, version__in=mine).values_list("pk", flat=True))


urlpatterns = [
    path("interviews/<uuid:session_id>/questions/<uuid:question_id>/flag-it/", flag_question, name="flag_question"),
]
