"""The bank browser's pages: who gets in, what an address shows, saved views, and bulk actions by clicks."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from interviewprep.accounts.models import User
from questions import bulk, publishing
from questions.models import BulkAction, Question, SavedView
from tests.clients import as_guest, signed_in
from tests.factories import (
    NOW,
    OPEN,
    make_content,
    make_curator,
    make_flag,
    make_guest,
    make_mentor,
    make_question,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db

LIST = "/bank/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def curator() -> User:
    return make_curator("cleo@example.com")


@pytest.fixture
def client(curator: User) -> Client:
    return signed_in(curator)


@pytest.fixture
def question() -> Question:
    return make_question("coins", kind="numeric", title="Two coins", tags=["coin-tosses"])


def url(name: str, *arguments: Any) -> str:
    return reverse(f"bank:{name}", args=arguments)


def text(response: Any) -> str:
    """Return what a page says, with its tags taken out and its white space made even."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def addresses(question: Question, owner: User) -> Iterator[tuple[str, str]]:
    view = SavedView.objects.create(owner=owner, name="Mine", created_at=NOW)
    yield "get", LIST
    yield "get", url("peek", question.pk)
    yield "get", url("values", "tag")
    yield "get", url("values", "author")
    yield "get", url("bulk")
    yield "post", url("bulk")
    yield "post", url("bulk_undo", uuid4())
    yield "post", url("view_save")
    yield "post", url("view_change", view.pk)
    yield "post", url("view_delete", view.pk)
    yield "post", url("view_undelete", view.pk)


# --- Who gets in ----------------------------------------------------------------------------------------------------


def test_nobody_but_curators_gets_in(question: Question, curator: User) -> None:
    strangers = {"candidate": signed_in(make_user()), "mentor": signed_in(make_mentor())}
    for method, address in addresses(question, curator):
        anonymous = getattr(Client(), method)(address)
        assert anonymous.status_code == 302 and "/login/" in anonymous["Location"], address
        assert getattr(as_guest(make_guest()), method)(address).status_code == 302, address
        for who, stranger in strangers.items():
            assert getattr(stranger, method)(address).status_code == 403, (who, address)


def test_a_background_request_of_somebody_signed_out_swaps_no_page_in() -> None:
    assert Client().get(LIST, headers=HTMX).status_code == 401


def test_who_may_only_read_the_bank_reads_and_is_offered_nothing_else(question: Question) -> None:
    reader = make_user()
    reader.user_permissions.add(Permission.objects.get(codename="view_question"))
    page = signed_in(reader).get(LIST)
    assert "Two coins" in text(page) and "New question" not in text(page) and "Save this view" not in text(page)
    peeked = signed_in(reader).get(url("peek", question.pk))
    assert "Grade an answer" in text(peeked) and f"/bank/{question.pk}/edit/" not in peeked.content.decode()
    assert signed_in(reader).post(url("bulk"), {"kind": "retire", "chosen": question.pk}).status_code == 403


def test_looking_is_for_get_and_changing_for_post(client: Client, question: Question, curator: User) -> None:
    for method, address in addresses(question, curator):
        if address != url("bulk"):
            other = client.post(address) if method == "get" else client.get(address)
            assert other.status_code == 405, address


# --- The list -------------------------------------------------------------------------------------------------------


def test_the_list_shows_each_question_with_where_and_how_it_stands(client: Client, question: Question) -> None:
    assert question.current_version
    make_flag(question.current_version)
    publishing.add_version(question=question, content=make_content("numeric", title="Two fair coins"), author=None)
    page = text(client.get(LIST))
    assert "1 question" in page and "Two fair coins" in page and question.topic.name in page
    assert "draft" in page and "1 flag" in page and "number" in page and "medium" in page


def test_found_words_are_marked_and_shown_where_they_stand(client: Client, question: Question) -> None:
    page = client.get(f"{LIST}?q=probability").content.decode()
    assert "<mark>probability</mark> of two heads" in page


def test_markup_in_a_title_or_a_search_stays_text(client: Client) -> None:
    make_question(title="<script>alert(1)</script>")
    for address in (LIST, f"{LIST}?q=%3Cscript%3Ealert", f"{LIST}?author=%3Cscript%3E&tag=%3Cscript%3E"):
        assert "<script>alert" not in client.get(address).content.decode()


def test_a_typo_finds_what_was_meant_and_says_so(client: Client) -> None:
    make_question("penalty", prompt="What does regularisation do to a model?")
    page = text(client.get(f"{LIST}?q=regularizaton"))
    assert "Nothing says “regularizaton”. This is what “regularisation” finds." in page and "1 question" in page


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    assert "The bank is empty" in text(client.get(LIST))
    make_question()
    assert "No question fits" in text(client.get(f"{LIST}?q=xylophone"))


def test_a_background_request_gets_the_list_and_the_filters_alone(client: Client, question: Question) -> None:
    answer = client.get(f"{LIST}?q=coins", headers=HTMX).content.decode()
    assert "<html" not in answer and 'id="results"' in answer and 'id="filter-options" hx-swap-oob' in answer
    assert 'data-query="q=coins"' in answer
    whole = client.get(f"{LIST}?q=coins").content.decode()
    assert 'id="results"' in whole and "hx-swap-oob" not in whole


def test_what_is_chosen_can_be_taken_off_one_by_one(client: Client, question: Question) -> None:
    page = client.get(f"{LIST}?kind=numeric&kind=open&tag=coin-tosses&area=area-of-nothing").content.decode()
    assert "Kind: number" in page and "Tag: coin-tosses" in page
    assert 'href="/bank/?area=area-of-nothing&amp;tag=coin-tosses&amp;kind=open"' in page


def test_pages_have_addresses(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = make_topic()
    for number in range(51):
        make_question(topic=topic, kind="numeric", title=f"Coins {number}")
    first = client.get(f"{LIST}?sort=title").content.decode()
    assert 'rel="next" href="?sort=title&amp;page=2"' in first and 'rel="prev"' not in first
    second = client.get(f"{LIST}?sort=title&page=2").content.decode()
    assert 'rel="prev" href="?sort=title"' in second and "51–51 of 51" in second
    assert "51–51 of 51" in client.get(f"{LIST}?sort=title&page=99").content.decode()


def test_a_question_is_read_beside_the_list_or_on_a_page_of_its_own(client: Client, question: Question) -> None:
    fragment = client.get(url("peek", question.pk), headers=HTMX).content.decode()
    assert "<html" not in fragment and f'data-peeked="{question.pk}"' in fragment
    page = text(client.get(url("peek", question.pk)))
    assert "What is the probability of two heads?" in page and "Reference answer" in page
    beside = client.get(f"{LIST}?open={question.pk}").content.decode()
    assert f'data-peeked="{question.pk}"' in beside
    assert "data-peeked" not in client.get(f"{LIST}?open={uuid4()}").content.decode()
    assert client.get(url("peek", uuid4())).status_code == 404


def test_a_question_without_a_version_can_be_looked_at(client: Client) -> None:
    bare = Question.objects.create(slug="bare", topic=make_topic())
    assert "bare" in text(client.get(LIST))
    assert "no version yet" in text(client.get(url("peek", bare.pk)))


def test_all_tags_of_what_was_found_are_a_page_of_links(client: Client, question: Question) -> None:
    page = client.get(f"{url('values', 'tag')}?kind=numeric").content.decode()
    assert 'href="/bank/?tag=coin-tosses&amp;kind=numeric"' in page
    assert client.get(url("values", "title")).status_code == 404


@pytest.mark.parametrize("query", ["", "?q=coins", "?open=", "?kind=open&q=xylophon"])
def test_a_page_takes_as_many_statements_for_many_questions_as_for_one(
    client: Client, question: Question, query: str
) -> None:
    query = query.replace("open=", f"open={question.pk}") if query == "?open=" else query
    client.get(LIST + query)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST + query)
    topics = [make_topic() for _ in range(3)]
    for number in range(12):
        make_question(topic=topics[number % 3], kind="numeric")
    with CaptureQueriesContext(connection) as many:
        client.get(LIST + query)
    assert len(few) == len(many) <= 16


# --- Saved views ----------------------------------------------------------------------------------------------------


def save(client: Client, name: str = "Coins", query: str = "q=coins&kind=numeric", **more: str) -> Any:
    return client.post(url("view_save"), {"name": name, "query": query, **more})


def test_a_view_keeps_a_search_under_a_name(client: Client, curator: User, question: Question) -> None:
    response = save(client, query="q=coins&kind=numeric&page=3&nonsense=1")
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.query, view.is_shared) == (curator, "Coins", "q=coins&kind=numeric", False)
    assert response["Location"] == "/bank/?q=coins&kind=numeric"
    assert (
        'href="/bank/?q=coins&amp;kind=numeric" aria-current="true"'
        in client.get(response["Location"]).content.decode()
    )


def test_saving_under_the_same_name_replaces_the_search(client: Client) -> None:
    save(client)
    save(client, query="q=dice", is_shared="on")
    assert [(view.query, view.is_shared) for view in SavedView.objects.all()] == [("q=dice", True)]


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_needs_a_name_of_sensible_length(client: Client, name: str) -> None:
    assert "name" in text(client.get(save(client, name=name)["Location"]))
    assert not SavedView.objects.exists()


def test_a_shared_view_is_seen_by_all_curators_and_changed_by_its_owner_alone(client: Client) -> None:
    save(client, is_shared="on")
    save(client, name="Private")
    view, other = SavedView.objects.get(name="Coins"), signed_in(make_curator())
    page = text(other.get(LIST))
    assert "Coins" in page and "Private" not in page
    for action in ("view_change", "view_delete", "view_undelete"):
        assert other.post(url(action, view.pk), {"name": "Stolen"}).status_code == 404
    client.post(url("view_change", view.pk), {"name": "Coins"})
    assert "Coins" not in text(other.get(LIST))


def test_a_view_is_renamed_but_not_to_a_name_in_use(client: Client) -> None:
    save(client)
    save(client, name="Dice")
    view = SavedView.objects.get(name="Dice")
    client.post(url("view_change", view.pk), {"name": "Numbers"})
    view.refresh_from_db()
    assert view.name == "Numbers"
    client.post(url("view_change", view.pk), {"name": "Coins"})
    view.refresh_from_db()
    assert view.name == "Numbers"


def test_a_deleted_view_can_be_brought_back(client: Client) -> None:
    save(client)
    view = SavedView.objects.get()
    after = client.get(client.post(url("view_delete", view.pk), {"query": "kind=open"})["Location"])
    assert "The view “Coins” is deleted." in text(after) and after.wsgi_request.GET["kind"] == "open"
    assert client.post(url("view_delete", view.pk)).status_code == 404
    client.post(url("view_undelete", view.pk))
    assert SavedView.objects.visible_to(view.owner).get() == view


def test_a_deleted_view_does_not_come_back_under_a_name_in_use(client: Client) -> None:
    save(client)
    view = SavedView.objects.get()
    client.post(url("view_delete", view.pk))
    save(client)
    page = client.post(url("view_undelete", view.pk), follow=True)
    assert "another view called “Coins”" in text(page)
    assert SavedView.objects.filter(deleted_at=None).count() == 1


# --- Bulk actions by clicks -----------------------------------------------------------------------------------------


def hidden(response: Any) -> dict[str, str]:
    """Return the hidden fields of the form that confirms."""
    form = re.findall(r"<form.*?</form>", response.content.decode(), re.DOTALL)[-1]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_ticked_questions_are_changed_after_a_page_that_says_what_changes(client: Client, question: Question) -> None:
    other = make_question()
    asked = client.post(url("bulk"), {"kind": "retire", "chosen": [question.pk, other.pk], "query": "q=coins"})
    assert "This changes 2 questions" in text(asked) and "Interviews under way" in text(asked)
    assert Question.objects.filter(status="retired").count() == 0
    done = client.post(url("bulk"), hidden(asked))
    assert done["Location"] == "/bank/?q=coins"
    assert Question.objects.filter(status="retired").count() == 2
    page = client.get(done["Location"])
    assert "2 questions were changed" in text(page) and "Undo it" in text(page)
    client.post(url("bulk_undo", BulkAction.objects.get().pk))
    assert Question.objects.filter(status="published").count() == 2
    assert "Undo it" not in text(client.get(LIST))


def test_what_an_action_needs_is_asked_for(client: Client, question: Question) -> None:
    topic = make_topic("new-home")
    asked = client.post(url("bulk"), {"kind": "move", "chosen": question.pk})
    assert "New topic" in text(asked) and "This changes" not in text(asked)
    shown = client.post(url("bulk"), {"kind": "move", "ids": str(question.pk), "value": topic.slug})
    assert "This changes 1 question" in text(shown)
    client.post(url("bulk"), hidden(shown))
    question.refresh_from_db()
    assert question.topic == topic


def test_all_that_were_found_can_be_changed_at_once(client: Client, question: Question) -> None:
    others = [make_question() for _ in range(2)]
    asked = client.post(url("bulk"), {"kind": "retire", "everything": "on", "query": "kind=open"})
    assert hidden(asked)["ids"].count(",") == 1
    client.post(url("bulk"), hidden(asked))
    assert set(Question.objects.filter(status="retired")) == set(others)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "retire"}, "Tick the questions"),
        ({"kind": "retire", "chosen": "nonsense"}, "Tick the questions"),
        ({"kind": "", "ticks": True}, "Choose what to do"),
        ({"kind": "burn", "ticks": True}, "Choose what to do"),
    ],
)
def test_what_is_missing_is_said_on_the_list(
    client: Client, question: Question, data: dict[str, Any], words: str
) -> None:
    if data.pop("ticks", False):
        data["chosen"] = question.pk
    assert words in text(client.post(url("bulk"), data, follow=True))


def test_a_change_meanwhile_is_said_and_nothing_done(client: Client, question: Question) -> None:
    asked = client.post(url("bulk"), {"kind": "difficulty", "ids": str(question.pk), "value": "hard"})
    publishing.retire(question=question)
    again = client.post(url("bulk"), hidden(asked))
    assert again.status_code == 409 and "changed meanwhile, so nothing was done" in text(again)
    assert question.versions.count() == 1
    client.post(url("bulk"), hidden(again))
    assert question.versions.count() == 2


def test_a_tag_that_is_none_is_refused_with_what_to_enter(client: Client, question: Question) -> None:
    page = client.post(url("bulk"), {"kind": "add_tag", "ids": str(question.pk), "value": "Two Words"})
    assert (
        page.status_code == 409 and "lower-case letters" in text(page) and 'value="Two Words"' in page.content.decode()
    )


def test_the_last_actions_are_listed_with_their_undo(client: Client, curator: User, question: Question) -> None:
    assert "listed here" in text(client.get(url("bulk")))
    planned = bulk.plan(kind=BulkAction.Kind.RETIRE, value="", ids=[question.pk])
    now = timezone.now()
    action = bulk.carry_out(
        kind=BulkAction.Kind.RETIRE, value="", ids=[question.pk], seal=planned.seal, actor=curator, now=now
    )
    assert url("bulk_undo", action.pk) in client.get(url("bulk")).content.decode()
    publishing.restore(question=question)
    page = client.get(url("bulk"))
    assert "has changed since" in text(page) and url("bulk_undo", action.pk) not in page.content.decode()
    refused = client.post(url("bulk_undo", action.pk), follow=True)
    assert "Nothing was undone" in text(refused)
    assert signed_in(make_curator()).post(url("bulk_undo", action.pk)).status_code == 404


def test_ticked_questions_are_handed_to_the_export(client: Client, question: Question) -> None:
    make_question(**OPEN)
    page = client.post(url("bulk"), {"kind": "export", "chosen": question.pk})
    assert page.status_code == 200 and str(question.pk) in page.content.decode()
