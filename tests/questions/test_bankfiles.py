"""Bank files: everything that is wrong is found, with its file and line, and what is written reads back the same."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.bankfiles import read_bank
from questions.bankformat import MAX_FILE_BYTES, BankError, parse_question, write_question
from questions.content import LICENCES, Content, ContentError
from tests.factories import BY_KIND, CODING, DEMANDING, make_content
from tests.questions.bankfolder import AREA, write_area, write_bank, write_file

GOOD = """\
---
title: Metric for rare fraud
kind: open
difficulty: medium
time_limit_seconds: 240
key_points:
  - key: accuracy-misleads
    text: Accuracy is misleading
    weight: 2
    accepted:
      - accuracy is useless here
follow_ups:
  - And then?
licence: CC-BY-4.0
author: Interview Prep contributors
source: original
---
## Question

Which metric, at $1\\,\\%$ fraud?

```python
## Reference answer
```

## Reference answer

Not accuracy.
"""


def complaints(root: Path) -> list[str]:
    with pytest.raises(BankError) as caught:
        read_bank(root)
    return [str(problem) for problem in caught.value.problems]


def complaints_about(tmp_path: Path, text: str | bytes) -> list[str]:
    """Return what is said about one file with `text`, without its path."""
    write_file(write_bank(tmp_path), "evaluation/metrics/one.md", text)
    return [complaint.removeprefix("evaluation/metrics/one.md:") for complaint in complaints(tmp_path)]


def test_a_question_file_says_its_content() -> None:
    content = parse_question(GOOD, "x.md")
    assert content.title == "Metric for rare fraud"
    assert content.key_points[0].accepted == ("accuracy is useless here",)
    assert content.prompt.endswith("```python\n## Reference answer\n```")
    assert content.reference_answer == "Not accuracy."


def test_the_answer_of_a_numeric_question_becomes_its_number() -> None:
    text = GOOD.replace("kind: open", "kind: numeric")
    start, end = text.index("key_points"), text.index("follow_ups")
    text = text[:start] + 'answer:\n  value: 0.5\n  tolerance: 0.01\n  unit: "%"\n' + text[end:]
    answer = parse_question(text, "x.md").numeric_answer
    assert answer is not None
    assert (answer.value, answer.tolerance, answer.unit) == (0.5, 0.01, "%")


def test_folders_give_area_topic_and_slug_in_order(tmp_path: Path) -> None:
    write_bank(tmp_path, "zebra", "apple")
    write_file(tmp_path, "evaluation/validation/middle.md")
    bank = read_bank(tmp_path)
    assert [(topic.slug, topic.area, topic.order) for topic in bank.topics] == [
        ("evaluation", None, 6),
        ("metrics", "evaluation", 1),
        ("validation", "evaluation", 2),
    ]
    assert [(q.area, q.topic, q.slug) for q in bank.questions] == [
        ("evaluation", "metrics", "apple"),
        ("evaluation", "metrics", "zebra"),
        ("evaluation", "validation", "middle"),
    ]
    assert bank.questions[0].path == "evaluation/metrics/apple.md"


def test_a_byte_order_mark_and_windows_line_ends_make_no_difference(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    write_file(write_bank(tmp_path), "evaluation/metrics/one.md", data)
    assert read_bank(tmp_path).questions[0].content == parse_question(GOOD, "x.md")


def test_links_hidden_files_and_companions_are_passed_over(tmp_path: Path) -> None:
    root = write_bank(tmp_path / "bank", "one")
    outside = write_file(tmp_path, "elsewhere/other.md", "not a question")
    (root / "evaluation/metrics/link.md").symlink_to(outside)
    (root / "linked-area").symlink_to(outside.parent)
    (root / "README.md").write_text("About this bank")
    (root / "LICENSE").write_text("Words")
    write_file(root, "evaluation/metrics/.#one.md", "an editor's lock")
    write_file(root, ".git/x.md", "x")
    write_file(root, "evaluation/metrics/notes.txt", "x")
    os.mkfifo(root / "evaluation/metrics/pipe.md")
    assert [question.slug for question in read_bank(root).questions] == ["one"]


def test_a_linked_area_file_counts_as_missing(tmp_path: Path) -> None:
    root = write_bank(tmp_path / "bank", "one")
    (root / "evaluation/area.yaml").rename(tmp_path / "area.yaml")
    (root / "evaluation/area.yaml").symlink_to(tmp_path / "area.yaml")
    assert complaints(root) == ["evaluation/area.yaml:1: is missing: it names the area and its topics"]


def test_all_problems_of_all_files_come_at_once_in_file_order(tmp_path: Path) -> None:
    write_bank(tmp_path, "fine")
    write_file(tmp_path, "evaluation/metrics/b.md", GOOD.replace("medium", "brutal").replace("weight: 2", "wieght: 2"))
    write_file(tmp_path, "evaluation/metrics/a.md", b"\xff\xfe")
    write_file(tmp_path, "evaluation/unknown-topic/c.md", "no front matter")
    write_file(tmp_path, "nowhere/metrics/d.md", GOOD)
    assert complaints(tmp_path) == [
        "evaluation/metrics/a.md:1: is not UTF-8; save it in that encoding",
        "evaluation/metrics/b.md:4: difficulty: must be one of 'easy', 'medium' or 'hard'",
        "evaluation/metrics/b.md:7: key_points[1].weight: is missing",
        "evaluation/metrics/b.md:9: key_points[1].wieght: is not a known name; did you mean “weight”?",
        "evaluation/unknown-topic/c.md:1: area.yaml has no topic “unknown-topic”",
        "evaluation/unknown-topic/c.md:1: must begin with a line “---” and the question's values",
        "nowhere/area.yaml:1: is missing: it names the area and its topics",
    ]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("title:", "titel:"), "2: titel: is not a known name; did you mean “title”?"),
        (("title: Metric for rare fraud", "title: 7"), "2: title: must be text; in YAML, put it in quotes"),
        (("title: Metric", "title: Metric: x"), "2: is not valid YAML: mapping values are not allowed in this context"),
        (("weight: 2", "weight: 9"), "9: key_points[1].weight: must be at most 3"),
        (("    weight: 2", "   weight: 2"), "9: is not valid YAML"),
        (("kind: open", "kind: single"), "6: key_points: only open questions have key points"),
        (("licence: CC-BY-4.0", "licence: GPL"), "14: licence: the licence must be one of"),
        (("source: original\n---", "source: original\nprompt: x\n---"), "17: prompt: is not a known name; known are"),
        (("\n---\n##", "\n##"), "1: the values at the top have no closing line “---”"),
        (("---\ntitle", "title"), "1: must begin with a line “---” and the question's values"),
        (("## Question\n", ""), "18: the section “## Question” is missing"),
        (("## Question\n", "## question\n"), "18: the section “## Question” is missing; is “## question” meant"),
        (("\n```\n\n##", "\n\n##"), "18: the section “## Reference answer” is missing"),
        (("Not accuracy.", "## Question\n\nAgain"), "28: a second section “## Question”"),
        (("Not accuracy.", "  "), "26: ## Reference answer: needs at least 1 characters"),
        (("---\n## Question", "---\nStray words\n## Question"), "18: text before the first section is not read"),
    ],
)
def test_each_fault_is_found_on_its_line(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    assert change[0] in GOOD
    found = complaints_about(tmp_path, GOOD.replace(*change, 1))
    assert any(line.startswith(complaint) for line in found), found


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (GOOD.encode().replace(b"rare", b"r\xe4re"), "2: is not UTF-8; save it in that encoding"),
        (GOOD.encode("utf-16"), "1: is not a text file: it contains a NUL byte"),
        (GOOD.encode().replace(b"Not accuracy", b"Not\x00"), "28: is not a text file: it contains a NUL byte"),
        (b"\x7fELF\x00\x01", "1: is not a text file: it contains a NUL byte"),
        (b"", "1: must begin with a line “---” and the question's values"),
        (b"x" * (MAX_FILE_BYTES + 1), "1: is larger than 200 kB, the most a bank file may be"),
    ],
)
def test_a_file_that_is_no_usable_text_is_refused(tmp_path: Path, data: bytes, complaint: str) -> None:
    assert complaints_about(tmp_path, data) == [complaint]


def test_a_slug_used_in_two_folders_is_refused(tmp_path: Path) -> None:
    write_bank(tmp_path, "same")
    write_file(tmp_path, "evaluation/validation/same.md")
    assert complaints(tmp_path) == [
        "evaluation/validation/same.md:1: “same” is taken by evaluation/metrics/same.md",
    ]


def test_a_topic_named_in_two_areas_is_refused_on_its_line(tmp_path: Path) -> None:
    write_bank(tmp_path, "one")
    write_area(tmp_path, "other", AREA.replace("validation", "evaluation"))
    assert complaints(tmp_path) == [
        "other/area.yaml:5: “metrics” is taken by evaluation/area.yaml",
        "other/area.yaml:8: “evaluation” is taken by evaluation/area.yaml",
    ]


@pytest.mark.parametrize("name", ["Upper", "two--hyphens", "under_score", "-start", "x" * 61])
def test_a_file_name_that_is_no_slug_is_refused(tmp_path: Path, name: str) -> None:
    write_file(write_bank(tmp_path), f"evaluation/metrics/{name}.md")
    assert "is not a usable name" in complaints(tmp_path)[0]


@pytest.mark.parametrize("path", ["stray.md", "evaluation/stray.md", "evaluation/metrics/deeper/stray.md"])
def test_a_question_outside_a_topic_folder_is_refused(tmp_path: Path, path: str) -> None:
    write_file(write_bank(tmp_path), path)
    assert len(complaints(tmp_path)) == 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("order: 6", "order: sixth"), "2: order: must be a whole number"),
        (
            ("description: Choosing how to measure.", "descripton: x"),
            "3: descripton: is not a known name; did you mean",
        ),
        (
            ("    name: Metrics", "    nmae: Metrics"),
            "6: topics.metrics.nmae: is not a known name; did you mean “name”?",
        ),
        (("description: Which data.", "description: 7"), "10: topics.validation.description: must be text"),
        (("  metrics:", "  Metrics!:"), "5: topics.Metrics!: “Metrics!” is not a usable name"),
        (("topics:", "topics: []\nx:"), "4: topics: must name at least one topic"),
        (("name: Evaluation", f"name: {'E' * 101}"), "1: name: may have at most 100 characters"),
        (("name: Evaluation", "name: [Evaluation"), "1: is not valid YAML"),
    ],
)
def test_a_fault_in_an_area_file_is_found_on_its_line(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    assert change[0] in AREA
    write_area(tmp_path, text=AREA.replace(*change, 1))
    found = [line.removeprefix("evaluation/area.yaml:") for line in complaints(tmp_path)]
    assert any(line.startswith(complaint) for line in found), found


def test_a_broken_area_file_does_not_drown_its_questions_in_complaints(tmp_path: Path) -> None:
    write_bank(tmp_path, "one", "two")
    write_area(tmp_path, text="name: [")
    assert len(complaints(tmp_path)) == 1


def test_an_empty_folder_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    assert complaints(tmp_path) == [".:1: holds no area: a folder with an area.yaml"]
    with pytest.raises(NotADirectoryError):
        read_bank(tmp_path / "missing")


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_written_question_reads_back_as_the_same_content(kind: str) -> None:
    content = make_content(kind)
    assert parse_question(write_question(content), "x") == content


def test_a_content_that_no_file_can_say_is_refused() -> None:
    with pytest.raises(BankError):
        write_question(make_content(prompt="Before\n\n## Reference answer\n\nAfter"))


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=3, max_size=90)
_CODE = st.one_of(
    _TEXT,
    st.sampled_from(
        ["", "    x = 1\n  y", "a:\n\n\n  - b\n", "\tif x:\n\t\tpass", "x  \ny", "\n\n  x", "# only", "a\n---\nb"]
    ),
)
_LINE = st.one_of(_TEXT, st.sampled_from(["yes", "null", "0x1F", "1:30", "- x", "# x", "a: b", "'q'", "2024-01-01"]))


@given(
    texts=st.lists(_LINE, min_size=9, max_size=9),
    numbers=st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1e300)),
    kind=st.sampled_from(list(BY_KIND)),
    licence=st.sampled_from(LICENCES),
)
def test_any_content_is_written_exactly_or_refused(
    texts: list[str], numbers: tuple[float, float], kind: str, licence: str
) -> None:
    raw: dict[str, Any] = {"title": texts[0], "prompt": texts[1], "reference_answer": texts[2], "author": texts[3]}
    raw |= {"source": texts[4], "follow_ups": texts[5:6], "licence": licence}
    if kind == "open":
        raw["key_points"] = [{"key": "k", "text": texts[6], "weight": 1, "accepted": texts[7:]}]
    elif kind == "numeric":
        raw["numeric_answer"] = {"value": numbers[0], "tolerance": numbers[1], "unit": texts[6][:20]}
    else:
        choices = [{"key": "a", "text": texts[6], "correct": True, "explanation": texts[7]}]
        raw["choices"] = [*choices, {"key": "b", "text": texts[8], "correct": False, "explanation": texts[7]}]
    try:
        content = make_content(kind, **raw)
    except ContentError:
        return
    assert parse_question(write_question(content), "x") == content


DEMANDS = """\
    required:
      - variance | spread
      - average
    number:
      value: 4.5
      tolerance: 0.25
      unit: ms
    any_of:
      need: 2
      items:
        - bagging | bootstrap
        - boosting
        - P(A|B)
"""
DEMANDING_FILE = GOOD.replace("      - accuracy is useless here\n", f"      - accuracy is useless here\n{DEMANDS}")


def test_what_a_key_point_demands_is_written_as_it_is_read() -> None:
    content = make_content(key_points=[DEMANDING])
    written = write_question(content)
    assert DEMANDS in written
    assert parse_question(written, "x") == content
    assert parse_question(DEMANDING_FILE, "x").key_points[0].any_of == content.key_points[0].any_of


def test_a_key_point_that_demands_nothing_is_written_as_before() -> None:
    written = write_question(make_content())
    assert not any(name in written for name in ("required:", "number:", "any_of:"))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("- average", "- ' | | '"), "14: key_points[1].required[2]: needs a word on both sides of each “ | ”"),
        (("- average", "- " + "x" * 10_000), "14: key_points[1].required[2]: may have at most 1000 characters"),
        (("- average", "- 7"), "14: key_points[1].required[2]: must be text; in YAML, put it in quotes"),
        (("value: 4.5", "value: .nan"), "16: key_points[1].number.value: must be a number"),
        (("value: 4.5", "value: many"), "16: key_points[1].number.value: must be a number"),
        (("tolerance: 0.25", "tolerance: -1"), "17: key_points[1].number.tolerance: must be at least 0"),
        (("unit: ms", "units: ms"), "18: key_points[1].number.units: is not a known name; did you mean “unit”?"),
        (("need: 2", "need: 0"), "20: key_points[1].any_of.need: must be at least 1"),
        (("need: 2", "need: 4"), "20: key_points[1].any_of.need: asks for 4 of 3 items"),
        (("      need: 2\n", ""), "19: key_points[1].any_of.need: is missing"),
        (("        - boosting\n", 50 * "        - a\n"), "21: key_points[1].any_of.items: may have at most 20 entries"),
        (("- boosting", "- '|'"), "23: key_points[1].any_of.items[2]: needs a word on both sides"),
        (("any_of:", "any-of:"), "19: key_points[1].any-of: is not a known name; did you mean “any_of”?"),
    ],
)
def test_each_fault_in_what_a_key_point_demands_is_found_on_its_line(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    assert change[0] in DEMANDING_FILE
    found = complaints_about(tmp_path, DEMANDING_FILE.replace(*change, 1))
    assert any(line.startswith(complaint) for line in found), found


@given(
    lines=st.lists(_LINE, min_size=4, max_size=4),
    numbers=st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 1e300)),
    need=st.integers(1, 3),
)
def test_anything_a_key_point_demands_is_written_exactly_or_refused(
    lines: list[str], numbers: tuple[float, float], need: int
) -> None:
    number = {"value": numbers[0], "tolerance": numbers[1], "unit": lines[3][:20]}
    any_of = {"need": need, "items": lines[:3]}
    point = {"key": "k", "text": "x", "weight": 1, "required": lines[2:], "number": number, "any_of": any_of}
    try:
        content = make_content(key_points=[point])
    except ContentError:
        return
    assert parse_question(write_question(content), "x") == content


def test_no_field_of_a_content_is_left_out_of_the_file() -> None:
    contents = [*(make_content(kind) for kind in BY_KIND), make_content(**CODING)]
    said = {
        name for content in contents for name in Content.model_fields if getattr(content, name) not in (None, (), "")
    }
    assert said == set(Content.model_fields)
    for content in contents:
        assert parse_question(write_question(content), "x") == content


@given(texts=st.lists(_LINE, min_size=8, max_size=8), code=st.lists(_CODE, min_size=5, max_size=5))
def test_any_help_and_code_are_written_exactly_or_refused(texts: list[str], code: list[str]) -> None:
    case = {"call": code[3], "expected": texts[0]}
    exercise = {"language": "sql", "setup": code[0], "starter": code[1], "solution": code[2], "cases": [case]}
    misconceptions = [{"text": texts[1], "why": texts[2]}]
    samples = {"strong_sample": texts[4], "middling_sample": texts[5], "guidance": texts[6]}
    fields = {"format": "coding", "code": exercise, "misconceptions": misconceptions, **samples}
    try:
        content = make_content("open", **fields)
    except ContentError:
        return
    try:
        written = write_question(content)
    except BankError:
        assert any(text.lstrip().startswith("## ") or "\n## " in text for text in samples.values())
        return
    assert parse_question(written, "x") == content
