"""The shipped bank keeps its own standard: enough of everything, written in full, and every formula readable."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from questions.bankfiles import Bank, BankQuestion, read_bank
from questions.bankformat import parse_question, write_question
from questions.content import Difficulty, Kind

ROOT = Path(__file__).resolve().parents[2] / "questions" / "bank"
AREAS = 19


@cache
def shipped() -> Bank:
    return read_bank(ROOT)


def of_kind(*kinds: Kind) -> list[BankQuestion]:
    return [question for question in shipped().questions if question.content.kind in kinds]


def test_there_are_at_least_eighty_questions_and_three_in_each_area() -> None:
    areas = Counter(question.area for question in shipped().questions)
    assert len(areas) == AREAS
    assert min(areas.values()) >= 3
    assert sum(areas.values()) >= 80


def test_areas_have_their_own_place_in_the_order() -> None:
    orders = [topic.order for topic in shipped().topics if topic.area is None]
    assert sorted(orders) == list(range(1, AREAS + 1))


def test_every_topic_has_a_question() -> None:
    asked = {question.topic for question in shipped().questions}
    assert {topic.slug for topic in shipped().topics if topic.area} == asked


def test_no_kind_and_no_difficulty_is_rare() -> None:
    tenth = len(shipped().questions) / 10
    kinds = Counter(question.content.kind for question in shipped().questions)
    difficulties = Counter(question.content.difficulty for question in shipped().questions)
    assert {*kinds, *difficulties} == {*Kind, *Difficulty}
    assert min(*kinds.values(), *difficulties.values()) >= tenth


def test_open_questions_have_three_to_seven_points_each_with_two_to_five_phrasings() -> None:
    assert [q.path for q in of_kind(Kind.OPEN) if not 3 <= len(q.content.key_points) <= 7] == []
    points = [(q.path, point) for q in of_kind(Kind.OPEN) for point in q.content.key_points]
    assert [(path, point.key) for path, point in points if not 2 <= len(point.accepted) <= 5] == []


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
