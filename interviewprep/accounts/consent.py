"""Consent to have open answers read by a language model: given by the candidate, to one host, and taken back at will.

Off until somebody switches it on. It names the host, so that words never go to one that the operator chose later, and
it counts for interviews that end after it was given.
"""

from datetime import datetime

from django.conf import settings

from interviewprep.accounts.models import User
from interviewprep.addresses import host_of


def opinion_host() -> str:
    """Return the host that the operator has set for opinions; "" where there are none."""
    return host_of(settings.OPINION_URL) if settings.OPINION_URL else ""


def consents_to_opinions(user: User) -> bool:
    """Whether the user agreed that words go to the host that is set now."""
    host = opinion_host()
    return bool(host) and user.opinion_host == host and user.opinion_since is not None


def set_consent(user: User, *, wanted: bool, now: datetime) -> None:
    """Give or take back the consent on `user`, who is then to be saved. Giving it again keeps the day it began."""
    if not wanted:
        user.opinion_host, user.opinion_since = "", None
    elif not consents_to_opinions(user):
        user.opinion_host, user.opinion_since = opinion_host(), now


def begin_anew(*, user: User, now: datetime) -> None:
    """Let a consent that stands count from now on only, so that nothing from before is asked for again."""
    User.objects.filter(pk=user.pk, opinion_since__isnull=False).update(opinion_since=now)
