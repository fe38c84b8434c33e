"""Reading answers that people have marked: tab-separated, unquoted UTF-8, one answer a line, a header first.

Each row becomes an answer to a question of ours, its key points being those that an import would propose.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import TypeVar

from questions.content import Content, Difficulty, Kind
from questions.importing.proposing import points_from_reference

COLUMNS = ("question", "reference_answer", "student_answer", "score_avg", "question_id")
LINE_BREAK = " ¶ "
MOST_MARKS = 5.0
# A prompt has to say something; this has no word that could be matched.
NO_PROMPT = "-"
SEED = 1

Row = TypeVar("Row")


class GradedFileError(ValueError):
    """The file cannot be read as marked answers; the message names it and, where there is one, the line."""


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    """An answer and its mean mark by people, 0..5. Rows with the same question and reference share one `content`."""

    question_id: str
    content: Content
    body: str
    marks: float


def read_graded(path: Path) -> list[GradedAnswer]:
    """Return the answers of a file, at least one. Raises GradedFileError, and OSError as `open` does."""
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise GradedFileError(f"{path}: not UTF-8, at byte {error.start + 1}") from error
    places = _places(path, lines[0])
    rows: list[GradedAnswer] = []
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            try:
                rows.append(_row(line.rstrip("\r").split("\t"), places))
            except ValueError as error:
                raise GradedFileError(f"{path}, line {number}: {error}") from error
    if not rows:
        raise GradedFileError(f"{path}: holds no answer")
    return rows


def sampled(rows: Sequence[Row], limit: int | None) -> list[Row]:
    """Return at most `limit` of `rows`, in their order; the same ones each time."""
    if limit is None or limit >= len(rows):
        return list(rows)
    chosen = random.Random(SEED).sample(range(len(rows)), limit)  # noqa: S311 - repeatable, not secret
    return [rows[place] for place in sorted(chosen)]


def _places(path: Path, header: str) -> dict[str, int]:
    names = header.rstrip("\r").split("\t")
    if not header.strip():
        raise GradedFileError(f"{path}, line 1: no header; it names the columns {', '.join(COLUMNS)}")
    if lacking := [name for name in COLUMNS if name not in names]:
        raise GradedFileError(f"{path}, line 1: lacks the column(s) {', '.join(lacking)}")
    if twice := [name for name in COLUMNS if names.count(name) > 1]:
        raise GradedFileError(f"{path}, line 1: has the column(s) {', '.join(twice)} more than once")
    return {"": len(names)} | {name: names.index(name) for name in COLUMNS}


def _row(fields: list[str], places: dict[str, int]) -> GradedAnswer:
    if len(fields) != places[""]:
        raise ValueError(f"{len(fields)} column(s) where the header has {places['']}")
    values = {name: fields[places[name]].replace(LINE_BREAK, "\n") for name in COLUMNS}
    if lacking := [name for name in ("question_id", "reference_answer") if not values[name].strip()]:
        raise ValueError(f"no {lacking[0]}")
    return GradedAnswer(
        question_id=values["question_id"].strip(),
        content=content_of(values["question"].strip(), values["reference_answer"]),
        body=values["student_answer"],
        marks=_marks(values["score_avg"]),
    )


def _marks(text: str) -> float:
    try:
        marks = float(text)
    except ValueError:
        raise ValueError(f"score_avg is no number: {text[:40]!r}") from None
    if not (isfinite(marks) and 0 <= marks <= MOST_MARKS):
        raise ValueError(f"score_avg is not between 0 and 5: {text[:40]}")
    return marks


@cache
def content_of(question: str, reference: str) -> Content:
    """Return an open question as an import makes it. Raises ContentError for what cannot be one."""
    return Content.parse(
        {
            "title": "A question",
            "kind": Kind.OPEN,
            "difficulty": Difficulty.MEDIUM,
            "time_limit_seconds": 300,
            "prompt": question or NO_PROMPT,
            "reference_answer": reference,
            "key_points": [point.model_dump() for point in points_from_reference(reference)],
            "licence": "proprietary",
            "author": "-",
            "source": "-",
        }
    )
