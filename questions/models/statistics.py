"""What candidates made of a version, as the nightly count left it. Written by `sessions.item_statistics` only."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from questions.models.bank import QuestionVersion


class ItemStatistics(models.Model):
    """The statistics of one published version; `sessions.item_analysis` says what each figure means.

    Shares lie in 0..1, times are in milliseconds, None is what cannot be computed. `options` holds one object per
    choice: key, chosen, by_strong, by_weak.
    """

    version = models.OneToOneField(
        QuestionVersion, models.CASCADE, primary_key=True, related_name="statistics", verbose_name=_("version")
    )
    seen = models.PositiveIntegerField(_("seen"))
    attempts = models.PositiveIntegerField(_("attempts"))
    skipped = models.PositiveIntegerField(_("skipped"))
    facility = models.FloatField(_("facility"), null=True)
    facility_se = models.FloatField(_("standard error of the facility"), null=True)
    discrimination = models.FloatField(_("discrimination"), null=True)
    discrimination_se = models.FloatField(_("standard error of the discrimination"), null=True)
    discrimination_count = models.PositiveIntegerField(_("answers behind the discrimination"), default=0)
    time_q1_ms = models.PositiveIntegerField(_("first quartile of the time"), null=True)
    time_median_ms = models.PositiveIntegerField(_("median time"), null=True)
    time_q3_ms = models.PositiveIntegerField(_("third quartile of the time"), null=True)
    group_size = models.PositiveIntegerField(_("size of the strong and of the weak group"), default=0)
    options: models.JSONField[Any, Any] = models.JSONField(_("options"), default=list)
    flags = models.PositiveIntegerField(_("flags"), default=0)
    computed_at = models.DateTimeField(_("computed"))

    class Meta:
        verbose_name = _("item statistics")
        verbose_name_plural = _("item statistics")

    def __str__(self) -> str:
        return f"{self.version}: {self.attempts} attempts"

    @property
    def skip_rate(self) -> float | None:
        return self.skipped / self.seen if self.seen else None

    @property
    def flag_rate(self) -> float | None:
        """Flags for each person who saw it; one person flags a version once at most."""
        return self.flags / self.seen if self.seen else None
