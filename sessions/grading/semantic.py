"""The text match with a small language model: words count that mean the same, not only those that look the same.

Optional, chosen by TEXT_GRADER, and used by workers and commands only. Everything but the similarity is as in the match
without a model: places, defences, demands and verdicts.
"""

from functools import lru_cache
from typing import Any

from questions.content import Content, Kind
from sessions.grading import minilm
from sessions.grading import text as texts
from sessions.grading.open_answers import grade_open_answer
from sessions.grading.phrasings import Phrasing
from sessions.grading.registry import register
from sessions.grading.results import Grade
from sessions.grading.windows import Window
from sessions.grading.words import STOP_WORDS

NAME = "semantic"
VERSION = 1

# Unrelated words still have such a cosine, by and large; it is no similarity.
CHANCE = 0.3
# Of a longer answer only so much goes through the model, in pieces of at most so many characters; the rest is
# matched by words alone.
PIECE_CHARACTERS, MOST_PIECES = 900, 3


@register(Kind.OPEN, NAME)
def grade_semantically(content: Content, body: str) -> Grade:
    """Return the weighted share of key points that the answer's words mean. Raises minilm.NotInstalledError."""
    return grade_open_answer(content, body, grader=NAME, version=VERSION, meaning=SoftRecall(body))


class SoftRecall:
    """How much of a phrasing's words an answer's words mean: each takes its best cosine with any word of the place.

    Recall over contextual vectors as in Zhang et al., "BERTScore", 2020, weighted like the words of the phrasing.
    """

    def __init__(self, body: str) -> None:
        self._body = body
        self._said: dict[int, Any] | None = None

    def __call__(self, phrasing: Phrasing, window: Window) -> float:
        """Return the weighted mean of the best cosines, chance taken out, 0..1."""
        wanted, weights = _wanted(phrasing)
        if self._said is None:
            self._said = _sentence_vectors(self._body)
        said = self._said.get(window.start)
        if said is None or not weights:
            return 0.0
        best = (wanted @ said.T).max(axis=1)
        recall = sum(weight * float(cosine) for weight, cosine in zip(weights, best, strict=True)) / sum(weights)
        return min(1.0, max(0.0, (recall - CHANCE) / (1 - CHANCE)))


def _sentence_vectors(body: str) -> dict[int, Any]:
    """Return the vectors of the content words of each sentence, by its start, as far as the model goes."""
    found: dict[int, Any] = {}
    for piece in _pieces(body):
        start = piece[0].start
        read = minilm.vectors(body[start : piece[-1].end])
        for sentence in piece:
            kept = [
                index
                for index, (word, place) in enumerate(zip(read.words, read.starts, strict=True))
                if sentence.start <= start + place < sentence.end and _tells(word)
            ]
            if kept:
                found[sentence.start] = read.matrix[kept]
    return found


def _pieces(body: str) -> list[list[texts.Sentence]]:
    """Return the sentences in runs that the model takes at once, so that words are read in their context."""
    pieces: list[list[texts.Sentence]] = []
    for sentence in texts.sentences(body):
        if not pieces or sentence.end - pieces[-1][0].start > PIECE_CHARACTERS:
            pieces.append([])
        pieces[-1].append(sentence)
    return pieces[:MOST_PIECES]


@lru_cache(maxsize=5_000)
def _wanted(phrasing: Phrasing) -> tuple[Any, tuple[float, ...]]:
    """Return the vectors of a phrasing's content words, and their weights."""
    weights = dict(zip(phrasing.forms, phrasing.weights, strict=True))
    found = minilm.vectors(" ".join(phrasing.forms))
    kept = [index for index, word in enumerate(found.words) if _tells(word) and word in weights]
    return found.matrix[kept], tuple(weights[found.words[index]] for index in kept)


def _tells(word: str) -> bool:
    return word not in STOP_WORDS and any(map(str.isalnum, word))
