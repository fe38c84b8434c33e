"""A question prepared for matching: the phrasings of its key points, and how much each of their words tells.

Built once per question and kept in memory; holds nothing of any answer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from questions.content import KeyPoint
from sessions.grading import text as texts
from sessions.grading.words import COMMON_WORDS, FILLERS, NEGATORS, STOP_WORDS

# A word of the prompt shows that the prompt was read, and little else.
PROMPT_FACTOR = 0.3
FILLER_FACTOR = 0.5
COMMON_FACTOR = 0.7
# One rare word and a common one. The words of a lighter phrasing prove less ("as a result" would be found wherever
# somebody writes "result"), unless it is said word for word.
LEAST_WEIGHT = 1.5
# From this length on a stem begins with the same three letters as its word; "using" and "use" do not.
SURELY_ALIKE = 7
# So many words in a row count as quoted from the prompt.
RUN_WORDS = 3

_FILLER_STEMS = frozenset(map(texts.stem, map(texts.normal_form, FILLERS)))
_COMMON_STEMS = frozenset(map(texts.stem, map(texts.normal_form, COMMON_WORDS)))


@dataclass(frozen=True)
class Phrasing:
    """One way to say a key point.

    `shares` maps the question's stem numbers to shares of the phrasing's weight, together 1; `own_stems` are those
    that the prompt does not have; `grams` is a bit set over the question's word pieces. `forms` are all its words,
    `function_share` how many of them are articles, pronouns, auxiliaries and the like. `substance`, 0..1,
    says how much its words prove when they are not said word for word.
    """

    shares: dict[int, float]
    own_stems: frozenset[int]
    grams: int
    function_share: float
    substance: float
    forms: tuple[str, ...]

    @property
    def words(self) -> int:
        return len(self.forms)

    @cached_property
    def gram_count(self) -> int:
        return self.grams.bit_count()


@dataclass(frozen=True)
class Prepared:
    """A question's phrasings, and the tables that turn an answer's words into stem numbers and bit sets.

    `points[i]` are the indices into `phrasings` of key point i; `postings[stem number]` are the phrasings with that
    stem and its share there; `negated[i]` says whether any phrasing of point i is itself a negative statement.
    """

    phrasings: tuple[Phrasing, ...]
    points: tuple[range, ...]
    negated: tuple[bool, ...]
    stems: dict[str, int]
    beginnings: frozenset[str]
    gram_bits: dict[str, int]
    postings: tuple[tuple[tuple[int, float], ...], ...]
    prompt_runs: frozenset[tuple[str, ...]]

    def stem_number(self, form: str) -> int | None:
        """Return the number of the word's stem, None when no phrasing has it."""
        return self.stems.get(texts.stem(form)) if self.may_match(form) else None

    def may_match(self, form: str) -> bool:
        """Whether a phrasing may have this word's stem. Spares most long words the stemmer, which is slow."""
        return len(form) < SURELY_ALIKE or _beginning(form) in self.beginnings

    def gram_set(self, form: str) -> int:
        """Return the bit set of the word's pieces that some phrasing has."""
        return sum(1 << self.gram_bits[gram] for gram in texts.grams(form) & self.gram_bits.keys())


@lru_cache(maxsize=64)
def prepare(prompt: str, key_points: tuple[KeyPoint, ...]) -> Prepared:
    """Return the prepared question; kept, because a question's answers come one after another."""
    lines = [[_forms(line) for line in (point.text, *point.accepted)] for point in key_points]
    builder = _Builder(prompt_forms=_forms(prompt), points=lines)
    phrasings = [builder.phrasing(line) for point in lines for line in point]
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    postings: list[list[tuple[int, float]]] = [[] for _ in builder.stems]
    for index, phrasing in enumerate(phrasings):
        for number, share in phrasing.shares.items():
            postings[number].append((index, share))
    return Prepared(
        phrasings=tuple(phrasings),
        points=tuple(range(start, stop) for start, stop in pairwise(starts)),
        negated=tuple(any(not NEGATORS.isdisjoint(line) for line in point) for point in lines),
        stems=builder.stems,
        beginnings=frozenset(map(_beginning, builder.stems)),
        gram_bits=builder.gram_bits,
        postings=tuple(map(tuple, postings)),
        prompt_runs=frozenset(runs(builder.prompt_forms)),
    )


def runs(forms: Sequence[str]) -> list[tuple[str, ...]]:
    """Return all `RUN_WORDS` words in a row."""
    return [tuple(forms[i : i + RUN_WORDS]) for i in range(len(forms) - RUN_WORDS + 1)]


class _Builder:
    """Numbers stems and word pieces in the order in which phrasings bring them."""

    def __init__(self, *, prompt_forms: list[str], points: Sequence[Sequence[Sequence[str]]]) -> None:
        self.prompt_forms = prompt_forms
        self.prompt_stems = frozenset(map(texts.stem, prompt_forms))
        self.stems: dict[str, int] = {}
        self.gram_bits: dict[str, int] = {}
        self._rarity = _rarity([{texts.stem(form) for line in point for form in line} for point in points])

    def phrasing(self, line: Sequence[str]) -> Phrasing:
        weights: dict[int, float] = {}
        own: set[int] = set()
        grams = 0
        telling = [form for form in line if form not in STOP_WORDS]
        for form in telling or line:
            stem = texts.stem(form)
            number = self.stems.setdefault(stem, len(self.stems))
            weights[number] = self._weight(stem)
            if stem not in self.prompt_stems:
                own.add(number)
            # Answers are not searched for pieces of stop words.
            for gram in () if form in STOP_WORDS else texts.grams(form):
                grams |= 1 << self.gram_bits.setdefault(gram, len(self.gram_bits))
        total = sum(weights.values())
        return Phrasing(
            shares={number: weight / total for number, weight in weights.items()},
            own_stems=frozenset(own),
            grams=grams,
            function_share=sum(form in STOP_WORDS for form in line) / max(1, len(line)),
            substance=min(1.0, total / LEAST_WEIGHT) if telling else 0.0,
            forms=tuple(line),
        )

    def _weight(self, stem: str) -> float:
        weight = self._rarity[stem] * (PROMPT_FACTOR if stem in self.prompt_stems else 1)
        if stem in _FILLER_STEMS or len(stem) == 1:
            return weight * FILLER_FACTOR
        return weight * (COMMON_FACTOR if stem in _COMMON_STEMS else 1)


def _rarity(points: Sequence[set[str]]) -> dict[str, float]:
    """Return for each stem how few key points share it: 1 when only one does, less when several do.

    Inverse document frequency, ln(1 + N/n) / ln(1 + N), with the N key points as the documents: a word that all
    phrasings of one point have is what that point is about, and must not lose by being repeated.
    """
    count = len(points)
    having: dict[str, int] = {}
    for stems in points:
        for stem in stems:
            having[stem] = having.get(stem, 0) + 1
    return {stem: math.log(1 + count / number) / math.log(1 + count) for stem, number in having.items()}


def _forms(line: str) -> list[str]:
    """Return the words as an answer with the same text would have them."""
    return [word.form for sentence in texts.sentences(line) for word in sentence.words]


def _beginning(form: str) -> str:
    """Return how a word begins, the same for a word of seven letters or more and its stem (y may have become i)."""
    return form[:3].replace("y", "i")
