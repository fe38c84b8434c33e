"""What a bank entry's number says: status, kind, format, difficulty, licence and three facts, each in its own bits.

The database writes the number (`questions_facets` in migration 0005), so that one small index counts all filters at
once. A place in a list means the same for ever: lists may grow at their end, together with that function.
"""

from dataclasses import dataclass
from functools import lru_cache

from questions.content import LICENCES, Difficulty, Format, Kind
from questions.models import Question

_LISTS: tuple[tuple[str, tuple[str, ...], int, int], ...] = (
    # name, values from place 1, first bit, number of bits
    ("status", tuple(Question.Status.values), 0, 3),
    ("kind", tuple(Kind.values), 3, 3),
    ("format", tuple(Format.values), 6, 3),
    ("difficulty", tuple(Difficulty.values), 9, 2),
    ("licence", LICENCES, 11, 4),
)
_HAS_DRAFT, _HAS_SAMPLES, _IS_FLAGGED = 1 << 15, 1 << 16, 1 << 17


@dataclass(frozen=True, slots=True)
class Facets:
    """The facts in words; "" where a question has no version yet."""

    status: str
    kind: str
    format: str
    difficulty: str
    licence: str
    has_draft: bool
    has_samples: bool
    is_flagged: bool

    @property
    def lacks_samples(self) -> bool:
        """Only open questions have sample answers."""
        return self.kind == Kind.OPEN and not self.has_samples


@lru_cache(maxsize=4_096)
def read(number: int) -> Facets:
    """Return what `number` says; a place beyond the end of a list, written by a newer release, reads as ""."""
    values: dict[str, str] = {}
    for name, known, first, bits in _LISTS:
        place = number >> first & (1 << bits) - 1
        values[name] = known[place - 1] if 0 < place <= len(known) else ""
    return Facets(
        **values,
        has_draft=bool(number & _HAS_DRAFT),
        has_samples=bool(number & _HAS_SAMPLES),
        is_flagged=bool(number & _IS_FLAGGED),
    )


def place_of(name: str, value: str) -> int:
    """Return the number that has only this value; for tests of the function in the database."""
    known, first = next((known, first) for each, known, first, _bits in _LISTS if each == name)
    return known.index(value) + 1 << first
