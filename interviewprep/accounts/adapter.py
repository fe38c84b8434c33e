"""allauth's hooks into our accounts: a guest who signs up keeps the very row, and so the interview, they have.

One who signs in instead hands over what they did. Owns nothing but these steps, and what must not turn signing in into
an error: mails that cannot be sent, addresses that make no sense. An address that has an account already gets neither
the guest nor a different answer.
"""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from interviewprep.accounts import guests
from interviewprep.accounts.access import GUEST_SESSION_KEY, guest_of
from interviewprep.accounts.addresses import validate_mailable
from interviewprep.accounts.models import User
from interviewprep.http import Request

logger = logging.getLogger(__name__)

_ANY_PASSWORD = "hashed for the time it takes"  # noqa: S105  nobody's


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth publishes no types
    def clean_email(self, email: str) -> str:
        """Refuse addresses that no mail reaches; raises ValidationError."""
        validate_mailable(email)
        return email

    def is_safe_url(self, url: str) -> bool:
        """Whether to go on to `url`; not to one that cannot even be read, such as `http://[`."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail, or say that it could not be sent: what was done before stays done, and each page can ask again.

        Said for known and unknown addresses alike.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except Exception:
            logger.exception("the mail %s was not sent", template_prefix)
            words = _("The mail to %(email)s could not be sent. Wait a few minutes, then ask for it again.")
            messages.error(self.request, words % {"email": email})

    def new_user(self, request: HttpRequest) -> User:
        """Return the guest of this browser, to become an account, or a new user."""
        return guest_of(request) or User()

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save the account with the form's address and password, on the guest's row if it is still a guest.

        Two sign-ups at the same time must not share a guest: the second one gets a row of its own. Nor may they share
        an address: the second is then answered like any sign-up with an address that has an account.
        """
        try:
            with transaction.atomic():
                if not user._state.adding:
                    user = User.objects.select_for_update().filter(pk=user.pk, is_guest=True).first() or User()
                user.is_guest = False
                user = super().save_user(request, user, form, commit=commit)
        except IntegrityError as error:
            raise ImmediateHttpResponse(prevent_enumeration(request, email=form.cleaned_data["email"])) from error
        _forget_guest(request)
        return user

    def login(self, request: Request, user: User) -> None:
        """Sign in, and give the account what the guest of this browser did."""
        guest = guest_of(request)  # before Django may empty the browser's session
        super().login(request, user)
        if guest is not None:
            guests.hand_over(guest=guest, user=user, now=request.now)
            _forget_guest(request)

    def respond_email_verification_sent(self, request: HttpRequest, user: User | None) -> HttpResponse:
        """Answer a sign-up. Without `user` the address had an account: that must look the same, also to a guest.

        A guest who could still open their interview then, but not after other sign-ups, could tell addresses apart;
        so could anybody by the time that hashing the new account's password takes.
        """
        if user is None:
            _forget_guest(request)
            make_password(_ANY_PASSWORD)
        response: HttpResponse = super().respond_email_verification_sent(request, user)
        return response


def _forget_guest(request: HttpRequest) -> None:
    request.session.pop(GUEST_SESSION_KEY, None)
