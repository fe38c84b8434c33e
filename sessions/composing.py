"""Which questions a session gets: a draw from the published bank, reproducible from its seed.

Reads the bank and the candidate's past; writes nothing. The same plan, bank, past and seed give the same questions.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions.models import Question, QuestionVersion
from sessions.models import InterviewPlan, PlanSection, SessionQuestion


@dataclass(frozen=True, slots=True)
class DrawnQuestion:
    section_name: str
    version: QuestionVersion


class PlanTooThinError(Exception):
    """A section of the plan asks for more questions than the bank has for it."""

    def __init__(self, *, section: str, wanted: int, found: int) -> None:
        self.section, self.wanted, self.found = section, wanted, found
        super().__init__(
            _("The section “%(section)s” needs %(wanted)d questions, and the bank has %(found)d that fit.")
            % {"section": section, "wanted": wanted, "found": found}
        )


def shortfalls(sections: Iterable[PlanSection]) -> list[PlanTooThinError]:
    """Return what keeps these sections from being filled, for the start page; empty when nothing does.

    Takes one statement for all sections, with their topics prefetched.
    """
    named = {f"section_{number}": section for number, section in enumerate(sections)}
    counts = {name: Count("pk", filter=_fits(section)) for name, section in named.items()}
    found = Question.objects.published().aggregate(**counts)
    return [
        PlanTooThinError(section=section.name, wanted=section.count, found=found[name])
        for name, section in named.items()
        if found[name] < section.count
    ]


def draw_questions(*, plan: InterviewPlan, candidate: User, seed: int) -> list[DrawnQuestion]:
    """Draw the plan's questions: unseen ones first, then those seen longest ago; ties are broken by the seed.

    Raises PlanTooThinError when a section cannot be filled.
    """
    rng = random.Random(seed)  # noqa: S311  a draw that must be repeatable, not secret
    last_seen = _last_seen(candidate)
    drawn: list[DrawnQuestion] = []
    taken: set[UUID] = set()
    for section in plan.sections.prefetch_related("topics"):
        fitting = list(fitting_questions(section).exclude(pk__in=taken))
        chosen = choose(fitting, count=section.count, last_seen=last_seen, rng=rng)
        if len(chosen) < section.count:
            raise PlanTooThinError(section=section.name, wanted=section.count, found=len(fitting))
        taken.update(question.pk for question in chosen)
        drawn.extend(DrawnQuestion(section.name, _current(question)) for question in chosen)
    if not drawn:
        raise PlanTooThinError(section=plan.name, wanted=1, found=0)
    return drawn


def fitting_questions(section: PlanSection) -> QuerySet[Question]:
    """Return the published questions this section may draw, in a stable order."""
    return Question.objects.published().filter(_fits(section)).select_related("current_version").order_by("slug")


def _fits(section: PlanSection) -> Q:
    """An area stands for all topics below it, and no topic for any."""
    fits = Q(current_version__kind__in=section.kinds, current_version__difficulty__in=section.difficulties)
    topics = list(section.topics.all())
    return fits & (Q(topic__in=topics) | Q(topic__area__in=topics)) if topics else fits


def choose(
    questions: Iterable[Question], *, count: int, last_seen: Mapping[UUID, datetime], rng: random.Random
) -> Sequence[Question]:
    """Choose up to `count` questions, never seen before seen long ago before seen lately."""
    shuffled = list(questions)
    rng.shuffle(shuffled)
    never = [question for question in shuffled if question.pk not in last_seen]
    seen = sorted((q for q in shuffled if q.pk in last_seen), key=lambda question: last_seen[question.pk])
    return [*never, *seen][:count]


def _last_seen(candidate: User) -> dict[UUID, datetime]:
    """Return when the candidate was last given each question, by question id."""
    rows = (
        SessionQuestion.objects.filter(session__candidate=candidate)
        .values_list("version__question")
        .annotate(last=Max("session__started_at"))
    )
    return dict(rows)


def _current(question: Question) -> QuestionVersion:
    assert question.current_version is not None, "published() only gives questions with a version"
    return question.current_version
