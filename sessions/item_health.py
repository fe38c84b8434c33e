"""Which questions of the bank need a curator first, and why: statistics in, concerns with their weight out.

Pure. The thresholds are rules of thumb with their source; every concern says the figure that it rests on.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questions.models import ItemStatistics, QuestionVersion
from sessions.item_analysis import ENOUGH_ATTEMPTS

# Ebel, "Procedures for the analysis of classroom tests", Educ. and Psych. Measurement 14 (1954): below 0.2 an item is
# poor. Facilities outside 0.2 and 0.95 leave little to tell candidates apart by.
# A figure speaks against a question when it lies two standard errors beyond its threshold.
POOR_DISCRIMINATION = 0.2
TOO_HARD, TOO_EASY = 0.2, 0.95
MANY_SKIP = 0.3


@dataclass(frozen=True, slots=True)
class Concern:
    """One reason to look at a question; `weight` orders them, the heaviest first."""

    weight: int
    text: str


def concerns(statistics: ItemStatistics, version: QuestionVersion, *, open_flags: int) -> list[Concern]:
    """Return what speaks against a version, heaviest first. Flags count at once, figures from enough attempts on."""
    found = list(_flagged(open_flags))
    if statistics.attempts >= ENOUGH_ATTEMPTS:
        found += [*_discrimination(statistics), *_facility(statistics), *_time(statistics, version)]
        found += _options(statistics, version)
    if statistics.seen >= ENOUGH_ATTEMPTS and (statistics.skip_rate or 0) >= MANY_SKIP:
        share = round(100 * (statistics.skip_rate or 0))
        found.append(Concern(30, _("%d %% skip it: is it clear what is asked?") % share))
    return sorted(found, key=lambda concern: -concern.weight)


def _flagged(open_flags: int) -> Iterator[Concern]:
    if open_flags:
        text = ngettext("%d open flag waits for an answer.", "%d open flags wait for an answer.", open_flags)
        yield Concern(60 + open_flags, text % open_flags)


def _discrimination(statistics: ItemStatistics) -> Iterator[Concern]:
    value, error = statistics.discrimination, statistics.discrimination_se
    if value is None or error is None:
        return
    figures = {"value": f"{value:.2f}".replace("-", "−"), "error": f"{error:.2f}"}
    if value + 2 * error < 0:
        text = _("Who is stronger does worse here (discrimination %(value)s ± %(error)s): the answer may be wrong.")
        yield Concern(100, text % figures)
    elif value + 2 * error < POOR_DISCRIMINATION:
        text = _("It hardly tells stronger candidates from weaker ones (discrimination %(value)s ± %(error)s).")
        yield Concern(40, text % figures)


def _facility(statistics: ItemStatistics) -> Iterator[Concern]:
    value, error = statistics.facility, statistics.facility_se or 0.0
    if value is None:
        return
    percent = round(100 * value)
    if value + 2 * error < TOO_HARD:
        yield Concern(50, _("Hardly anybody gets it (%d %% of the points): too hard, unclear or wrong.") % percent)
    elif value - 2 * error > TOO_EASY:
        yield Concern(20, _("Nearly everybody gets it (%d %% of the points).") % percent)


def _time(statistics: ItemStatistics, version: QuestionVersion) -> Iterator[Concern]:
    median = statistics.time_median_ms
    if median is not None and median > 1_000 * version.time_limit_seconds:
        words = {"median": round(median / 1000), "limit": version.time_limit_seconds}
        yield Concern(25, _("Half of the candidates need more than %(median)d s; it allows %(limit)d s.") % words)


def _options(statistics: ItemStatistics, version: QuestionVersion) -> Iterator[Concern]:
    correct = {choice["key"]: choice["correct"] for choice in version.choices}
    for option in statistics.options:
        key, is_right = option["key"], correct.get(option["key"])
        gap = option["by_strong"] - option["by_weak"]
        # The difference of two counts has about their sum as its variance.
        if is_right is False and gap > 2 * math.sqrt(option["by_strong"] + option["by_weak"]):
            text = _("The strong choose the wrong option “%s” more often than the weak: is it wrong, or badly worded?")
            yield Concern(70, text % key)
        elif is_right is False and not option["chosen"]:
            yield Concern(10, _("Nobody chose the option “%s”: it distracts nobody.") % key)
