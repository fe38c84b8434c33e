"""The editor's pages: who gets in, what pressing its buttons does with and without scripts, and what is never lost."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from interviewprep.accounts.models import User
from questions import publishing
from questions.content import AnyOf, KeyNumber
from questions.editing import typed as forms
from questions.models import Question, QuestionVersion, Review, WorkingCopy
from tests.clients import as_guest, signed_in
from tests.factories import (
    DEMANDING,
    NOW,
    OPEN,
    make_content,
    make_curator,
    make_guest,
    make_mentor,
    make_question,
    make_topic,
    make_user,
)
from tests.questions.test_editing import posted

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def curator() -> User:
    return make_curator("cleo@example.com", name="Cleo")


@pytest.fixture
def client(curator: User) -> Client:
    return signed_in(curator)


@pytest.fixture
def question() -> Question:
    return make_question("coins", **OPEN)


def url(name: str, *arguments: Any) -> str:
    return reverse(f"bank:{name}", args=arguments)


def text(response: Any) -> str:
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(words.split())


def newest(question: Question) -> QuestionVersion:
    version = question.versions.order_by("-number").first()
    assert version
    return version


def form(question: Question | None = None, **fields: Any) -> dict[str, Any]:
    """Return what a browser posts of the editor, with other words in some fields."""
    version = newest(question) if question else None
    typed = forms.of_content(version.content if version else make_content(**OPEN)) | fields
    data: dict[str, Any] = {name: values[0] if len(values) == 1 else values for name, values in posted(typed).lists()}
    data |= {"copy": str(uuid4()), "revision": "0", "base": "", "base_digest": ""}
    if version:
        data |= {"base": str(version.pk), "base_digest": version.digest, "question": str(version.question_id)}
    return data


def addresses(question: Question) -> Iterator[tuple[str, str]]:
    yield "get", url("new")
    yield "get", url("edit", question.pk)
    yield "post", url("new")
    yield "post", url("edit", question.pk)
    yield "post", url("editor_preview")
    yield "post", url("editor_keep")
    yield "post", url("copy_discard", uuid4())


# --- Who gets in ----------------------------------------------------------------------------------------------------


def test_nobody_but_curators_gets_in(question: Question) -> None:
    strangers = {"candidate": signed_in(make_user()), "mentor": signed_in(make_mentor())}
    for method, address in addresses(question):
        anonymous = getattr(Client(), method)(address)
        assert anonymous.status_code == 302 and "/login/" in anonymous["Location"], address
        assert getattr(as_guest(make_guest()), method)(address).status_code == 302, address
        for who, stranger in strangers.items():
            assert getattr(stranger, method)(address).status_code == 403, (who, address)
    assert not WorkingCopy.objects.exists()


def test_a_background_request_of_somebody_signed_out_swaps_no_page_in(question: Question) -> None:
    assert Client().post(url("editor_keep"), form(question), headers=HTMX).status_code == 401


def test_what_only_changes_is_not_looked_at(client: Client, question: Question) -> None:
    for address in (url("editor_preview"), url("editor_keep"), url("copy_discard", uuid4())):
        assert client.get(address).status_code == 405
    assert client.delete(url("edit", question.pk)).status_code == 405
    assert client.get(url("edit", uuid4())).status_code == 404
    assert client.get(f"{url('new')}?copy={uuid4()}").headers["Location"] == url("new")
    assert client.get(f"{url('new')}?copy=none").status_code == 200


# --- Looking --------------------------------------------------------------------------------------------------------


def test_the_form_is_filled_with_the_newest_version_and_shows_what_candidates_see(
    client: Client, question: Question
) -> None:
    publishing.add_version(question=question, content=make_content(**OPEN | {"title": "Newer"}), author=None)
    page = client.get(url("edit", question.pk)).content.decode()
    assert 'value="Newer"' in page and "Your answer" in page and "What candidates will see" in page
    assert f'name="base" value="{newest(question).pk}"' in page


def test_an_earlier_version_can_be_the_beginning(client: Client, question: Question) -> None:
    old = newest(question)
    publishing.add_version(question=question, content=make_content(**OPEN | {"title": "Newer"}), author=None)
    page = client.get(f"{url('edit', question.pk)}?version=1").content.decode()
    assert f'value="{old.title}"' in page and f'name="base" value="{newest(question).pk}"' in page
    assert client.get(f"{url('edit', question.pk)}?version=9").status_code == 404


@pytest.mark.parametrize("kind", ["open", "single", "multiple", "numeric"])
def test_every_kind_can_be_edited(client: Client, kind: str) -> None:
    question = make_question(kind=kind)
    assert client.get(url("edit", question.pk)).status_code == 200
    response = client.post(url("edit", question.pk), form(question, title="Another") | {"do": "save"})
    assert response.status_code == 302 and newest(question).title == "Another"


def test_a_question_without_a_version_gets_its_first(client: Client) -> None:
    bare = Question.objects.create(slug="bare", topic=make_topic())
    assert client.get(url("edit", bare.pk)).status_code == 200
    client.post(url("edit", bare.pk), form() | {"do": "save"})
    assert newest(bare).number == 1


def test_markup_stays_text_wherever_it_was_typed(client: Client, question: Question) -> None:
    nasty = "<script>alert(1)</script></textarea>"
    data = form(question, title=nasty, prompt=nasty, reference_answer=nasty)
    data |= {"key_points-r1-text": nasty, "key_points-r1-accepted": nasty, "tags": ["r1"], "tags-r1-text": nasty}
    for response in (
        client.post(url("edit", question.pk), data | {"do": "show"}),
        client.post(url("editor_preview"), data),
        client.get(url("edit", question.pk)),
    ):
        assert "<script>alert" not in response.content.decode()


def test_what_is_missing_in_several_ways_is_named_once(client: Client, question: Question) -> None:
    page = client.post(url("editor_preview"), form(question, kind="single", choices=[]), headers=HTMX)
    assert "Still missing: Choices\n" in re.sub(" *</p>", "\n", page.content.decode())


def test_the_preview_stores_nothing(client: Client, question: Question) -> None:
    data = form(question, prompt="A **bold** question about pelicans?", title="")
    with CaptureQueriesContext(connection) as captured:
        page = client.post(url("editor_preview"), data, headers=HTMX)
    assert "<strong>bold</strong>" in page.content.decode() and "Still missing: Title" in text(page)
    writing = [query for query in captured.captured_queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert writing == []


def test_the_preview_says_what_is_weak_at_its_field_and_what_is_asked_already(
    client: Client, question: Question
) -> None:
    make_question("other", **OPEN)
    page = client.post(url("editor_preview"), form(question), headers=HTMX).content.decode()
    assert 'data-field="key_points-r1-accepted"' in page and "Asked already?" in page and "100 % alike" in page


@pytest.mark.parametrize("fields", [{}, {"title": "Other"}])
def test_pages_take_the_same_statements_however_many_versions_and_questions(
    client: Client, question: Question, fields: dict[str, str]
) -> None:
    def statements() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as page:
            client.get(url("edit", question.pk))
        with CaptureQueriesContext(connection) as preview:
            client.post(url("editor_preview"), form(question, **fields), headers=HTMX)
        return len(page), len(preview)

    statements()
    few = statements()
    for number in range(5):
        make_question(**OPEN)
        publishing.add_version(question=question, content=make_content(**OPEN | {"title": f"V {number}"}), author=None)
    assert statements() == few
    assert max(few) <= 14


# --- Pressing its buttons -------------------------------------------------------------------------------------------


def test_a_button_of_a_list_gives_the_whole_form_back_and_keeps_it(client: Client, question: Question) -> None:
    data = form(question, prompt="Changed words?")
    page = client.post(url("edit", question.pk), data | {"do": "add:key_points"}).content.decode()
    assert "key_points-r4-text" in page and "Changed words?" in page and "<html" in page
    assert re.search(r'id="key_points-r4-text"[^>]* autofocus', page)
    assert WorkingCopy.objects.get().typed["prompt"] == "Changed words?"


def test_with_scripts_only_the_list_comes_back(client: Client, question: Question) -> None:
    data = form(question) | {"do": "down:key_points:r1"}
    page = client.post(url("edit", question.pk), data, headers=HTMX).content.decode()
    assert "<html" not in page and 'id="list-key_points"' in page
    assert re.findall(r'type="hidden" name="key_points" value="(r\d)"', page) == ["r2", "r1", "r3"]


def test_saving_makes_a_version_and_goes_to_the_question(client: Client, curator: User, question: Question) -> None:
    response = client.post(url("edit", question.pk), form(question, title="Another") | {"do": "save"})
    assert response["Location"] == f"/bank/{question.pk}/?version=2#main"
    assert (newest(question).title, newest(question).created_by) == ("Another", curator)
    assert not newest(question).is_published and not WorkingCopy.objects.exists()


def test_saving_can_submit_it_for_review_at_once(client: Client, question: Question) -> None:
    client.post(url("edit", question.pk), form(question, title="Another") | {"do": "submit"})
    assert Review.objects.waiting().get().version == newest(question)


def test_what_is_incomplete_is_kept_and_says_what_is_missing(client: Client, question: Question) -> None:
    data = form(question, title="", prompt="Half a question") | {"do": "save"}
    page = client.post(url("edit", question.pk), data)
    assert page.status_code == 422 and "Your words are kept" in text(page)
    assert re.search(r'id="p-title"[^>]*><li>Is missing', page.content.decode())
    assert question.versions.count() == 1
    again = client.get(url("edit", question.pk))
    assert "Half a question" in again.content.decode() and "not saved as a version yet" in text(again)


def test_a_weak_draft_may_be_saved(client: Client, question: Question) -> None:
    client.post(url("edit", question.pk), form(question, time_limit_seconds="10") | {"do": "save"})
    assert newest(question).time_limit_seconds == 10


def test_throwing_away_deletes_what_was_typed_and_leaves_the_versions(client: Client, question: Question) -> None:
    data = form(question, title="Another")
    client.post(url("edit", question.pk), data | {"do": "show"})
    copy = WorkingCopy.objects.get()
    client.post(url("edit", question.pk), data | {"copy": str(copy.pk), "do": "discard"})
    assert not WorkingCopy.objects.exists() and question.versions.count() == 1


# --- What a key point demands ---------------------------------------------------------------------------------------


def test_what_a_key_point_demands_is_folded_away_until_it_says_something(client: Client, question: Question) -> None:
    page = client.get(url("edit", question.pk)).content.decode()
    assert page.count('<details class="editor__folded"><summary>') == 3
    response = client.post(url("new"), form(key_points=[]) | {"do": "add:key_points"})
    assert response.content.decode().count('<details class="editor__folded">') == 1
    demanding = make_question("demanding", key_points=[*OPEN["key_points"], DEMANDING])
    page = client.get(url("edit", demanding.pk)).content.decode()
    assert page.count('<details class="editor__folded">') == 3 and page.count('class="editor__folded" open') == 1
    assert re.search(r'id="key_points-r4-number_value"[^>]* value="4.5"', page)


def test_what_a_key_point_demands_can_be_written_without_scripts(client: Client, question: Question) -> None:
    data = form(question) | {"key_points-r2-required": "recall | sensitivity\r\nprecision"}
    data |= {"key_points-r2-number_value": "4.5", "key_points-r2-number_unit": "ms"}
    data |= {"key_points-r2-any_of_items": "bagging\r\nboosting", "key_points-r2-any_of_need": "3"}
    page = client.post(url("edit", question.pk), data | {"do": "save"})
    shown = page.content.decode()
    assert page.status_code == 422 and question.versions.count() == 1
    assert re.search(r'id="p-key_points-r2-any_of_need"[^>]*><li>Asks for 3 of 2 items', shown)
    assert 'href="#key_points-r2-any_of_need"' in shown and shown.count('class="editor__folded" open') == 1
    assert "recall | sensitivity\nprecision</textarea>" in shown and "bagging\nboosting</textarea>" in shown
    assert WorkingCopy.objects.get().typed["key_points"][1]["any_of_need"] == "3"
    again = client.get(url("edit", question.pk)).content.decode()
    assert "bagging\nboosting</textarea>" in again and 'value="4.5"' in again
    client.post(url("edit", question.pk), data | {"key_points-r2-any_of_need": "2", "do": "save"})
    point = newest(question).content.key_points[1]
    assert point.required == ("recall | sensitivity", "precision")
    assert point.number == KeyNumber(value=4.5, tolerance=0, unit="ms")
    assert point.any_of == AnyOf(need=2, items=("bagging", "boosting"))
    assert newest(question).content.key_points[0] == make_content(**OPEN).key_points[0]


def test_the_preview_shows_what_a_key_point_demands_while_it_is_typed(client: Client, question: Question) -> None:
    data = form(question) | {"key_points-r1-required": "<b>", "key_points-r1-any_of_items": "payments\nspread"}
    data |= {"key_points-r1-any_of_need": "1"}
    page = client.post(url("editor_preview"), data, headers=HTMX)
    shown = page.content.decode()
    assert "Must be said: “&lt;b&gt;”" in text(page) and "Any 1 of these: “payments”, “spread”" in text(page)
    assert "entry 1: stands neither" in shown and 'data-field="key_points-r1-required"' in shown
    assert "entry 1: stands in the question already" in shown and 'data-field="key_points-r1-any_of_items"' in shown
    page = client.post(url("editor_preview"), data | {"key_points-r1-number_value": "many"}, headers=HTMX)
    assert "Must be stated: many" in text(page)
    assert 'data-field="key_points-r1-number_value"' in page.content.decode()


def test_words_kept_before_key_points_could_demand_anything_open_as_they_were(
    client: Client, curator: User, question: Question
) -> None:
    client.post(url("editor_keep"), form(question, title="Kept long ago"), headers=HTMX)
    copy = WorkingCopy.objects.get()
    for row in copy.typed["key_points"]:
        for part in ("required", "number_value", "number_tolerance", "number_unit", "any_of_items", "any_of_need"):
            del row[part]
    copy.save()
    page = client.get(url("edit", question.pk))
    assert page.status_code == 200 and 'value="Kept long ago"' in page.content.decode()


def test_the_fullest_form_is_taken_whole(client: Client, question: Question) -> None:
    typed = forms.of_content(newest(question).content)
    for name, parts in forms.ROWS.items():
        rows = range(1, forms.MOST_ROWS + 1)
        typed[name] = [
            {"row": f"r{n}", **{part: "on" if part == "correct" else f"{n}" for part in parts}} for n in rows
        ]
    page = client.post(url("edit", question.pk), form(question, **typed) | {"do": "show"})
    assert page.status_code == 200
    assert WorkingCopy.objects.get().typed == typed


# --- A new question -------------------------------------------------------------------------------------------------


def test_a_new_question_is_created_with_its_first_draft(client: Client) -> None:
    topic = make_topic()
    data = form(topic=topic.slug, title="Metric for fraud") | {"do": "save"}
    response = client.post(url("new"), data)
    question = Question.objects.get()
    assert response["Location"] == f"/bank/{question.pk}/?version=1#main"
    assert (question.slug, question.topic, question.status) == ("metric-for-fraud", topic, "draft")


def test_a_new_question_needs_a_topic_and_a_free_slug(client: Client, question: Question) -> None:
    page = client.post(url("new"), form() | {"do": "save"})
    assert page.status_code == 422 and "Choose the topic" in text(page)
    page = client.post(url("new"), form(topic=question.topic.slug, slug="coins") | {"do": "save"})
    assert page.status_code == 422 and "called so already" in text(page)
    assert Question.objects.count() == 1


def test_a_button_pressed_twice_creates_one_question(client: Client) -> None:
    data = form(topic=make_topic().slug, title="Metric for fraud") | {"do": "save"}
    first, second = client.post(url("new"), data), client.post(url("new"), data)
    assert first["Location"] == second["Location"]
    assert QuestionVersion.objects.count() == 1 and not WorkingCopy.objects.exists()


def test_what_an_older_tab_says_of_a_question_made_meanwhile_is_a_conflict(client: Client) -> None:
    data = form(topic=make_topic().slug, title="Metric for fraud") | {"do": "save"}
    client.post(url("new"), data)
    page = client.post(url("new"), data | {"title": "Metric for rare fraud"})
    question = Question.objects.get()
    assert page.status_code == 409 and f'action="{url("edit", question.pk)}"' in page.content.decode()
    copy = WorkingCopy.objects.get()
    assert (copy.question, copy.typed["title"]) == (question, "Metric for rare fraud")
    over = {"do": "save-over", "seen": str(newest(question).pk), "seen_digest": newest(question).digest}
    client.post(url("edit", question.pk), data | over | {"title": "Metric for rare fraud"})
    assert newest(question).title == "Metric for rare fraud" and not WorkingCopy.objects.exists()


def test_saving_from_a_tab_that_is_behind_does_not_take_the_newer_words_away(
    client: Client, curator: User, question: Question
) -> None:
    client.post(url("editor_keep"), form(question, title="Newer words"), headers=HTMX)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    WorkingCopy.objects.update(revision=3, saved_at=an_hour_ago)
    older = form(question, title="Older words") | {"do": "save"}
    page = client.post(url("edit", question.pk), older)
    assert page.status_code == 409 and f"at {an_hour_ago:%H:%M} UTC you had gone on writing" in text(page)
    assert 'value="Older words"' in page.content.decode() and 'name="revision" value="3"' in page.content.decode()
    assert WorkingCopy.objects.get().typed["title"] == "Newer words" and question.versions.count() == 1
    client.post(url("edit", question.pk), older | {"revision": "3"})
    assert newest(question).title == "Older words"


def test_a_press_that_is_sent_once_more_does_not_take_away_what_was_kept_since(
    client: Client, question: Question
) -> None:
    pressed = form(question, title="Words of the press") | {"do": "show"}
    client.post(url("edit", question.pk), pressed)
    for revision, title in enumerate(("Going on", "Going on writing"), start=1):
        client.post(url("editor_keep"), form(question, title=title) | {"revision": str(revision)}, headers=HTMX)
    assert client.post(url("edit", question.pk), pressed).status_code == 409
    assert WorkingCopy.objects.get().typed["title"] == "Going on writing"


def test_what_was_kept_on_its_way_with_the_press_is_no_other_tab(client: Client, question: Question) -> None:
    client.post(url("editor_keep"), form(question, title="On its way"), headers=HTMX)
    page = client.post(url("edit", question.pk), form(question, title="The press") | {"do": "show"})
    assert page.status_code == 200 and WorkingCopy.objects.get().typed["title"] == "The press"


def test_the_address_of_words_that_were_saved_leads_to_their_question(client: Client) -> None:
    data = form(topic=make_topic("regularisation").slug, title="Saved and gone back")
    client.post(url("editor_keep"), data, headers=HTMX)
    client.post(url("new"), data | {"do": "save"})
    made = Question.objects.get(pk=str(data["copy"]))
    assert client.get(f"{url('new')}?copy={made.pk}").headers["Location"] == url("question", made.pk)


def test_a_question_that_was_begun_is_listed_and_gone_on_with(client: Client) -> None:
    data = form(title="Half a title")
    client.post(url("editor_keep"), data, headers=HTMX)
    copy = WorkingCopy.objects.get()
    assert str(copy.pk) == data["copy"] and copy.question is None
    page = client.get(url("new"))
    assert "Half a title" in text(page) and "1 other question that is not saved" in text(page)
    assert 'value="Half a title"' in client.get(f"{url('new')}?copy={copy.pk}").content.decode()
    another = signed_in(make_curator()).get(f"{url('new')}?copy={copy.pk}", follow=True)
    assert "saved or thrown away" in text(another) and "Half a title" not in text(another)
    assert signed_in(make_curator()).post(url("copy_discard", copy.pk)).status_code == 404
    client.post(url("copy_discard", copy.pk))
    assert not WorkingCopy.objects.exists()


# --- Keeping --------------------------------------------------------------------------------------------------------


def test_keeping_says_when_and_which_revision(client: Client, question: Question) -> None:
    kept = client.post(url("editor_keep"), form(question, title="H"), headers=HTMX).content.decode()
    copy = WorkingCopy.objects.get()
    assert f"Kept {copy.saved_at:%H:%M:%S} UTC" in kept
    assert 'name="revision" value="1" hx-swap-oob="true"' in kept and f'value="{copy.pk}"' in kept


def test_a_tab_that_is_behind_is_told_and_can_still_be_kept(client: Client, question: Question) -> None:
    client.post(url("editor_keep"), form(question, title="Newer"), headers=HTMX)
    refused = client.post(url("editor_keep"), form(question, title="Older"), headers=HTMX)
    assert refused.status_code == 409 and "another tab" in text(refused)
    assert WorkingCopy.objects.get().typed["title"] == "Newer"
    client.post(url("editor_keep"), form(question, title="Older") | {"even_if_behind": "1"}, headers=HTMX)
    assert WorkingCopy.objects.get().typed["title"] == "Older"


def test_a_form_beyond_all_measure_is_refused_in_words(client: Client, question: Question) -> None:
    data = form(question, prompt="x" * 30_000) | {f"follow_ups-r{n}-text": "y" * 30_000 for n in range(40)}
    data["follow_ups"] = [f"r{n}" for n in range(40)]
    response = client.post(url("editor_keep"), data, headers=HTMX)
    assert response.status_code == 422 and "Shorten it" in text(response)


# --- Two at once ----------------------------------------------------------------------------------------------------


def test_whoever_saves_second_sees_both_and_decides(client: Client, question: Question) -> None:
    mine = form(question, title="Mine")
    other = signed_in(make_curator("mo@example.com"))
    other.post(url("edit", question.pk), form(question, title="Theirs") | {"do": "save"})
    page = client.post(url("edit", question.pk), mine | {"do": "save"})
    assert page.status_code == 409 and "mo saved version 2, so yours is not saved yet" in text(page)
    assert "What they changed" in text(page) and 'value="Mine"' in page.content.decode()
    assert question.versions.count() == 2 and WorkingCopy.objects.get().typed["title"] == "Mine"
    seen = dict(re.findall(r'name="(seen\w*)" value="([^"]+)"', page.content.decode()))
    client.post(url("edit", question.pk), mine | seen | {"do": "save-over"})
    assert [version.title for version in question.versions.order_by("number")][1:] == ["Theirs", "Mine"]


def test_a_third_version_that_came_while_one_decided_is_a_conflict_again(client: Client, question: Question) -> None:
    mine, first = form(question, title="Mine"), newest(question)
    publishing.add_version(question=question, content=make_content(**OPEN | {"title": "Second"}), author=None)
    publishing.add_version(question=question, content=make_content(**OPEN | {"title": "Third"}), author=None)
    data = mine | {"seen": str(first.pk), "seen_digest": first.digest, "do": "save-over"}
    assert client.post(url("edit", question.pk), data).status_code == 409
    assert newest(question).title == "Third"


def test_the_page_says_who_else_is_writing(client: Client, question: Question) -> None:
    other = make_curator("mo@example.com")
    signed_in(other).post(url("editor_keep"), form(question, title="Theirs"), headers=HTMX)
    page = text(client.get(url("edit", question.pk)))
    assert "mo is writing at this question too" in page and "Theirs" not in page
    WorkingCopy.objects.update(saved_at=NOW - timedelta(days=300))
    assert "is writing" not in text(client.get(url("edit", question.pk)))
