"""What a version may say, and the words for what it may not."""

import hashlib
from typing import Any

import pytest

from questions.content import MOST_ENTRIES, AnyOf, Content, ContentError, KeyNumber, alternatives, kind_problems
from tests.factories import BY_KIND, DEMANDING, MULTIPLE, NUMERIC, OPEN, SINGLE, make_content


def problems(kind: str = "open", **fields: Any) -> dict[str, str]:
    with pytest.raises(ContentError) as caught:
        make_content(kind, **fields)
    return {problem.field: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_complete_content_of_every_kind_is_accepted(kind: str) -> None:
    assert make_content(kind).kind == kind


def test_problems_of_fields_and_of_the_kind_are_reported_together() -> None:
    choices = [SINGLE["choices"][1], {"key": "c", "text": "x", "correct": False}]
    found = problems("single", difficulty="brutal", choices=choices, licence="mine")
    assert set(found) == {"difficulty", "choices", "choices[2].explanation", "licence"}
    assert found["choices"] == "a single choice question has exactly one correct choice"


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("open", {"key_points": []}, "key_points"),
        ("open", {"choices": SINGLE["choices"]}, "choices"),
        ("open", {"numeric_answer": NUMERIC["numeric_answer"]}, "numeric_answer"),
        ("single", {"key_points": OPEN["key_points"]}, "key_points"),
        ("single", {"choices": MULTIPLE["choices"]}, "choices"),
        ("single", {"choices": SINGLE["choices"][:1]}, "choices"),
        ("multiple", {"choices": [c | {"correct": False} for c in MULTIPLE["choices"]]}, "choices"),
        ("numeric", {"numeric_answer": None}, "numeric_answer"),
        ("numeric", {"choices": SINGLE["choices"]}, "choices"),
    ],
)
def test_each_kind_has_exactly_its_own_parts(kind: str, fields: dict[str, Any], field: str) -> None:
    assert set(problems(kind, **fields)) == {field}


def test_a_key_used_twice_is_named_where_it_is_repeated() -> None:
    point = OPEN["key_points"][0]
    assert set(problems(key_points=[point, OPEN["key_points"][1], point])) == {"key_points[3].key"}


def test_a_list_has_no_more_entries_than_a_person_can_edit() -> None:
    def points(count: int) -> list[dict[str, Any]]:
        return [{"key": f"k{n}", "text": "x", "weight": 1, "accepted": ["y"]} for n in range(count)]

    assert len(make_content(key_points=points(MOST_ENTRIES)).key_points) == MOST_ENTRIES
    assert problems(key_points=points(MOST_ENTRIES + 1)) == {"key_points": "may have at most 40 entries"}
    assert problems(tags=[f"t{n}" for n in range(MOST_ENTRIES + 1)]) == {"tags": "may have at most 40 entries"}


def test_the_keys_of_a_list_without_end_are_compared_in_steps_that_grow_with_it() -> None:
    """An import may bring them: comparing each with all before it takes minutes."""

    class Key(str):
        compared = 0

        def __eq__(self, other: object) -> bool:
            Key.compared += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    points = [{"key": Key(f"k{n}"), "text": "x", "weight": 1} for n in range(1_000)]
    assert kind_problems({"kind": "open", "key_points": points, "licence": "MIT"}) == []
    assert Key.compared < 10_000


def test_an_unknown_name_is_answered_with_the_one_that_was_meant() -> None:
    point = {"key": "a", "text": "b", "wieght": 2}
    found = problems(key_points=[point], dificulty="hard")
    assert found["dificulty"] == "is not a known name; did you mean “difficulty”?"
    assert found["key_points[1].wieght"] == "is not a known name; did you mean “weight”?"
    assert found["key_points[1].weight"] == "is missing"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"title": 7}, "title", "must be text; in YAML, put it in quotes"),
        ({"title": "ab"}, "title", "needs at least 3 characters"),
        ({"author": "x" * 201}, "author", "may have at most 200 characters"),
        ({"time_limit_seconds": 9}, "time_limit_seconds", "must be at least 10"),
        ({"time_limit_seconds": "soon"}, "time_limit_seconds", "must be a whole number"),
        ({"difficulty": "brutal"}, "difficulty", "must be one of 'easy', 'medium' or 'hard'"),
        ({"key_points": "none"}, "key_points", "must be a list"),
        ({"prompt": "a\x00b"}, "prompt", "contains a NUL character, which cannot be stored"),
    ],
)
def test_a_wrong_value_is_explained_in_plain_words(fields: dict[str, Any], field: str, message: str) -> None:
    assert problems(**fields)[field] == message


def test_a_nul_character_is_refused_in_a_unit_too() -> None:
    answer = {"value": 1, "tolerance": 0, "unit": "m\x00"}
    assert set(problems("numeric", numeric_answer=answer)) == {"numeric_answer.unit"}


def test_windows_line_ends_do_not_make_another_content() -> None:
    title = "Same"
    unix = make_content(title=title, prompt="one\n\ntwo\nthree")
    assert make_content(title=title, prompt="one\r\n\r\ntwo\rthree").digest() == unix.digest()


def test_the_digest_differs_when_any_field_does() -> None:
    content = make_content()
    changes: list[dict[str, Any]] = [
        {"title": "Other"},
        {"time_limit_seconds": 200},
        {"follow_ups": []},
        {"source": "x"},
    ]
    changed = [Content.parse(content.model_dump() | change) for change in changes]
    assert len({content.digest(), *(other.digest() for other in changed)}) == 5


# What a key point may say beside its phrasings


def point(**parts: Any) -> dict[str, Any]:
    return {"key": "spread", "text": "Says how far apart", "weight": 1} | parts


def point_problems(**parts: Any) -> dict[str, str]:
    found = problems(key_points=[OPEN["key_points"][0], point(**parts)])
    assert all(field.startswith("key_points[2].") for field in found)
    return {field.removeprefix("key_points[2]."): message for field, message in found.items()}


def test_a_key_point_may_ask_for_terms_a_figure_and_some_of_several_items_without_any_phrasing() -> None:
    read = make_content(key_points=[DEMANDING | {"accepted": []}]).key_points[0]
    assert read.required == ("variance | spread", "average")
    assert read.number == KeyNumber(value=4.5, tolerance=0.25, unit="ms")
    assert read.any_of == AnyOf(need=2, items=("bagging | bootstrap", "boosting", "P(A|B)"))
    assert read.accepted == ()
    assert hash(read) == hash(make_content(key_points=[DEMANDING | {"accepted": []}]).key_points[0])


def test_a_figure_is_meant_exactly_unless_a_tolerance_is_given() -> None:
    assert make_content(key_points=[point(number={"value": 3})]).key_points[0].number == KeyNumber(value=3, tolerance=0)


@pytest.mark.parametrize(
    ("line", "ways"),
    [
        ("variance", ("variance",)),
        ("variance | spread", ("variance", "spread")),
        ("a  |  b\t| c", ("a", "b", "c")),
        ("P(A|B)", ("P(A|B)",)),
        ("a || b", ("a || b",)),
        ("a | | b", ("a", "", "b")),
        ("| a |", ("", "a", "")),
    ],
)
def test_alternatives_are_parted_by_a_bar_with_blanks_around_it(line: str, ways: tuple[str, ...]) -> None:
    assert alternatives(line) == ways


EMPTY_WAY = "needs a word on both sides of each “ | ”"


@pytest.mark.parametrize(
    ("parts", "field", "message"),
    [
        ({"required": [" "]}, "required[1]", "needs at least 1 characters"),
        ({"required": ["a", " | | "]}, "required[2]", EMPTY_WAY),
        ({"required": ["a |"]}, "required[1]", EMPTY_WAY),
        ({"required": ["..."]}, "required[1]", "needs a word"),
        ({"required": ["x" * 10_000]}, "required[1]", "may have at most 1000 characters"),
        ({"required": ["x\x00"]}, "required[1]", "contains a NUL character, which cannot be stored"),
        ({"required": ["x"] * 50}, "required", "may have at most 40 entries"),
        ({"required": "x"}, "required", "must be a list"),
        ({"number": 4}, "number", "must be a block of named values"),
        ({"number": {"tolerance": 1}}, "number.value", "is missing"),
        ({"number": {"value": "many"}}, "number.value", "must be a number"),
        ({"number": {"value": float("nan")}}, "number.value", "must be a number"),
        ({"number": {"value": "1e999"}}, "number.value", "must be a number"),
        ({"number": {"value": 1, "tolerance": -1}}, "number.tolerance", "must be at least 0.0"),
        ({"number": {"value": 1, "tolerance": float("inf")}}, "number.tolerance", "must be a number"),
        ({"number": {"value": 1, "unit": "m" * 21}}, "number.unit", "may have at most 20 characters"),
        ({"number": {"value": 1, "tolerence": 1}}, "number.tolerence", "did you mean “tolerance”?"),
        ({"any_of": ["a", "b"]}, "any_of", "must be a block of named values"),
        ({"any_of": {"items": ["a", "b"]}}, "any_of.need", "is missing"),
        ({"any_of": {"need": 0, "items": ["a", "b"]}}, "any_of.need", "must be at least 1"),
        ({"any_of": {"need": 1.5, "items": ["a", "b"]}}, "any_of.need", "must be a whole number"),
        ({"any_of": {"need": 4, "items": ["a", "b", "c"]}}, "any_of.need", "asks for 4 of 3 items"),
        ({"any_of": {"need": 10**30, "items": ["a", "b"]}}, "any_of.need", f"asks for {10**30} of 2 items"),
        ({"any_of": {"need": 1, "items": ["a"]}}, "any_of.items", "needs at least 2 entries"),
        ({"any_of": {"need": 1, "items": ["a"] * 50}}, "any_of.items", "may have at most 20 entries"),
        ({"any_of": {"need": 1, "items": ["a", "b |"]}}, "any_of.items[2]", EMPTY_WAY),
        ({"any_of": {"need": 1, "item": ["a", "b"]}}, "any_of.item", "did you mean “items”?"),
    ],
)
def test_what_a_key_point_may_not_say_is_named_by_its_field(parts: dict[str, Any], field: str, message: str) -> None:
    assert message in point_problems(**parts)[field]


def test_the_fingerprint_of_a_content_that_uses_none_of_the_newer_parts_is_the_one_it_always_had() -> None:
    content = make_content(title="Same")
    older = content.model_dump_json(
        exclude={
            **dict.fromkeys(("format", "misconceptions", "code", "guidance", "strong_sample", "middling_sample"), True),
            "tags": True,
        }
    )
    assert content.digest() == hashlib.sha256(older.encode()).hexdigest()
    assert '"accepted"' in older and '"required"' not in older and '"any_of"' not in older


def test_what_a_key_point_does_not_say_is_not_stored_and_what_it_says_comes_back() -> None:
    content = make_content(key_points=[point(), DEMANDING, point(number={"value": 0}) | {"key": "zero"}])
    plain, full, zero = content.model_dump(mode="json")["key_points"]
    assert plain == point(accepted=[])
    assert full == DEMANDING
    assert zero["number"] == {"value": 0, "tolerance": 0, "unit": ""}
    assert Content.parse(content.model_dump(mode="json")) == content == Content.parse(content.model_dump())
    assert Content.model_validate_json(content.model_dump_json()) == content


@pytest.mark.parametrize(
    "parts",
    [
        {"required": ["variance"]},
        {"number": {"value": 0}},
        {"number": {"value": 0, "tolerance": 1}},
        {"any_of": {"need": 1, "items": ["a", "b"]}},
        {"any_of": {"need": 2, "items": ["a", "b"]}},
    ],
)
def test_the_fingerprint_differs_with_each_part_of_a_key_point(parts: dict[str, Any]) -> None:
    plain = make_content(title="Same", key_points=[point()])
    assert make_content(title="Same", key_points=[point(**parts)]).digest() != plain.digest()
