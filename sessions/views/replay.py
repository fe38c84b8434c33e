"""How an answer grew: its text after any of its saves, with what that save changed. Reads only.

Whoever may read the transcript may read this. Without scripts every step is a link or a form; with htmx the same
address answers with its part of the page alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from interviewprep.accounts.access import candidate_required
from interviewprep.http import UserRequest
from questions.content import Choice
from sessions import growth, history, reviews
from sessions.grading.answers import decode_choices
from sessions.growth import GrowthRow
from sessions.history import Change, Growth
from sessions.models import InterviewSession, SessionQuestion


@dataclass(frozen=True, slots=True)
class Step:
    """One save as shown: the how-manieth recorded one it is, its neighbours, and what it changed."""

    number: int
    row: GrowthRow
    previous: GrowthRow | None
    next: GrowthRow | None
    change: Change | None


@dataclass(frozen=True, slots=True)
class ChoiceStep:
    """A choice at a step: whether it is taken, and whether this save is what changed that."""

    choice: Choice
    is_taken: bool
    is_new: bool


@require_safe
@never_cache
@candidate_required
def replay(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
    """Show an answer as it stood after the save `?revision=n`; without one, or beyond the record, after the last."""
    visible = InterviewSession.objects.visible_to(request.user).select_related("candidate")
    session = get_object_or_404(visible, pk=session_id)
    if not session.is_finished:
        return redirect("report", session_id=session.pk)
    questions = SessionQuestion.objects.filter(session=session).select_related("answer", "version", "session")
    question = get_object_or_404(questions, pk=question_id)
    context = _grown(question, request.GET.get("revision", "")) | {
        "session": session,
        "question": question,
        "number": reviews.number_of(question),
        "is_own": session.candidate_id == request.user.pk,
    }
    return render(request, "sessions/_replay.html" if request.htmx else "sessions/replay.html", context)


def _grown(question: SessionQuestion, asked_for: str) -> dict[str, object]:
    """Return all that the part below the heading shows."""
    grown = history.growth_of(question.answer)
    rows = growth.growth_rows(grown, since=_beginning(question, grown))
    chart = growth.growth_chart(rows)
    step = _step(grown, rows, asked_for)
    return {
        "growth": grown,
        "first": rows[0] if rows else None,
        "chart": chart,
        "step": step,
        "step_place": growth.across(step.row, chart) if step else "",
        "choices": _choices(question, grown, step) if step else [],
        "longest_pause": max(rows[1:], key=lambda row: row.pause_ms, default=None),
        "overtaken": reviews.overtaken_drafts_of(question.answer),
    }


def _beginning(question: SessionQuestion, grown: Growth) -> datetime:
    """Return when the time in the picture begins: when the question was opened first, or with its first save."""
    moments = [question.first_opened_at or question.session.started_at, *(save.saved_at for save in grown.saves[:1])]
    return min(moments)


def _step(grown: Growth, rows: Sequence[GrowthRow], asked_for: str) -> Step | None:
    """Return the last recorded save up to the number asked for; the last of all for what is not a number."""
    if not rows:
        return None
    wanted = int(asked_for) if asked_for.isdecimal() and len(asked_for) < 10 else grown.revision
    index = max((i for i, row in enumerate(rows) if row.save.revision <= wanted), default=0)
    row = rows[index]
    return Step(
        number=index + 1,
        row=row,
        previous=rows[index - 1] if index else None,
        next=rows[index + 1] if index + 1 < len(rows) else None,
        change=grown.change_at(row.save.revision),
    )


def _choices(question: SessionQuestion, grown: Growth, step: Step) -> list[ChoiceStep]:
    """Return the question's choices as they stood at a step; none for a question without choices."""
    revision = step.row.save.revision
    text, before = grown.text_at(revision), grown.text_at(revision - 1)
    if text is None:
        return []
    taken, earlier = decode_choices(text), decode_choices(before if before is not None else text)
    return [
        ChoiceStep(choice, is_taken=choice.key in taken, is_new=(choice.key in taken) != (choice.key in earlier))
        for choice in question.version.content.choices
        if not question.is_follow_up
    ]


urlpatterns = [
    path("interviews/<uuid:session_id>/questions/<uuid:question_id>/replay/", replay, name="replay"),
]
