from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from sessions.charts import TREND_BOTTOM, TREND_TOP, dot_chart, steps_chart, trend_chart
from sessions.mastery import Estimate, Evidence, estimate

NOTHING = estimate([])
FIRST_IMPRESSION = estimate([Evidence(0.5)])
KNOWN = estimate([Evidence(0.5)] * 4)


def places(*texts: str) -> list[Decimal]:
    return [Decimal(text.rstrip("%")) for text in texts]


def test_dots_keep_their_order_and_say_who_is_solid() -> None:
    chart = dot_chart(
        [("Nothing", "no answer", NOTHING), ("A little", "one", FIRST_IMPRESSION), ("More", "four", KNOWN)]
    )
    assert [row.name for row in chart.rows] == ["Nothing", "A little", "More"]
    assert [row.whisker and row.whisker.solid for row in chart.rows] == [None, False, True]


def test_the_middle_is_in_the_middle_and_the_whisker_around_its_dot() -> None:
    whisker = dot_chart([("More", "four", KNOWN)]).rows[0].whisker
    assert whisker is not None
    low, dot, high = places(whisker.low, whisker.dot, whisker.high)
    assert low < dot == 50 < high


@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_dots_at_the_ends_stay_inside_the_picture(mean: float) -> None:
    whisker = dot_chart([("End", "", Estimate(mean, low=0, high=1, count=3, enough=True))]).rows[0].whisker
    assert whisker is not None
    assert all(0 < place < 100 for place in places(whisker.low, whisker.dot, whisker.high))


def test_ticks_mark_the_ends_and_the_middle() -> None:
    assert [(tick.place, tick.label) for tick in dot_chart([]).ticks] == [
        ("2.00%", "0 %"),
        ("50.00%", "50 %"),
        ("98.00%", "100 %"),
    ]


def test_in_the_trend_more_is_higher_and_later_is_further_right() -> None:
    low, high = estimate([Evidence(0.2)] * 5), estimate([Evidence(0.8)] * 5)
    first, second = trend_chart([("first", low), ("second", high)]).points
    assert places(first.across)[0] < places(second.across)[0]
    assert TREND_TOP < Decimal(second.whisker.dot) < Decimal(first.whisker.dot) < TREND_BOTTOM
    assert Decimal(first.whisker.high) < Decimal(first.whisker.dot) < Decimal(first.whisker.low)


def test_sessions_without_an_answer_are_left_out_of_the_trend_and_the_line_goes_on() -> None:
    chart = trend_chart([("first", KNOWN), ("nothing", NOTHING), ("third", KNOWN)])
    assert [point.words for point in chart.points] == ["first", "third"]
    assert len(chart.lines) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_a_trend_of_one_or_none_has_no_line(count: int) -> None:
    assert trend_chart([("only", KNOWN)] * count).lines == ()


@pytest.mark.parametrize("language", ["en", "de"])
def test_pictures_have_names_no_style_and_numbers_that_every_browser_reads(language: str) -> None:
    with translation.override(language):
        dots = render_to_string(
            "charts/dots.html", {"chart": dot_chart([("<b>", "half & half", KNOWN)]), "caption": "Caption"}
        )
        trend = render_to_string(
            "charts/trend.html",
            {"chart": trend_chart([("one", KNOWN), ("two & three", FIRST_IMPRESSION)]), "title": "Title"},
        )
    assert 'role="img" aria-label="&lt;b&gt;: half &amp; half"' in dots
    assert '<title id="trend-title">Title</title>' in trend and "one. two &amp; three. " in trend
    assert 'cx="50.00%"' in dots and "chart__dot--hollow" in trend
    for picture in (dots, trend):
        assert "style" not in picture and "<script" not in picture


def test_more_confidence_is_further_right_and_a_better_result_higher_and_several_answers_are_one_larger_dot() -> None:
    chart = steps_chart([(0, 4), (4, 0), (4, 0)], across=[(0, "low"), (4, "high")], down=[(0, "none")], last=4)
    left, right = chart.dots
    assert places(left.across)[0] < places(right.across)[0]
    assert Decimal(left.down) < Decimal(right.down)
    assert (left.count, right.count) == (1, 2) and Decimal(left.radius) < Decimal(right.radius)
    assert [(tick.place, tick.label) for tick in chart.across] == [(left.across, "low"), (right.across, "high")]
    assert [tick.place for tick in chart.down] == [right.down]
