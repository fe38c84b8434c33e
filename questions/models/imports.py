"""Imports as they happen: the file in pieces, what was found in it, what was decided, and what became of it.

An `ImportRun` is the queue's entry and the record of who imported what and when; `questions.importing.running` and
`questions.importing.undoing` are its only writers. The file lies in the database until it is imported, because whoever
received it and whoever reads it may be two machines.
"""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from interviewprep.accounts.models import User
from questions.models.bank import Question, QuestionVersion, Topic

IMPORT_PERMISSION = "questions.add_question"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: User) -> Self:
        """All of them for whoever may import: the bank is looked after together. For others none."""
        return self if user.has_perm(IMPORT_PERMISSION) else self.none()

    def owed(self, heard_before: datetime) -> Self:
        """Runs with work to do that nobody has been heard of since: still waiting, or their worker died."""
        return self.filter(state__in=ImportRun.WORKED_ON, heard_at__lt=heard_before)


class ImportRun(models.Model):
    """One file somebody sent, from its arrival to what became of it."""

    class State(models.TextChoices):
        """Those in `WORKED_ON` are a worker's: with a `claim` one is at it, without they wait for one."""

        READING = "reading", _("being read")
        REFUSED = "refused", _("not readable")
        READY = "ready", _("read, not imported yet")
        IMPORTING = "importing", _("being imported")
        IMPORTED = "imported", _("imported")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    class Target(models.TextChoices):
        DRAFT = "draft", _("as drafts")
        REVIEW = "review", _("for review")
        PUBLISHED = "published", _("published at once")

    WORKED_ON: ClassVar = [State.READING, State.IMPORTING, State.UNDOING]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("sent by")
    )
    created_at = models.DateTimeField(_("sent"))
    filename = models.CharField(_("file"), max_length=200)
    size_bytes = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    format = models.CharField(_("format"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READING)

    # What the person said about the whole file.
    licence = models.CharField(_("licence"), max_length=100, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    target = models.CharField(_("questions come in"), max_length=10, choices=Target, default=Target.DRAFT)
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("topic of everything else")
    )
    proposes_points = models.BooleanField(_("propose key points"), default=False)
    # A table's headings and what each means; null until somebody changes what was guessed.
    columns = models.JSONField(null=True, blank=True)
    # By the topic as the file names it: a topic's slug, or `new:` and the slug of the area it is to be made in.
    topic_choices = models.JSONField(default=dict, blank=True)
    leaves_out_errors = models.BooleanField(_("leave out what is faulty"), default=False)

    # What the reading found. `topics` are those that the file describes itself, `headings` those of a table.
    headings = models.JSONField(default=list, blank=True)
    topics = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    # Slugs of topics that the import made, so that undoing it can take them away again.
    made_topics = models.JSONField(default=list, blank=True)
    question_count = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)

    # The work under way: who has it, when it was asked for or last heard of, and how far it is.
    claim = models.UUIDField(null=True, blank=True)
    heard_at = models.DateTimeField()
    progress = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Why the last piece of work came to nothing, for the person.
    failure = models.TextField(blank=True)

    imported_at = models.DateTimeField(_("imported"), null=True, blank=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("imported by"),
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at"], name="import_run_newest"),
            models.Index(
                fields=["heard_at"],
                condition=Q(state__in=["reading", "importing", "undoing"]),
                name="import_run_waiting",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["imported", "undoing", "undone"]) | Q(imported_at__isnull=False),
                name="import_run_imported_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKED_ON


class ImportPart(models.Model):
    """A piece of the file. Deleted when the import is done, undone or thrown away."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of an imported file")
        verbose_name_plural = _("parts of imported files")
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="import_part_number_unique")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"


class ImportItemQuerySet(models.QuerySet["ImportItem"]):
    def with_errors(self) -> Self:
        return self.filter(state=ImportItem.State.FAULTY)

    def duplicates(self) -> Self:
        return self.exclude(match=ImportItem.Match.NONE)

    def importable(self) -> Self:
        """Those that become a question or a version, unless their duplicate's choice says otherwise."""
        return self.filter(state__in=[ImportItem.State.COMPLETE, ImportItem.State.INCOMPLETE])


class ImportItem(models.Model):
    """One question of a file, or a piece of it that could not be read as one."""

    class State(models.TextChoices):
        COMPLETE = "complete", _("complete")
        INCOMPLETE = "incomplete", _("incomplete")
        LEFT_OUT = "left_out", _("no question for the bank")
        FAULTY = "faulty", _("faulty")

    class Match(models.TextChoices):
        """What else says the same. The first that fits counts."""

        NONE = "", _("new")
        IDENTICAL = "identical", _("in the bank word for word")
        SLUG = "slug", _("another wording of a question of the bank")
        TEXT = "text", _("the same question is in the bank")
        FILE = "file", _("the same question stands further up in the file")

    class Choice(models.TextChoices):
        SKIP = "skip", _("leave it out")
        ADD = "add", _("import it all the same")
        VERSION = "version", _("make it a new version of that question")

    class Outcome(models.TextChoices):
        NONE = "", _("not imported")
        ADDED = "added", _("new question")
        UNFINISHED = "unfinished", _("new question, still to be completed")
        VERSION = "version", _("new version")
        SKIPPED = "skipped", _("left out")

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State)
    path = models.CharField(max_length=300, blank=True)
    line = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=200, blank=True)
    # By the names of Content's fields; complete and checked, or as far as the file goes.
    values = models.JSONField(default=dict, blank=True)
    slug = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    fingerprint = models.CharField(max_length=32, blank=True)
    topics = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    missing = models.JSONField(default=list, blank=True)
    problems = models.JSONField(default=list, blank=True)
    not_carried = models.JSONField(default=list, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    match = models.CharField(max_length=10, choices=Match, default=Match.NONE, blank=True)
    matched = models.ForeignKey(Question, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    matched_position = models.PositiveIntegerField(null=True, blank=True)
    choice = models.CharField(max_length=10, choices=Choice, blank=True, default="")

    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.NONE, blank=True)
    question = models.ForeignKey(Question, models.SET_NULL, null=True, blank=True, related_name="imported_as")
    version = models.ForeignKey(QuestionVersion, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ImportItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported question")
        verbose_name_plural = _("imported questions")
        ordering = ["run", "position"]
        indexes = [
            models.Index(fields=["run", "state", "position"], name="import_item_state"),
            models.Index(fields=["run", "match", "position"], name="import_item_match"),
            models.Index(fields=["matched"], condition=Q(matched__isnull=False), name="import_item_matched"),
            models.Index(fields=["fingerprint"], condition=Q(outcome="unfinished"), name="import_item_unfinished"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="import_item_position_unique"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.path}:{self.line}"

    @property
    def decided(self) -> str:
        """What happens with it: the person's choice, or what is safe where none was made."""
        return self.choice or (self.Choice.ADD if self.match == self.Match.NONE else self.Choice.SKIP)


class VersionFingerprint(models.Model):
    """What a version asks, as a number that is equal when two ask the same. Refreshed when an import looks for it."""

    version = models.OneToOneField(QuestionVersion, models.CASCADE, primary_key=True, related_name="+")
    # Of the words it was made from: a draft may change.
    digest = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("fingerprint of a version")
        verbose_name_plural = _("fingerprints of versions")
        indexes = [models.Index(fields=["fingerprint"], name="version_fingerprint")]

    def __str__(self) -> str:
        return self.fingerprint


class RememberedTopic(models.Model):
    """Which of our topics was meant by a topic of somebody's file, for the next file that names it."""

    name = models.CharField(max_length=600, unique=True)
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("remembered topic")
        verbose_name_plural = _("remembered topics")

    def __str__(self) -> str:
        return f"{self.name} → {self.topic}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = self.name[:600]
        super().save(*args, **kwargs)
