"""A GIFT file as blocks: the lines of one question or category, with their numbers. Escapes are still in place.

Owns where a block ends: at an empty line, except inside braces that go on with an answer, and before the title of the
next question. (People write both so, and Moodle itself refuses them.) Holds one block at a time.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

# Pictures may be written into a question as base64; more than this is no question.
MAX_BLOCK_CHARACTERS = 8_000_000

# Stand in for escaped characters while the text is taken apart. Unicode keeps them free of any meaning.
_CHARACTERS = "~=#{}:\\\n"
_STAND_INS = "".join(chr(0xFDD0 + number) for number in range(len(_CHARACTERS)))
_COMMENT = "\ufdde"
_PROTECTED = {**dict(zip(_CHARACTERS, _STAND_INS, strict=True)), "n": _STAND_INS[-1]}
_BACK = list(zip(_STAND_INS, _CHARACTERS, strict=True))
_RESERVED = re.compile(f"[{_STAND_INS}{_COMMENT}]")
# A doubled backslash comes first: what follows it is not escaped.
_ESCAPES = [("\\\\", _PROTECTED["\\"]), *((f"\\{mark}", _PROTECTED[mark]) for mark in "~=#{}:n")]
_GOES_ON = ("=", "~", "#", "}", "//")


def unescaped(text: str) -> str:
    """Return `text` with the characters that were escaped, and without the lines that were comments."""
    text = text.replace(_COMMENT + "\n", "").replace(_COMMENT, "")
    if text.isascii():
        return text
    for stand_in, character in _BACK:
        text = text.replace(stand_in, character)
    return text


def _with_escapes_protected(line: str) -> str:
    line = line if line.isascii() else _RESERVED.sub("\ufffd", line)
    if "\\" in line:
        for written, stand_in in _ESCAPES:
            line = line.replace(written, stand_in)
    return line


def protected(character: str) -> str:
    """Return what stands in for a character that is text."""
    return _PROTECTED[character]


@dataclass(slots=False)
class Block:
    """Consecutive lines of the file. `text` has their escapes protected and their comments blanked out."""

    line: int
    lines: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    size: int = 0
    # Where the first brace opened, 0 if none is open; and the first empty line inside it.
    open_line: int = 0
    gap_line: int = 0
    closed: bool = False
    # What says where a title ends: how the first line that is no comment begins, and how many double colons there are.
    titled: bool = False
    said: bool = False
    colons: int = 0
    too_large: bool = False

    def add(self, line: str) -> None:
        self.size += len(line) + 1
        if self.size > MAX_BLOCK_CHARACTERS:
            self.too_large = True
            self.lines, self.kept = self.lines[:1], self.kept[:1]
            return
        number = self.line + len(self.lines)
        self.lines.append(line)
        if is_comment(line):
            self.kept.append(_COMMENT)
            return
        bare = _with_escapes_protected(line)
        self.kept.append(bare)
        self.titled = self.titled if self.said else line.lstrip().startswith("::")
        self.said = self.said or bool(line.strip())
        self.colons += line.count("::")
        last_open, last_close = bare.rfind("{"), bare.rfind("}")
        if last_open > last_close and not self.open_line:
            self.open_line = number
        elif last_close > last_open:
            self.open_line, self.closed = 0, True

    def is_whole_before(self, line: str) -> bool:
        """Say whether a line that begins with a title begins the next question, though no empty line parts them."""
        if self.open_line:
            return False
        titled = self.titled and self.colons > 1
        return self.closed or titled or (self.said and line.count("::") > 1)

    @cached_property
    def comments(self) -> list[str]:
        return [line.strip()[2:].strip() for line in self.lines if is_comment(line)]

    @cached_property
    def text(self) -> str:
        return "\n".join(self.kept)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [match.end() for match in re.finditer("\n", self.text)]

    def line_at(self, place: int) -> int:
        """Return the number of the line that `text[place]` is on."""
        return self.line + bisect_right(self._line_starts, place)

    def line_text(self, number: int) -> str:
        """Return a line of the file as it was."""
        inside = number - self.line
        return self.lines[inside] if 0 <= inside < len(self.lines) else ""


def is_comment(line: str) -> bool:
    return line.lstrip().startswith("//")


def blocks(lines: Iterable[tuple[int, str]]) -> Iterator[Block]:
    """Yield the blocks of a file's numbered lines."""
    block: Block | None = None
    gap = 0
    for number, line in lines:
        if not line.strip():
            gap += block is not None
            continue
        goes_on = block and block.open_line and line.lstrip().startswith(_GOES_ON)
        begins = block and line.startswith("::") and block.is_whole_before(line)
        if block and ((gap and not goes_on) or begins):
            yield block
            block, gap = None, 0
        if block is None:
            block = Block(number)
        elif gap:
            block.gap_line = block.gap_line or number - gap
            for _ in range(gap):
                block.add("")
        gap = 0
        block.add(line)
    if block:
        yield block
