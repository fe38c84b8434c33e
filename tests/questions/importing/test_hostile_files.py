"""Whatever the bytes: a reader gives questions and problems, on lines that exist, in steps that grow with the file."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.importing import aiken, gift, moodlexml, qalist, qti
from questions.importing.base import ParsedQuestion, ParseOptions, Parser, ParseResult
from questions.importing.mapping import Defaults, map_question
from tests.questions.importing.reading import result_of

PARSERS: list[Parser] = [gift.PARSER, aiken.PARSER, moodlexml.PARSER, qti.PARSER, qalist.PARSER]
NAMES = [parser.name for parser in PARSERS]

PIECES = {
    "gift": r":: { } = ~ # #### -> %50% \ T 1:2 .. // $CATEGORY: [html]",
    "aiken": "A) B. c) ANSWER: ANSWER:A Q",
    "moodlexml": "<quiz> </quiz> <question/> </question> </answer> <text> </text> <![CDATA[ ]]> &amp; <file> <answer>"
    ' <?xml?> <questiontext> fraction="1e" <tolerance> <single>',
    "qti": "<assessmentItem> </assessmentItem> <itemBody> </itemBody> <choiceInteraction> </choiceInteraction> PK"
    " <simpleChoice> </simpleChoice> <!DOCTYPE <responseDeclaration/> <prompt>",
    "qalist": "# ## ** __ ``` 👶 ? --- === <!-- title: --> Legend:",
}


def lines_of(data: bytes) -> int:
    return max(1, len(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")))


def assert_sane(result: ParseResult, data: bytes) -> None:
    last = lines_of(data)
    for problem in result.problems:
        assert problem.path or 0 <= problem.line <= last
        assert problem.message
    for question in result.questions:
        assert question.path or 1 <= question.line <= last
        lines = [choice.line for choice in (*question.choices, *question.accepted)]
        lines += [number.line for number in question.numbers] + [pair.line for pair in question.pairs]
        lines += [note.line for note in question.not_carried]
        assert question.path or all(0 <= line <= last for line in lines)
        map_question(question, Defaults(licence="CC0-1.0", author="A", source="s"))


@pytest.mark.parametrize("parser", PARSERS, ids=NAMES)
def test_any_bytes_give_questions_or_problems(parser: Parser) -> None:
    @given(st.binary(max_size=200))
    @settings(deadline=None)
    def check(data: bytes) -> None:
        assert_sane(result_of(parser, data), data)

    check()


@pytest.mark.parametrize("parser", PARSERS, ids=NAMES)
def test_what_nearly_is_a_file_gives_questions_or_problems(parser: Parser) -> None:
    pieces = [*PIECES[parser.name].split(), "\n", "\n\n", " "]

    @given(st.lists(st.one_of(st.sampled_from(pieces), st.text(max_size=5)), max_size=25))
    @settings(deadline=None)
    def check(pieces: list[str]) -> None:
        data = "".join(pieces).encode("utf-8", "replace")
        assert_sane(result_of(parser, data), data)

    check()


@pytest.mark.parametrize("parser", PARSERS, ids=NAMES)
def test_any_beginning_of_a_file_can_be_looked_at(parser: Parser) -> None:
    @given(st.binary(max_size=300))
    @settings(deadline=None)
    def check(head: bytes) -> None:
        assert parser.recognises(head) in {True, False}

    check()


# Five megabytes of the worst

MEGABYTES_5 = 5_000_000
# A piece with a line end is repeated for a while, one without makes a single line of five megabytes.
HOSTILE: dict[str, list[str]] = {
    "gift": [
        *("{", "}", "~", "=", "#", "%1%", "[", "->", " ", "{=", "::"),
        *("\\{\n", "::\n", "{=a\n\n", "a{T}\n\n", "//\n", "$CATEGORY: a\n", "a\n", "a{\n", "~a\n"),
    ],
    "aiken": [" ", "ANSWER: ", "a", "A)", "Q\nA) a\nB) b\nANSWER: A\n", "A) a\n", "Q\n", "Q\n\n"],
    "moodlexml": ["<quiz>", "<quiz ", "<quiz><question>", "&", "<!-- ", " ", "<quiz><question><text>x", "<?x"],
    "qti": ["<assessmentItem>", "<assessmentItem><itemBody><p>", "<!--", " ", "<a b='"],
    "qalist": [
        *("**", "** ", "#", "# ", " ", "_", "<!--", "|", "-", "Legend: 👶 ", "1. "),
        *("**a?**\n", "# a\n", "```\n", "**a\n", "-\n", "\n", "a\n-\n"),
    ],
}
CASES = [(name, piece) for name, pieces in HOSTILE.items() for piece in pieces]


class Budget(BaseException):
    """More steps were taken than the file may cost."""


@contextmanager
def at_most(steps: int) -> Iterator[None]:
    """Stop whoever makes more function calls than `steps`: what grows with the square of a file makes too many."""
    left = steps

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal left
        if event in {"call", "c_call"}:
            left -= 1
            if left < 0:
                sys.setprofile(None)
                raise Budget

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize(("name", "piece"), CASES)
def test_the_steps_grow_no_faster_than_the_file(name: str, piece: str) -> None:
    parser = PARSERS[NAMES.index(name)]
    size = 20_000 if "\n" in piece else MEGABYTES_5
    data = (piece * (size // len(piece))).encode()
    with at_most(150 * len(data)):
        result_of(parser, data)


@pytest.mark.parametrize("parser", PARSERS, ids=NAMES)
def test_one_line_of_five_megabytes_is_read_or_refused(parser: Parser) -> None:
    line = b"a [x](y) <b> {=~#} **q?** $1$ \\( &amp; " * (MEGABYTES_5 // 40)
    with at_most(25 * len(line)):
        result = result_of(parser, line)
    assert len(result.questions) + len(result.problems) + len(result.not_carried) > 0


def test_a_reader_gives_its_first_questions_before_it_has_read_the_file() -> None:
    """What is held does not grow with the file."""

    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def readinto(self, buffer: Any) -> int:
            piece = (b"Q?{=a ~b}\n\n" * (len(buffer) // 11 + 1))[: len(buffer)]
            buffer[:] = piece
            self.given += len(piece)
            return len(piece) if self.given < 60_000_000 else 0

    source = Endless()
    with mock.patch.object(gift, "encoding_of", return_value="utf-8"):
        first = next(gift.PARSER.read(io.BufferedReader(source), ParseOptions()))
    assert isinstance(first, ParsedQuestion)
    assert source.given < 2_000_000
