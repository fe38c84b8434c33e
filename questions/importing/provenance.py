"""Licence, author and source in formats that have no place for them: written as words, and found there again.

They are the last paragraph of what is said after a question, one to a line; difficulty and time are tags. Also how
Moodle writes the path of a category. Pure functions.
"""

import re
from dataclasses import replace

from questions.content import Content
from questions.importing.base import ParsedQuestion, Passage

# What begins a list of questions that we wrote, and what ends each answer in it.
GENERATOR = "<!-- questions of Interview Prep -->"
END = "<!-- end of the answer -->"
_NAMES = {"Licence": "licence", "Author": "author", "Source": "source"}
_BLOCK = re.compile(r"(?:\A|\n[ \t]*\n)[ \t]*Licence: ([^\n]+)\n[ \t]*Author: ([^\n]+)\n[ \t]*Source: ([^\n]+)\s*\Z")
_INLINE = re.compile(r" \[Licence: ([^|\]\n]+) \| Author: ([^|\n]+) \| Source: ([^|\n]+)\]\Z")
_NOTE = re.compile(r"<!-- ((?:title|time limit|tags|licence|author|source): .*) -->")
_DIFFICULTY = re.compile(r"difficulty:\s*(\S.*)", re.IGNORECASE)
_TIME = re.compile(r"time-limit:\s*(\d{1,5})\s*s?", re.IGNORECASE)
# Where Moodle keeps a category, and the one above all others: neither is a name.
_CONTEXTS = frozenset({"$course$", "$system$", "$module$", "$category$", "$coursecat$", "$cat1$", "top", ""})


def provenance(content: Content) -> str:
    """Return the lines that say where a question comes from."""
    values = content.model_dump(include=set(_NAMES.values()))
    return "  \n".join(f"{word}: {' '.join(values[name].split())}" for word, name in _NAMES.items())


def after_words(text: str, content: Content) -> str:
    """Return what is said after a question, with where it comes from at its end."""
    return f"{text}\n\n{provenance(content)}" if text else provenance(content)


def with_provenance(question: ParsedQuestion) -> ParsedQuestion:
    """Return `question` with licence, author and source from the end of its reference, if we wrote them there."""
    if question.reference is None or not (match := _BLOCK.search(question.reference.text)):
        return question
    text = question.reference.text[: match.start()].rstrip()
    licence, author, source = (value.strip() for value in match.groups())
    return replace(
        question,
        reference=Passage(text, question.reference.markup) if text else None,
        whole_reference=True,
        licence=licence,
        author=author,
        source=source,
    )


def from_provenance_lines(question: ParsedQuestion, lines: str) -> ParsedQuestion:
    """Return `question` with licence, author and source from lines that we wrote."""
    found = dict(line.split(": ", 1) for line in lines.split("\n") if ": " in line)
    licence, author, source = (found.get(word, "").strip() for word in _NAMES)
    return replace(question, whole_reference=True, licence=licence, author=author, source=source)


def inline_provenance(content: Content) -> str:
    """Return the same as one piece of a line, for formats whose only text is the question."""
    values = content.model_dump(include=set(_NAMES.values()))
    words = (f"{word}: {' '.join(values[name].split()).replace('|', '/')}" for word, name in _NAMES.items())
    return f" [{' | '.join(words)}]"


def from_inline_provenance(question: ParsedQuestion) -> ParsedQuestion:
    """Return `question` with licence, author and source from the end of its text, if we wrote them there.

    Then everything in it is our Markdown.
    """
    match = _INLINE.search(question.prompt.text)
    if not match:
        return question
    licence, author, source = (value.strip() for value in match.groups())
    ours = replace(question, licence=licence, author=author, source=source)
    choices = tuple(replace(choice, text=Passage(choice.text.text)) for choice in question.choices)
    return replace(ours, prompt=Passage(question.prompt.text[: match.start()]), choices=choices)


def note(content: Content) -> str:
    """Return what a list of questions has no place for, as a comment of one line."""
    values = {"title": content.title, "time limit": f"{content.time_limit_seconds} s", "tags": ", ".join(content.tags)}
    values |= {"licence": content.licence, "author": content.author, "source": content.source}
    said = (f"{name}: {_noted(value)}" for name, value in values.items() if value)
    return f"<!-- {' | '.join(said)} -->"


def _noted(value: str) -> str:
    return " ".join(value.split()).replace("|", "/").replace("-->", "––>")


def is_note(line: str) -> bool:
    return bool(_NOTE.fullmatch(line.strip()))


def from_note(question: ParsedQuestion, line: str) -> ParsedQuestion:
    """Return `question` with what a comment says that we wrote."""
    match = _NOTE.fullmatch(line.strip())
    if not match:
        return question
    found = {name: value for name, _mark, value in (part.partition(": ") for part in match[1].split(" | "))}
    seconds = found.get("time limit", "").removesuffix(" s")
    return replace(
        question,
        title=found.get("title", ""),
        tags=tuple(tag for tag in found.get("tags", "").split(", ") if tag),
        time_limit_seconds=int(seconds) if seconds.isdecimal() and len(seconds) < 7 else None,
        licence=found.get("licence", ""),
        author=found.get("author", ""),
        source=found.get("source", ""),
        whole_reference=True,
    )


def tags_of(content: Content) -> list[str]:
    """Return the tags of a question, with its difficulty and time as two more."""
    return [*content.tags, f"difficulty:{content.difficulty}", f"time-limit:{content.time_limit_seconds}"]


def from_tags(question: ParsedQuestion) -> ParsedQuestion:
    """Return `question` with the difficulty and time that its tags say."""
    tags, difficulty, seconds = [], question.difficulty, question.time_limit_seconds
    for tag in question.tags:
        if match := _DIFFICULTY.fullmatch(tag):
            difficulty = match[1].strip()
        elif match := _TIME.fullmatch(tag):
            seconds = int(match[1])
        else:
            tags.append(tag)
    return replace(question, tags=tuple(tags), difficulty=difficulty, time_limit_seconds=seconds)


def category_path(written: str) -> tuple[str, ...]:
    """Return the names on the path of a Moodle category, outermost first. A doubled slash belongs to a name."""
    names = [name.replace("\ufdd9", "/").strip() for name in written.replace("//", "\ufdd9").split("/")]
    while names and names[0].lower() in _CONTEXTS:
        names.pop(0)
    return tuple(name for name in names if name)


def category_words(names: tuple[str, ...]) -> str:
    """Return the path of a category as Moodle writes it."""
    return "/".join(["$course$", "top", *(" ".join(name.split()).replace("/", "//") for name in names)])
