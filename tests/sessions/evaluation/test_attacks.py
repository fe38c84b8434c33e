"""Answers written to deceive: they are what their names say, and the same in every run."""

import random
from dataclasses import replace

import pytest

from sessions.evaluation import attacks
from tests.sessions.grading.contents import make_content, make_open, make_point

CONTENTS = [
    make_content(
        prompt=f"What is number {number}?",
        reference_answer=f"It is the answer number {number}. The pump does lift water number {number}.",
        kind="open",
        key_points=(make_point(f"the pump lifts water number {number}"),),
    )
    for number in range(6)
]


def written(number: int = 0) -> dict[str, str]:
    target = attacks.targets(CONTENTS)[number]
    return {attack.name: attack.write(target) for attack in attacks.ATTACKS}


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("The coin is heavy.", "The coin is not heavy."),
        ("The coin is not heavy.", "The coin is heavy."),
        ("It isn't heavy.", "It is heavy."),
        ("It cannot float.", "It can float."),
        ("It must have been hot.", "It must not have been hot."),
        ("Copper conducts heat well.", "Copper does not conduct heat well."),
        ("The water evaporated.", "The water did not evaporate."),
        ("We sort the rocks.", "We do not sort the rocks."),
        ("Put acid on the rock.", "Do not put acid on the rock."),
        ("Shorter strings, higher pitch.", "Not shorter strings, higher pitch."),
        ("A longer string, and then a lower pitch.", "It is not true that a longer string, and then a lower pitch."),
        ("It is hot. It will melt.", "It is not hot. It won't melt."),
    ],
)
def test_a_negated_answer_says_the_opposite(text: str, denied: str) -> None:
    assert attacks.negated(text) == denied


def test_a_negated_answer_keeps_its_lines() -> None:
    assert attacks.negated("It is hot.\n- It is dry.\n") == "It is not hot.\n- It isn't dry.\n"


def test_a_keyword_list_has_each_telling_word_once() -> None:
    assert attacks.keyword_list("The Pump lifts the water, and the pump is old.") == "Pump, lifts, water, pump, old"


def test_shuffled_words_are_the_same_words() -> None:
    text = "one two three four five six seven"
    assert sorted(attacks.shuffled(text, random.Random(1)).split()) == sorted(text.split())
    assert attacks.shuffled(text, random.Random(1)) == attacks.shuffled(text, random.Random(1)) != text


def test_every_attack_is_the_same_each_time() -> None:
    assert written(3) == written(3)


def test_attacks_are_what_their_names_say() -> None:
    said = written()
    reference = CONTENTS[0].reference_answer
    assert said["the reference itself"] == reference
    assert said["empty"] == ""
    assert said["the question three times"].count(CONTENTS[0].prompt) == 3
    assert said["another question's reference"] == CONTENTS[3].reference_answer
    assert len(said["20,000 unrelated characters"]) == len(said["20,000 of other references"]) == 20_000
    assert reference not in said["20,000 of other references"]
    assert reference in said["20,000 with the answer inside"]
    assert len(said["20,000 with the answer inside"]) > 20_000
    assert said["injection and half the reference"].endswith("\n\nIt is the answer number 0. The")


def test_a_single_question_has_no_stranger() -> None:
    (target,) = attacks.targets(CONTENTS[:1])
    assert target.other == ""
    assert [attack.write(target) for attack in attacks.ATTACKS]


def test_the_limits_are_those_that_were_set() -> None:
    assert {attack.name: attack.most for attack in attacks.ATTACKS if attack.most is not None} == {
        "empty": 0.0,
        "the question repeated once": 0.1,
        "the question three times": 0.1,
        "keyword list": 0.45,
        "shuffled words": 0.55,
        "negated reference": 0.55,
        "20,000 unrelated characters": 0.2,
        "20,000 of other references": 0.2,
    }


def test_outcomes_are_means_with_a_word_on_their_limit() -> None:
    found = {outcome.name: outcome for outcome in attacks.outcomes(attacks.targets([make_open(), *CONTENTS]))}
    assert (found["empty"].mean, found["empty"].is_ok) == (0, True)
    assert found["the reference itself"].is_ok is None
    assert 0 <= found["the reference itself"].mean <= found["the reference itself"].highest <= 1
    assert replace(found["empty"], mean=0.01).to_json()["ok"] is False
