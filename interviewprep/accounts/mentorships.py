"""The only writer of mentorships: invite, accept, end, and the mail that carries an invitation.

Every change is a compare-and-set, so that doing it twice, or from both sides at once, is doing it once. Nothing here
gives a right before both sides agreed, and no answer tells whether an address has an account.
"""

import logging
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.contrib.auth.models import Group
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from interviewprep.accounts.addresses import without_hidden
from interviewprep.accounts.models import MENTOR_GROUP, Mentorship, MentorshipQuerySet, User
from interviewprep.accounts.people import confirmed_addresses, masked

logger = logging.getLogger(__name__)

INVITATIONS_PER_DAY = 20
DAY = timedelta(days=1)

Initiator = Mentorship.Initiator


class InvitationRefusedError(Exception):
    """The invitation cannot be made; the message says why, in words for the person who asked."""


class InvitationGoneError(Exception):
    """The invitation was answered or withdrawn in the meantime, or never existed."""


class WrongAddressError(Exception):
    """The user has not confirmed the address the invitation was sent to; `hint` is that address, masked."""

    def __init__(self, hint: str) -> None:
        super().__init__(hint)
        self.hint = hint


# --- Inviting -----------------------------------------------------------------------------------------------------


def invite_mentor(*, candidate: User, mentor_email: str, now: datetime) -> tuple[Mentorship, bool]:
    """Invite a mentor on behalf of a candidate; returns the invitation and whether this call made it.

    Raises InvitationRefusedError.
    """
    return _invite(inviter=candidate, invited_email=mentor_email, initiator=Initiator.CANDIDATE, now=now)


def ask_candidate(*, mentor: User, candidate_email: str, now: datetime) -> tuple[Mentorship, bool]:
    """Ask a candidate, on behalf of a mentor, to be let in; returns the invitation and whether this call made it.

    Raises InvitationRefusedError, also for somebody without the mentor's role.
    """
    if not mentor.is_mentor:
        raise InvitationRefusedError(_("Only mentors can ask a candidate. Ask your candidate to invite you."))
    return _invite(inviter=mentor, invited_email=candidate_email, initiator=Initiator.MENTOR, now=now)


@transaction.atomic
def _invite(*, inviter: User, invited_email: str, initiator: Initiator, now: datetime) -> tuple[Mentorship, bool]:
    # Two clicks queue here, so that both see the same count.
    User.objects.select_for_update(no_key=True).get(pk=inviter.pk)
    address = invited_email.strip().lower()
    own = inviter.email or ""
    if address == own or address in confirmed_addresses(inviter):
        raise InvitationRefusedError(_("This is your own address."))
    by_candidate = initiator == Initiator.CANDIDATE
    pair = {"candidate_email": own if by_candidate else address, "mentor_email": address if by_candidate else own}
    existing = Mentorship.objects.living().filter(**pair).first()
    if existing is None and invitations_left(inviter, now=now) <= 0:
        raise InvitationRefusedError(_too_many())
    if existing is None:
        try:
            with transaction.atomic():
                people = {"candidate": inviter} if by_candidate else {"mentor": inviter}
                return Mentorship.objects.create(**pair, **people, initiator=initiator, created_at=now), True
        except IntegrityError:
            # The other side asked in this very moment.
            existing = Mentorship.objects.living().get(**pair)
    _refuse_what_needs_no_invitation(existing, initiator)
    return existing, False


def _refuse_what_needs_no_invitation(existing: Mentorship, initiator: Initiator) -> None:
    by_candidate = initiator == Initiator.CANDIDATE
    if existing.accepted_at:
        accepted = _("They are your mentor already.") if by_candidate else _("They are your candidate already.")
        raise InvitationRefusedError(accepted)
    if existing.initiator != initiator:
        raise InvitationRefusedError(_("They have asked you already: answer their request on this page."))


def _too_many() -> str:
    return _("You can send %(n)d invitations a day. Try again tomorrow.") % {"n": INVITATIONS_PER_DAY}


def invitations_left(user: User, *, now: datetime) -> int:
    """Return how many more invitations the user may make or send again within these 24 hours."""
    begun = Mentorship.objects.filter(
        Q(initiator=Initiator.CANDIDATE, candidate=user) | Q(initiator=Initiator.MENTOR, mentor=user)
    )
    since = now - DAY
    return INVITATIONS_PER_DAY - begun.filter(Q(created_at__gt=since) | Q(sent_at__gt=since)).count()


# --- Answering and ending -----------------------------------------------------------------------------------------


@transaction.atomic
def accept(*, invitation_id: UUID, user: User, now: datetime) -> Mentorship:
    """Accept an invitation, which must have gone to a confirmed address of `user`; who accepts as mentor becomes one.

    Accepting twice is accepting once. Raises InvitationGoneError, WrongAddressError, and InvitationRefusedError for
    one's own invitation.
    """
    invitation = (
        Mentorship.objects.living().select_for_update(no_key=True, of=("self",)).filter(pk=invitation_id).first()
    )
    if invitation is None:
        raise InvitationGoneError
    if invitation.accepted_at:
        if user.pk not in {invitation.candidate_id, invitation.mentor_id}:
            raise InvitationGoneError
        return invitation
    if invitation.inviter == user:
        raise InvitationRefusedError(_("This is your own invitation: the person you invited accepts it."))
    if invitation.invited_email not in confirmed_addresses(user):
        raise WrongAddressError(masked(invitation.invited_email))
    return _join(invitation, user, now)


def _join(invitation: Mentorship, user: User, now: datetime) -> Mentorship:
    """Put `user` on the open side. Two who are connected already, by other addresses, stay connected just once."""
    if invitation.begun_by_candidate:
        invitation.mentor = user
        user.groups.add(Group.objects.get_or_create(name=MENTOR_GROUP)[0])
        user.__dict__.pop("group_names", None)
    else:
        invitation.candidate = user
    known = _connections(invitation).active().exclude(pk=invitation.pk).first()
    if known:
        Mentorship.objects.filter(pk=invitation.pk).update(revoked_at=now)
        return known
    invitation.accepted_at = now
    invitation.save(update_fields=["candidate", "mentor", "accepted_at"])
    return invitation


def _connections(mentorship: Mentorship) -> MentorshipQuerySet:
    return Mentorship.objects.filter(candidate=mentorship.candidate_id, mentor=mentorship.mentor_id)


@transaction.atomic
def end(*, mentorship_id: UUID, user: User, now: datetime) -> bool:
    """End a mentorship from either side, or decline or withdraw an invitation; True if this call did.

    From then on the mentor can open nothing of the candidate's. What they wrote stays with the candidate.
    Raises Mentorship.DoesNotExist when it is not the user's to end.
    """
    mine = Mentorship.objects.visible_to(user, addresses=confirmed_addresses(user))
    mentorship = mine.select_for_update(no_key=True, of=("self",)).get(pk=mentorship_id)
    if mentorship.revoked_at:
        return False
    # All rows of the two, so that no second one keeps a door open.
    same_pair = _connections(mentorship).active() if mentorship.accepted_at else Mentorship.objects.none()
    Mentorship.objects.living().filter(Q(pk=mentorship.pk) | Q(pk__in=same_pair)).update(revoked_at=now)
    return True


# --- The mail -----------------------------------------------------------------------------------------------------


class Delivery(StrEnum):
    SENT = "sent"
    FAILED = "failed"
    TOO_SOON = "too_soon"


def deliver(*, invitation: Mentorship, link: str, now: datetime) -> Delivery:
    """Mail `link` to the invited address, outside of any transaction and at most once a day for one invitation.

    The sending is claimed first, so that two clicks send one mail, and given back when that fails.
    """
    before = invitation.sent_at
    claim = Mentorship.objects.pending().filter(pk=invitation.pk)
    if claim.filter(Q(sent_at__isnull=True) | Q(sent_at__lte=now - DAY)).update(sent_at=now) != 1:
        return Delivery.TOO_SOON
    try:
        _message(invitation, link).send()
    except Exception:
        # Whatever it was: a claim that stays would say "a mail went out" for a day.
        logger.exception("invitation %s was not sent", invitation.pk)
        Mentorship.objects.filter(pk=invitation.pk, sent_at=now).update(sent_at=before)
        return Delivery.FAILED
    return Delivery.SENT


def deliver_again(*, invitation: Mentorship, link: str, now: datetime) -> Delivery:
    """Send an invitation once more; raises InvitationRefusedError when the day's invitations are used up."""
    counts_today = invitation.created_at > now - DAY
    if not counts_today and invitations_left(invitation.inviter, now=now) <= 0:
        raise InvitationRefusedError(_too_many())
    return deliver(invitation=invitation, link=link, now=now)


def _message(invitation: Mentorship, link: str) -> EmailMessage:
    inviter = invitation.inviter
    context = {"invitation": invitation, "inviter": inviter, "link": link}
    subject = (
        _("%(who)s asks you to be their mentor")
        if invitation.begun_by_candidate
        else _("%(who)s offers to be your mentor")
    )
    sender = without_hidden(inviter.email or "")
    return EmailMessage(
        subject=subject % {"who": sender},
        body=render_to_string("people/invitation_mail.txt", context),
        to=[invitation.invited_email],
        reply_to=[sender],
    )
