"""One QTI item: its text, its one interaction, what counts as right, and its feedback.

Owns which interactions have a counterpart; an item with several, or with one that has none, is named and left out.
Gives data or raises `ItemError` with the line.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from questions.importing.base import (
    Markup,
    NotCarried,
    ParsedChoice,
    ParsedNumber,
    ParsedPair,
    ParsedQuestion,
    Passage,
    Sort,
)
from questions.importing.numbers import plain_number
from questions.importing.provenance import from_provenance_lines
from questions.importing.qti.responses import Response, processing_notes, response_of, tolerance_of
from questions.importing.xmltree import Element, inner_html, outer_html

BLANK = "_____"
# How our own items mark where they come from, and the line that holds the field for a number and its unit.
PROVENANCE_CLASS = "provenance"
ANSWER_CLASS = "answer"
REFERENCE = "REFERENCE"
_ASIDE = frozenset({"feedbackBlock", "feedbackInline", "infoControl", "stylesheet", "templateBlock", "templateInline"})
_INLINE = frozenset({"inlineChoiceInteraction", "textEntryInteraction", "hottextInteraction", "endAttemptInteraction"})


class ItemError(ValueError):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(slots=True)
class _Item:
    """An item while it is read, with what is noted on the way."""

    element: Element
    body: Element
    interaction: Element
    response: Response
    left: list[NotCarried] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)
    # What was said for each answer outside of the choices.
    modal: dict[str, list[Passage]] = field(default_factory=dict)


def parsed_item(element: Element) -> tuple[ParsedQuestion, list[tuple[int, str]]]:
    """Return the question of an item, and the lines and words of warnings. Raises ItemError."""
    body = element.first("itemBody")
    if body is None:
        raise ItemError(element.line, _("The item has no itemBody, so it asks nothing."))
    question = ParsedQuestion(
        sort=Sort.DESCRIPTION,
        prompt=_prompt(body, None),
        line=element.line,
        title=" ".join(element.attributes.get("title", "").split()),
        external_id=element.attributes.get("identifier", "").strip(),
    )
    interactions = [one for one in body.walk() if one.name.endswith("Interaction")]
    if not interactions:
        return question, []
    reader = _READERS.get(interactions[0].name)
    if len(interactions) > 1 or reader is None or element.first("templateDeclaration"):
        return replace(question, sort=Sort.UNSUPPORTED, sort_name=_sort_name(element, interactions)), []
    item = _Item(element, body, interactions[0], response_of(element, interactions[0]))
    _read_modal_feedback(item)
    _note_asides(item)
    question = reader(item, replace(question, prompt=_prompt(body, interactions[0])))
    question = _with_reference(item, question)
    left = (*question.not_carried, *item.left, *processing_notes(element))
    return replace(question, not_carried=left), item.warnings


def _sort_name(element: Element, interactions: list[Element]) -> str:
    names = ", ".join(dict.fromkeys(one.name for one in interactions))
    if element.first("templateDeclaration"):
        return f"{names} (template)"
    return names


# Text


def _prompt(body: Element, interaction: Element | None) -> Passage:
    """Return the text of an item around its interaction, with a blank where something is to be filled in."""
    own = interaction.first("prompt") if interaction else None
    parts = [_without(child, interaction) for child in body.children]
    if own is not None:
        parts.append(f"<div>{inner_html(own)}</div>")
    return Passage("".join(parts).strip(), Markup.HTML)


def _without(node: "Element | str", interaction: Element | None) -> str:
    """Return what a node shows to the candidate before they answer, as HTML."""
    if isinstance(node, str):
        return outer_text(node)
    if node is interaction:
        return f" {BLANK} " if node.name in _INLINE else ""
    if node.name in _ASIDE or node.name.endswith("Interaction"):
        return ""
    if node.name == "rubricBlock" and "candidate" not in node.attributes.get("view", "candidate"):
        return ""
    if node.attributes.get("class") == ANSWER_CLASS and any(one is interaction for one in node.children):
        return ""
    alone = [child for child in node.children if isinstance(child, Element) or child.strip()]
    if interaction is not None and alone == [interaction]:
        return ""
    inner = "".join(_without(child, interaction) for child in node.children)
    if node.name in {"rubricBlock", "itemBody"}:
        return f"<div>{inner}</div>"
    shell = outer_html(Element(node.name, node.attributes, node.line))
    return f"{shell[: shell.index('>') + 1]}{inner}</{node.name}>" if shell.endswith(f"</{node.name}>") else shell


def outer_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _passage(element: Element) -> Passage:
    return Passage(inner_html(element).strip(), Markup.HTML)


# Feedback


def _read_modal_feedback(item: _Item) -> None:
    for one in item.element.all("modalFeedback"):
        identifier, words = one.attributes.get("identifier", ""), " ".join(one.all_text.split())
        if one.attributes.get("showHide", "show") == "hide":
            if words:
                item.left.append(NotCarried(_("feedback that is shown unless a certain answer is given"), one.line))
        elif identifier.lower().startswith("incorrect") or words.lower() == identifier.lower():
            item.left.append(NotCarried(_("the feedback for right or wrong answers (“%s”)") % words[:100], one.line))
        elif _passage(one).text:
            item.modal.setdefault(identifier, []).append(_passage(one))


def _note_asides(item: _Item) -> None:
    inside = {id(one) for one in item.interaction.walk()}
    for one in item.body.walk():
        if one.name in _ASIDE and id(one) not in inside and one.all_text.strip():
            item.left.append(NotCarried(_("a part that is shown later (%s)") % one.name, one.line))


def _with_reference(item: _Item, question: ParsedQuestion) -> ParsedQuestion:
    """Return `question` with what is said to everybody after it, and with where it comes from if we wrote that."""
    said = [passage.text for passages in item.modal.values() for passage in passages]
    for one in item.body.walk():
        if one.name == "rubricBlock" and "candidate" not in one.attributes.get("view", "candidate"):
            said.append(inner_html(one).strip())
    ours = next((one for one in item.element.walk() if one.attributes.get("class") == PROVENANCE_CLASS), None)
    html = "".join(f"<div>{text}</div>" for text in said if text)
    if ours is not None:
        html = html.replace(outer_html(ours), "")
        question = from_provenance_lines(question, _lines(ours))
    return replace(question, reference=Passage(html, Markup.HTML) if re.sub(r"<[^<>]*>|\s", "", html) else None)


def _lines(element: Element) -> str:
    return "".join("\n" if not isinstance(child, str) else " ".join(child.split()) for child in element.children)


# Choices


def _choices(item: _Item, question: ParsedQuestion) -> ParsedQuestion:
    choices = [one for one in item.interaction.walk() if one.name in {"simpleChoice", "inlineChoice"}]
    if len(choices) < 2:
        raise ItemError(item.interaction.line, _("A choice question needs at least two choices."))
    keys = {one.attributes.get("identifier", "") for one in choices}
    if unknown := sorted(item.response.correct_values - keys):
        raise ItemError(item.response.line, _("The right answer “%s” is none of the choices.") % unknown[0][:100])
    single = item.response.cardinality == "single" or item.interaction.attributes.get("maxChoices", "1") == "1"
    right = item.response.right
    if not right:
        item.warnings.append((item.response.line, _("The item does not say which choice is right.")))
    if single and len(right) > 1:
        single = False
        words = _("Several choices are right, so this is read as a multiple choice question.")
        item.warnings.append((item.response.line, words))
    parsed = tuple(_choice(item, one, right, single=single) for one in choices)
    return replace(question, sort=Sort.SINGLE if single else Sort.MULTIPLE, choices=parsed)


def _choice(item: _Item, element: Element, right: frozenset[str], *, single: bool) -> ParsedChoice:
    key = element.attributes.get("identifier", "")
    words = "".join(_without(child, None) for child in element.children)
    inline = [_passage(one) for one in element.walk() if one.name in {"feedbackInline", "feedbackBlock"}]
    said = [one.text for one in (*inline, *item.modal.pop(key, ())) if one.text]
    percent = item.response.share(key, single=single)
    return ParsedChoice(
        text=Passage(words.strip(), Markup.HTML),
        correct=key in right,
        percent=percent if single is False or percent not in (None, 0.0, 100.0) else None,
        feedback=Passage(" ".join(dict.fromkeys(said)), Markup.HTML) if said else None,
        line=element.line,
        key=key,
    )


# Text and numbers


def _entry(item: _Item, question: ParsedQuestion) -> ParsedQuestion:
    response = item.response
    if response.base_type in {"float", "integer"}:
        numbers = tuple(_numbers(item))
        if not numbers:
            raise ItemError(response.line or item.interaction.line, _("The item does not say which number is right."))
        return replace(question, sort=Sort.NUMERIC, numbers=numbers)
    best = max(response.mapped.values(), default=0.0)
    accepted = [
        ParsedChoice(
            Passage(text, Markup.PLAIN), value > 0, 100 * value / best if best > 0 else 0.0, line=response.line
        )
        for text, value in response.mapped.items()
    ]
    known = set(response.mapped)
    accepted += [
        ParsedChoice(Passage(text, Markup.PLAIN), True, line=response.line)
        for text in response.correct
        if text not in known
    ]
    return replace(question, sort=Sort.SHORT, accepted=tuple(one for one in accepted if one.text.text.strip()))


def _numbers(item: _Item) -> Iterator[ParsedNumber]:
    tolerance, relative = tolerance_of(item.element, item.left)
    line = next((one for one in item.body.walk() if one.attributes.get("class") == ANSWER_CLASS), None)
    unit = " ".join(line.all_text.split()) if line else ""
    values: list[tuple[str, float | None]] = [(text, None) for text in item.response.correct[:1]]
    if not values:
        values = [(text, item.response.share(text, single=True)) for text in item.response.right]
    for text, percent in values:
        value = plain_number(text)
        if value is None:
            raise ItemError(item.response.line, _("“%s” is not a number.") % text[:40])
        width = abs(value) * tolerance / 100 if relative else tolerance
        yield ParsedNumber(value, width, unit, percent=percent, line=item.response.line)


def _open(item: _Item, question: ParsedQuestion) -> ParsedQuestion:
    return replace(question, sort=Sort.OPEN)


# Pairs


def _matching(item: _Item, question: ParsedQuestion) -> ParsedQuestion:
    sets = item.interaction.all("simpleMatchSet")
    words = {one.attributes.get("identifier", ""): one for group in sets for one in group.all("simpleAssociableChoice")}
    pairs = []
    for value in item.response.correct or tuple(item.response.right):
        left, _space, right = value.partition(" ")
        if left in words and right in words:
            shown = Passage(" ".join(words[right].all_text.split()), Markup.PLAIN)
            pairs.append(ParsedPair(_passage(words[left]), shown, words[left].line))
    if len(pairs) < 2:
        raise ItemError(item.interaction.line, _("A matching question needs at least two pairs that belong together."))
    return replace(question, sort=Sort.MATCHING, pairs=tuple(pairs))


_READERS: dict[str, Callable[[_Item, ParsedQuestion], ParsedQuestion]] = {
    "choiceInteraction": _choices,
    "inlineChoiceInteraction": _choices,
    "textEntryInteraction": _entry,
    "extendedTextInteraction": _open,
    "matchInteraction": _matching,
}
