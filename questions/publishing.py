"""Writes to the bank: new versions, publishing, retiring. The only writer of question status and current version."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from interviewprep.accounts.models import User
from questions.content import Content
from questions.models import Question, QuestionVersion


class NothingToPublishError(Exception):
    """The question has no version that could be published."""


@transaction.atomic
def add_version(*, question: Question, content: Content, author: User | None) -> QuestionVersion:
    """Add `content` as the next draft version of `question`, or return the newest one if it says the same."""
    Question.objects.select_for_update().get(pk=question.pk)
    newest = question.versions.order_by("-number").first()
    if newest and newest.digest == content.digest():
        return newest
    number = (question.versions.aggregate(Max("number"))["number__max"] or 0) + 1
    fields = content.model_dump(mode="json")
    return QuestionVersion.objects.create(question=question, number=number, created_by=author, **fields)


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
