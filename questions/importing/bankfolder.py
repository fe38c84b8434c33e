"""Our folder of Markdown files, packed as a zip: `<area>/<topic>/<slug>.md` and an `area.yaml` for each area.

The same files that `load_bank` reads, more leniently: one faulty file is one faulty question, an area needs no file of
its own, and the folder may lie inside another one. What it says comes along exactly.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions import yamltext
from questions.bankfiles import AREA_FILE, COMPANIONS
from questions.bankformat import MAX_FILE_BYTES, BankError, FileProblem, RawQuestion, decode, read_question
from questions.importing.archives import Archive
from questions.importing.base import (
    ImportProblem,
    Item,
    Markup,
    NotCarried,
    ParsedQuestion,
    ParsedTopic,
    ParseOptions,
    Passage,
    Severity,
    Sort,
)

# Files of a bank, or of a packer or a version control, that are no questions and that nobody misses.
_SILENT = COMPANIONS | {"CONTRIBUTING.md", "CHANGELOG.md", "annotations.yaml", "concepts.yaml"}
_SILENT |= {".gitignore", ".DS_Store"}


class BankFolderParser:
    name = "folder"
    label = gettext_lazy("Folder of Markdown files (zip)")
    extensions = ("zip",)

    def recognises(self, head: bytes) -> bool:
        return head.startswith(b"PK\x03\x04") and b"xl/" not in head and b"[Content_Types].xml" not in head

    def read(self, file: BinaryIO, options: ParseOptions) -> Iterator[Item]:
        archive = Archive(file)
        paths = [member.path for member in archive.members()]
        for path in paths:
            if posixpath.basename(path) == AREA_FILE:
                yield from _area(archive, path)
        for path in paths:
            name = posixpath.basename(path)
            if name.endswith(".md") and name not in _SILENT and "__MACOSX" not in path:
                yield from _question(archive, path)
            elif name != AREA_FILE and name not in _SILENT and "__MACOSX" not in path:
                yield NotCarried(_("the file %s, which is no question") % path)


PARSER = BankFolderParser()


def _area(archive: Archive, path: str) -> Iterator[Item]:
    """Yield the area and its topics, as far as their file can be read."""
    slug = posixpath.basename(posixpath.dirname(path))
    try:
        said = yamltext.load(decode(archive.read(path, MAX_FILE_BYTES), path)).data
    except BankError as error:
        yield from (_warning(problem) for problem in error.problems)
        return
    except yamltext.YamlError as error:
        yield _warning(FileProblem(path, error.line, error.message))
        return
    if not isinstance(said, Mapping) or not slug:
        yield _warning(FileProblem(path, 1, _("must be a list of “name: value” lines")))
        return
    yield _topic(slug, said, said.get("order"), "", path)
    topics = said.get("topics")
    for number, (inner, values) in enumerate(topics.items() if isinstance(topics, Mapping) else (), 1):
        yield _topic(str(inner), values if isinstance(values, Mapping) else {}, number, slug, path)


def _topic(slug: str, said: Mapping[str, Any], order: Any, area: str, path: str) -> ParsedTopic:
    name = said.get("name")
    description = said.get("description")
    return ParsedTopic(
        slug=slug[:60],
        name=name.strip() if isinstance(name, str) and name.strip() else slug.replace("-", " ").capitalize(),
        description=description.strip() if isinstance(description, str) else "",
        order=order if isinstance(order, int) and 0 <= order <= 32_767 else 0,
        area=area,
        path=path,
    )


def _question(archive: Archive, path: str) -> Iterator[Item]:
    try:
        raw = read_question(decode(archive.read(path, MAX_FILE_BYTES), path), path)
    except BankError as error:
        yield from (_problem(problem) for problem in error.problems)
        return
    folders = path.split("/")[:-1]
    yield ParsedQuestion(
        sort=Sort.OPEN,
        prompt=Passage(str(raw.values.get("prompt") or ""), Markup.MARKDOWN),
        line=1,
        path=path,
        slug=posixpath.basename(path).removesuffix(".md"),
        topics=tuple(folders[-2:]),
        content=raw.values,
        lines=_lines(raw),
        not_carried=tuple(NotCarried(problem.message, problem.line) for problem in raw.problems),
    )


def _lines(raw: RawQuestion) -> dict[str, int]:
    """Return where each value stands, by the names of `Content`'s fields."""
    lines = {re.sub(r"^answer\b", "numeric_answer", name): line for name, line in raw.located.lines.items() if name}
    return lines | dict(raw.sections)


def _problem(problem: FileProblem) -> ImportProblem:
    return ImportProblem(problem.message, path=problem.path, line=problem.line)


def _warning(problem: FileProblem) -> ImportProblem:
    return ImportProblem(problem.message, path=problem.path, line=problem.line, severity=Severity.WARNING)
