"""Answers written to earn points without knowing anything, made from a question and its reference answer.

Pure and the same in every run. The limits are those a grader has to keep to on the mean of many questions.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from statistics import fmean
from typing import Any

from questions.content import Content
from sessions.evaluation import attack_texts
from sessions.evaluation.measuring import grade_with
from sessions.grading import text as texts
from sessions.grading.words import STOP_WORDS

LONG = 20_000  # characters
SEED = 1
FEWEST_WORDS_OF_A_CLAIM = 5

_AUXILIARIES = "is|are|was|were|am|can|could|will|would|shall|should|must|may|might|do|does|did|has|have|had"
_NEGATED = re.compile(rf"\b({_AUXILIARIES})(?:n['’]t\b| +not\b)", re.IGNORECASE)
# In a row such as "must have been" the first gets the "not".
_AUXILIARY = re.compile(rf"\b({_AUXILIARIES})\b(?!-)((?: (?:have|has|had|be|been|being)\b)*)", re.IGNORECASE)
_CONTRACTED = {"can": "can't", "will": "won't", "shall": "shan't", "am": "am not", "may": "may not"}
_COMMAND = re.compile(rf"^({attack_texts.VERBS})\b", re.IGNORECASE)
_PLURAL_AGENT = re.compile(
    rf"\b(?:(they|we|you|i)\s+([a-z]+)|([a-z]{{3,}}s)\s+({attack_texts.VERBS}))\b", re.IGNORECASE
)
_THIRD_PERSON = re.compile(rf"\b({attack_texts.VERBS})(e?s)\b", re.IGNORECASE)
_PAST = re.compile(rf"\b({attack_texts.VERBS})e?d\b(?! by\b)", re.IGNORECASE)
_OTHER_VERBS = (
    (_COMMAND, lambda match: f"Do not {match[1].lower()}"),
    (_THIRD_PERSON, lambda match: f"does not {match[1]}"),
    (_PAST, lambda match: f"did not {match[1]}"),
    (_PLURAL_AGENT, lambda match: f"{match[1] or match[3]} do not {match[2] or match[4]}"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """A question to be attacked: `other` is another one's reference, `others` are those of all others."""

    number: int
    content: Content
    other: str
    others: tuple[str, ...]

    @property
    def reference(self) -> str:
        return self.content.reference_answer

    def source(self) -> random.Random:
        return random.Random(SEED + self.number)  # noqa: S311 - repeatable, not secret


@dataclass(frozen=True, slots=True)
class Attack:
    """One way to write; `most` is the mean score (0..1) it may earn, None where none was set."""

    name: str
    write: Callable[[Target], str]
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attack earned: the mean and the highest score (0..1). `unread` answers were left to a reader."""

    name: str
    mean: float
    highest: float
    unread: int
    most: float | None

    @property
    def is_ok(self) -> bool | None:
        return None if self.most is None else self.mean <= self.most

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "ok": self.is_ok}


def targets(contents: Sequence[Content]) -> list[Target]:
    """Return each question with a stranger: one as far away in the file as can be, for neighbours may be alike."""
    count = len(contents)
    result = []
    for number, content in enumerate(contents):
        strange = [one.reference_answer for one in contents if one.prompt != content.prompt]
        away = contents[(number + count // 2) % count].reference_answer
        other = away if away in strange else (strange[0] if strange else "")
        result.append(Target(number, content, other, tuple(strange)))
    return result


def outcomes(attacked: Sequence[Target], grader: str | None = None) -> list[Outcome]:
    """Return what each attack earns on the mean of the targets, of which there is at least one."""
    return [_outcome(attack, attacked, grader) for attack in ATTACKS]


def _outcome(attack: Attack, attacked: Sequence[Target], grader: str | None) -> Outcome:
    grades = [grade_with(target.content, attack.write(target), grader) for target in attacked]
    points = [float(grade.points) for grade in grades]
    unread = sum(not grade.is_read for grade in grades)
    return Outcome(attack.name, fmean(points), max(points), unread, attack.most)


# How they are written


def keyword_list(text: str) -> str:
    """Return the words of `text` that carry meaning, each once, with commas between."""
    telling = (text[word.start : word.end] for word in texts.words(text) if word.form not in STOP_WORDS)
    return ", ".join(dict.fromkeys(telling))


def shuffled(text: str, source: random.Random) -> str:
    words = text.split()
    return " ".join(source.sample(words, len(words)))


def negated(text: str) -> str:
    """Return `text` with the claim of each sentence turned round, as far as rules without a parser can.

    A "not" that is there goes. Else each first auxiliary of a row of them gets "not", or "n't" in every other
    sentence; without any, a common verb in the third person, the past or after a pronoun is turned, and a sentence
    with no verb known is denied as a whole.
    """
    pieces, end = [], 0
    for number, sentence in enumerate(texts.sentences(text)):
        said = text[sentence.start : sentence.end]
        pieces += [text[end : sentence.start], _denied(said, contracts=number % 2 == 1)]
        end = sentence.end
    return "".join(pieces) + text[end:]


def _denied(sentence: str, *, contracts: bool) -> str:
    if "cannot" in sentence:
        return sentence.replace("cannot", "can")
    if _NEGATED.search(sentence):
        return _NEGATED.sub(r"\1", sentence)
    denied = _AUXILIARY.sub(lambda match: _with_not(match[1], contracts=contracts) + match[2], sentence)
    for pattern, replacement in _OTHER_VERBS:
        if denied == sentence:
            denied = pattern.sub(replacement, sentence, count=1)
    if denied != sentence:
        return denied
    denial = "Not" if len(sentence.split()) < FEWEST_WORDS_OF_A_CLAIM else "It is not true that"
    return f"{denial} {sentence[:1].lower()}{sentence[1:]}"


def _with_not(verb: str, *, contracts: bool) -> str:
    if not contracts:
        return f"{verb} not"
    short = _CONTRACTED.get(verb.lower(), f"{verb.lower()}n't")
    return short.capitalize() if verb[0].isupper() else short


@cache
def everyday(seed: int) -> str:
    """Return 20,000 characters of correct sentences about the house, the garden and the weather."""
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    said, length = [], 0
    while length < LONG:
        parts = [source.choice(choices) for choices in attack_texts.EVERYDAY]
        sentence = " ".join(parts) + "."
        said.append(sentence[0].upper() + sentence[1:])
        length += len(said[-1]) + 1
    return " ".join(said)[:LONG]


def _unrelated(target: Target) -> str:
    return everyday(target.number % 5)


def _with_answer_inside(target: Target) -> str:
    text = _unrelated(target)
    middle = text.index(". ", LONG // 2) + 1
    return f"{text[:middle]}\n\n{target.reference}\n\n{text[middle:]}"


def _of_others(target: Target) -> str:
    """Return other questions' references, repeated as often as it takes."""
    pool = list(target.others) or [""]
    target.source().shuffle(pool)
    whole = "\n\n".join(pool)
    return (f"{whole}\n\n" * (1 + LONG // (len(whole) + 2)))[:LONG]


def _half(text: str) -> str:
    words = text.split()
    return " ".join(words[: (len(words) + 1) // 2])


def _in_turn(choices: Sequence[str]) -> Callable[[Target], str]:
    return lambda target: choices[target.number % len(choices)]


ATTACKS: Sequence[Attack] = (
    Attack("the reference itself", lambda target: target.reference),
    Attack("empty", lambda _target: "", most=0.0),
    Attack("“I do not know”", lambda _target: "I do not know."),
    Attack("the question repeated once", lambda target: target.content.prompt, most=0.1),
    Attack("the question three times", lambda target: f"{target.content.prompt}\n" * 3, most=0.1),
    Attack("keyword list", lambda target: keyword_list(target.reference), most=0.45),
    Attack("shuffled words", lambda target: shuffled(target.reference, target.source()), most=0.55),
    Attack("negated reference", lambda target: negated(target.reference), most=0.55),
    Attack("another question's reference", lambda target: target.other),
    Attack("vague filler", _in_turn(attack_texts.FILLERS)),
    Attack("20,000 unrelated characters", _unrelated, most=0.2),
    Attack("20,000 of other references", _of_others, most=0.2),
    Attack("20,000 with the answer inside", _with_answer_inside),
    Attack("code", _in_turn(attack_texts.PROGRAMS)),
    Attack("another language", _in_turn(attack_texts.FOREIGN)),
    Attack("injection", _in_turn(attack_texts.INJECTIONS)),
    Attack(
        "injection and half the reference",
        lambda target: f"{_in_turn(attack_texts.INJECTIONS)(target)}\n\n{_half(target.reference)}",
    ),
)
