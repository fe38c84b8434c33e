"""How choices are written into an answer's text and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.grading.answers import decode_choices, encode_choices

KEYS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,59}", fullmatch=True)


def test_choices_are_written_sorted_one_per_line_and_each_once() -> None:
    assert encode_choices(["c", "a", "c"]) == "a\nc"


def test_no_choice_is_an_empty_body() -> None:
    assert encode_choices([]) == ""
    assert decode_choices("") == frozenset()


@pytest.mark.parametrize("key", ["", "a\nb", "A", "-a", "é", "a b", "a" * 61])
def test_what_cannot_be_a_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not the key of a choice"):
        encode_choices(["a", key])


def test_windows_line_ends_and_spaces_do_not_matter() -> None:
    assert decode_choices(" a \r\n\r\nb\t\r\n") == {"a", "b"}


@given(st.sets(KEYS))
def test_what_was_written_is_read_back(keys: set[str]) -> None:
    assert decode_choices(encode_choices(keys)) == keys
