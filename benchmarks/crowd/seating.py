"""A thousand people in the middle of an interview, made straight in the database: signed in, tab open, nothing typed.

What the load needs of each is a `Seat`, as plain values: the generator knows nothing of Django.
"""

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.utils.crypto import get_random_string

from interviewprep.accounts.models import User
from questions.content import Kind
from sessions import lifecycle
from sessions.models import InterviewPlan

PLAN = "fundamentals"
# Few different draws, as in a class that sits one interview; and long enough for any search.
DRAWS = 20
LONGEST = Decimal("4.00")
CSRF_SECRET_LENGTH = 32


@dataclass(frozen=True)
class Seat:
    """Where one candidate's saves go, and what goes along."""

    draft_path: str
    cookie: str
    token: str
    client_id: str


def seat(count: int, *, now: datetime) -> list[Seat]:
    """Make `count` candidates with a running interview, in front of its first question that asks for words."""
    people = [User(email=f"crowd{number}@example.com", password=make_password(None)) for number in range(count)]
    User.objects.bulk_create(people)
    keys = _sign_in(people, now=now)
    plan = InterviewPlan.objects.get(slug=PLAN)
    return list(_seated(plan, people, keys, now=now))


def _sign_in(people: list[User], *, now: datetime) -> list[str]:
    """Store a signed-in browser session for each, as logging in would; return the keys."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    rows = []
    for user in people:
        data = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        key = get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789")
        rows.append(Session(session_key=key, session_data=store.encode(data), expire_date=now + timedelta(days=1)))
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]


def _seated(plan: InterviewPlan, people: list[User], keys: list[str], *, now: datetime) -> Iterator[Seat]:
    for number, (user, key) in enumerate(zip(people, keys, strict=True)):
        session = lifecycle.start_session(candidate=user, plan=plan, time_factor=LONGEST, seed=number % DRAWS, now=now)
        question = session.questions.filter(version__kind=Kind.OPEN).order_by("position")[0]
        client_id = uuid.uuid4()
        lifecycle.open_question(session=session, question_id=question.pk, client_id=client_id, now=now)
        token = secrets.token_hex(CSRF_SECRET_LENGTH // 2)
        cookie = f"{settings.SESSION_COOKIE_NAME}={key}; {settings.CSRF_COOKIE_NAME}={token}"
        yield Seat(f"/interviews/{session.pk}/questions/{question.pk}/draft/", cookie, token, str(client_id))
