"""What happened in a session, in order: the event log. Rows are added by `lifecycle` and never changed.

Saves are not in here: each has its `DraftRevision`, and a transcript reads the two together.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sessions.models.sittings import InterviewSession, SessionQuestion


class SessionEvent(models.Model):
    """One thing that happened. `data` says more, by kind; see `Kind`. A trigger (migration 0005) refuses changes."""

    class Kind(models.TextChoices):
        STARTED = "started", _("started")
        OPENED = "opened", _("question opened")
        SUBMITTED = "submitted", _("answer submitted")
        SKIPPED = "skipped", _("question skipped")
        FLAGGED = "flagged", _("question flagged")
        UNFLAGGED = "unflagged", _("flag taken away")
        RAN_OUT = "ran_out", _("time of the question ran out")
        PAUSED = "paused", _("paused")
        RESUMED = "resumed", _("resumed")  # data: paused_ms
        TAKEN_OVER = "taken_over", _("went on in another tab")
        DISCONNECTED = "disconnected", _("connection lost")  # data: by the browser's own account
        RETURNED = "returned", _("connection back")  # data: away_ms, by the browser's own account
        TIME_CHANGED = "time_changed", _("time changed by staff")  # data: reason, extra_minutes, time_factor
        REOPENED = "reopened", _("reopened by staff")  # data: reason, remaining_ms, was: the end before
        FINISHED = "finished", _("finished")
        CLOSED_BY_CLOCK = "clock", _("closed by the clock")

    session = models.ForeignKey(InterviewSession, models.CASCADE, related_name="events", verbose_name=_("session"))
    at = models.DateTimeField(_("at"))
    question = models.ForeignKey(
        SessionQuestion,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,  # written together with its question, which the session's constraint covers
        verbose_name=_("question"),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Set where somebody else than the candidate acted."),
    )
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    data: models.JSONField[Any, Any] = models.JSONField(_("details"), null=True, blank=True)

    class Meta:
        verbose_name = _("session event")
        verbose_name_plural = _("session events")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%H:%M:%S}"
