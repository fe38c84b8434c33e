"""Template filters for times and for the palette of the interview page."""

from django import template
from django.utils.translation import gettext as _

from sessions.models import SessionQuestion

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
    """Return a limit in words: "about 3 min", or seconds below a minute and a half."""
    if seconds < 90:
        return _("about %(n)d s") % {"n": seconds}
    return _("about %(n)d min") % {"n": round(seconds / 60)}


@register.filter
def palette_state(question: SessionQuestion) -> str:
    """Return the state the palette shows for a question annotated with `has_words`."""
    if not question.answer.is_open:
        return "answered"
    if question.skipped:
        return "skipped"
    return "started" if getattr(question, "has_words", False) else "open"


@register.filter
def palette_words(question: SessionQuestion) -> str:
    """Return the palette's state in words, for people who do not see the signs."""
    words = {
        "answered": _("answered"),
        "skipped": _("skipped"),
        "started": _("begun"),
        "open": _("open"),
    }[palette_state(question)]
    return _("%(state)s, flagged") % {"state": words} if question.flagged else words
