"""Plans that people compose: saving, deleting, and making one out of what a report says is weak.

The only writer of plans outside the admin and the shipped file. Sessions are never touched: they copied what they need.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions.models import Question
from sessions.models import Appointment, InterviewPlan, InterviewSession, Mode, PlanSection, SessionQuestion
from sessions.models.plans import all_difficulties, all_kinds
from sessions.reports import ReportData

MAX_OWN_PLANS = 50
MAX_PRACTICE_QUESTIONS = 5
# Of these so many are the missed questions themselves; the others ask for the same in other words.
MISSED_AGAIN = 2


class TooManyPlansError(Exception):
    """Somebody has as many plans of their own as there can be."""

    def __init__(self) -> None:
        super().__init__(
            _("You have %(n)d plans of your own, the most there can be. Delete one first.") % {"n": MAX_OWN_PLANS}
        )


class NothingToPractiseError(Exception):
    """The report names nothing weak, or the bank has no published question about it any more."""


@dataclass(frozen=True, slots=True)
class SectionDraft:
    """A section as somebody composed it; `topics` and `questions` are ids."""

    name: str
    count: int
    kinds: Sequence[str]
    difficulties: Sequence[str]
    topics: Collection[UUID | str] = ()
    questions: Collection[UUID | str] = ()


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan as somebody composed it. `fields` are those of InterviewPlan that say how it runs and is called."""

    fields: dict[str, object]
    sections: Sequence[SectionDraft]


def editable_by(user: User) -> QuerySet[InterviewPlan]:
    """Return the plans a user may change: their own, and for a curator those of the house."""
    own = Q(owner=user)
    return InterviewPlan.objects.filter(own | Q(owner=None) if user.is_curator else own)


@transaction.atomic
def save_plan(
    *,
    draft: PlanDraft,
    author: User,
    plan: InterviewPlan | None = None,
    new_id: UUID | None = None,
    is_house: bool = False,
) -> InterviewPlan:
    """Save a new plan, or `plan` anew; a new one is the author's own unless it `is_house`. An edit moves no owner.

    A new plan gets `new_id`; saving it twice is saving one plan. Raises TooManyPlansError.
    """
    if plan is None:
        plan = _new_plan(draft, author, new_id or uuid.uuid4(), is_house=is_house)
    for name, value in draft.fields.items():
        setattr(plan, name, value)
    plan.save()
    plan.sections.all().delete()
    sections = PlanSection.objects.bulk_create(
        PlanSection(
            plan=plan,
            position=position,
            name=part.name,
            count=part.count,
            kinds=part.kinds,
            difficulties=part.difficulties,
        )
        for position, part in enumerate(draft.sections, 1)
    )
    _link(sections, draft.sections)
    return plan


def _new_plan(draft: PlanDraft, author: User, plan_id: UUID, *, is_house: bool) -> InterviewPlan:
    """Return the plan to fill, not saved yet unless the same form was sent before. Raises TooManyPlansError."""
    _queue_behind(author)
    if sent_before := editable_by(author).filter(pk=plan_id).first():
        return sent_before
    if InterviewPlan.objects.filter(pk=plan_id).exists():  # somebody else's: not to be had by knowing its id
        plan_id = uuid.uuid4()
    if is_house:
        slug = slugify(str(draft.fields["name"]))[:50] or "plan"
        is_taken = InterviewPlan.objects.filter(slug=slug).exists()
        return InterviewPlan(id=plan_id, slug=f"{slug}-{plan_id.hex[:8]}" if is_taken else slug)
    _make_room(author)
    return InterviewPlan(id=plan_id, slug=f"own-{plan_id.hex}", owner=author)


def _queue_behind(author: User) -> None:
    """Wait for whatever else is being saved for the same person: two clicks, two tabs."""
    User.objects.select_for_update(no_key=True).get(pk=author.pk)


def _make_room(author: User) -> None:
    """Count what somebody has, behind their queue. Raises TooManyPlansError."""
    if InterviewPlan.objects.filter(owner=author).count() >= MAX_OWN_PLANS:
        raise TooManyPlansError


def _link(sections: Sequence[PlanSection], drafts: Sequence[SectionDraft]) -> None:
    """Write which topics and picked questions the sections have, in two statements for all of them."""
    pairs = list(zip(sections, drafts, strict=True))
    topics, questions = PlanSection.topics.through, PlanSection.questions.through
    topics.objects.bulk_create(
        topics(plansection_id=section.pk, topic_id=topic) for section, part in pairs for topic in part.topics
    )
    questions.objects.bulk_create(
        questions(plansection_id=section.pk, question_id=question)
        for section, part in pairs
        for question in part.questions
    )


class PlanNeededError(Exception):
    """An appointment still needs the plan."""


@transaction.atomic
def delete_plan(plan: InterviewPlan, *, owner: User, now: datetime) -> None:
    """Delete a plan, unless an appointment needs it; raises PlanNeededError. Interviews started from it stay.

    Behind the lock under which appointments are made: none can come in between.
    """
    _queue_behind(owner)
    if Appointment.objects.filter(plan=plan).upcoming(now).exists():
        raise PlanNeededError
    plan.delete()


# --- What to practise after a report ------------------------------------------------------------------------------


@transaction.atomic
def practise_report(*, session: InterviewSession, report: ReportData, candidate: User) -> InterviewPlan:
    """Return the candidate's practice plan for a report, composed the first time it is asked for.

    Raises NothingToPractiseError and TooManyPlansError.
    """
    slug = f"practice-{session.pk.hex}"
    _queue_behind(candidate)
    if found := InterviewPlan.objects.filter(slug=slug, owner=candidate).first():
        return found
    questions = questions_to_practise(report, candidate)
    if not questions:
        raise NothingToPractiseError
    _make_room(candidate)
    plan = InterviewPlan(slug=slug, owner=candidate, mode=Mode.PRACTICE, time_limit_seconds=None)
    plan.name = _practice_name(report.plan_name, session.started_at)
    plan.save()
    section = PlanSection.objects.create(
        plan=plan,
        position=1,
        name=_("What was weak"),
        count=len(questions),
        kinds=all_kinds(),
        difficulties=all_difficulties(),
    )
    section.questions.set(Question.objects.filter(pk__in=questions))
    return plan


def _practice_name(plan_name: str, at: datetime) -> str:
    day = date_format(at, "j M Y")
    frame = _("Practice after “%(plan)s”, %(day)s")
    room = 100 - len(frame % {"plan": "", "day": day})
    return frame % {"plan": plan_name if len(plan_name) <= room else f"{plan_name[: room - 1]}…", "day": day}


def questions_to_practise(report: ReportData, candidate: User) -> list[UUID]:
    """Return up to five published questions about what a report says was missed, in the order of its list.

    Other questions of the weak topics come first, taking the topics in turn and those never asked before others; up
    to two of the missed questions themselves are among the five, and more where the bank has no others.
    """
    topics = list(dict.fromkeys(item.topic_slug for item in report.practice))
    missed_ids = list(dict.fromkeys(item.question_id for item in report.practice))
    in_report = {question.question_id for question in report.questions}
    missed = _published_among(missed_ids)
    others = _others(topics, in_report, candidate)
    reserved = min(len(missed), MISSED_AGAIN)
    chosen = [*others[: MAX_PRACTICE_QUESTIONS - reserved], *missed]
    return chosen[:MAX_PRACTICE_QUESTIONS]


def _published_among(session_question_ids: Sequence[UUID]) -> list[UUID]:
    """Return the bank's questions behind these questions of a session, in their order, without the retired ones."""
    rows = SessionQuestion.objects.filter(
        pk__in=session_question_ids, version__question__in=Question.objects.published()
    ).values_list("pk", "version__question")
    behind = dict(rows)
    return list(dict.fromkeys(behind[pk] for pk in session_question_ids if pk in behind))


def _others(topics: Sequence[str], in_report: Collection[UUID], candidate: User) -> list[UUID]:
    asked = SessionQuestion.objects.filter(session__candidate=candidate, version__question=OuterRef("pk"))
    rows = (
        Question.objects.published()
        .filter(topic__slug__in=topics)
        .exclude(pk__in=SessionQuestion.objects.filter(pk__in=in_report).values("version__question"))
        .annotate(was_asked=Exists(asked))
        .order_by("was_asked", "slug")
        .values_list("topic__slug", "pk")
    )
    by_topic: dict[str, list[UUID]] = {topic: [] for topic in topics}
    for topic, question in rows:
        by_topic[topic].append(question)
    return list(_in_turn(by_topic.values()))


def _in_turn(lists: Iterable[Sequence[UUID]]) -> Iterable[UUID]:
    """Yield the first of each list, then the second of each, and so on."""
    return (item for item in chain.from_iterable(zip_longest(*lists)) if item is not None)
