"""Template filters for times and for the palette of the interview page."""

from datetime import UTC

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sessions.lifecycle import SaveResult
from sessions.models import Answer, SessionQuestion

register = template.Library()


@register.filter
def minutes_seconds(milliseconds: int) -> str:
    """Return 65000 as "1:05", rounded up, so that a running clock never shows 0:00 early."""
    seconds = -(-milliseconds // 1000)
    return f"{seconds // 60}:{seconds % 60:02d}"


@register.filter
def seconds_clock(seconds: int) -> str:
    """Return 180 as "3:00"."""
    return f"{seconds // 60}:{seconds % 60:02d}"


@register.filter
def about_minutes(seconds: int) -> str:
    """Return a suggested time in words: "about 3 min", "about 1:40 min", "about 45 s"."""
    if seconds < 60:
        return _("about %(n)d s") % {"n": seconds}
    return _("about %(n)s min") % {"n": seconds // 60 if seconds % 60 == 0 else seconds_clock(seconds)}


@register.filter
def limit_minutes(seconds: int) -> str:
    """Return a time limit without its unit: 900 as "15", 90 as "1:30"."""
    return str(seconds // 60) if seconds % 60 == 0 else seconds_clock(seconds)


@register.simple_tag
def saved_chip(result: SaveResult) -> SafeString:
    """Return the proof of a save: revision and the server's time. Sent with every autosave, so it has no template."""
    assert result.saved_at is not None, "only what was saved has a proof"
    saved_at = result.saved_at.astimezone(UTC)
    return format_html(
        '<p id="save-chip" class="save-chip" data-status="saved" data-revision="{}" data-remaining-ms="{}">'
        '{} <time datetime="{}">{} UTC</time> · {}</p>',
        result.revision,
        result.remaining_ms,
        _("Saved"),
        saved_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        saved_at.strftime("%H:%M:%S"),
        _("revision %(n)d") % {"n": result.revision},
    )


@register.filter
def palette_state(question: SessionQuestion) -> str:
    """Return the state the palette shows for a question that `lifecycle.read_sitting` read."""
    if question.answer.state == Answer.State.SUBMITTED:
        return "answered"
    if question.skipped:
        return "skipped"
    if not question.answer.is_open:
        return "closed"
    return "started" if question.has_words else "open"


def state_words(state: str, flagged: bool) -> str:
    """Return the palette's state in words, for people who do not see the signs."""
    words = {
        "answered": _("answered"),
        "skipped": _("skipped"),
        "closed": _("time ran out"),
        "started": _("begun"),
        "open": _("open"),
    }[state]
    return _("%(state)s, flagged") % {"state": words} if flagged else words
