"""A guest's interviews become an account's, when the guest signs in to an account they already had.

Moves interviews and nothing else: what is in them, and how they end, stays `lifecycle`'s.
"""

from datetime import datetime

from django.db import transaction

from interviewprep.accounts.models import User
from sessions import lifecycle
from sessions.models import Answer, InterviewSession


@transaction.atomic
def adopt_sessions(*, guest: User, user: User, now: datetime) -> None:
    """Give the guest's interviews to the user. Of two that run, the account's goes on and the guest's is finished.

    Doing it twice changes nothing; somebody who is no guest any more keeps what is theirs.
    """
    # In the order of their ids, and before any session: as starting an interview and deleting a guest lock them.
    people = User.objects.select_for_update(no_key=True).filter(pk__in=[guest.pk, user.pk]).order_by("pk")
    if not any(person.pk == guest.pk and person.is_guest for person in people):
        return
    of_both = InterviewSession.objects.filter(candidate__in=[guest, user])
    locked = list(of_both.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    _leave_one_running(locked, user, now)
    moved = [session.pk for session in locked if session.candidate_id == guest.pk]
    InterviewSession.objects.filter(pk__in=moved).update(candidate=user)
    Answer.objects.filter(session__in=moved).update(candidate=user)


def _leave_one_running(sessions: list[InterviewSession], user: User, now: datetime) -> None:
    """Finish one of two running interviews: the guest's, unless the time of the account's is up."""
    running = [session for session in sessions if not session.is_finished]
    if len(running) < 2:
        return
    own = next(session for session in running if session.candidate_id == user.pk)
    guests = next(session for session in running if session.candidate_id != user.pk)
    ended = own if own.is_over(now) else guests
    lifecycle.finish_session(session_id=ended.pk, now=now)
