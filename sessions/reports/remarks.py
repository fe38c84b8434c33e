"""Counting what mentors wrote, for pages that only say how much of it there is.

Reads only, and costs no statement of its own: the count is a part of the query for the sessions.
"""

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from sessions.models import ReviewComment


def comment_count() -> Coalesce:
    """Return the number of comments on a session, of all their authors, to annotate sessions with."""
    comments = ReviewComment.objects.filter(question__session=OuterRef("pk")).order_by()
    return Coalesce(Subquery(comments.values("question__session").annotate(n=Count("pk")).values("n")), 0)
