"""Taking an import back: everything it made goes, as long as nothing else uses it.

What uses a question is asked of the database's own relations, whatever application they belong to: an interview that
drew it, a review that was decided, somebody's comment, edit or unsaved words. Then nothing is undone, and is said why.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, ForeignObjectRel, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions.importing.claims import Say
from questions.models import (
    BankEntry,
    ImportItem,
    ImportRun,
    ItemStatistics,
    Question,
    QuestionEvent,
    QuestionVersion,
    Review,
    Topic,
    VersionFingerprint,
)
from questions.recording import event, record_all

BATCH = 500
MOST_NAMED = 20

Outcome = ImportItem.Outcome

# What only repeats or counts what a question is, and goes with it without a loss.
BOOKKEEPING: frozenset[type[Model]] = frozenset(
    {ImportItem, VersionFingerprint, BankEntry, ItemStatistics, QuestionEvent, QuestionVersion, Question, Review}
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why one question of an import cannot go any more."""

    title: str
    slug: str
    reason: str


def obstacles(run: ImportRun) -> list[Obstacle]:
    """Return what stands in the way of undoing `run`, at most MOST_NAMED of each sort. Empty: it can be undone."""
    return [obstacle for reason, items in _checks(run) for obstacle in _named(items, reason)]


def _named(items: QuerySet[ImportItem], reason: str) -> Iterator[Obstacle]:
    for item in items.select_related("question").order_by("position")[:MOST_NAMED]:
        yield Obstacle(item.title, item.question.slug if item.question else "", reason)


def _checks(run: ImportRun) -> Iterator[tuple[str, QuerySet[ImportItem]]]:
    """Yield a reason and the items it holds for."""
    made = run.items.filter(question__isnull=False, outcome__in=[Outcome.ADDED, Outcome.UNFINISHED, Outcome.VERSION])
    new = made.exclude(outcome=Outcome.VERSION)
    assert run.imported_at is not None, "only an import that was made can be undone"
    yield _("was changed, published or commented on since"), _touched(made, run.imported_at)
    newer = QuestionVersion.objects.filter(
        question=OuterRef("question"), number__gt=Coalesce(OuterRef("version__number"), 0)
    )
    yield _("has a newer version"), made.filter(Exists(newer))
    for relation in _relations(Question):
        yield _used_by(relation), new.filter(_exists(relation, "question"))
    for relation in _relations(QuestionVersion):
        yield _used_by(relation), made.filter(_exists(relation, "version"))
    decided = Review.objects.filter(version=OuterRef("version")).exclude(state=Review.State.WAITING)
    yield _("has been reviewed"), made.filter(Exists(decided))


def _touched(items: QuerySet[ImportItem], imported_at: datetime) -> QuerySet[ImportItem]:
    """Items whose question has an event since, or whose words or place are no longer those of the file."""
    later = QuestionEvent.objects.filter(question=OuterRef("question"), at__gt=imported_at)
    edited = Q(version__isnull=False) & ~Q(version__digest=F("digest"))
    return items.filter(Exists(later) | edited | Q(outcome=Outcome.ADDED, version__isnull=True))


def _relations(model: type[Model]) -> Iterator[ForeignObjectRel]:
    """Yield what points at `model` from anywhere, but for its own bookkeeping."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.related_model not in BOOKKEEPING:
            yield relation


def _exists(relation: ForeignObjectRel, name: str) -> Exists:
    related: Any = relation.related_model
    return Exists(related._base_manager.filter(**{relation.field.name: OuterRef(name)}))


def _used_by(relation: ForeignObjectRel) -> str:
    related: Any = relation.related_model
    return str(_("is used by: %s") % related._meta.verbose_name)


# Undoing


class InUseError(Exception):
    """Something has begun to use what the import made."""


@transaction.atomic
def undo(*, run: ImportRun, user: User | None, say: Say, now: datetime) -> None:
    """Delete what `run` made. Raises InUseError, and deletes nothing, when something uses it."""
    made = run.items.filter(question__isnull=False)
    new_ids = list(made.filter(outcome__in=[Outcome.ADDED, Outcome.UNFINISHED]).values_list("question", flat=True))
    version_ids = list(made.filter(outcome=Outcome.VERSION).values_list("version", flat=True))
    # Whoever draws, edits or publishes one of them now waits, and then finds it gone.
    list(Question.objects.select_for_update().filter(pk__in=new_ids).order_by("pk").values_list("pk", flat=True))
    if obstacles(run):
        raise InUseError
    _throw_away_versions(version_ids, user, now)
    Question.objects.filter(pk__in=new_ids).update(current_version=None, status=Question.Status.DRAFT)
    for start in range(0, len(new_ids), BATCH):
        Question.objects.filter(pk__in=new_ids[start : start + BATCH]).delete()
        say(min(start + BATCH, len(new_ids)), len(new_ids))
    _delete_empty_topics(run)


def _throw_away_versions(ids: list[Any], user: User | None, now: datetime) -> None:
    versions = list(QuestionVersion.objects.select_related("question").filter(pk__in=ids))
    record_all(
        event(
            question=version.question,
            version=version,
            kind=QuestionEvent.Kind.DISCARDED,
            actor=user,
            now=now,
            title=version.title,
        )
        for version in versions
    )
    QuestionVersion.objects.filter(pk__in=ids).delete()


def _delete_empty_topics(run: ImportRun) -> None:
    """Take away the topics that the import made, first those below others, where nothing else has moved in."""
    for is_area in (False, True):
        made = Topic.objects.filter(slug__in=run.made_topics, area__isnull=is_area)
        made.filter(questions__isnull=True, topics__isnull=True).delete()
