"""The commands: the same import as on the page, its faults as compilers print them, and exit codes a script can use."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from questions.models import ImportRun, Question, Topic
from tests.factories import make_curator, make_question, make_topic
from tests.questions.importing.runs import GIFT

pytestmark = pytest.mark.django_db

SAID = ["--licence", "CC BY 4.0", "--author", "Ada", "--topic", "error-analysis"]


@pytest.fixture(autouse=True)
def topic() -> Topic:
    return make_topic("error-analysis")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.gift"
    path.write_bytes(GIFT)
    return path


def run_import(path: Path, *arguments: str) -> str:
    out = io.StringIO()
    call_command("import_questions", str(path), *arguments, stdout=out)
    return out.getvalue()


def refusal(path: Path, *arguments: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run_import(path, *arguments)
    return caught.value


def test_a_file_is_recognised_and_imported_in_somebodys_name(file: Path) -> None:
    curator = make_curator("cleo@example.com")
    said = run_import(file, *SAID, "--user", "cleo@example.com")
    assert "2 questions: 2 new" in said
    assert Question.objects.count() == 2
    assert ImportRun.objects.get().imported_by == curator


def test_a_dry_run_says_the_same_and_changes_nothing(file: Path) -> None:
    said = run_import(file, *SAID, "--dry-run")
    assert "2 questions: 2 new" in said and "Nothing was changed" in said
    assert not Question.objects.exists() and not ImportRun.objects.exists()


def test_faults_are_printed_with_line_and_text_and_nothing_is_imported(file: Path) -> None:
    file.write_bytes(GIFT + b"\nIs this not {=yes ~no\n")
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("import_questions", str(file), *SAID, stdout=out)
    assert caught.value.returncode == 1 and "Nothing was imported" in str(caught.value)
    lines = out.getvalue().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("questions.gift:6: error: "))
    assert lines[at + 1] == "    Is this not {=yes ~no"
    assert not Question.objects.exists() and not ImportRun.objects.exists()


def test_what_is_faulty_can_be_skipped(file: Path) -> None:
    file.write_bytes(GIFT + b"\nIs this not {=yes ~no\n")
    run_import(file, *SAID, "--skip-errors")
    assert Question.objects.count() == 2


def test_without_a_licence_nothing_is_imported(file: Path) -> None:
    assert refusal(file, "--author", "Ada", "--topic", "error-analysis").returncode == 1
    assert not Question.objects.exists()


def test_unknown_topics_can_be_made_in_an_area(file: Path, topic: Topic) -> None:
    file.write_bytes(b"$CATEGORY: Cooking\n\n" + GIFT)
    assert "Choose a topic" in str(refusal(file, *SAID[:4]))
    assert topic.area
    run_import(file, *SAID[:4], "--new-topics", topic.area.slug)
    assert Topic.objects.get(slug="cooking").questions.count() == 2


@pytest.mark.parametrize(("choice", "slugs"), [("skip", 2), ("add", 4), ("version", 2)])
def test_duplicates_are_treated_as_asked(file: Path, choice: str, slugs: int) -> None:
    run_import(file, *SAID)
    said = run_import(file, *SAID, "--duplicates", choice)
    assert "in the bank word for word" in said
    assert Question.objects.count() == slugs


def test_a_folder_is_imported_without_being_packed_first(tmp_path: Path) -> None:
    make_question("metric", topic=make_topic("metrics"))
    call_command("export_questions", "--format", "folder", "--output", str(tmp_path / "bank.zip"), stderr=io.StringIO())
    with zipfile.ZipFile(tmp_path / "bank.zip") as archive:
        archive.extractall(tmp_path / "bank")
    (tmp_path / "bank" / "link.md").symlink_to("/etc/passwd")
    assert "1 questions: 0 new" in run_import(tmp_path / "bank")


def test_a_table_may_say_what_its_columns_are(tmp_path: Path) -> None:
    path = tmp_path / "fragen.csv"
    path.write_text("Frage;A;B;Richtig\nWas?;x;y;A\n")
    said = run_import(path, *SAID, "--column", "Frage=prompt", "--column", "Richtig=correct")
    assert "1 questions: 1 new" in said


@pytest.mark.parametrize(
    "arguments",
    [["--user", "nobody@example.com"], ["--topic", "nowhere"], ["--new-topics", "nowhere"], ["--column", "Frage"]],
)
def test_an_option_that_cannot_be_used_is_told_from_a_fault(file: Path, arguments: list[str]) -> None:
    assert refusal(file, *SAID[:4], *arguments).returncode == 2
    assert not ImportRun.objects.exists()


def test_a_file_that_is_not_there_or_not_recognised_cannot_be_used(tmp_path: Path) -> None:
    assert refusal(tmp_path / "missing.gift").returncode == 2
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n")
    assert "--format" in str(refusal(tmp_path / "picture.png"))


def test_an_export_says_what_does_not_come_along(tmp_path: Path) -> None:
    make_question("open-one")
    errors = io.StringIO()
    call_command("export_questions", "--format", "gift", "--output", str(tmp_path / "q.gift"), stderr=errors)
    assert "open-one: loses" in errors.getvalue() and "1 of 1 questions" in errors.getvalue()
    assert (tmp_path / "q.gift").read_bytes()


def test_a_check_of_an_export_writes_nothing(tmp_path: Path) -> None:
    make_question()
    call_command(
        "export_questions", "--format", "json", "--check", "--output", str(tmp_path / "q.json"), stderr=io.StringIO()
    )
    assert not (tmp_path / "q.json").exists()


def test_an_export_can_be_of_one_area(tmp_path: Path, topic: Topic) -> None:
    make_question("inside", topic=topic)
    make_question("outside")
    assert topic.area
    target = tmp_path / "q.json"
    call_command(
        "export_questions",
        "--format",
        "json",
        "--topic",
        topic.area.slug,
        "--output",
        str(target),
        stderr=io.StringIO(),
    )
    assert "inside" in target.read_text() and "outside" not in target.read_text()
