"""Texts of other programs as our Markdown: HTML, Moodle's auto-format, plain text, and Markdown with HTML in it.

What comes out is Markdown whose raw HTML, if any is left, our pages show as text. Nothing is fetched, and nothing is
dropped without being named.
"""

import re

from django.utils.translation import gettext as _

from questions.importing.base import Markup, Passage
from questions.importing.html.embedded import without_html
from questions.importing.html.escaping import escaped
from questions.importing.html.reading import markdown_from_html, without_embedded

# A question has at most 20,000 characters of Markdown; tags may take some more. What is longer is not looked at.
MAX_CHARACTERS = 200_000
# One line of words and their punctuation, which is the same in every markup: most choices are no more, and a large file
# has tens of thousands of them.
_WORDS = re.compile(r"[^\W\d_](?:[^\W_]|[,.;:?!'\"()/%]| (?=\S))*+")
_BLOCK_TAGS = ("<p", "<div", "<br", "<ul", "<ol", "<pre", "<table", "<h1", "<h2", "<h3", "<h4", "<h5", "<h6")


def markdown_of(passage: Passage, lost: list[str]) -> str:
    """Return `passage` as Markdown of any number of lines, and add to `lost` what did not come along, in words.

    A text of more than MAX_CHARACTERS, files inside it not counted, comes back as it is, too long for any field.
    """
    return _converted(passage, lost, flat=False).strip("\n").rstrip()


def line_of(passage: Passage, lost: list[str]) -> str:
    """Return `passage` as one line of Markdown, for a choice, an explanation or a phrasing."""
    return " ".join(_converted(passage, lost, flat=True).split())


def _converted(passage: Passage, lost: list[str], *, flat: bool) -> str:
    if _WORDS.fullmatch(passage.text):
        return passage.text
    text = passage.text.replace("\r\n", "\n").replace("\r", "\n")
    if passage.markup == Markup.PLAIN:
        return _lines(escaped(text, block=not flat))
    left: list[str] = []
    text = without_embedded(text, left)
    if len(text) > MAX_CHARACTERS:
        left.append(_("the layout of a text of more than %d characters") % MAX_CHARACTERS)
    elif passage.markup == Markup.MARKDOWN:
        text = without_html(text, left=left)
    else:
        html = _with_breaks(text) if passage.markup == Markup.MOODLE else text
        text = markdown_from_html(html, left=left, flat=flat)
    lost.extend(dict.fromkeys(left))
    return text


def _with_breaks(text: str) -> str:
    """Return Moodle's auto-format as HTML: its line breaks count, unless the text has blocks of its own."""
    folded = text.casefold()
    return text if any(tag in folded for tag in _BLOCK_TAGS) else text.replace("\n", "<br>\n")


def _lines(text: str) -> str:
    """Return plain text whose line breaks stay line breaks."""
    paragraphs = [part.strip("\n") for part in text.split("\n\n")]
    return "\n\n".join("  \n".join(line.rstrip() for line in part.split("\n")) for part in paragraphs if part.strip())
