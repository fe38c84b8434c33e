"""The places of an answer where a key point could have been said: single sentences and two in a row.

Sentences that only repeat the prompt are left out here, so nothing after this can take them for an answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sessions.grading import text as texts
from sessions.grading.phrasings import Prepared, runs
from sessions.grading.words import STOP_WORDS

ECHO_MIN_WORDS = 5
ECHO_SHARE = 0.6
# Two sentences further apart than this many characters are not said in one breath.
MAX_GAP = 80
# 64 kB of English has about 2,500 different words. Only invented ones reach this number, and stemming is the dear part.
MAX_STEMMED_WORDS = 3_000


class Window(NamedTuple):
    """One or two sentences: the stems and word pieces in them, their length, and which words they are.

    `words` counts all words, `functions` those that carry no content (articles, pronouns, auxiliaries …).
    """

    stems: frozenset[int]
    grams: int
    words: int
    functions: int
    sentences: tuple[texts.Sentence, ...]

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end

    def says(self, forms: tuple[str, ...]) -> bool:
        """Whether these words stand in the window one after another."""
        own = [word.form for sentence in self.sentences for word in sentence.words]
        return any(tuple(own[i : i + len(forms)]) == forms for i in range(len(own) - len(forms) + 1))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer taken apart; `echoes` counts the sentences left out because they repeat the prompt."""

    singles: tuple[Window, ...]
    pairs: tuple[Window, ...]
    echoes: int

    @property
    def words(self) -> int:
        return sum(window.words for window in self.singles)

    @property
    def stems(self) -> frozenset[int]:
        return frozenset().union(*(window.stems for window in self.singles))


def take_apart(prepared: Prepared, body: str) -> Answer:
    """Return the windows of `body` with the words numbered as the question numbers them."""
    sentences = texts.sentences(body)
    lookup = _Lookup(prepared)
    kept = [None if _is_echo(prepared, sentence) else lookup.window(sentence) for sentence in sentences]
    return Answer(
        singles=tuple(window for window in kept if window), pairs=tuple(_pairs(kept)), echoes=kept.count(None)
    )


class _Lookup:
    """Remembers each word of one answer, so that a word is looked at once however often it is used."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._known: dict[str, tuple[int | None, int, bool]] = {}
        self._stemmed = 0

    def window(self, sentence: texts.Sentence) -> Window:
        stems: set[int] = set()
        grams = functions = 0
        for word in sentence.words:
            stem, bits, function = self._known.get(word.form) or self._look(word.form)
            if stem is not None:
                stems.add(stem)
            grams |= bits
            functions += function
        return Window(frozenset(stems), grams, len(sentence.words), functions, (sentence,))

    def _look(self, form: str) -> tuple[int | None, int, bool]:
        function = form in STOP_WORDS
        known = (self._stem(form), 0 if function else self._prepared.gram_set(form), function)
        self._known[form] = known
        return known

    def _stem(self, form: str) -> int | None:
        if not self._prepared.may_match(form) or self._stemmed >= MAX_STEMMED_WORDS:
            return None
        self._stemmed += 1
        return self._prepared.stem_number(form)


def _is_echo(prepared: Prepared, sentence: texts.Sentence) -> bool:
    """Whether most of the sentence stands in the prompt, word for word."""
    if len(sentence.words) < ECHO_MIN_WORDS:
        return False
    own = runs([word.form for word in sentence.words])
    return sum(run in prepared.prompt_runs for run in own) >= ECHO_SHARE * len(own)


def _pairs(kept: Sequence[Window | None]) -> Iterator[Window]:
    """Return the pairs of neighbours that both have something to add."""
    for one, two in pairwise(kept):
        if one and two and one.stems and two.stems and two.start - one.end <= MAX_GAP:
            yield Window(
                stems=one.stems | two.stems,
                grams=one.grams | two.grams,
                words=one.words + two.words,
                functions=one.functions + two.functions,
                sentences=one.sentences + two.sentences,
            )
