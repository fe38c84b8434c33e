"""What an interview consists of: plans and their sections. Editing one never changes a session that was started."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from interviewprep.accounts.models import User
from questions.content import Difficulty, Kind
from questions.models import Question, Topic


class Mode(models.TextChoices):
    """A mock interview does not pause and shows answers only afterwards; practice pauses and shows them at once."""

    MOCK = "mock", _("mock interview")
    PRACTICE = "practice", _("practice")


class Navigation(models.TextChoices):
    FREE = "free", _("back and forth")
    FORWARD = "forward", _("forward only")


class QuestionLimit(models.TextChoices):
    """What a question's time means: a suggestion, or the end of its answer."""

    NONE = "none", _("only suggested")
    SUGGESTED = "suggested", _("the suggested time is the limit")
    FIXED = "fixed", _("the same limit for every question")


class InterviewPlanQuerySet(models.QuerySet["InterviewPlan"]):
    def published(self) -> Self:
        return self.filter(is_published=True)

    def shared(self) -> Self:
        """Plans of the house, as against those a candidate composed."""
        return self.filter(owner__isnull=True)

    def visible_to(self, user: User) -> Self:
        """Published plans of the house and one's own; a guest sees only those made for visitors."""
        if user.is_guest:
            return self.shared().published().filter(for_visitors=True)
        return self.filter(Q(owner__isnull=True, is_published=True, for_visitors=False) | Q(owner=user))


class InterviewPlan(models.Model):
    """What an interview consists of. Editing a plan never changes a session that was started from it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=500, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="own_plans",
        verbose_name=_("owner"),
        help_text=_("The candidate who composed it for themselves; empty for a plan of the house."),
    )
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.MOCK)
    navigation = models.CharField(_("navigation"), max_length=10, choices=Navigation, default=Navigation.FREE)
    time_limit_seconds = models.PositiveIntegerField(
        _("time limit in seconds"),
        null=True,
        blank=True,
        validators=[MinValueValidator(60), MaxValueValidator(8 * 3600)],
        help_text=_("For the whole interview. Empty: only the questions have limits, or, in practice, nothing has."),
    )
    question_limit = models.CharField(
        _("limit per question"), max_length=10, choices=QuestionLimit, default=QuestionLimit.NONE
    )
    question_limit_seconds = models.PositiveIntegerField(
        _("limit of every question in seconds"),
        null=True,
        blank=True,
        validators=[MinValueValidator(10), MaxValueValidator(3600)],
    )
    reading_seconds = models.PositiveSmallIntegerField(
        _("reading time per question in seconds"),
        default=0,
        validators=[MaxValueValidator(600)],
        help_text=_("Given once for each question, on top of the limits."),
    )
    asks_follow_ups = models.BooleanField(
        _("asks follow-up questions"),
        default=False,
        help_text=_("After a submitted answer, the question's first follow-up is asked as well."),
    )
    repeat_after_days = models.PositiveSmallIntegerField(
        _("no repeats for days"),
        default=0,
        validators=[MaxValueValidator(365)],
        help_text=_("A question asked in these days is not drawn again, unless it is due for review."),
    )
    favours_weak_spots = models.BooleanField(
        _("favours weak spots"),
        default=False,
        help_text=_("Topics in which the candidate did worse are drawn more often."),
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
        constraints = [
            models.CheckConstraint(
                condition=~Q(question_limit="fixed") | Q(question_limit_seconds__isnull=False),
                name="plan_fixed_limit_has_seconds",
            ),
            models.CheckConstraint(
                condition=~Q(mode="mock", time_limit_seconds__isnull=True, question_limit="none"),
                name="plan_mock_has_a_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_visible_to(self, user: User) -> bool:
        """Whether `visible_to` would give this plan to the user, for a plan that is loaded already."""
        if self.owner_id is not None:
            return self.owner_id == user.pk
        return self.is_published and self.for_visitors == user.is_guest

    @property
    def limits_questions(self) -> bool:
        return self.question_limit != QuestionLimit.NONE

    @property
    def is_untimed(self) -> bool:
        return self.time_limit_seconds is None and not self.limits_questions

    @property
    def time_limit_minutes(self) -> int | None:
        return None if self.time_limit_seconds is None else round(self.time_limit_seconds / 60)


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
    questions = models.ManyToManyField(
        Question,
        blank=True,
        related_name="+",
        verbose_name=_("picked questions"),
        help_text=_("Draw from these only. None means all that fit."),
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
