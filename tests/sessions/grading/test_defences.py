"""Answers that were not written to answer: they must not score well, and must not hold up the worker."""

import random
import re
import time

import pytest

from questions.content import Format
from sessions.grading import Status, grade
from sessions.grading import text as texts
from sessions.grading.words import STOP_WORDS
from tests.sessions.grading.contents import FRAUD_ANSWER, FRAUD_PROMPT, make_open

CONTENT = make_open()
LIMIT_BYTES = 64 * 1024


def points(body: str) -> float:
    return float(grade(CONTENT, body).points)


def telling_words(text: str) -> list[str]:
    return [word.form for word in texts.words(text) if word.form not in STOP_WORDS]


@pytest.mark.parametrize("body", ["I do not know.", "No idea, sorry", "It depends on the data and on the business."])
def test_saying_nothing_earns_nothing(body: str) -> None:
    assert points(body) == 0


@pytest.mark.parametrize("times", [1, 3, 50])
def test_the_question_repeated_earns_nothing(times: int) -> None:
    assert points((FRAUD_PROMPT + "\n") * times) == 0


def test_the_question_repeated_is_named_as_such() -> None:
    assert {verdict.note for verdict in grade(CONTENT, FRAUD_PROMPT).verdicts} == {
        "Only the question is repeated here."
    }


def test_quoting_the_question_does_not_harm_the_answer() -> None:
    assert points(f"> {FRAUD_PROMPT}\n\n{FRAUD_ANSWER}") == points(FRAUD_ANSWER) == 1


@pytest.mark.parametrize("glue", [", ", " ", "; "])
def test_a_list_of_keywords_is_worth_clearly_less_than_the_answer(glue: str) -> None:
    keywords = glue.join(telling_words(FRAUD_ANSWER))
    assert points(keywords) <= 0.5 < points(FRAUD_ANSWER)
    found = [verdict for verdict in grade(CONTENT, keywords).verdicts if verdict.status == Status.FOUND]
    assert found == []


def test_keywords_of_all_points_in_one_line_are_named_as_a_list() -> None:
    keywords = ", ".join(word for point in CONTENT.key_points for word in telling_words(point.text))
    notes = {verdict.note for verdict in grade(CONTENT, keywords).verdicts}
    assert "This reads like a list of keywords, not like a statement." in notes


def test_short_notes_in_lines_are_not_taken_for_a_list_of_keywords() -> None:
    body = "- accuracy misleading: majority class scores 99 %\n- precision, recall of fraud class\n"
    statuses = [verdict.status for verdict in grade(CONTENT, body).verdicts]
    assert statuses[0] == statuses[1] == Status.FOUND


def test_one_sentence_repeated_earns_no_more_than_once() -> None:
    sentence = "Precision and recall of the fraud class tell more. "
    once = grade(CONTENT, sentence)
    assert grade(CONTENT, sentence * 30).points <= once.points
    assert once.verdicts[1].status == Status.FOUND


def unrelated(characters: int) -> str:
    """Return invented sentences with ordinary words, the same in every run."""
    words = ["river", "table", "market", "signal", "class", "rate", "number", "model", "garden", "cost", "positive"]
    source = random.Random(1)
    sentences: list[str] = []
    while sum(map(len, sentences)) < characters:
        sentences.append("The " + " of the ".join(source.choices(words, k=4)) + " is here. ")
    return "".join(sentences)[:characters]


def test_twenty_thousand_unrelated_characters_earn_next_to_nothing() -> None:
    assert points(unrelated(20_000)) <= 0.2
    assert points("xq zv " * 3_400) == 0


def test_the_answer_inside_a_long_text_is_still_found() -> None:
    assert points(f"{unrelated(10_000)}\n\n{FRAUD_ANSWER}\n\n{unrelated(10_000)}") >= 0.75


ALPHABET = "abcdefgh"
# What grows with the square of 64 kB takes minutes; what grows with its length, a fraction of a second anywhere.
HOPELESS_SECONDS = 20


def hostile_bodies() -> dict[str, str]:
    source = random.Random(2)
    own = [word for point in CONTENT.key_points for word in re.findall(r"\w+", point.text)]
    invented = [source.choice(own)[:4] + "".join(source.choices(ALPHABET, k=4)) for _ in range(9_000)]
    return {
        "prose": FRAUD_ANSWER * 200,
        "own words in lines": "\n".join(source.choices(own, k=10_000)),
        "invented words": " ".join(invented),
        "invented words in lines": "\n".join(invented),
        "one letter in each line": "a\n" * 32_768,
        "dots": "." * LIMIT_BYTES,
        "one word": "a" * LIMIT_BYTES,
        "emoji": "😀 " * 13_000,
        "digits": "1," * 32_768,
        "control characters": "\x00\x1b" * 32_768,
        "digits and stops": "1." * 32_768,
        "blanks": (" " * 398 + "x\n") * 160,
        "bars": ("|" * 390 + "\n") * 160,
        "lines like code": "x;\na\n" * 12_800,
    }


@pytest.mark.parametrize("name", hostile_bodies())
def test_no_body_makes_grading_grow_beyond_all_bounds(name: str) -> None:
    body = hostile_bodies()[name].encode()[:LIMIT_BYTES].decode(errors="ignore")
    texts.stem.cache_clear()
    texts.normal_form.cache_clear()
    assert cpu_seconds(body) < HOPELESS_SECONDS


def cpu_seconds(body: str) -> float:
    """Return the processor time of one grading; how long it takes is measured in docs/grading.md, not here."""
    started = time.process_time()
    for form in Format:
        grade(CONTENT.model_copy(update={"format": form}), body)
    return time.process_time() - started
