"""The names of licences, as people and programs write them."""

import pytest

from questions.content import LICENCES
from questions.importing.names import licence_name


@pytest.mark.parametrize("name", LICENCES)
def test_our_own_names_are_known_whatever_their_case(name: str) -> None:
    assert licence_name(name.lower()).name == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("CC BY 4.0", "CC-BY-4.0"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-sa/3.0/", "CC-BY-SA-3.0"),
        ("cc-sa-4.0", "CC-BY-SA-4.0"),
        ("CC0", "CC0-1.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("MIT License", "MIT"),
        ("All rights reserved", "proprietary"),
    ],
)
def test_the_usual_spellings_are_recognised(written: str, name: str) -> None:
    assert licence_name(written).name == name


@pytest.mark.parametrize(
    "written",
    ["CC BY-NC 4.0", "CC-BY-ND-4.0", "Creative Commons Attribution-NonCommercial 3.0", "CC BY", "GPL", "WTFPL"],
)
def test_what_the_bank_cannot_use_is_refused_with_a_reason(written: str) -> None:
    found = licence_name(written)
    assert found.name == "" and found.problem
