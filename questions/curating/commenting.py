"""Comments on a version, as a whole or about one of its fields, until somebody resolves them."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions.content import Content
from questions.curating.errors import RefusedError
from questions.models import QuestionEvent, QuestionVersion, VersionComment
from questions.recording import record

MAX_COMMENT_LENGTH = 4_000
MAX_COMMENTS = 200


@transaction.atomic
def add_comment(*, version: QuestionVersion, actor: User, body: str, now: datetime, field: str = "") -> VersionComment:
    """Comment on a version. Raises RefusedError for no words, too many, an unknown field, or a version that is full."""
    words = body.replace("\x00", "").replace("\r\n", "\n").strip()
    if not words:
        raise RefusedError(_("Write something first."))
    if len(words) > MAX_COMMENT_LENGTH:
        raise RefusedError(_("A comment may have %d characters at most.") % MAX_COMMENT_LENGTH)
    if field and field not in Content.model_fields:
        raise RefusedError(_("Choose one of the fields."))
    if version.comments.count() >= MAX_COMMENTS:
        raise RefusedError(_("This version has %d comments, and no more fit.") % MAX_COMMENTS)
    comment = VersionComment.objects.create(version=version, author=actor, field=field, body=words, created_at=now)
    _record(comment, QuestionEvent.Kind.COMMENTED, actor, now)
    return comment


@transaction.atomic
def resolve_comment(*, comment_id: UUID, actor: User, now: datetime) -> bool:
    """Mark a comment as dealt with; True if this call did."""
    unresolved = VersionComment.objects.unresolved().filter(pk=comment_id)
    if unresolved.update(resolved_at=now, resolved_by=actor) == 0:
        return False
    _record(_comment(comment_id), QuestionEvent.Kind.RESOLVED, actor, now)
    return True


@transaction.atomic
def reopen_comment(*, comment_id: UUID, actor: User, now: datetime) -> bool:
    """Undo that; True if this call did."""
    resolved = VersionComment.objects.filter(pk=comment_id, resolved_at__isnull=False)
    if resolved.update(resolved_at=None, resolved_by=None) == 0:
        return False
    _record(_comment(comment_id), QuestionEvent.Kind.REOPENED, actor, now)
    return True


def _comment(comment_id: UUID) -> VersionComment:
    return VersionComment.objects.select_related("version__question").get(pk=comment_id)


def _record(comment: VersionComment, kind: QuestionEvent.Kind, actor: User, now: datetime) -> None:
    version = comment.version
    facts = {"field": comment.field} if comment.field else {}
    record(question=version.question, version=version, kind=kind, actor=actor, now=now, **facts)
