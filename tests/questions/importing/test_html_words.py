"""The short way for texts that are nothing but words gives what the long way gives, and never takes long itself."""

from unittest import mock

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from questions.importing import html
from questions.importing.base import Markup, Passage
from questions.importing.html import line_of, markdown_of

NEVER = mock.Mock(fullmatch=mock.Mock(return_value=None))


@pytest.mark.parametrize("markup", Markup)
# Whether a text is nothing but words is what the pattern decides; making only such texts would repeat the pattern.
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(text=st.text("abeZé139 ,.;:?!'\"()/%", min_size=1, max_size=24))
def test_words_come_out_as_the_long_way_has_them(markup: Markup, text: str) -> None:
    assume(html._WORDS.fullmatch(text))
    passage = Passage(text, markup)
    short = markdown_of(passage, []), line_of(passage, [])
    with mock.patch.object(html, "_WORDS", NEVER):
        assert short == (markdown_of(passage, []), line_of(passage, []))


@pytest.mark.parametrize("text", ["a " * 200_000 + "<", "a" * 400_000 + "<", "a.,;" * 100_000 + "<"])
def test_a_text_that_almost_is_words_takes_no_time(text: str) -> None:
    assert html._WORDS.fullmatch(text) is None
