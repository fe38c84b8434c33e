"""The shipped bank and the text match fit: a reference answer covers its own points, and not those of other areas."""

from functools import cache
from pathlib import Path
from statistics import mean

import pytest

from questions.bankfiles import BankQuestion, read_bank
from questions.content import Kind
from sessions.bank_quality import grading_weaknesses
from sessions.grading import grade
from sessions.grading import text as texts
from sessions.grading.words import STOP_WORDS

ROOT = Path(__file__).resolve().parents[3] / "questions" / "bank"


@cache
def open_questions() -> tuple[BankQuestion, ...]:
    return tuple(question for question in read_bank(ROOT).questions if question.content.kind == Kind.OPEN)


def points(question: BankQuestion, body: str) -> float:
    return float(grade(question.content, body).points)


@cache
def one_of_each_area() -> dict[str, BankQuestion]:
    return {question.area: question for question in sorted(open_questions(), key=lambda q: q.slug, reverse=True)}


def of_other_areas(question: BankQuestion) -> list[float]:
    """Return the points for `question` of one reference answer from each other area."""
    others = [other for area, other in one_of_each_area().items() if area != question.area]
    return [points(question, other.content.reference_answer) for other in others]


@pytest.mark.parametrize("question", open_questions(), ids=lambda question: question.slug)
def test_references_cover_their_points_and_strong_samples_score_above_middling_ones(question: BankQuestion) -> None:
    assert grading_weaknesses(question.content) == []


# The areas whose points are mostly about dealing with people, in everyday words that any long answer uses.
OF_PEOPLE = {"behavioural", "projects-and-impact", "interview-craft"}


@pytest.mark.parametrize("question", open_questions(), ids=lambda question: question.slug)
def test_reference_answers_of_other_areas_do_not(question: BankQuestion) -> None:
    """Neighbouring subjects share ideas (leakage, drift, ranking), so two of eighteen may say more."""
    theirs = sorted(of_other_areas(question), reverse=True)
    of_people = question.area in OF_PEOPLE
    assert theirs[2] <= (0.6 if of_people else 0.35)
    assert mean(theirs) <= (0.3 if of_people else 0.125)


@pytest.mark.parametrize("question", open_questions(), ids=lambda question: question.slug)
def test_the_prompt_is_no_answer(question: BankQuestion) -> None:
    assert points(question, (question.content.prompt + "\n") * 3) <= 0.15


def test_lists_of_the_references_words_earn_less_than_half_of_what_the_references_earn() -> None:
    whole = mean(points(question, question.content.reference_answer) for question in open_questions())
    listed = mean(points(question, keywords(question.content.reference_answer)) for question in open_questions())
    assert listed < whole / 2


def keywords(text: str) -> str:
    return ", ".join(word.form for word in texts.words(text) if word.form not in STOP_WORDS)
