"""A guest who signs in to an account they have already keeps their sample interview, running or finished."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from interviewprep.accounts.access import GUEST_SESSION_KEY
from interviewprep.accounts.models import User
from interviewprep.accounts.people import create_person
from sessions.adoption import adopt_sessions
from sessions.models import Answer, InterviewSession, Report
from tests.clients import as_guest
from tests.factories import NOW, PASSWORD, answer, make_finished_session, make_guest, make_session, questions_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return create_person(email="ada@example.com", password=PASSWORD)


@pytest.fixture
def guest() -> User:
    return make_guest()


def sign_in(client: Client) -> None:
    data = {"login": "ada@example.com", "password": PASSWORD}
    assert client.post(reverse("account_login"), data).status_code == 302


def adopt(guest: User, user: User) -> None:
    adopt_sessions(guest=guest, user=user, now=NOW)


def owners(session: InterviewSession) -> set[object]:
    """Everybody whose the session or one of its answers is."""
    session.refresh_from_db()
    return {session.candidate_id, *Answer.objects.filter(session=session).values_list("candidate", flat=True)}


def test_a_guest_who_signs_in_keeps_a_finished_sample(ada: User, guest: User) -> None:
    client, session = as_guest(guest), make_finished_session(candidate=guest)
    sign_in(client)
    assert owners(session) == {ada.pk}
    assert client.get(reverse("transcript", args=[session.pk])).status_code == 200
    assert GUEST_SESSION_KEY not in client.session


def test_a_sample_that_runs_goes_on_in_the_account_and_takes_the_next_save(ada: User, guest: User) -> None:
    session = make_session(candidate=guest)
    question = questions_of(session)[0]
    answer(question, "As a guest.")
    adopt(guest, ada)
    assert owners(session) == {ada.pk}
    session.refresh_from_db()
    assert not session.is_finished
    saved = answer(questions_of(session)[0], "Signed in.", base_revision=1, sequence=2)
    assert saved.is_saved


def test_of_two_running_interviews_the_accounts_goes_on_and_the_guests_is_finished(ada: User, guest: User) -> None:
    own, sample = make_session(candidate=ada), make_session(candidate=guest)
    adopt(guest, ada)
    own.refresh_from_db()
    assert owners(sample) == {ada.pk}
    assert (own.is_finished, sample.is_finished) == (False, True)
    assert Report.objects.get().session == sample


def test_an_interview_of_the_account_whose_time_is_up_does_not_end_the_sample(ada: User, guest: User) -> None:
    own = make_session(candidate=ada, now=NOW - timedelta(days=1))
    sample = make_session(candidate=guest)
    adopt(guest, ada)
    own.refresh_from_db()
    assert owners(sample) == {ada.pk}
    assert (own.is_finished, sample.is_finished) == (True, False)


def test_adopting_twice_is_adopting_once(ada: User, guest: User) -> None:
    sample = make_session(candidate=guest)
    adopt(guest, ada)
    adopt(guest, ada)
    assert owners(sample) == {ada.pk}
    assert not sample.is_finished


def test_who_signed_up_in_the_meantime_keeps_their_interview(ada: User, guest: User) -> None:
    """The other tab has signed up after this request had read the guest."""
    session = make_session(candidate=guest)
    User.objects.filter(pk=guest.pk).update(is_guest=False, email="grace@example.com")
    adopt(guest, ada)
    assert owners(session) == {guest.pk}


def test_interviews_of_other_guests_stay_theirs(ada: User, guest: User) -> None:
    other = make_session(candidate=make_guest())
    adopt(guest, ada)
    assert owners(other) == {other.candidate_id}


def test_signing_in_without_having_been_a_guest_moves_nothing(ada: User, client: Client) -> None:
    other = make_session(candidate=make_guest())
    sign_in(client)
    assert owners(other) == {other.candidate_id}
