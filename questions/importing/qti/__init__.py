"""QTI 2.1 and 2.2: one item, or a package of items in a zip with its manifest.

Owns which files of a package are read, and how much of them. A faulty item is a problem with its path and line, and the
reading goes on with the next. What an item says is in `items.py`, what a manifest says in `manifest.py`.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from questions.importing.archives import Archive
from questions.importing.base import (
    ImportProblem,
    ImportRefusedError,
    Item,
    NotCarried,
    ParsedQuestion,
    ParseOptions,
    Severity,
)
from questions.importing.qti.items import ItemError, parsed_item
from questions.importing.qti.manifest import Listed, Manifest, read_manifest
from questions.importing.xmltree import Wanted, elements

MAX_ITEM_BYTES = 5_000_000
MAX_MANIFEST_BYTES = 50_000_000
_ITEM = Wanted(frozenset({"assessmentItem"}))
_LOOKS = re.compile(rb"<(?:\w+:)?assessmentItem[\s>]")
_MANIFEST = "imsmanifest.xml"


class QtiParser:
    name = "qti"
    label = gettext_lazy("QTI 2.1")
    extensions = ("zip", "xml")

    def recognises(self, head: bytes) -> bool:
        if head.startswith(b"PK"):
            office = b"[Content_Types].xml" in head or b"xl/" in head
            return _MANIFEST.encode() in head or (b".xml" in head and not office)
        return bool(_LOOKS.search(head.replace(b"\x00", b"")))

    def read(self, file: BinaryIO, options: ParseOptions) -> Iterator[Item]:
        file.seek(0)
        is_zip = file.read(2) == b"PK"
        file.seek(0)
        if is_zip:
            yield from _package(Archive(file))
        else:
            yield from _item(file, "")


PARSER = QtiParser()


def _item(file: BinaryIO, path: str, listed: Listed | None = None) -> Iterator[Item]:
    """Yield the question of an item with the warnings about it, or the problem that it has."""
    for element in elements(file, _ITEM, path=path):
        title = element.attributes.get("title", "")[:200]
        if element.too_large:
            yield ImportProblem(_("A question of more than 8 million characters."), line=element.line, path=path)
            continue
        try:
            question, warnings = parsed_item(element)
        except ItemError as error:
            yield ImportProblem(error.message, line=error.line, path=path, text=title)
            continue
        for line, words in warnings:
            yield ImportProblem(words, line=line, path=path, text=title, severity=Severity.WARNING)
        yield _with_metadata(replace(question, path=path), listed)


def _with_metadata(question: ParsedQuestion, listed: Listed | None) -> ParsedQuestion:
    """Return `question` with what the manifest of its package says about it."""
    if listed is None:
        return question
    return replace(
        question,
        topics=listed.topics,
        tags=listed.keywords,
        difficulty=listed.difficulty,
        time_limit_seconds=listed.seconds,
        licence=question.licence or listed.rights,
        author=question.author or listed.author,
    )


def _package(archive: Archive) -> Iterator[Item]:
    """Yield the items of a package in the order of its manifest; without one, every item in it."""
    paths = [member.path for member in archive.members()]
    manifests = sorted((path for path in paths if path.rpartition("/")[2].lower() == _MANIFEST), key=len)
    if manifests:
        manifest = read_manifest(archive.read(manifests[0], MAX_MANIFEST_BYTES), manifests[0])
        yield from _listed(archive, manifest, set(paths))
    else:
        found = [path for path in paths if path.lower().endswith(".xml")]
        if not found:
            raise ImportRefusedError(ImportProblem(_("The archive holds neither a manifest nor a question in XML.")))
        for path in found:
            data = archive.read(path, MAX_ITEM_BYTES)
            if _LOOKS.search(data[:8_192].replace(b"\x00", b"")):
                yield from _member(data, path, None)


def _listed(archive: Archive, manifest: Manifest, paths: set[str]) -> Iterator[Item]:
    if not manifest.items:
        message = _("The manifest lists no question of QTI 2.")
        raise ImportRefusedError(ImportProblem(message, line=1, path=manifest.path))
    for test in manifest.tests:
        yield NotCarried(_("the test “%s”: which questions come in which order") % test.path, test.line)
    read = {manifest.path}
    for item in manifest.items:
        if item.path in paths:
            read.add(item.path)
            yield from _member(archive.read(item.path, MAX_ITEM_BYTES), item.path, item)
        else:
            message = _("The manifest lists “%s”, which the archive does not hold.") % item.path
            yield ImportProblem(message, line=item.line, path=manifest.path)
    others = len(paths - read - {test.path for test in manifest.tests})
    if others:
        words = ngettext("%d file that is no question", "%d files that are no questions", others)
        yield NotCarried(words % others)


def _member(data: bytes, path: str, listed: Listed | None) -> Iterator[Item]:
    if len(data) > MAX_ITEM_BYTES:
        yield ImportProblem(_("A question of more than 5 MB."), line=1, path=path)
        return
    try:
        yield from _item(io.BytesIO(data), path, listed)
    except ImportRefusedError as error:
        # Only this file cannot be trusted; the others have their own.
        yield error.problem
