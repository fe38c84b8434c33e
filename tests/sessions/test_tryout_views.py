"""Grading a pasted answer: what the grader finds is shown as in a report, for curators, and nothing is stored."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from questions import publishing
from questions.models import Question
from tests.clients import as_guest, signed_in
from tests.factories import OPEN, make_content, make_curator, make_guest, make_mentor, make_question, make_user
from tests.questions.test_editor_views import form

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
FORM = "/bank/try/"
ANSWER = "Accuracy is useless with imbalanced classes. I look at precision and recall of the fraud class."


@pytest.fixture
def client() -> Client:
    return signed_in(make_curator())


@pytest.fixture
def question() -> Question:
    return make_question(**OPEN, strong_sample=ANSWER, middling_sample="Accuracy is useless with imbalanced classes.")


def url(question: Question) -> str:
    return reverse("bank_try", args=[question.pk])


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_nobody_but_curators_gets_in(question: Question) -> None:
    for method, address in (("get", url(question)), ("post", url(question)), ("post", FORM)):
        anonymous = getattr(Client(), method)(address)
        assert anonymous.status_code == 302 and "/login/" in anonymous["Location"]
        assert getattr(as_guest(make_guest()), method)(address).status_code == 302
        for stranger in (make_user(), make_mentor()):
            assert getattr(signed_in(stranger), method)(address).status_code == 403


def test_the_form_is_graded_by_posting_only(client: Client) -> None:
    assert client.get(FORM).status_code == 405
    assert client.get(reverse("bank_try", args=[uuid4()])).status_code == 404


def test_a_pasted_answer_is_graded_with_its_evidence(client: Client, question: Question) -> None:
    page = client.post(url(question), {"body": ANSWER})
    assert "<mark" in page.content.decode() and "most of the key points" in text(page)
    assert page.content.decode().count(">found</span>") == 2 and "not found" in text(page)
    assert ANSWER[:40] in page.content.decode().split("<textarea")[1]


@pytest.mark.parametrize(
    ("answer", "words", "covered"),
    [("strong_sample", "The strong sample", 2), ("middling_sample", "The middling sample", 1)],
)
def test_the_stored_samples_are_graded_at_one_click(
    client: Client, question: Question, answer: str, words: str, covered: int
) -> None:
    page = client.post(url(question), {"answer": answer})
    assert words in text(page) and page.content.decode().count(">found</span>") == covered


@pytest.mark.parametrize(
    ("kind", "data", "points"),
    [
        ("single", {"choice": "a"}, "1 of 1"),
        ("single", {"choice": "b"}, "0 of 1"),
        ("multiple", {"choice": ["a", "b"]}, "1 of 1"),
        ("numeric", {"body": "1/4"}, "1 of 1"),
        ("numeric", {"body": "0.3"}, "0 of 1"),
        ("numeric", {"body": "x"}, "0 of 1"),
        ("single", {"choice": "<script>"}, "0 of 1"),
        ("open", {"body": ""}, "none of the key points"),
    ],
)
def test_every_kind_is_graded(client: Client, kind: str, data: dict[str, Any], points: str) -> None:
    page = client.post(url(make_question(kind=kind)), data)
    assert page.status_code == 200 and points in text(page)


def test_a_version_can_be_asked_for(client: Client, question: Question) -> None:
    publishing.add_version(question=question, content=make_content("numeric"), author=None)
    assert "two heads" in text(client.get(f"{url(question)}?version=2"))
    assert "payments as fraud" in text(client.get(url(question)))
    assert client.get(f"{url(question)}?version=7").status_code == 404


def test_markup_in_an_answer_stays_text(client: Client, question: Question) -> None:
    page = client.post(url(question), {"body": "<script>alert(1)</script> accuracy is useless with imbalanced classes"})
    assert "<script>alert" not in page.content.decode()


def test_what_is_being_typed_is_graded_without_being_saved(client: Client, question: Question) -> None:
    data = form(question) | {"key_points-r1-text": "Pelicans fly in a wedge", "key_points-r1-accepted": ""}
    data |= {"tried": "Pelicans fly in a wedge.", "answer": "tried", "title": "", "prompt": ""}
    with CaptureQueriesContext(connection) as captured:
        page = client.post(FORM, data, headers=HTMX)
    assert ">found</span>" in page.content.decode() and "<html" not in page.content.decode()
    assert not [query for query in captured.captured_queries if query["sql"].startswith(("INSERT", "UPDATE"))]
    assert "<html" in client.post(FORM, data).content.decode()


def test_the_forms_own_samples_are_graded_with_what_the_gate_says_of_them(client: Client, question: Question) -> None:
    data = form(question) | {"answer": "strong_sample", "strong_sample": "I would not know."}
    page = text(client.post(FORM, data, headers=HTMX))
    assert "The strong sample" in page and "none of the key points" in page
    assert "strong_sample: scores only 0 of 1" in page


def test_a_form_that_cannot_be_graded_yet_says_why(client: Client, question: Question) -> None:
    data = form(question) | {"key_points": [], "answer": "tried", "tried": "words"}
    page = client.post(FORM, data, headers=HTMX)
    assert page.status_code == 422 and "It cannot be graded yet: Key points: an open question needs key points" in text(
        page
    )


def test_a_page_takes_the_same_statements_for_every_answer(client: Client, question: Question) -> None:
    client.get(url(question))
    counts = set()
    for data in ({"body": ""}, {"body": ANSWER * 20}, {"answer": "strong_sample"}):
        with CaptureQueriesContext(connection) as captured:
            client.post(url(question), data)
        counts.add(len(captured))
    assert len(counts) == 1 and counts.pop() <= 8
