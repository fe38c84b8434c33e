"""A question prepared for matching: the ways to say each thing that is looked for, and how much each word tells.

Built once per question and kept in memory; holds nothing of any answer. Words and word pieces are numbered and kept
as bit sets, so that a place of an answer is compared with a phrasing by a few integer operations.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from questions.content import KeyPoint, Misconception, alternatives
from sessions.grading import text as texts
from sessions.grading.words import COMMON_WORDS, FILLERS, NEGATORS, STOP_WORDS

# A word of the prompt shows that the prompt was read, and little else.
PROMPT_FACTOR = 0.3
FILLER_FACTOR = 0.7
COMMON_FACTOR = 0.85
# Function words tell little, but the same ones in the same place tell something; a "not" turns the statement.
STOP_WEIGHT = 0.2
NEGATOR_WEIGHT = 1.0
# No word tells nothing, or a phrasing of such words could not be weighed.
LIGHTEST = 0.1
# One rare word and a common one. The words of a lighter phrasing prove less ("as a result" would be found wherever
# somebody writes "result"), unless it is said word for word.
LEAST_WEIGHT = 1.2
# From this length on a stem begins with the same three letters as its word; "using" and "use" do not.
SURELY_ALIKE = 7
# 64 kB of English has about 2,500 different words; more are remembered for no question.
MOST_REMEMBERED = 5_000
# So many words in a row count as quoted from the prompt.
RUN_WORDS = 3

_FILLER_STEMS = frozenset(map(texts.stem, map(texts.normal_form, FILLERS)))
_COMMON_STEMS = frozenset(map(texts.stem, map(texts.normal_form, COMMON_WORDS)))

# Bit sets with the weight of each of their bits.
Weighted = tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One way to say something.

    `stems` and `grams` are the question's stem numbers and word pieces with their shares of the phrasing's weight,
    which sum to 1 each. `content` is the bit set of its stems that are no function words. `substance`, 0..1, says how
    much its words prove when they are not said word for word. `weights` belong to the `forms`.
    """

    stems: Weighted
    grams: Weighted
    content: int
    function_share: float
    substance: float
    is_negative: bool
    forms: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def words(self) -> int:
        return len(self.forms)


def share(weighted: Weighted, bits: int) -> float:
    """Return how much of the weight lies in `bits`, 0..1."""
    total = 0.0
    for weight, mask in weighted:
        if both := mask & bits:
            total += weight * both.bit_count()
    return total


# Something to look for: the numbers of its phrasings, any of which will do.
Sought = range


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question's phrasings, and the tables that turn an answer's words into bits.

    `points[i]` is key point i as its text and accepted phrasings say it, `items[i]` the items of its `any_of`, and
    `misconceptions` are what people often say that is wrong. `known` are the stems that prompt-free talk about this
    question uses: those of the phrasings and of the reference answer.
    """

    phrasings: tuple[Phrasing, ...]
    points: tuple[Sought, ...]
    items: tuple[tuple[Sought, ...], ...]
    misconceptions: tuple[Sought, ...]
    stems: dict[str, int]
    known: frozenset[str]
    beginnings: frozenset[str]
    gram_bits: dict[str, int]
    prompt_stems: frozenset[str]
    prompt_runs: frozenset[tuple[str, ...]]
    seen: dict[str, "Seen"]

    def look(self, form: str) -> "Seen":
        """Return what the question knows of a word. It is remembered: answers to it use the same words again."""
        return self.seen.get(form) or self._look(form)

    def _look(self, form: str) -> "Seen":
        stem = texts.stem(form) if self._may_be_known(form) else ""
        is_function = form in STOP_WORDS
        number = self.stems.get(stem)
        seen = Seen(
            stem=0 if number is None else 1 << number,
            grams=0
            if is_function
            else sum(1 << self.gram_bits[gram] for gram in texts.grams(form) & self.gram_bits.keys()),
            is_function=is_function,
            is_new=not is_function and stem not in self.prompt_stems,
            is_known=stem in self.known,
        )
        if len(self.seen) < MOST_REMEMBERED:
            self.seen[form] = seen
        return seen

    def _may_be_known(self, form: str) -> bool:
        """Whether the word's stem may be one of this question. Spares most long words the stemmer, which is slow."""
        return len(form) < SURELY_ALIKE or _beginning(form) in self.beginnings


class Seen(NamedTuple):
    """A word as a question sees it: the bits of its stem and of its pieces, and whether it is a function word, one that
    the prompt does not have, and one that belongs to the question."""

    stem: int
    grams: int
    is_function: bool
    is_new: bool
    is_known: bool


@lru_cache(maxsize=64)
def prepare(
    prompt: str, reference: str, key_points: tuple[KeyPoint, ...], misconceptions: tuple[Misconception, ...] = ()
) -> Prepared:
    """Return the prepared question; kept, because a question's answers come one after another."""
    points = [_lines(_ways(point)) for point in key_points]
    items = [
        [_lines(alternatives(item)) for item in point.any_of.items] if point.any_of else [] for point in key_points
    ]
    wrong = [_lines([misconception.text]) for misconception in misconceptions]
    documents = [[*own, *(line for item in theirs for line in item)] for own, theirs in zip(points, items, strict=True)]
    builder = _Builder(prompt_forms=_forms(prompt), documents=documents)
    sought_points = tuple(map(builder.sought, points))
    sought_items = tuple(tuple(map(builder.sought, theirs)) for theirs in items)
    sought_wrong = tuple(map(builder.sought, wrong))
    known = {*builder.stems, *map(texts.stem, _forms(reference))}
    return Prepared(
        phrasings=tuple(builder.phrasings),
        points=sought_points,
        items=sought_items,
        misconceptions=sought_wrong,
        stems=builder.stems,
        known=frozenset(known),
        beginnings=frozenset(map(_beginning, known | builder.prompt_stems)),
        gram_bits=builder.gram_bits,
        prompt_stems=builder.prompt_stems,
        prompt_runs=frozenset(runs(builder.prompt_forms)),
        seen={},
    )


def _ways(point: KeyPoint) -> list[str]:
    """Return the lines that say a point as a whole. The text of an "any N of these" only describes the items."""
    return list(point.accepted) if point.any_of else [point.text, *point.accepted]


def _lines(lines: Iterable[str]) -> list[list[str]]:
    return [forms for forms in map(_forms, lines) if forms]


def runs(forms: Sequence[str]) -> list[tuple[str, ...]]:
    """Return all `RUN_WORDS` words in a row."""
    return [tuple(forms[i : i + RUN_WORDS]) for i in range(len(forms) - RUN_WORDS + 1)]


class _Builder:
    """Numbers stems and word pieces in the order in which phrasings bring them."""

    def __init__(self, *, prompt_forms: list[str], documents: Sequence[Sequence[Sequence[str]]]) -> None:
        self.prompt_forms = prompt_forms
        self.prompt_stems = frozenset(map(texts.stem, prompt_forms))
        self.phrasings: list[Phrasing] = []
        self.stems: dict[str, int] = {}
        self.gram_bits: dict[str, int] = {}
        self._rarity = _rarity([{texts.stem(form) for line in point for form in line} for point in documents])

    def sought(self, lines: Sequence[Sequence[str]]) -> Sought:
        start = len(self.phrasings)
        self.phrasings += map(self._phrasing, lines)
        return range(start, len(self.phrasings))

    def _phrasing(self, line: Sequence[str]) -> Phrasing:
        # Rounded, so that there are few different ones: each costs an operation in each place that is looked at.
        weights = {form: max(LIGHTEST, round(self._weight(form), 1)) for form in line}
        telling = [form for form in line if form not in STOP_WORDS]
        content = {texts.stem(form) for form in telling or line}
        substance = sum({texts.stem(form): weights[form] for form in telling}.values()) / LEAST_WEIGHT
        return Phrasing(
            stems=_classes({self._stem_bit(form): weight for form, weight in weights.items()}),
            grams=_classes(self._gram_weights(weights, telling)),
            content=sum(1 << self.stems[stem] for stem in content),
            function_share=sum(form in STOP_WORDS for form in line) / max(1, len(line)),
            substance=min(1.0, substance) if telling else 0.0,
            is_negative=not NEGATORS.isdisjoint(line),
            forms=tuple(line),
            weights=tuple(weights[form] for form in line),
        )

    def _stem_bit(self, form: str) -> int:
        return self.stems.setdefault(texts.stem(form), len(self.stems))

    def _gram_weights(self, weights: dict[str, float], forms: Iterable[str]) -> dict[int, float]:
        """Return for each word piece the weight of the heaviest word that has it."""
        pieces: dict[int, float] = {}
        for form in forms:
            for gram in texts.grams(form):
                bit = self.gram_bits.setdefault(gram, len(self.gram_bits))
                pieces[bit] = max(pieces.get(bit, 0.0), weights[form])
        return pieces

    def _weight(self, form: str) -> float:
        if form in NEGATORS:
            return NEGATOR_WEIGHT
        if form in STOP_WORDS:
            return STOP_WEIGHT
        stem = texts.stem(form)
        weight = self._rarity.get(stem, 1.0) * (PROMPT_FACTOR if stem in self.prompt_stems else 1)
        if stem in _FILLER_STEMS:
            return weight * FILLER_FACTOR
        return weight * (COMMON_FACTOR if stem in _COMMON_STEMS else 1)


def _classes(weights: dict[int, float]) -> Weighted:
    """Return bits of the same weight together, the weights as shares of their sum."""
    total = sum(weights.values())
    masks: dict[float, int] = {}
    for bit, weight in weights.items():
        masks[weight] = masks.get(weight, 0) | 1 << bit
    return tuple((weight / total, mask) for weight, mask in masks.items())


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
