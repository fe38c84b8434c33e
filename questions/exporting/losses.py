"""What a format would leave behind of chosen questions, said before anything is downloaded. Reads only."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from questions.exporting.base import ExportedQuestion, Writer

MOST_NAMED = 200


@dataclass(slots=True)
class Losses:
    """`left_out` are those that the format has no place for, `lost` what others lose: the first MOST_NAMED of each."""

    total: int = 0
    left_out_count: int = 0
    lost_count: int = 0
    left_out: list[tuple[str, list[str]]] = field(default_factory=list)
    lost: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def written(self) -> int:
        return self.total - self.left_out_count


def losses_of(writer: Writer, questions: Iterable[ExportedQuestion]) -> Losses:
    found = Losses()
    for question in questions:
        found.total += 1
        words = writer.cannot_carry(question.content)
        if not writer.carries(question.content):
            found.left_out_count += 1
            _name(found.left_out, question, words)
        elif words:
            found.lost_count += 1
            _name(found.lost, question, words)
    return found


def as_csv(writer: Writer, questions: Iterable[ExportedQuestion]) -> Iterator[str]:
    """Yield the same of every question as a table: its slug, whether it is written at all, and what is lost."""
    yield "\ufeff" + _row(["question", "exported", "not carried"])
    for question in questions:
        if words := writer.cannot_carry(question.content):
            yield _row([question.slug, "yes" if writer.carries(question.content) else "no", "; ".join(words)])


def _row(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _name(names: list[tuple[str, list[str]]], question: ExportedQuestion, words: list[str]) -> None:
    if len(names) < MOST_NAMED:
        names.append((question.slug, words))
