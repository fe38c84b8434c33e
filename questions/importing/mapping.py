"""From what a file says to what a question of ours says: one way for every format.

Pure: no database, no topics, no duplicates. Whatever a question cannot take along is said in words, and a question that
lacks only what a curator has to write (key points, an answer, the right choice) is incomplete, not wrong.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questions.content import MOST_ENTRIES, Content, ContentError, Difficulty, Format, Kind, Problem
from questions.importing.base import ImportProblem, ParsedQuestion, Severity, Sort
from questions.importing.html import line_of, markdown_of
from questions.importing.kinds import KINDS, answered
from questions.importing.names import difficulty_of, licence_name, usual_seconds
from questions.importing.proposing import proposed_points
from questions.quality import READING_WORDS_PER_MINUTE

TITLE_LENGTH = 100
# What only a person who knows the subject can add. A question without it is kept as an incomplete draft.
TO_BE_WRITTEN = frozenset({"reference_answer", "key_points", "choices", "numeric_answer"})


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the person says about everything in a file that does not say it itself."""

    licence: str = ""
    author: str = ""
    source: str = ""
    filename: str = ""
    proposes_points: bool = False


@dataclass(frozen=True, slots=True)
class Mapped:
    """One question as it would be kept. `values` are by the names of `Content`'s fields, and plain enough for JSON.

    `content` is None while something is `missing`, or wrong (an error among the `problems`), or when the question is
    `left_out` for the reason given there.
    """

    values: dict[str, Any]
    content: Content | None
    missing: tuple[Problem, ...] = ()
    problems: tuple[ImportProblem, ...] = ()
    not_carried: tuple[str, ...] = ()
    left_out: str = ""

    @property
    def is_wrong(self) -> bool:
        return any(problem.severity == Severity.ERROR for problem in self.problems)


def map_question(parsed: ParsedQuestion, defaults: Defaults) -> Mapped:
    """Return `parsed` as a question of ours, with everything that is wrong with it or does not come along."""
    return _Mapping(parsed, defaults).run()


class _Mapping:
    """One question on its way: what is lost and what is odd is gathered while its values are made."""

    def __init__(self, parsed: ParsedQuestion, defaults: Defaults) -> None:
        self.parsed, self.defaults = parsed, defaults
        self.lost = [note.what for note in parsed.not_carried]
        self.problems: list[ImportProblem] = []

    def run(self) -> Mapped:
        if reason := self._reason_to_leave_out():
            values = {"title": self._title(line_of(self.parsed.prompt, []))}
            return Mapped(values, None, not_carried=tuple(self.lost), left_out=reason)
        values = self._values()
        values |= self._provenance(values)
        content, missing = None, list[Problem]()
        try:
            content = Content.parse(values)
        except ContentError as error:
            lacking = [problem for problem in error.problems if _is_missing(problem, values)]
            self.problems += [self._located(problem) for problem in error.problems if problem not in lacking]
            # What has no licence or no author is wrong, and has been said; the rest a curator can write.
            missing = _in_words(problem for problem in lacking if problem.field in TO_BE_WRITTEN)
        kept = content.model_dump(mode="json") if content else _readable(values)
        unique = dict.fromkeys(self.lost)
        return Mapped(kept, content, tuple(missing), tuple(self.problems), tuple(unique))

    def _reason_to_leave_out(self) -> str:
        if self.parsed.sort == Sort.DESCRIPTION:
            return _("It is a text that asks nothing.")
        if self.parsed.sort == Sort.UNSUPPORTED:
            return _("The bank has no questions of the sort “%s”.") % self.parsed.sort_name
        return ""

    # Values

    def _values(self) -> dict[str, Any]:
        """Return the values without those that say where the question comes from."""
        own = dict(self.parsed.content) if self.parsed.content is not None else self._translated()
        kind = Kind(own["kind"]) if own.get("kind") in Kind.values else Kind.OPEN
        form = Format(own["format"]) if own.get("format") in Format.values else Format.EXPLANATION
        own.setdefault("kind", kind.value)
        if self.defaults.proposes_points and kind == Kind.OPEN and not own.get("key_points"):
            self._propose_points(own)
        if not str(own.get("title") or "").strip():
            own["title"] = self._title(str(own.get("prompt") or ""))
        if not own.get("difficulty"):
            own["difficulty"] = self._difficulty()
        if not own.get("time_limit_seconds"):
            own["time_limit_seconds"] = self._seconds(own, kind, form)
        return own

    def _propose_points(self, values: dict[str, Any]) -> None:
        points = proposed_points(str(values.get("reference_answer") or ""))
        if points:
            values["key_points"] = points
            words = ngettext(
                "%d key point was proposed from the answer. Check it before anybody is graded by it.",
                "%d key points were proposed from the answer. Check them before anybody is graded by them.",
                len(points),
            )
            self.problems.append(self._warning(words % len(points)))

    def _translated(self) -> dict[str, Any]:
        """Return what a question of another system says, in our terms."""
        answer = KINDS[self.parsed.sort](self.parsed)
        self.lost += answer.lost
        self.problems += [self._warning(text) for text in answer.warnings]
        prompt = markdown_of(self.parsed.prompt, self.lost) + answer.after_prompt
        values = {
            "title": self._own_title() or self._title(_first_sentence(line_of(self.parsed.prompt, []))),
            "prompt": prompt.strip(),
            "tags": self._tags(),
            **answered(answer, self.parsed, self.lost),
        }
        return values

    def _own_title(self) -> str:
        """Return the title that the file gives, which is no Markdown; nothing if it is too short to be one."""
        title = " ".join(self.parsed.title.split())
        return _shortened(title) if len(title) >= 3 else ""

    def _title(self, text: str) -> str:
        title = " ".join(re.sub(r"[*`$\\#]|\[([^\]]*)\]\([^)]*\)", r"\1", text).split())
        return _shortened(title) if len(title) >= 3 else (_("Question %s") % title).strip()

    def _difficulty(self) -> Difficulty:
        found = difficulty_of(self.parsed.difficulty) if self.parsed.difficulty else Difficulty.MEDIUM
        if found is None:
            words = {"text": self.parsed.difficulty}
            self.problems.append(self._warning(_("The difficulty “%(text)s” is not known; medium was taken.") % words))
        return found or Difficulty.MEDIUM

    def _seconds(self, values: Mapping[str, Any], kind: Kind, form: Format) -> int:
        if self.parsed.time_limit_seconds:
            return self.parsed.time_limit_seconds
        difficulty = values["difficulty"] if values["difficulty"] in Difficulty.values else Difficulty.MEDIUM
        shown = [str(values.get("prompt") or ""), *map(str, _listed(values.get("choices")))]
        reading = 60 * sum(len(text.split()) for text in shown) / READING_WORDS_PER_MINUTE
        return usual_seconds(kind, form, Difficulty(difficulty), reading_seconds=reading)

    def _tags(self) -> list[str]:
        tags = {tag: slugify(tag)[:60].strip("-") for tag in self.parsed.tags}
        self.lost += [_("the tag “%s”") % tag for tag, key in tags.items() if not key]
        return list(dict.fromkeys(key for key in tags.values() if key))

    # Where it comes from

    def _provenance(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return licence, author and source: the question's own, else the person's; none of them is ever invented."""
        found = {
            "licence": self._own(values, "licence") or self.defaults.licence,
            "author": self._own(values, "author") or self.defaults.author,
            "source": self._own(values, "source") or self.defaults.source or self.defaults.filename,
        }
        if self.parsed.external_id and not self._own(values, "source"):
            found["source"] = f"{found['source']} · {self.parsed.external_id}"[:300]
        licence = licence_name(found["licence"]) if found["licence"] else None
        if licence and licence.name:
            found["licence"] = licence.name
        elif licence:
            self._wrong("licence", licence.problem)
            del found["licence"]
        for name, words in _demands().items():
            if found.get(name) == "":
                self._wrong(name, words)
                del found[name]
        return found

    def _own(self, values: Mapping[str, Any], name: str) -> str:
        return str(values.get(name) or getattr(self.parsed, name) or "").strip()

    # Problems

    def _wrong(self, field: str, message: str) -> None:
        hint = _("Say it in the file, or for the whole import in the form.")
        self.problems.append(self._problem(field, message, hint=hint))

    def _located(self, problem: Problem) -> ImportProblem:
        return self._problem(problem.field, problem.message)

    def _warning(self, message: str) -> ImportProblem:
        return self._problem("", message, severity=Severity.WARNING)

    def _problem(
        self, field: str, message: str, *, hint: str = "", severity: Severity = Severity.ERROR
    ) -> ImportProblem:
        line = self._line(field)
        return ImportProblem(message, hint=hint, line=line, field=field, path=self.parsed.path, severity=severity)

    def _line(self, field: str) -> int:
        """Return the line of `field`, or of the nearest thing around it that has one."""
        path = field
        while path:
            if path in self.parsed.lines:
                return self.parsed.lines[path]
            if (match := re.fullmatch(r"choices\[(\d+)\]", path)) and int(match[1]) <= len(self.parsed.choices):
                return self.parsed.choices[int(match[1]) - 1].line or self.parsed.line
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.parsed.line


def _shortened(title: str) -> str:
    if len(title) <= TITLE_LENGTH:
        return title
    return title[: TITLE_LENGTH - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"


def _demands() -> dict[str, str]:
    return {
        "licence": _("No licence: nobody says what may be done with this question."),
        "author": _("No author: nobody is named who wrote this question."),
    }


def _is_missing(problem: Problem, values: Mapping[str, Any]) -> bool:
    """Whether the problem is that something still has to be written, rather than that something written is wrong.

    The provenance that is not there has its own words already.
    """
    if problem.field in {"licence", "author"} and problem.field not in values:
        return True
    if problem.field not in TO_BE_WRITTEN:
        return False
    value = values.get(problem.field)
    return not value or (problem.field == "choices" and len(_listed(value, of=Mapping)) in range(1, MOST_ENTRIES + 1))


def _listed(value: Any, of: type = object) -> list[Any]:
    return [entry for entry in value if isinstance(entry, of)] if isinstance(value, list | tuple) else []


def _readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a page can show them, whatever a file has put in their places. What is amiss has been said."""
    found = dict(values)
    for name in Content.model_fields.keys() & values.keys():
        match name:
            case "key_points" | "choices" | "misconceptions":
                found[name] = [_readable_entry(entry) for entry in _listed(values[name], of=Mapping)]
            case "follow_ups" | "tags":
                found[name] = [str(entry) for entry in _listed(values[name])]
            case "numeric_answer" | "code":
                found[name] = values[name] if isinstance(values[name], Mapping) else None
            case "time_limit_seconds":
                pass
            case _:
                found[name] = "" if values[name] is None else str(values[name])
    return found


def _readable_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: str(entry[name]) for name in ("key", "text", "why", "explanation") if name in entry}
    lists = {name: _listed(entry[name]) for name in ("accepted", "required") if name in entry}
    return {**entry, **texts, **lists}


def _in_words(lacking: Iterable[Problem]) -> list[Problem]:
    """Return what is lacking, once for each field, in words for whoever has to write it."""
    words = {"reference_answer": _("an answer"), "key_points": _("key points"), "numeric_answer": _("the number")}
    found = {problem.field: words.get(problem.field, problem.message) for problem in lacking}
    return [Problem(field, message) for field, message in found.items()]


def _first_sentence(text: str) -> str:
    """Return the first sentence of `text`, or the last if it alone asks: what people call a question."""
    # “Ulysses S. Grant” is no end of a sentence, and neither is “e.g. this”.
    sentences = re.split(r"(?<=\w\w[.?!])\s+(?=[^a-z\s])", text)
    asking = [sentence for sentence in sentences if sentence.endswith("?")]
    return asking[-1] if asking and len(text) > TITLE_LENGTH else sentences[0]
