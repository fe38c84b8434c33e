"""Template tags of the bank browser: a line of its table, and a box of its filters.

A list has fifty of the one and a hundred of the other, so they are put together here: a template takes ten times as
long. Everything that is not ours is escaped by `format_html`.
"""

from django import template
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from questions.browsing import Row

register = template.Library()

_NOTHING = SafeString("")


@register.simple_tag
def bank_rows(rows: list[Row]) -> SafeString:
    """Return the lines of the table."""
    # One address is looked up, and the others differ in the id alone.
    address = reverse("bank:peek", args=[rows[0].pk]).replace(str(rows[0].pk), "{}") if rows else ""
    return mark_safe("\n".join(_row(row, address.format(row.pk)) for row in rows))  # noqa: S308  format_html escapes


def _row(row: Row, address: str) -> SafeString:
    return format_html(
        '<tr id="q-{pk}"{current}>'
        '<td class="bank__tick"><input type="checkbox" name="chosen" value="{pk}" aria-labelledby="t-{pk}"></td>'
        '<td class="bank__question"><a id="t-{pk}" href="{address}">{title}</a>{excerpt}</td>'
        '<td class="bank__wide">{topic}</td><td class="bank__wide">{kind}</td><td class="bank__wide">{difficulty}</td>'
        "<td>{status}{draft}{flags}</td>"
        '<td class="bank__wide number"><time datetime="{iso}">{changed}</time></td></tr>',
        pk=row.pk,
        current=SafeString(' aria-current="true"') if row.is_open else _NOTHING,
        address=address,
        title=row.title,
        excerpt=format_html('<span class="bank__excerpt">{}</span>', row.excerpt) if row.excerpt else _NOTHING,
        topic=row.topic,
        kind=row.kind,
        difficulty=row.difficulty,
        status=_badge(row.status, row.tone) if row.tone else format_html('<span class="muted">{}</span>', row.status),
        draft=_badge(row.draft, "muted"),
        flags=_badge(row.flags, "warn"),
        iso=row.changed_at.isoformat(timespec="seconds"),
        changed=date_format(row.changed_at, "j M Y"),
    )


def _badge(words: str, tone: str) -> SafeString:
    return format_html(' <span class="badge badge--{}">{}</span>', tone, words) if words else _NOTHING


@register.simple_tag
def filter_box(name: str, value: str, label: str, count: int, is_chosen: bool, place: object) -> SafeString:
    """Return one box of a filter with the number beside it; `place` makes its id, by which it keeps the focus."""
    return format_html(
        '<label for="f-{name}-{place}"><input type="checkbox" id="f-{name}-{place}" name="{name}" value="{value}"{on}>'
        ' {label} <span class="bank__count">{count}</span></label>',
        name=name,
        place=place,
        value=value,
        on=SafeString(" checked") if is_chosen else _NOTHING,
        label=label,
        count=count,
    )
