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


def test_a_nul_in_a_comment_is_left_out(page: Client, question: Question) -> None:
    assert page.post(reverse("bank:comment", args=[question.current_version_id]), {"body": NUL}).status_code == 302
    assert VersionComment.objects.get().body == "ab"
