"""The pages about people: mentors and candidates, the answer to an invitation, and one's profile.

Thin: every change goes through `mentorships`. An invitation's address is a secret that was mailed; whoever has it
may see who asks, and nothing more, until they sign in with the address it was sent to.
"""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from interviewprep.accounts import mentorships
from interviewprep.accounts.access import login_required
from interviewprep.accounts.consent import opinion_host
from interviewprep.accounts.forms import InvitationForm, ProfileForm
from interviewprep.accounts.mentorships import Delivery
from interviewprep.accounts.models import Mentorship, User
from interviewprep.accounts.people import confirmed_addresses, masked
from interviewprep.accounts.roster import roster_of
from interviewprep.http import Request, UserRequest

INVITE_PREFIX, ASK_PREFIX = "mentor", "candidate"


@require_safe
@login_required
def people(request: UserRequest) -> HttpResponse:
    """Mentors, candidates, and the invitations between them."""
    return _people_page(request)


def _people_page(request: UserRequest, *, refused: InvitationForm | None = None) -> HttpResponse:
    """Render the page; a `refused` form stands in the place its prefix names, with what is wrong."""
    forms = {prefix: InvitationForm(prefix=prefix) for prefix in (INVITE_PREFIX, ASK_PREFIX)}
    if refused:
        forms[str(refused.prefix)] = refused
    context = {
        "roster": roster_of(request.user, now=request.now),
        "invite_form": forms[INVITE_PREFIX],
        "ask_form": forms[ASK_PREFIX],
        "base_url": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "people/people.html", context, status=422 if refused else 200)


@require_POST
@login_required
def invite(request: UserRequest) -> HttpResponse:
    """Invite a mentor by e-mail."""

    def make(email: str) -> tuple[Mentorship, bool]:
        return mentorships.invite_mentor(candidate=request.user, mentor_email=email, now=request.now)

    return _answer_invitation_form(request, INVITE_PREFIX, make)


@require_POST
@login_required
def ask(request: UserRequest) -> HttpResponse:
    """Ask a candidate, as a mentor, to be let in."""

    def make(email: str) -> tuple[Mentorship, bool]:
        return mentorships.ask_candidate(mentor=request.user, candidate_email=email, now=request.now)

    return _answer_invitation_form(request, ASK_PREFIX, make)


def _answer_invitation_form(
    request: UserRequest, prefix: str, make: Callable[[str], tuple[Mentorship, bool]]
) -> HttpResponse:
    form = InvitationForm(request.POST, prefix=prefix)
    if _made(request, form, make):
        return redirect("people")
    return _people_page(request, refused=form)


def _made(request: UserRequest, form: InvitationForm, make: Callable[[str], tuple[Mentorship, bool]]) -> bool:
    """Make and mail the invitation of a valid form; False with the reason in the form when it was refused."""
    if not form.is_valid():
        return False
    try:
        invitation, created = make(form.cleaned_data["email"])
    except mentorships.InvitationRefusedError as error:
        form.add_error("email", str(error))
        return False
    if created:
        link = _link(request, invitation)
        _tell(request, invitation, mentorships.deliver(invitation=invitation, link=link, now=request.now))
    else:
        asked = {"email": invitation.invited_email, "date": date_format(invitation.created_at, "j F Y")}
        messages.info(request, _("You invited %(email)s on %(date)s already. There is still one invitation.") % asked)
    return True


def _link(request: HttpRequest, invitation: Mentorship) -> str:
    return request.build_absolute_uri(reverse("invitation", args=[invitation.pk]))


def _tell(request: HttpRequest, invitation: Mentorship, delivery: Delivery) -> None:
    to = {"email": invitation.invited_email}
    if delivery is Delivery.SENT:
        messages.success(request, _("The invitation is on its way to %(email)s.") % to)
    elif delivery is Delivery.TOO_SOON:
        messages.warning(request, _("A mail went to %(email)s within the last day. Send the link below yourself.") % to)
    else:
        failed = _("The mail to %(email)s could not be sent. The invitation is kept: try again or send the link below.")
        messages.error(request, failed % to)


@require_POST
@login_required
def invitation_send(request: UserRequest, invitation_id: UUID) -> HttpResponse:
    """Mail one's own waiting invitation once more."""
    mine = Mentorship.objects.pending().visible_to(request.user).select_related("candidate", "mentor")
    invitation = get_object_or_404(mine, pk=invitation_id)
    if invitation.inviter != request.user:
        return redirect("people")
    try:
        link = _link(request, invitation)
        _tell(request, invitation, mentorships.deliver_again(invitation=invitation, link=link, now=request.now))
    except mentorships.InvitationRefusedError as error:
        messages.error(request, str(error))
    return redirect("people")


@require_safe
def invitation(request: Request, invitation_id: UUID) -> HttpResponse:
    """Where an invitation's link leads: who asks for what, and how to go on from here, signed in or not."""
    found = Mentorship.objects.living().select_related("candidate", "mentor").filter(pk=invitation_id).first()
    if found is None or (found.accepted_at and not _takes_part(request.user, found)):
        return render(request, "people/invitation_gone.html", status=410)
    if found.accepted_at or found.inviter == request.user:
        return redirect("people")
    return _invitation_page(request, found)


def _takes_part(user: object, mentorship: Mentorship) -> bool:
    return user in (mentorship.candidate, mentorship.mentor)


def _invitation_page(request: Request, invitation: Mentorship) -> HttpResponse:
    user = request.user
    signed_in = isinstance(user, User) and not user.is_guest
    context = {
        "invitation": invitation,
        "inviter": invitation.inviter,
        "signed_in": signed_in,
        "is_addressee": isinstance(user, User) and invitation.invited_email in confirmed_addresses(user),
        "masked_email": masked(invitation.invited_email),
    }
    return render(request, "people/invitation.html", context)


@require_POST
@login_required
def invitation_accept(request: UserRequest, invitation_id: UUID) -> HttpResponse:
    """Give consent, or take on a candidate; then go where one sees what that means."""
    try:
        mentorship = mentorships.accept(invitation_id=invitation_id, user=request.user, now=request.now)
    except mentorships.WrongAddressError:
        return redirect("invitation", invitation_id=invitation_id)
    except mentorships.InvitationGoneError:
        return render(request, "people/invitation_gone.html", status=410)
    except mentorships.InvitationRefusedError as error:
        messages.error(request, str(error))
        return redirect("people")
    consented = mentorship.candidate == request.user
    if consented:
        words = _("%(name)s can now read your finished interviews.")
    else:
        words = _("You can now read the finished interviews of %(name)s.")
    messages.success(request, words % {"name": _other(mentorship, request.user).display_name})
    return redirect("people" if consented else "mentoring")


def _other(mentorship: Mentorship, user: User) -> User:
    other = mentorship.mentor if mentorship.candidate == user else mentorship.candidate
    assert other is not None, "both sides are people once it is accepted"
    return other


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mentorship_end(request: UserRequest, mentorship_id: UUID) -> HttpResponse:
    """End a mentorship after saying what is lost; decline or withdraw an invitation."""
    mine = Mentorship.objects.visible_to(request.user, addresses=confirmed_addresses(request.user))
    mentorship = get_object_or_404(mine.select_related("candidate", "mentor"), pk=mentorship_id)
    if request.method != "POST":
        if mentorship.revoked_at:
            return redirect("people")
        return render(request, "people/end.html", {"mentorship": mentorship})
    if mentorships.end(mentorship_id=mentorship_id, user=request.user, now=request.now):
        messages.success(request, _ended_words(mentorship, request.user))
    return redirect("people")


def _ended_words(mentorship: Mentorship, user: User) -> str:
    if mentorship.is_pending:
        withdrawn = mentorship.inviter == user
        return _("The invitation is withdrawn.") if withdrawn else _("You declined the invitation.")
    name = {"name": _other(mentorship, user).display_name}
    if mentorship.candidate == user:
        return _("%(name)s can no longer read your interviews.") % name
    return _("You no longer read the interviews of %(name)s.") % name


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: UserRequest) -> HttpResponse:
    """One's name, usual extra time and consent to opinions, and the way to password and addresses."""
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk), now=request.now)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        # Where what is kept so far can be deleted.
        return redirect("opinions" if form.withdraws_consent else "profile")
    context = {"form": form, "opinion_host": opinion_host(), "opinion_model": settings.OPINION_MODEL}
    return render(request, "people/profile.html", context, status=422 if form.errors else 200)
