"""Time arithmetic: deadlines, extra time, grace."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import clock
from tests.factories import NOW

FACTORS = st.decimals(min_value=1, max_value=4, places=2)


def test_the_deadline_is_the_limit_after_the_start() -> None:
    assert clock.deadline_for(started_at=NOW, time_limit_seconds=900, time_factor=Decimal("1.00")) == NOW + timedelta(
        minutes=15
    )


def test_extra_time_stretches_the_deadline() -> None:
    assert clock.deadline_for(started_at=NOW, time_limit_seconds=900, time_factor=Decimal("1.50")) == NOW + timedelta(
        minutes=22.5
    )


def test_a_window_that_ends_earlier_ends_the_session_earlier() -> None:
    end = NOW + timedelta(minutes=5)
    assert (
        clock.deadline_for(started_at=NOW, time_limit_seconds=900, time_factor=Decimal("1.00"), window_end=end) == end
    )


@pytest.mark.parametrize(("seconds", "over"), [(-1, False), (0, False), (1, True)])
def test_the_deadline_itself_is_still_inside(seconds: int, over: bool) -> None:
    assert clock.is_over(deadline=NOW, now=NOW + timedelta(seconds=seconds)) is over


def test_remaining_time_is_never_negative() -> None:
    assert clock.remaining_ms(deadline=NOW, now=NOW + timedelta(hours=1)) == 0
    assert clock.remaining_ms(deadline=NOW + timedelta(milliseconds=1500), now=NOW) == 1500


def test_a_late_sweep_does_not_lengthen_a_session() -> None:
    assert clock.finished_at(deadline=NOW, now=NOW + timedelta(hours=3)) == NOW


@given(seconds=st.integers(1, 30_000), factor=FACTORS)
def test_rounding_extra_time_never_takes_a_second_away(seconds: int, factor: Decimal) -> None:
    scaled = clock.scaled_seconds(seconds, factor)
    assert seconds * factor <= scaled < seconds * factor + 1


@given(offset=st.integers(-60_000, 60_000), grace=st.integers(0, 60))
def test_both_sides_of_the_grace_agree(offset: int, grace: int) -> None:
    now = NOW + timedelta(milliseconds=offset)
    in_time = now <= clock.last_accepted(deadline=NOW, grace_seconds=grace)
    assert in_time is (clock.oldest_deadline_accepting_at(now=now, grace_seconds=grace) <= NOW)


def test_extra_minutes_are_added_after_extra_time() -> None:
    assert clock.deadline_for(
        started_at=NOW, time_limit_seconds=600, time_factor=Decimal("1.50"), extra_minutes=5
    ) == NOW + timedelta(minutes=20)


@given(limit=st.integers(1, 30_000), factor=FACTORS, extra=st.integers(0, 600), window=st.integers(-60, 60_000))
def test_a_deadline_is_never_after_its_window_and_never_later_for_it(
    limit: int, factor: Decimal, extra: int, window: int
) -> None:
    end = NOW + timedelta(seconds=window)
    free = clock.deadline_for(started_at=NOW, time_limit_seconds=limit, time_factor=factor, extra_minutes=extra)
    bound = clock.deadline_for(
        started_at=NOW, time_limit_seconds=limit, time_factor=factor, extra_minutes=extra, window_end=end
    )
    assert bound == min(free, end)


@pytest.mark.parametrize(("microseconds", "ms"), [(999, 0), (1000, 1), (-1, -1), (-1000, -1), (0, 0)])
def test_elapsed_time_is_in_whole_milliseconds_and_may_be_negative(microseconds: int, ms: int) -> None:
    assert clock.elapsed_ms(since=NOW, now=NOW + timedelta(microseconds=microseconds)) == ms


def test_a_question_ends_when_its_limit_is_used_up() -> None:
    end = clock.question_deadline(
        counted_from=NOW, limit_seconds=60, spent_ms=20_500, session_deadline=NOW + timedelta(hours=1)
    )
    assert end == NOW + timedelta(seconds=39.5)


def test_a_question_ends_with_its_session_at_the_latest() -> None:
    end = NOW + timedelta(seconds=10)
    assert clock.question_deadline(counted_from=NOW, limit_seconds=60, spent_ms=0, session_deadline=end) == end


def test_a_question_whose_limit_is_used_up_ended_before() -> None:
    end = clock.question_deadline(
        counted_from=NOW, limit_seconds=60, spent_ms=61_000, session_deadline=NOW + timedelta(hours=1)
    )
    assert end == NOW - timedelta(seconds=1)
