"""The manifest of a content package: which files are questions, and what its metadata (LOM) says about each.

Reads IMS and IEEE metadata alike. Opens nothing that it names.
"""

import io
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from questions.importing.xmltree import Element, Wanted, elements

_WANTED = Wanted(frozenset({"manifest"}), "resource")
_DURATION = re.compile(r"PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,6})(?:\.\d+)?S)?")
_FULL_NAME = re.compile(r"^FN[^:\n]*:(.+)$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that the manifest lists, by its path in the archive, with what is said about it."""

    path: str
    line: int
    topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    difficulty: str = ""
    seconds: int | None = None
    rights: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    path: str
    items: tuple[Listed, ...]
    tests: tuple[Listed, ...]


def read_manifest(data: bytes, path: str) -> Manifest:
    """Return what a manifest lists. Raises ImportRefusedError."""
    folder = posixpath.dirname(path)
    items, tests = [], []
    for resource in elements(io.BytesIO(data), _WANTED, path=path):
        sort = resource.attributes.get("type", "").lower()
        if sort.startswith(("imsqti_item", "imsqti_xmlv2")):
            items.append(_listed(resource, folder))
        elif sort.startswith(("imsqti_test", "imsqti_assessment")):
            tests.append(_listed(resource, folder))
    return Manifest(path, tuple(items), tuple(tests))


def _listed(resource: Element, folder: str) -> Listed:
    named = resource.first("file")
    href = resource.attributes.get("href") or (named.attributes.get("href", "") if named else "")
    place = posixpath.normpath(posixpath.join(folder, unquote(href.strip()))) if href.strip() else ""
    lom = _descendant(resource, "lom")
    if lom is None:
        return Listed(place, resource.line)
    return Listed(
        place,
        resource.line,
        topics=tuple(_entries(lom)),
        keywords=tuple(filter(None, (_words(one) for one in _descendants(lom, "keyword")))),
        difficulty=_value(_descendant(lom, "difficulty")),
        seconds=_seconds(_descendant(lom, "typicalLearningTime") or _descendant(lom, "typicallearningtime")),
        rights=_words(_inside(_descendant(lom, "rights"), "description")),
        author=_author(lom),
    )


def _descendants(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element.walk() if one.name == name)


def _descendant(element: Element | None, name: str) -> Element | None:
    return next(_descendants(element, name), None) if element else None


def _inside(element: Element | None, name: str) -> Element | None:
    return _descendant(element, name) if element else None


def _words(element: Element | None) -> str:
    return " ".join(element.all_text.split()) if element else ""


def _value(element: Element | None) -> str:
    """Return the value of a vocabulary, without the name of the vocabulary."""
    return _words(_inside(element, "value") or element)


def _entries(lom: Element) -> Iterator[str]:
    """Yield the names on the first path of a classification, outermost first."""
    path = _descendant(lom, "taxonPath") or _descendant(lom, "taxonpath")
    for taxon in _descendants(path, "taxon") if path else ():
        own = taxon.first("entry")
        if own and (words := _words(own)):
            yield words


def _seconds(element: Element | None) -> int | None:
    match = _DURATION.fullmatch(_words(_inside(element, "duration") or _inside(element, "datetime") or element))
    if not match or not any(match.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds


def _author(lom: Element) -> str:
    """Return the name of who is said to be the author: a plain name, or the full name on a vCard."""
    for contribution in _descendants(lom, "contribute"):
        if _value(contribution.first("role")).lower() in {"author", "creator"}:
            entity = _descendant(contribution, "entity") or _descendant(contribution, "vcard")
            text = entity.all_text.replace("\\n", "\n") if entity else ""
            match = _FULL_NAME.search(text)
            return " ".join((match[1] if match else text).split())
    return ""
