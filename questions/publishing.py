"""Writes to the bank: new versions, publishing, retiring. The only writer of question status and current version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from interviewprep.accounts.models import User
from questions.content import Content
from questions.models import Question, QuestionVersion, Topic


class NothingToPublishError(Exception):
    """The question has no version that could be published."""


@transaction.atomic
def add_version(*, question: Question, content: Content, author: User | None) -> QuestionVersion:
    """Add `content` as the next draft version of `question`, or return the newest one if it says the same."""
    Question.objects.select_for_update().get(pk=question.pk)
    newest = question.versions.order_by("-number").first()
    if newest and newest.digest == content.digest():
        return newest
    version = _draft(question, next_number(question=question), content)
    version.created_by = author
    version.save()
    return version


@transaction.atomic
def copy_to_draft(*, version: QuestionVersion, author: User | None) -> QuestionVersion:
    """Make a draft that says what `version` says, or return the newest version if it is such a draft already."""
    question = Question.objects.select_for_update().get(pk=version.question_id)
    newest = question.versions.order_by("-number").first()
    if newest and not newest.is_published and newest.digest == version.digest:
        return newest
    draft = _draft(question, next_number(question=question), version.content)
    draft.created_by = author
    draft.save()
    return draft


def next_number(*, question: Question) -> int:
    """Return the number of the next version; the caller holds the question's lock."""
    return (question.versions.aggregate(Max("number"))["number__max"] or 0) + 1


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


@transaction.atomic
def publish(*, question: Question, version: QuestionVersion | None = None, now: datetime) -> QuestionVersion:
    """Make `version` (the newest one if none is given) what new sessions get. Sessions under way keep theirs.

    Raises NothingToPublishError when the question has no version yet.
    """
    locked = Question.objects.select_for_update().get(pk=question.pk)
    chosen = version or locked.versions.order_by("-number").first()
    if chosen is None or chosen.question_id != locked.pk:
        raise NothingToPublishError(f"{locked} has no version to publish")
    QuestionVersion.objects.filter(pk=chosen.pk, published_at__isnull=True).update(published_at=now)
    locked.status = Question.Status.PUBLISHED
    locked.current_version = chosen
    locked.save(update_fields=["status", "current_version"])
    chosen.refresh_from_db(fields=["published_at"])
    return chosen


def retire(*, question: Question) -> None:
    """Take `question` out of future draws. Its versions, and the sessions that used them, stay as they are."""
    Question.objects.filter(pk=question.pk).update(status=Question.Status.RETIRED)
