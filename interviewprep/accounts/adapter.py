"""allauth's hooks into our accounts: a guest who signs up keeps the very row, and so the interview, they have.

Owns nothing but that step. An address that has an account already gets neither the guest nor a different answer.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.core.exceptions import ImmediateHttpResponse
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from interviewprep.accounts.access import GUEST_SESSION_KEY, guest_of
from interviewprep.accounts.addresses import validate_mailable
from interviewprep.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth publishes no types
    def clean_email(self, email: str) -> str:
        """Refuse addresses that no mail reaches; raises ValidationError."""
        validate_mailable(email)
        return email

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

    def respond_email_verification_sent(self, request: HttpRequest, user: User | None) -> HttpResponse:
        """Answer a sign-up. Without `user` the address had an account: that must look the same, also to a guest.

        A guest who could still open their interview then, but not after other sign-ups, could tell addresses apart.
        """
        if user is None:
            _forget_guest(request)
        response: HttpResponse = super().respond_email_verification_sent(request, user)
        return response


def _forget_guest(request: HttpRequest) -> None:
    request.session.pop(GUEST_SESSION_KEY, None)
