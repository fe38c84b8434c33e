"""What a plan finds in the bank for one candidate at one time: what fits, what it may ask, and what is missing.

The draw, the start page and the composer ask the same survey, so they never disagree.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interviewprep.accounts.models import User
from sessions.composing.matching import assign
from sessions.composing.outline import BankRow, Outline, Part
from sessions.composing.reading import read_bank, read_past
from sessions.composing.weights import Asked, free_at, review_weight, topic_weights


class PlanTooThinError(Exception):
    """A section of the plan asks for more questions than the bank has for it, or than the rule about repeats leaves.

    `asked_lately` is how many fit but were asked too short a time ago, `free_at` when the first of them may be asked
    again, and `repeats_would_help` whether the section could be filled without that rule.
    """

    def __init__(
        self,
        *,
        section: str,
        wanted: int,
        found: int,
        is_shared: bool = False,
        is_picked: bool = False,
        asked_lately: int = 0,
        free_at: datetime | None = None,
        repeats_would_help: bool = False,
    ) -> None:
        self.section, self.wanted, self.found = section, wanted, found
        self.asked_lately, self.free_at, self.repeats_would_help = asked_lately, free_at, repeats_would_help
        sentences = [_what_is_missing(section, wanted, found, is_shared=is_shared, is_picked=is_picked)]
        if free_at is not None:
            sentences.append(_what_was_asked_lately(asked_lately, free_at))
        super().__init__(" ".join(sentences))


def _what_is_missing(section: str, wanted: int, found: int, *, is_shared: bool, is_picked: bool) -> str:
    needs = ngettext(
        "The section “%(section)s” needs %(wanted)d question",
        "The section “%(section)s” needs %(wanted)d questions",
        wanted,
    ) % {"section": section, "wanted": wanted}
    if is_shared:
        has = _("the bank has %(found)d that fit and that no other section takes")
    elif is_picked:
        has = _("%(found)d of those picked for it are published")
    else:
        has = _("the bank has %(found)d that fit")
    return _("%(needs)s, and %(has)s.") % {"needs": needs, "has": has % {"found": found}}


def _what_was_asked_lately(count: int, first_free: datetime) -> str:
    when = date_format(timezone.localtime(first_free), "j M Y, H:i")
    return ngettext(
        "%(n)d more was asked lately and is free again on %(when)s UTC.",
        "%(n)d more were asked lately; the first is free again on %(when)s UTC.",
        count,
    ) % {"n": count, "when": when}


@dataclass(frozen=True, slots=True)
class Survey:
    """`fitting[n]` are the questions that fit part n, `free[n]` those of them that may be asked now."""

    outline: Outline
    fitting: tuple[tuple[BankRow, ...], ...]
    free: tuple[tuple[BankRow, ...], ...]
    past: Mapping[str, Asked]
    now: datetime | None

    def draw(self, seed: int) -> list[list[BankRow]]:
        """Draw each part's questions by weight without replacement; fewer than it wants where `shortfalls` says so.

        Each question gets the key u**(1/weight) for a random u, and the largest keys are drawn: P. S. Efraimidis and
        P. G. Spirakis, Weighted random sampling with a reservoir, 2006.
        """
        keys = self._keys(random.Random(seed))  # noqa: S311  a draw that must be repeatable, not secret
        wishes = [sorted(rows, key=lambda row: keys[row.question_id], reverse=True) for rows in self.free]
        return assign(wishes, self._counts)

    def _keys(self, rng: random.Random) -> dict[str, float]:
        rows = {row.question_id: row for rows in self.free for row in rows}
        topics = topic_weights(self.past.values()) if self.outline.favours_weak_spots else {}
        keys = {}
        for row in sorted(rows.values(), key=lambda row: row.slug):
            weight = 1.0 if self.now is None else review_weight(self.past.get(row.question_id), self.now)
            keys[row.question_id] = rng.random() ** (1 / (weight * topics.get(row.topic_id, 1.0)))
        return keys

    @property
    def _counts(self) -> list[int]:
        return [part.count for part in self.outline.parts]

    def shortfalls(self) -> list[PlanTooThinError]:
        """Return what is missing, part by part; empty exactly when `draw` fills every part."""
        found = [len(rows) for rows in assign(self.free, self._counts)]
        if found == self._counts:
            return []
        with_repeats = [len(rows) for rows in assign(self.fitting, self._counts)]
        return [
            self._shortfall(number, part, found[number], with_repeats[number])
            for number, part in enumerate(self.outline.parts)
            if found[number] < part.count
        ]

    def _shortfall(self, number: int, part: Part, found: int, with_repeats: int) -> PlanTooThinError:
        lately = self.asked_lately(number)
        return PlanTooThinError(
            section=part.name,
            wanted=part.count,
            found=found,
            is_shared=len(self.free[number]) > found,
            is_picked=part.is_picked,
            asked_lately=len(lately),
            free_at=min(lately) if lately else None,
            repeats_would_help=with_repeats >= part.count,
        )

    def asked_lately(self, number: int) -> list[datetime]:
        """Return when each question of a part that was asked too short a time ago may be asked again."""
        free = {row.question_id for row in self.free[number]}
        days = self.outline.repeat_after_days
        return [
            free_at(self.past[row.question_id], repeat_after_days=days)
            for row in self.fitting[number]
            if row.question_id not in free
        ]


def survey(outline: Outline, *, candidate: User | None, now: datetime | None, allow_repeats: bool = False) -> Survey:
    """Look what the bank has for `outline`, in one statement, and one more for the candidate's past if there is one."""
    rows = read_bank(outline) if outline.parts else []
    past = read_past(candidate) if candidate and now and rows else {}
    blocked = _blocked(outline, past, now) if now and not allow_repeats else frozenset()
    fitting = tuple(tuple(filter(part.fits, rows)) for part in outline.parts)
    free = tuple(_free(part, found, blocked) for part, found in zip(outline.parts, fitting, strict=True))
    return Survey(outline, fitting, free, past, now)


def _free(part: Part, rows: Sequence[BankRow], blocked: frozenset[str]) -> tuple[BankRow, ...]:
    return tuple(row for row in rows if part.is_picked or row.question_id not in blocked)


def _blocked(outline: Outline, past: Mapping[str, Asked], now: datetime) -> frozenset[str]:
    """Return the questions the plan's rule about repeats keeps out."""
    days = outline.repeat_after_days
    if not days:
        return frozenset()
    return frozenset(question for question, asked in past.items() if now < free_at(asked, repeat_after_days=days))
