"""Key points proposed from an answer that has none: the entries of its list, or else its sentences.

Only when a person asks for it. What is proposed is said to be so, and is a draft that a reviewer has to check.
"""

import re
from collections.abc import Iterator
from typing import Any

from questions.content import KeyPoint

MOST_POINTS, FEWEST_POINTS = 6, 2
SHORTEST_WORDS, LONGEST_WORDS = 4, 40
LONGEST_WHOLE = 1_000  # characters, as many as a key point's text may have

_FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_ITEM = re.compile(r"^ {0,3}(?:[-*+]|\d{1,3}[.)])\s+(.+?)\s*$", re.MULTILINE)
_MARKS = re.compile(
    r"!?\[([^\]]*)\]\([^)]*\)|(?<![\w$])[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?![\w$])|`|^#+\s*", re.MULTILINE
)
_END = re.compile(r"(?<=\w\w[.!?])\s+(?=[^a-z\s])")


def proposed_points(answer: str) -> list[dict[str, Any]]:
    """Return key points by the names of `Content`'s fields; none when the answer says too little to choose from."""
    text = _FENCED.sub("\n\n", answer)
    items = [_plain(item) for item in _ITEM.findall(text)]
    chosen = [item for item in items if _is_usable(item)]
    if len(chosen) < FEWEST_POINTS:
        chosen = [sentence for sentence in _sentences(text) if _is_usable(sentence)]
    unique = list(dict.fromkeys(chosen))[:MOST_POINTS]
    if len(unique) < FEWEST_POINTS:
        return []
    return [{"key": f"point-{n}", "text": words, "weight": 2, "accepted": []} for n, words in enumerate(unique, 1)]


def _sentences(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text):
        yield from (_plain(sentence) for sentence in _END.split(" ".join(paragraph.split())))


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub(r"\1", text).split()).rstrip(" .:;,")


def _is_usable(text: str) -> bool:
    """Whether it can be a point: neither a word or two, nor a paragraph, nor the words before a list."""
    return SHORTEST_WORDS <= len(text.split()) <= LONGEST_WORDS and not text.endswith("?") and len(text) <= 500


def points_from_reference(reference: str) -> tuple[KeyPoint, ...]:
    """Return the points that an import proposes for an answer, at least one.

    An answer that says too little to choose from is one point as a whole, as the answers of imported short-answer
    questions are. `reference` must not be blank.
    """
    if proposed := proposed_points(reference):
        return tuple(KeyPoint(**point) for point in proposed)
    whole = (_plain(reference) or reference.strip())[:LONGEST_WHOLE]
    return (KeyPoint(key="answer", text=whole, weight=3),)
