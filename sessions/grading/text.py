"""Taking an answer apart: words with their places, sentences, stems, and the pieces of a word.

Pure functions over strings. Every position is an index into the text as it was given; nothing is normalised in a
way that would move one.
"""

import re
import threading
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

from sessions.grading.words import KEEP_ISE, SAME_WORD, SPELLING

# A sentence is cut after so many words or characters: without stops, a whole answer would be one sentence and
# words scattered all over it would count as said together.
MAX_SENTENCE_WORDS = 40
MAX_SENTENCE_CHARACTERS = 400
# Longer "words" are data, not language; only this much of them is looked at.
MAX_WORD = 40
GRAM_SIZES = (3, 4, 5)

# Possessive repeats (++, *+) keep these linear on hostile input such as 64 kB of dots.
_WORD = re.compile(r"\d++(?:[.,]\d++)*+(?![^\W_])|[^\W_]++(?:['’][^\W_]++)*+|%")
# Line ends, and control characters that no text should contain: nothing quoted ever reaches over one.
_LINE_END = re.compile(r"[\r\n\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]+")
_STOP = re.compile(r"(?<![.!?…])[.!?…]++[)\"'\]*_`]*+(?=\s)|[。！？।]")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|etc|cf|approx|resp|fig|eq|dr|no|al)|(?:^|\s)\d{1,2})\.$", re.IGNORECASE
)
_LIST_MARK = re.compile(r"\s*(?:[-*+•–>#|]+\s+|\(?\d{1,2}[.)]\s+)*")


class Word(NamedTuple):
    """One word of a text: its normal form and its place."""

    form: str
    start: int
    end: int


class Sentence(NamedTuple):
    """A piece of a text that says one thing, at most `MAX_SENTENCE_WORDS` long; without list marks and outer space."""

    words: tuple[Word, ...]
    start: int
    end: int


def words(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """Return the words between two positions of `text`."""
    stop = len(text) if end is None else end
    return [Word(normal_form(match[0]), match.start(), match.end()) for match in _WORD.finditer(text, start, stop)]


def sentences(text: str) -> list[Sentence]:
    """Return the sentences that contain a word, in order. Their places do not overlap.

    A line end always ends a sentence: in a text field it is typed on purpose.
    """
    result: list[Sentence] = []
    start = 0
    for match in _LINE_END.finditer(text):
        result += _line_sentences(text, start, match.start())
        start = match.end()
    return result + _line_sentences(text, start, len(text))


def _line_sentences(text: str, start: int, end: int) -> list[Sentence]:
    result: list[Sentence] = []
    for match in _STOP.finditer(text, start, end):
        if not _ABBREVIATION.search(text[max(start, match.start() - 8) : match.start() + 1]):
            result += _pieces(text, start, match.end())
            start = match.end()
    return result + _pieces(text, start, end)


def _pieces(text: str, start: int, stop: int) -> list[Sentence]:
    mark = _LIST_MARK.match(text, start, stop)
    found = words(text, mark.end() if mark else start, stop)
    if not found:
        return []
    if len(found) <= MAX_SENTENCE_WORDS and found[-1].end - found[0].start <= MAX_SENTENCE_CHARACTERS:
        return [_sentence(text, found, stop)]
    pieces: list[list[Word]] = []
    for word in found:
        full = not pieces or len(pieces[-1]) >= MAX_SENTENCE_WORDS
        if full or word.end - pieces[-1][0].start > MAX_SENTENCE_CHARACTERS:
            pieces.append([])
        pieces[-1].append(word)
    return [_sentence(text, piece, stop if piece is pieces[-1] else piece[-1].end) for piece in pieces]


def _sentence(text: str, piece: list[Word], stop: int) -> Sentence:
    """Return a sentence with the punctuation that ends it, a few characters at most, and without Markdown marks."""
    start, end = piece[0].start, min(stop, piece[-1].end + 3)
    while end > piece[-1].end and (text[end - 1].isspace() or text[end - 1] in "*_`"):
        end -= 1
    return Sentence(tuple(piece), start, end)


@lru_cache(maxsize=20_000)
def normal_form(word: str) -> str:
    """Return a word in lower case, in compatibility form, with straight apostrophes and one spelling."""
    form = word[:MAX_WORD]
    if not form.isascii():
        form = unicodedata.normalize("NFKC", form).replace("’", "'")
    form = form.lower()
    form = SAME_WORD.get(form.removesuffix("'s"), form.removesuffix("'s"))
    return _one_spelling(form)


_SPELLING = [(hint, re.compile(pattern), replacement) for hint, pattern, replacement in SPELLING]


def _one_spelling(form: str) -> str:
    if len(form) < 6 or form.startswith(KEEP_ISE):
        return form
    for hint, pattern, replacement in _SPELLING:
        if hint in form:
            form = pattern.sub(replacement, form)
    return form


# A stemmer keeps state while it works, so each thread needs its own.
_local = threading.local()


@lru_cache(maxsize=20_000)
def stem(form: str) -> str:
    """Return the Snowball English stem of a normal form (Porter 2, https://snowballstem.org/algorithms/english/)."""
    try:
        stemmer = _local.stemmer
    except AttributeError:
        stemmer = _local.stemmer = snowballstemmer.stemmer("english")
    stemmed: str = stemmer.stemWord(form)
    return stemmed


@lru_cache(maxsize=2_000)
def grams(form: str) -> frozenset[str]:
    """Return the pieces of 3 to 5 characters of a word, its edges marked; they survive slips and endings."""
    padded = f"_{form}_"
    return frozenset(padded[i : i + size] for size in GRAM_SIZES for i in range(len(padded) - size + 1))
