"""Moodle GIFT, read by the rules of Moodle's documentation and of its own reader.

Owns the outline of a question: title, text, braces, tags and categories. What is between the braces is in `answers.py`.
A faulty question is a problem with its line, and the reading goes on with the next.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.importing.base import (
    ImportProblem,
    Item,
    Markup,
    ParsedQuestion,
    ParseOptions,
    Severity,
    Sort,
)
from questions.importing.gift.answers import Answers, GiftError, parse_answers, passage
from questions.importing.gift.blocks import Block, blocks, unescaped
from questions.importing.lines import encoding_of, encoding_warning, numbered_lines, shown
from questions.importing.provenance import category_path, from_tags, with_provenance

BLANK = "_____"
_CATEGORY = re.compile(r"\s*\$CATEGORY:(.*)")
_NOTE = re.compile(r"\[(id|tags?):((?:[^\\\]]|\\.)*+)\]", re.IGNORECASE)
_LOOKS = re.compile(
    rb"^[ \t]*(?:::|\$CATEGORY:)|(?<!\\)\{\s*(?:[=~#]|\}|(?:T|F|TRUE|FALSE)\s*[#}])", re.MULTILINE | re.IGNORECASE
)
_CLOSING_TAGS = re.compile(r"(?:\s|</[A-Za-z]++>|<br\s*+/?>)++\Z")


class GiftParser:
    name = "gift"
    label = gettext_lazy("Moodle GIFT")
    extensions = ("gift", "txt")

    def recognises(self, head: bytes) -> bool:
        text = head.replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf").lstrip()
        return not text.startswith((b"<", b"[", b"{\n", b'{"', b"PK")) and bool(_LOOKS.search(text))

    def read(self, file: BinaryIO, options: ParseOptions) -> Iterator[Item]:
        encoding = encoding_of(file)
        if warning := encoding_warning(encoding):
            yield warning
        topics: tuple[str, ...] = ()
        for block in blocks(numbered_lines(file, encoding)):
            if block.too_large:
                yield ImportProblem(_("A question of more than 8 million characters."), line=block.line)
                continue
            if categories := list(_categories(block)):
                topics = category_path(categories[-1])
                block = _without_categories(block)
            yield from _question(block, topics)


PARSER = GiftParser()


def _categories(block: Block) -> Iterator[str]:
    """Yield the paths in the category lines that a block begins with."""
    for line in block.lines:
        if match := _CATEGORY.match(line):
            yield match[1].strip()
        elif line.strip() and not line.lstrip().startswith("//"):
            return


def _without_categories(block: Block) -> Block:
    """Return what comes in a block after its category lines, with the same numbers."""
    rest = Block(block.line)
    for line in block.lines:
        rest.add("//" if not rest.said and _CATEGORY.match(line) else line)
    rest.gap_line = block.gap_line
    return rest


def _question(block: Block, topics: tuple[str, ...]) -> Iterator[Item]:
    """Yield the question of a block with the warnings about it, or the problem that it has."""
    if not unescaped(block.text).strip():
        return
    warnings: list[str] = []
    try:
        question = _parsed(block, warnings)
    except GiftError as error:
        line = block.line_at(error.place)
        yield ImportProblem(error.message, hint=error.hint, line=line, text=shown(block.line_text(line)))
        return
    if block.gap_line:
        warnings.append(_("There is an empty line inside the braces, which Moodle would not read."))
    for words in warnings:
        yield ImportProblem(words, line=question.line, severity=Severity.WARNING)
    yield with_provenance(from_tags(replace(question, topics=topics)))


def _parsed(block: Block, warnings: list[str]) -> ParsedQuestion:
    text = block.text
    begin = len(text) - len(text.lstrip("\ufdde \t\n\r\f\v\ufeff"))
    line = block.line_at(begin)
    title, begin = _title(text, begin, warnings)
    opening, closing = _braces(text, begin)
    if opening < 0:
        stem, answers, general = passage(text[begin:], Markup.MOODLE), Answers(Sort.DESCRIPTION), ""
    else:
        stem = passage(_stem(text[begin:opening], text[closing + 1 :]), Markup.MOODLE)
        inside = text[opening + 1 : closing]
        split = inside.rfind("####")
        general = inside[split + 4 :] if split >= 0 else ""
        end = opening + 1 + split if split >= 0 else closing
        by_moodle = any(comment.startswith("question:") for comment in block.comments)
        answers = parse_answers(block, opening + 1, end, stem.markup, by_moodle=by_moodle)
    warnings += answers.warnings
    reference = passage(general, stem.markup)
    external_id, tags = _notes(block.comments)
    return ParsedQuestion(
        sort=answers.sort,
        prompt=stem,
        line=line,
        title=title,
        choices=answers.choices,
        accepted=answers.accepted,
        numbers=answers.numbers,
        pairs=answers.pairs,
        reference=reference if reference.text else None,
        tags=tags,
        external_id=external_id,
        not_carried=answers.not_carried,
    )


def _title(text: str, begin: int, warnings: list[str]) -> tuple[str, int]:
    if not text.startswith("::", begin):
        return "", begin
    end = text.find("::", begin + 2)
    if end < 0:
        warnings.append(_("The title has no :: at its end, so it was read as the question."))
        return "", begin + 2
    title = " ".join(unescaped(text[begin + 2 : end]).split())
    after = text[end + 2 :]
    return title, end + 2 + len(after) - len(after.lstrip())


def _braces(text: str, begin: int) -> tuple[int, int]:
    """Return where the answers begin and end, or -1 twice where there are none. Raises GiftError."""
    opening, closing = text.find("{", begin), text.find("}", begin)
    escape = _("If it belongs to the text, write it with a backslash before it.")
    if opening < 0 and closing < 0:
        return -1, -1
    if closing < 0:
        raise GiftError(opening, _("This { is never closed."), escape)
    if opening < 0 or closing < opening:
        raise GiftError(closing, _("This } closes nothing."), escape)
    inner = text.find("{", opening + 1, closing)
    if inner >= 0:
        raise GiftError(inner, _("This { stands inside the answers."), escape)
    for place, character in enumerate(text[closing + 1 :], closing + 1):
        if character in "{}":
            raise GiftError(place, _("This %s comes after the answers have ended.") % character, escape)
    return opening, closing


def _stem(before: str, after: str) -> str:
    """Return the text of the question, with a blank where the answers stood in its middle."""
    if not after.replace("\ufdde", "").strip():
        return before
    if _CLOSING_TAGS.match(after):
        return before + after
    return f"{before.rstrip()} {BLANK} {after.lstrip()}"


def _notes(comments: list[str]) -> tuple[str, tuple[str, ...]]:
    """Return the id and the tags that comments before a question say."""
    external_id, tags = "", []
    for comment in comments:
        for sort, written in _NOTE.findall(comment):
            value = re.sub(r"\\(.)", r"\1", written).strip()
            if sort.lower() == "id":
                external_id = value
            else:
                tags += [value] if sort.lower() == "tag" else [tag.strip() for tag in value.split(",")]
    return external_id, tuple(tag for tag in tags if tag)
