"""A question's own page: what interviews show of it, its versions with their reviews and comments, and its history;
and what changed between any two of its versions.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from interviewprep.http import UserRequest
from questions import curating, worddiff
from questions.content import Content
from questions.curating import Entry, VersionState
from questions.curating.sentences import field_label
from questions.importing.unfinished import imported_words
from questions.models import Flag, Question, QuestionVersion
from questions.views.access import CURATE, reader_required
from questions.views.steps import steps_of

EVENTS_PER_PAGE = 50


@require_safe
@never_cache
@reader_required
def question(request: UserRequest, question_id: UUID) -> HttpResponse:
    """One question: the version that interviews get, or the one asked for with `?version=`."""
    found = _question(question_id)
    reviews = curating.reviews_of(found)
    states = curating.versions_of(found, reviews)
    may_curate = request.user.has_perm(CURATE)
    context: dict[str, Any] = {
        "question": found,
        "states": states,
        "may_curate": may_curate,
        "open_flags": Flag.objects.open().filter(version__question=found).count() if may_curate else 0,
        "history": _history(request, found),
    }
    if not states:
        context["begun"] = imported_words(found)
    if states:
        shown = _shown(request, found, states)
        context["steps"] = steps_of(found, states, shown, request.user) if may_curate else []
        context |= version_context(shown.version.pk) | {
            "shown": shown,
            "newest": states[0],
            "reviews": [review for review in reviews if review.version_id == shown.version.pk],
            "compared": _compared(states, shown),
        }
    return render(request, "bank/question.html", context)


def _question(question_id: UUID) -> Question:
    return get_object_or_404(Question.objects.select_related("topic__area", "current_version"), pk=question_id)


def _shown(request: UserRequest, found: Question, states: Sequence[VersionState]) -> VersionState:
    """Return the version that `?version=` asks for, else the current one, else the newest."""
    wanted = request.GET.get("version", "")
    for state in states:
        if str(state.version.number) == wanted:
            return state
    if wanted:
        raise Http404
    return next((state for state in states if state.is_current), states[0])


def _compared(states: Sequence[VersionState], shown: VersionState) -> VersionState | None:
    """Return what the shown version is best compared with: what is current, or the one before it."""
    current = next((state for state in states if state.is_current), None)
    if current and current is not shown:
        return current
    return next((state for state in states if state.version.number < shown.version.number), None)


def version_context(version_id: UUID) -> dict[str, Any]:
    """Return what `bank/_version.html` shows: one version in full, with its comments."""
    related = QuestionVersion.objects.select_related("question__topic__area", "statistics")
    version = get_object_or_404(related, pk=version_id)
    comments = list(version.comments.select_related("author", "resolved_by"))
    return {
        "version": version,
        "content": version.content,
        "answer_max_kb": settings.INTERVIEW_ANSWER_MAX_BYTES // 1024,
        "comments": [(comment, field_label(comment.field)) for comment in comments],
        "comment_fields": [(name, field_label(name)) for name in Content.model_fields],
    }


def _history(request: UserRequest, found: Question) -> dict[str, Any]:
    """Return a page of events, and what it says as entries."""
    page = Paginator(curating.history_of(found), EVENTS_PER_PAGE).get_page(request.GET.get("events"))
    return {"page": page, "entries": [Entry(event) for event in page]}


@require_safe
@never_cache
@reader_required
def diff(request: UserRequest, question_id: UUID) -> HttpResponse:
    """What changed between two versions, `?old=` and `?new=`; else between what is current and the newest."""
    found = _question(question_id)
    states = curating.versions_of(found, curating.reviews_of(found))
    if len(states) < 2:
        raise Http404
    new = _numbered(states, request.GET.get("new")) or states[0]
    old = _numbered(states, request.GET.get("old")) or _compared(states, new) or states[-1]
    context = {"question": found, "states": states, "old": old, "new": new}
    return render(request, "bank/diff.html", context | {"changes": changes(old.version.pk, new.version.pk)})


def _numbered(states: Sequence[VersionState], number: str | None) -> VersionState | None:
    return next((state for state in states if str(state.version.number) == number), None)


def changes(old_id: UUID, new_id: UUID) -> list[tuple[str, worddiff.FieldChange]]:
    """Return every changed field with what people call it. One statement."""
    versions = QuestionVersion.objects.in_bulk([old_id, new_id])
    found = worddiff.diff_contents(versions[old_id].content, versions[new_id].content)
    return [(field_label(change.name), change) for change in found]


urlpatterns = [
    path("<uuid:question_id>/", question, name="question"),
    path("<uuid:question_id>/diff/", diff, name="diff"),
]
