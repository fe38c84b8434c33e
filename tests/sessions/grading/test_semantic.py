"""The text match with the small language model. Skipped, and said so, where `make semantic` has not installed it."""

from pathlib import Path

import pytest
from django.core.checks import Error
from pytest_django import Settings

from sessions.grading import Status, grade, minilm, semantic, text_graders
from sessions.precautions import check_text_grader
from tests.sessions.grading.contents import FRAUD_ANSWER, make_open, make_point

installed = pytest.mark.skipif(bool(minilm.missing_packages()), reason="`make semantic` was not run")
POINT = make_point("Standardise the columns before computing distances")
REWORDED = "Normalise each feature before you measure how far apart two rows are."


@installed
def test_words_that_mean_the_same_count_for_more_than_words_alone() -> None:
    content = make_open("What comes first?", [POINT])
    by_words, by_meaning = (grade(content, REWORDED, grader=name).points for name in ("lexical", "semantic"))
    assert by_words + grade(content, "", grader="lexical").points < by_meaning


@installed
def test_a_good_answer_is_found_with_its_words_quoted() -> None:
    result = grade(make_open(), FRAUD_ANSWER, grader="semantic")
    assert {verdict.status for verdict in result.verdicts} == {Status.FOUND}
    assert (result.grader, result.grader_version) == ("semantic", 1)


@installed
@pytest.mark.parametrize("body", ["", "I do not know.", "The weather in spring is nice and the garden is green."])
def test_saying_nothing_of_the_matter_earns_next_to_nothing(body: str) -> None:
    assert grade(make_open(), body, grader="semantic").points < 0.1


@installed
def test_the_same_answer_gets_the_same_grade() -> None:
    first = grade(make_open(), REWORDED, grader="semantic")
    semantic._wanted.cache_clear()
    assert grade(make_open(), REWORDED, grader="semantic") == first


@installed
def test_of_a_long_answer_only_the_beginning_goes_through_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def recorded(text: str) -> minilm.Vectors:
        read.append(text)
        return vectors(text)

    monkeypatch.setattr(minilm, "vectors", recorded)
    grade(make_open(), "This is a sentence about nothing in particular. " * 500, grader="semantic")
    assert sum(map(len, read)) < 10_000


vectors = minilm.vectors


def test_without_the_packages_the_grader_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "NEEDED", ("no_such_package",))
    minilm._model.cache_clear()
    with pytest.raises(minilm.NotInstalledError, match=r"no_such_package.*make semantic"):
        grade(make_open(), "Some words about accuracy.", grader="semantic")


def test_a_setting_that_cannot_work_stops_the_start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "NEEDED", ("no_such_package",))
    settings.TEXT_GRADER = "semantic"
    (error,) = check_text_grader()
    assert isinstance(error, Error)
    assert "no_such_package" in error.msg
    settings.TEXT_GRADER = "lexical"
    assert check_text_grader() == []


def test_both_graders_are_known_and_the_one_without_a_model_is_the_base() -> None:
    assert text_graders() == ("lexical", "semantic")


def test_the_web_process_never_asks_for_the_model() -> None:
    """It is chosen where reports are compiled and in commands, nowhere else."""
    root = Path(__file__).resolve().parents[3]
    choosing = {
        str(path.relative_to(root))
        for package in ("interviewprep", "questions", "sessions")
        for path in (root / package).rglob("*.py")
        if "choose_text_grader(" in path.read_text()
    }
    assert not any("views" in name for name in choosing)
    assert "sessions/tasks.py" in choosing
