"""The text of one bank file, in both directions: an `area.yaml`, and a question's Markdown with its front matter.

Owns the format and the complaints about it, each with its line. Reads no disk and no database.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from questions import yamltext
from questions.content import Content, ContentError, Format, Problem, unknown_name

MAX_FILE_BYTES = 200_000

_NEEDED_SECTIONS = {"Question": "prompt", "Reference answer": "reference_answer"}
_OTHER_SECTIONS = {
    "Guidance": "guidance",
    "Strong sample": "strong_sample",
    "Middling sample": "middling_sample",
}
_SECTIONS = {**_NEEDED_SECTIONS, **_OTHER_SECTIONS}
_FIELDS = {"answer" if name == "numeric_answer" else name: name for name in Content.model_fields}
_FRONT_MATTER = [name for name, field_name in _FIELDS.items() if field_name not in _SECTIONS.values()]
_TOPIC_TEXTS = {"name": 100, "description": 300}
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


@dataclass(frozen=True, slots=True, order=True)
class FileProblem:
    """One thing wrong with one file; `path` is relative to the bank's folder, `line` counts from 1."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class BankError(ValueError):
    """The files cannot be used; `problems` lists everything that is wrong with all of them, in file order."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class BankTopic:
    """An area (`area` is None) or a topic of one."""

    slug: str
    name: str
    description: str
    order: int
    area: str | None
    path: str
    line: int


def decode(data: bytes, path: str) -> str:
    """Return the text of a file with Unix line ends and without a byte order mark. Raises BankError."""
    if len(data) > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 1000
        raise BankError([FileProblem(path, 1, _("is larger than %d kB, the most a bank file may be") % limit)])
    if b"\x00" in data:
        raise BankError([_at(path, data, data.index(b"\x00"), _("is not a text file: it contains a NUL byte"))])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BankError([_at(path, data, error.start, _("is not UTF-8; save it in that encoding"))]) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _at(path: str, data: bytes, position: int, message: str) -> FileProblem:
    return FileProblem(path, data.count(b"\n", 0, position) + 1, message)


def _yaml(path: str, text: str, *, first_line: int) -> yamltext.Located:
    """Return the named values in `text`. Raises BankError."""
    try:
        located = yamltext.load(text, first_line=first_line)
    except yamltext.YamlError as error:
        raise BankError([FileProblem(path, error.line, error.message)]) from error
    if not isinstance(located.data, dict):
        raise BankError([FileProblem(path, first_line, _("must be a list of “name: value” lines"))])
    return located


def slug_problem(slug: str) -> str | None:
    """Return why `slug` cannot name a file or folder of the bank, if it cannot."""
    if len(slug) > 60 or not _SLUG.fullmatch(slug):
        return _("“%s” is not a usable name: lower-case letters, digits and single hyphens, at most 60") % slug
    return None


# An area and its topics


def parse_area(text: str, area: str, path: str) -> list[BankTopic]:
    """Return the area, and after it its topics, as the text of its `area.yaml` says them. Raises BankError."""
    located = _yaml(path, text, first_line=1)
    problems = [*_wrong_values(located.data, "", {"order", "topics"})]
    order, topics = located.data.get("order"), located.data.get("topics")
    if not isinstance(order, int) or isinstance(order, bool) or not 0 <= order <= 32_767:
        problems.append(Problem("order", _("must be a whole number")))
    if not isinstance(topics, dict) or not topics:
        problems.append(Problem("topics", _("must name at least one topic")))
        topics = {}
    for slug, topic in topics.items():
        below = f"topics.{slug}"
        problems += _wrong_values(topic, below, set())
        if complaint := slug_problem(slug):
            problems.append(Problem(below, complaint))
    if complaint := slug_problem(area):
        problems.append(Problem("", complaint))
    if problems:
        raise BankError([_file_problem(path, located, problem) for problem in problems])
    return [
        _topic(area, located.data, order, None, path, 1),
        *(
            _topic(slug, topic, number, area, path, located.line_of(f"topics.{slug}"))
            for number, (slug, topic) in enumerate(topics.items(), 1)
        ),
    ]


def _topic(slug: str, values: Mapping[str, str], order: Any, area: str | None, path: str, line: int) -> BankTopic:
    return BankTopic(
        slug=slug,
        name=values["name"].strip(),
        description=values["description"].strip(),
        order=order,
        area=area,
        path=path,
        line=line,
    )


def _wrong_values(values: Any, below: str, others: set[str]) -> Iterator[Problem]:
    """Yield what is wrong with a block that needs a name and a description and may have `others`."""
    if not isinstance(values, dict):
        yield Problem(below, _("must be a list of “name: value” lines"))
        return
    prefix = f"{below}." if below else ""
    for name in values.keys() - _TOPIC_TEXTS.keys() - others:
        yield Problem(prefix + name, unknown_name(name, [*_TOPIC_TEXTS, *others]))
    for name, longest in _TOPIC_TEXTS.items():
        value = values.get(name)
        if not isinstance(value, str) or not value.strip() or "\x00" in value:
            yield Problem(prefix + name, _("must be text; in YAML, put it in quotes"))
        elif len(value.strip()) > longest:
            yield Problem(prefix + name, _("may have at most %(max_length)d characters") % {"max_length": longest})


def _file_problem(path: str, located: yamltext.Located, problem: Problem) -> FileProblem:
    return FileProblem(path, located.line_of(problem.field), str(problem))


# A question


@dataclass(frozen=True, slots=True)
class RawQuestion:
    """What a question file says, by the names of `Content`'s fields and unchecked, and where each part stands."""

    values: Mapping[str, Any]
    located: yamltext.Located
    sections: Mapping[str, int]
    problems: tuple[FileProblem, ...]


def read_question(text: str, path: str) -> RawQuestion:
    """Return the values in the text of a question file. Raises BankError where it is no such file at all."""
    front, body, body_line = _split_front_matter(text, path)
    located = _yaml(path, front, first_line=2)
    sections, lines, problems = _split_sections(body, body_line, path)
    values = {_FIELDS.get(name, name): value for name, value in located.data.items() if name in _FRONT_MATTER}
    for name in located.data.keys() - set(_FRONT_MATTER):
        problems.append(FileProblem(path, located.line_of(name), f"{name}: {unknown_name(name, _FRONT_MATTER)}"))
    return RawQuestion({**values, **sections}, located, lines, tuple(problems))


def parse_question(text: str, path: str) -> Content:
    """Return the content that the text of a question file says. Raises BankError with all its problems."""
    raw = read_question(text, path)
    problems = list(raw.problems)
    missing = {field_name for field_name in _NEEDED_SECTIONS.values() if field_name not in raw.sections}
    try:
        content = Content.parse(raw.values)
    except ContentError as error:
        for problem in error.problems:
            if problem.field not in missing:
                problems.append(_located(problem, raw.located, raw.sections, path))
    if problems:
        raise BankError(problems)
    return content


def _located(problem: Problem, located: yamltext.Located, lines: Mapping[str, int], path: str) -> FileProblem:
    """Return a content's problem in the file's own words: its names and its lines."""
    if problem.field in lines:
        heading = next(heading for heading, name in _SECTIONS.items() if name == problem.field)
        return FileProblem(path, lines[problem.field], f"## {heading}: {problem.message}")
    name = re.sub(r"^numeric_answer\b", "answer", problem.field)
    return FileProblem(path, located.line_of(name), str(Problem(name, problem.message)))


def _split_front_matter(text: str, path: str) -> tuple[str, list[str], int]:
    """Return the front matter, the lines after it, and the number of the first of these."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise BankError([FileProblem(path, 1, _("must begin with a line “---” and the question's values"))])
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "---":
            return "\n".join(lines[1 : number - 1]), lines[number:], number + 1
    raise BankError([FileProblem(path, 1, _("the values at the top have no closing line “---”"))])


def _split_sections(
    lines: Sequence[str], first_line: int, path: str
) -> tuple[dict[str, str], dict[str, int], list[FileProblem]]:
    """Return the text below each section heading, the headings' lines, and what is wrong with them."""
    headings = dict(_headings(lines))
    found: dict[str, int] = {}
    problems: list[FileProblem] = []
    starts: list[tuple[int, str]] = []
    for index, title in headings.items():
        name = _SECTIONS.get(title)
        if name and name in found:
            problems.append(FileProblem(path, first_line + index, _("a second section “## %s”") % title))
        elif name:
            found[name] = first_line + index
            starts.append((index, name))
    problems += _missing_sections(found, headings, first_line, path)
    before = lines[: starts[0][0]] if starts else []
    if any(line.strip() for line in before):
        problems.append(FileProblem(path, first_line, _("text before the first section is not read")))
    ends = [index for index, _name in starts[1:]] + [len(lines)]
    texts = {name: "\n".join(lines[index + 1 : end]) for (index, name), end in zip(starts, ends, strict=True)}
    return texts, found, problems


def _missing_sections(
    found: Mapping[str, int], headings: Mapping[int, str], first_line: int, path: str
) -> Iterator[FileProblem]:
    strangers = {title: index for index, title in headings.items() if title not in _SECTIONS}
    for title, name in _NEEDED_SECTIONS.items():
        if name in found:
            continue
        similar = [other for other in strangers if other.casefold().strip(" :") == title.casefold()]
        similar = similar or [other for other in strangers if title.split()[0][:4].casefold() in other.casefold()]
        if similar:
            line = first_line + strangers[similar[0]]
            message = _("the section “## %(title)s” is missing; is “## %(similar)s” meant to be it?")
            yield FileProblem(path, line, message % {"title": title, "similar": similar[0]})
        else:
            yield FileProblem(path, first_line, _("the section “## %s” is missing") % title)


def _headings(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the index and title of every `## ` line outside fenced code."""
    fence = ""
    for index, line in enumerate(lines):
        if match := _FENCE.match(line):
            mark, rest = match.groups()
            if not fence and not (mark[0] == "`" and "`" in rest):
                fence = mark
            elif fence and mark.startswith(fence) and not rest.strip():
                fence = ""
        elif not fence and line.startswith("## "):
            yield index, line[3:].strip()


def write_question(content: Content) -> str:
    """Return the file that says exactly `content`.

    Raises BankError for the rare content that no file can say, such as a prompt with a line “## Reference answer”.
    """
    values = content.model_dump(mode="json")
    sections = [(heading, values.pop(name)) for heading, name in _SECTIONS.items()]
    body = "\n".join(f"## {heading}\n\n{section}\n" for heading, section in sections if section)
    names = {field_name: name for name, field_name in _FIELDS.items()}
    front = _said({names[name]: value for name, value in values.items()})
    if content.format == Format.EXPLANATION:
        del front["format"]
    text = f"---\n{yamltext.dump(front)}---\n{body}"
    if parse_question(text, content.title) != content:
        raise BankError([FileProblem(content.title, 1, _("this content cannot be written as a bank file"))])
    return text


def _said(value: Any) -> Any:
    """Return `value` without what says nothing: no value, an empty text or list."""
    if isinstance(value, list):
        return [_said(item) for item in value]
    if isinstance(value, dict):
        return {name: _said(item) for name, item in value.items() if item not in (None, "", [])}
    return value
