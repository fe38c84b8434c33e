"""Hand-written YAML: what is read, what is refused, and on which line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions import yamltext

TEXT = """\
kind: open
points:
  - key: a
    text: >-
      two
      lines
  - key: b
"""


def refused(text: str) -> yamltext.YamlError:
    with pytest.raises(yamltext.YamlError) as caught:
        yamltext.load(text, first_line=10)
    return caught.value


def test_every_value_knows_its_line() -> None:
    located = yamltext.load(TEXT, first_line=2)
    assert located.data == {"kind": "open", "points": [{"key": "a", "text": "two lines"}, {"key": "b"}]}
    lines = {path: located.line_of(path) for path in ("kind", "points", "points[1].text", "points[2].key")}
    assert lines == {"kind": 2, "points": 3, "points[1].text": 5, "points[2].key": 8}


def test_a_missing_value_is_where_it_should_have_been() -> None:
    located = yamltext.load(TEXT)
    assert located.line_of("points[2].text") == 7
    assert located.line_of("points[2].accepted[1]") == 7
    assert located.line_of("author", default=1) == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: [1, 2\n", 11, "not valid YAML"),
        ('a: 1\nb: "x\nc: 1\nd: 2\n', 11, "not valid YAML"),
        ("a: 1\nb 2\n\nc: 3\n", 11, "not valid YAML"),
        ("a: 1\nb: x: y\n", 11, "not valid YAML"),
        ("a: \t- 1\n  b", 10, "not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", 12, "given twice"),
        ("a: &x 1\nb: *x\n", 10, "aliases"),
        ("a:\n  - !!python/object/apply:os.system [id]\n", 11, "tags"),
        ("a: !int 3\n", 10, "tags"),
        ("a: 1\n---\nb: 2\n", 11, "only one document"),
        ("a: 2024-13-45\n", 10, "put it in quotes"),
        ("? [1, 2]\n: 3\n", 10, "plain text"),
        ("a: " + "[" * 50_000 + "]" * 50_000, 10, "nested too deeply"),
        ("a: " + "9" * 5_000, 10, "cannot be read"),
    ],
)
def test_what_a_data_file_has_no_use_for_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    error = refused(text)
    assert words in error.message
    assert error.line == line


def test_a_merge_is_only_an_odd_name_and_copies_nothing() -> None:
    assert yamltext.load("<<: x").data == {"<<": "x"}


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
_DATA = st.recursive(
    st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(_TEXT, inner, min_size=1, max_size=4),
    max_leaves=12,
).filter(lambda data: isinstance(data, dict))


@given(_DATA)
def test_what_is_written_is_read_back_unchanged(data: Any) -> None:
    try:
        assert yamltext.load(yamltext.dump(data)).data == data
    except yamltext.YamlError as error:
        assert "nested" in error.message
