"""The places of an answer where something could have been said: single sentences and two in a row.

Sentences that only repeat the prompt are left out here, so nothing after this can take them for an answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sessions.grading import text as texts
from sessions.grading.phrasings import Prepared, runs

ECHO_MIN_WORDS = 8
ECHO_SHARE = 0.6
# Two sentences further apart than this many characters are not said in one breath.
MAX_GAP = 80


class Window(NamedTuple):
    """One or two sentences: bit sets of the stems and word pieces in them that the question has, and their length.

    `words` counts all words, `functions` those that carry no content (articles, pronouns, auxiliaries …), `commas`
    those between them; `parts` are the stems of each of two sentences.
    """

    stems: int
    grams: int
    words: int
    functions: int
    commas: int
    sentences: tuple[texts.Sentence, ...]
    parts: tuple[int, ...] = ()

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
    """An answer taken apart; `echoes` counts the sentences left out because they repeat the prompt.

    `new_words` are its different content words that the prompt does not have, `known_words` those of them that belong
    to the question; `stems` is the bit set of all its stems.
    """

    singles: tuple[Window, ...]
    pairs: tuple[Window, ...]
    echoes: int
    new_words: int
    known_words: int

    @property
    def words(self) -> int:
        return sum(window.words for window in self.singles)

    @property
    def stems(self) -> int:
        stems = 0
        for window in self.singles:
            stems |= window.stems
        return stems


def take_apart(prepared: Prepared, body: str, sentences: Sequence[texts.Sentence]) -> Answer:
    """Return the windows of an answer with the words numbered as the question numbers them."""
    lookup = _Lookup(prepared, body)
    kept = [None if _is_echo(prepared, sentence) else lookup.window(sentence) for sentence in sentences]
    return Answer(
        singles=tuple(window for window in kept if window),
        pairs=tuple(_pairs(kept)),
        echoes=kept.count(None),
        new_words=lookup.new,
        known_words=lookup.known,
    )


class _Lookup:
    """Counts the different words of one answer while its windows are made."""

    def __init__(self, prepared: Prepared, body: str) -> None:
        self.new = self.known = 0
        self._prepared, self._body = prepared, body
        self._seen: set[str] = set()

    def window(self, sentence: texts.Sentence) -> Window:
        stems = grams = functions = 0
        for form, _start, _end in sentence.words:
            seen = self._prepared.look(form)
            stems |= seen.stem
            grams |= seen.grams
            functions += seen.is_function
            if seen.is_new and form not in self._seen:
                self._seen.add(form)
                self.new += 1
                self.known += seen.is_known
        commas = self._body.count(",", sentence.start, sentence.end)
        return Window(stems, grams, len(sentence.words), functions, commas, (sentence,))


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
                commas=one.commas + two.commas,
                sentences=one.sentences + two.sentences,
                parts=(one.stems, two.stems),
            )
