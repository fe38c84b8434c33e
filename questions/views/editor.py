"""The editor: writing a question beside what candidates will see of it.

The page's form holds everything; each press of a button sends all of it and gets all of it back, and a working copy
keeps it meanwhile. Looking at a preview stores nothing. Versions are saved by `questions.editing.saving`.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from interviewprep.http import UserRequest
from questions import curating, worddiff
from questions.curating import RefusedError
from questions.editing import copies, saving
from questions.editing import typed as forms
from questions.editing.alike import alike
from questions.editing.checking import Checked, Complaint, check, field_name
from questions.editing.copies import Base, CopyBehindError, CopyRefusedError
from questions.editing.showing import Control, controls, list_view, lists, preview
from questions.editing.typed import Typed
from questions.importing.unfinished import imported_words
from questions.models import Question, QuestionVersion, Topic, WorkingCopy
from questions.views.access import curator_required
from questions.views.question import changes

# What was kept so shortly before a button was pressed was on its way from the same page.
ON_ITS_WAY = timedelta(seconds=10)

# --- The form as a request brings it --------------------------------------------------------------------------------


@dataclass
class Draft:
    """What somebody is writing: the form, where it began, and which working copy keeps it."""

    typed: Typed
    question: Question | None
    base: Base
    copy_id: UUID = field(default_factory=uuid4)
    revision: int = 0
    kept: WorkingCopy | None = None

    @classmethod
    def posted(cls, request: UserRequest, question: Question | None) -> "Draft":
        data = request.POST
        return cls(
            typed=forms.read(data),
            question=question,
            base=Base(_uuid(data.get("base", "")), _digest(data.get("base_digest", ""))),
            copy_id=_uuid(data.get("copy", "")) or uuid4(),
            revision=int(number) if (number := data.get("revision", "")).isdecimal() and len(number) < 9 else 0,
        )

    @classmethod
    def of_copy(cls, copy: WorkingCopy) -> "Draft":
        base = Base(copy.base_id, copy.base_digest)
        return cls(forms.completed(copy.typed), copy.question, base, copy.pk, copy.revision, kept=copy)

    @property
    def is_new(self) -> bool:
        return self.question is None

    @property
    def checked(self) -> Checked:
        return check(self.typed, is_new=self.is_new)

    @property
    def address(self) -> str:
        return reverse("bank:edit", args=[self.question.pk]) if self.question else reverse("bank:new")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _digest(text: str) -> str:
    return text if re.fullmatch(r"[0-9a-f]{64}", text) else ""


def _keep(request: UserRequest, draft: Draft, *, even_if_behind: bool = False) -> WorkingCopy | None:
    """Keep what was typed; raises CopyRefusedError."""
    copy = copies.keep(
        copy_id=draft.copy_id,
        owner=request.user,
        question=draft.question,
        typed=draft.typed,
        base=draft.base,
        revision=draft.revision,
        now=request.now,
        even_if_behind=even_if_behind,
    )
    if copy:
        draft.copy_id, draft.revision = copy.pk, copy.revision
    return copy


# --- The pages ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@curator_required
def new(request: UserRequest) -> HttpResponse:
    """Write a new question, or with `?copy=` go on with one that was begun."""
    if request.method == "POST":
        return _answer(request, Draft.posted(request, None))
    if wanted := _uuid(request.GET.get("copy", "")):
        copy = copies.unfinished(request.user).filter(pk=wanted).first()
        return _page(request, Draft.of_copy(copy)) if copy else _gone(request, wanted)
    typed = forms.blank(author=request.user.display_name)
    if Topic.objects.filter(slug=(topic := request.GET.get("topic", "").replace("\x00", ""))).exists():
        typed["topic"] = topic
    return _page(request, Draft(typed, None, Base()))


def _gone(request: UserRequest, copy_id: UUID) -> HttpResponse:
    """Lead on from the address of a copy that is none any more; a question made of it has its id."""
    if Question.objects.filter(pk=copy_id).exists():
        return redirect("bank:question", copy_id)
    messages.info(request, _("What you had begun there was saved or thrown away meanwhile."))
    return redirect("bank:new")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@curator_required
def edit(request: UserRequest, question_id: UUID) -> HttpResponse:
    """Go on with a question: with one's own working copy, else with its newest version, or the one asked for."""
    question = get_object_or_404(Question.objects.select_related("topic__area"), pk=question_id)
    if request.method == "POST":
        return _answer(request, Draft.posted(request, question))
    if copy := copies.copy_of(request.user, question):
        copy.question = question
        if "version" in request.GET:
            messages.info(
                request, _("You had gone on writing already. To begin from that version, throw this away first.")
            )
        return _page(request, Draft.of_copy(copy))
    versions = question.versions.order_by("-number")
    newest = versions.first()
    begun = newest
    if (wanted := request.GET.get("version", "")).isdecimal() and len(wanted) < 9:
        begun = get_object_or_404(versions, number=int(wanted))
    if begun:
        typed = forms.of_content(begun.content)
    else:
        typed = imported_words(question) or forms.blank(author=request.user.display_name)
    return _page(request, Draft(typed, question, Base.of(newest)))


def _answer(request: UserRequest, draft: Draft) -> HttpResponse:
    """Do what the pressed button says: change a list, save, throw away, or just show the form again."""
    action = request.POST.get("do", "")
    if action == "discard":
        return _discard(request, draft)
    changed = forms.rearranged(draft.typed, action)
    if changed and request.htmx:
        listed = list_view(changed.name, changed.typed[changed.name], {})
        return render(request, "bank/_editor_list.html", {"list": listed, "focus": changed.focus})
    if changed:
        draft.typed = changed.typed
    try:
        draft.kept = _keep_pressed(request, draft)
    except CopyBehindError as refusal:
        return _behind(request, draft, refusal.stored)
    except CopyRefusedError as refusal:
        messages.error(request, str(refusal))
    if action in {"save", "submit", "save-over"}:
        return _save(request, draft, action)
    return _page(request, draft, focus=changed.focus if changed else "")


def _keep_pressed(request: UserRequest, draft: Draft) -> WorkingCopy | None:
    """Keep what a button was pressed with. Raises CopyBehindError only where another tab's words would be lost."""
    try:
        return _keep(request, draft)
    except CopyBehindError as refusal:
        stored = refusal.stored
        # What was on its way as the button was pressed is one revision ahead; more is what this form never had.
        if stored and (stored.revision > draft.revision + 1 or request.now - stored.saved_at > ON_ITS_WAY):
            raise
    return _keep(request, draft, even_if_behind=True)


def _behind(request: UserRequest, draft: Draft, stored: WorkingCopy | None) -> HttpResponse:
    """Show the form again, with a button that may now be pressed to put it in the place of newer words."""
    assert stored is not None, "else there would be nothing to lose"
    draft.copy_id, draft.revision = stored.pk, stored.revision
    words = _(
        "Nothing was saved: at %s UTC you had gone on writing in another tab, and those words are kept. To have the"
        " ones below instead, press once more."
    )
    messages.warning(request, words % f"{stored.saved_at:%H:%M}")
    return _page(request, draft, status=409)


def _discard(request: UserRequest, draft: Draft) -> HttpResponse:
    if copies.throw_away(owner=request.user, copy_id=draft.copy_id):
        messages.success(request, _("What you had typed is thrown away."))
    return redirect("bank:question", draft.question.pk) if draft.question else redirect("bank:questions")


# --- Saving ---------------------------------------------------------------------------------------------------------


def _save(request: UserRequest, draft: Draft, action: str) -> HttpResponse:
    """Save a version, or say at its fields what is missing."""
    content = draft.checked.content
    if content is None:
        return _page(request, draft, shows_missing=True, status=422)
    try:
        saved = _saved(request, draft, content, over=action == "save-over")
    except saving.OvertakenError as overtaken:
        if draft.question is None:
            _go_on_with(request, draft, overtaken.newest.question)
        return _conflict(request, draft, overtaken.newest)
    except saving.SlugTakenError as refusal:
        complaint = Complaint("slug", _("Short name"), str(refusal))
        return _page(request, draft, more=[complaint], shows_missing=True, status=422)
    number = saved.number
    messages.success(request, _("Version %d is saved. Nobody sees it before it is published.") % number)
    if action == "submit":
        _submit(request, saved)
    return redirect(f"{reverse('bank:question', args=[saved.question_id])}?version={number}#main")


def _saved(request: UserRequest, draft: Draft, content: Any, *, over: bool) -> QuestionVersion:
    who: dict[str, Any] = {"content": content, "actor": request.user, "now": request.now}
    if draft.question is None:
        topic = get_object_or_404(Topic, slug=draft.typed["topic"])
        return saving.create(topic=topic, slug=draft.typed["slug"], copy_id=draft.copy_id, **who)
    base = draft.base
    if over:
        # Confirmed after seeing exactly that version: what came after it is a conflict again.
        base = Base(_uuid(request.POST.get("seen", "")), _digest(request.POST.get("seen_digest", "")))
    return saving.save(question=draft.question, base=base, **who).version


def _go_on_with(request: UserRequest, draft: Draft, question: Question) -> None:
    """Another tab has made a question of these words meanwhile: what differs here goes on as a change of it."""
    copies.throw_away(owner=request.user, copy_id=draft.copy_id)
    draft.question, draft.copy_id, draft.revision = question, uuid4(), 0
    draft.kept = _keep(request, draft)


def _submit(request: UserRequest, version: QuestionVersion) -> None:
    try:
        curating.submit(version=version, actor=request.user, now=request.now)
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Version %d waits for a review by somebody else.") % version.number)


def _conflict(request: UserRequest, draft: Draft, newest: QuestionVersion) -> HttpResponse:
    """Show what somebody else saved meanwhile beside one's own words; both are kept, and one decides."""
    base = QuestionVersion.objects.filter(pk=draft.base.version_id).first() if draft.base.version_id else None
    context = {
        "newest": newest,
        "base": base,
        "their_changes": changes(base.pk, newest.pk) if base and base.pk != newest.pk else [],
        "own": draft.checked.content,
        "changes": _against(newest, draft),
    }
    return _page(request, draft, conflict=context, status=409)


def _against(newest: QuestionVersion, draft: Draft) -> list[Any]:
    content = draft.checked.content
    if content is None:
        return []
    return [(field_name(change.name), change) for change in worddiff.diff_contents(newest.content, content)]


# --- The page -------------------------------------------------------------------------------------------------------


def _page(
    request: UserRequest,
    draft: Draft,
    *,
    focus: str = "",
    shows_missing: bool = False,
    more: list[Complaint] | None = None,
    conflict: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    checked = draft.checked
    complaints = checked.at(with_missing=shows_missing)
    for complaint in more or []:
        complaints.setdefault(complaint.field, []).append(complaint)
    context: dict[str, Any] = {
        "draft": draft,
        "typed": draft.typed,
        "question": draft.question,
        "fields": (found := controls(draft.typed, complaints)),
        "number": _of_block(found, "number"),
        "code": _of_block(found, "code") | {"complaints": complaints.get("code", [])},
        "lists": lists(draft.typed, complaints),
        "focus": focus,
        "shows_missing": shows_missing,
        "faults": [*(checked.faults if shows_missing else []), *(more or [])],
        "conflict": conflict,
        "topics": Topic.objects.select_related("area").order_by("area__order", "area__name", "order", "name")
        if draft.is_new
        else [],
        "others": copies.others_writing(request.user, draft.question, now=request.now) if draft.question else [],
        "unfinished": copies.unfinished(request.user).exclude(pk=draft.copy_id)[:10] if draft.is_new else [],
    }
    return render(request, "bank/editor.html", context | _side(draft, checked), status=status)


def _of_block(found: dict[str, Control], block: str) -> dict[str, Any]:
    """Return the controls of a block by the second half of their names: templates cannot spell the whole."""
    return {name.removeprefix(f"{block}-"): control for name, control in found.items() if name.startswith(f"{block}-")}


def _side(draft: Draft, checked: Checked) -> dict[str, Any]:
    """Return what stands beside the form: what is wrong, what is alike, and what candidates will see."""
    typed = draft.typed
    topic = draft.question.topic if draft.question else Topic.objects.filter(slug=typed["topic"]).first()
    return {
        "checked": checked,
        "missing": list(dict.fromkeys(fault.label for fault in checked.missing)),
        "left_out": [field_name(name) for name in forms.left_out(typed)],
        "alike": alike(
            prompt=typed["prompt"],
            answer=typed["reference_answer"],
            but=draft.question.pk if draft.question else None,
        ),
        "answer_max_kb": settings.INTERVIEW_ANSWER_MAX_BYTES // 1024,
        **preview(typed, topic_name=topic.name if topic else _("no topic yet")),
    }


# --- While somebody writes ------------------------------------------------------------------------------------------


@require_POST
@never_cache
@curator_required
def editor_preview(request: UserRequest) -> HttpResponse:
    """What the form as it stands comes to. Nothing is stored."""
    question = _of_form(request)
    draft = Draft.posted(request, question)
    return render(request, "bank/_editor_side.html", {"typed": draft.typed, **_side(draft, draft.checked)})


def _of_form(request: UserRequest) -> Question | None:
    wanted = request.POST.get("question", "")
    if not wanted:
        return None
    return get_object_or_404(Question.objects.select_related("topic"), pk=_uuid(wanted))


@require_POST
@never_cache
@curator_required
def editor_keep(request: UserRequest) -> HttpResponse:
    """Keep what was typed in the working copy, and say when."""
    draft = Draft.posted(request, _of_form(request))
    try:
        copy = _keep(request, draft, even_if_behind="even_if_behind" in request.POST)
    except CopyBehindError as refusal:
        context = {"refusal": refusal, "is_behind": True}
        return render(request, "bank/_editor_kept.html", context, status=409)
    except CopyRefusedError as refusal:
        return render(request, "bank/_editor_kept.html", {"refusal": refusal}, status=422)
    return render(request, "bank/_editor_kept.html", {"kept": copy, "is_saved": copy is None, "swapped": copy})


@require_POST
@curator_required
def copy_discard(request: UserRequest, copy_id: UUID) -> HttpResponse:
    """Throw away a question that was begun."""
    if not copies.throw_away(owner=request.user, copy_id=copy_id):
        raise Http404
    messages.success(request, _("What you had typed is thrown away."))
    return redirect("bank:new")


urlpatterns = [
    path("new/", new, name="new"),
    path("<uuid:question_id>/edit/", edit, name="edit"),
    path("editor/preview/", editor_preview, name="editor_preview"),
    path("editor/keep/", editor_keep, name="editor_keep"),
    path("editor/copies/<uuid:copy_id>/discard/", copy_discard, name="copy_discard"),
]
