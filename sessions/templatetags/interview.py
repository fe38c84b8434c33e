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
    """Return a suggested time in words: "about 3 min", "about 1:40 min", "about 45 s"."""
    if seconds < 60:
        return _("about %(n)d s") % {"n": seconds}
    return _("about %(n)s min") % {"n": seconds // 60 if seconds % 60 == 0 else seconds_clock(seconds)}


@register.filter
def limit_minutes(seconds: int) -> str:
    """Return a time limit without its unit: 900 as "15", 90 as "1:30"."""
    return str(seconds // 60) if seconds % 60 == 0 else seconds_clock(seconds)


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
