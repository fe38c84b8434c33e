"""Whether a text of Markdown can stand on one line, and how it reads there."""

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_INLINE = frozenset({"paragraph_open", "paragraph_close", "inline"})


def on_one_line(text: str) -> str | None:
    """Return `text` on one line, or None where that would lose something: code, lists, tables, displayed formulas."""
    tokens = _MARKDOWN.parse(text)
    if any(token.type not in _INLINE for token in tokens) or "$$" in text:
        return None
    return " ".join(text.split())
