"""The report: every item with what was found and what became of it, as a table and as JSON."""

import csv
import io
import json

import pytest

from questions.importing import report
from questions.models import ImportRun
from tests.factories import make_topic
from tests.questions.importing.runs import GIFT, carry_out, read

pytestmark = pytest.mark.django_db

FAULTY = GIFT + b"\n::=Formula:: Is this right? {=yes#a ~no}\n\nIs this not {=yes ~no\n"


@pytest.fixture
def run() -> ImportRun:
    return carry_out(read(FAULTY, topic=make_topic()), leaves_out_errors=True)


def rows(run: ImportRun) -> list[dict[str, str]]:
    text = "".join(report.as_csv(run)).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_has_a_row_for_each_question_and_each_problem(run: ImportRun) -> None:
    found = rows(run)
    assert [(row["line"], row["title"], row["outcome"], row["severity"]) for row in found] == [
        ("2", "Bias", "new question", ""),
        ("4", "Coins", "new question", ""),
        ("6", "'=Formula", "new question", "warning"),
        ("8", "Is this not {=yes ~no", "left out", "error"),
    ]
    assert found[0]["slug"] == "bias"


def test_the_json_says_who_what_when_and_each_item(run: ImportRun) -> None:
    found = json.loads("".join(report.as_json(run)))
    assert found["import"]["file"] == "questions.gift" and found["import"]["faults"] == 1
    assert [item["outcome"] for item in found["items"]] == ["added", "added", "added", "skipped"]
    assert found["items"][3]["problems"][0]["line"] == 8


def test_a_report_of_a_file_that_was_refused_says_why() -> None:
    run = read(b"")
    assert rows(run)[0]["problem"].startswith("No question was found in this file.")
    assert json.loads("".join(report.as_json(run)))["items"] == []
