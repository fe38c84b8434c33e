"""What a format would leave behind of chosen questions, said before anything is downloaded. Reads only."""

from collections.abc import Iterable
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


def _name(names: list[tuple[str, list[str]]], question: ExportedQuestion, words: list[str]) -> None:
    if len(names) < MOST_NAMED:
        names.append((question.slug, words))
