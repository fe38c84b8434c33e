"""Who takes over what a guest did, once they sign in to an account they already have.

Accounts know nothing of interviews: who keeps something of a guest's registers a function here, when the apps are
loaded, and it is called in the order of registration. A guest who signs up needs none of this: they keep their row.
"""

from datetime import datetime
from typing import Protocol

from interviewprep.accounts.models import User


class Handler(Protocol):
    def __call__(self, *, guest: User, user: User, now: datetime) -> None:
        """Give what is the guest's to the user. Called twice, it does no harm."""


_handlers: list[Handler] = []


def register(handler: Handler) -> None:
    """Call `handler` whenever a guest signs in; registering twice is registering once."""
    if handler not in _handlers:
        _handlers.append(handler)


def hand_over(*, guest: User, user: User, now: datetime) -> None:
    """Let everybody who registered move what is the guest's to the user."""
    for handler in _handlers:
        handler(guest=guest, user=user, now=now)
