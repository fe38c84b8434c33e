"""How alike two texts are, without a language model: shared trigrams of letters, and shared runs of words.

Pure functions. Trigrams find a prompt that was retyped with small changes (the measure of PostgreSQL's pg_trgm),
shingles find passages copied between longer texts (Broder, "On the resemblance and containment of documents", 1997).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SHINGLE_WORDS = 4
# House rules: above these a person should look at the two, and the shipped bank has no such pair.
ALIKE_TRIGRAMS = 0.5
ALIKE_SHINGLES = 0.15

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Return the words of `text` in lower case, without marks, code signs and punctuation."""
    return _WORD.findall(text.casefold())


def trigrams(text: str) -> frozenset[str]:
    """Return the three-letter pieces of the words of `text`, each word padded as pg_trgm pads it."""
    return frozenset(
        padded[place : place + 3]
        for word in words(text)
        for padded in [f"  {word} "]
        for place in range(len(padded) - 2)
    )


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of `SHINGLE_WORDS` words of `text`."""
    found = words(text)
    return frozenset(tuple(found[place : place + SHINGLE_WORDS]) for place in range(len(found) - SHINGLE_WORDS + 1))


def resemblance(left: frozenset[object], right: frozenset[object]) -> float:
    """Return the Jaccard index of two sets, 0..1."""
    both = len(left & right)
    return both / (len(left) + len(right) - both) if both else 0.0


def containment(left: frozenset[object], right: frozenset[object]) -> float:
    """Return which share of the smaller set lies in the other, 0..1."""
    smaller = min(len(left), len(right))
    return len(left & right) / smaller if smaller else 0.0


@dataclass(frozen=True, slots=True)
class AlikePair:
    """Two names whose texts are too much alike; `trigrams` and `shingles` are in 0..1."""

    left: str
    right: str
    trigrams: float
    shingles: float


@dataclass(frozen=True, slots=True)
class Text:
    """`prompt` is compared by letters, `prompt` and `answer` together by runs of words."""

    prompt: str
    answer: str


def alike_pairs(texts: Mapping[str, Text]) -> Iterator[AlikePair]:
    """Yield the pairs of `texts` that are too much alike. Takes time with the square of their number."""
    names = list(texts)
    letters = [trigrams(texts[name].prompt) for name in names]
    runs = [shingles(f"{texts[name].prompt}\n{texts[name].answer}") for name in names]
    for right, name in enumerate(names):
        for left in range(right):
            by_letters = resemblance(letters[left], letters[right])
            by_runs = containment(runs[left], runs[right])
            if by_letters >= ALIKE_TRIGRAMS or by_runs >= ALIKE_SHINGLES:
                yield AlikePair(names[left], name, by_letters, by_runs)
