"""What every reader of a file format gives, whatever the format: questions, problems, and what was left behind.

A parser turns bytes into `ParsedQuestion` and `ImportProblem`, one at a time, and decides nothing else: it knows no
database, no licence rule, no topic of ours, cleans no HTML, and writes no Markdown. `mapping.py` does that, the same
way for every format. Writers have their own base, `questions/exporting/base.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO, Protocol, TypeAlias

from django.utils.functional import Promise


class Sort(StrEnum):
    """What a question is in its file. `mapping.py` decides what each becomes here."""

    OPEN = "open"  # an essay: `reference` may hold the answer, `accepted` nothing
    SINGLE = "single"  # `choices`, exactly one of them right
    MULTIPLE = "multiple"  # `choices`, any number right, perhaps by weights
    TRUE_FALSE = "true_false"  # `choices` of exactly two, texts "True" and "False", in this order
    SHORT = "short"  # `accepted`: the phrasings that count, with their weights
    NUMERIC = "numeric"  # `numbers`
    MATCHING = "matching"  # `pairs`
    DESCRIPTION = "description"  # text that asks nothing (Moodle's description)
    UNSUPPORTED = "unsupported"  # a sort that the format has and we have not; `sort_name` says which


class Markup(StrEnum):
    MARKDOWN = "markdown"
    HTML = "html"  # as it was in the file, not cleaned: `mapping.py` cleans
    PLAIN = "plain"
    MOODLE = "moodle"  # Moodle's auto-format: plain text whose line breaks count, with HTML allowed in it


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text with the markup it is written in. Escapes of the file format itself are already undone."""

    text: str
    markup: Markup = Markup.MARKDOWN


@dataclass(frozen=True, slots=True)
class ParsedChoice:
    """A choice, or an accepted short answer. `percent` is the written weight (-100..100), None where none is written.

    `correct` is what the format says of it: the `=` of GIFT, or a positive weight.
    """

    text: Passage
    correct: bool
    percent: float | None = None
    feedback: Passage | None = None
    line: int = 0
    key: str = ""  # where the file names its choices, as Aiken (A, B …) and QTI do


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """An accepted number; `tolerance` is absolute. A range low..high is its middle with half its width."""

    value: float
    tolerance: float = 0.0
    unit: str = ""
    percent: float | None = None
    feedback: Passage | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class ParsedPair:
    """One pair of a matching question; `left` is None for an answer that belongs to nothing."""

    left: Passage | None
    right: Passage
    line: int = 0


@dataclass(frozen=True, slots=True)
class NotCarried:
    """One thing of the file that does not come along, in a sentence, such as “An attached file, plot.png (base64)”."""

    what: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """One question as its file says it. Empty means: the file does not say.

    `line` counts from 1 and is where the question begins, in the file `path` of an archive. `topics` is the path of
    headings or categories as written, outermost first. `content` is for our own formats only, which carry everything:
    values by the names of `Content`'s fields, unchecked; they win over the other fields here, and `lines` says where
    each is written, by paths such as `choices[2].explanation`.
    """

    sort: Sort
    prompt: Passage
    line: int = 0
    title: str = ""
    choices: tuple[ParsedChoice, ...] = ()
    accepted: tuple[ParsedChoice, ...] = ()
    numbers: tuple[ParsedNumber, ...] = ()
    pairs: tuple[ParsedPair, ...] = ()
    reference: Passage | None = None  # the answer, or feedback that belongs to the question as a whole
    whole_reference: bool = False  # `reference` is everything there is to say: our own files, not a teacher's remark
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    difficulty: str = ""  # as written: a word, an emoji, a number
    time_limit_seconds: int | None = None
    licence: str = ""
    author: str = ""
    source: str = ""
    external_id: str = ""  # the file's own name for it: Moodle's idnumber, GIFT's [id:…], QTI's identifier
    slug: str = ""
    path: str = ""
    sort_name: str = ""
    not_carried: tuple[NotCarried, ...] = ()
    content: Mapping[str, Any] | None = None
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedTopic:
    """A topic that the file describes, for our own formats only: so that it can be made here exactly as it was there.

    `area` is the slug of its area, empty for an area. Questions name it by its slug in their `topics`.
    """

    slug: str
    name: str
    description: str = ""
    order: int = 0
    area: str = ""
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ParsedColumns:
    """A table's headings with the field each was taken for (empty: none), and its first row, to show what is meant."""

    fields: Mapping[str, str]
    sample: Mapping[str, str] = field(default_factory=dict)


class Severity(StrEnum):
    ERROR = "error"  # the question, or the whole file, cannot be imported as it is
    WARNING = "warning"  # it can, but something was guessed or left out


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Something wrong with a file: what, where, and how to mend it.

    `text` is the line as the file has it, so that it can be shown beside the message; `field` is the column of a table
    or the field of a question.
    """

    message: str
    hint: str = ""
    line: int = 0
    column: int = 0
    field: str = ""
    path: str = ""
    text: str = ""
    severity: Severity = Severity.ERROR

    @property
    def place(self) -> str:
        """Where it is, as compilers say it: `folder/file.md:12:5`. Empty when it concerns the whole file."""
        numbers = [str(number) for number in (self.line, self.column if self.line else 0) if number]
        return ":".join([*([self.path] if self.path else []), *numbers])

    def __str__(self) -> str:
        parts = [self.place, self.field, f"{self.message} {self.hint}".strip()]
        return ": ".join(part for part in parts if part)


class ImportRefusedError(ValueError):
    """The file cannot be read on: not this format, too large, or hostile. What was read before counts for nothing."""

    def __init__(self, problem: ImportProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


# NotCarried at this level is about the file, not about one question.
Item: TypeAlias = ParsedQuestion | ParsedTopic | ParsedColumns | ImportProblem | NotCarried


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """What a person may say about a file. `columns` maps a table's headings to fields; None means: guess."""

    filename: str = ""
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ParseResult:
    questions: tuple[ParsedQuestion, ...] = ()
    problems: tuple[ImportProblem, ...] = ()
    not_carried: tuple[NotCarried, ...] = ()
    topics: tuple[ParsedTopic, ...] = ()

    @property
    def errors(self) -> tuple[ImportProblem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == Severity.ERROR)


class Parser(Protocol):
    """Reads one format. An instance is shared by everybody, so it keeps nothing between two files.

    `read` is a generator that takes the file piece by piece: a file may have 50 MB and the process 300 MB, so neither
    the whole text nor all questions may be held at once, and no attachment decoded. A question that cannot be read is
    an ImportProblem with its line, and the reading goes on with the next one; nothing is dropped without a word. Raise
    ImportRefusedError only where nothing after it can be trusted.
    """

    @property
    def name(self) -> str:
        """The name for `--format` and addresses: lower-case letters."""

    @property
    def label(self) -> str | Promise:
        """The name for people, translated."""

    @property
    def extensions(self) -> tuple[str, ...]:
        """File name endings without the dot, the usual one first."""

    def recognises(self, head: bytes) -> bool:
        """Say whether a file that begins with `head` (up to 8 kB) looks like this format."""

    def read(self, file: BinaryIO, options: ParseOptions) -> Iterator[Item]:
        """Yield what `file`, open for reading bytes and seekable, says, in its order. Raises ImportRefusedError."""


def collect(items: Iterable[Item]) -> ParseResult:
    """Return everything at once: for tests and small files."""
    questions: list[ParsedQuestion] = []
    problems: list[ImportProblem] = []
    left: list[NotCarried] = []
    topics: list[ParsedTopic] = []
    try:
        for item in items:
            match item:
                case ParsedQuestion():
                    questions.append(item)
                case ImportProblem():
                    problems.append(item)
                case NotCarried():
                    left.append(item)
                case ParsedTopic():
                    topics.append(item)
    except ImportRefusedError as error:
        return ParseResult(problems=(*problems, error.problem), not_carried=tuple(left))
    return ParseResult(tuple(questions), tuple(problems), tuple(left), tuple(topics))
