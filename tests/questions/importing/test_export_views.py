"""The export page: which questions, what a format cannot carry of them, and the file; in the admin too."""

import csv
import io
import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from questions.exporting import losses
from questions.exporting.registry import writers
from questions.models import ImportRun, Question, Topic
from questions.publishing import retire
from tests.clients import signed_in
from tests.factories import make_curator, make_mentor, make_question, make_topic, make_user

pytestmark = pytest.mark.django_db

PAGE, FILE, LIST = "/bank/export/", "/bank/export/file/", "/bank/export/not-carried/"


@pytest.fixture
def page() -> Client:
    return signed_in(make_curator())


@pytest.fixture
def topic() -> Topic:
    return make_topic("metrics")


def text_of(response: Any) -> str:
    return str(b"".join(response.streaming_content) if response.streaming else response.content, "utf-8")


def slugs(response: Any) -> set[str]:
    return {question["slug"] for question in json.loads(text_of(response))}


@pytest.mark.parametrize("address", [PAGE, FILE, LIST])
def test_only_whoever_may_read_the_bank_may_take_it_along(address: str) -> None:
    make_question()
    for client, status in [(Client(), 302), (signed_in(make_user()), 403), (signed_in(make_mentor()), 403)]:
        assert client.post(address, {"format": "json"}).status_code == status


@pytest.mark.parametrize("address", [FILE, LIST])
def test_a_file_comes_by_post_only(page: Client, address: str) -> None:
    assert page.get(address, {"format": "json"}).status_code == 405


@pytest.mark.parametrize("name", sorted(writers()))
def test_every_format_gives_a_file_with_its_ending(page: Client, topic: Topic, name: str) -> None:
    make_question(topic=topic, kind="single")
    answer = page.post(FILE, {"format": name})
    assert answer.status_code == 200
    assert f'.{writers()[name].extension}"' in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # of a FileResponse


def test_an_unknown_format_is_not_found(page: Client) -> None:
    assert page.post(FILE, {"format": "docx"}).status_code == 404
    assert page.post(LIST, {"format": "docx"}).status_code == 404


def test_what_the_page_has_no_room_to_name_is_in_the_whole_list(
    page: Client, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(losses, "MOST_NAMED", 1)
    for slug in ("one", "two", "three"):
        make_question(slug, topic=topic, kind="multiple")
    make_question("single", topic=topic, kind="single")
    text = text_of(page.get(PAGE, {"format": "aiken"}))
    assert "3 questions stay behind" in text and "and so on" in text and f'formaction="{LIST}"' in text
    heading, *rows = csv.reader(text_of(page.post(LIST, {"format": "aiken"})).lstrip("\ufeff").splitlines())
    assert heading == ["question", "exported", "not carried"]
    assert [row[:2] for row in rows] == [["one", "no"], ["single", "yes"], ["three", "no"], ["two", "no"]]
    assert "Aiken has single choice only" in rows[0][2] and "the difficulty" in rows[1][2]


def test_a_chosen_question_without_a_version_is_not_left_behind_without_a_word(page: Client, topic: Topic) -> None:
    ids = f"{make_question(topic=topic).pk},{Question.objects.create(slug='unfinished', topic=topic).pk}"
    text = text_of(page.post(PAGE, {"format": "json", "ids": ids}))
    assert "1 question that you have chosen has no version yet and stays behind" in text
    assert "no version yet and" not in text_of(page.get(PAGE, {"format": "json"}))


def test_what_is_carried_whole_has_no_such_list(page: Client, topic: Topic) -> None:
    make_question(topic=topic)
    assert LIST not in text_of(page.get(PAGE, {"format": "json"}))


def test_published_questions_leave_and_others_only_when_asked_for(page: Client, topic: Topic) -> None:
    make_question("published", topic=topic)
    make_question("draft", topic=topic, published=False)
    retire(question=make_question("retired", topic=topic))
    assert slugs(page.post(FILE, {"format": "json"})) == {"published"}
    assert slugs(page.post(FILE, {"format": "json", "which": "all"})) == {"published", "draft", "retired"}


def test_an_area_brings_its_topics_and_a_topic_only_itself(page: Client, topic: Topic) -> None:
    make_question("inside", topic=topic)
    make_question("beside", topic=make_topic("leakage", area=topic.area))
    make_question("elsewhere")
    assert topic.area
    assert slugs(page.post(FILE, {"format": "json", "topic": topic.area.slug})) == {"inside", "beside"}
    assert slugs(page.post(FILE, {"format": "json", "topic": "metrics"})) == {"inside"}


@pytest.mark.parametrize("joined", [True, False])
def test_chosen_questions_leave_whatever_their_status(page: Client, topic: Topic, joined: bool) -> None:
    one, two = make_question("one", topic=topic), make_question("two", topic=topic, published=False)
    make_question("three", topic=topic)
    ids: Any = f"{one.pk},{two.pk},nonsense,{uuid4()}" if joined else [str(one.pk), str(two.pk)]
    assert "2 questions that you have chosen" in text_of(page.post(PAGE, {"ids": ids}))
    assert "2 questions that you have chosen" in text_of(page.get(PAGE, {"ids": ids}))
    assert slugs(page.post(FILE, {"format": "json", "ids": ids})) == {"one", "two"}


def test_a_question_without_a_version_says_nothing_and_stays(page: Client, topic: Topic) -> None:
    question = Question.objects.create(slug="empty", topic=topic)
    assert "There is no question to export here" in text_of(page.get(PAGE, {"format": "json", "ids": str(question.pk)}))


def test_what_a_format_cannot_carry_is_listed_for_each_question_before_the_download(page: Client, topic: Topic) -> None:
    make_question("open-one", topic=topic, kind="open")
    text = text_of(page.get(PAGE, {"format": "aiken"}))
    assert "stays behind" in text and "open-one" in text and "Download" not in text
    text = text_of(page.get(PAGE, {"format": "gift"}))
    assert "loses something" in text and "3 key points" in text and "Download 1 question" in text
    assert "Everything is carried" in text_of(page.get(PAGE, {"format": "json"}))


def test_licence_author_and_source_leave_with_every_format(page: Client, topic: Topic) -> None:
    for kind in ("single", "open"):
        make_question(topic=topic, kind=kind, author="Ada Lovelace", source="Notes of 1843")
    for name in sorted(set(writers()) - {"anki", "xlsx", "folder", "qti"}):
        text = text_of(page.post(FILE, {"format": name}))
        assert all(word in text for word in ("CC-BY-4.0", "Ada Lovelace", "Notes of 1843")), name


def test_the_page_costs_the_same_whatever_the_bank_holds(page: Client, topic: Topic) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert page.get(PAGE, {"format": "gift"}).status_code == 200
        return len(captured)

    make_question(topic=topic)
    cost()
    before = cost()
    for _number in range(10):
        make_question(topic=topic)
    assert cost() == before <= 12


# In the admin

CHANGELIST, IMPORT, EXPORT = (
    reverse(f"admin:questions_question_{name}") for name in ("changelist", "import", "export")
)


def test_the_admin_offers_both_above_its_list(page: Client) -> None:
    text = text_of(page.get(CHANGELIST))
    assert IMPORT in text and EXPORT in text


@pytest.mark.parametrize(("number", "kind"), [("0", "text/csv"), ("1", "application/vnd.openxmlformats")])
def test_the_admin_exports_what_is_listed(page: Client, topic: Topic, number: str, kind: str) -> None:
    make_question("one", topic=topic, author="=cmd|' /C calc'!A0")
    answer = page.post(EXPORT, {"format": number, "resource": "0"})
    assert answer["Content-Type"].startswith(kind)
    if number == "0":
        (row,) = csv.DictReader(io.StringIO(text_of(answer).removeprefix("\ufeff")))
        assert (row["slug"], row["author"]) == ("one", "'=cmd|' /C calc'!A0")


def test_a_table_sent_to_the_admin_becomes_an_import_to_be_looked_at(page: Client, topic: Topic) -> None:
    table = SimpleUploadedFile("questions.csv", b"question,A,B,answer\nWhat?,x,y,A\n")
    answer = page.post(
        IMPORT, {"import_file": table, "format": "0", "resource": "0", "licence": "MIT", "author": "Ada"}
    )
    run = ImportRun.objects.get()
    assert answer["Location"] == reverse("bank:import_run", args=[run.pk])
    assert (run.state, run.format, run.question_count, run.error_count) == ("ready", "csv", 1, 0)
    assert not Question.objects.exists()


def test_what_is_no_table_is_refused_on_the_imports_page(page: Client) -> None:
    table = SimpleUploadedFile("questions.xlsx", b"PK\x03\x04 nonsense")
    answer = page.post(IMPORT, {"import_file": table, "format": "1", "resource": "0"}, follow=True)
    assert "This file could not be read" in text_of(answer)


def test_the_admin_lets_nobody_import_who_may_not_add(topic: Topic) -> None:
    staff = make_user(is_staff=True)
    assert signed_in(staff).get(IMPORT).status_code in {302, 403}
    assert Client().post(IMPORT, {}).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_curator())
    table = SimpleUploadedFile("questions.csv", b"question\nWhat?\n")
    assert strict.post(IMPORT, {"import_file": table, "format": "0", "resource": "0"}).status_code == 403
    assert not ImportRun.objects.exists()


def test_a_table_that_is_too_large_for_an_import_is_refused_in_the_admin(page: Client, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 1_000
    table = SimpleUploadedFile("questions.csv", b"question\n" + b"What?\n" * 1_000)
    page.post(IMPORT, {"import_file": table, "format": "0", "resource": "0"})
    assert not ImportRun.objects.exists()
