"""The graders for choice questions: points, and a verdict for every choice."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.content import Kind
from sessions.grading import Status, grade
from sessions.grading.answers import encode_choices
from tests.sessions.grading.contents import make_choices

SINGLE = make_choices(Kind.SINGLE, a=False, b=True, c=False)
MULTIPLE = make_choices(Kind.MULTIPLE, a=True, b=True, c=True, d=False, e=False)


def test_the_one_correct_choice_is_worth_one_point() -> None:
    result = grade(SINGLE, "b")
    assert (result.points, result.max_points) == (Decimal(1), Decimal(1))


@pytest.mark.parametrize("body", ["", "a", "a\nb", "z", "B"])
def test_anything_else_is_worth_nothing(body: str) -> None:
    assert grade(SINGLE, body).points == 0


@pytest.mark.parametrize(
    ("chosen", "points"),
    [
        ("abc", "1"),
        ("ab", "0.6667"),
        ("a", "0.3333"),
        ("abcd", "0.6667"),
        ("abd", "0.3333"),
        ("ad", "0"),
        ("de", "0"),
        ("ade", "0"),
        ("abcde", "0.3333"),
        ("", "0"),
    ],
)
def test_several_choices_earn_right_ones_less_wrong_ones(chosen: str, points: str) -> None:
    assert grade(MULTIPLE, encode_choices(chosen)).points == Decimal(points)


def test_each_choice_has_a_verdict_on_what_was_done_with_it() -> None:
    verdicts = {verdict.key: verdict for verdict in grade(MULTIPLE, "a\nd").verdicts}
    statuses = {key: verdict.status for key, verdict in verdicts.items()}
    right, wrong = Status.RIGHT, Status.WRONG
    assert statuses == {"a": right, "b": wrong, "c": wrong, "d": wrong, "e": right}
    assert verdicts["d"].note == "Why d"
    assert {verdict.confidence for verdict in verdicts.values()} == {1.0}


def test_the_evidence_tells_what_was_chosen() -> None:
    body = " a \r\nd\r\n"
    verdicts = {verdict.key: verdict for verdict in grade(MULTIPLE, body).verdicts}
    assert (verdicts["a"].start, verdicts["a"].end) == (1, 2)
    assert verdicts["d"].evidence == "d"
    assert verdicts["e"].evidence == ""


def test_a_key_that_is_not_a_choice_changes_nothing() -> None:
    assert grade(MULTIPLE, "a\nb\nc\nzzz").points == 1


@given(st.text(alphabet="abcdez \r\n", max_size=20) | st.text(max_size=20))
def test_any_text_gets_a_grade_in_range_with_true_quotations(body: str) -> None:
    for content in (SINGLE, MULTIPLE):
        result = grade(content, body)
        assert 0 <= result.points <= 1
        assert all(body[v.start : v.end] == v.evidence == v.key for v in result.verdicts if v.evidence)
