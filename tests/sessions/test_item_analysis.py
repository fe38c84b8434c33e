"""Item analysis, against figures that were worked out by hand and against what must hold for any observations."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.item_analysis import (
    Observation,
    analyse,
    correlation,
    standard_error_of_correlation,
    standard_error_of_mean,
)


def seen(share: float | None, rest: float | None = None, *, time_ms: int = 1_000, **fields: object) -> Observation:
    return Observation(share, rest, time_ms, **fields)  # type: ignore[arg-type]  # the fields of an observation


def test_the_facility_is_the_mean_share_with_its_standard_error() -> None:
    found = analyse([seen(1.0), seen(0.5), seen(0.0), seen(0.5)])
    assert found.facility == 0.5
    # s^2 = (0.25 + 0 + 0.25 + 0) / 3, divided by sqrt(4)
    assert found.facility_se == pytest.approx(math.sqrt(0.5 / 3) / 2)


def test_a_question_nobody_answered_has_no_figures_but_its_counts() -> None:
    found = analyse([seen(None, skipped=True), seen(None)])
    assert (found.seen, found.attempts, found.skipped) == (2, 0, 1)
    assert (found.facility, found.discrimination, found.time_median_ms) == (None, None, None)


def test_the_discrimination_is_the_correlation_with_the_rest() -> None:
    # Means 0.5 and 0.5; products of deviations 0.2 + 0.05 + 0.05 + 0.2; squares sum to 1 and 0.34.
    pairs = [(1.0, 0.9), (1.0, 0.6), (0.0, 0.4), (0.0, 0.1)]
    expected = 0.5 / math.sqrt(1.0 * 0.34)
    assert correlation(pairs) == pytest.approx(expected)
    found = analyse([seen(share, rest) for share, rest in pairs])
    assert found.discrimination == pytest.approx(expected)
    assert found.discrimination_se == pytest.approx((1 - expected**2) / math.sqrt(1))


def test_an_item_that_never_varies_has_no_discrimination() -> None:
    assert correlation([(1.0, 0.2), (1.0, 0.4), (1.0, 0.6), (1.0, 0.8)]) is None
    assert correlation([(1.0, 0.2), (0.0, 0.4), (1.0, 0.6)]) is None
    assert standard_error_of_correlation(None, 3) is None


def test_one_value_has_no_standard_error() -> None:
    assert standard_error_of_mean([0.5]) is None


def test_times_are_those_of_answers_only() -> None:
    times = [seen(1.0, time_ms=time_ms) for time_ms in (1_000, 2_000, 3_000, 4_000, 5_000)]
    found = analyse([*times, seen(None, time_ms=90_000, skipped=True)])
    assert (found.time_q1_ms, found.time_median_ms, found.time_q3_ms) == (2_000, 3_000, 4_000)


def test_options_are_counted_for_all_and_for_the_strongest_and_weakest_27_percent() -> None:
    strong = [seen(1.0, 0.9, chosen=("a",)), seen(1.0, 0.8, chosen=("a",)), seen(0.0, 0.7, chosen=("b",))]
    middle = [seen(0.0, 0.5, chosen=("c",))] * 5
    weak = [seen(0.0, 0.3, chosen=("b",)), seen(0.0, 0.2, chosen=("b",)), seen(1.0, 0.1, chosen=("a",))]
    found = analyse([*weak, *strong, *middle], option_keys=["a", "b", "c", "d"])
    assert found.group_size == 3
    counts = {use.key: (use.chosen, use.by_strong, use.by_weak) for use in found.options}
    assert counts == {"a": (3, 2, 1), "b": (3, 1, 2), "c": (5, 0, 0), "d": (0, 0, 0)}


SHARE = st.floats(0, 1)


@given(
    st.lists(st.tuples(st.one_of(st.none(), SHARE), st.one_of(st.none(), SHARE), st.integers(0, 10**8)), max_size=40)
)
def test_figures_stay_in_their_bounds(drawn: list[tuple[float | None, float | None, int]]) -> None:
    found = analyse([Observation(share, rest, time_ms) for share, rest, time_ms in drawn])
    assert 0 <= found.attempts <= found.seen == len(drawn)
    assert found.facility is None or -1e-9 <= found.facility <= 1 + 1e-9
    assert found.discrimination is None or -1 <= found.discrimination <= 1
    assert found.discrimination_se is None or found.discrimination_se >= 0
    quartiles = [found.time_q1_ms, found.time_median_ms, found.time_q3_ms]
    known = [value for value in quartiles if value is not None]
    assert known == sorted(known)
