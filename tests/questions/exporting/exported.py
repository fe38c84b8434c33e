"""Plain functions that send contents out and read them back, the way an export and an import do."""

import io
from collections.abc import Iterable
from typing import Any

from questions.content import Content
from questions.exporting.base import ExportedQuestion, ExportedTopic, Writer
from questions.importing.base import ParsedQuestion, ParseOptions, Parser, ParseResult, collect
from questions.importing.mapping import Defaults, Mapped, map_question
from tests.factories import DEMANDING, make_content

AREA = ExportedTopic("evaluation", "Evaluation & Co.")
TOPIC = ExportedTopic("ab-tests", "A/B tests")


def leaving(content: Content, slug: str = "one") -> ExportedQuestion:
    return ExportedQuestion(slug, AREA, TOPIC, "published", 1, content)


def written(writer: Writer, contents: Iterable[Content]) -> bytes:
    """Return the file; it is written to something that cannot be searched, as a response cannot."""

    class Sink(io.RawIOBase):
        data = b""

        def writable(self) -> bool:
            return True

        def write(self, piece: Any) -> int:
            self.data += bytes(piece)
            return len(piece)

    sink = Sink()
    writer.write((leaving(content, f"q{number}") for number, content in enumerate(contents)), sink)  # type: ignore[arg-type]
    return sink.data


def read(parser: Parser, data: bytes) -> ParseResult:
    return collect(parser.read(io.BytesIO(data), ParseOptions()))


def back(writer: Writer, parser: Parser, content: Content) -> ParsedQuestion:
    """Return a question after it went out and came in again."""
    result = read(parser, written(writer, [content]))
    assert result.problems == ()
    (question,) = result.questions
    return question


def mapped(writer: Writer, parser: Parser, content: Content) -> Mapped:
    return map_question(back(writer, parser, content), Defaults(licence="CC0-1.0", author="Nobody", source="nowhere"))


# One content of each kind that says something in every field it may have.
EVERYWHERE: dict[str, Any] = {
    "title": "Costs: 5 % of = {all} ~ #1",
    "difficulty": "hard",
    "time_limit_seconds": 215,
    "follow_ups": ["And then?"],
    "guidance": "Begin with the cost.",
    "tags": ["cost-of-errors", "thresholds"],
    "licence": "CC-BY-SA-4.0",
    "author": "Ada Löwe | Sons",
    "source": "https://example.com/q?a=1&b=2",
    "prompt": "Which **one** is right, with $x_1 = 2$?\nAnd why?",
    "reference_answer": "Because:\n\n- one\n- `two`\n\n```python\nx = {1: 2}  # ~\n```",
}
OPEN = make_content(
    "open",
    format="coding",
    key_points=[{"key": "plain", "text": "An idea", "weight": 1, "accepted": ["another"]}, DEMANDING],
    misconceptions=[{"text": "All are.", "why": "Some are not."}],
    strong_sample="It is so.",
    middling_sample="It is.",
    code={
        "language": "python",
        "setup": "import math",
        "starter": "def f(x):\n    ...",
        "solution": "def f(x):\n    return x",
        "cases": [{"call": "f(1)", "expected": "1"}] * 4,
    },
    **EVERYWHERE,
)
SINGLE = make_content(
    "single",
    choices=[
        {"key": "a", "text": "[html] 50% of `x = {1}`", "correct": False, "explanation": "No: ~ is # not."},
        {"key": "b", "text": "%50% is -> that", "correct": True, "explanation": "[markdown] yes"},
        {"key": "c", "text": "$a_b$ & <i>", "correct": False, "explanation": "\\no"},
    ],
    **EVERYWHERE,
)
MULTIPLE = make_content("multiple", **EVERYWHERE)
NUMERIC = make_content(
    "numeric",
    numeric_answer={"value": 0.1, "tolerance": 0.005, "unit": "m/s", "expression": "1 / 10"},
    **EVERYWHERE,
)
EVERY_KIND = {"open": OPEN, "single": SINGLE, "multiple": MULTIPLE, "numeric": NUMERIC}
