"""From the form to a version: a complete content becomes a draft, and nobody writes over anybody else's words.

What is weak may be saved, what is incomplete may not; it stays in the working copy. The versions themselves are written
by `questions.curating`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions import curating
from questions.content import Content
from questions.curating import DraftChangedError
from questions.editing.copies import Base
from questions.models import Question, QuestionVersion, Topic, WorkingCopy


class SlugTakenError(ValueError):
    """Another question has this short name."""


class OvertakenError(Exception):
    """Somebody has saved a version since the writing began; `newest` is theirs."""

    def __init__(self, newest: QuestionVersion) -> None:
        super().__init__(f"{newest} is newer")
        self.newest = newest


@dataclass(frozen=True, slots=True)
class Saved:
    """The version that says what was typed; `is_same` when it said so already."""

    version: QuestionVersion
    is_same: bool = False


@transaction.atomic
def save(*, question: Question, content: Content, base: Base, actor: User, now: datetime) -> Saved:
    """Save `content` as a draft of `question` and throw the working copy away. Raises OvertakenError."""
    locked = Question.objects.select_for_update().get(pk=question.pk)
    newest = locked.versions.order_by("-number").first()
    if newest and (newest.pk != base.version_id or newest.digest != base.digest):
        if newest.digest != content.digest():
            raise OvertakenError(newest)
        saved = Saved(newest, is_same=True)
    elif newest and newest.digest == content.digest():
        saved = Saved(newest, is_same=True)
    else:
        saved = Saved(_write(locked, content, newest, base, actor, now))
    WorkingCopy.objects.of(actor).filter(question=question).delete()
    return saved


def _write(
    question: Question, content: Content, newest: QuestionVersion | None, base: Base, actor: User, now: datetime
) -> QuestionVersion:
    try:
        return curating.write_draft(
            question=question, content=content, actor=actor, now=now, version=newest, base_digest=base.digest
        )
    except DraftChangedError as error:
        raise OvertakenError(error.stored) from error


@transaction.atomic
def create(*, content: Content, topic: Topic, slug: str, copy_id: UUID, actor: User, now: datetime) -> QuestionVersion:
    """Create a question with `content` as its first draft, and throw the working copy away.

    The question takes the id of its copy over, so that a button pressed twice creates one question, not two. Raises
    SlugTakenError, and OvertakenError when another tab has created it with other words.
    """
    try:
        with transaction.atomic():
            wanted = slug.strip() or free_slug(content.title)
            question = Question.objects.create(id=copy_id, slug=wanted, topic=topic, created_at=now)
    except IntegrityError as error:
        made = QuestionVersion.objects.filter(question=copy_id).order_by("-number").first()
        if made is None:
            raise SlugTakenError(_("another question is called so already")) from error
        if made.digest != content.digest():
            raise OvertakenError(made) from error
        version = made
    else:
        version = curating.write_draft(question=question, content=content, actor=actor, now=now)
    WorkingCopy.objects.of(actor).filter(pk=copy_id, question=None).delete()
    return version


def free_slug(title: str) -> str:
    """Return a slug made of a title that no question has yet."""
    base = slugify(title)[:54].strip("-") or "question"
    taken = set(Question.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for n in range(1, len(taken) + 2) if (slug := base if n == 1 else f"{base}-{n}") not in taken)
