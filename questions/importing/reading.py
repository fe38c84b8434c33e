"""From the file of a run to its items: parsed, mapped, compared with the bank, and kept in batches.

Reads a file of any size in bounded memory, and may be stopped at any point: the next reading starts afresh. Changes
nothing but the run and its items.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from questions.importing import duplicates, topics
from questions.importing.base import (
    ImportProblem,
    ImportRefusedError,
    Item,
    NotCarried,
    ParsedColumns,
    ParsedQuestion,
    ParsedTopic,
    ParseOptions,
    Severity,
)
from questions.importing.claims import Claim
from questions.importing.excerpts import add_texts
from questions.importing.mapping import Defaults, Mapped, map_question
from questions.importing.parts import open_file
from questions.importing.registry import parsers
from questions.models import ImportItem, ImportRun

BATCH = 200
# More of them help nobody: the file is of another format, or was made by a broken program.
MOST_NOTES = 200
MOST_PROBLEMS = 5_000

State = ImportItem.State


class TooManyError(Exception):
    """The file has more questions than were to be read at once; the reading was given up."""


@dataclass(slots=True)
class Reading:
    """What is gathered over a whole file, beside its items."""

    run: ImportRun
    notes: list[dict[str, Any]] = field(default_factory=list)
    topics: list[ParsedTopic] = field(default_factory=list)
    headings: list[dict[str, str]] = field(default_factory=list)
    count: int = 0
    errors: int = 0
    position: int = 0


def read(*, run: ImportRun, claim: Claim, most: int | None = None) -> None:
    """Read the file of `run` anew, and leave the run ready to be looked at, or refused.

    With `most`, raises TooManyError as soon as there are more questions than that. Raises ClaimLostError.
    """
    duplicates.refresh()
    run.items.all().delete()
    reading, matcher = Reading(run), duplicates.Matcher()
    file = open_file(run, lambda place: claim.say(place, run.size_bytes))
    try:
        for batch in _batches(_items(file, reading)):
            if most is not None and reading.count > most:
                raise TooManyError
            matcher.match(batch)
            ImportItem.objects.bulk_create(batch)
            claim.say(file.tell(), run.size_bytes)
        _finish(claim, file, reading)
    except ImportRefusedError as error:
        refuse(run=run, claim=claim, problems=[error.problem], file=file)


def _finish(claim: Claim, file: BinaryIO, reading: Reading) -> None:
    run = reading.run
    if reading.position == 0 and not reading.errors:
        raise ImportRefusedError(
            ImportProblem(
                _("No question was found in this file."),
                hint=_("Look whether the format is the right one: %s was chosen.") % parsers()[run.format].label,
            )
        )
    with transaction.atomic():
        add_texts(run, file)
        claim.release(
            state=ImportRun.State.READY,
            question_count=reading.count,
            error_count=reading.errors,
            notes=reading.notes,
            topics=topics.described(reading.topics),
            headings=reading.headings,
            failure="",
        )


def refuse(*, run: ImportRun, claim: Claim, problems: Sequence[ImportProblem], file: BinaryIO | None = None) -> None:
    """Note that the file cannot be read, and why. What was found of it so far is thrown away."""
    notes = [problem_facts(problem) for problem in problems]
    with transaction.atomic():
        run.items.all().delete()
        if file is not None:
            add_texts(run, file, notes=notes)
        claim.release(state=ImportRun.State.REFUSED, notes=notes, question_count=0, error_count=len(notes))


# Items


def _batches(items: Iterable[ImportItem]) -> Iterator[list[ImportItem]]:
    source = iter(items)
    while batch := list(itertools.islice(source, BATCH)):
        yield batch


def _items(file: BinaryIO, reading: Reading) -> Iterator[ImportItem]:
    run = reading.run
    defaults = Defaults(run.licence, run.author, run.source, run.filename, run.proposes_points)
    options = ParseOptions(filename=run.filename, columns=run.columns)
    for item in _bounded(parsers()[run.format].read(file, options), reading):
        match item:
            case ParsedQuestion():
                yield _question(item, map_question(item, defaults), reading)
            case ImportProblem(severity=Severity.ERROR) if item.line or item.path:
                yield _unreadable(item, reading)
            case ImportProblem():
                reading.errors += item.severity == Severity.ERROR
                _note(reading, problem_facts(item))
            case NotCarried():
                _note(reading, storable({"message": item.what, "line": item.line, "severity": "lost"}))
            case ParsedTopic():
                reading.topics.append(item)
            case ParsedColumns(fields=found, sample=sample):
                reading.headings = [
                    storable({"heading": name, "field": column, "sample": sample.get(name, "")[:200]})
                    for name, column in found.items()
                ]


def _bounded(items: Iterable[Item], reading: Reading) -> Iterator[Item]:
    """Pass the items on, up to what is sensible in one import."""
    most = settings.IMPORT_MAX_QUESTIONS
    for item in items:
        if reading.count > most:
            raise _refusal(_("The file has more than %d questions.") % most, _("Send it in smaller files."))
        if reading.errors >= MOST_PROBLEMS:
            message = _("The file has more than %d errors; the reading was stopped.") % MOST_PROBLEMS
            raise _refusal(message, _("Look whether the format is the right one."))
        yield item


def _refusal(message: str, hint: str) -> ImportRefusedError:
    return ImportRefusedError(ImportProblem(message, hint=hint))


def _note(reading: Reading, facts: dict[str, Any]) -> None:
    if len(reading.notes) < MOST_NOTES:
        reading.notes.append(facts)


def _question(parsed: ParsedQuestion, mapped: Mapped, reading: Reading) -> ImportItem:
    reading.count += 1
    reading.errors += mapped.is_wrong
    item = _new_item(reading, parsed.path, parsed.line)
    item.state = _state_of(mapped)
    item.values = mapped.values if mapped.content else storable(mapped.values)
    item.title = str(item.values.get("title", ""))[:200]
    item.topics = storable(topics.tidy(parsed.topics))
    item.missing = [{"field": problem.field, "message": problem.message} for problem in mapped.missing]
    item.problems = [problem_facts(problem) for problem in mapped.problems]
    item.not_carried, item.reason = storable(mapped.not_carried), storable(mapped.left_out[:200])
    if item.state in {State.COMPLETE, State.INCOMPLETE}:
        item.fingerprint = duplicates.fingerprint(item.values)
        item.slug = usable_slug(parsed.slug)
        content = mapped.content
        item.digest = content.digest() if content else duplicates.digest_of_values(item.values)
    return item


def _state_of(mapped: Mapped) -> str:
    if mapped.left_out:
        return State.LEFT_OUT
    if mapped.is_wrong:
        return State.FAULTY
    return State.COMPLETE if mapped.content else State.INCOMPLETE


def _unreadable(problem: ImportProblem, reading: Reading) -> ImportItem:
    reading.errors += 1
    item = _new_item(reading, problem.path, problem.line)
    item.state, item.problems = State.FAULTY, [problem_facts(problem)]
    item.title = storable(problem.text[:200])
    return item


def _new_item(reading: Reading, path: str, line: int) -> ImportItem:
    reading.position += 1
    return ImportItem(run=reading.run, position=reading.position, path=storable(path[:300]), line=line)


def usable_slug(written: str) -> str:
    """Return the slug that a file gives a question, if it can be one here."""
    return written if written == slugify(written)[:60].strip("-") else ""


def problem_facts(problem: ImportProblem) -> dict[str, Any]:
    """Return a problem as it is kept and shown; what says nothing is left out."""
    facts = {name: str(value) if name != "line" else value for name, value in asdict(problem).items() if value}
    return dict(storable(facts))


def storable(value: Any) -> Any:
    """Return `value` without what the database cannot keep: NUL, halves of characters, numbers without end."""
    match value:
        case str():
            return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {str(storable(name)): storable(inner) for name, inner in value.items()}
        case list() | tuple():
            return [storable(inner) for inner in value]
    return value
