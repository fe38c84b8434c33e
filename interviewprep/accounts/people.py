"""Making people by hand, and which addresses are truly theirs.

Everybody else comes in through the sign-up page. Only confirmed addresses count wherever an address gives a right.
"""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction

from interviewprep.accounts.models import User


@transaction.atomic
def create_person(
    *,
    email: str,
    password: str | None,
    name: str = "",
    groups: Iterable[str] = (),
    is_staff: bool = False,
    verified: bool = True,
) -> User:
    """Create a user who can sign in at once when `verified`, and otherwise confirms the address at first sign-in.

    Raises IntegrityError when the address is taken. A group that does not exist yet is made.
    """
    user = User.objects.create_user(email, password, name=name, is_staff=is_staff)
    user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    record_address(user, verified=verified)
    return user


def record_address(user: User, *, verified: bool) -> None:
    """Give a user without confirmed addresses the e-mail address on their row as the main one."""
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)


def confirmed_addresses(user: User) -> frozenset[str]:
    """Return the addresses, in lower case, that this user has proven to read."""
    found = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return frozenset(address.lower() for address in found)


def masked(address: str) -> str:
    """Return an address as a reminder for its owner that tells nobody else who it is: `m•••@example.com`."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"
