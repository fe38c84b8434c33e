"""The bank as a folder: one Markdown file per question, `<area>/<topic>/<slug>.md`, and an `area.yaml` per area.

Collects all problems of all files, each with its line, before it refuses the whole. Never touches the database:
`loading.py` does.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from questions.bankformat import (
    MAX_FILE_BYTES,
    BankError,
    BankTopic,
    FileProblem,
    decode,
    parse_area,
    parse_question,
    slug_problem,
)
from questions.content import Content

AREA_FILE = "area.yaml"
# Files that may lie beside the areas without being part of the bank.
COMPANIONS = frozenset({"README.md", "LICENSE"})


@dataclass(frozen=True, slots=True)
class BankQuestion:
    slug: str
    area: str
    topic: str
    path: str
    content: Content


@dataclass(frozen=True, slots=True)
class Bank:
    """Everything one folder says. Areas come before topics."""

    topics: tuple[BankTopic, ...]
    questions: tuple[BankQuestion, ...]


def read_bank(root: Path) -> Bank:
    """Return what the files below `root` say, or raise BankError with every problem of every file.

    Symbolic links and hidden files are passed over. Raises NotADirectoryError when there is no such folder.
    """
    if not root.is_dir():
        raise NotADirectoryError(root)
    reader = _BankReader(root)
    reader.read()
    if reader.problems:
        raise BankError(reader.problems)
    return Bank(topics=tuple(reader.areas + reader.topics), questions=tuple(reader.questions))


@dataclass(slots=True)
class _BankReader:
    """Walks one bank and gathers what it finds, good and bad."""

    root: Path
    problems: list[FileProblem] = field(default_factory=list)
    areas: list[BankTopic] = field(default_factory=list)
    topics: list[BankTopic] = field(default_factory=list)
    questions: list[BankQuestion] = field(default_factory=list)
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def read(self) -> None:
        folders = False
        for entry in _entries(self.root):
            if entry.is_dir():
                folders = True
                self._read_area(entry.name)
            elif entry.name.endswith(".md") and entry.name not in COMPANIONS:
                self._complain(entry.name, _("a question belongs in a folder <area>/<topic>/"))
        if not folders:
            self._complain(".", _("holds no area: a folder with an %s") % AREA_FILE)

    def _read_area(self, area: str) -> None:
        known = None
        with self._collecting():
            known = self._area_file(f"{area}/{AREA_FILE}", area)
        for entry in _entries(self.root / area):
            inside = f"{area}/{entry.name}"
            if entry.is_dir():
                self._read_topic_folder(inside, area=area, topic=entry.name, known=known)
            elif entry.name.endswith(".md"):
                self._complain(inside, _("a question belongs in a topic's folder below %s/") % area)

    def _read_topic_folder(self, folder: str, *, area: str, topic: str, known: set[str] | None) -> None:
        for entry in _entries(self.root / folder):
            path = f"{folder}/{entry.name}"
            if entry.is_dir():
                self._complain(path, _("folders go no deeper than <area>/<topic>/"))
            elif entry.name.endswith(".md"):
                if known is not None and topic not in known:
                    self._complain(path, _("%(file)s has no topic “%(topic)s”") % {"file": AREA_FILE, "topic": topic})
                with self._collecting():
                    self._read_question(path, area, topic)

    def _area_file(self, path: str, area: str) -> set[str]:
        """Read an area's file and return the slugs of its topics. Raises BankError."""
        file = self.root / path
        if file.is_symlink() or not file.is_file():
            raise BankError([FileProblem(path, 1, _("is missing: it names the area and its topics"))])
        parsed, *topics = parse_area(decode(self._bytes(path), path), area, path)
        for topic in (parsed, *topics):
            self._take_name("topic", topic.slug, path, topic.line)
        self.areas.append(parsed)
        self.topics.extend(topics)
        return {topic.slug for topic in topics}

    def _read_question(self, path: str, area: str, topic: str) -> None:
        slug = path.rsplit("/", 1)[1].removesuffix(".md")
        if complaint := slug_problem(slug):
            self._complain(path, complaint)
        self._take_name("question", slug, path, 1)
        content = parse_question(decode(self._bytes(path), path), path)
        self.questions.append(BankQuestion(slug=slug, area=area, topic=topic, path=path, content=content))

    def _bytes(self, path: str) -> bytes:
        try:
            with (self.root / path).open("rb") as file:
                return file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise BankError([FileProblem(path, 1, _("cannot be read: %s") % error.strerror)]) from error

    def _take_name(self, sort: str, slug: str, path: str, line: int) -> None:
        """Note that `slug` is used here: every topic's and every question's is unique in the whole bank."""
        if (sort, slug) in self.names:
            earlier = self.names[sort, slug]
            self._complain(path, _("“%(slug)s” is taken by %(path)s") % {"slug": slug, "path": earlier}, line)
        self.names.setdefault((sort, slug), path)

    def _complain(self, path: str, message: str, line: int = 1) -> None:
        self.problems.append(FileProblem(path, line, message))

    @contextmanager
    def _collecting(self) -> Iterator[None]:
        try:
            yield
        except BankError as error:
            self.problems.extend(error.problems)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if not entry.is_symlink() and not entry.name.startswith(".") and (entry.is_dir() or entry.is_file()):
            yield entry
