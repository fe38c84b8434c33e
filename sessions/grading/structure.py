"""The structure that a format asks for: the STAR parts of a story, the sections of a system design.

Recognised by the turns of phrase that open or carry such a part, so it says that a part seems to be there, and where;
never how good it is. Structure comes first for these formats, the key points second.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from questions.content import Format
from sessions.grading.results import Finding, FindingKind
from sessions.grading.text import Sentence


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an answer: its key, its name, what to say when it seems to be missing, and how it is recognised."""

    key: str
    name: Promise
    advice: Promise
    signs: re.Pattern[str]


def _signs(*turns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(turns)})", re.IGNORECASE)


_FIGURE = re.compile(
    r"\d|\b(?:half|twice|double[ds]?|tripled?|third|quarter|zero|dozens?|hundreds?|thousands?|percent)\b", re.IGNORECASE
)
_TOLD_AS_RESULT = _signs(
    r"as a result",
    r"in the end",
    r"result(?:ed|s|ing)?\b",
    r"outcome",
    r"led to",
    r"eventually",
    r"ended up",
    r"afterwards",
    r"reduced",
    r"increased",
    r"improved",
    r"saved",
    r"dropped",
    r"fell (?:from|to|by)",
    r"rose (?:from|to|by)",
    r"went (?:from|up|down)",
    r"grew",
    r"cut (?:the|our|it|by)",
    r"shipped",
    r"launched",
    r"went live",
    r"adopted",
    r"since then",
    r"we hit",
    r"met the deadline",
    r"learn(?:ed|t)",
    r"today (?:we|the|it)",
)

# Possessive, and not from the middle of one: linear on 64 kB of "1.1.1".
_NUMBER = r"(?<![\d.,])\d[\d.,]*+\s*+"

_STORY = (
    Part(
        "situation",
        _("Situation"),
        _("Say when and where it was, in a sentence or two."),
        _signs(
            r"when (?:i|we|my|our)\b",
            r"at my",
            r"in my (?:last|previous|first|current|old)",
            r"last (?:year|spring|summer|autumn|fall|winter|month|quarter)",
            r"(?:a|two|three|four|some|few) (?:\w+ )?years? ago",
            r"in (?:19|20)\d\d",
            r"while (?:i|we|working)",
            r"i (?:was|worked|joined|led) (?:at|on|in|for|as|a|the)",
            r"we (?:had|were|ran|were running)",
            r"our team",
            r"my team",
            r"at the time",
            r"at a (?:company|start|bank|previous|former|small|large)",
            r"there was",
        ),
    ),
    Part(
        "task",
        _("Task"),
        _("Say what was asked of you, or what you set out to do."),
        _signs(
            r"my (?:task|job|role|goal|part|aim|responsibility)",
            r"i (?:was|am) (?:responsible|asked|in charge|supposed|to )",
            r"i had to",
            r"i (?:needed|wanted|was trying) to",
            r"(?:the|our) (?:goal|aim|task|target|plan|deadline) was",
            r"asked me",
            r"we (?:had|needed|wanted) to",
            r"it was (?:up to|on) me",
            r"i (?:owned|took on|was given)",
        ),
    ),
    Part(
        "action",
        _("Action"),
        _("Say what you yourself did: sentences with “I”."),
        _signs(
            r"(?:so|then|first|next|instead|after that|finally),? i\b",
            r"i (?:\w+ly )?(?:(?!need\b|indeed\b)\w{2,}ed|built|wrote|made|ran|took|went|held|set|put|gave|told|sat)\b",
            r"i (?:\w+ly )?(?:spoke|met|led|chose|sent|drew|kept|brought|began|cut|split|drove|got|did|read|taught)\b",
            r"i (?:\w+ly )?(?:found|said)\b",
        ),
    ),
    Part("result", _("Result"), _("Say how it ended, and what you took from it."), _TOLD_AS_RESULT),
)

_DESIGN = (
    Part(
        "requirements",
        _("Requirements"),
        _("Ask or assume what it must do, for whom, and what it need not do."),
        _signs(
            r"requirements?",
            r"i(?:'d| would)? (?:assume|clarify|ask)",
            r"assum(?:e|ing|ption)",
            r"scope\b",
            r"use cases?",
            r"goals?\b",
            r"the (?:users?|business) (?:need|want)",
            r"constraints?",
            r"must (?:not )?\w+",
        ),
    ),
    Part(
        "scale",
        _("Scale"),
        _("Estimate load, data and latency in numbers."),
        _signs(
            rf"{_NUMBER}(?:k|m|b|million|billion|thousand|qps|rps|ms|gb|tb|mb|kb|requests|users|queries)\b",
            rf"{_NUMBER}(?:events|items|rows|seconds?|per (?:second|day|hour))\b",
            r"per second",
            r"throughput",
            r"qps\b",
            r"estimate",
        ),
    ),
    Part(
        "data",
        _("Data"),
        _("Say where the data and the labels come from and how they are kept."),
        _signs(
            r"data\b",
            r"labels?",
            r"features?\b",
            r"logs?\b",
            r"schema",
            r"tables?\b",
            r"stor(?:e|age)",
            r"databases?",
            r"pipelines?",
        ),
    ),
    Part(
        "approach",
        _("Approach"),
        _("Name the components or the model, and why these."),
        _signs(
            r"models?\b",
            r"baseline",
            r"components?",
            r"architecture",
            r"services?\b",
            r"retriev\w+",
            r"rank\w*",
            r"candidates?",
            r"classifier",
            r"embedding\w*",
            r"queue",
            r"cache\w*",
            r"index\w*",
        ),
    ),
    Part(
        "serving",
        _("Serving"),
        _("Say how it answers requests: online or in batches, how fast, how it is rolled out."),
        _signs(
            r"serv(?:e|ed|ing)",
            r"latency",
            r"online",
            r"batch",
            r"deploy\w*",
            r"rollout",
            r"roll(?:ed)? out",
            r"real[- ]time",
            r"endpoint",
            r"api\b",
            r"canary",
            r"shadow",
        ),
    ),
    Part(
        "evaluation",
        _("Evaluation"),
        _("Say how you would know that it works, offline and live."),
        _signs(
            r"evaluat\w+",
            r"metrics?",
            r"a/b",
            r"experiment",
            r"offline",
            r"precision",
            r"recall\b",
            r"auc\b",
            r"ndcg\b",
            r"hold-?out",
            r"test set",
            r"measure",
        ),
    ),
    Part(
        "operation",
        _("Operation"),
        _("Say what can fail or drift, how you notice, and what happens then."),
        _signs(
            r"monitor\w*",
            r"drift",
            r"alert\w*",
            r"fail(?:s|ure|over|ed)?\b",
            r"fall(?:s)? ?back",
            r"retrain\w*",
            r"dashboard",
            r"on-?call",
            r"degrad\w+",
            r"abuse",
            r"privacy",
        ),
    ),
    Part(
        "trade-offs",
        _("Trade-offs"),
        _("Name what your choice costs and what you would do otherwise with other needs."),
        _signs(
            r"trade-?offs?",
            r"at the (?:cost|price|expense)",
            r"downsides?",
            r"drawbacks?",
            r"instead of",
            r"rather than",
            r"alternatives?",
            r"on the other hand",
            r"in exchange",
            r"i would (?:not|avoid)",
            r"worth (?:it|the)",
            r"cheaper",
            r"simpler",
        ),
    ),
)

PARTS = {Format.BEHAVIOURAL: _STORY, Format.DESIGN: _DESIGN}
NUMBERS = "numbers"


def parts(form: Format, body: str, sentences: Sequence[Sentence]) -> tuple[Finding, ...]:
    """Return for each part of the format whether it seems to be there, and the first sentence that shows it."""
    wanted = PARTS.get(form, ())
    if not wanted or not sentences:
        return ()
    said = [(body[sentence.start : sentence.end], sentence) for sentence in sentences]
    found = [_finding(part.key, str(part.name), str(part.advice), _first(part.signs, said)) for part in wanted]
    if form == Format.BEHAVIOURAL:
        found.append(_numbers(said))
    return tuple(found)


def _numbers(said: Sequence[tuple[str, Sentence]]) -> Finding:
    """Look for a figure where the result is told: in its sentences, or else in the last third of the story."""
    told = [pair for pair in said if _TOLD_AS_RESULT.search(pair[0])] + list(said[len(said) * 2 // 3 :])
    return _finding(
        NUMBERS,
        str(_("Numbers in the result")),
        str(_("Say by how much: a figure makes a result.")),
        _first(_FIGURE, told),
    )


def _first(signs: re.Pattern[str], said: Sequence[tuple[str, Sentence]]) -> tuple[str, Sentence] | None:
    return next((pair for pair in said if signs.search(pair[0])), None)


def _finding(key: str, name: str, advice: str, place: tuple[str, Sentence] | None) -> Finding:
    if place is None:
        return Finding(FindingKind.PART, key, name, is_present=False, note=advice)
    text, sentence = place
    return Finding(FindingKind.PART, key, name, evidence=text, start=sentence.start, end=sentence.end)
