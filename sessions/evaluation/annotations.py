"""What a reader finds in the shipped sample answers: `annotations.yaml` beside the bank's areas, checked.

A judgement belongs to the words it was made on, so it carries a checksum of them; one whose words have changed is
stale, and is named instead of used.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from questions import yamltext
from questions.bankfiles import BankQuestion
from questions.bankformat import BankError, FileProblem, decode
from questions.content import Content
from sessions.grading import Status

FILE = "annotations.yaml"
SAMPLES = ("strong", "middling")
MARKS = {"found": Status.FOUND, "partly": Status.PARTLY, "missing": Status.NOT_FOUND}


@dataclass(frozen=True, slots=True)
class Judged:
    """One sample answer with what the reader found of each key point. `sample` is `strong` or `middling`."""

    question: BankQuestion
    sample: str
    marks: Mapping[str, Status]


@dataclass(frozen=True, slots=True)
class Annotations:
    """The usable judgements in file order, and in words those that are stale."""

    judged: tuple[Judged, ...]
    stale: tuple[str, ...]


def read_annotations(root: Path, questions: Sequence[BankQuestion]) -> Annotations:
    """Return the judgements beside the bank below `root`; none without the file. Raises BankError with all problems."""
    try:
        data = (root / FILE).read_bytes()
    except FileNotFoundError:
        return Annotations((), ())
    return parse_annotations(decode(data, FILE), questions)


def parse_annotations(text: str, questions: Sequence[BankQuestion]) -> Annotations:
    """Return the judgements that `text` holds. Raises BankError with all its problems."""
    try:
        located = yamltext.load(text)
    except yamltext.YamlError as error:
        raise BankError([FileProblem(FILE, error.line, error.message)]) from error
    if not isinstance(located.data, Mapping):
        raise BankError([FileProblem(FILE, 1, "must map the slugs of questions to their samples")])
    known = {question.slug: question for question in questions}
    problems, judged, stale = list[FileProblem](), list[Judged](), list[str]()
    for slug, samples in located.data.items():
        question = known.get(slug)
        found = list(_problems(question.content, samples)) if question else [("", "is no open question of the bank")]
        problems += [
            FileProblem(FILE, located.line_of(f"{slug}.{path}" if path else slug), f"{slug}: {words}")
            for path, words in found
        ]
        if question and not found:
            for name, entry in samples.items():
                if (sum_now := checksum(question.content, name)) == entry["text"]:
                    judged.append(Judged(question, name, _marks(entry)))
                else:
                    stale.append(f"{slug}: the {name} sample or a point has changed; judge again, then text: {sum_now}")
    if problems:
        raise BankError(problems)
    return Annotations(tuple(judged), tuple(stale))


def sample_of(content: Content, name: str) -> str:
    return content.strong_sample if name == "strong" else content.middling_sample


def checksum(content: Content, name: str) -> str:
    """Return eight hexadecimal digits for a sample and what its points say; phrasings and weights do not matter."""
    points = "".join(f"\n{point.key}: {point.text}" for point in content.key_points)
    return hashlib.sha256((sample_of(content, name) + points).encode()).hexdigest()[:8]


def _marks(entry: Mapping[str, Any]) -> dict[str, Status]:
    return {key: status for mark, status in MARKS.items() for key in entry.get(mark, ())}


def _problems(content: Content, samples: Any) -> Iterator[tuple[str, str]]:
    """Yield the path and the words of what is wrong with a question's entry."""
    if not isinstance(samples, Mapping) or not samples:
        yield "", f"must hold {' and '.join(SAMPLES)}"
        return
    for name, entry in samples.items():
        if name not in SAMPLES:
            yield str(name), f"“{name}” is no sample; there are {' and '.join(SAMPLES)}"
        elif not isinstance(entry, Mapping) or not isinstance(entry.get("text"), str):
            yield name, f"the {name} sample needs a text, its checksum: {checksum(content, name)} as it is now"
        else:
            yield from ((f"{name}{path}", words) for path, words in _entry_problems(content, name, entry))


def _entry_problems(content: Content, name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    keys = {point.key for point in content.key_points}
    seen: list[str] = []
    for mark, listed in entry.items():
        if mark == "text":
            continue
        if mark not in MARKS:
            yield f".{mark}", f"“{mark}” is no mark; there are {', '.join(MARKS)}"
        elif not isinstance(listed, list):
            yield f".{mark}", f"{mark} must list keys of points"
        else:
            seen += map(str, listed)
            strange = [str(key) for key in listed if key not in keys]
            if strange:
                yield f".{mark}", f"has no key point {', '.join(strange)}"
    if twice := sorted({key for key in seen if seen.count(key) > 1}):
        yield "", f"the {name} sample judges more than once: {', '.join(twice)}"
    # Of a stale entry the points may be others by now; judging again will tell.
    if (lacking := sorted(keys - set(seen))) and entry["text"] == checksum(content, name):
        yield "", f"the {name} sample lacks a judgement of: {', '.join(lacking)}"
