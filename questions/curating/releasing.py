"""Publishing, retiring and restoring as people do it: with an approval of exactly these words, or the permission."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions import publishing
from questions.curating.errors import NotApprovedError, NothingNewError, NotNewestError
from questions.curating.reading import stored_version
from questions.models import Question, QuestionVersion, Review, Topic

PUBLISH_WITHOUT_REVIEW = "questions.publish_without_review"


@transaction.atomic
def publish_version(
    *, version: QuestionVersion, actor: User, now: datetime, without_review: bool = False
) -> QuestionVersion:
    """Make `version` what new interviews get. Interviews under way keep theirs.

    It needs an approval of exactly these words, or these words have been published before: going back to an earlier
    version is how a mistake is undone. `without_review` does without where the actor has the permission. Raises
    NothingNewError, NotNewestError when what is published is newer, and NotApprovedError.
    """
    question = (
        Question.objects.select_for_update(of=("self",)).select_related("current_version").get(pk=version.question_id)
    )
    stored = stored_version(version)
    current = question.current_version
    if question.status == Question.Status.PUBLISHED and current and current.digest == stored.digest:
        raise NothingNewError(_("New interviews get exactly what version %d says already.") % stored.number)
    if question.versions.published().filter(digest=stored.digest).exists():
        return publishing.publish(question=question, version=stored, actor=actor, now=now)
    if current and current.number > stored.number:
        words = _("Version %(new)d was published after version %(old)d was written. Make a new version from it.")
        raise NotNewestError(words % {"new": current.number, "old": stored.number})
    approval = approval_of(stored)
    if approval is None and not (without_review and actor.has_perm(PUBLISH_WITHOUT_REVIEW)):
        raise NotApprovedError(
            _("Version %d was not published: nobody else has approved these words yet.") % stored.number
        )
    facts = {} if approval else {"without_review": True}
    return publishing.publish(question=question, version=stored, actor=actor, now=now, **facts)


def approval_of(version: QuestionVersion) -> Review | None:
    """Return the approval of exactly what the version says, if there is one."""
    return Review.objects.approved().filter(version=version, digest=version.digest).first()


def retire_question(*, question: Question, actor: User, now: datetime, note: str = "") -> bool:
    """Take a question out of future draws; True if this call did. Nothing else changes."""
    return publishing.retire(question=question, actor=actor, note=note, now=now)


def restore_question(*, question: Question, actor: User, now: datetime) -> bool:
    """Let new interviews ask a retired question again, in the version that was current; True if this call did."""
    return publishing.restore(question=question, actor=actor, now=now)


def move_question(*, question: Question, topic: Topic, actor: User, now: datetime) -> bool:
    """Put a question under another topic; True if this call did."""
    return publishing.move(question=question, topic=topic, actor=actor, now=now)
