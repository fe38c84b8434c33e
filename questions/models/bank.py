"""The question bank: topics, questions and their immutable versions.

Owns what can be asked. A version that was once published never changes again: sessions point at versions, so an
edit can never reach a running or a past interview. Knows nothing of sessions.
"""

import uuid
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from questions.content import Content, Difficulty, Format, Kind


class TopicQuerySet(models.QuerySet["Topic"]):
    def areas(self) -> Self:
        return self.filter(area__isnull=True)


class Topic(models.Model):
    """A subject. One without an `area` is itself an area; the tree has exactly these two levels."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="topics", verbose_name=_("area")
    )
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(condition=~Q(area=F("id")), name="topic_is_not_its_own_area"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.area and self.area.area_id:
            raise ValidationError({"area": _("Choose an area, not a topic: there are only two levels.")})
        if self.area and not self._state.adding and self.topics.exists():
            raise ValidationError({"area": _("This area has topics of its own, so it cannot become a topic.")})


class QuestionQuerySet(models.QuerySet["Question"]):
    def published(self) -> Self:
        """Questions that new sessions may draw."""
        return self.filter(status=Question.Status.PUBLISHED, current_version__isnull=False)


class Question(models.Model):
    """The lasting identity of a question: where it belongs, whether it is asked, and which version is current."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        PUBLISHED = "published", _("published")
        RETIRED = "retired", _("retired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="questions", verbose_name=_("topic"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    current_version = models.ForeignKey(
        "QuestionVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("current version"),
        help_text=_("The published version that new sessions get."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["slug"]
        indexes = [models.Index(fields=["status", "topic"], name="question_status_topic")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="published") | Q(current_version__isnull=False),
                name="question_published_has_version",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class ImmutableVersionError(Exception):
    """Somebody tried to change a version that was published or decided on in a review, or to delete a published one."""


class QuestionVersionQuerySet(models.QuerySet["QuestionVersion"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)


class QuestionVersion(models.Model):
    """One wording of a question. A draft until a reviewer decides on it or `published_at` is set, then immutable.

    `key_points`, `choices` and `numeric_answer` hold what `questions.content` describes; read them as `content`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="versions", verbose_name=_("question"))
    number = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    difficulty = models.CharField(_("difficulty"), max_length=10, choices=Difficulty)
    time_limit_seconds = models.PositiveIntegerField(_("time limit in seconds"))
    prompt = models.TextField(_("prompt"), help_text=_("Markdown; formulas between dollar signs."))
    reference_answer = models.TextField(_("reference answer"), help_text=_("Markdown."))
    key_points = models.JSONField(_("key points"), default=list, blank=True)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    numeric_answer = models.JSONField(_("number"), null=True, blank=True)
    follow_ups = models.JSONField(_("follow-up questions"), default=list, blank=True)
    format = models.CharField(_("format"), max_length=12, choices=Format, default=Format.EXPLANATION)
    misconceptions = models.JSONField(_("misconceptions"), default=list, blank=True)
    code = models.JSONField(_("code"), null=True, blank=True)
    guidance = models.TextField(_("guidance"), blank=True, default="", help_text=_("Markdown."))
    strong_sample = models.TextField(_("strong sample"), blank=True, default="", help_text=_("Markdown."))
    middling_sample = models.TextField(_("middling sample"), blank=True, default="", help_text=_("Markdown."))
    tags = models.JSONField(_("tags"), default=list, blank=True)
    licence = models.CharField(_("licence"), max_length=20, default="CC-BY-4.0")
    author = models.CharField(_("author"), max_length=200)
    source = models.CharField(_("source"), max_length=300, default="original")
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)

    objects = QuestionVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question version")
        verbose_name_plural = _("question versions")
        ordering = ["question", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="version_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.question} v{self.number}"

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            # Publishing waits for this lock, so that no draft is written over what was published meanwhile.
            stored = type(self).objects.select_for_update(no_key=True).filter(pk=self.pk).first()
            if stored and stored.is_settled:
                raise ImmutableVersionError(f"{self} was published or reviewed; make a new version instead")
        self.__dict__.pop("content", None)
        self.digest = self.content.digest()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.is_published:
            raise ImmutableVersionError(f"{self} is published and cannot be deleted; retire the question instead")
        return super().delete(*args, **kwargs)

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_settled(self) -> bool:
        """Whether its words stay as they are: published, or what a reviewer has decided on."""
        return self.is_published or self.reviews.filter(decided_at__isnull=False).exists()

    @cached_property
    def content(self) -> Content:
        """The typed content; raises ContentError only if the row was written behind the application's back."""
        return Content.parse({name: getattr(self, name) for name in Content.model_fields})


class LoadedItem(models.Model):
    """What a file said of one topic, question or plan when it was last loaded.

    A load changes only what changed in the files since then, so it never undoes what somebody edited in the admin.
    """

    class Sort(models.TextChoices):
        TOPIC = "topic", _("topic")
        QUESTION = "question", _("question")
        PLAN = "plan", _("plan")

    sort = models.CharField(_("sort"), max_length=10, choices=Sort)
    name = models.CharField(_("name"), max_length=60, help_text=_("The slug."))
    origin = models.CharField(_("origin"), max_length=60, help_text=_("Which bank the file belongs to."))
    path = models.CharField(_("file"), max_length=300)
    digest = models.CharField(_("digest"), max_length=64)
    gone = models.BooleanField(_("file is gone"), default=False)

    class Meta:
        verbose_name = _("loaded item")
        verbose_name_plural = _("loaded items")
        constraints = [models.UniqueConstraint(fields=["sort", "name"], name="loaded_item_once_per_name")]

    def __str__(self) -> str:
        return f"{self.sort} {self.name}"
