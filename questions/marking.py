"""Marks the words of a search in texts of the bank. Owns the one place where a found text becomes HTML.

Pure text in, escaped HTML out: whatever this module did not write itself is escaped, so no title can break a page.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape

import snowballstemmer
from django.utils.safestring import SafeString, mark_safe

# Letters on both sides of a found word.
AROUND = 70

_WORD = re.compile(r"\w+")
_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the stem of a word as PostgreSQL's English search has it."""
    return str(_stemmer.stemWord(word.casefold()))


@dataclass(frozen=True)
class Sought:
    """What a search looks for: stems of whole words, and the beginning of one that is still being typed."""

    stems: frozenset[str]
    beginning: str = ""

    @classmethod
    def of(cls, words: str, *, is_typing: bool = False) -> "Sought":
        """Return what `words` look for; what follows a minus is what they do not want."""
        wanted = [match[0] for match in re.finditer(r"(?<![\w-])-?\w+", words) if not match[0].startswith("-")]
        wanted += [part for match in re.findall(r"\w+(?:-\w+)+", words) for part in match.split("-")]
        beginning = wanted[-1].casefold() if is_typing and wanted else ""
        return cls(frozenset(stem(word) for word in wanted if word.casefold() != "or"), beginning)

    def finds(self, word: str) -> bool:
        return stem(word) in self.stems or bool(self.beginning and word.casefold().startswith(self.beginning))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where in `text` the words stand."""
        for match in self.net.finditer(text) if self.net else ():
            if self.finds(match[0]):
                yield match.span()

    @cached_property
    def net(self) -> re.Pattern[str] | None:
        """Catches words that may be meant, quickly: stemming changes the last letters, hardly ever the first ones."""
        starts = {re.escape(text[: max(3, len(text) - 1)]) for text in (*self.stems, self.beginning) if text}
        return re.compile(rf"\b(?:{'|'.join(sorted(starts))})\w*", re.IGNORECASE) if starts else None


def marked(text: str, sought: Sought) -> SafeString:
    """Return `text` escaped, with the words that were sought inside `<mark>`."""
    pieces: list[str] = []
    position = 0
    for start, end in sought.spans(text):
        pieces += [escape(text[position:start]), "<mark>", escape(text[start:end]), "</mark>"]
        position = end
    pieces.append(escape(text[position:]))
    return mark_safe("".join(pieces))  # noqa: S308  every piece was escaped above


def excerpt(texts: Iterable[str], sought: Sought) -> SafeString:
    """Return the surroundings of the first word found in any of `texts`, marked; "" when there is none."""
    for text in texts:
        span = next(sought.spans(text), None) if sought.net and sought.net.search(text) else None
        if span is None:
            continue
        start, end = max(0, span[0] - AROUND), min(len(text), span[1] + AROUND)
        # No word is cut in two.
        start = 0 if start == 0 else start + len(text[start : span[0]].partition(" ")[0]) + 1
        end = len(text) if end == len(text) else span[1] + len(text[span[1] : end].rpartition(" ")[0])
        words = " ".join(text[min(start, span[0]) : max(end, span[1])].split())
        before, after = "… " if start > 0 else "", " …" if end < len(text) else ""
        return mark_safe(before + marked(words, sought) + after)  # noqa: S308  marked() escapes
    return SafeString("")
