"""What may be kept of a reply: its shape checked, its quotes looked up in the answer, its words made plain.

Pure, and it believes nothing: a model invents quotes, repeats what an answer tells it to say, and writes mark-up. What
does not hold is left out and counted.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sessions.opinions.errors import NoOpinionError, RefusedByModelError

LONGEST_COMMENT = 300
LONGEST_OVERALL = 600
# How many beginnings of a JSON object are tried in a reply that is not one: enough for prose with braces in it.
BEGINNINGS = 20
# What begins like this was meant as an object; other braces are prose.
_MEANT_AS_OBJECT = re.compile(r"""\{\s*["']""")
# What shows no more than "a" or "to" is no evidence, and so is what repeats half the answer (in characters).
SHORTEST_QUOTE, LONGEST_QUOTE = 3, 2_000
# A place that is not inside a word: half a word may say the opposite of the whole.
_OUTSIDE_WORDS = r"(?:(?<!\w)|(?!\w))"


class PointStatus(StrEnum):
    FOUND = "found"
    PARTLY = "partly"
    NOT_FOUND = "not_found"
    CONTRADICTED = "contradicted"


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Message(_Lenient):
    content: str | None = None
    refusal: str | None = None


class _Choice(_Lenient):
    message: _Message
    finish_reason: str | None = None


class _Usage(_Lenient):
    total_tokens: Annotated[int, Field(gt=0, le=10**8)]


class _Completion(_Lenient):
    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: Any = None


class _Claim(_Lenient):
    key: str
    status: PointStatus
    quote: str | None = None
    comment: str | None = None


class _Reply(_Lenient):
    points: list[Any]
    overall: str | None = None


class CheckedPoint(BaseModel):
    """One key point. `status` is None where the model gave no verdict that holds; `quote` is `answer[start:end]`."""

    model_config = ConfigDict(frozen=True)

    key: str
    text: str
    status: PointStatus | None
    quote: str = ""
    start: int = -1
    end: int = -1
    comment: str = ""

    @property
    def lacks_evidence(self) -> bool:
        """Whether a verdict that needs words of the answer has none."""
        return self.status != PointStatus.NOT_FOUND and not self.quote


class CheckedOpinion(BaseModel):
    """What is left of a reply, in the order of the question's key points, and how much of it was left out."""

    model_config = ConfigDict(frozen=True)

    points: tuple[CheckedPoint, ...]
    overall: str
    dropped_quotes: int
    dropped_points: int

    def to_json(self) -> dict[str, Any]:
        """Return the opinion for a JSONField; `from_json` reads it."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, raw: Any) -> "CheckedOpinion":
        """Return the opinion that `to_json` wrote. Raises pydantic.ValidationError for anything else."""
        return cls.model_validate(raw)


# --- From bytes to the words of the model ------------------------------------------------------------------------


class Completion(_Lenient):
    """The words of a reply, "" where it has none, and the tokens it says it used, None where it does not say."""

    text: str
    is_refusal: bool
    is_cut_off: bool
    tokens: int | None


def read_completion(raw: bytes) -> Completion:
    """Return what a chat completion holds. Raises NoOpinionError for anything else."""
    try:
        completion = _Completion.model_validate(json.loads(raw.decode()))
    except (ValueError, RecursionError) as error:  # pydantic's and json's errors are ValueErrors too
        raise NoOpinionError("the reply is no chat completion") from error
    choice = completion.choices[0]
    return Completion(
        text=_spoken(choice.message.content or ""),
        is_refusal=bool(choice.message.refusal) or choice.finish_reason == "content_filter",
        is_cut_off=choice.finish_reason == "length",
        tokens=_tokens(completion.usage),
    )


def _spoken(content: str) -> str:
    """Return what a model says after it has thought aloud; elsewhere `</think>` is a word, of a quote for example."""
    said = content.strip()
    return said.partition("</think>")[2].strip() if said.startswith("<think>") else said


def _tokens(usage: Any) -> int | None:
    try:
        return _Usage.model_validate(usage).total_tokens
    except ValidationError:
        return None


# --- From the words to an opinion --------------------------------------------------------------------------------


def check(completion: Completion, *, key_points: Mapping[str, str], answer: str) -> CheckedOpinion:
    """Return what holds of a reply. Raises NoOpinionError where nothing does, RefusedByModelError for a refusal."""
    if completion.is_refusal:
        raise RefusedByModelError("the model refused")
    reply = _only_reply(completion)
    line = one_line(answer)
    claims, dropped_points = _usable(reply.points, key_points)
    points, dropped_quotes = [], 0
    for key, text in key_points.items():
        if (claim := claims.get(key)) is not None:
            point, dropped = _checked_point(claim, text, answer, line)
            points.append(point)
            dropped_quotes += dropped
    overall = plain(reply.overall, longest=LONGEST_OVERALL)
    if not points and not overall:
        raise NoOpinionError("the reply says nothing about the question")
    return CheckedOpinion(
        points=tuple(points), overall=overall, dropped_quotes=dropped_quotes, dropped_points=dropped_points
    )


def _only_reply(completion: Completion) -> _Reply:
    """Return the one JSON object in the words that has the shape of a reply.

    Refused where another says something else, or where an object cannot be read: a model may repeat a reply that the
    candidate put into the answer, before or after its own, and nothing tells which of the two it means.
    """
    objects = list(_objects(completion.text))
    replies: list[_Reply] = []
    for value in objects:
        try:
            reply = _Reply.model_validate(value)
        except ValidationError:
            continue
        if reply not in replies:
            replies.append(reply)
    if len(replies) == 1 and None not in objects:
        return replies[0]
    if completion.is_cut_off:
        raise NoOpinionError("the reply was cut off: OPINION_MAX_OUTPUT_TOKENS is too low for this model")
    if completion.text and "{" not in completion.text:
        raise RefusedByModelError("the model answered in prose")
    raise NoOpinionError(
        "the reply holds more than one opinion" if len(replies) > 1 else "the reply does not fit the schema"
    )


def _objects(text: str) -> Iterator[dict[str, Any] | None]:
    """Yield the JSON objects in `text`, which may stand among prose or inside a fence; None for what was not read."""
    decoder = json.JSONDecoder()
    position = text.find("{")
    for _ in range(BEGINNINGS):
        if position < 0:
            return
        try:
            value, end = decoder.raw_decode(text, position)
            yield value
        except (ValueError, RecursionError):
            if _MEANT_AS_OBJECT.match(text, position):
                yield None
            end = position + 1
        position = text.find("{", end)
    if position >= 0:
        yield None


def _usable(raw: Iterable[Any], known: Mapping[str, str]) -> tuple[dict[str, _Claim], int]:
    """Return one claim for each key that has one, and how many were left out: unreadable, unknown, said twice.

    A key with two different verdicts has none.
    """
    claims: dict[str, list[_Claim]] = {}
    count = 0
    for item in raw:
        count += 1
        try:
            claim = _Claim.model_validate(item)
        except ValidationError:
            continue
        if claim.key in known:
            claims.setdefault(claim.key, []).append(claim)
    agreed = {key: same[0] for key, same in claims.items() if len({claim.status for claim in same}) == 1}
    return agreed, count - len(agreed)


def _checked_point(claim: _Claim, text: str, answer: str, line: "OneLine") -> tuple[CheckedPoint, bool]:
    """Return a point with only what holds of it, and whether a quote was left out.

    Words that were not found prove nothing: "found" without them is no verdict.
    """
    quote = (claim.quote or "").strip()
    start, end = find_quote(quote, line)
    status: PointStatus | None = claim.status
    if status == PointStatus.FOUND and start < 0:
        status = None
    point = CheckedPoint(
        key=claim.key,
        text=text,
        status=status,
        quote=answer[start:end] if start >= 0 else "",
        start=start,
        end=end,
        comment=plain(claim.comment, longest=LONGEST_COMMENT),
    )
    return point, bool(quote) and start < 0


class OneLine(NamedTuple):
    """A text with one space for each stretch of white space, and where each character of it stood."""

    line: str
    places: list[int]


def find_quote(quote: str, answer: OneLine) -> tuple[int, int]:
    """Return where `quote` stands in the answer, word for word and in whole words, or (-1, -1).

    Only white space may differ: models put a line that was broken on one line. One longer than `LONGEST_QUOTE` is none.
    """
    wanted = " ".join(quote.split())
    if len(wanted) > LONGEST_QUOTE or sum(character.isalnum() for character in wanted) < SHORTEST_QUOTE:
        return -1, -1
    found = re.search(f"{_OUTSIDE_WORDS}{re.escape(wanted)}{_OUTSIDE_WORDS}", answer.line)
    return (answer.places[found.start()], answer.places[found.end() - 1] + 1) if found else (-1, -1)


def one_line(text: str) -> OneLine:
    """Return `text` as it is searched for quotes."""
    line: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if not character.isspace() or (line and line[-1] != " "):
            line.append(" " if character.isspace() else character)
            places.append(place)
    return OneLine("".join(line), places)


def plain(text: str | None, *, longest: int) -> str:
    """Return `text` on one line, without control and format characters, and cut to `longest` characters."""
    visible = "".join(
        character for character in text or "" if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    line = " ".join(visible.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
