"""Taking a text apart: words, sentences, stems; every position is one in the text as given."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.grading import text as texts


def said(text: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in texts.sentences(text)]


def forms(text: str) -> list[str]:
    return [word.form for word in texts.words(text)]


def test_sentences_end_at_stops_and_at_line_ends() -> None:
    assert said("It overfits. Use more data!\r\nOr regularise") == ["It overfits.", "Use more data!", "Or regularise"]


def test_abbreviations_numbers_and_decimals_do_not_end_a_sentence() -> None:
    text = "Regularise, e.g. with L2 vs. L1, at 0.5 say. Then stop."
    assert said(text) == ["Regularise, e.g. with L2 vs. L1, at 0.5 say.", "Then stop."]


def test_list_marks_and_markdown_are_not_quoted() -> None:
    text = "## Plan\n- split **first**\n2. then fit\n> and test\n***\n"
    assert said(text) == ["Plan", "split **first", "then fit", "and test"]


def test_control_characters_end_a_sentence_so_that_none_is_quoted() -> None:
    assert said("one\x00two\x0bthree\x1bfour") == ["one", "two", "three", "four"]


def test_a_text_without_stops_is_cut_into_pieces() -> None:
    lengths = [len(sentence.words) for sentence in texts.sentences("word " * 100)]
    assert lengths == [40, 40, 20]
    assert all(end - start <= 400 for _words, start, end in texts.sentences(("w" * 90 + " ") * 20))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Normalised", "normalized"),
        ("behaviour", "behaviors"),
        ("modelling", "models"),
        ("analysing", "analyze"),
        ("analysis", "analyses"),
        ("fifth's", "fifth"),
        ("%", "percent"),
        ("two", "2"),
        ("ﬁtting", "fit"),
    ],
)
def test_spellings_and_endings_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert texts.stem(texts.normal_form(one)) == texts.stem(texts.normal_form(other))


@pytest.mark.parametrize(("one", "other"), [("precise", "precision"), ("noise", "noises"), ("raise", "raising")])
def test_words_that_end_in_ise_by_origin_keep_their_family(one: str, other: str) -> None:
    assert texts.stem(texts.normal_form(one)) == texts.stem(texts.normal_form(other))


def test_words_are_found_in_code_formulas_and_numbers() -> None:
    assert forms("rank_sum += 1.5*x") == ["rank", "sum", "1.5", "x"]
    assert forms("don’t use F1 at 99%") == ["don't", "use", "f1", "at", "99", "percent"]


def test_one_word_does_not_hold_up_the_rest() -> None:
    started = time.process_time()
    for text in (
        "." * 65_536,
        "a" * 65_536,
        "1" * 65_535 + "a",
        "a'" * 32_768,
        "1," * 32_768,
        ".*" * 32_768,
        "- " * 32_768,
    ):
        texts.sentences(text)
    assert time.process_time() - started < 20  # growth beyond all bounds, not a measurement


def test_threads_do_not_disturb_each_other() -> None:
    words = [f"{word}{number}ing" for word in ("overfitt", "regularis", "gradient") for number in range(200)]
    expected = [texts.stem.__wrapped__(word) for word in words]
    results: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: results.append([texts.stem.__wrapped__(word) for word in words]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


@given(st.text(max_size=300) | st.text(alphabet="ab1.,!? \r\n\t-*_#>`%'é漢😀\u0301\x00", max_size=300))
def test_sentences_and_words_have_true_places_in_order(text: str) -> None:
    position = 0
    for sentence in texts.sentences(text):
        assert position <= sentence.start < sentence.end <= len(text)
        assert all(sentence.start <= word.start < word.end <= sentence.end for word in sentence.words)
        assert all(texts.normal_form(text[word.start : word.end]) == word.form for word in sentence.words)
        assert not set(text[sentence.start : sentence.end]) & set("\r\n\x00")
        position = sentence.end
