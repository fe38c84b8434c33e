"""Template filters of the timeline and the replay: what happened, and how long it took, in words."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions.history import Entry, Refusal, Stretch, end_before
from sessions.models import KeptDraft, SessionEvent
from sessions.reports.words import points_text
from sessions.reviews import TranscriptEntry

register = template.Library()

Kind = SessionEvent.Kind


@register.filter
def since_start(milliseconds: int) -> str:
    """Return a time since the start: 65000 as "1:05", 3725000 as "1:02:05"; rounded down, it has passed."""
    minutes, seconds = divmod(max(0, milliseconds) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


@register.filter
def duration(milliseconds: int) -> str:
    """Return a length of time in words: "3 s", "2 min 5 s", "1 h 20 min". Less than a second is "under 1 s"."""
    seconds = milliseconds // 1000
    minutes, hours = seconds // 60, seconds // 3600
    if seconds < 1:
        return _("under 1 s")
    if minutes < 1:
        return _("%(s)d s") % {"s": seconds}
    if hours < 1:
        words = _("%(min)d min %(s)d s") if seconds % 60 else _("%(min)d min")
        return words % {"min": minutes, "s": seconds % 60}
    words = _("%(h)d h %(min)d min") if minutes % 60 else _("%(h)d h")
    return words % {"h": hours, "min": minutes % 60}


@register.filter
def entry_words(entry: Entry) -> str:
    """Return what happened, as one phrase."""
    what = entry.what
    if isinstance(what, Stretch):
        return _stretch_words(what)
    if isinstance(what, Refusal):
        return _refusal_words(what)
    return _event_words(what)


def _stretch_words(stretch: Stretch) -> str:
    if stretch.count == 1:
        return _("1 save")
    words = {"n": stretch.count, "first": _clock(stretch.first_at), "last": _clock(stretch.last_at)}
    return _("%(n)d saves, %(first)s to %(last)s") % words


def _refusal_words(refusal: Refusal) -> str:
    if refusal.reason == KeptDraft.Reason.OVERTAKEN:
        text = ngettext(
            "%(n)d save came after a newer one of the same tab",
            "%(n)d saves came after newer ones of the same tab",
            refusal.count,
        )
        return text % {"n": refusal.count}
    text = ngettext(
        "%(n)d save was kept beside the answer: %(reason)s",
        "%(n)d saves were kept beside the answer: %(reason)s",
        refusal.count,
    )
    return text % {"n": refusal.count, "reason": refusal.reason.label}


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"


def _event_words(event: SessionEvent) -> str:
    details: Mapping[str, Any] = event.data if isinstance(event.data, dict) else {}
    by_kind = {
        Kind.RESUMED: _resumed,
        Kind.RETURNED: _returned,
        Kind.TIME_CHANGED: _time_changed,
    }
    if event.kind == Kind.REOPENED:
        return _reopened(details, end_before(event))
    tell = by_kind.get(Kind(event.kind))
    return tell(details) if tell else _plain(Kind(event.kind))


def _plain(kind: SessionEvent.Kind) -> str:
    return {
        Kind.STARTED: _("Started"),
        Kind.OPENED: _("Opened"),
        Kind.SUBMITTED: _("Submitted"),
        Kind.SKIPPED: _("Skipped"),
        Kind.FLAGGED: _("Flagged"),
        Kind.UNFLAGGED: _("Flag taken away"),
        Kind.RAN_OUT: _("The time for this question ran out"),
        Kind.PAUSED: _("Paused"),
        Kind.TAKEN_OVER: _("Went on in another tab"),
        Kind.DISCONNECTED: _("Connection lost, by the browser's own account"),
        Kind.FINISHED: _("Finished by the candidate"),
        Kind.CLOSED_BY_CLOCK: _("Time was up"),
    }[kind]


def _resumed(details: Mapping[str, Any]) -> str:
    paused = _milliseconds(details.get("paused_ms"))
    return _("Resumed") if paused is None else _("Resumed after %s") % duration(paused)


def _returned(details: Mapping[str, Any]) -> str:
    away = _milliseconds(details.get("away_ms"))
    if away is None:
        return _("Connection back")
    return _("Connection back after %s, by the browser's own account") % duration(away)


def _time_changed(details: Mapping[str, Any]) -> str:
    parts = []
    if (factor := _decimal(details.get("time_factor"))) is not None and factor > 1:
        parts.append(_("%s times the usual time") % points_text(factor))
    if isinstance(minutes := details.get("extra_minutes"), int) and minutes > 0:
        parts.append(ngettext("%d extra minute", "%d extra minutes", minutes) % minutes)
    if not parts:
        return _("Time changed: the usual time") if "time_factor" in details else _("Time changed")
    return _("Time changed: %s") % ", ".join(parts)


def _reopened(details: Mapping[str, Any], ended: datetime | None) -> str:
    left = _milliseconds(details.get("remaining_ms"))
    words = {"left": duration(left or 0), "ended": _clock(ended) if ended else ""}
    if left is None:
        return _("Reopened")
    if ended is None:
        return _("Reopened with %(left)s left") % words
    return _("Reopened with %(left)s left; it had ended at %(ended)s") % words


def _milliseconds(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and value >= 0 else None


def _decimal(value: object) -> Decimal | None:
    try:
        return Decimal(str(value)) if value is not None else None
    except InvalidOperation:
        return None


@register.filter
def reason_of(entry: Entry) -> str:
    """Return why staff did something, in their words; "" for everything else."""
    data = entry.what.data if isinstance(entry.what, SessionEvent) else None
    return str(data.get("reason", "")) if isinstance(data, dict) else ""


@register.filter
def actor_of(entry: Entry) -> str:
    """Return who acted where it was staff, also where the account is gone since; "" where it was the candidate."""
    event = entry.what
    if not isinstance(event, SessionEvent):
        return ""
    if event.actor is not None:
        return event.actor.display_name
    return _("staff") if event.kind in {Kind.TIME_CHANGED, Kind.REOPENED} else ""


@register.simple_tag
def question_names(entries: list[TranscriptEntry]) -> dict[UUID, dict[str, Any]]:
    """Return how the timeline calls each question, and the number it leads to."""
    names: dict[UUID, dict[str, Any]] = {}
    for entry in entries:
        position = entry.report.position
        names[entry.report.question_id] = {"position": position, "name": _("Question %d") % position}
        for asked in entry.follow_ups:
            names[asked.report.question_id] = {"position": position, "name": _("Follow-up of question %d") % position}
    return names


@register.filter
def of_question(names: Mapping[UUID, dict[str, Any]], entry: Entry) -> dict[str, Any] | None:
    return names.get(entry.question_id) if entry.question_id else None
