"""The queue of flags, the answer to one, and the list of one's own."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import User
from questions import tasks
from questions.models import Flag, Question, QuestionVersion
from questions.publishing import add_version, publish
from tests.clients import as_guest, signed_in
from tests.factories import (
    NOW,
    make_content,
    make_curator,
    make_flag,
    make_guest,
    make_mentor,
    make_question,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> User:
    return make_curator("cleo@example.com", name="Cleo")


@pytest.fixture
def sender() -> User:
    return make_user("ada@example.com", name="Ada Lovelace")


@pytest.fixture
def question() -> Question:
    return make_question("rare-fraud", title="Rare fraud")


@pytest.fixture
def flag(question: Question, sender: User) -> Flag:
    assert question.current_version is not None
    return make_flag(question.current_version, sender=sender, note="The <b>second</b> sentence is wrong.")


@pytest.fixture
def mailed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record which answers are sent for, in place of a broker."""
    sent: list[str] = []
    monkeypatch.setattr(tasks.mail_flag_answer, "delay", sent.append)
    return sent


def url(name: str, *arguments: Any, **query: str) -> str:
    return reverse(f"bank:{name}", args=arguments, query=query)


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def later(question: Question) -> QuestionVersion:
    version = add_version(question=question, content=make_content(), author=None)
    return publish(question=question, version=version, now=NOW)


# Who gets in


def test_the_queue_is_for_curators_only(flag: Flag) -> None:
    for address in (url("flags"), url("flag", flag.pk)):
        for client in (Client(), as_guest(make_guest())):
            assert client.get(address)["Location"].startswith(reverse("account_login"))
        for stranger in (make_user(), make_mentor(), flag.sender):
            assert stranger
            assert signed_in(stranger).get(address).status_code == 403
    data = {"state": "unchanged", "note": "No."}
    assert flag.sender
    assert signed_in(flag.sender).post(url("flag", flag.pk), data).status_code == 403
    flag.refresh_from_db()
    assert flag.is_open


def test_an_unknown_flag_is_not_found(curator: User) -> None:
    assert signed_in(curator).get(url("flag", uuid4())).status_code == 404


# The queue


def test_the_queue_shows_the_role_of_a_sender_and_no_name(flag: Flag, curator: User) -> None:
    page = signed_in(curator).get(url("flags"))
    text = words(page)
    assert "Rare fraud" in text
    assert "version 1 · from a candidate" in text
    assert "The &lt;b&gt;second&lt;/b&gt; sentence is wrong." in page.content.decode()
    for address in (url("flags"), url("flag", flag.pk)):
        shown = signed_in(curator).get(address).content.decode()
        assert "Lovelace" not in shown
        assert "ada@example.com" not in shown


def test_the_queue_shows_open_flags_unless_asked_for_others(flag: Flag, curator: User) -> None:
    client = signed_in(curator)
    answered = make_flag(flag.version, note="Answered before.")
    client.post(url("flag", answered.pk), {"state": "unchanged", "note": "It is right."})
    assert "Answered before." not in words(client.get(url("flags")))
    assert "Answered before." in words(client.get(url("flags", state="answered")))
    assert "No flag fits this filter." in words(client.get(url("flags", reason="outdated")))
    assert "No flag fits this filter." in words(client.get(url("flags", question=str(uuid4()))))


@pytest.mark.parametrize("query", [{"state": "x"}, {"reason": "x"}, {"area": "x"}, {"question": "x"}, {"page": "x"}])
def test_a_strange_filter_filters_nothing(flag: Flag, curator: User, query: dict[str, str]) -> None:
    assert "Rare fraud" in words(signed_in(curator).get(url("flags", **query)))


def test_an_empty_queue_says_what_would_be_there(curator: User) -> None:
    assert "No open flags." in words(signed_in(curator).get(url("flags")))


@pytest.mark.parametrize("count", [1, 12])
def test_the_queue_costs_the_same_statements_for_any_number_of_flags(
    count: int, curator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        version = make_question().current_version
        assert version is not None
        make_flag(version)
        make_flag(version)
    client = signed_in(curator)
    client.get(url("flags"))
    with django_assert_num_queries(6):  # user, rights with groups; areas, questions (2), flags
        assert client.get(url("flags")).content.decode().count('class="spread flag-row"') == 2 * count


# The answer


def test_a_flag_is_answered_and_its_sender_sent_for(
    flag: Flag, curator: User, mailed: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(curator).post(
            url("flag", flag.pk), {"state": "unchanged", "note": "It is right."}, follow=True
        )
    assert "The flag is answered" in words(answer)
    flag.refresh_from_db()
    assert (flag.state, flag.answer, flag.answered_by) == (Flag.State.UNCHANGED, "It is right.", curator)
    assert mailed == [str(flag.pk)]


def test_only_what_fits_is_offered_as_an_answer(flag: Flag, question: Question, curator: User) -> None:
    client = signed_in(curator)
    page = client.get(url("flag", flag.pk)).content.decode()
    assert 'value="unchanged"' in page
    assert 'value="fixed"' not in page
    assert 'value="duplicate"' not in page
    assert "No later version is published yet." in page
    fixing, same = later(question), make_flag(flag.version)
    page = client.get(url("flag", flag.pk)).content.decode()
    assert f'value="{fixing.pk}"' in page
    assert f'value="{same.pk}"' in page


def test_a_fix_names_its_version(flag: Flag, question: Question, curator: User) -> None:
    fixing, client = later(question), signed_in(curator)
    answer = client.post(url("flag", flag.pk), {"state": "fixed", "note": "Kept words."})
    assert answer.status_code == 422
    assert "Choose the version that fixes it." in answer.content.decode()
    assert "Kept words." in answer.content.decode()
    stranger = make_question().current_version
    assert stranger is not None
    assert client.post(url("flag", flag.pk), {"state": "fixed", "fixed_in": str(stranger.pk)}).status_code == 422
    client.post(url("flag", flag.pk), {"state": "fixed", "fixed_in": str(fixing.pk)})
    flag.refresh_from_db()
    assert (flag.state, flag.fixed_in) == (Flag.State.FIXED, fixing)


def test_an_answer_has_to_be_chosen(flag: Flag, curator: User) -> None:
    answer = signed_in(curator).post(url("flag", flag.pk), {"note": "Hm."})
    assert (answer.status_code, "Choose an answer." in answer.content.decode()) == (422, True)


# One's own


def test_a_sender_reads_the_answer_and_it_is_read_then(flag: Flag, sender: User, curator: User) -> None:
    client = signed_in(sender)
    assert "Take it back" in words(client.get(url("your_flags")))
    assert "has an answer" not in words(client.get(reverse("home")))
    signed_in(curator).post(url("flag", flag.pk), {"state": "unchanged", "note": "It is right."})
    assert "A flag of yours has an answer." in words(client.get(reverse("home")))
    page = words(client.get(url("your_flags")))
    assert "new answer" in page
    assert "The question stays as it is." in page
    assert "It is right." in page
    assert "Cleo" not in page
    assert "new answer" not in words(client.get(url("your_flags")))
    assert "has an answer" not in words(client.get(reverse("home")))


def test_nobody_reads_the_flags_of_others(flag: Flag, curator: User) -> None:
    signed_in(curator).post(url("flag", flag.pk), {"state": "unchanged", "note": "It is right."})
    for stranger in (make_user(), make_mentor(of=flag.sender)):
        page = words(signed_in(stranger).get(url("your_flags")))
        assert "You have flagged nothing." in page
        assert "Rare fraud" not in page
    assert Client().get(url("your_flags"))["Location"].startswith(reverse("account_login"))
    flag.refresh_from_db()
    assert flag.is_unread


def test_the_sender_of_a_duplicate_reads_no_words_of_the_other_sender(
    flag: Flag, question: Question, curator: User
) -> None:
    other = make_user()
    same = make_flag(flag.version, sender=other, note="Mine.")
    client = signed_in(curator)
    client.post(url("flag", same.pk), {"state": "duplicate", "duplicate_of": str(flag.pk)})
    assert "You will hear what came of it." in words(signed_in(other).get(url("your_flags")))
    client.post(url("flag", flag.pk), {"state": "fixed", "fixed_in": str(later(question).pk), "note": "Thanks, Ada."})
    page = words(signed_in(other).get(url("your_flags")))
    assert "Somebody had flagged the same before you, and it is fixed." in page
    assert "second" not in page
    assert "Thanks, Ada." not in page


def test_a_flag_is_taken_back_until_it_is_answered(flag: Flag, sender: User, curator: User) -> None:
    address = url("your_flag_withdraw", flag.pk)
    assert signed_in(make_user()).post(address).status_code == 404
    assert signed_in(sender).get(address).status_code == 405
    assert Client().post(address)["Location"].startswith(reverse("account_login"))
    signed_in(curator).post(url("flag", flag.pk), {"state": "unchanged", "note": "It is right."})
    assert "has an answer already" in words(signed_in(sender).post(address, follow=True))
    Flag.objects.all().delete()
    again = make_flag(flag.version, sender=sender)
    assert "Your flag is taken back." in words(signed_in(sender).post(url("your_flag_withdraw", again.pk), follow=True))
    assert not Flag.objects.exists()


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_of_ones_own_costs_the_same_statements_for_any_number(
    count: int, sender: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        version = make_question().current_version
        assert version is not None
        make_flag(version, sender=sender)
    client = signed_in(sender)
    client.get(url("your_flags"))
    with django_assert_num_queries(4):  # user, groups; flags (2)
        client.get(url("your_flags"))
