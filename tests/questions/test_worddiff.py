"""What changed between two versions: nothing is lost or invented, and what is shown can be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions import worddiff
from questions.worddiff import FOLDED_FROM, Op, Part, diff_contents, diff_texts
from tests.factories import BY_KIND, CODING, DEMANDING, make_content

WORDS = st.lists(st.sampled_from(["recall", "the", "precision", ",", ".", "\n", " ", "α", "x_1"]), max_size=60)


def sides(parts: list[Part]) -> tuple[str, str]:
    old = "".join(part.text for part in parts if part.op is not Op.ADDED)
    new = "".join(part.text for part in parts if part.op is not Op.REMOVED)
    return old, new


def shown(old: str, new: str) -> str:
    marks = {Op.SAME: "{}", Op.FOLD: "<{}>", Op.REMOVED: "[-{}-]", Op.ADDED: "[+{}+]"}
    return "".join(marks[part.op].format(part.text) for part in diff_texts(old, new))


@settings(deadline=None)
@given(WORDS, WORDS)
def test_the_parts_give_back_both_texts(old: list[str], new: list[str]) -> None:
    before, after = "".join(old), "".join(new)
    assert sides(diff_texts(before, after)) == (before, after)


@settings(deadline=None)
@given(WORDS)
def test_a_text_beside_itself_has_no_changes(words: list[str]) -> None:
    text = "".join(words)
    assert {part.op for part in diff_texts(text, text)} <= {Op.SAME, Op.FOLD}


def test_a_changed_word_is_one_removed_and_one_added() -> None:
    assert shown("Which metric would you choose?", "Which figure would you choose?") == (
        "Which [-metric-][+figure+] would you choose?"
    )


def test_words_that_agree_by_chance_between_changes_are_not_picked_out() -> None:
    old = "a completely different sentence of words"
    new = "something entirely new of sorts"
    assert shown(f"Say {old} here.", f"Say {new} here.").count("[-") == 1


def test_an_unchanged_line_between_two_changed_ones_stays() -> None:
    assert shown("one\ntwo\nthree\n", "1\ntwo\n3\n") == "[-one-][+1+]\ntwo\n[-three-][+3+]\n"


def test_a_long_unchanged_stretch_is_folded_but_for_the_words_beside_a_change() -> None:
    words = [f"w{number}" for number in range(200)]
    parts = diff_texts(" ".join(words), " ".join([*words[:100], "new", *words[100:]]))
    folds = [part for part in parts if part.op is Op.FOLD]
    assert [part.op for part in parts] == [Op.FOLD, Op.SAME, Op.ADDED, Op.SAME, Op.FOLD]
    assert folds[0].word_count == 100 - worddiff.CONTEXT
    assert parts[1].text.split() == words[100 - worddiff.CONTEXT : 100]


def test_a_short_unchanged_stretch_is_shown() -> None:
    words = [f"w{number}" for number in range(FOLDED_FROM)]
    assert Op.FOLD not in {part.op for part in diff_texts(" ".join([*words, "old"]), " ".join([*words, "new"]))}


def test_one_word_over_and_over_is_replaced_as_a_whole_instead_of_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = "start no no no end", "start yes no no no no yes end"
    assert shown(old, new) == "start [+yes +]no no no[+ no yes+] end"
    monkeypatch.setattr(worddiff, "MAX_PAIRS", 10)
    assert shown(old, new) == "start [-no no no-][+yes no no no no yes+] end"


@pytest.mark.parametrize("kind", BY_KIND)
def test_the_same_content_has_no_changed_fields(kind: str) -> None:
    content = make_content(kind)
    assert diff_contents(content, content) == []


def test_every_field_that_says_something_else_is_named_once_in_the_order_of_reading() -> None:
    old = make_content(title="Before", **CODING)
    new = old.model_copy(
        update={"title": "After", "time_limit_seconds": 600, "guidance": "", "tags": ("a", "geometry")}
    )
    assert [change.name for change in diff_contents(old, new)] == ["title", "time_limit_seconds", "guidance", "tags"]
    guidance = diff_contents(old, new)[2]
    assert guidance.is_gone
    assert not guidance.is_new


def test_key_points_are_told_apart_by_their_keys() -> None:
    old = make_content()
    first, second, third = old.key_points
    changed = second.model_copy(update={"text": "Precision and recall say how the rare class fares"})
    new = old.model_copy(update={"key_points": (third, first, changed)})
    changes = diff_contents(old, new)
    assert [(change.name, change.item) for change in changes] == [("key_points", second.key), ("key_points", "")]
    assert sides(list(changes[1].parts)) == (
        f"{first.key}, {second.key}, {third.key}",
        f"{third.key}, {first.key}, {second.key}",
    )


def test_a_new_and_a_lost_key_point_are_no_change_of_order() -> None:
    old = make_content()
    first, second, third = old.key_points
    fresh = first.model_copy(update={"key": "fresh"})
    changes = diff_contents(old, old.model_copy(update={"key_points": (second, fresh, third)}))
    assert {(change.item, change.is_new, change.is_gone) for change in changes} == {
        (first.key, False, True),
        ("fresh", True, False),
    }


def test_each_part_of_what_a_key_point_demands_is_compared_word_by_word() -> None:
    any_of = {"need": 1, "items": ["bagging", "boosting", "P(A|B)"]}
    number = {"value": 4.5, "tolerance": 0.5, "unit": "ms"}
    other = DEMANDING | {"any_of": any_of, "number": number, "required": ["variance | scatter", "average"]}
    plain = {name: DEMANDING[name] for name in ("key", "text", "weight", "accepted")}
    old, new, without = (make_content(title="Same", key_points=[point]) for point in (DEMANDING, other, plain))
    (change,) = diff_contents(old, new)
    before, after = sides(list(change.parts))
    for line in ("need: 2", "- bagging | bootstrap", "tolerance: 0.25", "- variance | spread"):
        assert line in before.splitlines() and line not in after.splitlines()
    assert {"need: 1", "- bagging", "tolerance: 0.5", "- variance | scatter", "unit: ms"} <= set(after.splitlines())
    assert [part.text for part in change.parts if part.op is Op.ADDED] == ["scatter", "5", "1"]
    (gone,) = diff_contents(old, without)
    assert sides(list(gone.parts))[1] == f"{plain['text']}\nweight: 2\naccepted:\n- averaging lowers the spread"


def test_another_kind_shows_what_came_and_what_went() -> None:
    open_, number = make_content("open", title="Same"), make_content("numeric", title="Same")
    names = {change.name for change in diff_contents(open_, number)}
    assert {"kind", "key_points", "numeric_answer", "prompt"} <= names
