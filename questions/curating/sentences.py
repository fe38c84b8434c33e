"""The history of a question in words: one sentence for each event, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Field
from django.utils.translation import gettext as _

from questions.content import Content
from questions.models import QuestionEvent, QuestionVersion

Kind = QuestionEvent.Kind


def event_words(event: QuestionEvent) -> str:
    """Return what happened, without who and when: “published version 4 in place of version 3”."""
    return _sentence(event) % {"n": event.version_number or 0, **_facts(event.data)}


def _facts(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "old": data.get("replaces") or data.get("copied_from") or 0,
        "field": field_label(str(data.get("field", ""))),
        "fields": ", ".join(field_label(str(name)) for name in data.get("fields", [])),
        "from": data.get("from", ""),
        "to": data.get("to", ""),
        "title": data.get("title", ""),
        "file": data.get("imported", ""),
    }


def _sentence(event: QuestionEvent) -> str:
    data = event.data
    match event.kind:
        case Kind.CREATED:
            return _created(data)
        case Kind.EDITED:
            return _("changed version %(n)d: %(fields)s")
        case Kind.DISCARDED:
            return _("threw version %(n)d away (“%(title)s”)")
        case Kind.WITHDRAWN:
            return _withdrawn(data)
        case Kind.PUBLISHED:
            return _published(data)
        case Kind.COMMENTED:
            return _("commented on version %(n)d: %(field)s") if "field" in data else _("commented on version %(n)d")
        case _:
            return _plain(Kind(event.kind))


def _plain(kind: QuestionEvent.Kind) -> str:
    return {
        Kind.SUBMITTED: _("submitted version %(n)d for review"),
        Kind.APPROVED: _("approved version %(n)d"),
        Kind.CHANGES_REQUESTED: _("asked for changes in version %(n)d"),
        Kind.RETIRED: _("retired the question"),
        Kind.RESTORED: _("restored the question"),
        Kind.MOVED: _("moved the question from %(from)s to %(to)s"),
        Kind.RESOLVED: _("resolved a comment on version %(n)d"),
        Kind.REOPENED: _("opened a comment on version %(n)d again"),
        Kind.FLAG_ANSWERED: _("answered a flag on version %(n)d"),
    }[kind]


def _created(data: Mapping[str, Any]) -> str:
    if data.get("imported"):
        return _("imported version %(n)d from “%(file)s”")
    return _("began version %(n)d from version %(old)d") if "copied_from" in data else _("wrote version %(n)d")


def _withdrawn(data: Mapping[str, Any]) -> str:
    if data.get("overtaken"):
        return _("took version %(n)d out of review with newer words")
    if data.get("edited"):
        return _("took version %(n)d out of review by changing it")
    if data.get("approval"):
        return _("took the approval of version %(n)d back")
    return _("withdrew version %(n)d from review")


def _published(data: Mapping[str, Any]) -> str:
    if data.get("imported"):
        return _("published version %(n)d with its import, without a review")
    if data.get("without_review"):
        if data.get("replaces"):
            return _("published version %(n)d in place of version %(old)d, without a review")
        return _("published version %(n)d, without a review")
    if data.get("replaces"):
        return _("published version %(n)d in place of version %(old)d")
    return _("published version %(n)d")


def field_label(name: str) -> str:
    """Return what people call a field of a version, or the name itself where it is no field."""
    if name not in Content.model_fields:
        return name
    field = QuestionVersion._meta.get_field(name)
    assert isinstance(field, Field)
    return str(field.verbose_name)
