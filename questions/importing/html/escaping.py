"""Plain text written so that Markdown shows exactly these characters, with as few backslashes as that needs.

Owns what in a text is a formula and what is Markdown's punctuation. Time is linear in the text's length.
"""

import re
from collections.abc import Iterator

# As our renderer does: longer formulas are shown as they were written.
MAX_FORMULA_LENGTH = 2_000

_CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$": "$", "[tex]": "[/tex]"}
_OPENER = re.compile(r"\\\(|\\\[|\$\$|\$|\[tex\]")
_INLINE = re.compile(
    r"""
      (?P<backslash>\\(?=[!-/:-@\[-`{-~\n]|\Z))  # a backslash that would escape what follows, or break the line
    | (?P<code>`+)
    | (?P<strike>~~)
    | (?P<image>!(?=\[[^\]\n]{0,500}\]\())
    | (?P<link>\[(?=[^\]\n]{0,500}\]\())
    | (?P<autolink><(?=[A-Za-z][A-Za-z0-9+.-]{1,31}:|[\w.+-]{1,64}@))
    | (?P<entity>&(?=\#?\w{1,31};))
    | (?P<stars>\*+)
    | (?P<bars>_+)
    """,
    re.VERBOSE,
)
_MAY_MEAN_MORE = re.compile(r"[\\`~!\[<&*_$]")
_BLOCK = re.compile(
    r"""^(?P<indent>[ ]{0,3})(?:
        (?P<mark>\#{1,6}(?=[ \t]|$) | >  | [-+*](?=[ \t]|$) | =+(?=[ \t]*$) | -+(?=[ \t]*$) | (?:[-*_][ \t]*){3,}$
            | `{3} | ~{3} | \[(?=[^\]\n]{1,500}\]:) | [|:](?=[ \t|:-]+$) )
      | (?P<number>\d{1,9})(?P<dot>[.)](?=[ \t]|$))
    )""",
    re.VERBOSE | re.MULTILINE,
)


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield `text` in pieces: ("", words) for words, and (opener, formula) for a formula, such as ("$", "x^2")."""
    words = start = 0
    next_closer = dict.fromkeys(_CLOSERS, -1)
    while match := _OPENER.search(text, start):
        opener, closer, start = match[0], _CLOSERS[match[0]], match.end()
        # Looked up again only when passed, so that many openers before one closer stay linear.
        if next_closer[opener] < start:
            found = text.find(closer, start)
            next_closer[opener] = found if found >= 0 else len(text)
        end = next_closer[opener]
        if end - start > MAX_FORMULA_LENGTH or end == len(text) or not _is_formula(text, opener, match.start(), end):
            continue
        if words < match.start():
            yield "", text[words : match.start()]
        yield opener, text[start:end]
        words = start = end + len(closer)
    if words < len(text):
        yield "", text[words:]


def _is_formula(text: str, opener: str, start: int, end: int) -> bool:
    """Say whether what is between here and there is a formula: “$5 or $10” is none, by the rule of our renderer."""
    inside = text[start + len(opener) : end]
    if not inside.strip() or "\n\n" in inside:
        return False
    if opener != "$":
        return opener == "$$" or "$" not in inside
    before, after = text[start - 1 : start], text[end + 1 : end + 2]
    return inside == inside.strip() and not (before.isdigit() or after.isdigit() or before == "\\")


def formula(opener: str, inside: str, *, moodle: bool = False) -> str:
    """Return a formula as our Markdown writes it. To Moodle, `$$` is a formula within the line."""
    inside = inside.strip()
    if opener == "\\[" or (opener == "$$" and not moodle):
        return f"$${inside}$$"
    return f"${inside}$"


def escaped(text: str, *, block: bool = True, words_only: bool = False, moodle: bool = False) -> str:
    """Return Markdown that shows `text`. `block` says that its lines may begin blocks such as lists and headings.

    Formulas stay formulas, unless `words_only`; `moodle` says that they are written as Moodle does.
    """
    if not _MAY_MEAN_MORE.search(text):
        return escaped_lines(text) if block else text
    parts = [("", text)] if words_only else pieces(text)
    written = "".join(
        formula(opener, part, moodle=moodle) if opener else _INLINE.sub(_escape, part) for opener, part in parts
    )
    return escaped_lines(written) if block else written


def escaped_lines(text: str) -> str:
    """Return Markdown whose lines begin no block: no heading, list, quote, rule or fence."""
    return _BLOCK.sub(_escape_block, text)


def _escape(match: re.Match[str]) -> str:
    found, text = match[0], match.string
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if match.lastgroup in {"stars", "bars"}:
        open_air = (not before or before.isspace()) and (not after or after.isspace())
        inside_word = match.lastgroup == "bars" and before.isalnum() and after.isalnum()
        if open_air or inside_word:
            return found
    return "".join(f"\\{character}" for character in found)


def _escape_block(match: re.Match[str]) -> str:
    if match["number"]:
        return f"{match['indent']}{match['number']}\\{match['dot']}"
    return f"{match['indent']}\\{match['mark']}"
