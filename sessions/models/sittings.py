"""One sitting of an interview: the session, its questions, the words, and the words that could not become an answer.

Facts about single rows only; `lifecycle.py` is the one writer of their state.
"""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from interviewprep.accounts.models import Mentorship, User
from questions.models import QuestionVersion
from sessions import clock
from sessions.models.plans import InterviewPlan, Mode, Navigation


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
    navigation = models.CharField(_("navigation"), max_length=10, choices=Navigation, default=Navigation.FREE)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    end_reason = models.CharField(_("ended because"), max_length=10, choices=EndReason, blank=True)
    time_limit_seconds = models.PositiveIntegerField(
        _("time limit in seconds"),
        null=True,
        blank=True,
        help_text=_("Reading time included, extra time not. Empty: untimed."),
    )
    reading_seconds = models.PositiveSmallIntegerField(_("reading time per question in seconds"), default=0)
    limits_questions = models.BooleanField(_("every question has a limit"), default=False)
    is_untimed = models.BooleanField(_("untimed"), default=False)
    time_factor = models.DecimalField(_("extra time"), max_digits=3, decimal_places=2, default=Decimal("1.00"))
    extra_minutes = models.PositiveSmallIntegerField(_("extra minutes"), default=0)
    window_end = models.DateTimeField(
        _("ends at the latest"), null=True, blank=True, help_text=_("From its appointment, where that says so.")
    )
    seed = models.BigIntegerField(_("seed of the draw"))
    started_at = models.DateTimeField(_("started"))
    deadline = models.DateTimeField(_("deadline"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # Every change of session or questions names the number it found and adds one: two changes never mix.
    changes = models.PositiveIntegerField(_("number of changes"), default=0)
    lease = models.UUIDField(_("tab that may write"), null=True, blank=True)
    current_position = models.PositiveSmallIntegerField(_("question in front of the candidate"), null=True, blank=True)
    # In a pause this lies ahead, at the pause's end: no time runs up meanwhile.
    current_since = models.DateTimeField(_("in front of the candidate since"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    pause_left_ms = models.PositiveIntegerField(_("pause left in ms"), default=0)

    objects = InterviewSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("interview session")
        verbose_name_plural = _("interview sessions")
        ordering = ["-started_at"]
        permissions = [("supervise_session", _("Can see what runs, give more time and reopen"))]
        indexes = [
            models.Index(fields=["candidate", "-started_at"], name="session_candidate_started"),
            models.Index(fields=["deadline"], condition=Q(state="running"), name="session_running_deadline"),
            models.Index(fields=["-finished_at"], condition=Q(state="finished"), name="session_finished_at"),
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

    def is_paused(self, now: datetime) -> bool:
        """Whether the clock stands still. The deadline lies later by the whole pause that is left, see `lifecycle`."""
        return not self.is_finished and self.paused_at is not None and now < self.pause_end

    @property
    def pause_end(self) -> datetime:
        """When a pause that nobody ends is over."""
        assert self.paused_at is not None
        return self.paused_at + timedelta(milliseconds=self.pause_left_ms)

    def is_over(self, now: datetime) -> bool:
        """Whether the time is up or the session was finished; true before any sweep has recorded it."""
        return self.is_finished or clock.is_over(deadline=self.deadline, now=now)

    def is_closed(self, now: datetime) -> bool:
        """Whether nothing in it can change any more: finished, or over with the grace for words under way."""
        last = clock.last_accepted(deadline=self.deadline, grace_seconds=settings.INTERVIEW_GRACE_SECONDS)
        return self.is_finished or now > last

    @property
    def is_practice(self) -> bool:
        return self.mode == Mode.PRACTICE

    @property
    def is_forward_only(self) -> bool:
        return self.navigation == Navigation.FORWARD

    @property
    def may_pause(self) -> bool:
        """Whether this kind of session pauses at all. One whose end is fixed by an appointment has no time to move."""
        return self.is_practice and not self.is_untimed and self.window_end is None and not self.is_finished

    def remaining_ms(self, now: datetime) -> int:
        """Return the milliseconds of working time left; a pause does not use them up."""
        if self.is_finished:
            return 0
        return clock.remaining_ms(deadline=self.deadline, now=self.pause_end if self.is_paused(now) else now)


class SessionQuestion(models.Model):
    """One question of one session: which version, where, and how long it was in front of the candidate."""

    has_words: bool  # set by lifecycle.read_sitting, which does not load all the words
    kind: str | None  # likewise, for the question that was asked for
    topic_name: str | None  # likewise, for the question in front of the candidate

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(InterviewSession, models.CASCADE, related_name="questions", verbose_name=_("session"))
    position = models.PositiveSmallIntegerField(_("position"))
    section_name = models.CharField(_("section"), max_length=100)
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="+", verbose_name=_("question version"))
    follow_up = models.TextField(
        _("follow-up"), blank=True, help_text=_("Set on a follow-up question, which is asked after the one before it.")
    )
    time_limit_seconds = models.PositiveIntegerField(
        _("time in seconds"), help_text=_("Extra time included. A limit where the session limits questions.")
    )
    first_opened_at = models.DateTimeField(_("first opened"), null=True, blank=True)
    reading_until = models.DateTimeField(_("time for reading until"), null=True, blank=True)
    time_spent_ms = models.PositiveBigIntegerField(_("time spent in ms, before it was opened last"), default=0)
    flagged = models.BooleanField(_("flagged"), default=False)
    skipped = models.BooleanField(_("skipped"), default=False)

    class Meta:
        verbose_name = _("session question")
        verbose_name_plural = _("session questions")
        ordering = ["session", "position"]
        constraints = [
            models.UniqueConstraint(fields=["session", "position"], name="session_question_position_unique"),
            models.UniqueConstraint(
                fields=["session", "version"], condition=Q(follow_up=""), name="session_question_version_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} #{self.position}"

    @property
    def is_follow_up(self) -> bool:
        return bool(self.follow_up)

    @property
    def is_current(self) -> bool:
        return self.position == self.session.current_position

    def time_spent_ms_at(self, now: datetime) -> int:
        """Return the milliseconds this question has been in front of the candidate, up to `now`, pauses left out."""
        since = self.session.current_since if self.is_current else None
        return self.time_spent_ms + (max(0, clock.elapsed_ms(since=since, now=now)) if since else 0)


class Answer(models.Model):
    """The candidate's words for one question: a draft while `open`, immutable afterwards.

    `candidate`, `session` and `deadline` repeat the session's, so that saving a draft is one guarded UPDATE on one
    table; `lifecycle.py` writes both together. `body` is text for every kind: choice keys one per line, a number as
    typed.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SUBMITTED = "submitted", _("submitted")
        PASSED = "passed", _("closed when the session went on without it")
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
    client_sequence = models.PositiveIntegerField(_("last writer's counter"), default=0)
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

    def is_writable(self, now: datetime) -> bool:
        """Whether the answer can still be worked on: open, and neither the session's time nor its own is up."""
        return self.is_open and not clock.is_over(deadline=self.deadline, now=now)

    def accepts_words(self, now: datetime) -> bool:
        """Whether words that arrive now still count: open, and in time with the grace for words under way."""
        return self.is_open and now <= clock.last_accepted(
            deadline=self.deadline, grace_seconds=settings.INTERVIEW_GRACE_SECONDS
        )

    @property
    def has_words(self) -> bool:
        return bool(self.body.strip())


class DraftRevision(models.Model):
    """One save, as the difference to the one before: `removed` characters at `start` gave way to `inserted`.

    Written by a trigger on Answer (migration 0005), so that no save is without it; never changed. Beyond MAX_REVISIONS
    per answer, or with an insertion of over LONG_BYTES once they make up MAX_HISTORY_BYTES, the answer is saved without
    one: nobody types like that. The trigger knows these bounds too.
    """

    MAX_REVISIONS = 5_000
    MAX_HISTORY_BYTES = 1024 * 1024
    LONG_BYTES = 1024

    pk = models.CompositePrimaryKey("answer_id", "revision")
    # No constraint: the row comes out of the very statement that writes the answer, which it would look up again.
    answer = models.ForeignKey(
        Answer,
        models.CASCADE,
        related_name="revisions",
        db_constraint=False,
        db_index=False,
        verbose_name=_("answer"),
    )
    saved_at = models.DateTimeField(_("saved"))
    revision = models.PositiveIntegerField(_("revision"))
    client_sequence = models.PositiveIntegerField(_("writer's counter"))
    start = models.PositiveIntegerField(_("from character"))
    removed = models.PositiveIntegerField(_("characters removed"))
    late = models.BooleanField(_("arrived after the end, within the grace"))
    inserted = models.TextField(_("text inserted"))

    class Meta:
        verbose_name = _("draft revision")
        verbose_name_plural = _("draft revisions")
        ordering = ["answer", "revision"]

    def __str__(self) -> str:
        return f"revision {self.revision} of {self.answer_id}"


class KeptDraft(models.Model):
    """Words that could not become the answer, kept for the candidate and the mentor: never counted, never lost."""

    class Reason(models.TextChoices):
        STALE = "stale", _("another tab had saved in between")
        LEASE = "lease", _("the interview went on in another tab")
        OVERTAKEN = "overtaken", _("a newer save of the same tab had arrived first")
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
