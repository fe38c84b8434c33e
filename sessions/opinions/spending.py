"""The tokens of a day: reserved before a request, corrected after it, never over what the operator allows.

The only writer of token counts. A reservation is one guarded UPDATE for each limit, so that requests that begin at the
same time cannot overstep it together.
"""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from sessions.models import TokenCount


class OverspentError(Exception):
    """The tokens would exceed what is allowed for the day; the message says whose."""


@transaction.atomic
def hold_the_day(day: date) -> None:
    """Keep everybody else from reserving until the transaction around this ends."""
    TokenCount.objects.bulk_create([TokenCount(day=day)], ignore_conflicts=True)
    TokenCount.objects.select_for_update().get(day=day, user=None)


@transaction.atomic
def reserve(*, user_id: UUID, day: date, tokens: int) -> None:
    """Count `tokens` as used by the user and by all. Raises OverspentError, and then counts nothing."""
    TokenCount.objects.bulk_create([TokenCount(day=day), TokenCount(day=day, user_id=user_id)], ignore_conflicts=True)
    for whose, limit, of in _limits(user_id):
        counted = TokenCount.objects.filter(day=day, user=whose, tokens__lte=limit - tokens)
        if not counted.update(tokens=F("tokens") + tokens):
            raise OverspentError(f"the day's tokens of {of} would not be enough")


def _limits(user_id: UUID) -> tuple[tuple[UUID | None, int, str], ...]:
    return (
        (None, settings.OPINION_DAILY_TOKENS, "all candidates"),
        (user_id, settings.OPINION_DAILY_TOKENS_PER_USER, "this candidate"),
    )


def correct(*, user_id: UUID, day: date, by: int) -> None:
    """Change what was counted by the difference between what was used and what was reserved."""
    if by:
        of_both = TokenCount.objects.filter(day=day)
        for whose in (None, user_id):  # in the order of `reserve`
            of_both.filter(user=whose).update(tokens=Greatest(F("tokens") + by, 0))
