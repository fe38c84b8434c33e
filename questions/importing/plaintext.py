"""Text without markup as Markdown that shows it as it is; formulas in the usual spellings become ours."""

import re

_FORMULA = re.compile(
    r"\$\$(?P<wide>.+?)\$\$|\\\((?P<round>.+?)\\\)|\\\[(?P<square>.+?)\\\]"
    r"|(?<![\\$\w])\$(?P<narrow>[^$\n]*(?:\\[a-zA-Z]|[\^_{}])[^$\n]*)\$(?![\w$])",
    re.DOTALL,
)
_SPECIAL = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|`|\$|~~|&(?=#?\w+;)|<(?=[a-zA-Z/!?])|\[(?=[^\]\n]*\][(\[:])"
    r"|(?<!\s)\*|\*(?!\s)|(?<!\w)_(?!\s)|(?<!\s)_(?!\w)"
)


def markdown_escaped(text: str) -> str:
    """Return `text` so that Markdown shows it as it is; formulas in it become ours."""
    parts, end = [], 0
    for match in _FORMULA.finditer(text):
        parts.append(_SPECIAL.sub(r"\\\g<0>", text[end : match.start()]))
        wide = match["wide"] or match["square"]
        inner = " ".join((wide or match["round"] or match["narrow"] or "").split())
        parts.append(f"$${inner}$$" if wide else f"${inner}$")
        end = match.end()
    parts.append(_SPECIAL.sub(r"\\\g<0>", text[end:]))
    return "".join(parts)


_START = re.compile(r"(?:#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|(?:={3,}|-{3,}|\*{3,})\s*$|~~~|\|)")
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")


def start_escaped(line: str) -> str:
    """Keep the beginning of a line from being taken for a heading, a list or a quotation."""
    if _START.match(line) and not line.startswith("**"):
        return f"\\{line}"
    return _NUMBERED.sub(r"\1\\\2", line, count=1) if _NUMBERED.match(line) else line


def plain_as_markdown(text: str) -> str:
    """Return plain text: empty lines part paragraphs, other line breaks stay line breaks."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", text.strip())
    return "\n\n".join(
        "\\\n".join(start_escaped(line) for line in markdown_escaped(_unindented(paragraph)).split("\n"))
        for paragraph in paragraphs
    )


def _unindented(paragraph: str) -> str:
    return "\n".join(line.strip() for line in paragraph.split("\n"))
