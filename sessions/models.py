"""Interview plans, sessions and what comes out of them: answers, scores, reports, review comments.

Owns the shape and the facts about single rows. State is written by `lifecycle.py` only; scores by `scoring.py`,
reports by `reports/keeping.py`, comments by `reviews.py`.
Data flows QuestionVersion -> SessionQuestion -> Answer -> Score -> Report, and nothing writes backwards.
"""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interviewprep.accounts.models import Mentorship, User
from questions.content import Difficulty, Kind
from questions.models import QuestionVersion, Topic
from sessions import clock


class Mode(models.TextChoices):
    MOCK = "mock", _("mock interview")
    PRACTICE = "practice", _("practice")


class InterviewPlanQuerySet(models.QuerySet["InterviewPlan"]):
    def published(self) -> Self:
        return self.filter(is_published=True)

    def visible_to(self, user: User) -> Self:
        """Published plans; a guest sees only those made for visitors."""
        plans = self.published()
        return plans.filter(for_visitors=True) if user.is_guest else plans.filter(for_visitors=False)


class InterviewPlan(models.Model):
    """What an interview consists of. Editing a plan never changes a session that was started from it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=500, blank=True)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.MOCK)
    time_limit_seconds = models.PositiveIntegerField(
        _("time limit in seconds"), validators=[MinValueValidator(60), MaxValueValidator(8 * 3600)]
    )
    is_published = models.BooleanField(_("published"), default=False)
    for_visitors = models.BooleanField(
        _("for visitors"),
        default=False,
        help_text=_("Offered on the landing page, to people without an account."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = InterviewPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("interview plan")
        verbose_name_plural = _("interview plans")
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def time_limit_minutes(self) -> int:
        return round(self.time_limit_seconds / 60)


def all_kinds() -> list[str]:
    return list(Kind.values)


def all_difficulties() -> list[str]:
    return list(Difficulty.values)


class PlanSection(models.Model):
    """A part of a plan: draw `count` published questions from these topics, kinds and difficulties."""

    plan = models.ForeignKey(InterviewPlan, models.CASCADE, related_name="sections", verbose_name=_("plan"))
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=100)
    topics = models.ManyToManyField(
        Topic,
        blank=True,
        verbose_name=_("topics"),
        help_text=_("An area stands for all its topics. None means any."),
    )
    kinds = ArrayField(models.CharField(max_length=10, choices=Kind), default=all_kinds, verbose_name=_("kinds"))
    difficulties = ArrayField(
        models.CharField(max_length=10, choices=Difficulty),
        default=all_difficulties,
        verbose_name=_("difficulties"),
    )
    count = models.PositiveSmallIntegerField(
        _("number of questions"), validators=[MinValueValidator(1), MaxValueValidator(50)]
    )

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["plan", "position"]
        constraints = [models.UniqueConstraint(fields=["plan", "position"], name="section_position_unique")]

    def __str__(self) -> str:
        return f"{self.plan}: {self.name}"


class InterviewSessionQuerySet(models.QuerySet["InterviewSession"]):
    def of(self, candidate: User) -> Self:
        return self.filter(candidate=candidate)

    def running(self) -> Self:
        """Sessions recorded as running; one of them may be over already, ask `is_over`."""
        return self.filter(state=InterviewSession.State.RUNNING)

    def finished(self) -> Self:
        return self.filter(state=InterviewSession.State.FINISHED)

    def visible_to(self, user: User) -> Self:
        """The user's own sessions, and finished ones of candidates who accepted the user as their mentor."""
        consent = Mentorship.objects.active().filter(mentor=user, candidate=OuterRef("candidate"))
        return self.filter(Q(candidate=user) | (Q(state=InterviewSession.State.FINISHED) & Exists(consent)))

    def overdue(self, now: datetime) -> Self:
        """Running sessions whose grace is over at `now`: what the sweep closes."""
        latest = clock.oldest_deadline_accepting_at(now=now, grace_seconds=settings.INTERVIEW_GRACE_SECONDS)
        return self.running().filter(deadline__lt=latest)


class InterviewSession(models.Model):
    """One sitting of an interview. Limits, factor and versions are copied in and never change with the plan."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")

    class EndReason(models.TextChoices):
        CANDIDATE = "candidate", _("finished by the candidate")
        CLOCK = "clock", _("time ran out")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="interview_sessions",
        verbose_name=_("candidate"),
    )
    plan = models.ForeignKey(
        InterviewPlan, models.SET_NULL, null=True, related_name="interview_sessions", verbose_name=_("plan")
    )
    plan_name = models.CharField(_("plan"), max_length=100)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    end_reason = models.CharField(_("ended because"), max_length=10, choices=EndReason, blank=True)
    time_limit_seconds = models.PositiveIntegerField(_("time limit in seconds"))
    time_factor = models.DecimalField(_("extra time"), max_digits=3, decimal_places=2, default=Decimal("1.00"))
    seed = models.BigIntegerField(_("seed of the draw"))
    started_at = models.DateTimeField(_("started"))
    deadline = models.DateTimeField(_("deadline"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = InterviewSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("interview session")
        verbose_name_plural = _("interview sessions")
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["candidate", "-started_at"], name="session_candidate_started"),
            models.Index(fields=["deadline"], condition=Q(state="running"), name="session_running_deadline"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(state="running"), name="session_one_running_per_candidate"
            ),
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True) | Q(state="finished", finished_at__isnull=False),
                name="session_finished_has_time",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__lte=F("deadline")),
                name="session_finished_by_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_name}, {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_finished(self) -> bool:
        return self.state == self.State.FINISHED

    @property
    def ended_by_clock(self) -> bool:
        return self.end_reason == self.EndReason.CLOCK

    def is_over(self, now: datetime) -> bool:
        """Whether the time is up or the session was finished; true before any sweep has recorded it."""
        return self.is_finished or clock.is_over(deadline=self.deadline, now=now)

    def is_closed(self, now: datetime) -> bool:
        """Whether nothing in it can change any more: finished, or over with the grace for words under way."""
        last = clock.last_accepted(deadline=self.deadline, grace_seconds=settings.INTERVIEW_GRACE_SECONDS)
        return self.is_finished or now > last

    def remaining_ms(self, now: datetime) -> int:
        return 0 if self.is_finished else clock.remaining_ms(deadline=self.deadline, now=now)


class SessionQuestion(models.Model):
    """One question of one session: which version, where, and how long it was in front of the candidate."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(InterviewSession, models.CASCADE, related_name="questions", verbose_name=_("session"))
    position = models.PositiveSmallIntegerField(_("position"))
    section_name = models.CharField(_("section"), max_length=100)
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="+", verbose_name=_("question version"))
    time_limit_seconds = models.PositiveIntegerField(_("suggested time in seconds"))
    first_opened_at = models.DateTimeField(_("first opened"), null=True, blank=True)
    current_since = models.DateTimeField(
        _("in front of the candidate since"),
        null=True,
        blank=True,
        help_text=_("Set on the current question only."),
    )
    time_spent_ms = models.PositiveBigIntegerField(_("time spent in ms, before `current_since`"), default=0)
    flagged = models.BooleanField(_("flagged"), default=False)
    skipped = models.BooleanField(_("skipped"), default=False)

    class Meta:
        verbose_name = _("session question")
        verbose_name_plural = _("session questions")
        ordering = ["session", "position"]
        constraints = [
            models.UniqueConstraint(fields=["session", "position"], name="session_question_position_unique"),
            models.UniqueConstraint(fields=["session", "version"], name="session_question_version_unique"),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(current_since__isnull=False),
                name="session_one_current_question",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} #{self.position}"

    def time_spent_ms_at(self, now: datetime) -> int:
        """Return the milliseconds this question has been in front of the candidate, up to `now`."""
        running = clock.elapsed_ms(since=self.current_since, now=now) if self.current_since else 0
        return self.time_spent_ms + max(0, running)


class Answer(models.Model):
    """The candidate's words for one question: a draft while `open`, immutable afterwards.

    `candidate`, `session` and `deadline` repeat the session's, so that saving a draft is one guarded UPDATE on one
    table; `lifecycle.py` writes both together. `body` is text for every kind: choice keys one per line, a number as
    typed.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SUBMITTED = "submitted", _("submitted")
        CLOSED = "closed", _("closed with the session")

    question = models.OneToOneField(
        SessionQuestion, models.CASCADE, primary_key=True, related_name="answer", verbose_name=_("question")
    )
    session = models.ForeignKey(InterviewSession, models.CASCADE, related_name="answers", verbose_name=_("session"))
    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("candidate")
    )
    deadline = models.DateTimeField(_("deadline"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    body = models.TextField(_("answer"), blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    client_id = models.UUIDField(_("last writer"), null=True, blank=True)
    client_sequence = models.PositiveBigIntegerField(_("last writer's counter"), default=0)
    saved_at = models.DateTimeField(_("saved"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False),
                name="answer_submitted_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"answer to {self.question_id}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def has_words(self) -> bool:
        return bool(self.body.strip())


class KeptDraft(models.Model):
    """Words that could not become the answer, kept for the candidate and the mentor: never counted, never lost."""

    class Reason(models.TextChoices):
        STALE = "stale", _("another tab had saved in between")
        LATE = "late", _("arrived after the end")
        CLOSED = "closed", _("arrived after the answer was submitted")

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="kept_drafts", verbose_name=_("answer"))
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    body = models.TextField(_("text"))
    base_revision = models.PositiveIntegerField(_("based on revision"))
    client_id = models.UUIDField(_("writer"), null=True, blank=True)
    client_sequence = models.PositiveBigIntegerField(_("writer's counter"), default=0)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("kept draft")
        verbose_name_plural = _("kept drafts")
        ordering = ["received_at"]

    def __str__(self) -> str:
        return f"{self.reason} draft of {self.answer_id}"


class Score(models.Model):
    """Points for one answer by one scorer. Never changed: a correction is a new row, see `scoring.counting_score`."""

    class Source(models.TextChoices):
        AUTOMATIC = "automatic", _("automatic")
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
