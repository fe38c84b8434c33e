"""Whether words stand in an order in which people write them; it tells sentences from words thrown together.

Each word is put into one of some twenty classes by its form alone, and each pair of neighbouring classes has a number:
how much more often it stands in prose than chance would have it (pointwise mutual information, Church & Hanks 1990).
No grammar, English only, and only good enough to see that a whole answer makes no sentences.
"""

from collections.abc import Iterable
from functools import lru_cache

from sessions.grading.text import Sentence
from sessions.grading.word_pairs import INFORMATION

START, END, NUMBER, OTHER = "start", "end", "number", "other"
# Fewer pairs say nothing.
FEWEST_PAIRS = 6
# The mean from which on a text counts as prose, and below which as disorder. Some honest short answers lie between, so
# there is a slope and no step.
PROSE_FROM, DISORDER_BELOW = -0.04, -0.16
DISORDER_FACTOR = 0.35

_WORDS = {
    "determiner": """
        a an the this these those each every any some no another its my your our their his her both either
        neither such all
    """,
    "preposition": """
        of in on at by to for from with into onto upon about over under between among through during before after
        above below within across against per via towards toward around along without like
    """,
    "pronoun": """
        it i you we he she they them us me him itself one someone something anything nothing there
    """,
    "be": "is are was were be been being am isn't aren't wasn't weren't it's that's there's they're",
    "do": "has have had do does did having doing don't doesn't didn't hasn't haven't hadn't",
    "modal": "will would shall should can could may might must cannot can't won't wouldn't couldn't shouldn't",
    "conjunction": "and or but nor so yet",
    "subordinator": """
        if because when while although though whereas unless until than as since that which who what where how
        why whether then
    """,
    "negation": "not never",
    "adverb": """
        very too just also even still only more most less least same other again further once however therefore
        thus often always usually
    """,
}
_CLASS_OF = {word: name for name, words in _WORDS.items() for word in words.split()}
_ENDINGS = ("ing", "ed", "ly")


@lru_cache(maxsize=20_000)
def word_class(form: str) -> str:
    """Return the class of a word's normal form."""
    known = _CLASS_OF.get(form)
    if known:
        return known
    if form[0].isdigit():
        return NUMBER
    if len(form) > 4 and (ending := next(filter(form.endswith, _ENDINGS), "")):
        return ending
    return "s" if len(form) > 3 and form.endswith("s") and not form.endswith("ss") else OTHER


def classes(sentence: Sentence) -> list[str]:
    """Return the classes of a sentence's words, its beginning and its end included."""
    return [START, *(word_class(word.form) for word in sentence.words), END]


def order(sentences: Iterable[Sentence]) -> float | None:
    """Return the mean information of neighbouring words: about 0.3 for prose, -0.3 for shuffled words.

    None for a text too short to tell.
    """
    total, count = 0.0, 0
    for sentence in sentences:
        row = INFORMATION[START]
        for word in sentence.words:
            name = word_class(word.form)
            total += row[name]
            row = INFORMATION[name]
        total += row[END]
        count += len(sentence.words) + 1
    return total / count if count >= FEWEST_PAIRS else None


def order_factor(mean: float | None) -> float:
    """Return what is left of a score in view of the order: 1 for prose, DISORDER_FACTOR for disorder."""
    if mean is None or mean >= PROSE_FROM:
        return 1.0
    share = max(0.0, (mean - DISORDER_BELOW) / (PROSE_FROM - DISORDER_BELOW))
    return DISORDER_FACTOR + (1 - DISORDER_FACTOR) * share
