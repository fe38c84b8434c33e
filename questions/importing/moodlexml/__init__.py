"""Moodle XML, question by question: what stands around the answers, which are in `answers.py`.

Owns categories, files, tags, settings and which of Moodle's sorts have a counterpart. Attached files are never decoded.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from questions.importing.base import (
    ImportProblem,
    Item,
    Markup,
    NotCarried,
    ParsedQuestion,
    ParseOptions,
    Passage,
    Severity,
    Sort,
)
from questions.importing.moodlexml.answers import READERS, Answers, MoodleError, number_of, passage, text_of
from questions.importing.provenance import category_path, from_tags, with_provenance
from questions.importing.xmltree import Element, Wanted, elements

_WANTED = Wanted(frozenset({"quiz"}), "question", frozenset({"file", "image_base64"}))
_LOOKS = re.compile(rb"<quiz[\s>]")
# What Moodle gives every question; only something else is worth a word.
_USUAL_PENALTIES = (0.0, 0.1, 0.3333333, 1.0)
_USUAL_FEEDBACK = frozenset(
    {"Your answer is correct.", "Your answer is partially correct.", "Your answer is incorrect."}
)
_EVERY_QUESTION_HAS = """
    shuffleanswers answernumbering showstandardinstruction shownumcorrect responseformat responserequired
    responsefieldlines penalty defaultgrade
"""
_SETTINGS = frozenset(_EVERY_QUESTION_HAS.split())


class MoodleXmlParser:
    name = "moodlexml"
    label = gettext_lazy("Moodle XML")
    extensions = ("xml",)

    def recognises(self, head: bytes) -> bool:
        return bool(_LOOKS.search(head.replace(b"\x00", b"")))

    def read(self, file: BinaryIO, options: ParseOptions) -> Iterator[Item]:
        topics: tuple[str, ...] = ()
        told = False
        for element in elements(file, _WANTED):
            if element.attributes.get("type") == "category":
                topics = category_path(text_of(element.first("category")))
                yield from _category_notes(element, topics)
                continue
            if not told and any(element.first(name) for name in _SETTINGS):
                told = True
                what = _("Moodle's settings: shuffling, numbering, what is shown and when, marks and penalties")
                yield NotCarried(what, element.line)
            yield from _question(element, topics)


PARSER = MoodleXmlParser()


def _category_notes(element: Element, topics: tuple[str, ...]) -> Iterator[Item]:
    if text_of(element.first("info")).strip():
        what = _("the description of the category “%s”") % "/".join(topics)
        yield NotCarried(what, element.line)


def _question(element: Element, topics: tuple[str, ...]) -> Iterator[Item]:
    """Yield the question of an element with the warnings about it, or the problem that it has."""
    sort_name = element.attributes.get("type", "").strip()
    title = " ".join(text_of(element.first("name")).split())
    if element.too_large:
        yield ImportProblem(_("A question of more than 8 million characters."), line=element.line, text=title[:200])
        return
    if not sort_name:
        yield ImportProblem(_("A question that does not say its type."), line=element.line, text=title[:200])
        return
    prompt = passage(element.first("questiontext"), Markup.HTML)
    try:
        read = READERS.get(sort_name)
        answers = read(element, prompt.markup) if read else Answers(Sort.UNSUPPORTED)
    except MoodleError as error:
        yield ImportProblem(error.message, hint=error.hint, line=error.line, text=title[:200])
        return
    for line, words in answers.warnings:
        yield ImportProblem(words, line=line, text=title[:200], severity=Severity.WARNING)
    question = _parsed(element, sort_name, prompt, answers)
    yield with_provenance(from_tags(replace(question, title=title, topics=topics)))


def _parsed(element: Element, sort_name: str, prompt: Passage, answers: Answers) -> ParsedQuestion:
    general = passage(element.first("generalfeedback"), prompt.markup)
    return ParsedQuestion(
        sort=answers.sort,
        prompt=prompt,
        line=element.line,
        choices=answers.choices,
        accepted=answers.accepted,
        numbers=answers.numbers,
        pairs=answers.pairs,
        reference=_joined(general, answers.reference),
        tags=tuple(_tags(element)),
        external_id=text_of(element.first("idnumber")).strip(),
        sort_name=sort_name if answers.sort == Sort.UNSUPPORTED else "",
        not_carried=(*answers.not_carried, *_left(element)),
    )


def _joined(general: Passage, own: Passage | None) -> Passage | None:
    """Return what is said after a question: its general feedback, and what its sort says besides."""
    said = [one for one in (general, own) if one and one.text.strip()]
    if not said:
        return None
    if len(said) == 1:
        return said[0]
    if {one.markup for one in said} <= {Markup.HTML, Markup.MOODLE}:
        return Passage("".join(f"<div>{one.text}</div>" for one in said), Markup.HTML)
    return replace(said[0], text="\n\n".join(one.text for one in said))


def _tags(element: Element) -> Iterator[str]:
    for group in (*element.all("tags"), *element.all("coursetags")):
        yield from filter(None, (text_of(tag).strip() for tag in group.all("tag")))


# What does not come along


def _left(element: Element) -> Iterator[NotCarried]:
    yield from _files(element)
    yield from _feedback(element)
    hints = [hint for hint in element.all("hint") if hint.all_text.strip()]
    if hints:
        yield NotCarried(ngettext("%d hint", "%d hints", len(hints)) % len(hints), hints[0].line)
    mark = number_of(element.first("defaultgrade"))
    if mark is not None and mark not in {0.0, 1.0}:
        yield NotCarried(_("the mark (%g points)") % mark, element.line)
    penalty = number_of(element.first("penalty"))
    if penalty is not None and min(abs(penalty - usual) for usual in _USUAL_PENALTIES) > 0.005:
        yield NotCarried(_("the penalty for each further try (%g)") % penalty, element.line)
    if text_of(element.first("hidden")).strip() == "1":
        yield NotCarried(_("that the question is hidden in Moodle"), element.line)


def _files(element: Element) -> Iterator[NotCarried]:
    for one in element.walk():
        if one.name == "file":
            name = one.attributes.get("name", "").strip() or _("without a name")
            yield NotCarried(_("an attached file (%s)") % name[:200], one.line)
        elif one.name == "image" and one.text.strip():
            yield NotCarried(_("an attached file (%s)") % one.text.strip()[:200], one.line)


def _feedback(element: Element) -> Iterator[NotCarried]:
    words = {
        "correctfeedback": _("the feedback for right answers"),
        "partiallycorrectfeedback": _("the feedback for partly right answers"),
        "incorrectfeedback": _("the feedback for wrong answers"),
    }
    for name, what in words.items():
        one = element.first(name)
        said = " ".join(re.sub(r"<[^<>]*>", " ", text_of(one)).split()) if one else ""
        if one and said and said not in _USUAL_FEEDBACK:
            yield NotCarried(what, one.line)
