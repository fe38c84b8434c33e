"""Marking found words: by stem, and never a tag that was not ours."""

import pytest

from questions.marking import Sought, excerpt, marked


@pytest.mark.parametrize(
    ("words", "text", "result"),
    [
        ("regularise", "Why regularisation?", "Why <mark>regularisation</mark>?"),
        ("query", "Two queries", "Two <mark>queries</mark>"),
        ("bias variance", "Bias and variances", "<mark>Bias</mark> and <mark>variances</mark>"),
        ("cross-validation", "Cross-validated", "<mark>Cross</mark>-<mark>validated</mark>"),
        ("-trees", "Trees", "Trees"),
        ("", "Trees", "Trees"),
        ("b", "<b>b</b>", "&lt;<mark>b</mark>&gt;<mark>b</mark>&lt;/<mark>b</mark>&gt;"),
        ('x"', 'a "x"', "a &quot;<mark>x</mark>&quot;"),
        ("or", "or", "or"),
    ],
)
def test_words_are_marked_by_their_stem_and_everything_else_is_escaped(words: str, text: str, result: str) -> None:
    assert marked(text, Sought.of(words)) == result


def test_a_word_that_is_still_typed_marks_what_it_begins() -> None:
    assert marked("Boosted trees", Sought.of("boo", is_typing=True)) == "<mark>Boosted</mark> trees"
    assert marked("Boosted trees", Sought.of("boo")) == "Boosted trees"


def test_an_excerpt_is_what_stands_around_the_first_match() -> None:
    long = "before " * 30 + "the needle lies here" + " after" * 30
    result = excerpt(["nothing", long], Sought.of("needle"))
    assert result.startswith("… before") and "<mark>needle</mark>" in result and result.endswith("after …")
    assert len(result) < 200
    assert excerpt(["nothing"], Sought.of("needle")) == ""


def test_markup_in_an_excerpt_stays_text() -> None:
    assert "<script>" not in excerpt(["<script>alert(1)</script> needle"], Sought.of("needle"))
