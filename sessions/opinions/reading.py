"""Reading opinions, for the pages that show them beside what counts."""

from uuid import UUID

from django.db.models import Count

from interviewprep.accounts.consent import opinion_host
from interviewprep.accounts.models import User
from sessions.models import InterviewSession, Opinion


def opinions_of(session: InterviewSession) -> dict[UUID, Opinion]:
    """Return the newest opinion on each question of a session that has one, in one statement.

    None at all, and no statement, where the operator has not set an endpoint.
    """
    if not opinion_host():
        return {}
    return {opinion.answer_id: opinion for opinion in Opinion.objects.shown_in(session).order_by("finished_at")}


def counts_of(candidate: User) -> dict[str, int]:
    """Return how many opinions on the candidate's answers there are, by state."""
    own = Opinion.objects.filter(answer__candidate=candidate).order_by()
    return dict(own.values_list("state").annotate(Count("pk")))
