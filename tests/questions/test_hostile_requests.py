"""Requests that no form of ours would send: each is answered in words, none makes a page of the bank fail."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from questions.models import Question, VersionComment
from tests.clients import signed_in
from tests.factories import make_curator, make_question

pytestmark = pytest.mark.django_db

NUL = "a\x00b"


@pytest.fixture
def question() -> Question:
    return make_question("rare-fraud")


@pytest.fixture
def page(question: Question) -> Client:
    """A curator's browser, for which a failing view is an answer with status 500."""
    client = signed_in(make_curator())
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("bulk", {"kind": "move", "chosen": "{question}", "value": NUL}),
        ("bulk", {"kind": "add_tag", "chosen": "{question}", "value": NUL}),
        ("bulk", {"kind": "retire", "chosen": "{question}", "seal": NUL, "query": NUL}),
        ("export", {"topic": NUL, "format": NUL}),
        ("export_file", {"topic": NUL, "format": "csv"}),
        ("new", {"do": "show", "title": NUL, "topic": NUL, "base_digest": NUL}),
        ("edit", {"do": "save-over", "title": NUL, "base_digest": NUL, "seen_digest": NUL}),
        ("editor_keep", {"copy": str(uuid4()), "title": NUL, "base": NUL, "base_digest": NUL, "revision": NUL}),
        ("view_save", {"name": NUL, "query": "q=%00&tag=%00"}),
    ],
)
def test_a_nul_in_any_field_makes_no_page_fail(
    name: str, fields: dict[str, Any], page: Client, question: Question
) -> None:
    address = reverse(f"bank:{name}", args=[question.pk] if name == "edit" else [])
    told = {field: value.format(question=question.pk) for field, value in fields.items()}
    assert page.post(address, told).status_code < 500


@pytest.mark.parametrize("name", ["questions", "bulk", "new", "edit", "question", "diff", "flags", "imports", "export"])
def test_a_nul_in_an_address_makes_no_page_fail(name: str, page: Client, question: Question) -> None:
    address = reverse(f"bank:{name}", args=[question.pk] if name in {"edit", "question", "diff"} else [])
    names = "q page topic area tag author sort open deleted version old new events state reason question copy which"
    for field in names.split():
        assert page.get(address, {field: NUL}).status_code < 500, field


@pytest.mark.parametrize(
    "words",
    [
        "-" * 200,
        "- " * 100,
        '-"' * 100,
        "-a " * 60,
        '-"" ' * 50,
        "or " * 66,
        "(" * 200,
        "%_\\:*&|!<->'",
        "((a|b)&!c):*",
    ],
)
def test_whatever_is_searched_for_is_answered(words: str, page: Client) -> None:
    assert page.get(reverse("bank:questions"), {"q": words}).status_code == 200


def test_a_nul_in_a_comment_is_left_out(page: Client, question: Question) -> None:
    assert page.post(reverse("bank:comment", args=[question.current_version_id]), {"body": NUL}).status_code == 302
    assert VersionComment.objects.get().body == "ab"
