"""The editor's form as data: nothing typed is lost on the way, and each complaint is at its field."""

from typing import Any

import pytest
from django.http import QueryDict

from questions.content import MOST_ENTRIES, Content
from questions.editing import typed as forms
from questions.editing.checking import check, gradable
from questions.editing.showing import controls, lists, preview
from questions.editing.typed import ROWS, Typed
from tests.factories import CODING, DEMANDING, OPEN, make_content


def posted(typed: Typed) -> QueryDict:
    """Return what a browser sends of a form that shows `typed`."""
    data = QueryDict(mutable=True)
    for control in controls(typed, {}).values():
        data[control.id] = control.value
    for name in ("topic", "slug"):
        data[name] = typed[name]
    for name, listed in lists(typed, {}).items():
        data.setlist(name, [row.row for row in listed.rows])
        for row in listed.rows:
            of_row = [*row.controls, *row.folded]
            data.update({control.id: control.value for control in of_row if control.sort != "box"})
            data.update({control.id: "on" for control in of_row if control.is_checked})
    return data


def changed(typed: Typed, **values: Any) -> Typed:
    return {**typed, **values}


def blank() -> Typed:
    return forms.blank(author="Ada")


CONTENTS = {
    "open": {**OPEN, "tags": ["one", "two"]},
    "coding": {**OPEN, **CODING},
    "demanding": {**OPEN, "key_points": [*OPEN["key_points"], DEMANDING]},
    "single": {"kind": "single"},
    "multiple": {"kind": "multiple"},
    "numeric": {"kind": "numeric"},
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_content_survives_the_form_and_the_browser_unchanged(name: str) -> None:
    content = make_content(**CONTENTS[name])
    typed = forms.of_content(content)
    assert forms.read(posted(typed)) == typed
    assert Content.parse(forms.raw(forms.read(posted(typed)))) == content
    assert check(typed).content == content


def test_line_ends_of_browsers_and_nul_characters_do_not_change_what_is_said() -> None:
    data = posted(blank())
    data["prompt"] = "one\r\ntwo\rthree\x00"
    assert forms.read(data)["prompt"] == "one\ntwo\nthree"


def test_the_largest_question_goes_through_the_form_unchanged() -> None:
    def each(**texts: str) -> list[dict[str, str]]:
        return [{name: text.format(n=n) for name, text in texts.items()} for n in range(MOST_ENTRIES)]

    points = [{"key": f"k{n}", "text": "x" * 1_000, "weight": 1, "accepted": []} for n in range(MOST_ENTRIES)]
    points[0]["accepted"] = [f"{n} ".ljust(1_000, "y") for n in range(MOST_ENTRIES)]
    content = make_content(
        key_points=points,
        prompt="p" * 20_000,
        misconceptions=each(text="m{n}", why="w"),
        follow_ups=[f"f{n}" for n in range(MOST_ENTRIES)],
        tags=[f"t{n}" for n in range(MOST_ENTRIES)],
    )
    assert check(forms.read(posted(forms.of_content(content)))).content == content


def test_a_figure_of_many_digits_survives_the_form() -> None:
    number = {"value": 0.1 + 0.2, "tolerance": 1e-300, "unit": ""}
    content = make_content(key_points=[DEMANDING | {"number": number}])
    assert check(forms.read(posted(forms.of_content(content)))).content == content


def test_a_form_kept_before_key_points_could_demand_anything_is_gone_on_with() -> None:
    typed = forms.of_content(make_content(**OPEN))
    old_parts = ("row", "key", "text", "weight", "accepted")
    kept = {**typed, "key_points": [{part: row[part] for part in old_parts} for row in typed["key_points"]]}
    assert forms.completed(kept) == typed
    assert forms.completed(typed) == typed


def test_a_phrasing_over_two_lines_stays_one_phrasing() -> None:
    point = OPEN["key_points"][0] | {"accepted": ["over\ntwo lines", "on one"]}
    content = make_content(key_points=[point, *OPEN["key_points"][1:]])
    again = check(forms.read(posted(forms.of_content(content)))).content
    assert again and again.key_points[0].accepted == ("over two lines", "on one")


@pytest.mark.parametrize(
    "junk",
    [
        {"key_points": ["r1", "r1", "zzz", "r99999", "'"], "key_points-r1-text": ["x"]},
        {"key_points": [f"r{n}" for n in range(200)]},
        {"kind": ["nonsense"], "time_limit_seconds": ["x" * 100_000]},
        {"number-value": ["1e999"], "choices": ["r1"], "choices-r1-correct": ["maybe"]},
        {},
    ],
)
def test_no_form_breaks_the_editor(junk: dict[str, list[str]]) -> None:
    data = QueryDict(mutable=True)
    for name, values in junk.items():
        data.setlist(name, values)
    typed = forms.read(data)
    assert all(len(typed[name]) <= forms.MOST_ROWS for name in ROWS)
    checked = check(typed, is_new=True)
    assert checked.content is None and checked.faults
    preview(typed, topic_name="")
    gradable(typed)
    lists(typed, checked.at(with_missing=True))


# --- Rearranging ----------------------------------------------------------------------------------------------------


def rows(typed: Typed) -> list[str]:
    return [row["row"] for row in typed["key_points"]]


@pytest.mark.parametrize(
    ("action", "order", "focus"),
    [
        ("add:key_points", ["r1", "r2", "r3", "r4", "r5"], "key_points-r5-text"),
        ("remove:key_points:r2", ["r1", "r3", "r4"], "add-key_points"),
        ("up:key_points:r2", ["r2", "r1", "r3", "r4"], "up-key_points-r2"),
        ("down:key_points:r2", ["r1", "r3", "r2", "r4"], "down-key_points-r2"),
        ("up:key_points:r1", ["r1", "r2", "r3", "r4"], "up-key_points-r1"),
        ("down:key_points:r4", ["r1", "r2", "r3", "r4"], "down-key_points-r4"),
        ("remove:key_points:r9", ["r1", "r2", "r3", "r4"], "add-key_points"),
    ],
)
def test_rows_are_added_removed_and_moved(action: str, order: list[str], focus: str) -> None:
    result = forms.rearranged(blank(), action)
    assert result and rows(result.typed) == order and result.focus == focus


@pytest.mark.parametrize("action", ["", "save", "add:nothing", "burn:key_points:r1", "::"])
def test_other_buttons_rearrange_nothing(action: str) -> None:
    assert forms.rearranged(blank(), action) is None


def test_a_row_that_is_added_never_takes_the_name_of_one_that_is_there() -> None:
    typed = blank()
    for action in ("remove:key_points:r1", "up:key_points:r4", "add:key_points"):
        result = forms.rearranged(typed, action)
        assert result
        typed = result.typed
    assert rows(typed) == ["r2", "r4", "r3", "r5"]


# --- What is saved --------------------------------------------------------------------------------------------------


def test_empty_rows_are_left_out_and_keys_are_made_of_the_words() -> None:
    typed = blank()
    typed["key_points"][1]["text"] = "Accuracy misleads under imbalance, always"
    typed["key_points"][3]["text"] = "Accuracy misleads under imbalance, indeed"
    points = forms.raw(typed)["key_points"]
    assert [point["key"] for point in points] == [
        "accuracy-misleads-under-imbalance",
        "accuracy-misleads-under-imbalance-2",
    ]


def test_a_key_that_is_there_stays_and_choices_get_letters() -> None:
    typed = changed(forms.of_content(make_content("single")), choices=[])
    for number, key in enumerate(["", "a", ""], 1):
        typed["choices"].append({"row": f"r{number}", "key": key, "text": "x", "correct": "", "explanation": "y"})
    assert [choice["key"] for choice in forms.raw(typed)["choices"]] == ["b", "a", "c"]


def test_what_another_kind_would_need_is_named_and_not_saved() -> None:
    typed = changed(forms.of_content(make_content(**{**OPEN, **CODING})), kind="numeric")
    typed["number"] = {"value": "0.25", "tolerance": "0.01", "unit": "", "expression": ""}
    assert set(forms.left_out(typed)) == {"key_points", "misconceptions", "strong_sample", "middling_sample", "code"}
    content = check(typed).content
    assert content and content.kind == "numeric" and not content.key_points and content.code is None
    assert forms.left_out(forms.of_content(make_content(**OPEN))) == []


# --- Complaints -----------------------------------------------------------------------------------------------------


def faults(typed: Typed, **more: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for fault in check(typed, **more).faults:
        found[fault.field] = f"{found[fault.field]}; {fault.message}" if fault.field in found else fault.message
    return found


def test_what_is_missing_is_told_from_what_is_wrong() -> None:
    checked = check(blank(), is_new=True)
    assert {fault.field for fault in checked.missing} == {"topic", "title", "prompt", "reference_answer", "key_points"}
    assert not checked.wrong
    assert checked.at(with_missing=False) == {}


def test_a_complaint_about_a_row_is_at_that_row_though_empty_ones_stand_before_it() -> None:
    typed = changed(forms.of_content(make_content(**OPEN)), key_points=blank()["key_points"])
    typed["key_points"][2] |= {"text": "An idea", "accepted": "fine\n" + "x" * 1001}
    typed["key_points"][3] |= {"text": "y" * 1001, "weight": "9"}
    found = faults(typed)
    assert "at most 1000" in found["key_points-r3-accepted"]
    assert "at most 1000" in found["key_points-r4-text"] and "at most 3" in found["key_points-r4-weight"]


@pytest.mark.parametrize(
    ("parts", "at", "words"),
    [
        ({"required": "fine\n | | "}, "required", "entry 2: needs a word on both sides"),
        ({"required": "x" * 10_000}, "required", "entry 1: may have at most 1000"),
        ({"required": "x\n" * 50}, "required", "at most 40 entries"),
        ({"number_value": "NaN"}, "number_value", "must be a number"),
        ({"number_value": "1e999"}, "number_value", "must be a number"),
        ({"number_value": "a few"}, "number_value", "must be a number"),
        ({"number_unit": "ms"}, "number_value", "must be a number"),
        ({"number_value": "1", "number_tolerance": "-1"}, "number_tolerance", "at least 0"),
        ({"number_value": "1", "number_unit": "m" * 21}, "number_unit", "at most 20"),
        ({"any_of_items": "a\nb"}, "any_of_need", "must be a whole number"),
        ({"any_of_items": "a\nb", "any_of_need": "0"}, "any_of_need", "at least 1"),
        ({"any_of_items": "a\nb", "any_of_need": "9" * 30}, "any_of_need", "9 of 2 items"),
        ({"any_of_items": "a\nb", "any_of_need": "9" * 9_000}, "any_of_need", "must be a whole number"),
        ({"any_of_items": "a\nb", "any_of_need": "4"}, "any_of_need", "asks for 4 of 2 items"),
        ({"any_of_items": "a", "any_of_need": "1"}, "any_of_items", "at least 2 entries"),
        ({"any_of_need": "1"}, "any_of_items", "at least 2 entries"),
        ({"any_of_items": "a\n" * 50, "any_of_need": "1"}, "any_of_items", "at most 20 entries"),
        ({"any_of_items": "a\n\nb |", "any_of_need": "1"}, "any_of_items", "entry 2: needs a word"),
    ],
)
def test_a_complaint_about_what_a_key_point_demands_is_at_its_control(
    parts: dict[str, str], at: str, words: str
) -> None:
    typed = forms.of_content(make_content(**OPEN))
    typed["key_points"][1] |= parts
    again = forms.read(posted(typed))
    assert again == typed
    assert words in faults(again)[f"key_points-r2-{at}"]
    assert gradable(again)[1][0].field == f"key_points-r2-{at}"
    rows_shown = lists(again, check(again).at(with_missing=True))["key_points"].rows
    assert [row.is_unfolded for row in rows_shown] == [False, True, False]


def test_a_row_with_nothing_but_a_demand_is_not_thrown_away() -> None:
    typed = blank()
    typed["key_points"][0]["required"] = "variance"
    assert forms.raw(typed)["key_points"][0]["required"] == ["variance"]
    assert "key_points-r1-text" in faults(typed)


@pytest.mark.parametrize(
    ("kind", "fields", "at", "words"),
    [
        (
            "numeric",
            {"number": {"value": "x", "tolerance": "0", "unit": "", "expression": ""}},
            "number-value",
            "number",
        ),
        (
            "numeric",
            {"number": {"value": "1", "tolerance": "", "unit": "", "expression": ""}},
            "number-tolerance",
            "missing",
        ),
        (
            "numeric",
            {"number": {"value": "", "tolerance": "", "unit": "", "expression": ""}},
            "number-value",
            "missing",
        ),
        ("open", {"time_limit_seconds": "x"}, "time_limit_seconds", "whole number"),
        ("open", {"time_limit_seconds": ""}, "time_limit_seconds", "missing"),
        ("open", {"tags": [{"row": "r7", "text": "Not A Tag"}]}, "tags-r7-text", "lower-case"),
        ("open", {"follow_ups": [{"row": "r2", "text": "x" * 1001}]}, "follow_ups-r2-text", "at most 1000"),
        ("open", {"licence": "mine"}, "licence", "one of"),
        ("single", {"choices": []}, "choices", "at least two"),
    ],
)
def test_each_complaint_is_at_its_field(kind: str, fields: dict[str, Any], at: str, words: str) -> None:
    typed = changed(forms.of_content(make_content(kind)), **fields)
    assert words in faults(typed)[at]


def test_complaints_about_code_are_at_its_fields() -> None:
    typed = forms.of_content(make_content(**{**OPEN, **CODING}))
    typed["cases"][0]["expected"] = ""
    assert faults(typed) == {"cases-r1-expected": "is missing"}
    hints = {hint.field for hint in check(forms.of_content(make_content(**{**OPEN, **CODING}))).hints}
    assert "cases" in hints


def test_a_weak_question_is_complete_and_says_what_could_be_better() -> None:
    checked = check(forms.of_content(make_content(**OPEN)))
    assert checked.content and not checked.faults
    at = {hint.field for hint in checked.hints}
    assert {"key_points", "key_points-r1-accepted", "misconceptions", "strong_sample"} <= at


def test_every_complaint_is_at_a_control_that_the_form_has() -> None:
    broken = changed(forms.of_content(make_content(**{**OPEN, **CODING})), title="x", licence="", author="")
    for typed in (blank(), broken, *(forms.of_content(make_content(**CONTENTS[name])) for name in CONTENTS)):
        known = set(controls(typed, {})) | {"topic"} | set(ROWS) | {"code"}
        shown = [row for each in lists(typed, {}).values() for row in each.rows]
        known |= {control.id for row in shown for control in (*row.controls, *row.folded)}
        checked = check(typed, is_new=True)
        assert {complaint.field for complaint in [*checked.faults, *checked.hints]} <= known


def test_a_new_question_needs_a_topic_and_a_slug_that_is_one() -> None:
    typed = changed(forms.of_content(make_content(**OPEN)), slug="Not A Slug")
    assert set(faults(typed, is_new=True)) == {"topic", "slug"}
    assert check(changed(typed, topic="x", slug="a-slug"), is_new=True).content


def test_an_answer_can_be_graded_before_everything_is_written() -> None:
    typed = blank()
    assert gradable(typed)[0] is None
    typed["key_points"][0]["text"] = "Averages over many trees"
    content, problems = gradable(typed)
    assert content and not problems and content.key_points[0].text == "Averages over many trees"


def test_the_preview_shows_words_that_are_not_complete() -> None:
    shown = preview(changed(blank(), prompt="Half a", time_limit_seconds="x", difficulty="?"), topic_name="Trees")
    assert shown["content"]["prompt"] == "Half a" and shown["content"]["time_limit_seconds"] == "–"
    assert shown["version"]["question"]["topic"]["name"] == "Trees"
