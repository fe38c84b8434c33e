"""One sitting of an interview: the session, its questions, the words, and the words that could not become an answer.

Facts about single rows only; `lifecycle.py` is the one writer of their state.
"""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from interviewprep.accounts.models import Mentorship, User
from questions.models import QuestionVersion
from sessions import clock
from sessions.models.plans import InterviewPlan, Mode


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
