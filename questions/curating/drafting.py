"""Writing drafts. A draft has one author: what somebody else changes in it becomes the next version, so that whoever
reviews words has never written them. Words that a reviewer decided on stay; a change of them is the next version too.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions import publishing
from questions.content import Content
from questions.curating.errors import DraftChangedError, RefusedError
from questions.models import Question, QuestionEvent, QuestionVersion, Review
from questions.recording import record


@transaction.atomic
def write_draft(
    *,
    question: Question,
    content: Content,
    actor: User,
    now: datetime,
    version: QuestionVersion | None = None,
    base_digest: str = "",
) -> QuestionVersion:
    """Keep `content` as a draft of `question`, and return the version that says it.

    It is written over `version` where that is a draft of the actor's own on which nobody has decided; a review that
    waits for it is withdrawn. Otherwise it becomes the next version. `base_digest` is what the draft said when the
    editor was opened: DraftChangedError if it says something else by now, and nothing is written.
    """
    locked = Question.objects.select_for_update().get(pk=question.pk)
    stored = QuestionVersion.objects.filter(pk=version.pk, question=locked).first() if version else None
    if stored and base_digest and stored.digest != base_digest:
        message = _("Version %d was changed while you were writing, so nothing was saved over it.") % stored.number
        raise DraftChangedError(message, stored)
    if stored and stored.digest == content.digest():
        return stored
    if stored is None or stored.is_settled or stored.created_by_id not in (None, actor.pk):
        return publishing.add_version(question=locked, content=content, author=actor, now=now)
    return _write_over(stored, content, actor, now)


def _write_over(draft: QuestionVersion, content: Content, actor: User, now: datetime) -> QuestionVersion:
    before, after = draft.content.model_dump(mode="json"), content.model_dump(mode="json")
    for name, value in after.items():
        setattr(draft, name, value)
    draft.created_by = actor
    draft.save()
    fields = [name for name in after if after[name] != before[name]]
    record(question=draft.question, version=draft, kind=QuestionEvent.Kind.EDITED, actor=actor, now=now, fields=fields)
    _withdraw(draft, actor, now)
    return draft


def _withdraw(draft: QuestionVersion, actor: User, now: datetime) -> None:
    """Take a draft whose words have changed out of review."""
    if Review.objects.waiting().filter(version=draft).update(state=Review.State.WITHDRAWN):
        kind = QuestionEvent.Kind.WITHDRAWN
        record(question=draft.question, version=draft, kind=kind, actor=actor, now=now, edited=True)
        publishing.settle_status(question=draft.question)


def revise(*, question: Question, actor: User, now: datetime) -> QuestionVersion:
    """Return the draft to go on with: the newest version while nobody has decided on it, else a copy of it.

    Raises RefusedError when the question has no version yet.
    """
    newest = question.versions.order_by("-number").first()
    if newest is None:
        raise RefusedError(_("This question has no version yet. Write the first one."))
    if not newest.is_settled:
        return newest
    return publishing.copy_to_draft(version=newest, author=actor, now=now)


def copy_version(*, version: QuestionVersion, actor: User, now: datetime) -> QuestionVersion:
    """Return a draft that says what `version` says: the newest one if it does already."""
    return publishing.copy_to_draft(version=version, author=actor, now=now)


@transaction.atomic
def discard_draft(*, version: QuestionVersion, actor: User, now: datetime) -> bool:
    """Throw a version away that was never published, with its reviews and comments; True if this call did."""
    question = Question.objects.select_for_update().get(pk=version.question_id)
    stored = QuestionVersion.objects.filter(pk=version.pk).first()
    if stored is None:
        return False
    if stored.is_published:
        raise RefusedError(_("Version %d was published, so interviews may show it. It stays.") % stored.number)
    kind = QuestionEvent.Kind.DISCARDED
    record(question=question, version=stored, kind=kind, actor=actor, now=now, title=stored.title)
    stored.delete()
    publishing.settle_status(question=question)
    return True
