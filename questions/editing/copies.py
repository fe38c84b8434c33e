"""Working copies: what somebody has typed and not saved as a version yet. The only writer of WorkingCopy.

A copy belongs to one person and one question, or to a question that does not exist yet. Two tabs of one person share
it: the one that is behind is told so, and neither writes over the other.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions.editing.checking import check
from questions.editing.typed import Typed
from questions.models import Question, QuestionVersion, WorkingCopy

LARGEST_BYTES = 400_000
MOST_UNFINISHED = 50
# Somebody whose copy was kept within this time is taken to be writing still.
WRITING_FOR = timedelta(minutes=30)


class CopyRefusedError(ValueError):
    """The words cannot be kept; the message says why."""


class CopyBehindError(CopyRefusedError):
    """Another tab has kept newer words, or saved them, or thrown them away; `stored` is its copy if there is one."""

    def __init__(self, stored: WorkingCopy | None) -> None:
        newer = _("You have gone on writing in another tab, so what stands here is not kept by itself.")
        gone = _("What you typed was saved or thrown away meanwhile, so what stands here is not kept by itself.")
        super().__init__(newer if stored else gone)
        self.stored = stored


@dataclass(frozen=True, slots=True)
class Base:
    """What was there when the writing began: the newest version then and what it said. Empty for a new question."""

    version_id: UUID | None = None
    digest: str = ""

    @classmethod
    def of(cls, version: QuestionVersion | None) -> "Base":
        return cls(version.pk, version.digest) if version else cls()


@transaction.atomic
def keep(
    *,
    copy_id: UUID,
    owner: User,
    question: Question | None,
    typed: Typed,
    base: Base,
    revision: int,
    now: datetime,
    even_if_behind: bool = False,
) -> WorkingCopy | None:
    """Keep what was typed over revision `revision` of the copy; 0 where there is none yet.

    Returns None where the newest version says exactly this: there is nothing to keep. Raises CopyBehindError when
    another revision is there, or none any more, unless `even_if_behind`, and CopyRefusedError when it is too large,
    there are too many, or the copy is somebody else's.
    """
    if len(json.dumps(typed)) > LARGEST_BYTES:
        raise CopyRefusedError(_("This is more than a question may say, so it is not kept. Shorten it."))
    stored = _stored(copy_id, owner, question)
    if stored is None:
        if question and _is_saved(question, typed):
            return None
        if revision and not even_if_behind:
            raise CopyBehindError(None)
        return _create(copy_id, owner, question, typed, _still_there(base), now)
    if stored.typed == typed:
        return stored
    base = _still_there(base)
    if stored.revision != revision and not even_if_behind:
        raise CopyBehindError(stored)
    stored.typed, stored.revision, stored.saved_at = typed, stored.revision + 1, now
    stored.base_id, stored.base_digest = base.version_id, base.digest
    stored.save(update_fields=["typed", "revision", "saved_at", "base", "base_digest"])
    return stored


def _stored(copy_id: UUID, owner: User, question: Question | None) -> WorkingCopy | None:
    copies = WorkingCopy.objects.select_for_update().of(owner)
    if question is not None:
        return copies.filter(question=question).first()
    return copies.filter(pk=copy_id, question=None).first()


def _is_saved(question: Question, typed: Typed) -> bool:
    content = check(typed).content
    newest = question.versions.order_by("-number").values_list("digest", flat=True).first()
    return content is not None and content.digest() == newest


def _still_there(base: Base) -> Base:
    """Return `base`, without its version if somebody has thrown that away meanwhile."""
    gone = base.version_id and not QuestionVersion.objects.filter(pk=base.version_id).exists()
    return Base(None, base.digest) if gone else base


def _create(
    copy_id: UUID, owner: User, question: Question | None, typed: Typed, base: Base, now: datetime
) -> WorkingCopy:
    if question is None and unfinished(owner).count() >= MOST_UNFINISHED:
        message = _("You have begun %d questions that are not saved. Save or throw away one of them first.")
        raise CopyRefusedError(message % MOST_UNFINISHED)
    copy = WorkingCopy(
        pk=copy_id,
        owner=owner,
        question=question,
        base_id=base.version_id,
        base_digest=base.digest,
        typed=typed,
        saved_at=now,
    )
    try:
        with transaction.atomic():
            copy.save(force_insert=True)
    except IntegrityError as error:
        # Another tab was quicker by a moment, or the id is somebody else's.
        stored = _stored(copy_id, owner, question)
        if stored is None:
            raise CopyRefusedError(_("These words could not be kept. Load the page again.")) from error
        raise CopyBehindError(stored) from error
    return copy


def copy_of(owner: User, question: Question) -> WorkingCopy | None:
    return WorkingCopy.objects.of(owner).filter(question=question).first()


def unfinished(owner: User) -> QuerySet[WorkingCopy]:
    """Return the questions somebody has begun that do not exist yet, the newest first."""
    return WorkingCopy.objects.of(owner).filter(question=None).order_by("-saved_at")


def others_writing(owner: User, question: Question, *, now: datetime) -> list[WorkingCopy]:
    """Return the copies of other people who are writing at the same question, without their words."""
    recent = WorkingCopy.objects.filter(question=question, saved_at__gte=now - WRITING_FOR).exclude(owner=owner)
    return list(recent.select_related("owner").defer("typed").order_by("-saved_at"))


def throw_away(*, owner: User, copy_id: UUID) -> bool:
    """Delete a copy; True if this call did."""
    return bool(WorkingCopy.objects.of(owner).filter(pk=copy_id).delete()[0])
