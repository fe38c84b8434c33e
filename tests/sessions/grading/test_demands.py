"""What a key point asks for beside being said: terms, a figure, any N of several items."""

import pytest

from questions.content import AnyOf, KeyNumber, KeyPoint
from sessions.grading import Status, Verdict, grade
from tests.sessions.grading.contents import make_open

PROMPT = "What do you watch?"
VARIANCE = KeyPoint(
    key="v", text="Averaging many trees lowers the variance of the forest", weight=2, required=("variance | spread",)
)
LATENCY = KeyPoint(
    key="l",
    text="The slowest answers take half a second at the 95th percentile",
    weight=1,
    accepted=("the 95th percentile of the latency",),
    number=KeyNumber(value=500, tolerance=10, unit="ms"),
)
REGULARISERS = KeyPoint(
    key="r",
    text="Names any two regularisers",
    weight=1,
    any_of=AnyOf(need=2, items=("dropout", "weight decay | L2 penalty", "early stopping", "data augmentation")),
)


def one(point: KeyPoint, body: str) -> Verdict:
    (verdict,) = grade(make_open(PROMPT, [point]), body).verdicts
    return verdict


def test_a_point_without_its_required_term_is_partly_found_and_says_what_is_missing() -> None:
    verdict = one(VARIANCE, "Averaging many trees lowers the error of the forest.")
    assert verdict.status == Status.PARTLY
    assert "“variance” is not said" in verdict.note


@pytest.mark.parametrize("term", ["variance", "spread"])
def test_any_way_to_say_a_required_term_will_do(term: str) -> None:
    verdict = one(VARIANCE, f"Averaging many trees lowers the {term} of the forest, its variance.")
    assert (verdict.status, verdict.note) == (Status.FOUND, "")


@pytest.mark.parametrize("figure", ["500 ms", "505 ms", "495"])
def test_a_figure_within_the_tolerance_counts_its_edge_included(figure: str) -> None:
    assert one(LATENCY, f"The 95th percentile of the latency is {figure}.").status == Status.FOUND


@pytest.mark.parametrize("figure", ["520 ms", "5000", "half a second", "-500"])
def test_another_figure_leaves_the_point_partly_found(figure: str) -> None:
    verdict = one(LATENCY, f"The 95th percentile of the latency is {figure}.")
    assert verdict.status == Status.PARTLY
    assert "500 ± 10 ms is expected" in verdict.note


def test_a_percentage_is_compared_in_percent() -> None:
    point = KeyPoint(
        key="p", text="The base rate is small", weight=1, number=KeyNumber(value=1, tolerance=0.1, unit="%")
    )
    assert one(point, "The base rate is small, 1 % of all cases.").status == Status.FOUND
    assert one(point, "The base rate is small, 10 % of all cases.").status == Status.PARTLY


def test_any_n_of_these_counts_the_best_n() -> None:
    whole = one(REGULARISERS, "I would try dropout. Early stopping is the other one.")
    half = one(REGULARISERS, "I would try dropout and see.")
    assert whole.status == Status.FOUND
    assert "2 of 2 named" in whole.note
    assert half.status == Status.PARTLY
    assert "1 of 2 named" in half.note
    assert one(REGULARISERS, "I would buy a faster machine.").status == Status.NOT_FOUND


def test_one_of_many_named_is_partly_found_and_quoted() -> None:
    point = REGULARISERS.model_copy(
        update={"any_of": AnyOf(need=4, items=("dropout", "weight decay", "early stopping", "data augmentation"))}
    )
    verdict = one(point, "I would use dropout.")
    assert (verdict.status, verdict.evidence) == (Status.PARTLY, "I would use dropout.")


def test_more_than_asked_for_is_no_better() -> None:
    body = "Dropout. Weight decay. Early stopping. Data augmentation."
    assert grade(make_open(PROMPT, [REGULARISERS]), body).points == 1
