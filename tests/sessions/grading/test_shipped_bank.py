"""The shipped bank and the text match fit: a reference answer covers its own points, and not those of other areas."""

from functools import cache
from pathlib import Path
from statistics import mean

import pytest

from questions.bankfiles import BankQuestion, read_bank
from questions.content import Kind
from sessions.bank_quality import grading_weaknesses
from sessions.evaluation import bank
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
def test_references_cover_their_points_and_samples_score_as_they_should(
    question: BankQuestion,
) -> None:
    assert grading_weaknesses(question.content) == []


@pytest.mark.parametrize("question", open_questions(), ids=lambda question: question.slug)
def test_reference_answers_of_other_areas_do_not(question: BankQuestion) -> None:
    """Neighbouring subjects share ideas (leakage, drift, ranking), so two of eighteen may say more."""
    theirs = sorted(of_other_areas(question), reverse=True)
    assert theirs[2] <= 0.25
    assert mean(theirs) <= 0.15


def test_of_references_drawn_from_other_areas_one_in_fifty_says_more_than_a_little() -> None:
    *_samples, strange = bank.checks(open_questions())
    assert len(strange.missed) <= len(strange.cases) / 50, strange.missed
    assert strange.mean <= 0.09


@pytest.mark.parametrize("question", open_questions(), ids=lambda question: question.slug)
def test_the_prompt_is_no_answer(question: BankQuestion) -> None:
    assert points(question, (question.content.prompt + "\n") * 3) <= 0.15


def test_lists_of_the_references_words_earn_less_than_a_quarter_of_what_the_references_earn() -> None:
    whole = mean(points(question, question.content.reference_answer) for question in open_questions())
    listed = mean(points(question, keywords(question.content.reference_answer)) for question in open_questions())
    assert listed < whole / 4


def keywords(text: str) -> str:
    return ", ".join(word.form for word in texts.words(text) if word.form not in STOP_WORDS)
