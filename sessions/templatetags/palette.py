"""Template tags of the interview page: the palette, the number of a question, and the length of the whole clock.

Written in Python where the page needs many equal nodes: it is rendered while everybody's clock runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sessions import clock
from sessions.models import InterviewSession, SessionQuestion
from sessions.templatetags.interview import palette_state, state_words

register = template.Library()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question stands: follow-ups stand with their question and do not count."""

    number: int
    total: int
    anything_open: bool


def numbers(palette: Sequence[SessionQuestion]) -> list[int]:
    """Return the number of every entry; a follow-up has that of its question."""
    count, found = 0, []
    for entry in palette:
        count += not entry.is_follow_up
        found.append(count)
    return found


@register.simple_tag
def place_of(question: SessionQuestion, palette: Sequence[SessionQuestion]) -> Place:
    """Return where `question` stands among the questions asked so far."""
    found = numbers(palette)
    here = next(number for entry, number in zip(palette, found, strict=True) if entry.pk == question.pk)
    return Place(number=here, total=found[-1], anything_open=any(entry.answer.is_open for entry in palette))


@register.simple_tag
def palette_items(
    palette: Sequence[SessionQuestion], *, question: SessionQuestion, go_url: str, forward_only: bool = False
) -> SafeString:
    """Return the palette's list items: buttons that lead to their question, or signs where there is no way back."""
    item = _SIGN if forward_only else _BUTTON
    words = _Words()
    return SafeString(
        "\n".join(
            item.format(
                classes=_classes(entry),
                current=' aria-current="step"' if entry.pk == question.pk else "",
                sign=f"{number}+" if entry.is_follow_up else number,
                name=_name(entry, number),
                words=words[palette_state(entry), entry.flagged],
                go=go_url,
                pk=entry.pk,
            )
            for entry, number in zip(palette, numbers(palette), strict=True)
        )
    )


# What goes in here is escaped already, or made of digits, UUIDs and names of ours.
_BUTTON = (
    '<li><button class="palette__item {classes}" formaction="{go}" name="to" value="{pk}"'
    ' aria-label="{name} {words}"{current}>{sign}</button></li>'
)
_SIGN = (
    '<li><span class="palette__item {classes}"{current}>{sign}<span class="visually-hidden"> {words}</span></span></li>'
)


class _Words(dict[tuple[str, bool], str]):
    """The words for each state, looked up once however many questions are in it."""

    def __missing__(self, key: tuple[str, bool]) -> str:
        self[key] = escape(state_words(*key))
        return self[key]


def _classes(entry: SessionQuestion) -> str:
    state = f"palette__item--{palette_state(entry)}"
    return f"{state} palette__item--flagged" if entry.flagged else state


def _name(entry: SessionQuestion, number: int) -> str:
    return escape(_("%(n)d+ follow-up,") % {"n": number}) if entry.is_follow_up else str(number)


@register.filter
def total_ms(session: InterviewSession) -> int:
    """Return how long the whole clock of a timed session runs: its limit with all extra time."""
    seconds = clock.scaled_seconds(session.time_limit_seconds or 0, session.time_factor)
    return (seconds + session.extra_minutes * 60) * 1000
