"""The shipped bank keeps its own standard: enough of everything, written in full, and every formula readable."""

import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from questions.bankfiles import Bank, BankQuestion, read_bank
from questions.bankformat import parse_question, write_question
from questions.content import Difficulty, Format, Kind
from questions.quality import weaknesses
from questions.similarity import Text, alike_pairs

ROOT = Path(__file__).resolve().parents[2] / "questions" / "bank"
AREAS = 19


@cache
def shipped() -> Bank:
    return read_bank(ROOT)


def of_kind(*kinds: Kind) -> list[BankQuestion]:
    return [question for question in shipped().questions if question.content.kind in kinds]


def of_format(form: Format) -> list[BankQuestion]:
    return [question for question in shipped().questions if question.content.format == form]


def test_there_are_at_least_320_questions_and_eight_in_each_area() -> None:
    areas = Counter(question.area for question in shipped().questions)
    assert len(areas) == AREAS
    assert min(areas.values()) >= 8, areas
    assert sum(areas.values()) >= 320


@pytest.mark.parametrize(
    ("form", "fewest"),
    [(Format.CODING, 25), (Format.BEHAVIOURAL, 25), (Format.DESIGN, 20), (Format.WHITEBOARD, 10)],
)
def test_no_format_is_rare(form: Format, fewest: int) -> None:
    assert len(of_format(form)) >= fewest


def test_choices_and_numbers_are_not_rare() -> None:
    assert len(of_kind(Kind.SINGLE, Kind.MULTIPLE)) >= 40
    assert len(of_kind(Kind.NUMERIC)) >= 25


def test_three_in_ten_are_easy_and_one_in_four_is_hard() -> None:
    difficulties = Counter(question.content.difficulty for question in shipped().questions)
    shares = {name: count / len(shipped().questions) for name, count in difficulties.items()}
    wanted = {Difficulty.EASY: 0.30, Difficulty.MEDIUM: 0.45, Difficulty.HARD: 0.25}
    assert {name: round(share, 2) for name, share in shares.items() if abs(share - wanted[name]) > 0.05} == {}


@pytest.mark.parametrize("area", sorted(path.parent.name for path in ROOT.glob("*/area.yaml")))
def test_no_question_is_weak_by_the_house_rules(area: str) -> None:
    questions = [question for question in shipped().questions if question.area == area]
    assert [f"{question.path}: {problem}" for question in questions for problem in weaknesses(question.content)] == []


def test_no_two_questions_are_too_much_alike() -> None:
    texts = {
        q.path: Text(f"{q.content.title}\n{q.content.prompt}", q.content.reference_answer) for q in shipped().questions
    }
    assert list(alike_pairs(texts)) == []


def test_every_word_is_spelt_as_a_dictionary_has_it() -> None:
    command = [sys.executable, "-m", "codespell_lib", "--toml", str(ROOT.parents[1] / "pyproject.toml"), str(ROOT)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.stdout == ""
    assert found.returncode == 0, found.stderr


def test_areas_have_their_own_place_in_the_order() -> None:
    orders = [topic.order for topic in shipped().topics if topic.area is None]
    assert sorted(orders) == list(range(1, AREAS + 1))


def test_every_topic_has_a_question() -> None:
    asked = {question.topic for question in shipped().questions}
    assert {topic.slug for topic in shipped().topics if topic.area} == asked


def test_choice_questions_offer_a_real_choice() -> None:
    for question in of_kind(Kind.SINGLE, Kind.MULTIPLE):
        correct = sum(choice.correct for choice in question.content.choices)
        assert 4 <= len(question.content.choices) <= 5, question.path
        assert correct < len(question.content.choices), question.path
        assert question.content.kind == Kind.SINGLE or correct >= 2, question.path
        assert len({choice.text for choice in question.content.choices}) == len(question.content.choices), question.path


def test_the_right_choice_is_not_given_away_by_its_place_or_length() -> None:
    singles = [question.content.choices for question in of_kind(Kind.SINGLE)]
    places = Counter(next(i for i, choice in enumerate(choices) if choice.correct) for choices in singles)
    assert max(places.values()) <= len(singles) * 0.6
    longest = sum(max(choices, key=lambda choice: len(choice.text)).correct for choices in singles)
    assert longest <= len(singles) * 0.6


def test_titles_and_follow_ups_keep_their_measure() -> None:
    assert [q.path for q in shipped().questions if len(q.content.title) > 70] == []
    assert [q.path for q in shipped().questions if not 1 <= len(q.content.follow_ups) <= 3] == []
    assert len({q.content.title.casefold() for q in shipped().questions}) == len(shipped().questions)


def test_everything_is_free_to_use_and_says_whose_it_is() -> None:
    assert {q.content.licence for q in shipped().questions} == {"CC-BY-4.0"}
    assert "Creative Commons Attribution 4.0" in (ROOT / "LICENSE").read_text()


def test_a_numeric_answer_is_not_lost_in_its_tolerance() -> None:
    for question in of_kind(Kind.NUMERIC):
        answer = question.content.numeric_answer
        assert answer is not None
        assert answer.tolerance <= abs(answer.value) * 0.1 or answer.value == 0, question.path


@pytest.mark.parametrize("word", ["TODO", "FIXME", "lorem"])
def test_nothing_is_left_to_be_done(word: str) -> None:
    pattern = re.compile(rf"\b{word}\b")
    assert [q.path for q in shipped().questions if pattern.search(q.content.model_dump_json())] == []


def test_every_question_survives_being_written_and_read_again() -> None:
    for question in shipped().questions:
        assert parse_question(write_question(question.content), question.path) == question.content
