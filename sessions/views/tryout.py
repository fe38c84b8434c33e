"""Grading a pasted answer: what the grader finds in it, shown as a report would show it. For curators; stores nothing.

One page takes a question as it stands in the bank, the other what is just being typed into the bank's editor.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from interviewprep.http import UserRequest
from questions.content import Content, Kind
from questions.editing import typed as forms
from questions.editing.checking import gradable
from questions.models import Question, QuestionVersion
from questions.views.access import curator_required, reader_required
from sessions.bank_quality import grading_weaknesses
from sessions.grading import Band, Finding, Status, Verdict, band, grade
from sessions.grading.answers import encode_choices
from sessions.reports import Judgement

STORED = ("strong_sample", "middling_sample", "reference_answer")


@dataclass(frozen=True, slots=True)
class Tried:
    """An answer with its grade, as the report's templates read a question."""

    title: str
    kind: Kind
    body: str
    points: Decimal
    max_points: Decimal
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    question_id: UUID
    disputed: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()

    @property
    def has_words(self) -> bool:
        return bool(self.body.strip())

    @property
    def found(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.status in {Status.FOUND, Status.PARTLY})

    @property
    def band(self) -> Band | None:
        return band(self.verdicts)


def _tried(content: Content, body: str) -> Tried:
    body = body.replace("\r\n", "\n")[: settings.INTERVIEW_ANSWER_MAX_BYTES]
    result = grade(content, body)
    return Tried(
        title=content.title,
        kind=content.kind,
        body=body,
        points=result.points,
        max_points=result.max_points,
        verdicts=result.verdicts,
        findings=result.findings,
        question_id=uuid4(),
    )


def _words(source: str) -> str:
    """Return what the answer is that was graded."""
    return {
        "strong_sample": _("The strong sample"),
        "middling_sample": _("The middling sample"),
        "reference_answer": _("The reference answer"),
    }.get(source, _("Your answer"))


# --- What is just being typed ---------------------------------------------------------------------------------------


@require_POST
@never_cache
@curator_required
def try_form(request: UserRequest) -> HttpResponse:
    """Grade an answer, or one of the form's own texts, with the editor's form as it stands."""
    typed = forms.read(request.POST)
    source = request.POST.get("answer", "")
    content, faults = gradable(typed)
    context: dict[str, Any] = {"faults": faults, "words": _words(source), "is_form": True}
    if content is not None:
        body = typed[source] if source in STORED else request.POST.get("tried", "").replace("\x00", "")
        context |= {"tried": _tried(content, body), "weaknesses": _weaknesses(content, source, typed)}
    template = "sessions/_tryout_result.html" if request.htmx else "sessions/tryout_form.html"
    return render(request, template, context, status=200 if content else 422)


def _weaknesses(content: Content, source: str, typed: forms.Typed) -> list[str]:
    """Return what the bank's gate says of the question's own answers, when one of them was graded."""
    if source not in STORED or not typed["reference_answer"].strip():
        return []
    return [str(problem) for problem in grading_weaknesses(content) if problem.field.startswith((source, "key_points"))]


# --- A question of the bank -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@reader_required
def try_question(request: UserRequest, question_id: UUID) -> HttpResponse:
    """Grade an answer to a version of a question: the current one, or `?version=`."""
    question = get_object_or_404(Question.objects.select_related("topic__area", "current_version"), pk=question_id)
    version = _version(request, question)
    context: dict[str, Any] = {
        "question": question,
        "version": version,
        "chosen": frozenset(request.POST.getlist("choice")),
        "answer_max_kb": settings.INTERVIEW_ANSWER_MAX_BYTES // 1024,
        "stored": [(name, _words(name)) for name in STORED if version.kind == Kind.OPEN and getattr(version, name)],
    }
    if request.method == "POST":
        source = request.POST.get("answer", "")
        body = getattr(version, source) if source in STORED else _body(request, version)
        context |= {
            "tried": _tried(version.content, body),
            "words": _words(source),
            "weaknesses": [str(problem) for problem in grading_weaknesses(version.content)] if source in STORED else [],
            "typed": "" if source in STORED else body,
        }
    return render(request, "sessions/tryout.html", context)


def _version(request: UserRequest, question: Question) -> QuestionVersion:
    versions = question.versions.order_by("-number")
    wanted = request.GET.get("version", "")
    if wanted.isdecimal() and len(wanted) < 9:
        return get_object_or_404(versions, number=int(wanted))
    return question.current_version or get_object_or_404(versions[:1])


def _body(request: UserRequest, version: QuestionVersion) -> str:
    """Return the answer as an interview would keep it."""
    if version.kind in {Kind.SINGLE, Kind.MULTIPLE}:
        known = {choice["key"] for choice in version.choices}
        return encode_choices(key for key in request.POST.getlist("choice") if key in known)
    return request.POST.get("body", "").replace("\x00", "")


urlpatterns = [
    path("bank/try/", try_form, name="bank_try_form"),
    path("bank/<uuid:question_id>/try/", try_question, name="bank_try"),
]
