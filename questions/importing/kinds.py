"""What each sort of question in other systems becomes here, and what of it is lost on the way.

A short answer whose answers are all the same number becomes a number; any other becomes an open question with one key
point, whose accepted phrasings are the answers. A matching question becomes an open question with one key point for
each pair. Pure functions of one parsed question.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questions.content import Kind
from questions.importing.base import ParsedChoice, ParsedNumber, ParsedQuestion, Passage, Sort
from questions.importing.html import line_of, markdown_of

MOST_PHRASINGS = 40


@dataclass(slots=True)
class Answer:
    """The part of a question that depends on its sort, by the names of `Content`'s fields."""

    values: dict[str, Any]
    # What the question itself says of its answer, where it has no general feedback.
    reference: str = ""
    after_prompt: str = ""
    lost: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def answered(answer: Answer, parsed: ParsedQuestion, lost: list[str]) -> dict[str, Any]:
    """Return the values of an answer with its reference: the file's own words, or else what the answer says."""
    general = markdown_of(parsed.reference, lost) if parsed.reference else ""
    alone = bool(general) and (parsed.whole_reference or answer.values["kind"] == Kind.OPEN)
    parts = [general] if alone else [answer.reference, general]
    return {**answer.values, "reference_answer": "\n\n".join(part for part in parts if part)}


# Choices


def _choices(parsed: ParsedQuestion) -> Answer:
    answer = Answer({})
    right = _right_choices(parsed, answer)
    keys = _keys(parsed.choices)
    choices, unexplained = [], 0
    for number, (key, choice) in enumerate(zip(keys, parsed.choices, strict=True)):
        explanation = line_of(choice.feedback, answer.lost) if choice.feedback else ""
        unexplained += not explanation
        correct = number in right
        choices.append(
            {
                "key": key,
                "text": line_of(choice.text, answer.lost),
                "correct": correct,
                "explanation": explanation or (_("Correct.") if correct else _("Not correct.")),
            }
        )
    if unexplained:
        words = ngettext(
            "%d choice has no explanation; it only says whether it is right.",
            "%d choices have no explanation; they only say whether they are right.",
            unexplained,
        )
        answer.warnings.append(words % unexplained)
    kind = Kind.MULTIPLE if parsed.sort == Sort.MULTIPLE else Kind.SINGLE
    answer.values = {"kind": kind.value, "choices": choices}
    answer.reference = _right_texts(choices)
    return answer


def _right_choices(parsed: ParsedQuestion, answer: Answer) -> set[int]:
    """Return the places of the right choices. In a single choice question what is worth less than all is not right."""
    right = {number for number, choice in enumerate(parsed.choices) if choice.correct}
    if parsed.sort == Sort.SINGLE and len(right) > 1:
        best = max((parsed.choices[number].percent or 100.0) for number in right)
        right = {number for number in right if (parsed.choices[number].percent or 100.0) == best}
    shares = [choice.percent for choice in parsed.choices if choice.percent not in (None, 0.0, 100.0)]
    if parsed.sort == Sort.MULTIPLE:
        # Equal shares of the right ones, and wrong ones that cost the same, are how several are graded here too.
        positive = {share for share in shares if share and share > 0}
        usual = {*positive, *(-share for share in positive)}
        shares = [share for share in shares if share and share not in usual] if len(positive) <= 1 else shares
    if shares:
        answer.lost.append(_("weights of choices (%s)") % ", ".join(f"{share:g} %" for share in shares if share))
    return right


def _keys(choices: Sequence[ParsedChoice]) -> list[str]:
    own = [re.sub(r"[^a-z0-9-]+", "-", choice.key.lower()).strip("-")[:60] for choice in choices]
    if all(own) and len(set(own)) == len(own):
        return own
    return [chr(ord("a") + number) if number < 26 else f"choice-{number + 1}" for number in range(len(choices))]


def _right_texts(choices: Sequence[dict[str, Any]]) -> str:
    right = [choice["text"] for choice in choices if choice["correct"]]
    return right[0] if len(right) == 1 else "\n".join(f"- {text}" for text in right)


# Text and numbers


def _open(parsed: ParsedQuestion) -> Answer:
    return Answer({"kind": Kind.OPEN.value})


def _short(parsed: ParsedQuestion) -> Answer:
    full = [choice for choice in parsed.accepted if choice.correct and choice.percent in (None, 100.0)]
    full = full or [choice for choice in parsed.accepted if choice.correct]
    numbers = [_number(choice.text.text) for choice in full]
    if numbers and None not in numbers and len(set(numbers)) == 1:
        value = next(number for number in numbers if number is not None)
        answer = Answer({"kind": Kind.NUMERIC.value, "numeric_answer": {"value": value, "tolerance": 0.0, "unit": ""}})
        answer.reference = _with_feedback(f"{value:g}", full[0].feedback, answer)
    else:
        answer = _one_point(full)
    for choice in parsed.accepted:
        if choice not in full:
            share = f" ({choice.percent:g} %)" if choice.percent is not None else ""
            answer.lost.append(
                _("the answer “%s”, which is right only in part or not at all") % (_words(choice) + share)
            )
    return answer


def _one_point(accepted: Sequence[ParsedChoice]) -> Answer:
    answer = Answer({"kind": Kind.OPEN.value})
    phrases = list(dict.fromkeys(_words(choice) for choice in accepted))
    if any("*" in choice.text.text for choice in accepted):
        answer.lost.append(_("the stars in accepted answers, which stand for any letters"))
    phrases = [phrase for phrase in phrases if phrase]
    if not phrases:
        return answer
    if len(phrases) > MOST_PHRASINGS:
        answer.lost.append(_("%d more accepted answers") % (len(phrases) - MOST_PHRASINGS))
        phrases = phrases[:MOST_PHRASINGS]
    answer.values["key_points"] = [{"key": "answer", "text": phrases[0], "weight": 3, "accepted": phrases[1:]}]
    answer.reference = _with_feedback(phrases[0], accepted[0].feedback, answer)
    return answer


def _words(choice: ParsedChoice) -> str:
    return " ".join(re.sub(r"(?<!\\)\\?\*", " ", line_of(choice.text, [])).split())


def _number(text: str) -> float | None:
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _with_feedback(words: str, feedback: Passage | None, answer: Answer) -> str:
    more = markdown_of(feedback, answer.lost) if feedback else ""
    return f"{words}\n\n{more}" if more else words


def _numeric(parsed: ParsedQuestion) -> Answer:
    answer = Answer({"kind": Kind.NUMERIC.value})
    full = [number for number in parsed.numbers if number.percent in (None, 100.0)]
    if not full:
        full = sorted(
            (number for number in parsed.numbers if (number.percent or 0) > 0),
            key=lambda number: -(number.percent or 0),
        )
    if full:
        chosen = full[0]
        answer.values["numeric_answer"] = {
            "value": chosen.value,
            "tolerance": abs(chosen.tolerance),
            "unit": chosen.unit,
        }
        answer.reference = _with_feedback(_spoken(chosen), chosen.feedback, answer)
    for number in parsed.numbers:
        if not full or number is not full[0]:
            answer.lost.append(_("the other number %s") % (_spoken(number) + _share(number)))
    return answer


def _spoken(number: ParsedNumber) -> str:
    words = f"{number.value:.10g}"
    if number.tolerance:
        words += f" ± {number.tolerance:.6g}"
    return f"{words} {number.unit}".strip()


def _share(number: ParsedNumber) -> str:
    return f" ({number.percent:g} %)" if number.percent is not None else ""


# Matching


def _matching(parsed: ParsedQuestion) -> Answer:
    """Ask to match in words: both sides are listed, the right one by the alphabet, so that it gives nothing away."""
    answer = Answer({"kind": Kind.OPEN.value})
    pairs = [
        (line_of(pair.left, answer.lost), line_of(pair.right, answer.lost))
        for pair in parsed.pairs
        if pair.left is not None and pair.left.text.strip()
    ]
    offered = sorted({line_of(pair.right, []) for pair in parsed.pairs}, key=str.casefold)
    if pairs:
        left = "\n".join(f"- {text}" for text, _right in pairs)
        right = "\n".join(f"- {text}" for text in offered)
        answer.after_prompt = "\n\n" + _("Match these:") + f"\n\n{left}\n\n" + _("with these:") + f"\n\n{right}"
        answer.values["key_points"] = [
            {"key": f"pair-{number}", "text": f"{left}: {right}", "weight": 2, "accepted": []}
            for number, (left, right) in enumerate(pairs, 1)
        ]
        answer.reference = "\n".join(f"- {left}: {right}" for left, right in pairs)
        answer.lost.append(
            _("the form of a matching question: it is asked as an open question, with a point for each pair")
        )
    return answer


KINDS: dict[Sort, Callable[[ParsedQuestion], Answer]] = {
    Sort.OPEN: _open,
    Sort.SINGLE: _choices,
    Sort.MULTIPLE: _choices,
    Sort.TRUE_FALSE: _choices,
    Sort.SHORT: _short,
    Sort.NUMERIC: _numeric,
    Sort.MATCHING: _matching,
}
