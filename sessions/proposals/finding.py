"""Which sentence of an answer may be the one that says a key point in other words. Pure functions over strings."""

from collections.abc import Iterable, Sequence

from sessions.grading import text as texts
from sessions.grading.words import STOP_WORDS

# Characters; a phrasing is a clause, and longer ones match nothing but themselves.
MAX_LENGTH = 200


def likely_sentence(body: str, wanted: str, *, taken: Sequence[tuple[int, int]]) -> str:
    """Return the sentence that shares most telling stems with `wanted`, the longest of several, or "".

    Places (start, end) in `taken` are evidence for something else, and no sentence that touches one is returned. At
    most MAX_LENGTH characters, cut between words.
    """
    stems = _telling(texts.words(wanted))
    free = [
        sentence
        for sentence in texts.sentences(body)
        if _telling(sentence.words) and not any(sentence.start < end and start < sentence.end for start, end in taken)
    ]
    if not free:
        return ""
    best = max(free, key=lambda each: (len(stems & _telling(each.words)), each.end - each.start, -each.start))
    return _shortened(body[best.start : best.end])


def normal_words(words: str) -> str:
    """Return what two phrasings have in common that differ in case, spelling or punctuation only."""
    return " ".join(word.form for word in texts.words(words))


def _telling(words: Iterable[texts.Word]) -> set[str]:
    return {texts.stem(word.form) for word in words if word.form not in STOP_WORDS}


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= MAX_LENGTH:
        return line
    return line[: MAX_LENGTH + 1].rpartition(" ")[0] or line[:MAX_LENGTH]
