"""Key points proposed from an answer that has none: the entries of its list, or else its sentences.

Only when a person asks for it. What is proposed is said to be so, and is a draft that a reviewer has to check.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from questions.content import KeyPoint

MOST_POINTS, FEWEST_POINTS = 6, 2
SHORTEST_WORDS, LONGEST_WORDS = 4, 40
LONGEST_WHOLE = 1_000  # characters, as many as a key point's text may have

_FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
# Also as people type lists outside of Markdown: other marks, and no space after one.
_ITEM = re.compile(r"\s*(?:[*+](?=\s)|[-–•●○▪◦·](?=[^\W\d]|\s)|\d{1,3}[.)](?=\s|[^\W\d])|[ivx]{1,4}\)|[a-h]\))\s*")
_HARDLY_WRAPPED = 120  # characters; a line that is longer ends where its writer wanted
_MARKS = re.compile(
    r"!?\[([^\]]*)\]\([^)]*\)|(?<![\w$])[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?![\w$])|`|^#+\s*", re.MULTILINE
)
_END = re.compile(r"(?<=\w\w[.!?])\s+(?=[^a-z\s])")


def proposed_points(answer: str) -> list[dict[str, Any]]:
    """Return key points by the names of `Content`'s fields; none when the answer says too little to choose from."""
    blocks = list(_blocks(_FENCED.sub("\n\n", answer)))
    chosen = [point for text, is_item in blocks if is_item for point in _usable(text)]
    if len(chosen) < FEWEST_POINTS:
        chosen = [sentence for text, _is_item in blocks for sentence in _sentences(text) if _is_usable(sentence)]
    unique = list(dict.fromkeys(chosen))[:MOST_POINTS]
    if len(unique) < FEWEST_POINTS:
        return []
    return [{"key": f"point-{n}", "text": words, "weight": 2, "accepted": []} for n, words in enumerate(unique, 1)]


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the entries of lists (True) with the lines that go on with them, and the paragraphs between (False)."""
    for paragraph in re.split(r"\n\s*\n", text):
        lines, is_item = list[str](), False
        for line in paragraph.splitlines():
            if mark := _ITEM.match(line):
                if lines:
                    yield _joined(lines), is_item
                lines, is_item = [line[mark.end() :]], True
            else:
                lines.append(line)
        if lines:
            yield _joined(lines), is_item


def _joined(lines: list[str]) -> str:
    """Return lines as one text, a line end only where it is meant.

    It is where the next line begins a sentence although its first word had fitted on this one.
    """
    width = max(map(len, lines))
    parts = [lines[0].strip()]
    for line, following in pairwise(lines):
        word = following.split()[0] if following.strip() else ""
        is_meant = len(line) > _HARDLY_WRAPPED or len(line) + 1 + len(word) <= width
        parts += ["\n" if word[:1].isupper() and is_meant else " ", following.strip()]
    return "".join(parts)


def _usable(item: str) -> list[str]:
    """Return the entry of a list, or its sentences where it is too long for one point."""
    whole = _plain(item)
    return [point for point in ([whole] if _is_usable(whole) else _sentences(item)) if _is_usable(point)]


def _sentences(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield from (_plain(sentence) for sentence in _END.split(" ".join(line.split())))


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
