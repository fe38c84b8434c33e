"""Word order: prose from words thrown together."""

import random

import pytest

from sessions.grading import Status, grade
from sessions.grading import text as texts
from sessions.grading.word_pairs import INFORMATION
from sessions.grading.wordorder import DISORDER_BELOW, DISORDER_FACTOR, END, START, order, order_factor, word_class
from tests.sessions.grading.contents import FRAUD_ANSWER, make_open


def shuffled(seed: int) -> str:
    words = FRAUD_ANSWER.split()
    return " ".join(random.Random(seed).sample(words, len(words)))


def test_prose_has_order_and_shuffled_words_have_not() -> None:
    prose = order(texts.sentences(FRAUD_ANSWER))
    assert prose is not None
    assert prose > 0.1
    assert all((order(texts.sentences(shuffled(seed))) or 0) < 0 for seed in range(20))


def test_shuffled_words_earn_at_most_half_of_what_the_sentences_earn() -> None:
    whole = grade(make_open(), FRAUD_ANSWER).points
    assert all(grade(make_open(), shuffled(seed)).points <= whole / 2 for seed in range(20))


def test_words_without_order_are_found_in_part_at_most_and_the_note_says_why() -> None:
    bodies = [body for body in map(shuffled, range(20)) if (order(texts.sentences(body)) or 0) < DISORDER_BELOW]
    verdicts = [verdict for body in bodies for verdict in grade(make_open(), body).verdicts]
    assert len(bodies) > 10
    assert Status.FOUND not in {verdict.status for verdict in verdicts}
    assert any(verdict.note == "The words do not form sentences." for verdict in verdicts)


def test_few_words_tell_nothing() -> None:
    assert order(texts.sentences("of the is")) is None
    assert order_factor(None) == 1


@pytest.mark.parametrize(
    ("mean", "factor"), [(0.3, 1.0), (-0.04, 1.0), (-0.16, DISORDER_FACTOR), (-2.0, DISORDER_FACTOR)]
)
def test_the_factor_falls_from_prose_to_disorder(mean: float, factor: float) -> None:
    assert order_factor(mean) == pytest.approx(factor)


@pytest.mark.parametrize("form", ["the", "of", "is", "not", "42", "running", "nearly", "models", "model", "don't", "ß"])
def test_every_class_has_its_row(form: str) -> None:
    name = word_class(form)
    assert INFORMATION[START][name] is not None
    assert INFORMATION[name][END] is not None
