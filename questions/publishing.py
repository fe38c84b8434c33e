"""Writes to the bank: new versions, publishing, retiring. The only writer of question status and current version.

What is done here is done: whether somebody may do it is asked in `questions.curating`, which pages call instead. Files
and commands call this module directly, and answer for what they publish. Every write leaves an event in the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from interviewprep.accounts.models import User
from questions.content import Content
from questions.models import Question, QuestionEvent, QuestionVersion, Review, Topic
from questions.recording import event, record, record_all

Kind = QuestionEvent.Kind
# What says where a question belongs, and nothing of what it asks.
LABELS = {"tags", "difficulty"}


class NothingToPublishError(Exception):
    """The question has no version that could be published."""


# --- Versions -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_version(
    *, question: Question, content: Content, author: User | None, now: datetime | None = None
) -> QuestionVersion:
    """Add `content` as the next draft version of `question`, or return the newest one if it says the same.

    What waits for review under an older number waits no longer: the newer words are the ones to read. Whoever changes
    no more than the labels of words that nobody has published yet has not written them: their author stays, and does
    not become somebody who may approve them.
    """
    locked = Question.objects.select_for_update().get(pk=question.pk)
    newest = locked.versions.order_by("-number").first()
    if newest and newest.digest == content.digest():
        return newest
    written_by = newest.created_by if newest and _differs_in_labels_only(newest, content) else None
    return _add(locked, content, author, now, written_by=written_by)


def _differs_in_labels_only(version: QuestionVersion, content: Content) -> bool:
    if version.is_published:
        return False
    return version.content.model_dump(exclude=LABELS) == content.model_dump(exclude=LABELS)


@transaction.atomic
def copy_to_draft(*, version: QuestionVersion, author: User | None, now: datetime | None = None) -> QuestionVersion:
    """Make a draft that says what `version` says, or return the newest version if it is such a draft already."""
    question = Question.objects.select_for_update().get(pk=version.question_id)
    newest = question.versions.order_by("-number").first()
    if newest and not newest.is_settled and newest.digest == version.digest:
        return newest
    written_by = None if version.is_published else version.created_by
    return _add(question, version.content, author, now, written_by=written_by, copied_from=version.number)


def _add(
    question: Question,
    content: Content,
    author: User | None,
    now: datetime | None,
    *,
    written_by: User | None = None,
    **facts: Any,
) -> QuestionVersion:
    version = _draft(question, next_number(question=question), content)
    version.created_by = written_by or author
    if now:
        version.created_at = now
    version.save()
    record(question=question, version=version, kind=Kind.CREATED, actor=author, now=now, **facts)
    withdraw_waiting(question=question, before=version.number, actor=author, now=now)
    return version


def next_number(*, question: Question) -> int:
    """Return the number of the next version; the caller holds the question's lock.

    A number is used once, also that of a draft that was thrown away: the log still speaks of it.
    """
    kept = question.versions.aggregate(Max("number"))["number__max"] or 0
    logged = question.events.aggregate(Max("version_number"))["version_number__max"] or 0
    return int(max(kept, logged)) + 1


def _draft(question: Question, number: int, content: Content) -> QuestionVersion:
    fields = content.model_dump(mode="json")
    return QuestionVersion(question=question, number=number, digest=content.digest(), **fields)


@dataclass(frozen=True, slots=True)
class NewQuestion:
    slug: str
    topic: Topic
    content: Content


@transaction.atomic
def create_published(*, questions: Sequence[NewQuestion], now: datetime) -> None:
    """Create many questions with a published first version, in the same few statements however many they are."""
    rows = [Question(slug=new.slug, topic=new.topic, created_at=now) for new in questions]
    versions = [_draft(row, 1, new.content) for row, new in zip(rows, questions, strict=True)]
    Question.objects.bulk_create(rows)
    for row, version in zip(rows, versions, strict=True):
        version.created_at = version.published_at = now
        row.status, row.current_version = Question.Status.PUBLISHED, version
    QuestionVersion.objects.bulk_create(versions)
    Question.objects.bulk_update(rows, ["status", "current_version"])
    record_all(
        event(question=row, version=version, kind=Kind.PUBLISHED, actor=None, now=now)
        for row, version in zip(rows, versions, strict=True)
    )


# --- Status ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def publish(
    *,
    question: Question,
    version: QuestionVersion | None = None,
    now: datetime,
    actor: User | None = None,
    **facts: Any,
) -> QuestionVersion:
    """Make `version` (the newest one if none is given) what new sessions get. Sessions under way keep theirs.

    For files and commands, and for `questions.curating`, which asks first whether `actor` may. Raises
    NothingToPublishError when the question has no version yet.
    """
    locked = Question.objects.select_for_update(of=("self",)).select_related("current_version").get(pk=question.pk)
    chosen = version or locked.versions.order_by("-number").first()
    if chosen is None or chosen.question_id != locked.pk:
        raise NothingToPublishError(f"{locked} has no version to publish")
    if locked.current_version and locked.current_version != chosen:
        facts["replaces"] = locked.current_version.number
    QuestionVersion.objects.filter(pk=chosen.pk, published_at__isnull=True).update(published_at=now)
    locked.status = Question.Status.PUBLISHED
    locked.current_version = chosen
    locked.save(update_fields=["status", "current_version"])
    record(question=locked, version=chosen, kind=Kind.PUBLISHED, actor=actor, now=now, **facts)
    withdraw_waiting(question=locked, before=chosen.number + 1, actor=actor, now=now)
    chosen.refresh_from_db(fields=["published_at"])
    return chosen


@transaction.atomic
def retire(*, question: Question, actor: User | None = None, note: str = "", now: datetime | None = None) -> bool:
    """Take `question` out of future draws; True if this call did.

    Its versions, and the sessions that used them, stay as they are.
    """
    asked = Question.objects.filter(pk=question.pk).exclude(status=Question.Status.RETIRED)
    if asked.update(status=Question.Status.RETIRED) == 0:
        return False
    record(question=question, kind=Kind.RETIRED, actor=actor, note=note, now=now)
    return True


@transaction.atomic
def restore(*, question: Question, actor: User | None = None, now: datetime | None = None) -> bool:
    """Undo a retirement; True if this call did. New sessions get the version that was current, if there was one."""
    locked = Question.objects.select_for_update().get(pk=question.pk)
    if locked.status != Question.Status.RETIRED:
        return False
    locked.status = Question.Status.PUBLISHED if locked.current_version_id else Question.Status.DRAFT
    locked.save(update_fields=["status"])
    record(question=locked, kind=Kind.RESTORED, actor=actor, now=now)
    settle_status(question=locked)
    return True


@transaction.atomic
def move(*, question: Question, topic: Topic, actor: User | None = None, now: datetime | None = None) -> bool:
    """Put `question` under another topic; True if this call did."""
    locked = Question.objects.select_for_update(of=("self",)).select_related("topic").get(pk=question.pk)
    if locked.topic_id == topic.pk:
        return False
    facts = {"from": locked.topic.slug, "to": topic.slug}
    Question.objects.filter(pk=locked.pk).update(topic=topic)
    record(question=locked, kind=Kind.MOVED, actor=actor, now=now, **facts)
    return True


def settle_status(*, question: Question) -> None:
    """Let a question that was never published say whether one of its versions is in review.

    The caller holds the question's lock. A published or retired question keeps its status: that is about being asked.
    """
    unpublished = Question.objects.filter(
        pk=question.pk, status__in=[Question.Status.DRAFT, Question.Status.IN_REVIEW], current_version__isnull=True
    )
    living = Review.objects.living().filter(version__question=question).exists()
    unpublished.update(status=Question.Status.IN_REVIEW if living else Question.Status.DRAFT)


def withdraw_waiting(*, question: Question, before: int, actor: User | None, now: datetime | None) -> None:
    """Withdraw what waits for review in versions with a lower number than `before`: newer words have overtaken it.

    The caller holds the question's lock.
    """
    waiting = Review.objects.waiting().filter(version__question=question, version__number__lt=before)
    for review in waiting.select_related("version"):
        Review.objects.filter(pk=review.pk).update(state=Review.State.WITHDRAWN)
        record(question=question, version=review.version, kind=Kind.WITHDRAWN, actor=actor, now=now, overtaken=True)
    settle_status(question=question)
