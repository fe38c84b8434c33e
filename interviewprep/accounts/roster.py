"""Everybody one user is connected to, sorted for the people page. Reads with two statements; writes nothing."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from interviewprep.accounts.mentorships import DAY
from interviewprep.accounts.models import Mentorship, User
from interviewprep.accounts.people import confirmed_addresses

SHOWN_AFTER_THE_END = timedelta(days=90)


@dataclass(slots=True)
class Sent:
    """An invitation that waits for the other side; its mail can go out again once a day."""

    mentorship: Mentorship
    can_send_again: bool


@dataclass(slots=True)
class Roster:
    mentors: list[Mentorship] = field(default_factory=list)
    candidates: list[Mentorship] = field(default_factory=list)
    received: list[Mentorship] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    ended: list[Mentorship] = field(default_factory=list)


def roster_of(user: User, *, now: datetime) -> Roster:
    """Return the user's mentors, candidates and invitations, newest first; what ended long ago is left out."""
    roster = Roster()
    known = Mentorship.objects.visible_to(user, addresses=confirmed_addresses(user)).exclude(
        revoked_at__lt=now - SHOWN_AFTER_THE_END
    )
    for mentorship in known.select_related("candidate", "mentor").order_by("-created_at"):
        _place(roster, mentorship, user, now)
    return roster


def _place(roster: Roster, mentorship: Mentorship, user: User, now: datetime) -> None:
    if mentorship.revoked_at:
        roster.ended.append(mentorship)
    elif mentorship.is_pending and mentorship.inviter == user:
        due = mentorship.sent_at is None or mentorship.sent_at <= now - DAY
        roster.sent.append(Sent(mentorship, can_send_again=due))
    elif mentorship.is_pending:
        roster.received.append(mentorship)
    elif mentorship.candidate == user:
        roster.mentors.append(mentorship)
    else:
        roster.candidates.append(mentorship)
