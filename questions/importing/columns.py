"""What the columns of a table mean: our fields, the headings that people give them, and the best guess.

Pure tables and functions; `tables.py` reads the rows.
"""

import re
from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LETTERS = "abcdefghij"

# In the order in which they are offered, and in which our own tables have them.
FIELDS: dict[str, str | Promise] = {
    "slug": _("short name (slug)"),
    "area": _("area"),
    "topic": _("topic"),
    "title": _("title"),
    "kind": _("kind"),
    "format": _("format"),
    "difficulty": _("difficulty"),
    "time_limit_seconds": _("time in seconds"),
    "prompt": _("question"),
    "reference_answer": _("answer or explanation"),
    "key_points": _("key points (YAML)"),
    "choices": _("choices (YAML)"),
    "numeric_answer": _("number with its tolerance (YAML)"),
    "follow_ups": _("follow-up questions, one per line"),
    "misconceptions": _("misconceptions (YAML)"),
    "code": _("code (YAML)"),
    "guidance": _("guidance"),
    "strong_sample": _("strong sample"),
    "middling_sample": _("middling sample"),
    "tags": _("tags"),
    "licence": _("licence"),
    "author": _("author"),
    "source": _("source"),
    "correct": _("right choices (letters or texts)"),
    "number": _("right number"),
    "tolerance": _("tolerance"),
    "unit": _("unit"),
    "accepted": _("accepted answers, one per line"),
    **{f"choice_{letter}": _("choice %s") % letter.upper() for letter in LETTERS},
    **{f"explanation_{letter}": _("explanation of choice %s") % letter.upper() for letter in LETTERS},
}
# What our own export writes: everything a question says, without the simpler columns of other people's tables.
OWN = tuple(FIELDS)[: tuple(FIELDS).index("correct")]

_NAMES = {
    "slug": "slug short-name key",
    "area": "area section subject chapter domain",
    "topic": "topic category subtopic theme module skill",
    "title": "title name heading question-name question-title",
    "kind": "kind type question-type qtype",
    "format": "format",
    "difficulty": "difficulty level complexity",
    "time_limit_seconds": "time-limit-seconds time-limit seconds time time-in-seconds duration",
    "prompt": "prompt question question-text text stem q body problem",
    "reference_answer": "reference-answer answer model-answer a explanation solution general-feedback feedback",
    "key_points": "key-points points rubric",
    "choices": "choices options",
    "numeric_answer": "numeric-answer",
    "follow_ups": "follow-ups follow-up follow-up-questions",
    "misconceptions": "misconceptions",
    "code": "code",
    "guidance": "guidance hint notes",
    "strong_sample": "strong-sample strong-answer",
    "middling_sample": "middling-sample middling-answer",
    "tags": "tags tag keywords labels",
    "licence": "licence license",
    "author": "author creator written-by",
    "source": "source origin reference url",
    "correct": "correct correct-answer correct-answers right-answer answer-key correct-option correct-choice",
    "number": "number value correct-number numerical-answer numeric-value",
    "tolerance": "tolerance error margin",
    "unit": "unit units",
    "accepted": "accepted accepted-answers alternatives synonyms",
}
_BY_NAME = {name: field for field, names in _NAMES.items() for name in names.split()}
_CHOICE = re.compile(r"(?:choice|option|answer|alternative|distractor|antwort|opt|ans)?-?(?:([a-j])|(\d{1,2}))")
_EXPLANATION = re.compile(
    r"(?:explanation|feedback|rationale)-(?:of-|for-)?(?:choice-|option-|answer-)?(?:([a-j])|(\d{1,2}))"
)


def guess(headings: Sequence[str]) -> dict[str, str]:
    """Return the field that each heading most likely means, empty where none does; each field at most once."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    has_choices = sum(bool(_choice(_plain(heading))) for heading in headings) >= 2
    for heading in headings:
        field = _field(_plain(heading), has_choices=has_choices)
        found[heading] = "" if field in taken else field
        taken.add(field)
    return found


def _field(name: str, *, has_choices: bool) -> str:
    if name in {"answer", "solution", "key", "answers"} and has_choices:
        return "correct"
    if has_choices and (field := _choice(name)):
        return field
    if match := _EXPLANATION.fullmatch(name):
        return f"explanation_{_letter(match)}" if _letter(match) else ""
    return _BY_NAME.get(name, "")


def _choice(name: str) -> str:
    match = _CHOICE.fullmatch(name)
    return f"choice_{_letter(match)}" if match and _letter(match) else ""


def _letter(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    number = int(match[2])
    return LETTERS[number - 1] if 1 <= number <= len(LETTERS) else ""


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.casefold()).strip("-")


def usable(chosen: Mapping[str, str] | None, headings: Sequence[str]) -> dict[str, str]:
    """Return the person's choice for each heading, where there is one, and the guess for the others."""
    fields = guess(headings)
    for heading, field in (chosen or {}).items():
        if heading in fields and (field in FIELDS or field == ""):
            fields[heading] = field
    return fields
