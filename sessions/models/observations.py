"""Facts for item statistics: one row per question that a candidate met in a finished session, kept from its report.

Written by `item_statistics.py` only, and always made anew from reports; deleting all of it loses nothing.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from questions.models import QuestionVersion
from sessions.models.sittings import SessionQuestion


class ItemObservation(models.Model):
    """`sessions.item_analysis.Observation` with whose it is and when; shares lie in 0..1, times are in milliseconds."""

    question = models.OneToOneField(
        SessionQuestion, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("question")
    )
    version = models.ForeignKey(QuestionVersion, models.CASCADE, related_name="+", verbose_name=_("version"))
    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("candidate")
    )
    finished_at = models.DateTimeField(_("finished"))
    share = models.FloatField(_("share of the points"), null=True)
    rest = models.FloatField(_("share of the other points"), null=True)
    time_ms = models.PositiveIntegerField(_("time"))
    skipped = models.BooleanField(_("skipped"))
    chosen: models.JSONField[Any, Any] = models.JSONField(_("chosen"), default=list)

    class Meta:
        verbose_name = _("item observation")
        verbose_name_plural = _("item observations")
        indexes = [
            models.Index(fields=["version", "candidate", "finished_at"], name="observation_version_candidate"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} by {self.candidate_id}"


class StatisticsRun(models.Model):
    """One count of the item statistics. `through` is the time up to which reports were taken in."""

    through = models.DateTimeField(_("through"))
    finished_at = models.DateTimeField(_("finished"))
    report_count = models.PositiveIntegerField(_("reports taken in"))
    version_count = models.PositiveIntegerField(_("versions computed"))

    class Meta:
        verbose_name = _("count of item statistics")
        verbose_name_plural = _("counts of item statistics")
        ordering = ["-through"]
        indexes = [models.Index(fields=["-through"], name="statistics_run_through")]

    def __str__(self) -> str:
        return f"{self.through:%Y-%m-%d %H:%M}"
