"""`evaluate_grader` and `evaluate_bank` from the command line to the last line of their output."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from questions.bankformat import write_question
from questions.content import Content, Kind
from sessions import grading
from sessions.evaluation import measuring
from sessions.grading import Grade, minilm, registry
from tests.questions.bankfolder import write_area
from tests.questions.importing.samples import SAMPLES, needs_samples
from tests.sessions.evaluation.banks import make_fraud, make_tide
from tests.sessions.evaluation.marked import ROWS, write_marked

Output = pytest.CaptureFixture[str]


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    return write_marked(tmp_path / "marked.tsv")


def said_as_json(capsys: Output, *arguments: Any) -> list[dict[str, Any]]:
    call_command("evaluate_grader", *arguments, "--json")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_figures_are_printed(marked: Path, capsys: Output) -> None:
    call_command("evaluate_grader", marked)
    out = capsys.readouterr().out
    assert out.startswith("marked.tsv: ")
    for name in (
        "8 to 2 questions",
        "Pearson",
        "Spearman",
        "within questions",
        "kappa",
        "RMSE",
        "bias",
        "ms",
        "peak MB",
    ):
        assert name in out
    assert "deceive" not in out


def test_one_object_is_printed_for_each_file(marked: Path, tmp_path: Path, capsys: Output) -> None:
    other = write_marked(tmp_path / "other.tsv", ROWS[:5])
    first, second = said_as_json(capsys, marked, other)
    assert (first["file"], first["n"], first["questions"]) == ("marked.tsv", 8, 2)
    assert (second["file"], second["n"], second["kappa"], second["rmse"]) == ("other.tsv", 5, None, None)
    assert first["pearson"] > 0.5
    assert first["within_questions"] == 1
    assert first["ms_median"] > 0
    assert first["peak_mb"] > 10
    assert first["pearson_interval"] is None
    assert "adversarial" not in first


def test_the_figures_but_for_times_are_the_same_each_time(marked: Path, capsys: Output) -> None:
    first, second = (said_as_json(capsys, marked, "--bootstrap", "50", "--adversarial")[0] for _turn in range(2))
    for name in first:
        assert name.startswith(("ms", "preparing", "peak")) or first[name] == second[name]


def test_the_limit_takes_fewer_answers_and_the_interval_holds_the_value(marked: Path, capsys: Output) -> None:
    (said,) = said_as_json(capsys, marked, "--limit", "6")
    assert said["n"] == 6
    (said,) = said_as_json(capsys, marked, "--bootstrap")
    assert said["pearson_interval"]["low"] <= said["pearson"] <= said["pearson_interval"]["high"]


def test_two_graders_are_compared_over_the_same_draws(
    marked: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grade_as(content: Content, body: str, grader: str | None = None) -> Grade:
        grade = measuring_grade(content, body)
        return grade if grader == "good" else replace(grade, points=1 - grade.points, grader="bad")

    measuring_grade = measuring.grade_with
    monkeypatch.setattr(measuring, "grade_with", grade_as)
    monkeypatch.setattr(grading, "text_graders", lambda: ("good", "bad"))
    first, second = said_as_json(capsys, marked, "--grader", "good", "--grader", "bad", "--bootstrap", "99")
    assert first["pearson"] == pytest.approx(-second["pearson"])
    assert "difference" not in first
    assert second["difference"]["from"] == first["grader"]
    assert second["difference"]["interval"]["high"] < 0
    call_command("evaluate_grader", marked, "--grader", "good", "--grader", "bad", "--bootstrap", "99")
    assert f"more than {first['grader']}" in capsys.readouterr().out


def test_what_deceives_is_printed_with_its_limits(marked: Path, capsys: Output) -> None:
    call_command("evaluate_grader", marked, "--adversarial")
    out = capsys.readouterr().out
    assert "empty                              0.000  0.00  at most 0.00: ok" in out
    assert "injection and half the reference" in out


@pytest.mark.parametrize("arguments", [["--limit", "0"], ["--limit", "many"], ["--bootstrap", "-1"], []])
def test_wrong_arguments_are_refused(arguments: list[str], marked: Path) -> None:
    with pytest.raises(CommandError):
        call_command("evaluate_grader", *arguments, *([marked] if arguments else []))


def test_an_unknown_grader_is_refused_by_both(marked: Path) -> None:
    for name, files in (("evaluate_grader", [marked]), ("evaluate_bank", [])):
        with pytest.raises(CommandError, match="no grader “nobody”; there are:"):
            call_command(name, *files, "--grader", "nobody")


@pytest.mark.parametrize("arguments", [[], ["--grader", "semantic"]])
@pytest.mark.parametrize("name", ["evaluate_grader", "evaluate_bank", "rescore_answers"])
def test_a_grader_without_its_packages_is_refused_before_any_work(
    name: str, arguments: list[str], settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TEXT_GRADER = "lexical" if arguments else "semantic"
    monkeypatch.setattr(minilm, "NEEDED", ("no_such_package",))
    files = [tmp_path / "absent.tsv"] if name == "evaluate_grader" else []
    with pytest.raises(CommandError, match=r"needs no_such_package: install them with `make semantic`"):
        call_command(name, *files, *arguments)


def test_the_configured_grader_is_used_unless_another_is_named(
    marked: Path, bank: Path, settings: Settings, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(content: Content, body: str) -> Grade:
        return replace(grading.grade_open(content, body), grader="other")

    monkeypatch.setitem(registry._graders[Kind.OPEN], "other", other)
    settings.TEXT_GRADER = "other"
    for arguments, used in (([], "other"), (["--grader", "lexical"], "lexical")):
        (said,) = said_as_json(capsys, marked, *arguments)
        call_command("evaluate_bank", "--path", bank, "--json", *arguments)
        assert said["grader"] == json.loads(capsys.readouterr().out)["grader"] == used


def test_files_that_cannot_be_read_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("evaluate_grader", tmp_path / "absent.tsv")
    with pytest.raises(CommandError, match="line 1: no header"):
        (tmp_path / "empty.tsv").write_text("")
        call_command("evaluate_grader", tmp_path / "empty.tsv")


@needs_samples
@pytest.mark.parametrize("name", ["beetle", "saf_en", "scientsbank"])
def test_the_public_files_are_evaluated(name: str, capsys: Output) -> None:
    (said,) = said_as_json(capsys, SAMPLES / "graded" / f"{name}.dev.tsv", "--limit", "200")
    assert said["n"] == 200
    assert said["pearson"] > 0.1


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    root = tmp_path / "bank"
    for area, topic, slug, content in (
        ("evaluation", "metrics", "fraud", make_fraud()),
        ("nature", "sea", "tide", make_tide()),
    ):
        text = f"name: {area}\norder: 1\ndescription: Words.\ntopics:\n  {topic}:\n    name: T\n    description: D.\n"
        write_area(root, area, text)
        (root / area / topic).mkdir()
        (root / area / topic / f"{slug}.md").write_text(write_question(content))
    return root


def test_a_bank_is_evaluated(bank: Path, capsys: Output) -> None:
    call_command("evaluate_bank", "--path", bank)
    out = capsys.readouterr().out
    assert out.startswith("2 open questions: ")
    assert "strong sample at least 0.75              1 of 2 hold" in out
    assert "0.00  nature/tide" in out
    assert "strong samples: none annotated" in out
    assert "64 kB of prose" in out


def test_a_bank_is_evaluated_as_json_and_with_what_deceives(bank: Path, capsys: Output) -> None:
    call_command("evaluate_bank", "--path", bank, "--json", "--adversarial")
    said = json.loads(capsys.readouterr().out)
    assert [check["cases"] for check in said["checks"]] == [2, 2, 2]
    assert [row["name"] for row in said["adversarial"]][:2] == ["the reference itself", "empty"]
    assert said["stale"] == []


def test_faults_of_a_bank_and_of_its_annotations_are_refused_in_words(bank: Path, tmp_path: Path) -> None:
    (bank / "annotations.yaml").write_text("nobody:\n  strong: 5\n")
    with pytest.raises(CommandError, match=r"annotations\.yaml:1: nobody: is no open question"):
        call_command("evaluate_bank", "--path", bank)
    with pytest.raises(CommandError):
        call_command("evaluate_bank", "--path", tmp_path / "absent")
