"""Plain functions that read a file given as text or bytes, the way an import does."""

import io

from questions.importing.base import ParsedQuestion, ParseOptions, Parser, ParseResult, collect


def result_of(parser: Parser, source: str | bytes, filename: str = "") -> ParseResult:
    data = source.encode() if isinstance(source, str) else source
    return collect(parser.read(io.BytesIO(data), ParseOptions(filename=filename)))


def questions_of(parser: Parser, source: str | bytes) -> tuple[ParsedQuestion, ...]:
    """Return the questions of a file that has no errors."""
    result = result_of(parser, source)
    assert result.errors == ()
    return result.questions


def only(parser: Parser, source: str | bytes) -> ParsedQuestion:
    (question,) = questions_of(parser, source)
    return question


def errors_of(parser: Parser, source: str | bytes) -> list[tuple[int, str]]:
    """Return the lines and words of what is wrong with a file."""
    return [(problem.line, problem.message) for problem in result_of(parser, source).errors]


def warnings_of(parser: Parser, source: str | bytes) -> list[tuple[int, str]]:
    result = result_of(parser, source)
    return [(problem.line, problem.message) for problem in result.problems if problem not in result.errors]


def left_of(question: ParsedQuestion) -> list[str]:
    return [note.what for note in question.not_carried]
