"""How well an answer covers what is looked for: the arithmetic of the lexical method, without any verdict.

All scores lie in 0..1. A phrasing in a sentence of its own reaches 1.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sessions.grading.phrasings import Phrasing, Prepared, Sought, share
from sessions.grading.windows import Answer, Window

STEM_SHARE, GRAM_SHARE = 0.6, 0.4
# What a model adds, where there is one.
MEANING_SHARE = 0.5
# What the rest of an answer has of a phrasing counts for the points, and hardly for the verdict: words scattered over
# an answer are not a statement.
WHOLE_SHARE_OF_SCORE, WHOLE_SHARE_OF_COVERAGE = 0.35, 0.1
# Two sentences are preferred to one only when they are better by this much; it keeps quotations short.
PAIR_MARGIN = 0.03

# Words far apart are less likely to belong together: a window much longer than the phrasing loses up to this share.
SPREAD_LOSS = 0.4
SPREAD_FREE_WORDS, SPREAD_WORDS = 8, 50

# A window of so many words with so few function words among them is a list of keywords. A shorter one is a list only
# when it has no function word at all, the phrasing has many, and at least every third word is followed by a comma.
LIST_MIN_WORDS = 12
LIST_FUNCTION_SHARE = 0.15
SHORT_LIST_MIN_WORDS = 4
PROSE_FUNCTION_SHARE = 0.25
LIST_FACTOR = 0.4
# A phrasing so short is a name, and naming things makes lists.
NAME_WORDS = 2

STEEPNESS, MIDDLE = 8.0, 0.45
# A longer text matches more by chance: from this many words on, each doubling asks for so much more.
LONG_WORDS, LONG_STEP, LONG_MOST = 500, 0.05, 0.2


@dataclass(frozen=True, slots=True)
class Match:
    """The best place for what was looked for: `score` as it was counted, `coverage` bent to say yes or no.

    `phrasing` and `window` are None when not a word of any phrasing was found.
    """

    score: float
    coverage: float
    phrasing: Phrasing | None
    window: Window | None
    is_list: bool


NO_MATCH = Match(0.0, 0.0, None, None, is_list=False)


@dataclass(slots=True)
class _Best:
    score: float = 0.0
    window: Window | None = None


class Meaning(Protocol):
    """How far the words of a place mean those of a phrasing, 0..1."""

    def __call__(self, phrasing: Phrasing, window: Window) -> float: ...


class Matcher:
    """One answer against all phrasings of its question; asked for one sought thing after another.

    `extra` is what a score has to be higher for the length of the answer. `meaning` is what a
    model adds.
    """

    def __init__(self, prepared: Prepared, answer: Answer, meaning: Meaning | None = None) -> None:
        self._phrasings = prepared.phrasings
        self._best = [_Best() for _ in prepared.phrasings]
        _look_in(prepared.phrasings, answer.singles, self._best, margin=0.0)
        _look_in(prepared.phrasings, answer.pairs, self._best, margin=PAIR_MARGIN)
        if meaning:
            _look_for_meaning(prepared.phrasings, answer.singles, self._best, meaning)
        self._stems = answer.stems
        self.extra = extra_for(answer.words)

    def match(self, sought: Sought) -> Match:
        """Return the best match of any of its phrasings, the first of equals."""
        index = max(sought, key=lambda index: (self._score(index, WHOLE_SHARE_OF_COVERAGE), -index), default=None)
        if index is None or (window := self._best[index].window) is None:
            return NO_MATCH
        phrasing, said = self._phrasings[index], self._score(index, WHOLE_SHARE_OF_COVERAGE)
        return Match(
            score=self._score(index, WHOLE_SHARE_OF_SCORE),
            coverage=round(coverage(said, MIDDLE + self.extra), 4),
            phrasing=phrasing,
            window=window,
            is_list=is_list(window, phrasing),
        )

    def _score(self, index: int, whole_share: float) -> float:
        """Add what the rest of the answer has of the phrasing; it can help a match, not make one."""
        best = self._best[index]
        if best.window is None:
            return 0.0
        whole = min(max(share(self._phrasings[index].stems, self._stems), best.score), 2 * best.score)
        return best.score + whole_share * (whole - best.score)


def _look_in(phrasings: Sequence[Phrasing], windows: Iterable[Window], best: list[_Best], *, margin: float) -> None:
    seen: set[tuple[object, ...]] = set()
    for window in windows:
        key = (window.stems, window.grams, window.words, window.functions)
        if not window.stems or key in seen:
            continue
        seen.add(key)
        for phrasing, known in zip(phrasings, best, strict=True):
            here = phrasing.content & window.stems
            # Where one of two sentences has all that both have, it was looked at by itself.
            if not here or any(here == phrasing.content & part for part in window.parts):
                continue
            stems = share(phrasing.stems, window.stems)
            to_beat = known.score + (margin if known.window else 0)
            # Word pieces are counted only where they could still decide.
            if STEM_SHARE * stems + GRAM_SHARE > to_beat:
                score = window_score(phrasing, window, stems)
                if score > to_beat:
                    known.score, known.window = score, window


def _look_for_meaning(
    phrasings: Sequence[Phrasing], windows: Iterable[Window], best: list[_Best], meaning: Meaning
) -> None:
    """Look at every sentence for every phrasing: words that mean the same need not look the same."""
    for window in windows:
        for phrasing, known in zip(phrasings, best, strict=True):
            meant = meaning(phrasing, window)
            if not meant:
                continue
            score = window_score(phrasing, window, share(phrasing.stems, window.stems), meant)
            if score > known.score:
                known.score, known.window = score, window


def window_score(phrasing: Phrasing, window: Window, stems: float, meant: float = 0.0) -> float:
    """Return how well one window covers one phrasing, before the logistic.

    `stems` is its share of the weight, `meant` how far its words mean those of the phrasing; it can raise, not lower.
    """
    # A phrasing of function words has no pieces.
    pieces = share(phrasing.grams, window.grams) if phrasing.grams else stems
    score = min(1.0, STEM_SHARE * stems + GRAM_SHARE * pieces)
    score = max(score, (1 - MEANING_SHARE) * score + MEANING_SHARE * meant)
    if phrasing.substance < 1 and not window.says(phrasing.forms):
        score *= phrasing.substance
    spread = (window.words - 2 * phrasing.words - SPREAD_FREE_WORDS) / SPREAD_WORDS
    score *= 1 - SPREAD_LOSS * min(1.0, max(0.0, spread))
    return score * LIST_FACTOR if is_list(window, phrasing) else score


def is_list(window: Window, phrasing: Phrasing) -> bool:
    """Whether the window is a list of keywords; not when the phrasing itself is about as long and as dense."""
    if phrasing.words <= NAME_WORDS:
        return False
    if window.words < LIST_MIN_WORDS:
        is_bare = window.functions == 0 and window.words >= SHORT_LIST_MIN_WORDS and 3 * window.commas >= window.words
        return is_bare and phrasing.function_share >= PROSE_FUNCTION_SHARE
    if window.functions >= LIST_FUNCTION_SHARE * window.words:
        return False
    as_long = window.words <= 2 * phrasing.words
    as_dense = window.functions >= phrasing.function_share / 2 * window.words
    return not (as_long and as_dense)


def extra_for(words: int) -> float:
    """Return how much more an answer of that length has to score to count as much."""
    return 0.0 if words <= LONG_WORDS else min(LONG_MOST, LONG_STEP * math.log2(words / LONG_WORDS))


def coverage(score: float, middle: float = MIDDLE) -> float:
    """Return a score bent by a logistic that still takes 0 to 0 and 1 to 1."""
    low, high = _logistic(-middle), _logistic(1 - middle)
    return min(1.0, max(0.0, (_logistic(score - middle) - low) / (high - low)))


def _logistic(distance: float) -> float:
    return 1 / (1 + math.exp(-STEEPNESS * distance))
