"""Template filters of a language model's opinion: what was kept of it, in words. Nothing here is marked as safe."""

from collections.abc import Mapping
from uuid import UUID

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import ValidationError

from sessions.models import Opinion
from sessions.opinions import CheckedOpinion, CheckedPoint, PointStatus

register = template.Library()


@register.filter
def opinion_on(opinions: Mapping[UUID, Opinion] | None, question_id: UUID) -> Opinion | None:
    """Return the opinion on a question, or None."""
    return opinions.get(question_id) if opinions else None


@register.filter
def checked(opinion: Opinion) -> CheckedOpinion | None:
    """Return what an opinion says, or None for one in a shape that is no longer known: it may not break a report."""
    try:
        return CheckedOpinion.from_json(opinion.data)
    except ValidationError:
        return None


@register.filter
def claim_words(point: CheckedPoint) -> str:
    """Return what the model holds of a key point, as a claim of its own."""
    if point.status is None:
        return _("no verdict: without evidence")
    words = {
        PointStatus.FOUND: _("says: found"),
        PointStatus.PARTLY: _("says: partly"),
        PointStatus.NOT_FOUND: _("says: not found"),
        PointStatus.CONTRADICTED: _("says: the opposite"),
    }[point.status]
    return _("%s, without evidence") % words if point.lacks_evidence else words


@register.filter
def dropped_words(opinion: CheckedOpinion) -> list[str]:
    """Return what was left out of a reply, a sentence each."""
    quotes = ngettext(
        "%d quote was not in the answer and was left out.",
        "%d quotes were not in the answer and were left out.",
        opinion.dropped_quotes,
    )
    points = ngettext(
        "%d remark was on no key point, unreadable, or at odds with another, and was left out.",
        "%d remarks were on no key point, unreadable, or at odds with others, and were left out.",
        opinion.dropped_points,
    )
    counted = ((opinion.dropped_quotes, quotes), (opinion.dropped_points, points))
    return [text % count for count, text in counted if count]
