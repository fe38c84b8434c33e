"""Template tags of the bank browser: the lines of its table, the boxes of its filters, and the links to many values.

A list has fifty of the one and a hundred of the other, so they are put together here: a template takes ten times as
long, and `format_html` three times. So everything that is not ours or marked up already passes `escape` by name.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from html import escape

from django import template
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from questions.browsing import FilterGroup, Row, Value, Words
from questions.searching import TopicOption

register = template.Library()

_CURRENT = ' aria-current="true"'


@register.simple_tag
def bank_rows(rows: list[Row]) -> SafeString:
    """Return the lines of the table."""
    # One address is looked up, and the others differ in the id alone.
    address = reverse("bank:peek", args=[rows[0].pk]).replace(str(rows[0].pk), "{}") if rows else ""
    language = get_language()
    return mark_safe("\n".join(_row(row, address.format(row.pk), language) for row in rows))  # noqa: S308  _row escapes


def _row(row: Row, address: str, language: str | None) -> str:
    pk, current = str(row.pk), _CURRENT if row.is_open else ""
    excerpt = f'<span class="bank__excerpt">{row.excerpt}</span>' if row.excerpt else ""
    cells, badges = _said(row.words)
    return (
        f'<tr id="q-{pk}"{current}>'
        f'<td class="bank__tick"><input type="checkbox" name="chosen" value="{pk}" aria-labelledby="t-{pk}"></td>'
        f'<td class="bank__question"><a id="t-{pk}" href="{address}">{row.title}</a>{excerpt}</td>'
        f'<td class="bank__wide">{escape(row.topic)}</td>{cells}<td>{badges}{_badge(row.flags, "warn")}</td>'
        f'<td class="bank__wide number"><time datetime="{row.changed_at.isoformat(timespec="seconds")}">'
        f"{_day(row.changed_at.date(), language)}</time></td></tr>"
    )


@lru_cache(maxsize=1_024)
def _said(words: Words) -> tuple[str, str]:
    """Return the cells of kind and difficulty, and what begins the cell of the status."""
    status = _badge(words.status, words.tone) if words.tone else f'<span class="muted">{escape(words.status)}</span>'
    return (
        f'<td class="bank__wide">{escape(words.kind)}</td><td class="bank__wide">{escape(words.difficulty)}</td>',
        status + _badge(words.draft, "muted"),
    )


def _badge(words: str, tone: str) -> str:
    return f' <span class="badge badge--{tone}">{escape(words)}</span>' if words else ""


@lru_cache(maxsize=4_096)
def _day(day: date, _language: str | None) -> str:
    return escape(date_format(day, "j M Y"))


@register.simple_tag
def filter_boxes(group: FilterGroup) -> SafeString:
    """Return the boxes of one filter. Each id says a box's place, by which it keeps the focus."""
    boxes = [
        _box(group.name, option.value, option.label, option.count, option.is_chosen, place)
        for place, option in enumerate(group.options, 1)
    ]
    return mark_safe("".join(f"<li>{box}</li>" for box in boxes))  # noqa: S308  _box escapes


@register.simple_tag
def area_boxes(areas: Sequence[TopicOption]) -> SafeString:
    """Return the boxes of the areas, each with those of its topics where it is open."""
    return mark_safe("".join(f"<li>{_topic_box('area', area)}{_below(area)}</li>" for area in areas))  # noqa: S308  as above


def _below(area: TopicOption) -> str:
    boxes = [f"<li>{_topic_box('topic', topic)}</li>" for topic in area.topics] if area.is_open else []
    return f'<ul role="list">{"".join(boxes)}</ul>' if area.is_open else ""


def _topic_box(name: str, option: TopicOption) -> str:
    slug = option.topic.slug
    return _box(name, slug, option.topic.name, option.count, option.is_chosen, slug)


def _box(name: str, value: str, label: str, count: int, is_chosen: bool, place: int | str) -> str:
    """Return one box of a filter with the number beside it."""
    field, checked = f"f-{name}-{place}", " checked" if is_chosen else ""
    return (
        f'<label for="{field}"><input type="checkbox" id="{field}" name="{name}" value="{escape(value)}"{checked}>'
        f' {escape(label)} <span class="bank__count">{count}</span></label>'
    )


@register.simple_tag
def value_links(values: list[Value]) -> SafeString:
    """Return the values of a filter that has many, each a link that chooses it or takes it off."""
    address = reverse("bank:questions")
    return mark_safe("".join(f"<li>{_value_link(value, address)}</li>" for value in values))  # noqa: S308  it escapes


def _value_link(value: Value, address: str) -> str:
    option, query = value.option, f"?{escape(value.query)}" if value.query else ""
    return (
        f'<a href="{address}{query}"{_CURRENT if option.is_chosen else ""}>{escape(option.value)}</a>'
        f' <span class="bank__count">{option.count}</span>'
    )
