"""The concepts a bank is meant to cover: `concepts.yaml` beside its areas, checked, every complaint with its line.

Owns the format of that file and what is missing between it and the questions' tags. Reads files, never the database;
what the coverage looks like on paper is written by `coverage.py`.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from questions import yamltext
from questions.bankfiles import BankQuestion
from questions.bankformat import BankError, FileProblem, decode, slug_problem
from questions.content import Problem, unknown_name

CONCEPTS_FILE = "concepts.yaml"
LONGEST_NAME = 80
LONGEST_DOCUMENT = 200
_PARTS = ("documents", "concepts")
_FIELDS = ("key", "name", "area", "documents")


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing a candidate should know; `documents` are the letters of the source documents that name it."""

    key: str
    name: str
    area: str
    documents: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class ConceptList:
    """What `concepts.yaml` says: each source document's letter and description, and the concepts in file order."""

    documents: Mapping[str, str]
    concepts: tuple[Concept, ...]


def read_concepts(root: Path, areas: Sequence[str]) -> ConceptList:
    """Return the concepts of the bank below `root`. Raises BankError with every problem of the file."""
    try:
        data = (root / CONCEPTS_FILE).read_bytes()
    except OSError as error:
        message = _("cannot be read: %s") % (error.strerror or error)
        raise BankError([FileProblem(CONCEPTS_FILE, 1, message)]) from error
    return parse_concepts(decode(data, CONCEPTS_FILE), areas)


def parse_concepts(text: str, areas: Sequence[str]) -> ConceptList:
    """Return the concepts that `text` lists for the areas named. Raises BankError with all its problems."""
    try:
        located = yamltext.load(text)
    except yamltext.YamlError as error:
        raise BankError([FileProblem(CONCEPTS_FILE, error.line, error.message)]) from error
    problems = [
        FileProblem(CONCEPTS_FILE, located.line_of(field), str(Problem(field, message)))
        for field, message in _problems(located.data, areas)
    ]
    if problems:
        raise BankError(problems)
    concepts = [
        Concept(
            key=entry["key"],
            name=entry["name"].strip(),
            area=entry["area"],
            documents=tuple(entry["documents"]),
            line=located.line_of(f"concepts[{number}]"),
        )
        for number, entry in enumerate(located.data["concepts"], 1)
    ]
    return ConceptList(located.data["documents"], tuple(concepts))


def unknown_tags(concepts: ConceptList, questions: Sequence[BankQuestion]) -> list[FileProblem]:
    """Return a problem for each tag that is no concept, with the nearest key that is one."""
    keys = [concept.key for concept in concepts.concepts]
    return [
        FileProblem(question.path, 1, _unknown_tag(tag, keys))
        for question in questions
        for tag in question.content.tags
        if tag not in keys
    ]


def _unknown_tag(tag: str, keys: Sequence[str]) -> str:
    message = _("the tag “%(tag)s” is no concept of %(file)s") % {"tag": tag, "file": CONCEPTS_FILE}
    if near := difflib.get_close_matches(tag, keys, 1):
        message += _("; did you mean “%s”?") % near[0]
    return message


def uncovered(concepts: ConceptList, questions: Sequence[BankQuestion]) -> list[Concept]:
    """Return the concepts that no question carries as a tag."""
    asked = {tag for question in questions for tag in question.content.tags}
    return [concept for concept in concepts.concepts if concept.key not in asked]


# What is wrong with the file: pairs of a path into it and a message


def _problems(data: Any, areas: Sequence[str]) -> Iterator[tuple[str, str]]:
    if not isinstance(data, dict):
        yield "", _("must be a list of “name: value” lines")
        return
    for name in data.keys() - set(_PARTS):
        yield name, unknown_name(name, _PARTS)
    documents = data.get("documents")
    if not isinstance(documents, dict) or not documents:
        yield "documents", _("must give each source document a letter and a description")
        documents = {}
    for letter, description in documents.items():
        if len(letter) != 1 or not letter.isupper():
            yield f"documents.{letter}", _("“%s” is not one capital letter") % letter
        if complaint := _text_problem(description, LONGEST_DOCUMENT):
            yield f"documents.{letter}", complaint
    yield from _concept_problems(data.get("concepts"), areas, documents)


def _concept_problems(concepts: Any, areas: Sequence[str], documents: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not isinstance(concepts, list) or not concepts:
        yield "concepts", _("must list at least one concept")
        return
    first: dict[str, int] = {}
    for number, entry in enumerate(concepts, 1):
        path = f"concepts[{number}]"
        if not isinstance(entry, dict):
            yield path, _("must have: %s") % ", ".join(_FIELDS)
            continue
        for name in entry.keys() - set(_FIELDS):
            yield f"{path}.{name}", unknown_name(name, _FIELDS)
        yield from _key_problems(entry.get("key"), path, first, number)
        if complaint := _text_problem(entry.get("name"), LONGEST_NAME):
            yield f"{path}.name", complaint
        if entry.get("area") not in areas:
            yield f"{path}.area", _("“%s” is no area of this bank") % entry.get("area")
        yield from _letter_problems(entry.get("documents"), f"{path}.documents", documents)


def _key_problems(key: Any, path: str, first: dict[str, int], number: int) -> Iterator[tuple[str, str]]:
    if not isinstance(key, str):
        yield f"{path}.key", _("must be text; in YAML, put it in quotes")
    elif complaint := slug_problem(key):
        yield f"{path}.key", complaint
    elif key in first:
        words = {"key": key, "number": first[key]}
        yield f"{path}.key", _("“%(key)s” is the key of concept %(number)d already") % words
    else:
        first[key] = number


def _letter_problems(letters: Any, path: str, documents: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not isinstance(letters, list):
        yield path, _("must be a list of letters, or [] when no document names it")
        return
    for letter in letters:
        if letter not in documents:
            yield path, _("“%s” is no document of this file") % letter
    if len({str(letter) for letter in letters}) < len(letters):
        yield path, _("names a document twice")


def _text_problem(value: Any, longest: int) -> str | None:
    if not isinstance(value, str) or not value.strip() or "\x00" in value:
        return _("must be text; in YAML, put it in quotes")
    if len(value.strip()) > longest:
        return _("may have at most %(max_length)d characters") % {"max_length": longest}
    return None
