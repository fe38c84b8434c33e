"""Browsers for tests of views: one that somebody is signed in with, and one that a guest began a sample in."""

from django.test import Client

from interviewprep.accounts.access import GUEST_SESSION_KEY
from interviewprep.accounts.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def as_guest(guest: User) -> Client:
    client = Client()
    browser = client.session
    browser[GUEST_SESSION_KEY] = str(guest.pk)
    browser.save()
    return client
