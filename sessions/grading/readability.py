"""What of an answer a text match cannot read: program code, formulas, tables and other languages than English.

Recognised line by line from the outside, without a parser. Where much of an answer is such, what was not found is left
to a reader instead of being called missing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from sessions.grading.foreign_words import FOREIGN_WORDS
from sessions.grading.results import NO_EVIDENCE, Finding, FindingKind, Status, Verdict
from sessions.grading.text import Sentence
from sessions.grading.words import STOP_WORDS

# With so large a share of its characters unreadable, an answer is left to a reader.
FOR_A_READER = 0.4
LONGEST_LINE = 400
# Fewer words do not tell a language.
LANGUAGE_MIN_WORDS = 6
FOREIGN_SHARE = 0.15
# With so many function words a text is English, whatever else it looks like.
ENGLISH_SHARE = 0.25
# So much of an answer shows its language: characters, or words.
LOOKED_AT = 4_000


class Sort(StrEnum):
    """What an unreadable stretch is."""

    CODE = "code"
    FORMULA = "formula"
    TABLE = "table"
    LANGUAGE = "language"


NAMES = {
    Sort.CODE: _("This looks like program code"),
    Sort.FORMULA: _("This looks like a formula"),
    Sort.TABLE: _("This looks like a table"),
    Sort.LANGUAGE: _("This does not look like English"),
}

_FENCE = re.compile(r"\s*(```|~~~)")
_TABLE = re.compile(r"\s*+\|.*\|.*\||\s*+\|?+(?:\s*+:?-{3,}+:?\s*+\|)+")
# Hardly anybody writes these in a sentence.
_CODE = re.compile(
    r"""
    \s*+(?:async\s+)?(?:def|function|fn|func)\s+\w+\s*\(
    | \s*+class\s+\w+\s*(?:\([^()]*\))?\s*[:{]\s*$
    | \s*+(?:import\s+[\w.]+(?:\s+as\s+\w+)?|from\s+[\w.]+\s+import\s+[\w.,\s*]+)$
    | \s*+(?:for\s+[\w,\s]+?\s+in\s.*|(?:if|elif|while)\s.*(?:[<>=\[]|\bnot\b|\bin\b).*):\s*$
    | \s*+(?:try|else|finally|except\b.*):\s*$
    | \s*+(?:const|let|var)\s+\w+\s*=
    | \s*+(?:public|private|protected|static|void)\s+[\w<>\[\]]+\s+\w+\s*[(=]
    | \s*+\#include\b
    | \s*+(?:SELECT|FROM|WHERE|GROUP\ BY|ORDER\ BY|JOIN|LEFT\ JOIN|INNER\ JOIN|HAVING|INSERT|UPDATE|DELETE|CREATE|WITH
        |UNION|LIMIT)\b(?=.*[*,=().;<>]|\s+\w+\s*$)
    | \s*+[\w.\[\]"']+\s*(?:=|\+=|-=|:=)\s*[\w.]*[(\[{]
    | [^=(\[]*+(?:=|(?<=\w)[(\[]).*[;{}]\s*$
    | \s*+[)}\]]+[;,]?\s*$
    | \s*+(?:>>>|\$)\s\S
    """,
    re.VERBOSE,
)
# These belong to code beside a line of code, and to prose elsewhere.
_LIKE_CODE = re.compile(
    r"\s*+\w[\w.]*\(.*\)\s*$|\s++(?:return|yield|raise|break|continue|pass)\b|\s*+[\w.\[\]]+\s*(?:=|\+=|-=|\*=)\s*\S"
    r"|.*[;{}]\s*$|\s++\S.*:\s*$|(?:\t|\ {2,})\S|\s*+return\b"
)
_FORMULA_MARK = re.compile(
    r"\$\$|\\(?:frac|sum|int|sqrt|left|begin|cdot|times|alpha|beta|theta|sigma|mu|lambda|hat|bar)\b"
)
_MATH = re.compile(r"[=+\-*/^<>≤≥≈≠±×÷∑∏∫√∂∇∞∈∀∃→()\[\]{}|_]")
# Letters beyond the Latin ones.
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f]")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class _Line:
    sort: Sort | None
    start: int
    end: int


def unreadable(body: str, sentences: Sequence[Sentence]) -> tuple[Finding, ...]:
    """Return the stretches of the answer that are no English prose, in order."""
    foreign = _is_foreign(body, sentences)
    if foreign:
        start, end = sentences[0].start, sentences[-1].end
        return (_finding(Sort.LANGUAGE, body, start, end),)
    return tuple(
        _finding(sort, body, lines[0].start, lines[-1].end)
        for sort, lines in ((sort, list(group)) for sort, group in groupby(_lines(body), key=lambda line: line.sort))
        if sort
    )


def is_for_a_reader(body: str, stretches: Sequence[Finding]) -> bool:
    """Whether so much of the answer cannot be read that "not found" would say nothing."""
    return sum(stretch.end - stretch.start for stretch in stretches) >= FOR_A_READER * max(1, len(body.strip()))


def left_to_a_reader(verdict: Verdict) -> Verdict:
    """Return the verdict with a missing point left open; what was found stays found."""
    if verdict.status != Status.NOT_FOUND:
        return verdict
    return replace(verdict, status=Status.UNREAD, confidence=0.0, evidence="", start=NO_EVIDENCE, end=NO_EVIDENCE)


def _finding(sort: Sort, body: str, start: int, end: int) -> Finding:
    return Finding(FindingKind.UNREADABLE, sort, str(NAMES[sort]), evidence=body[start:end], start=start, end=end)


def _lines(body: str) -> list[_Line]:
    """Return the lines that say something, each with its sort; a fenced block is code from fence to fence."""
    places = []
    start = 0
    for line in body.splitlines(keepends=True):
        if bare := line.rstrip():
            places.append((start, start + len(bare), bare))
        start += len(line)
    fenced = _fenced([bare for _start, _end, bare in places])
    sorts = [Sort.CODE if number in fenced else _sort(bare) for number, (_start, _end, bare) in enumerate(places)]
    _spread([bare for _start, _end, bare in places], sorts)
    return [_Line(sort, start, end) for sort, (start, end, _bare) in zip(sorts, places, strict=True)]


def _fenced(lines: Sequence[str]) -> set[int]:
    """Return the numbers of the lines in fenced blocks. A fence that nothing closes fences nothing."""
    fences = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    return {number for first, last in zip(fences[::2], fences[1::2], strict=False) for number in range(first, last + 1)}


def _spread(lines: Sequence[str], sorts: list[Sort | None]) -> None:
    """Take lines that are like code for code where they follow or precede a line that is."""
    for numbers, before in ((range(1, len(lines)), -1), (range(len(lines) - 2, -1, -1), 1)):
        for number in numbers:
            if sorts[number] is None and sorts[number + before] is Sort.CODE and _is_like_code(lines[number]):
                sorts[number] = Sort.CODE


def _sort(line: str) -> Sort | None:
    # Longer lines are prose or data, and expressions must not be tried on them.
    if len(line) > LONGEST_LINE:
        return None
    if _TABLE.match(line):
        return Sort.TABLE
    if _CODE.match(line) and not _is_prose(line):
        return Sort.CODE
    return Sort.FORMULA if _is_formula(line) else None


def _is_like_code(line: str) -> bool:
    return len(line) <= LONGEST_LINE and _LIKE_CODE.match(line) is not None and not _is_prose(line)


def _is_formula(line: str) -> bool:
    signs, words = len(_MATH.findall(line)), len(_LONG_WORD.findall(line))
    return bool(_FORMULA_MARK.search(line) and words <= 6) or (signs >= 4 and "=" in line and words <= 1)


def _is_prose(line: str) -> bool:
    """Whether function words make up a third of the line; code has hardly any."""
    words = re.findall(r"[^\W\d_]+", line.lower())
    return len(words) >= 5 and sum(word in STOP_WORDS for word in words) >= len(words) / 3


def _is_foreign(body: str, sentences: Sequence[Sentence]) -> bool:
    if _is_other_script(body[:LOOKED_AT]):
        return bool(sentences)
    forms = [word.form for sentence in sentences for word in sentence.words][:LOOKED_AT]
    english = sum(map(STOP_WORDS.__contains__, forms))
    if len(forms) < LANGUAGE_MIN_WORDS or english >= ENGLISH_SHARE * len(forms):
        return False
    foreign = max(sum(map(words.__contains__, forms)) for words in FOREIGN_WORDS.values())
    return foreign >= FOREIGN_SHARE * len(forms) and foreign > 1.5 * english


def _is_other_script(text: str) -> bool:
    if text.isascii():
        return False
    others = len(_OTHER_SCRIPT.findall(text))
    return others >= LANGUAGE_MIN_WORDS and others > sum(map(str.isalpha, text)) / 2
