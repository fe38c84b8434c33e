"""From the items of a run to questions: all of them in one transaction, or none.

What was found when the file was read is looked at once more, because the bank may have changed since. Nothing is
published here but by whoever may publish without a review; incomplete questions wait as drafts without a version.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils.text import slugify

from interviewprep.accounts.models import User
from questions import curating
from questions.content import Content
from questions.importing import duplicates, topics
from questions.importing.claims import Say
from questions.loading import lock_loads
from questions.models import ImportItem, ImportRun, Question, QuestionEvent, QuestionVersion, Review, Topic
from questions.publishing import add_version
from questions.recording import event, record_all

BATCH = 500
SLUG_LENGTH = 60

Choice, Outcome, State = ImportItem.Choice, ImportItem.Outcome, ImportItem.State


@dataclass(frozen=True, slots=True)
class _New:
    """A question that is about to be: its rows, and the item it comes from. Without a version it is unfinished."""

    item: ImportItem
    question: Question
    version: QuestionVersion | None


def store(*, run: ImportRun, user: User | None, say: Say, now: datetime) -> list[Topic]:
    """Make the questions of `run`, and return the topics that had to be made. The caller holds the transaction."""
    lock_loads()
    duplicates.refresh()
    _compare_again(run)
    places, made = topics.resolve(run, topics.Atlas())
    topics.remember(places)
    slugs = _Slugs()
    total, done = run.items.count(), 0
    for batch in _batches(run):
        new = [_new(item, places[topics.joined(item.topics)], slugs, run, user, now) for item in _added(batch)]
        _create(new, run, user, now)
        for item in batch:
            if item.decided == Choice.VERSION:
                _revise(item, run, user, now)
        _note_outcomes(batch)
        done += len(batch)
        say(done, total)
    run.items.filter(outcome=Outcome.NONE).update(outcome=Outcome.SKIPPED)
    return made


def _compare_again(run: ImportRun) -> None:
    """Look for duplicates once more. One that appeared since is left out, unless somebody has chosen otherwise."""
    matcher = duplicates.Matcher()
    for batch in _batches(run):
        before = [(item.match, item.matched_id, item.matched_position) for item in batch]
        matcher.match(batch)
        changed = [
            item
            for item, old in zip(batch, before, strict=True)
            if (item.match, item.matched_id, item.matched_position) != old
        ]
        ImportItem.objects.bulk_update(changed, ["match", "matched", "matched_position"])


def _batches(run: ImportRun) -> Iterator[list[ImportItem]]:
    """Yield the items that may become questions, some at a time, in their order."""
    last = 0
    items = run.items.importable().order_by("position")
    while batch := list(items.filter(position__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].position


def _added(batch: Iterable[ImportItem]) -> Iterator[ImportItem]:
    return (item for item in batch if item.decided == Choice.ADD)


def _note_outcomes(items: Sequence[ImportItem]) -> None:
    """Keep what became of the items, in one statement with lists: a CASE for each row takes ten times as long."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE questions_importitem item"
            " SET outcome = became.outcome, question_id = became.question, version_id = became.version"
            " FROM unnest(%s::bigint[], %s::text[], %s::uuid[], %s::uuid[]) AS became (id, outcome, question, version)"
            " WHERE item.id = became.id",
            [
                [item.pk for item in items],
                [item.outcome or Outcome.SKIPPED for item in items],
                [item.question_id for item in items],
                [item.version_id for item in items],
            ],
        )


# New questions


class _Slugs:
    """The slugs that are taken, by the bank or by this import."""

    def __init__(self) -> None:
        self.taken = set(Question.objects.values_list("slug", flat=True))

    def take(self, wanted: str) -> str:
        base = wanted[:SLUG_LENGTH].strip("-") or "question"
        slug, number = base, 2
        while slug in self.taken:
            ending = f"-{number}"
            slug, number = base[: SLUG_LENGTH - len(ending)].rstrip("-") + ending, number + 1
        self.taken.add(slug)
        return slug


def _new(item: ImportItem, topic: Topic, slugs: _Slugs, run: ImportRun, user: User | None, now: datetime) -> _New:
    slug = slugs.take(item.slug or slugify(str(item.values.get("title", ""))))
    question = Question(id=uuid.uuid4(), slug=slug, topic=topic, created_at=now)
    item.question, item.outcome = question, Outcome.UNFINISHED
    if item.state == State.INCOMPLETE:
        return _New(item, question, None)
    # A complete item's values are what `Content` made of them when the file was read, with its digest.
    version = QuestionVersion(
        question=question, number=1, digest=item.digest, created_by=user, created_at=now, **item.values
    )
    if run.target == ImportRun.Target.PUBLISHED:
        version.published_at = now
    elif run.target == ImportRun.Target.REVIEW:
        question.status = Question.Status.IN_REVIEW
    item.version, item.outcome = version, Outcome.ADDED
    return _New(item, question, version)


def _create(new: Sequence[_New], run: ImportRun, user: User | None, now: datetime) -> None:
    """Insert rows with their versions, reviews and events, in the same few statements however many they are."""
    Question.objects.bulk_create(one.question for one in new)
    versions = QuestionVersion.objects.bulk_create(one.version for one in new if one.version)
    kinds = [QuestionEvent.Kind.CREATED]
    if run.target == ImportRun.Target.REVIEW:
        kinds.append(QuestionEvent.Kind.SUBMITTED)
        Review.objects.bulk_create(
            Review(version=version, digest=version.digest, submitted_by=user, submitted_at=now) for version in versions
        )
    elif run.target == ImportRun.Target.PUBLISHED:
        kinds.append(QuestionEvent.Kind.PUBLISHED)
        own = QuestionVersion.objects.filter(question=OuterRef("pk")).values("pk")[:1]
        ids = [version.question_id for version in versions]
        Question.objects.filter(pk__in=ids).update(status=Question.Status.PUBLISHED, current_version=Subquery(own))
    record_all(
        event(question=version.question, version=version, kind=kind, actor=user, now=now, imported=run.filename)
        for version in versions
        for kind in kinds
    )


# New versions


def _revise(item: ImportItem, run: ImportRun, user: User | None, now: datetime) -> None:
    """Add the item's words as a draft of the question it repeats. An import never publishes over what is there."""
    if item.matched_id is None or item.state != State.COMPLETE:
        item.outcome = Outcome.SKIPPED
        return
    question = Question.objects.get(pk=item.matched_id)
    before = question.versions.order_by("-number").values_list("pk", flat=True).first()
    version = add_version(question=question, content=Content.parse(item.values), author=user, now=now)
    if version.pk == before:
        item.outcome = Outcome.SKIPPED
        return
    item.question, item.version, item.outcome = question, version, Outcome.VERSION
    if run.target == ImportRun.Target.REVIEW and user is not None:
        curating.submit(version=version, actor=user, now=now)
