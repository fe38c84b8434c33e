"""Changing many questions at once: what it would change, doing all of it or nothing, and undoing it.

The only writer of BulkAction and BulkChange. The changes themselves are those of `questions.curating`, one question at
a time within one transaction. An action can be undone as long as each question still stands as the action left it.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions import curating
from questions.content import Content, ContentError, Difficulty
from questions.curating import RefusedError
from questions.models import BulkAction, BulkChange, Question, QuestionVersion, Review, Topic

MOST_AT_ONCE = 500
UNDOABLE_FOR = timedelta(days=7)
SHOWN_ACTIONS = 20

Kind = BulkAction.Kind
State = dict[str, str]
NEEDS_VALUE = frozenset({Kind.MOVE, Kind.ADD_TAG, Kind.REMOVE_TAG, Kind.DIFFICULTY})
WRITES_DRAFTS = frozenset({Kind.ADD_TAG, Kind.REMOVE_TAG, Kind.DIFFICULTY})


class BulkRefusedError(ValueError):
    """Nothing was changed; the message says why."""


# --- How a question stands ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """A question with what a bulk action reads and changes of it. `shown` is the version the browser shows."""

    question: Question
    newest: QuestionVersion | None
    review: Review | None

    @property
    def shown(self) -> QuestionVersion | None:
        """The draft that waits to be published, else the current version, else the newest."""
        current = self.question.current_version
        if self.newest and not self.newest.is_published and (not current or self.newest.number > current.number):
            return self.newest
        return current or self.newest

    @property
    def title(self) -> str:
        return self.shown.title if self.shown else self.question.slug

    @property
    def state(self) -> State:
        """Everything that has to be the same for an undo to be safe."""
        return {
            "status": self.question.status,
            "topic": str(self.question.topic_id),
            "current": str(self.question.current_version_id or ""),
            "newest": str(self.newest.pk) if self.newest else "",
            "digest": self.newest.digest if self.newest else "",
            "review": f"{self.review.pk} {self.review.state}" if self.review else "",
        }


def standings(ids: Collection[UUID], *, locked: bool = False) -> dict[UUID, Standing]:
    """Return how questions stand, by id, in the order of their slugs; three statements. Unknown ids are left out."""
    questions = Question.objects.filter(pk__in=ids).select_related("topic__area", "current_version").order_by("slug")
    if locked:
        questions = questions.select_for_update(of=("self",))
    rows = list(questions)
    versions = (
        QuestionVersion.objects.filter(question__in=rows).order_by("question_id", "-number").distinct("question_id")
    )
    newest = {version.question_id: version for version in versions.select_related(None)}
    living = Review.objects.living().filter(version__in=list(newest.values()))
    reviews = {review.version_id: review for review in living}
    return {
        row.pk: Standing(row, found := newest.get(row.pk), reviews.get(found.pk) if found else None) for row in rows
    }


# --- What it would change -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One question: what it says before and after, or why it cannot be done."""

    standing: Standing
    before: str
    after: str
    refusal: str = ""


@dataclass(frozen=True)
class Plan:
    """What an action would do. `same` are those that are so already; `seal` changes with anything it rests on."""

    kind: BulkAction.Kind
    value: str
    steps: Sequence[Step]
    same: Sequence[Standing]
    refused: Sequence[Step]

    @property
    def seal(self) -> str:
        facts = [[str(step.standing.question.pk), step.standing.state] for step in self.steps]
        text = json.dumps([self.kind, self.value, facts], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def plan(*, kind: BulkAction.Kind, value: str, ids: Collection[UUID], locked: bool = False) -> Plan:
    """Return what `kind` would do to the questions. Raises BulkRefusedError for a value that makes no sense."""
    if len(ids) > MOST_AT_ONCE:
        raise BulkRefusedError(_("At most %d questions can be changed at once. Narrow the search.") % MOST_AT_ONCE)
    value, look = _checked(kind, value), _LOOKS[kind]
    steps: list[Step] = []
    same: list[Standing] = []
    refused: list[Step] = []
    for standing in standings(ids, locked=locked).values():
        step = look(standing, value)
        if step is None:
            same.append(standing)
        elif step.refusal:
            refused.append(step)
        else:
            steps.append(step)
    return Plan(kind, value, steps, same, refused)


def _checked(kind: BulkAction.Kind, value: str) -> str:
    value = value.replace("\x00", "").strip()
    if kind == Kind.MOVE and not Topic.objects.filter(slug=value).exists():
        raise BulkRefusedError(_("Choose the topic to move them to."))
    if kind == Kind.DIFFICULTY and value not in Difficulty.values:
        raise BulkRefusedError(_("Choose the difficulty to set."))
    if kind in {Kind.ADD_TAG, Kind.REMOVE_TAG} and not _is_tag(value):
        raise BulkRefusedError(_("Enter one tag: lower-case letters, digits and hyphens, such as “class-imbalance”."))
    return value if kind in NEEDS_VALUE else ""


def _is_tag(value: str) -> bool:
    return len(value) <= 60 and value[:1].isalnum() and all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in value)


def _retire(standing: Standing, value: str) -> Step | None:
    status = Question.Status(standing.question.status)
    if status == Question.Status.RETIRED:
        return None
    return Step(standing, str(status.label), str(Question.Status.RETIRED.label))


def _restore(standing: Standing, value: str) -> Step | None:
    if standing.question.status != Question.Status.RETIRED:
        return None
    asked = standing.question.current_version_id is not None
    after = Question.Status.PUBLISHED if asked else Question.Status.DRAFT
    return Step(standing, str(Question.Status.RETIRED.label), str(after.label))


def _move(standing: Standing, value: str) -> Step | None:
    topic = standing.question.topic
    return None if topic.slug == value else Step(standing, topic.name, value)


def _rewrite(standing: Standing, value: str, field: str, say: Callable[[Any], str], changed: Any) -> Step | None:
    """Return the step to a new draft whose `field` is `changed`."""
    version = standing.shown
    assert version is not None, "asked before"
    if getattr(version, field) == changed:
        return None
    before, after = say(getattr(version, field)), say(changed)
    if standing.review:
        refusal = _("Version %d is in review, and a newer one would end that.") % standing.review.version.number
        return Step(standing, before, after, refusal)
    return Step(standing, before, after)


def _needs_version(look: Callable[[Standing, str], Step | None]) -> Callable[[Standing, str], Step | None]:
    def wrapper(standing: Standing, value: str) -> Step | None:
        if standing.shown is None:
            return Step(standing, "", "", _("It has no version yet."))
        return look(standing, value)

    return wrapper


@_needs_version
def _add_tag(standing: Standing, value: str) -> Step | None:
    tags = list(standing.shown.tags) if standing.shown else []
    return _rewrite(standing, value, "tags", _said_tags, tags if value in tags else [*tags, value])


@_needs_version
def _remove_tag(standing: Standing, value: str) -> Step | None:
    tags = list(standing.shown.tags) if standing.shown else []
    return _rewrite(standing, value, "tags", _said_tags, [tag for tag in tags if tag != value])


def _said_tags(tags: Sequence[str]) -> str:
    return ", ".join(tags) or _("no tags")


@_needs_version
def _set_difficulty(standing: Standing, value: str) -> Step | None:
    return _rewrite(standing, value, "difficulty", lambda each: str(Difficulty(each).label), value)


@_needs_version
def _submit(standing: Standing, value: str) -> Step | None:
    version, review = standing.shown, standing.review
    assert version is not None, "asked before"
    if review and review.is_waiting:
        return None
    before, after = _("version %d is a draft") % version.number, _("version %d waits for review") % version.number
    if review:
        return Step(standing, before, after, _("Version %d is approved already.") % version.number)
    if version.is_published:
        return Step(standing, before, after, _("There is no draft to submit."))
    return Step(standing, before, after)


_LOOKS: dict[BulkAction.Kind, Callable[[Standing, str], Step | None]] = {
    Kind.RETIRE: _retire,
    Kind.RESTORE: _restore,
    Kind.MOVE: _move,
    Kind.ADD_TAG: _add_tag,
    Kind.REMOVE_TAG: _remove_tag,
    Kind.DIFFICULTY: _set_difficulty,
    Kind.SUBMIT: _submit,
}


# --- Doing it -------------------------------------------------------------------------------------------------------


@transaction.atomic
def carry_out(
    *, kind: BulkAction.Kind, value: str, ids: Collection[UUID], seal: str, actor: User, now: datetime
) -> BulkAction:
    """Do exactly what the plan with this `seal` said, all of it or nothing, and return the record that undoes it.

    Raises BulkRefusedError when one of the questions stands differently by now, or one change is refused.
    """
    planned = plan(kind=kind, value=value, ids=ids, locked=True)
    if planned.seal != seal:
        raise BulkRefusedError(_("Some of these questions changed meanwhile, so nothing was done. Look again."))
    if not planned.steps:
        raise BulkRefusedError(_("There is nothing to change."))
    topic = Topic.objects.get(slug=planned.value) if kind == Kind.MOVE else None
    for step in planned.steps:
        try:
            _do(step.standing, planned, topic, actor, now)
        except (RefusedError, ContentError) as refusal:
            words = {"title": step.standing.title, "why": refusal}
            raise BulkRefusedError(_("Nothing was done, because of “%(title)s”: %(why)s") % words) from refusal
    return _remember(planned, actor, now)


def _do(standing: Standing, planned: Plan, topic: Topic | None, actor: User, now: datetime) -> None:
    question, version = standing.question, standing.shown
    match planned.kind:
        case Kind.RETIRE:
            curating.retire_question(question=question, actor=actor, now=now)
        case Kind.RESTORE:
            curating.restore_question(question=question, actor=actor, now=now)
        case Kind.MOVE:
            assert topic is not None, "the value was checked"
            curating.move_question(question=question, topic=topic, actor=actor, now=now)
        case Kind.SUBMIT:
            assert version is not None, "the plan refuses questions without a version"
            curating.submit(version=version, actor=actor, now=now)
        case _:
            assert version is not None, "the plan refuses questions without a version"
            content = _changed(version.content, planned.kind, planned.value)
            curating.write_draft(question=question, content=content, actor=actor, now=now)


def _changed(content: Content, kind: BulkAction.Kind, value: str) -> Content:
    raw = content.model_dump(mode="json")
    if kind == Kind.DIFFICULTY:
        raw["difficulty"] = value
    else:
        others = [tag for tag in raw["tags"] if tag != value]
        raw["tags"] = [*others, value] if kind == Kind.ADD_TAG else others
    return Content.parse(raw)


def _remember(planned: Plan, actor: User, now: datetime) -> BulkAction:
    action = BulkAction.objects.create(kind=planned.kind, value=planned.value, actor=actor, at=now)
    before = {step.standing.question.pk: step.standing.state for step in planned.steps}
    after = standings(before)
    BulkChange.objects.bulk_create(
        BulkChange(action=action, question_id=pk, before=state, after=after[pk].state) for pk, state in before.items()
    )
    return action


# --- Undoing it -----------------------------------------------------------------------------------------------------


def actions_of(actor: User, *, now: datetime) -> list[BulkAction]:
    """Return the actor's last actions that are young enough to be undone, or were undone, newest first."""
    recent = BulkAction.objects.filter(actor=actor, at__gte=now - UNDOABLE_FOR)
    return list(recent.order_by("-at")[:SHOWN_ACTIONS])


def last_undoable(actor: User, *, now: datetime) -> BulkAction | None:
    """Return the actor's last action, for an offer to undo it, unless it was undone."""
    last = BulkAction.objects.filter(actor=actor, at__gte=now - timedelta(hours=12)).order_by("-at").first()
    return last if last and last.undone_at is None else None


def changed_since(action: BulkAction) -> list[Standing]:
    """Return the questions that stand differently than `action` left them; what was deleted counts for nothing."""
    return _changed_since(action, standings(_question_ids(action)))


def _changed_since(action: BulkAction, now_standing: Mapping[UUID, Standing]) -> list[Standing]:
    after = dict(action.changes.values_list("question_id", "after"))
    talked = _talked_about(now_standing.values()) if action.kind in WRITES_DRAFTS else set()
    return [standing for pk, standing in now_standing.items() if standing.state != after[pk] or pk in talked]


def _talked_about(standings: Collection[Standing]) -> set[UUID]:
    """Return the questions whose newest version somebody has reviewed or commented on: that would go with it."""
    newest = [standing.newest for standing in standings if standing.newest]
    versions = QuestionVersion.objects.filter(pk__in=[version.pk for version in newest])
    talked = versions.filter(Q(comments__isnull=False) | Q(reviews__decided_at__isnull=False))
    return set(talked.values_list("question", flat=True))


def _question_ids(action: BulkAction) -> list[UUID]:
    return list(action.changes.values_list("question_id", flat=True))


@transaction.atomic
def undo(*, action_id: UUID, actor: User, now: datetime) -> BulkAction:
    """Take back everything that one of the actor's own actions did, or nothing.

    Raises BulkAction.DoesNotExist, and BulkRefusedError when it was undone already, is too old, or a question stands
    differently by now.
    """
    action = BulkAction.objects.select_for_update().get(pk=action_id, actor=actor)
    if action.undone_at:
        raise BulkRefusedError(_("This was undone already."))
    if action.at < now - UNDOABLE_FOR:
        raise BulkRefusedError(_("This was more than %d days ago.") % UNDOABLE_FOR.days)
    found = standings(_question_ids(action), locked=True)
    if changed := _changed_since(action, found):
        titles = ", ".join(f"“{standing.title}”" for standing in changed[:3])
        raise BulkRefusedError(_("Nothing was undone, because this has changed since: %s") % titles)
    before = dict(action.changes.values_list("question_id", "before"))
    for pk, standing in found.items():
        try:
            _take_back(action, standing, before[pk], actor, now)
        except (RefusedError, Topic.DoesNotExist) as refusal:
            words = {"title": standing.title, "why": refusal}
            raise BulkRefusedError(_("Nothing was undone, because of “%(title)s”: %(why)s") % words) from refusal
    action.undone_at = now
    action.save(update_fields=["undone_at"])
    return action


def _take_back(action: BulkAction, standing: Standing, before: State, actor: User, now: datetime) -> None:
    question = standing.question
    match Kind(action.kind):
        case Kind.RETIRE:
            curating.restore_question(question=question, actor=actor, now=now)
        case Kind.RESTORE:
            curating.retire_question(question=question, actor=actor, now=now)
        case Kind.MOVE:
            topic = Topic.objects.get(pk=before["topic"])
            curating.move_question(question=question, topic=topic, actor=actor, now=now)
        case Kind.SUBMIT:
            assert standing.review is not None, "it stands as the action left it"
            curating.withdraw(review_id=standing.review.pk, actor=actor, now=now)
        case _:
            assert standing.newest is not None, "it stands as the action left it"
            curating.discard_draft(version=standing.newest, actor=actor, now=now)
