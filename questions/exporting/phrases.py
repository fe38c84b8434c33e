"""What of a question a format loses, in words. A writer says which fields its format keeps; everything else is lost.

Owns the words only; which format keeps what is said in its writer.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questions.content import Content, Difficulty, Format

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


def lost(content: Content, kept: Collection[str]) -> list[str]:
    """Return what of `content` is not in the fields `kept`, one phrase each; what says nothing is not lost."""
    phrases = [phrase for name, phrase in _phrases(content) if name not in kept]
    return phrases + ([_("control characters")] if _has_unwritable(content.model_dump()) else [])


def _phrases(content: Content) -> Iterator[tuple[str, str]]:
    for name, words in _WORDS.items():
        if value := _said(content, name):
            yield name, words(value)


def _said(content: Content, name: str) -> Any:
    """Return the value of a field, or of a part of one, if it says something."""
    match name:
        case "explanations":
            return [choice.explanation for choice in content.choices]
        case "unit" | "expression":
            return getattr(content.numeric_answer, name, "")
        case "format":
            return "" if content.format == Format.EXPLANATION else content.format.label
        case "key_point_parts":
            return [point for point in content.key_points if point.required or point.number or point.any_of]
    return getattr(content, name)


def _counted(singular: str, plural: str) -> Callable[[Any], str]:
    return lambda value: ngettext(singular, plural, len(value)) % len(value)


def _code(value: Any) -> str:
    count = len(value.cases)
    return ngettext("the code, with %d case", "the code, with %d cases", count) % count


_WORDS: dict[str, Callable[[Any], str]] = {
    "title": lambda value: _("the title “%s”") % value,
    "difficulty": lambda value: _("the difficulty (%s)") % Difficulty(value).label,
    "time_limit_seconds": lambda value: _("the time limit (%d s)") % value,
    "reference_answer": lambda value: _("the reference answer"),
    "explanations": _counted("%d explanation of a choice", "%d explanations of choices"),
    "key_points": _counted("%d key point", "%d key points"),
    "key_point_parts": _counted(
        "what %d key point demands: terms, a figure, or some of several items",
        "what %d key points demand: terms, a figure, or some of several items",
    ),
    "unit": lambda value: _("the unit (%s)") % value,
    "expression": lambda value: _("how the number is worked out (%s)") % value,
    "follow_ups": _counted("%d follow-up question", "%d follow-up questions"),
    "format": lambda value: _("the form of the question (%s)") % value,
    "misconceptions": _counted("%d misconception", "%d misconceptions"),
    "code": _code,
    "guidance": lambda value: _("the guidance"),
    "strong_sample": lambda value: _("the strong sample"),
    "middling_sample": lambda value: _("the middling sample"),
    "tags": _counted("%d tag", "%d tags"),
}


def writable(text: str) -> str:
    """Return `text` with a mark in place of characters that neither XML nor a text file can hold."""
    return _UNWRITABLE.sub("\ufffd", text)


def _has_unwritable(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_unwritable, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_unwritable, value))
    return isinstance(value, str) and bool(_UNWRITABLE.search(value))
