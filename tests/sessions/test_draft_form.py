"""The two ways to read a draft agree wherever both read it."""

import uuid
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from sessions.forms import DraftForm, plain_draft
from tests.factories import CLIENT

COUNTERS = st.one_of(
    st.integers(min_value=-3, max_value=2**33).map(str), st.sampled_from(["", " 7", "7.0", "x", "٣", "0007", "²"])
)
CLIENTS = st.one_of(st.uuids().map(str), st.sampled_from(["", "no", "{" + str(CLIENT) + "}", CLIENT.hex]))
TEXTS = st.one_of(st.text(max_size=200), st.sampled_from(["a\r\nb\rc", "\0", "x" * 16_384, "é" * 40_000]))


def posted(**fields: str) -> QueryDict:
    usual = {"body": "Words", "answer_format": "text", "base_revision": "3", "client_id": str(CLIENT), "sequence": "4"}
    return QueryDict(urlencode({**usual, **fields}, errors="replace"))


@given(TEXTS, COUNTERS, COUNTERS, CLIENTS, st.sampled_from(["text", "choices", "x"]), st.sampled_from(["", "0", "12"]))
def test_what_is_read_without_a_form_is_what_the_form_reads(
    body: str, base: str, sequence: str, client_id: str, answer_format: str, away_ms: str
) -> None:
    data = posted(
        body=body,
        base_revision=base,
        sequence=sequence,
        client_id=client_id,
        answer_format=answer_format,
        away_ms=away_ms,
    )
    draft, form = plain_draft(data), DraftForm(data)
    if draft is not None:
        assert form.is_valid(), form.errors
        assert form.draft == draft


def test_an_ordinary_save_needs_no_form() -> None:
    draft = plain_draft(posted(body="One\r\ntwo"))
    assert draft is not None
    assert (draft.body, draft.base_revision, draft.sequence, draft.client_id) == ("One\ntwo", 3, 4, CLIENT)


@pytest.mark.parametrize(
    "fields",
    [
        {"answer_format": "choices", "choice": "a"},
        {"away_ms": "5000"},
        {"sequence": "many"},
        {"client_id": "nobody"},
        {"body": "x" * 70_000},
        {"body": "a\0b"},
    ],
)
def test_everything_else_is_left_to_the_form(fields: dict[str, str]) -> None:
    assert plain_draft(posted(**fields)) is None


def test_an_unknown_writer_is_not_made_up() -> None:
    assert plain_draft(QueryDict(f"body=x&answer_format=text&base_revision=0&sequence=1&id={uuid.uuid4()}")) is None
