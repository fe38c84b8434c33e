"""Isotonic regression: what it fits, what it says between the knots, and that it never falls."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.isotonic import Curve, fit

shares = st.floats(min_value=0, max_value=1, allow_subnormal=False)
points = st.lists(st.tuples(shares, shares, st.floats(min_value=0.1, max_value=10)), min_size=1, max_size=30)


def near(knots: tuple[tuple[float, float], ...]) -> tuple[Any, ...]:
    return tuple(pytest.approx(knot) for knot in knots)


def test_points_that_rise_are_kept() -> None:
    assert fit([0.2, 0.4, 0.9], [0.1, 0.5, 0.6]).knots == ((0.2, 0.1), (0.4, 0.5), (0.9, 0.6))


def test_neighbours_that_fall_are_pooled_at_their_means() -> None:
    assert fit([0.0, 0.2, 0.4, 1.0], [0.0, 0.6, 0.4, 1.0]).knots == near(((0.0, 0.0), (0.3, 0.5), (1.0, 1.0)))


def test_a_late_low_point_pools_all_that_lie_above_it() -> None:
    assert fit([0.1, 0.2, 0.3], [0.6, 0.8, 0.1]).knots == near(((0.2, 0.5),))


def test_a_weight_counts_like_as_many_points() -> None:
    weighted = fit([0.1, 0.5], [0.9, 0.3], weights=[1, 2])
    assert weighted.knots == near(fit([0.1, 0.5, 0.5], [0.9, 0.3, 0.3]).knots)


def test_points_at_one_place_are_one_point_before_anything_is_pooled() -> None:
    assert fit([0.9, 1.0, 1.0], [0.5, 0.3, 0.6]).knots == near(((2.9 / 3, 1.4 / 3),))


def test_values_lie_on_straight_lines_and_are_level_beyond_the_ends() -> None:
    curve = Curve(((0.2, 0.1), (0.6, 0.5)))
    assert [curve.at(x) for x in (0.0, 0.2, 0.4, 0.6, 1.0)] == pytest.approx([0.1, 0.1, 0.3, 0.5, 0.5])


def test_no_value_leaves_the_range_of_points() -> None:
    curve = Curve(((0.0, -0.5), (1.0, 1.5)))
    assert [curve.at(x) for x in (0.0, 0.5, 1.0)] == [0.0, 0.5, 1.0]


@settings(deadline=None)  # a busy machine is no fault of the curve
@given(points)
def test_the_curve_never_falls_and_stays_among_the_points(
    given_points: list[tuple[float, float, float]],
) -> None:
    xs, ys, weights = zip(*given_points, strict=True)
    curve = fit(xs, ys, weights)
    assert all(left[0] <= right[0] and left[1] < right[1] for left, right in pairwise(curve.knots))
    values = [curve.at(step / 50) for step in range(51)]
    assert all(right >= left - 1e-12 for left, right in pairwise(values))
    assert min(ys) - 1e-9 <= min(values) <= max(values) <= max(ys) + 1e-9


@pytest.mark.parametrize(
    ("xs", "ys", "weights"), [([], [], None), ([0.5], [], None), ([0.5], [0.5], [0]), ([0.5], [0.5], [1, 1])]
)
def test_what_cannot_be_fitted_is_refused(xs: list[float], ys: list[float], weights: list[float] | None) -> None:
    with pytest.raises(ValueError):
        fit(xs, ys, weights)
