"""The figures of agreement, against numbers worked by hand."""

from math import sqrt

import pytest

from sessions.evaluation import metrics


def test_pearson() -> None:
    # Means 2.5; products of the deviations 2.25 - 0.25 - 0.25 + 2.25 = 4, squares 5 on both sides.
    assert metrics.pearson([(1, 1), (2, 3), (3, 2), (4, 4)]) == pytest.approx(0.8)


@pytest.mark.parametrize("pairs", [[], [(1, 2)], [(1, 1), (1, 2)], [(1, 2), (3, 2)]])
def test_a_correlation_with_a_constant_is_not_defined(pairs: list[tuple[float, float]]) -> None:
    assert metrics.pearson(pairs) is None
    assert metrics.spearman(pairs) is None


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert metrics.ranks([20, 10, 20, 40, 20]) == [3, 1, 3, 5, 3]


def test_spearman_with_ties() -> None:
    # Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: products 4.5, squares 4.5 and 5.
    assert metrics.spearman([(1, 1), (20, 2), (20, 30), (400, 31)]) == pytest.approx(4.5 / sqrt(22.5))


def test_within_questions_counts_groups_that_are_large_enough_and_vary() -> None:
    rising = [(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 4.0)]
    falling = [(x, -y) for x, y in rising]
    constant = [(x, 1.0) for x, _y in rising]
    value, count = metrics.within([rising, rising, falling, constant, rising[:3]], fewest=4)
    assert value == pytest.approx((0.8 + 0.8 - 0.8) / 3)
    assert count == 3
    assert metrics.within([rising]) == (None, 0)


def test_weighted_kappa() -> None:
    # Squared differences 0, 1, 0, mean 1/3; of all nine pairs 0+4+4, 1+1+1, 4+0+0, mean 15/9.
    assert metrics.weighted_kappa([(0, 0), (1, 2), (2, 2)]) == pytest.approx(1 - (1 / 3) / (15 / 9))


def test_weighted_kappa_of_full_agreement_of_chance_and_of_nothing() -> None:
    assert metrics.weighted_kappa([(0, 0), (5, 5)]) == 1
    assert metrics.weighted_kappa([(0, 0), (0, 5), (5, 0), (5, 5)]) == pytest.approx(0)
    assert metrics.weighted_kappa([(3, 3), (3, 3)]) is None
    assert metrics.weighted_kappa([]) is None


@pytest.mark.parametrize(("marks", "whole"), [(0.49, 0), (0.5, 1), (2.5, 3), (4.375, 4), (5.0, 5)])
def test_marks_are_rounded_halves_up(marks: float, whole: int) -> None:
    assert metrics.whole(marks) == whole


def test_calibration_has_not_seen_the_question_it_is_used_on() -> None:
    pairs = [(0.2, 0.0), (0.8, 1.0), (0.5, 0.5), (0.5, 1.0)]
    # The curve of question b is level at 0.75; that of question a goes straight from (0.2, 0) to (0.8, 1).
    predicted = metrics.calibrated(pairs, ["a", "a", "b", "b"])
    assert predicted == pytest.approx([0.75, 0.75, 0.5, 0.5])
    rmse = metrics.rmse([(mark, y) for mark, (_x, y) in zip(predicted or [], pairs, strict=True)])
    assert rmse == pytest.approx(sqrt((0.75**2 + 0.25**2 + 0 + 0.5**2) / 4))


def test_one_question_alone_cannot_be_held_out() -> None:
    assert metrics.calibrated([(0.2, 0.0), (0.8, 1.0)], ["a", "a"]) is None


def test_folds_are_even_and_do_not_depend_on_the_order() -> None:
    names = [f"q{number}" for number in range(25)]
    folds = metrics.fold_of(names)
    assert folds == metrics.fold_of(reversed(names))
    assert sorted(list(folds.values()).count(fold) for fold in range(10)) == [2] * 5 + [3] * 5


GROUPS = {
    str(number): [(0.1 * number, 0.0), (0.3, 0.4), (0.5 + 0.02 * number, 0.6), (0.9, 0.7 + 0.01 * number)]
    for number in range(12)
}


def test_the_interval_holds_the_correlation_and_is_the_same_each_time() -> None:
    value = metrics.pearson([pair for pairs in GROUPS.values() for pair in pairs])
    interval = metrics.bootstrap(GROUPS, resamples=200)
    assert value is not None
    assert interval is not None
    assert interval.low < value < interval.high
    assert interval == metrics.bootstrap(GROUPS, resamples=200)


def test_the_interval_of_what_has_no_spread_is_one_number() -> None:
    straight = {str(number): [(number / 10, number / 20), (0.0, 0.0)] for number in range(1, 9)}
    interval = metrics.bootstrap(straight, resamples=100)
    assert interval is not None
    assert interval.low == pytest.approx(1)
    assert interval.high == pytest.approx(1)


def test_a_grader_does_not_differ_from_itself_and_does_from_a_worse_one() -> None:
    same = metrics.bootstrap(GROUPS, GROUPS, resamples=100)
    assert same == metrics.Interval(0, 0)
    upside_down = {name: [(1 - x, y) for x, y in pairs] for name, pairs in GROUPS.items()}
    better = metrics.bootstrap(GROUPS, upside_down, resamples=100)
    assert better is not None
    assert better.low > 0


def test_there_is_no_interval_where_nothing_varies() -> None:
    assert metrics.bootstrap({"a": [(1, 1), (1, 1)], "b": [(1, 1)]}, resamples=50) is None
