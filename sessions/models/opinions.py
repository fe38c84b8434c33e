"""What a language model said of answers, and what that cost. Shown beside the report, and no part of it.

Written by `opinions/` only; nothing reads it to compute anything.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sessions.models.sittings import Answer, InterviewSession


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def shown_in(self, session: InterviewSession) -> Self:
        """What there is to read on a session's answers. Whatever did not work out shows nowhere."""
        return self.filter(answer__session=session, state=Opinion.State.READY)


class Opinion(models.Model):
    """What one model said of one answer. It never changes points, verdicts, mastery or a report.

    PENDING is work to do: due at `due_at`, and in hand while `claimed_at` is set and `due_at` lies ahead. `data` is
    what `opinions.checking` left of the reply. `error` is for the operator: short, and without a word of the reply.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("asked for")
        READY = "ready", _("given")
        REFUSED = "refused", _("refused by the model")
        FAILED = "failed", _("failed")
        SKIPPED = "skipped", _("not asked for")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="opinions", verbose_name=_("answer"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    model = models.CharField(_("model"), max_length=100)
    host = models.CharField(_("host"), max_length=260)
    data: models.JSONField[Any, Any] = models.JSONField(_("content"), null=True, blank=True)
    tokens = models.PositiveIntegerField(_("tokens used"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("last error"), max_length=100, blank=True)
    requested_at = models.DateTimeField(_("requested"))
    due_at = models.DateTimeField(_("due"))
    claimed_at = models.DateTimeField(_("taken up"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        indexes = [models.Index(fields=["due_at"], condition=Q(state="pending"), name="opinion_pending_due")]
        constraints = [
            models.UniqueConstraint(fields=["answer", "model"], name="opinion_one_per_answer_and_model"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(data__isnull=False, finished_at__isnull=False),
                name="opinion_ready_has_data",
            ),
        ]

    def __str__(self) -> str:
        return f"opinion of {self.model} on {self.answer_id}"


class TokenCount(models.Model):
    """The tokens that opinions used on one day (UTC): of one candidate, or of all where `user` is empty."""

    day = models.DateField(_("day"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    tokens = models.PositiveBigIntegerField(_("tokens"), default=0)

    class Meta:
        verbose_name = _("count of tokens")
        verbose_name_plural = _("counts of tokens")
        constraints = [
            models.UniqueConstraint(fields=["day", "user"], nulls_distinct=False, name="token_count_per_day_and_user"),
        ]

    def __str__(self) -> str:
        return f"{self.tokens} tokens on {self.day}"
