"""What a key point asks for beside being said: terms, a figure, and any N of several items.

Pure. A demand that is not met keeps a point from being found in full and says what is missing; it never takes
what the words have earned.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from statistics import fmean

from django.utils.translation import gettext as _

from questions.content import KeyNumber, KeyPoint, alternatives
from sessions.grading import text as texts
from sessions.grading.matching import Match
from sessions.grading.numerals import ParsedNumber, stated_numbers
from sessions.grading.numeric import PERCENT_UNITS, exact, plain
from sessions.grading.windows import Window

# Beyond the quotation a figure may stand this many characters away: in the clause before or after.
FIGURE_REACH = 160
# From this coverage on an item counts as named.
NAMED_FROM = 0.6
# One named item of many is part of the point: as much as "partly" needs.
NAMED_COVERAGE = 0.4


def missing(point: KeyPoint, stems: frozenset[str], body: str, window: Window | None) -> str:
    """Return what the answer lacks of the point's demands, in words for the candidate, or ""."""
    for term in point.required:
        if not any(_said(way, stems) for way in alternatives(term)):
            return _("“%s” is not said.") % alternatives(term)[0]
    if point.number and window and not _states(point.number, _around(body, window)):
        return _("The figure is not there: %s is expected.") % figure(point.number)
    return ""


def _said(way: str, stems: frozenset[str]) -> bool:
    return all(texts.stem(word.form) in stems for word in texts.words(way))


def _around(body: str, window: Window) -> str:
    return body[max(0, window.start - FIGURE_REACH) : window.end + FIGURE_REACH]


def _states(number: KeyNumber, text: str) -> bool:
    expected, tolerance = exact(number.value), exact(number.tolerance)
    return any(
        abs(value - expected) <= tolerance for stated in stated_numbers(text) for value in _readings(stated, number)
    )


def _readings(stated: ParsedNumber, number: KeyNumber) -> tuple[Fraction, ...]:
    """Return what a stated number can mean in the unit of the figure: 2 % is also said as 0.02."""
    if number.unit not in PERCENT_UNITS:
        return (stated.value,)
    return (stated.value * 100,) if stated.percent else (stated.value, stated.value * 100)


def figure(number: KeyNumber) -> str:
    """Return the figure as people write it: "0.95 ± 0.01 s"."""
    tolerance = f" ± {plain(exact(number.tolerance))}" if number.tolerance else ""
    return f"{plain(exact(number.value))}{tolerance} {number.unit}".strip()


def any_of(need: int, whole: Match, items: Sequence[Match]) -> tuple[Match, str]:
    """Return the match of "any `need` of these" and a note that counts: the best `need` items, n of N being n/N.

    `whole` is the match of the phrasings that say the point at once; the better of the two counts.
    """
    best = sorted(items, key=lambda item: item.score, reverse=True)[:need]
    together = replace(
        best[0], score=fmean(item.score for item in best), coverage=round(fmean(item.coverage for item in best), 4)
    )
    named = sum(item.coverage >= NAMED_FROM for item in best)
    if named:
        together = replace(together, coverage=max(together.coverage, NAMED_COVERAGE))
    if whole.score >= together.score:
        return whole, ""
    return together, _("%(named)d of %(need)d named.") % {"named": named, "need": need}
