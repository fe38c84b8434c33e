"""From bank files to the database: idempotent, all or nothing, and respectful of what people edited meanwhile.

The rule: a load changes what changed in the files since the last load (`LoadedItem` remembers), and nothing else. So an
edit made in the admin stays until its file changes too; then the file's text becomes the newest version and the edit
stays in the history. A file that is gone retires its question; one that comes back publishes it again.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from questions.bankfiles import Bank, BankQuestion
from questions.bankformat import BankError, BankTopic, FileProblem
from questions.models import LoadedItem, Question, Topic
from questions.publishing import NewQuestion, add_version, create_published, publish, retire

SHIPPED = "shipped"
# Any number will do, as long as nothing else in this database locks the same one.
_LOCK_NUMBER = 0x1A7E12


@dataclass(slots=True)
class LoadReport:
    """What a load did, by slug. `notes` are sentences about what a person may want to know."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    unchanged: int = 0
    notes: list[str] = field(default_factory=list)


def load_bank(*, bank: Bank, origin: str, now: datetime) -> LoadReport:
    """Bring the database in line with what changed in `bank` since it was last loaded under the name `origin`.

    Two loads at once run one after the other. Raises BankError, having changed nothing, when a question of the bank
    exists already and came from somewhere else.
    """
    with transaction.atomic():
        lock_loads()
        return _Load(bank, origin, now).run()


def lock_loads() -> None:
    """Wait until no other transaction loads, and keep others waiting until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_NUMBER])


def remember(items: Iterable[LoadedItem]) -> None:
    """Note what the files said, over what was noted of the same names before."""
    LoadedItem.objects.bulk_create(
        items,
        update_conflicts=True,
        unique_fields=["sort", "name"],
        update_fields=["origin", "path", "digest", "gone"],
    )


class _Load:
    """One load under way: what is wanted, what was known, and what has been done so far."""

    def __init__(self, bank: Bank, origin: str, now: datetime) -> None:
        self.bank, self.origin, self.now = bank, origin, now
        self.report = LoadReport()
        self.noted: list[LoadedItem] = []
        known = LoadedItem.objects.filter(sort__in=[LoadedItem.Sort.TOPIC, LoadedItem.Sort.QUESTION])
        self.items = {(item.sort, item.name): item for item in known}

    def run(self) -> LoadReport:
        topics = self._load_topics()
        wanted = {question.slug: question for question in self.bank.questions}
        self._refuse_those_of_another_bank(wanted)
        fresh = [question for question in wanted.values() if self._item(question.slug) is None]
        changed = [question for question in wanted.values() if self._has_changed(question)]
        missing = [item for item in self.items.values() if self._is_missing(item, wanted)]
        slugs = [*(q.slug for q in (*fresh, *changed)), *(item.name for item in missing)]
        existing = _existing(slugs)
        self._add(fresh, existing, topics)
        self._change(changed, existing, topics)
        self._retire(missing, existing)
        if self.noted:
            remember(self.noted)
        self.report.unchanged = len(wanted) - len(self.report.added) - len(self.report.changed)
        return self.report

    def _item(self, slug: str) -> LoadedItem | None:
        return self.items.get((LoadedItem.Sort.QUESTION, slug))

    def _note(self, sort: LoadedItem.Sort, name: str, path: str, digest: str, *, gone: bool = False) -> None:
        self.noted.append(LoadedItem(sort=sort, name=name, origin=self.origin, path=path, digest=digest, gone=gone))

    # Topics

    def _load_topics(self) -> dict[str, Topic]:
        """Create and update the topics, and return all there are by slug."""
        rows = {topic.slug: topic for topic in Topic.objects.all()}
        new: list[Topic] = []
        updated: list[Topic] = []
        for topic in self.bank.topics:
            digest, item = _topic_digest(topic), self.items.get((LoadedItem.Sort.TOPIC, topic.slug))
            if topic.slug in rows and item and item.digest == digest:
                continue
            (updated if topic.slug in rows else new).append(row := rows.get(topic.slug, Topic(slug=topic.slug)))
            row.name, row.description, row.order = topic.name, topic.description, topic.order
            row.area = rows[topic.area] if topic.area else None
            rows[topic.slug] = row
            self._note(LoadedItem.Sort.TOPIC, topic.slug, topic.path, digest)
        if new or updated:
            Topic.objects.bulk_create(new)
            Topic.objects.bulk_update(updated, ["name", "description", "order", "area"])
            self._refuse_a_third_level()
        return rows

    def _refuse_a_third_level(self) -> None:
        deep = set(Topic.objects.filter(area__area__isnull=False).values_list("area__slug", flat=True))
        message = _("“%s” is an area with topics of its own in the database and cannot become a topic")
        problems = [
            FileProblem(topic.path, topic.line, message % topic.slug)
            for topic in self.bank.topics
            if topic.area and topic.slug in deep
        ]
        if problems:
            raise BankError(problems)

    # Questions

    def _refuse_those_of_another_bank(self, wanted: Mapping[str, BankQuestion]) -> None:
        message = _("“%(slug)s” belongs to the bank “%(bank)s”; to load this folder in its place, say --name %(bank)s")
        problems = [
            FileProblem(question.path, 1, message % {"slug": question.slug, "bank": item.origin})
            for question in wanted.values()
            if (item := self._item(question.slug)) and item.origin != self.origin
        ]
        if problems:
            raise BankError(problems)

    def _has_changed(self, question: BankQuestion) -> bool:
        item = self._item(question.slug)
        return item is not None and (
            item.gone or item.path != question.path or item.digest != question.content.digest()
        )

    def _is_missing(self, item: LoadedItem, wanted: Mapping[str, BankQuestion]) -> bool:
        is_ours = item.sort == LoadedItem.Sort.QUESTION and item.origin == self.origin
        return is_ours and not item.gone and item.name not in wanted

    def _add(self, fresh: list[BankQuestion], existing: Mapping[str, Question], topics: Mapping[str, Topic]) -> None:
        """Create what is new. A question that somebody wrote in the admin first is adopted if it says the same."""
        adopted = [question for question in fresh if question.slug in existing]
        strangers = [question for question in adopted if not self._adopt(question, existing[question.slug])]
        if strangers:
            message = _("the database has another question “%s”, written in the admin; rename one of the two")
            raise BankError([FileProblem(question.path, 1, message % question.slug) for question in strangers])
        new = [
            NewQuestion(slug=question.slug, topic=topics[question.topic], content=question.content)
            for question in fresh
            if question.slug not in existing
        ]
        if new:
            create_published(questions=new, now=self.now)
        for question in fresh:
            self.report.added.append(question.slug)
            self._note(LoadedItem.Sort.QUESTION, question.slug, question.path, question.content.digest())

    def _adopt(self, question: BankQuestion, row: Question) -> bool:
        newest = row.versions.order_by("-number").first()
        if newest is None or newest.digest != question.content.digest():
            return False
        publish(question=row, version=newest, now=self.now)
        return True

    def _change(
        self, changed: list[BankQuestion], existing: Mapping[str, Question], topics: Mapping[str, Topic]
    ) -> None:
        for question in changed:
            item, row = self._item(question.slug), existing.get(question.slug)
            assert item is not None, "only known questions can have changed"
            digest = question.content.digest()
            if row is None:
                lost = NewQuestion(slug=question.slug, topic=topics[question.topic], content=question.content)
                create_published(questions=[lost], now=self.now)
            else:
                if item.path != question.path:
                    Question.objects.filter(pk=row.pk).update(topic=topics[question.topic])
                if item.digest != digest:
                    self._new_version(question, row, item)
                elif item.gone and row.status == Question.Status.RETIRED:
                    publish(question=row, version=row.current_version, now=self.now)
            self.report.changed.append(question.slug)
            self._note(LoadedItem.Sort.QUESTION, question.slug, question.path, digest)

    def _new_version(self, question: BankQuestion, row: Question, item: LoadedItem) -> None:
        before = row.current_version
        version = add_version(question=row, content=question.content, author=None)
        names = {"slug": row.slug, "new": version.number, "old": before.number if before else 0}
        if row.status == Question.Status.RETIRED and not item.gone:
            note = _("%(slug)s was retired in the admin, so its new version %(new)d waits there as a draft")
            self.report.notes.append(note % names)
            return
        publish(question=row, version=version, now=self.now)
        if before and before.digest not in (item.digest, version.digest):
            note = _("%(slug)s: version %(new)d from the file replaces version %(old)d, which was written in the admin")
            self.report.notes.append(note % names)

    def _retire(self, missing: Iterable[LoadedItem], existing: Mapping[str, Question]) -> None:
        for item in missing:
            row = existing.get(item.name)
            if row and row.status != Question.Status.RETIRED:
                retire(question=row)
                self.report.retired.append(row.slug)
                self.report.notes.append(
                    _("%(slug)s retired: %(path)s is gone") % {"slug": row.slug, "path": item.path}
                )
            self._note(LoadedItem.Sort.QUESTION, item.name, item.path, item.digest, gone=True)


def _existing(slugs: list[str]) -> dict[str, Question]:
    if not slugs:
        return {}
    rows = Question.objects.filter(slug__in=slugs).select_related("current_version")
    return {question.slug: question for question in rows}


def _topic_digest(topic: BankTopic) -> str:
    said = repr((topic.area, topic.name, topic.description, topic.order))
    return hashlib.sha256(said.encode()).hexdigest()
