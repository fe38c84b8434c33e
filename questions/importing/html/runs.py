"""Inline text on its way from HTML to Markdown: pieces with the styles they are in, and how these are written.

Knows no HTML parser and no blocks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from questions.importing.html.escaping import escaped

_SUPERSCRIPTS = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_SUBSCRIPTS = dict(zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_MARKS = {"b": "**", "i": "*", "s": "~~"}
_SPACE = re.compile(r"[ \t\n\r\f]+")
# One space that does not break is a space; several indent, as people indent code.
_LONE_SPACE = re.compile(r"(?<!\xa0)\xa0(?!\xa0)")
_SPACES = re.compile(r" {2,}")
_TICKS = re.compile(r"`+")
_LONGEST_ADDRESS = 2_000


class Style(NamedTuple):
    """One style that a piece is in: `b`, `i`, `s`, `sub`, `sup`, `code`, or `a` with its address."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in some styles, outermost first. `written` says that it is Markdown already."""

    text: str
    styles: tuple[Style, ...] = ()
    written: bool = False


LINE_BREAK = Run("  \n", written=True)


def _spaced(text: str) -> str:
    """Return `text` with spaces as HTML counts them."""
    if "\xa0" in text:
        text = _LONE_SPACE.sub(" ", text)
    return _SPACE.sub(" ", text)


def raised(text: str, *, up: bool) -> str:
    """Return `text` as superscript or subscript letters of Unicode, or after `^` or `_` where there are none."""
    letters, mark = (_SUPERSCRIPTS, "^") if up else (_SUBSCRIPTS, "_")
    plain = text.strip()
    if plain and all(letter in letters for letter in plain):
        return "".join(letters[letter] for letter in plain)
    if not plain:
        return text
    return f"{mark}{plain}" if len(plain) == 1 else f"{mark}({plain})"


def code_span(text: str) -> str:
    """Return `text` between as many backticks as it needs."""
    text = _spaced(text)
    if not text.strip():
        return text
    fence = "`" * next(n for n in range(1, len(text) + 2) if n not in {len(run) for run in _TICKS.findall(text)})
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text.strip()}{padding}{fence}"


def link(text: str, address: str) -> str:
    """Return a link, or only its words where the address is none that a page may have."""
    address = address.strip().replace(" ", "%20")
    if not address.startswith(("http://", "https://", "mailto:")) or len(address) > _LONGEST_ADDRESS:
        return text
    if not text.strip():
        return text
    return f"[{text}]({address.replace('(', '%28').replace(')', '%29')})"


def markdown_of(runs: Sequence[Run]) -> str:
    """Return the runs as one paragraph of Markdown, with spaces as HTML counts them."""
    return _tidy("".join(_group(_merged(runs), 0)))


def _merged(runs: Sequence[Run]) -> list[Run]:
    """Join neighbours of the same style: whether a character needs escaping depends on what is beside it."""
    merged: list[Run] = []
    for run in runs:
        last = merged[-1] if merged else None
        if last and not last.written and not run.written and last.styles == run.styles:
            merged[-1] = Run(last.text + run.text, run.styles)
        else:
            merged.append(run)
    return merged


def _group(runs: Sequence[Run], depth: int) -> list[str]:
    """Write runs whose first `depth` styles are taken care of, wrapping those that share the next one."""
    parts: list[str] = []
    start = 0
    while start < len(runs):
        style = runs[start].styles[depth] if len(runs[start].styles) > depth else None
        end = start + 1
        while style and end < len(runs) and len(runs[end].styles) > depth and runs[end].styles[depth] == style:
            end += 1
        parts.append(_styled(style, runs[start:end], depth) if style else _plain(runs[start]))
        start = end
    return parts


def _styled(style: Style, runs: Sequence[Run], depth: int) -> str:
    if style.name in {"code", "sub", "sup"}:
        text = "".join(" " if run is LINE_BREAK else run.text for run in runs)
        if style.name == "code":
            return code_span(text)
        return escaped(raised(_spaced(text), up=style.name == "sup"), block=False, words_only=True)
    inside = "".join(_group(runs, depth + 1))
    if style.name == "a":
        return link(inside, style.address)
    # A mark stands beside a letter, never beside a space: otherwise Markdown shows the mark itself.
    words = inside.strip()
    if not words:
        return inside
    before, after = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :]
    mark = _MARKS[style.name]
    return f"{before}{mark}{words}{mark}{after}"


def _plain(run: Run) -> str:
    return run.text if run.written else escaped(_spaced(run.text), block=False, moodle=True)


def _tidy(text: str) -> str:
    """Return `text` with single spaces, and none around line breaks."""
    lines = [_SPACES.sub(" ", line).strip(" ").rstrip() for line in text.split("  \n")]
    tidy = "  \n".join(lines).strip(" \n")
    return tidy if tidy.strip() else ""
