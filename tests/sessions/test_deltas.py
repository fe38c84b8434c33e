"""Differences between saves: the database makes them, Python puts the text together again."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions import deltas
from sessions.models import Answer, DraftRevision
from tests.factories import NOW, make_session
from tests.sessions.engine import nth, texts_in

# Few letters, so that texts have much in common; letters of one to four bytes, and one that combines with others.
texts = st.text(st.sampled_from("ab\n é𝔘́👩\u200d"), max_size=12)


@dataclass(frozen=True)
class Delta:
    start: int
    removed: int
    inserted: str


@pytest.mark.parametrize(
    ("text", "delta", "after"),
    [
        ("", Delta(0, 0, "new"), "new"),
        ("ac", Delta(1, 0, "b"), "abc"),
        ("abc", Delta(1, 1, ""), "ac"),
        ("abc", Delta(0, 3, ""), ""),
        ("abc", Delta(3, 0, "d"), "abcd"),
        ("a👩c", Delta(2, 1, "x"), "a👩x"),
        ("abc", Delta(1, 0, ""), "abc"),
    ],
)
def test_a_difference_makes_the_new_text_of_the_old(text: str, delta: Delta, after: str) -> None:
    assert deltas.apply(text, delta) == after


def test_differences_are_applied_one_after_the_other() -> None:
    assert deltas.replay([Delta(0, 0, "a"), Delta(1, 0, "c"), Delta(1, 0, "b"), Delta(0, 1, "A")]) == "Abc"
    assert deltas.replay([Delta(0, 1, "")], text="abc") == "bc"
    assert deltas.replay([]) == ""


@pytest.mark.django_db
@settings(deadline=None, max_examples=40)
@given(bodies=st.lists(texts, min_size=1, max_size=8))
def test_the_text_put_together_again_is_the_text_that_was_saved(bodies: Sequence[str]) -> None:
    answer = nth(make_session(), 1).answer
    for revision, body in enumerate(bodies, start=1):
        Answer.objects.filter(pk=answer.pk).update(body=body, revision=revision, saved_at=NOW)
    assert texts_in(DraftRevision.objects.filter(answer=answer).order_by("revision")) == list(bodies)


@pytest.mark.django_db
@settings(deadline=None, max_examples=150)
@given(old=texts, new=texts)
def test_what_two_texts_share_at_the_start_is_all_that_they_share(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT interview_sessions_shared_start(%s, %s)", [old, new])
        (shared,) = cursor.fetchone()
    assert old[:shared] == new[:shared]
    assert shared == min(len(old), len(new)) or old[shared] != new[shared]


@pytest.mark.django_db
def test_only_what_changed_is_stored() -> None:
    answer = nth(make_session(), 1).answer
    for revision, body in enumerate(["a long beginning and an end", "a long beginning, and an end"], start=1):
        Answer.objects.filter(pk=answer.pk).update(body=body, revision=revision, saved_at=NOW)
    last = DraftRevision.objects.get(answer=answer, revision=2)
    assert (last.start, last.removed, last.inserted) == (16, 0, ",")
