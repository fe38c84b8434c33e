"""What people say about versions: reviews, comments and flags; and the log of what happened to a question.

Rows only; `questions.curating` and `questions.flagging` are the writers. A review, a comment and a flag each point at
one version, the very words that were read. Events are added, never changed: the database refuses it (migration 0004).
"""

import uuid
from typing import Any, ClassVar, NoReturn, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interviewprep.accounts.models import User
from questions.models.bank import Question, QuestionVersion


class ReviewQuerySet(models.QuerySet["Review"]):
    def waiting(self) -> Self:
        return self.filter(state=Review.State.WAITING)

    def approved(self) -> Self:
        return self.filter(state=Review.State.APPROVED)

    def living(self) -> Self:
        """Reviews that still count: waiting for a decision, or approved and not taken back."""
        return self.filter(state__in=Review.LIVING)

    def decided(self) -> Self:
        return self.filter(decided_at__isnull=False)


class Review(models.Model):
    """One request to review a version, and what became of it. A version sent back can be submitted again: a new row."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for review")
        APPROVED = "approved", _("approved")
        CHANGES = "changes", _("changes requested")
        WITHDRAWN = "withdrawn", _("withdrawn")

    LIVING = (State.WAITING, State.APPROVED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(
        QuestionVersion, models.CASCADE, related_name="reviews", verbose_name=_("question version")
    )
    # What the version said when it was submitted: an approval counts for these words only.
    digest = models.CharField(max_length=64, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="submitted_reviews",
        verbose_name=_("submitted by"),
    )
    submitted_at = models.DateTimeField(_("submitted"))
    message = models.TextField(_("message to the reviewer"), blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="decided_reviews",
        verbose_name=_("reviewer"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    checklist = models.JSONField(_("checklist"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-submitted_at"]
        permissions: ClassVar = [("publish_without_review", "Can publish a question that nobody else has reviewed")]
        indexes = [
            models.Index(fields=["submitted_at"], condition=Q(state="waiting"), name="review_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(state__in=["waiting", "approved"]), name="review_one_living_per_version"
            ),
            models.CheckConstraint(condition=~Q(reviewer=F("submitted_by")), name="review_by_somebody_else"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True)
                | Q(state__in=["approved", "changes"], decided_at__isnull=False)
                | Q(state="withdrawn"),
                name="review_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_state_display()}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_approved(self) -> bool:
        return self.state == self.State.APPROVED


class VersionCommentQuerySet(models.QuerySet["VersionComment"]):
    def unresolved(self) -> Self:
        return self.filter(resolved_at__isnull=True)


class VersionComment(models.Model):
    """What a curator says about a version, as a whole or about one field of it, until it is resolved."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(
        QuestionVersion, models.CASCADE, related_name="comments", verbose_name=_("question version")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    field = models.CharField(_("field"), max_length=40, blank=True, help_text=_("Empty: the version as a whole."))
    body = models.TextField(_("comment"))
    created_at = models.DateTimeField(_("written"))
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("resolved by"),
    )

    objects = VersionCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on a version")
        verbose_name_plural = _("comments on versions")
        ordering = ["created_at"]
        indexes = [models.Index(fields=["version", "created_at"], name="version_comment_order")]

    def __str__(self) -> str:
        return f"{self.version}: {self.body[:40]}"


class AppendOnlyError(Exception):
    """Somebody tried to change or delete an entry of the log."""


class QuestionEvent(models.Model):
    """Something that happened to a question, who did it and when. It goes only with the question itself."""

    class Kind(models.TextChoices):
        CREATED = "created", _("wrote a new version")
        EDITED = "edited", _("changed the draft")
        DISCARDED = "discarded", _("threw the draft away")
        SUBMITTED = "submitted", _("submitted it for review")
        WITHDRAWN = "withdrawn", _("withdrew it from review")
        APPROVED = "approved", _("approved it")
        CHANGES_REQUESTED = "changes", _("asked for changes")
        PUBLISHED = "published", _("published it")
        RETIRED = "retired", _("retired the question")
        RESTORED = "restored", _("restored the question")
        MOVED = "moved", _("moved the question")
        COMMENTED = "commented", _("commented")
        RESOLVED = "resolved", _("resolved a comment")
        REOPENED = "reopened", _("opened a comment again")
        FLAG_ANSWERED = "flag", _("answered a flag")

    question = models.ForeignKey(Question, models.CASCADE, related_name="events", verbose_name=_("question"))
    version = models.ForeignKey(
        QuestionVersion, models.SET_NULL, null=True, blank=True, related_name="events", verbose_name=_("version")
    )
    # Stays when a draft is thrown away.
    version_number = models.PositiveIntegerField(_("version"), null=True, blank=True)
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="question_events",
        verbose_name=_("who"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    note = models.TextField(_("note"), blank=True)
    data = models.JSONField(_("facts"), default=dict, blank=True)

    class Meta:
        verbose_name = _("event of a question")
        verbose_name_plural = _("events of questions")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["question", "-id"], name="question_event_newest")]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("events are added, never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("events go only with their question")


class FlagQuerySet(models.QuerySet["Flag"]):
    def open(self) -> Self:
        return self.filter(state=Flag.State.OPEN)

    def answered(self) -> Self:
        return self.exclude(state=Flag.State.OPEN)

    def of(self, sender: User) -> Self:
        """The sender's own flags; nobody but curators sees anybody else's."""
        return self.filter(sender=sender)

    def unread(self) -> Self:
        """Answers that their sender has not seen yet."""
        return self.answered().filter(seen_at__isnull=True)


class Flag(models.Model):
    """Somebody says what is wrong with the very version they read, and hears what became of it."""

    class Reason(models.TextChoices):
        WRONG = "wrong", _("wrong")
        UNCLEAR = "unclear", _("unclear")
        OUTDATED = "outdated", _("outdated")
        TOO_EASY = "too_easy", _("too easy")
        OTHER = "other", _("something else")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        FIXED = "fixed", _("fixed")
        UNCHANGED = "unchanged", _("no change")
        DUPLICATE = "duplicate", _("flagged before")

    class Role(models.TextChoices):
        CANDIDATE = "candidate", _("candidate")
        MENTOR = "mentor", _("mentor")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(
        QuestionVersion, models.CASCADE, related_name="flags", verbose_name=_("question version")
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="question_flags",
        verbose_name=_("sender"),
    )
    role = models.CharField(_("sent as"), max_length=10, choices=Role)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("sent"))
    changed_at = models.DateTimeField(_("last changed"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    fixed_in = models.ForeignKey(
        QuestionVersion, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("fixed in version")
    )
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="duplicates", verbose_name=_("same as")
    )
    seen_at = models.DateTimeField(_("answer seen"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("answer mailed"), null=True, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        ordering = ["-changed_at"]
        indexes = [
            models.Index(fields=["version", "state"], name="flag_version_state"),
            models.Index(fields=["sender", "-created_at"], name="flag_sender_newest"),
            models.Index(
                fields=["answered_at"],
                condition=Q(mailed_at__isnull=True, answered_at__isnull=False),
                name="flag_answer_unmailed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "version"], condition=Q(state="open"), name="flag_one_open_per_person"
            ),
            models.CheckConstraint(
                condition=Q(state="open", answered_at__isnull=True) | (~Q(state="open") & Q(answered_at__isnull=False)),
                name="flag_answered_has_time",
            ),
            models.CheckConstraint(condition=~Q(duplicate_of=F("id")), name="flag_is_not_its_own_duplicate"),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_reason_display()}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_unread(self) -> bool:
        return not self.is_open and self.seen_at is None
