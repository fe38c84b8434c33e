"""What the curator's pages keep for themselves: the searchable copy of the bank, saved views, undo, and unsaved words.

`BankEntry` and `BankWord` are written by triggers in the database alone (migration 0005), so that whoever writes a
question, be it a page, an import or a shell, keeps the search right. The rest has its writers in `questions.searching`,
`questions.bulk` and `questions.editing`.
"""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Left, StrIndex, Substr
from django.utils.translation import gettext_lazy as _

from interviewprep.accounts.models import User
from questions.models.bank import Question, QuestionVersion, Topic


class BankEntry(models.Model):
    """One question as the bank browser searches, filters and sorts it. Read only.

    It speaks of the draft that waits to be published, else of the current version, else of the newest. Rows are small
    on purpose: the numbers beside the filters come from all of them. `facets` holds everything that has few values;
    `questions.facets` reads it.
    """

    question = models.OneToOneField(
        Question, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="entry"
    )
    # These repeat keys that the triggers keep right, so the database need not check them.
    topic = models.ForeignKey(Topic, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    changed_at = models.DateTimeField()
    facets = models.IntegerField()
    open_flags = models.PositiveIntegerField()
    version = models.ForeignKey(
        QuestionVersion, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    fingerprint = models.UUIDField(help_text="Of the version's digest: what the texts below were made from.")
    title = models.CharField(max_length=100, help_text="The slug, before there is a version.")
    author = models.CharField(max_length=200)
    tags = ArrayField(models.CharField(max_length=60))
    document = SearchVectorField(help_text="Stems: A title, B prompt and tags, C points and choices, D answers.")
    asked = models.TextField(help_text="The first 150 letters of title and prompt, for finding what is asked already.")

    class Meta:
        verbose_name = _("entry of the bank")
        verbose_name_plural = _("entries of the bank")
        # What is new comes first, and equal times always in the same order.
        ordering = ["-changed_at", "pk"]
        indexes = [
            models.Index(fields=["-changed_at", "question"], name="bank_entry_newest"),
            models.Index(fields=["title", "question"], name="bank_entry_title"),
            models.Index(fields=["topic", "facets"], name="bank_entry_counts"),
            models.Index(fields=["author", "facets"], name="bank_entry_author"),
            GinIndex(fields=["tags"], name="bank_entry_tags"),
            GinIndex(fields=["document"], name="bank_entry_document"),
            GinIndex(
                OpClass(Left(Substr("asked", StrIndex("asked", Value("\n")) + 1), 100), name="gin_trgm_ops"),
                name="bank_entry_prompt",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class BankWord(models.Model):
    """The stem of a word that some entry's document has: what a mistyped search probably meant. Stems stay for good."""

    word = models.CharField(max_length=60, primary_key=True)

    class Meta:
        verbose_name = _("word of the bank")
        verbose_name_plural = _("words of the bank")
        indexes = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="bank_word_letters")]

    def __str__(self) -> str:
        return self.word


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> Self:
        """The user's own and those shared with all curators; deleted ones are gone."""
        return self.filter(Q(owner=user) | Q(is_shared=True), deleted_at__isnull=True)

    def of(self, user: User) -> Self:
        """The user's own, deleted ones too: those can come back."""
        return self.filter(owner=user)


class SavedView(models.Model):
    """A search of the bank browser under a name. `query` is the address behind the question mark."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("search"), max_length=2_000, blank=True)
    is_shared = models.BooleanField(_("shared with all curators"), default=False)
    created_at = models.DateTimeField(_("created"))
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["name"], condition=Q(is_shared=True), name="saved_view_shared")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(deleted_at__isnull=True), name="saved_view_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BulkAction(models.Model):
    """One change of several questions at once, with what it takes to undo it."""

    class Kind(models.TextChoices):
        RETIRE = "retire", _("retire")
        RESTORE = "restore", _("restore")
        MOVE = "move", _("move to another topic")
        ADD_TAG = "add_tag", _("add a tag")
        REMOVE_TAG = "remove_tag", _("remove a tag")
        DIFFICULTY = "difficulty", _("set the difficulty")
        SUBMIT = "submit", _("submit for review")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    value = models.CharField(_("to what"), max_length=100, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="bulk_actions")
    at = models.DateTimeField(_("when"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("bulk action")
        verbose_name_plural = _("bulk actions")
        ordering = ["-at"]
        indexes = [models.Index(fields=["actor", "-at"], name="bulk_action_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}".strip()


class BulkChange(models.Model):
    """What a bulk action did to one question: how it stood before and after, as `questions.bulk` describes it."""

    action = models.ForeignKey(BulkAction, models.CASCADE, related_name="changes")
    question = models.ForeignKey(Question, models.CASCADE, related_name="bulk_changes")
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        verbose_name = _("change of a bulk action")
        verbose_name_plural = _("changes of bulk actions")
        constraints = [models.UniqueConstraint(fields=["action", "question"], name="bulk_change_once")]

    def __str__(self) -> str:
        return f"{self.action_id}: {self.question_id}"


class WorkingCopyQuerySet(models.QuerySet["WorkingCopy"]):
    def of(self, user: User) -> Self:
        return self.filter(owner=user)


class WorkingCopy(models.Model):
    """What a curator has typed into the editor and not saved as a version yet, however incomplete.

    `typed` is what `questions.editing.typed` describes. `base` is the version that was open when the writing began,
    and `base_digest` what it said then: a save compares both, so that nobody writes over somebody else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="working_copies")
    question = models.ForeignKey(
        Question, models.CASCADE, null=True, blank=True, related_name="working_copies", verbose_name=_("question")
    )
    base = models.ForeignKey(QuestionVersion, models.SET_NULL, null=True, blank=True, related_name="+")
    base_digest = models.CharField(max_length=64, blank=True)
    typed = models.JSONField(_("what was typed"))
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(_("kept"))

    objects = WorkingCopyQuerySet.as_manager()

    class Meta:
        verbose_name = _("working copy")
        verbose_name_plural = _("working copies")
        ordering = ["-saved_at"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "question"], name="working_copy_one_per_question"),
        ]

    def __str__(self) -> str:
        return str(self.typed.get("title") or self.pk)
