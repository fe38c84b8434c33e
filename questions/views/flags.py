"""Flags: the queue for curators and the answer to one; and for whoever sent some, what became of them.

Where a flag is sent from is a page of an interview: `sessions.views.flagging`.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviewprep.accounts.access import login_required
from interviewprep.celery import enqueue_after_commit
from interviewprep.http import UserRequest
from questions import flagging, tasks
from questions.models import Flag, QuestionVersion, Topic
from questions.views.access import curator_required

QUESTIONS_PER_PAGE = 20
FLAGS_PER_PAGE = 30


# --- The queue ------------------------------------------------------------------------------------------------------


class FilterForm(forms.Form):
    """What the queue shows: open flags unless something else is asked for."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("open", gettext_lazy("Open")),
            ("answered", gettext_lazy("Answered")),
            ("all", gettext_lazy("All")),
        ],
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), required=False, choices=[("", gettext_lazy("Any")), *Flag.Reason.choices]
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Sent by"), required=False, choices=[("", gettext_lazy("Anybody")), *Flag.Role.choices]
    )
    area = forms.ChoiceField(label=gettext_lazy("Area"), required=False)
    question = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict) -> None:
        super().__init__({"state": "open"} | data.dict())
        areas = Topic.objects.areas().order_by("order", "name").values_list("slug", "name")
        self.fields["area"].choices = [("", _("Any")), *areas]  # type: ignore[attr-defined]  # of a field with choices

    @property
    def filters(self) -> dict[str, str]:
        """Return what is filtered for; a value that is no choice filters nothing."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


@require_safe
@never_cache
@curator_required
def flags(request: UserRequest) -> HttpResponse:
    """Flagged questions, those with most flags first, each with its flags."""
    form = FilterForm(request.GET)
    filters = form.filters
    page = Paginator(flagging.flagged_questions(filters=filters), QUESTIONS_PER_PAGE).get_page(request.GET.get("page"))
    by_question = flagging.flags_on(list(page), filters=filters)
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "groups": [(question, by_question[question.pk]) for question in page],
        "is_filtered": any(filters.get(name) for name in ("reason", "role", "area", "question"))
        or filters.get("state") != "open",
        "query": kept.urlencode(),
    }
    return render(request, "bank/flags.html", context)


# --- The answer -----------------------------------------------------------------------------------------------------


class AnswerForm(forms.Form):
    """What became of a flag. What cannot be chosen, for want of a later version or of another flag, is not offered."""

    state = forms.ChoiceField(
        label=gettext_lazy("Answer"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose an answer.")},
    )
    fixed_in = forms.ChoiceField(label=gettext_lazy("Which version fixes it?"), required=False)
    duplicate_of = forms.ChoiceField(label=gettext_lazy("Which flag says the same?"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note to the sender"),
        required=False,
        max_length=flagging.MAX_NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("They read it on their page and in a mail."),
    )

    def __init__(self, *args: Any, flag: Flag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        question, number = flag.version.question_id, flag.version.number
        later = QuestionVersion.objects.published().filter(question=question, number__gt=number).order_by("-number")
        same = Flag.objects.filter(version__question=question).exclude(pk=flag.pk).select_related("version")
        self.versions = {str(version.pk): version for version in later}
        self.originals = {str(other.pk): other for other in same.exclude(state=Flag.State.DUPLICATE)}
        states = [(Flag.State.UNCHANGED, _("No change, because …"))]
        if self._offers("fixed_in", {key: _version_label(version) for key, version in self.versions.items()}):
            states.insert(0, (Flag.State.FIXED, _("Fixed in a later version")))
        if self._offers("duplicate_of", {key: _flag_label(other) for key, other in self.originals.items()}):
            states.append((Flag.State.DUPLICATE, _("Somebody flagged the same before")))
        self.fields["state"].choices = states  # type: ignore[attr-defined]  # of a field that has choices

    def _offers(self, name: str, labels: dict[str, str]) -> bool:
        self.fields[name].choices = [("", _("Choose one")), *labels.items()]  # type: ignore[attr-defined]  # likewise
        if not labels:
            del self.fields[name]
        return bool(labels)

    @property
    def answer(self) -> flagging.Answer:
        data = self.cleaned_data
        return flagging.Answer(
            state=Flag.State(data["state"]),
            note=data["note"],
            fixed_in=self.versions.get(data.get("fixed_in", "")),
            duplicate_of=self.originals.get(data.get("duplicate_of", "")),
        )


def _version_label(version: QuestionVersion) -> str:
    return _("Version %(number)d: %(title)s") % {"number": version.number, "title": version.title}


def _flag_label(flag: Flag) -> str:
    words = {"reason": flag.get_reason_display(), "number": flag.version.number, "note": flag.note[:60]}
    return _("%(reason)s, version %(number)d: %(note)s") % words


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@curator_required
def flag(request: UserRequest, flag_id: UUID) -> HttpResponse:
    """One flag with the version it is about, and the form for its answer."""
    related = Flag.objects.select_related("version__question__topic", "answered_by", "fixed_in", "duplicate_of")
    found = get_object_or_404(related, pk=flag_id)
    typed = {
        "state": found.state,
        "fixed_in": found.fixed_in_id,
        "duplicate_of": found.duplicate_of_id,
        "note": found.answer,
    }
    form = AnswerForm(request.POST or None, flag=found, initial={} if found.is_open else typed)
    if request.method == "POST" and form.is_valid() and _answered(request, found, form):
        return redirect("bank:flags")
    context = {"flag": found, "version": found.version, "question": found.version.question, "form": form}
    return render(request, "bank/flag.html", context, status=422 if form.errors else 200)


def _answered(request: UserRequest, found: Flag, form: AnswerForm) -> bool:
    try:
        flagging.answer_flag(flag_id=found.pk, actor=request.user, answer=form.answer, now=request.now)
    except flagging.FlagRefusedError as refusal:
        form.add_error(None, str(refusal))
        return False
    for owed in [found, *found.duplicates.all()]:
        enqueue_after_commit(tasks.mail_flag_answer, str(owed.pk))
    messages.success(request, _("The flag is answered, and its sender will hear of it."))
    return True


# --- One's own ------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@login_required
def your_flags(request: UserRequest) -> HttpResponse:
    """What became of the flags one has sent. Looking at an answer marks it as read."""
    page = Paginator(flagging.flags_of(request.user), FLAGS_PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    flagging.mark_read(flags=shown, now=request.now)
    return render(request, "bank/your_flags.html", {"page": page, "flags": shown})


@require_POST
@login_required
def your_flag_withdraw(request: UserRequest, flag_id: UUID) -> HttpResponse:
    """Take a flag back that nobody has answered yet."""
    if flagging.withdraw_flag(flag_id=flag_id, sender=request.user):
        messages.success(request, _("Your flag is taken back."))
    else:
        get_object_or_404(Flag.objects.of(request.user), pk=flag_id)
        messages.info(request, _("This flag has an answer already, so it stays."))
    return redirect("bank:your_flags")


urlpatterns = [
    path("flags/", flags, name="flags"),
    path("flags/<uuid:flag_id>/", flag, name="flag"),
    path("flags/yours/", your_flags, name="your_flags"),
    path("flags/<uuid:flag_id>/withdraw/", your_flag_withdraw, name="your_flag_withdraw"),
]
