"""Interviews that have a date: who, which plan, when it may start, and whether its end is fixed too."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from interviewprep.accounts.models import User
from sessions.models.plans import InterviewPlan
from sessions.models.sittings import InterviewSession


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def of(self, candidate: User) -> Self:
        return self.filter(candidate=candidate)

    def upcoming(self, now: datetime) -> Self:
        """Those that can still be kept: neither cancelled nor begun, and the start is still possible."""
        return self.filter(cancelled_at__isnull=True, session__isnull=True, closes_at__gte=now)

    def unmailed(self) -> Self:
        """Appointments whose e-mail a worker still owes; the sweep sends them again."""
        return self.filter(mailed_at__isnull=True)


class Appointment(models.Model):
    """A scheduled interview. It may start from `opens_at` to `closes_at`; starting late shortens nothing.

    Unless `ends_at` is set: then the session ends there at the latest, however late it began.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="appointments", verbose_name=_("candidate")
    )
    plan = models.ForeignKey(InterviewPlan, models.CASCADE, related_name="appointments", verbose_name=_("plan"))
    opens_at = models.DateTimeField(_("may start from"))
    closes_at = models.DateTimeField(_("must start by"))
    ends_at = models.DateTimeField(_("ends at the latest"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    created_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))
    sequence = models.PositiveIntegerField(_("number of changes"), default=0)  # a calendar's SEQUENCE
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mail sent"), null=True, blank=True)
    session = models.OneToOneField(
        InterviewSession,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="appointment",
        verbose_name=_("session"),
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["opens_at"]
        indexes = [
            models.Index(fields=["candidate", "opens_at"], name="appointment_candidate_opens"),
            models.Index(fields=["created_at"], condition=Q(mailed_at__isnull=True), name="appointment_unmailed"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gte=F("opens_at")), name="appointment_window_in_order"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("closes_at")),
                name="appointment_end_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}, {self.opens_at:%Y-%m-%d %H:%M}"

    def is_open(self, now: datetime) -> bool:
        """Whether the interview may start now."""
        return self.cancelled_at is None and self.opens_at <= now <= self.closes_at
