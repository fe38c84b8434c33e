"""What makes a key point's demands weak although they are complete."""

from typing import Any

import pytest

from questions.quality import weaknesses
from tests.factories import DEMANDING, OPEN, make_content

TERM = "stands neither in the idea nor in a phrasing of it"
GIVEN_AWAY = "stands in the question already"
TWICE = "is among these items twice"


def weak(**parts: Any) -> list[tuple[str, str]]:
    """Return what is weak about a point that says this, as its part and the message."""
    content = make_content(key_points=[*OPEN["key_points"], DEMANDING | parts])
    found = [problem for problem in weaknesses(content) if problem.field.startswith("key_points[4].")]
    return [(problem.field.removeprefix("key_points[4]."), problem.message) for problem in found]


def test_a_point_whose_demands_fit_has_no_weakness_and_with_items_needs_no_phrasings() -> None:
    assert weak() == []
    assert weak(accepted=[], required=[]) == []
    phrasings = ("accepted", "two to five phrasings let other words count")
    assert weak(any_of=None, accepted=[], required=[]) == [phrasings]
    assert phrasings in weak(accepted=[f"phrasing {n}" for n in range(6)])


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ("parts", None),
        ("part", None),  # another form of a word that is there
        ("kurtosis", TERM),
        ("kurtosis | the spread", None),
        ("boosting", None),  # an item
        ("not", TERM),  # a little word counts letter by letter
        ("of", None),
        ("lowers the kurtosis", TERM),
    ],
)
def test_a_required_term_that_no_phrasing_has_can_hardly_be_meant(term: str, message: str | None) -> None:
    assert weak(required=["average", term]) == ([("required[2]", message)] if message else [])


def test_an_item_among_the_phrasings_would_count_as_the_whole_point() -> None:
    words = "one of the items stands here, and would count as all that are needed"
    assert weak(accepted=["averaging lowers the spread", "BAGGING"]) == [("accepted", words)]


@pytest.mark.parametrize(
    ("items", "found"),
    [
        (["recall", "payments"], [("any_of.items[2]", GIVEN_AWAY)]),
        (["recall", "precision | flagged as fraud"], [("any_of.items[2]", GIVEN_AWAY)]),
        (["recall", "fraud recall"], []),
        (["a | recall", "Recall  | b"], [("any_of.items[2]", TWICE)]),
    ],
)
def test_an_item_that_the_question_gives_away_or_that_stands_there_twice_is_noted(
    items: list[str], found: list[tuple[str, str]]
) -> None:
    assert weak(required=[], any_of={"need": 1, "items": items}) == found
