"""What files call licences and difficulties, and what we call them. Pure tables and functions."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from questions.content import LICENCES, Difficulty, Format, Kind


@dataclass(frozen=True, slots=True)
class LicenceName:
    """One of `LICENCES`, or an empty name and why what was written is none of them."""

    name: str
    problem: str = ""


_BY_NAME = {licence.lower(): licence for licence in LICENCES}
_PROPRIETARY = re.compile(r"all ?rights ?reserved|proprietary|copyright|©", re.I)
_RESTRICTED = re.compile(r"\b(?:nc|nd|non ?commercial|no ?deriv\w*)\b", re.I)
_VERSION = re.compile(r"\d\.\d")


def licence_name(written: str) -> LicenceName:
    """Return the licence that `written` means: “CC BY 4.0”, a deed's address, “All rights reserved” …"""
    text = " ".join(written.split())
    if text.lower() in _BY_NAME:
        return LicenceName(_BY_NAME[text.lower()])
    plain = re.sub(r"[^a-z0-9.©]+", " ", text.lower())
    words = set(plain.split())
    if "zero" in words or words & {"cc0", "cc01.0"} or "public domain" in plain or plain.strip() == "public":
        return LicenceName("CC0-1.0")
    if "cc" in words or "creative commons" in plain or "creativecommons" in plain:
        return _creative_commons(plain, words)
    if words & {"mit", "expat"}:
        return LicenceName("MIT")
    if _PROPRIETARY.search(plain):
        return LicenceName("proprietary")
    known = ", ".join(LICENCES)
    return LicenceName(
        "", _("“%(text)s” is not a licence the bank knows; known are %(all)s") % {"text": text, "all": known}
    )


def _creative_commons(plain: str, words: set[str]) -> LicenceName:
    if _RESTRICTED.search(plain):
        return LicenceName(
            "", _("forbids commercial use or changes, so the bank could not use and correct the question")
        )
    shares = bool(words & {"sa", "sharealike"}) or "share alike" in plain
    version = _VERSION.search(plain)
    name = f"CC-BY{'-SA' if shares else ''}-{version[0] if version else ''}"
    if name in LICENCES:
        return LicenceName(name)
    return LicenceName("", _("does not say a version that the bank knows: 3.0 or 4.0"))


_EASY = {"easy", "beginner", "basic", "simple", "low", "junior", "novice", "1", "👶", "🟢"}
# One star is the step between a child and a rocket, in the lists that use them.
_MEDIUM = {"medium", "intermediate", "moderate", "normal", "average", "mid", "middle", "2", "🟡", "⭐", "⭐⭐"}
_HARD = {"hard", "difficult", "advanced", "expert", "high", "senior", "3", "🚀", "🔴", "⭐⭐⭐"}


def difficulty_of(written: str) -> Difficulty | None:
    """Return the difficulty that a word, an emoji or a number from 1 to 3 means, or None."""
    text = re.sub(r"[\ufe0e\ufe0f\u200d\u200b\s]", "", written).casefold()
    for names, difficulty in ((_EASY, Difficulty.EASY), (_MEDIUM, Difficulty.MEDIUM), (_HARD, Difficulty.HARD)):
        if text in names:
            return difficulty
    return None


# Seconds for an easy, a medium and a hard question: within what `quality` holds plausible for each kind.
USUAL_SECONDS: dict[Kind | Format, tuple[int, int, int]] = {
    Kind.SINGLE: (60, 90, 120),
    Kind.MULTIPLE: (75, 105, 150),
    Kind.NUMERIC: (120, 180, 300),
    Format.EXPLANATION: (150, 240, 360),
    Format.BEHAVIOURAL: (180, 240, 300),
    Format.CODING: (600, 900, 1_500),
    Format.WHITEBOARD: (600, 900, 1_500),
    Format.DESIGN: (900, 1_500, 2_400),
}


def usual_seconds(kind: Kind, form: Format, difficulty: Difficulty, *, reading_seconds: float) -> int:
    """Return the time to suggest where a file gives none; never less than half again as long as reading takes."""
    step = list(Difficulty).index(difficulty)
    usual = USUAL_SECONDS[form if kind == Kind.OPEN else kind][step]
    return max(usual, -(-int(1.5 * reading_seconds) // 30) * 30)
