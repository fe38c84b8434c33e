"""The marks in an answer: right places, everything escaped, overlapping ones joined."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from sessions.highlighting import highlight

spans = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.text(max_size=8)), max_size=6)


def test_the_words_of_a_span_are_marked_and_named_by_its_label() -> None:
    assert highlight("Recall matters here.", [(0, 6, "Recall first")]) == (
        '<mark title="Recall first">Recall</mark> matters here.'
    )


def test_a_span_without_a_label_is_marked_without_a_title() -> None:
    assert highlight("ab", [(1, 2, "")]) == "a<mark>b</mark>"


def test_the_answer_and_the_label_are_escaped_inside_and_outside_of_marks() -> None:
    result = highlight("<b>&'\"</b><i>", [(0, 3, '"><script>')])
    assert "<b>" not in result
    assert "<i>" not in result
    assert "<script>" not in result
    assert result.startswith('<mark title="&quot;&gt;&lt;script&gt;">&lt;b&gt;</mark>&amp;')


def test_overlapping_spans_become_one_mark_with_both_labels() -> None:
    assert highlight("abcdef", [(2, 5, "two"), (0, 3, "one")]) == '<mark title="one; two">abcde</mark>f'


def test_the_same_span_twice_is_marked_once() -> None:
    assert highlight("abc", [(0, 3, "one"), (0, 3, "one")]) == '<mark title="one">abc</mark>'


def test_touching_spans_stay_apart() -> None:
    assert highlight("abcd", [(0, 2, "one"), (2, 4, "two")]) == (
        '<mark title="one">ab</mark><mark title="two">cd</mark>'
    )


def test_a_verdict_without_evidence_marks_nothing() -> None:
    assert highlight("abc", [(-1, -1, "missing"), (9, 12, "outside"), (2, 1, "backwards")]) == "abc"


def test_a_span_that_runs_past_the_end_is_cut() -> None:
    assert highlight("abc", [(1, 99, "x")]) == 'a<mark title="x">bc</mark>'


def test_an_empty_answer_stays_empty() -> None:
    assert highlight("", [(0, 0, "x")]) == ""


@given(st.text(max_size=50), spans)
def test_taking_the_marks_away_gives_the_answer_back(body: str, chosen: list[tuple[int, int, str]]) -> None:
    without = re.sub(r'<mark(?: title="[^"]*")?>|</mark>', "", highlight(body, chosen))
    assert html.unescape(without) == body


def test_doubtful_words_are_marked_as_such_also_inside_of_a_mark() -> None:
    assert highlight("abcdef", [(0, 6, "found")], [(2, 4, "doubt")]) == (
        '<mark title="found">ab</mark><mark class="doubtful" title="doubt">cd</mark><mark title="found">ef</mark>'
    )


@given(st.text(max_size=50), spans, spans)
def test_taking_both_kinds_of_marks_away_gives_the_answer_back(
    body: str, found: list[tuple[int, int, str]], doubted: list[tuple[int, int, str]]
) -> None:
    without = re.sub(r'<mark(?: class="doubtful")?(?: title="[^"]*")?>|</mark>', "", highlight(body, found, doubted))
    assert html.unescape(without) == html.unescape(str(highlight(body, [])))
