"""What an interview consists of: plans and their sections. Editing one never changes a session that was started."""

import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from interviewprep.accounts.models import User
from questions.content import Difficulty, Kind
from questions.models import Topic


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
