"""What makes a question weak although it is complete: said while it is written, and demanded of the shipped bank.

Pure functions of one content; `questions.similarity` compares contents with each other, and what needs a grader is
checked by `sessions.bank_quality`. The figures of the lengths are our house rules, not findings.
"""

import re
from collections.abc import Iterator

import snowballstemmer
from django.utils.translation import gettext as _

from questions.arithmetic import ArithmeticTextError, evaluate
from questions.content import Content, Format, KeyPoint, Kind, Problem, alternatives

READING_WORDS_PER_MINUTE = 200
LONGEST_TITLE = 70
# Of a key point's own words; above this share the prompt has given the point away.
RESTATED_FROM = 0.8
# Seconds that are plausible for what a question asks for, reading included.
PLAUSIBLE_SECONDS: dict[Kind | Format, tuple[int, int]] = {
    Kind.SINGLE: (30, 240),
    Kind.MULTIPLE: (40, 300),
    Kind.NUMERIC: (60, 480),
    Format.EXPLANATION: (90, 600),
    Format.BEHAVIOURAL: (120, 600),
    Format.CODING: (240, 1_800),
    Format.WHITEBOARD: (300, 1_800),
    Format.DESIGN: (480, 2_700),
}
STAR_PARTS = ("Situation", "Task", "Action", "Result")
FEWEST_SECTIONS = 3
FEWEST_CASES = 4

_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_LITTLE_TEXT = """
    a an the this that these those it its and or but nor so if then than as because since while although of in on at by
    to for from with into onto over under between among through before after above below within across per is are was
    were be been being do does did has have had will would can could may might should not no only also very more most
    less least both each every either some any all few such same other another which what when where who how why they
    them their there one you your we our i he she his her
    """
_LITTLE = frozenset(_LITTLE_TEXT.split())
_stem = snowballstemmer.stemmer("english").stemWord


def weaknesses(content: Content) -> list[Problem]:
    """Return everything that should be better about `content`, each with the field it is about."""
    checks = {
        Kind.OPEN: _open_weaknesses,
        Kind.SINGLE: _choice_weaknesses,
        Kind.MULTIPLE: _choice_weaknesses,
        Kind.NUMERIC: _numeric_weaknesses,
    }
    return [*_general(content), *checks[content.kind](content)]


def _general(content: Content) -> Iterator[Problem]:
    if len(content.title) > LONGEST_TITLE:
        yield Problem("title", _("is longer than %d characters") % LONGEST_TITLE)
    if not 1 <= len(content.follow_ups) <= 3:
        yield Problem("follow_ups", _("one to three questions that an interviewer asks next are useful"))
    yield from _time(content)


def _time(content: Content) -> Iterator[Problem]:
    low, high = PLAUSIBLE_SECONDS[content.format if content.kind == Kind.OPEN else content.kind]
    reading = round(60 * _words_to_read(content) / READING_WORDS_PER_MINUTE)
    seconds = content.time_limit_seconds
    if not low <= seconds <= high:
        words = {"low": low, "high": high}
        yield Problem("time_limit_seconds", _("%(low)d to %(high)d seconds are usual for such a question") % words)
    elif seconds < 1.5 * reading:
        yield Problem("time_limit_seconds", _("reading alone takes about %d seconds") % reading)


def _words_to_read(content: Content) -> int:
    given = [content.prompt, *(choice.text for choice in content.choices)]
    if content.code:
        given.append(content.code.starter)
    return sum(len(text.split()) for text in given)


# Open questions


def _open_weaknesses(content: Content) -> Iterator[Problem]:
    if not 4 <= len(content.key_points) <= 8:
        yield Problem("key_points", _("four to eight points can be checked and remembered"))
    asked = stems(content.prompt)
    for number, point in enumerate(content.key_points, 1):
        field = f"key_points[{number}]"
        if not (0 if point.any_of else 2) <= len(point.accepted) <= 5:
            yield Problem(f"{field}.accepted", _("two to five phrasings let other words count"))
        own = stems(point.text)
        if own and len(own & asked) / len(own) >= RESTATED_FROM:
            yield Problem(f"{field}.text", _("says little that the question does not say already"))
        said = [" ".join(text.casefold().split()) for text in (point.text, *point.accepted)]
        if len(set(said)) < len(said):
            yield Problem(f"{field}.accepted", _("the same phrasing stands here twice"))
        yield from _demands(field, point, asked)
    if not content.misconceptions:
        yield Problem("misconceptions", _("name at least one thing people get wrong, and why it is wrong"))
    for name in ("strong_sample", "middling_sample"):
        if not getattr(content, name):
            yield Problem(name, _("a sample shows what such an answer sounds like"))
    yield from _FORMATS.get(content.format, _nothing)(content)


def _demands(field: str, point: KeyPoint, asked: set[str]) -> Iterator[Problem]:
    """Yield what is odd about the terms and items of a point; `asked` are the stems of the question."""
    said = " ".join((point.text, *point.accepted, *(point.any_of.items if point.any_of else ())))
    for number, term in enumerate(point.required, 1):
        if not any(_says(said, way) for way in alternatives(term)):
            yield Problem(f"{field}.required[{number}]", _("stands neither in the idea nor in a phrasing of it"))
    seen: set[str] = set()
    for number, item in enumerate(point.any_of.items if point.any_of else (), 1):
        ways = {" ".join(way.casefold().split()) for way in alternatives(item)}
        if any((own := stems(way)) and own <= asked for way in ways):
            yield Problem(f"{field}.any_of.items[{number}]", _("stands in the question already"))
        if ways & seen:
            yield Problem(f"{field}.any_of.items[{number}]", _("is among these items twice"))
        seen |= ways
    if any(" ".join(phrase.casefold().split()) in seen for phrase in point.accepted):
        yield Problem(f"{field}.accepted", _("one of the items stands here, and would count as all that are needed"))


def _says(text: str, term: str) -> bool:
    """Whether `text` has the words of `term`, in whatever form; a term of little words alone, letter by letter."""
    own = stems(term)
    return own <= stems(text) if own else term.casefold() in text.casefold()


def stems(text: str) -> set[str]:
    """Return the stems of the words of `text` that carry meaning."""
    return {_stem(word) for word in _WORD.findall(text.casefold()) if word not in _LITTLE}


def _nothing(content: Content) -> Iterator[Problem]:
    return iter(())


def _coding(content: Content) -> Iterator[Problem]:
    if content.code is None:
        yield Problem("code", _("a coding question needs a starter, a solution and its cases"))
    elif len(content.code.cases) < FEWEST_CASES:
        yield Problem("code.cases", _("at least %d cases tell a right solution from a lucky one") % FEWEST_CASES)


def _behavioural(content: Content) -> Iterator[Problem]:
    missing = [part for part in STAR_PARTS if part.casefold() not in content.guidance.casefold()]
    if missing:
        yield Problem("guidance", _("should say what belongs into: %s") % ", ".join(missing))
    for word in ("strong", "weak"):
        if word not in content.guidance.casefold():
            yield Problem("guidance", _("should say what a %s answer sounds like") % word)


def _design(content: Content) -> Iterator[Problem]:
    if len(re.findall(r"^#{3,} ", content.reference_answer, re.MULTILINE)) < FEWEST_SECTIONS:
        yield Problem("reference_answer", _("a design is read by its sections: use headings “### …”"))
    if "trade-off" not in content.reference_answer.casefold():
        yield Problem("reference_answer", _("should name the trade-offs"))


def _whiteboard(content: Content) -> Iterator[Problem]:
    if not content.guidance:
        yield Problem("guidance", _("should say what to draw, and in which order"))


_FORMATS = {
    Format.CODING: _coding,
    Format.BEHAVIOURAL: _behavioural,
    Format.DESIGN: _design,
    Format.WHITEBOARD: _whiteboard,
}


# Choices and numbers


def _choice_weaknesses(content: Content) -> Iterator[Problem]:
    choices = content.choices
    correct = sum(choice.correct for choice in choices)
    if not 4 <= len(choices) <= 5:
        yield Problem("choices", _("four or five choices leave little to guess"))
    if correct == len(choices) or (content.kind == Kind.MULTIPLE and correct < 2):
        yield Problem("choices", _("a multiple choice question needs two right choices and a wrong one"))
    if len({choice.text.casefold() for choice in choices}) < len(choices):
        yield Problem("choices", _("the same choice stands here twice"))


def _numeric_weaknesses(content: Content) -> Iterator[Problem]:
    answer = content.numeric_answer
    assert answer is not None, "a number question has its number"
    if answer.value and answer.tolerance > abs(answer.value) * 0.1:
        yield Problem("numeric_answer.tolerance", _("is more than a tenth of the value"))
    if not answer.expression:
        yield Problem("numeric_answer.expression", _("an expression lets the number be worked out again"))
        return
    try:
        value = evaluate(answer.expression)
    except ArithmeticTextError as error:
        yield Problem("numeric_answer.expression", str(error))
        return
    # Half of what candidates may be off: a rounded value still leaves them their room.
    if abs(value - answer.value) > max(answer.tolerance / 2, 1e-9 * abs(answer.value)):
        yield Problem(
            "numeric_answer.expression",
            _("gives %(got)s, not %(value)s") % {"got": f"{value:.6g}", "value": f"{answer.value:.6g}"},
        )
