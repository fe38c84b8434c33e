"""The registry: one grader per kind, and the promises that are checked on every grade."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from questions.content import Content, Kind
from sessions.grading import (
    BrokenGraderError,
    Grade,
    Status,
    UnknownGraderError,
    UnknownKindError,
    Verdict,
    choose_text_grader,
    grade,
    register,
    registry,
    text_graders,
)
from tests.sessions.grading.contents import make_open

VERDICT = Verdict("k", "A point", 1, Status.FOUND, 0.9, 0.8, "words", 5, 10)
GRADE = Grade(Decimal(1), Decimal(1), (VERDICT,), "stub", 1)


@pytest.fixture(autouse=True)
def registry_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_graders", {kind: dict(named) for kind, named in registry._graders.items()})
    monkeypatch.setattr(registry, "_chosen", dict(registry._chosen))
    yield


def of_kind(kind: str) -> Content:
    return make_open().model_copy(update={"kind": kind})


def test_every_kind_of_question_has_a_grader() -> None:
    assert set(Kind.values) <= set(registry._graders)


def test_an_unknown_kind_is_named_together_with_the_known_ones() -> None:
    with pytest.raises(UnknownKindError, match=r"'haiku'.*multiple, numeric, open, single"):
        grade(of_kind("haiku"), "")


def test_a_function_can_be_registered() -> None:
    @register("haiku")
    def grade_haiku(content: Content, body: str) -> Grade:
        return GRADE

    assert grade(of_kind("haiku"), "some words") == GRADE


def test_a_second_grader_for_a_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="already a grader"):
        register(Kind.SINGLE)(lambda content, body: GRADE)


def test_one_of_several_graders_serves_by_its_name_or_by_choice() -> None:
    register("haiku", "first")(lambda content, body: GRADE)
    register("haiku", "second")(lambda content, body: replace(GRADE, grader="second"))
    assert grade(of_kind("haiku"), "some words").grader == "stub"
    assert grade(of_kind("haiku"), "some words", grader="second").grader == "second"
    with pytest.raises(UnknownGraderError, match="there are: first, second"):
        grade(of_kind("haiku"), "some words", grader="third")


def test_a_process_can_choose_among_the_text_graders() -> None:
    register(Kind.OPEN, "stub")(lambda content, body: GRADE)
    assert text_graders()[0] == "lexical"
    choose_text_grader("stub")
    assert grade(make_open(), "some words").grader == "stub"
    with pytest.raises(UnknownGraderError):
        choose_text_grader("nobody")


@pytest.mark.parametrize(
    "broken",
    [
        {"evidence": "other"},
        {"start": 4},
        {"evidence": "", "start": 4, "end": 4},
        {"evidence": "", "start": -1, "end": 10},
        {"coverage": 1.1},
        {"confidence": -0.1},
    ],
)
def test_a_broken_verdict_never_leaves_the_registry(broken: dict[str, Any]) -> None:
    register("haiku")(lambda content, body: replace(GRADE, verdicts=(replace(VERDICT, **broken),)))
    with pytest.raises(BrokenGraderError, match="stub"):
        grade(of_kind("haiku"), "some words")


@pytest.mark.parametrize("points", ["-0.1", "1.1"])
def test_points_out_of_range_never_leave_the_registry(points: str) -> None:
    register("haiku")(lambda content, body: replace(GRADE, points=Decimal(points)))
    with pytest.raises(BrokenGraderError, match="points"):
        grade(of_kind("haiku"), "some words")
