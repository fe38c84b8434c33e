import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.mastery import Evidence, estimate, wilson_interval

fractions = st.floats(min_value=0, max_value=1)
weights = st.floats(min_value=1e-3, max_value=1e3)
evidence = st.lists(st.builds(Evidence, fraction=fractions, weight=weights), min_size=1, max_size=40)
equal_evidence = st.lists(st.builds(Evidence, fraction=fractions), min_size=1, max_size=40)


def test_without_answers_nothing_is_claimed() -> None:
    nothing = estimate([])
    assert (nothing.mean, nothing.low, nothing.high, nothing.count, nothing.enough) == (None, 0, 1, 0, False)


@pytest.mark.parametrize(("count", "enough"), [(1, False), (2, False), (3, True), (4, True)])
def test_three_answers_are_enough_and_two_are_not(count: int, enough: bool) -> None:
    assert estimate([Evidence(0.5)] * count).enough is enough


def test_the_interval_is_the_published_one() -> None:
    """Computed by hand from Wilson's formula for 7 of 10 at z = 1.6449."""
    low, high = wilson_interval(0.7, 10)
    assert low == pytest.approx(0.4420, abs=5e-4)
    assert high == pytest.approx(0.8732, abs=5e-4)


@pytest.mark.parametrize("count", [1, 3, 50])
def test_none_and_all_reach_the_ends_exactly_and_leave_room_on_the_other_side(count: int) -> None:
    none, every = estimate([Evidence(0)] * count), estimate([Evidence(1)] * count)
    assert none.low == 0 and 0 < none.high < 1
    assert every.high == 1 and 0 < every.low < 1


@given(evidence)
def test_the_mean_lies_in_its_interval_and_both_lie_in_0_to_1(items: list[Evidence]) -> None:
    known = estimate(items)
    assert known.mean is not None
    assert 0 <= known.low <= known.mean <= known.high <= 1
    assert known.count == len(items)


@given(evidence, st.randoms())
def test_the_order_of_answers_does_not_matter(items: list[Evidence], shuffler: random.Random) -> None:
    mixed = list(items)
    shuffler.shuffle(mixed)
    assert estimate(mixed).high == pytest.approx(estimate(items).high)


@given(evidence)
def test_what_is_missing_is_estimated_like_what_is_there(items: list[Evidence]) -> None:
    there = estimate(items)
    missing = estimate([Evidence(1 - item.fraction, item.weight) for item in items])
    assert missing.low == pytest.approx(1 - there.high, abs=1e-9)
    assert missing.high == pytest.approx(1 - there.low, abs=1e-9)


@given(equal_evidence, st.integers(min_value=2, max_value=5))
def test_the_same_answers_again_narrow_the_interval(items: list[Evidence], times: int) -> None:
    once, often = estimate(items), estimate(items * times)
    assert often.high - often.low < once.high - once.low


@given(equal_evidence)
def test_unequal_weights_never_pretend_to_be_more_answers(items: list[Evidence]) -> None:
    """One answer that weighs a hundred times as much as the rest leaves little more than that one answer."""
    heavy = estimate([Evidence(0.5, 100), *(Evidence(0.5, 1) for _ in items)])
    equal = estimate([Evidence(0.5)] * (len(items) + 1))
    assert heavy.high - heavy.low >= equal.high - equal.low


@given(equal_evidence, st.floats(min_value=1e-100, max_value=1e100))
def test_the_unit_of_the_weights_does_not_matter(items: list[Evidence], unit: float) -> None:
    scaled = estimate([Evidence(item.fraction, unit) for item in items])
    assert scaled.low == pytest.approx(estimate(items).low)


@given(equal_evidence, fractions)
def test_a_better_answer_in_place_of_another_never_lowers_the_estimate(items: list[Evidence], other: float) -> None:
    better = [Evidence(max(items[0].fraction, other)), *items[1:]]
    before, after = estimate(items), estimate(better)
    assert before.mean is not None and after.mean is not None
    assert after.mean >= before.mean - 1e-12
    assert after.low >= before.low - 1e-12


@pytest.mark.parametrize("size", [3, 5, 10, 30])
@pytest.mark.parametrize("spread", [(0.5, 0.5), (2, 5), (6, 2)])
def test_the_interval_holds_the_truth_at_least_nine_times_in_ten_for_partly_right_answers(
    size: int, spread: tuple[float, float]
) -> None:
    """The claim in the docstring: partly right answers vary less than p(1-p), so 90 % is a lower bound."""
    rng = random.Random(20260302)
    truth = spread[0] / sum(spread)
    held = 0
    for _ in range(1_000):
        known = estimate(Evidence(rng.betavariate(*spread)) for _ in range(size))
        held += known.low <= truth <= known.high
    assert held >= 900


@pytest.mark.parametrize(("fraction", "weight"), [(-0.1, 1), (1.1, 1), (math.nan, 1), (0.5, 0), (0.5, math.inf)])
def test_nonsense_is_refused(fraction: float, weight: float) -> None:
    with pytest.raises(ValueError, match="not a scored answer"):
        Evidence(fraction, weight)
