"""What people's corrections taught: the level of a question, and the wordings that curators are asked about.

Written by `levels/` and `proposals/` only. Levels and sentences are made anew from scores and disputes; deleting them
loses nothing but a night. What a curator decided is kept.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from questions.models import Question, QuestionVersion
from sessions.models.outcomes import VerdictDispute


class QuestionLevelQuerySet(models.QuerySet["QuestionLevel"]):
    def kept(self) -> Self:
        """Levels that move points."""
        return self.exclude(knots=[])


class QuestionLevel(models.Model):
    """How far a grader's points for one question lie from people's, as `isotonic.Curve.knots`, shares of 0..1.

    Without knots it was tried and did not help, so points stay as the grader gives them. The errors are root mean
    squares of shares, before without it and after with it, on answers that it was not fitted to.
    """

    question = models.ForeignKey(Question, models.CASCADE, related_name="+", verbose_name=_("question"))
    grader = models.CharField(_("grader"), max_length=40)
    grader_version = models.PositiveSmallIntegerField(_("grader version"))
    knots: models.JSONField[Any, Any] = models.JSONField(_("curve"), default=list)
    corrections = models.PositiveIntegerField(_("corrections"))
    rmse_before = models.FloatField(_("error without it"))
    rmse_after = models.FloatField(_("error with it"))
    fitted_at = models.DateTimeField(_("fitted"))

    objects = QuestionLevelQuerySet.as_manager()

    class Meta:
        verbose_name = _("level of a question")
        verbose_name_plural = _("levels of questions")
        constraints = [
            models.UniqueConstraint(
                fields=["question", "grader", "grader_version"], name="level_one_per_question_and_grader"
            )
        ]

    def __str__(self) -> str:
        return f"{self.question_id} by {self.grader} {self.grader_version}"

    @property
    def is_kept(self) -> bool:
        return bool(self.knots)


class ProposedSentence(models.Model):
    """A sentence of a disputed answer that may say a key point in other words. It goes with the dispute.

    Sentences that say the same have the same `proposal`: the id of what is made of question, key and words.
    """

    dispute = models.ForeignKey(VerdictDispute, models.CASCADE, related_name="+", verbose_name=_("dispute"))
    question = models.ForeignKey(Question, models.CASCADE, related_name="+", verbose_name=_("question"))
    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("candidate")
    )
    key = models.CharField(_("key point"), max_length=60)
    proposal = models.UUIDField(_("proposal"))
    words = models.CharField(_("words"), max_length=200)
    is_confirmed = models.BooleanField(_("confirmed by a mentor"), default=False)

    class Meta:
        verbose_name = _("proposed sentence")
        verbose_name_plural = _("proposed sentences")
        indexes = [models.Index(fields=["proposal"], name="sentence_proposal")]

    def __str__(self) -> str:
        return f"{self.key} of {self.question_id}"


class PhrasingProposal(models.Model):
    """What a curator decided on a proposed phrasing, so that it does not come back. Candidates' words are not in it.

    `phrasing` is what was added, as the curator wrote it. When the draft it was added to is thrown away, the proposal
    is open again.
    """

    class State(models.TextChoices):
        ADDED = "added", _("added")
        DISMISSED = "dismissed", _("dismissed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="+", verbose_name=_("question"))
    key = models.CharField(_("key point"), max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=State)
    phrasing = models.TextField(_("phrasing"), blank=True)
    version = models.ForeignKey(
        QuestionVersion, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("version")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("proposed phrasing")
        verbose_name_plural = _("proposed phrasings")
        indexes = [models.Index(fields=["decided_by", "-decided_at"], name="phrasing_decided")]

    def __str__(self) -> str:
        return f"{self.key} of {self.question_id}: {self.state}"
