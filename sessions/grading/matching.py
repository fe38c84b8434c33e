"""How well an answer covers a phrasing: the arithmetic of the lexical method, without any verdict.

All scores lie in 0..1. A phrasing in a sentence of its own reaches 1.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sessions.grading.phrasings import Phrasing, Prepared
from sessions.grading.windows import Answer, Window

STEM_SHARE, GRAM_SHARE = 0.6, 0.4
WHOLE_ANSWER_SHARE = 0.1
# Only words of the prompt matched, although the phrasing has others.
PROMPT_ONLY_FACTOR = 0.75
# Two sentences are preferred to one only when they are better by this much; it keeps quotations short.
PAIR_MARGIN = 0.03

# Words far apart are less likely to belong together: a window much longer than the phrasing loses up to this share.
SPREAD_LOSS = 0.4
SPREAD_FREE_WORDS, SPREAD_WORDS = 8, 50

# A window of so many words with so few function words among them is a list of keywords.
LIST_MIN_WORDS = 12
LIST_FUNCTION_SHARE = 0.15
LIST_FACTOR = 0.5

STEEPNESS, MIDDLE = 8.0, 0.45
# A longer text matches more by chance: from this many words on, each doubling asks for so much more.
LONG_WORDS, LONG_STEP, LONG_MOST = 500, 0.05, 0.2


@dataclass(frozen=True, slots=True)
class Match:
    """The best place for one key point. `window` is None when not a word of any phrasing was found."""

    coverage: float
    phrasing: Phrasing
    window: Window | None
    is_list: bool


@dataclass(slots=True)
class _Best:
    score: float = 0.0
    window: Window | None = None


def match(prepared: Prepared, answer: Answer) -> list[Match]:
    """Return one match for each key point, in order."""
    best = [_Best() for _ in prepared.phrasings]
    _look_in(prepared, answer.singles, best, margin=0.0)
    _look_in(prepared, answer.pairs, best, margin=PAIR_MARGIN)
    stems, middle = answer.stems, middle_for(answer.words)
    matches = []
    for indices in prepared.points:
        found = [(_with_whole(prepared.phrasings[i], best[i], stems), i) for i in indices]
        score, index = max(found, key=lambda pair: (pair[0], -pair[1]))
        phrasing, window = prepared.phrasings[index], best[index].window
        listed = window is not None and is_list(window, phrasing)
        matches.append(Match(round(coverage(score, middle), 4), phrasing, window, listed))
    return matches


def _look_in(prepared: Prepared, windows: Iterable[Window], best: list[_Best], *, margin: float) -> None:
    seen: set[tuple[object, ...]] = set()
    for window in windows:
        key = (window.stems, window.grams, window.words, window.functions)
        if not window.stems or key in seen:
            continue
        seen.add(key)
        for index, stems in _stem_shares(prepared, window).items():
            to_beat = best[index].score + (margin if best[index].window else 0)
            # Word pieces are counted only where they could still decide.
            if STEM_SHARE * stems + GRAM_SHARE > to_beat:
                score = window_score(prepared.phrasings[index], window, stems)
                if score > to_beat:
                    best[index] = _Best(score, window)


def _stem_shares(prepared: Prepared, window: Window) -> dict[int, float]:
    """Return for each phrasing that shares a stem with the window how much of its weight is there, 0..1."""
    shares: dict[int, float] = {}
    for stem in window.stems:
        for index, share in prepared.postings[stem]:
            shares[index] = shares.get(index, 0.0) + share
    return shares


def window_score(phrasing: Phrasing, window: Window, stems: float) -> float:
    """Return how well one window covers one phrasing, before the logistic; `stems` is its share of the weight."""
    pieces = phrasing.gram_count
    grams = (window.grams & phrasing.grams).bit_count() / pieces if pieces else stems
    score = STEM_SHARE * min(1.0, stems) + GRAM_SHARE * grams
    if phrasing.own_stems and phrasing.own_stems.isdisjoint(window.stems):
        score *= PROMPT_ONLY_FACTOR
    if phrasing.substance < 1 and not window.says(phrasing.forms):
        score *= phrasing.substance
    spread = (window.words - 2 * phrasing.words - SPREAD_FREE_WORDS) / SPREAD_WORDS
    score *= 1 - SPREAD_LOSS * min(1.0, max(0.0, spread))
    return score * LIST_FACTOR if is_list(window, phrasing) else score


def is_list(window: Window, phrasing: Phrasing) -> bool:
    """Whether the window is a list of keywords; not when the phrasing itself is about as long and as dense."""
    if window.words < LIST_MIN_WORDS or window.functions >= LIST_FUNCTION_SHARE * window.words:
        return False
    as_long = window.words <= 2 * phrasing.words
    as_dense = window.functions >= phrasing.function_share / 2 * window.words
    return not (as_long and as_dense)


def _with_whole(phrasing: Phrasing, best: _Best, stems: frozenset[int]) -> float:
    """Add what the rest of the answer has of the phrasing; it can help a match, not make one."""
    if best.window is None:
        return 0.0
    whole = sum(share for stem, share in phrasing.shares.items() if stem in stems)
    return (1 - WHOLE_ANSWER_SHARE) * best.score + WHOLE_ANSWER_SHARE * min(max(whole, best.score), 2 * best.score)


def middle_for(words: int) -> float:
    """Return the score at which an answer of that length counts as half covering a point."""
    return MIDDLE if words <= LONG_WORDS else MIDDLE + min(LONG_MOST, LONG_STEP * math.log2(words / LONG_WORDS))


def coverage(score: float, middle: float = MIDDLE) -> float:
    """Return a score bent by a logistic that still takes 0 to 0 and 1 to 1."""
    low, high = _logistic(-middle), _logistic(1 - middle)
    return min(1.0, max(0.0, (_logistic(score - middle) - low) / (high - low)))


def _logistic(distance: float) -> float:
    return 1 / (1 + math.exp(-STEEPNESS * distance))
