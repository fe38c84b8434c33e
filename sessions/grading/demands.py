"""What a key point asks for beside being said: terms, a figure, and any N of several items.

Pure. A demand that is not met keeps a point from being found in full and says what is missing; it never takes
what the words have earned.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from statistics import fmean

from django.utils.translation import gettext as _

from questions.content import KeyNumber, KeyPoint, alternatives
from sessions.grading import text as texts
from sessions.grading.matching import Match
from sessions.grading.numerals import stated_numbers
from sessions.grading.windows import Window

# Beyond the quotation a figure may stand this many characters away: in the clause before or after.
FIGURE_REACH = 160
# From this coverage on an item counts as named.
NAMED_FROM = 0.6


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
    expected, tolerance = Fraction(Decimal(str(number.value))), Fraction(Decimal(str(number.tolerance)))
    scale = 100 if number.unit in {"%", "percent"} else 1
    return any(
        abs(stated.value * (scale if stated.percent else 1) - expected) <= tolerance for stated in stated_numbers(text)
    )


def figure(number: KeyNumber) -> str:
    """Return the figure as people write it: "0.95 ± 0.01 s"."""
    tolerance = f" ± {number.tolerance:g}" if number.tolerance else ""
    return f"{number.value:g}{tolerance} {number.unit}".strip()


def any_of(need: int, whole: Match, items: Sequence[Match]) -> tuple[Match, str]:
    """Return the match of "any `need` of these" and a note that counts: the best `need` items, n of N being n/N.

    `whole` is the match of the phrasings that say the point at once; the better of the two counts.
    """
    best = sorted(items, key=lambda item: item.score, reverse=True)[:need]
    together = replace(
        best[0], score=fmean(item.score for item in best), coverage=round(fmean(item.coverage for item in best), 4)
    )
    if whole.score >= together.score:
        return whole, ""
    named = sum(item.coverage >= NAMED_FROM for item in best)
    return together, _("%(named)d of %(need)d named.") % {"named": named, "need": need}
