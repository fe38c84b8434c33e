"""What comes out of a session: scores, disputed verdicts, the candidate's confidence, the report, a mentor's comments.

Written by `scoring.py`, `reports/` and `reviews.py`; nothing here changes a session or an answer.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models.sittings import Answer, InterviewSession, SessionQuestion


class Score(models.Model):
    """Points for one answer by one scorer. Never changed: a correction is a new row, see `scoring.counting_score`.

    A correction has the automatic verdicts with the key points as its author ticked them, and rests on those alone.
    `verdicts` and `findings` are `grading.Verdict` and `grading.Finding` as JSON. `raw_points` are what the grader gave
    where mentors' corrections have since moved the level of the question; null where they have not.
    """

    class Source(models.TextChoices):
        AUTOMATIC = "automatic", _("automatic")
        SELF = "self", _("candidate")
        MENTOR = "mentor", _("mentor")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="scores", verbose_name=_("answer"))
    source = models.CharField(_("source"), max_length=10, choices=Source)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author"),
    )
    grader = models.CharField(_("grader"), max_length=40, blank=True)
    grader_version = models.PositiveSmallIntegerField(_("grader version"), default=0)
    points = models.DecimalField(_("points"), max_digits=6, decimal_places=4)
    max_points = models.DecimalField(_("out of"), max_digits=6, decimal_places=4)
    verdicts = models.JSONField(_("verdicts"), default=list)
    findings = models.JSONField(_("findings"), default=list, blank=True)
    raw_points = models.DecimalField(
        _("points before the level"), max_digits=6, decimal_places=4, null=True, blank=True
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["answer", "grader", "grader_version"],
                condition=Q(source="automatic"),
                name="score_one_per_grader_version",
            ),
            models.CheckConstraint(
                condition=Q(points__gte=0) & Q(points__lte=F("max_points")), name="score_points_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} of {self.max_points}"


class VerdictDispute(models.Model):
    """The candidate says that an automatic verdict is wrong. It changes no points; report and mentor show it."""

    score = models.ForeignKey(Score, models.CASCADE, related_name="disputes", verbose_name=_("score"))
    key = models.CharField(_("key point"), max_length=60)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("disputed verdict")
        verbose_name_plural = _("disputed verdicts")
        constraints = [models.UniqueConstraint(fields=["score", "key"], name="dispute_once_per_verdict")]

    def __str__(self) -> str:
        return f"{self.key} of {self.score_id}"


class Confidence(models.IntegerChoices):
    """How sure a candidate was of an answer before they saw what the grader says of it."""

    GUESSING = 1, _("guessing")
    UNSURE = 2, _("rather unsure")
    HALF_SURE = 3, _("half sure")
    FAIRLY_SURE = 4, _("fairly sure")
    CERTAIN = 5, _("certain")


class SelfReview(models.Model):
    """That a candidate was shown the verdicts of a session, when that was first, and how sure they were beforehand.

    One row a session, as all verdicts are shown at once; never changed, as nobody can rate anew what they have seen.
    `ratings` has a `Confidence` by the id of the question; a question that is not in it was not rated.
    """

    session = models.OneToOneField(
        InterviewSession, models.CASCADE, primary_key=True, related_name="self_review", verbose_name=_("session")
    )
    ratings: models.JSONField[Any, Any] = models.JSONField(_("confidence"), default=dict, blank=True)
    shown_at = models.DateTimeField(_("verdicts first shown"))

    class Meta:
        verbose_name = _("self-review")
        verbose_name_plural = _("self-reviews")

    def __str__(self) -> str:
        return f"self-review of {self.session_id}"

    def confidence_in(self, question_id: uuid.UUID) -> Confidence | None:
        """Return how sure the candidate was of the answer to a question; None where they did not say."""
        rating = self.ratings.get(str(question_id))
        return None if rating is None else Confidence(rating)


class ReportQuerySet(models.QuerySet["Report"]):
    def unfinished(self) -> Self:
        """Reports that a worker still owes; the sweep sends them again."""
        return self.filter(state=Report.State.PENDING)


class Report(models.Model):
    """The weakness report of one session. Its row appears, pending, in the transaction that finishes the session."""

    class State(models.TextChoices):
        PENDING = "pending", _("being compiled")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    session = models.OneToOneField(
        InterviewSession, models.CASCADE, primary_key=True, related_name="report", verbose_name=_("session")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    version = models.PositiveSmallIntegerField(_("format version"), default=0)
    data: models.JSONField[Any, Any] = models.JSONField(_("content"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("last error"), blank=True)
    requested_at = models.DateTimeField(_("requested"))
    compiled_at = models.DateTimeField(_("compiled"), null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state="pending"), name="report_pending_requested"),
            models.Index(fields=["compiled_at"], condition=Q(state="ready"), name="report_ready_compiled"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(data__isnull=False, compiled_at__isnull=False),
                name="report_ready_has_data",
            ),
        ]

    def __str__(self) -> str:
        return f"report of {self.session_id}"


class ReviewComment(models.Model):
    """A mentor's comment on one question of a finished session."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(SessionQuestion, models.CASCADE, related_name="comments", verbose_name=_("question"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="review_comments", verbose_name=_("author")
    )
    body = models.TextField(_("comment"), max_length=10_000)
    created_at = models.DateTimeField(_("written"))
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)

    class Meta:
        verbose_name = _("review comment")
        verbose_name_plural = _("review comments")
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"comment by {self.author_id} on {self.question_id}"
