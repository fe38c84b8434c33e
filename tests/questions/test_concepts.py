"""The bank tests every concept it is meant to: concepts.yaml, the tags of the questions, and docs/bank-coverage.md."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from questions.bankfiles import Bank, read_bank
from questions.bankformat import BankError
from questions.concepts import ConceptList, parse_concepts, read_concepts, uncovered, unknown_tags
from questions.coverage import COMMAND, coverage_document
from tests.factories import make_content
from tests.questions.bankfolder import write_bank, write_file

BASE = Path(__file__).resolve().parents[2]
ROOT = BASE / "questions" / "bank"
DOCUMENT = BASE / "docs" / "bank-coverage.md"

CONCEPTS = """\
documents:
  A: A guide
  B: An article

concepts:
  - {key: recall, name: Recall, area: evaluation, documents: [A, B]}
  - {key: calibration, name: Calibrated scores, area: evaluation, documents: []}
"""


def areas_of(bank: Bank) -> list[str]:
    return [topic.slug for topic in bank.topics if topic.area is None]


@pytest.fixture(scope="module")
def bank() -> Bank:
    return read_bank(ROOT)


@pytest.fixture(scope="module")
def concepts(bank: Bank) -> ConceptList:
    return read_concepts(ROOT, areas_of(bank))


# The shipped bank


def test_every_concept_has_a_question(bank: Bank, concepts: ConceptList) -> None:
    missing = [f"{concept.area}: {concept.key}" for concept in uncovered(concepts, bank.questions)]
    assert not missing, "no question is tagged with:\n" + "\n".join(missing)


def test_every_tag_is_a_concept(bank: Bank, concepts: ConceptList) -> None:
    problems = unknown_tags(concepts, bank.questions)
    assert not problems, "\n".join(map(str, problems))


def test_every_question_has_one_to_five_tags(bank: Bank) -> None:
    assert [question.path for question in bank.questions if not 1 <= len(question.content.tags) <= 5] == []


def test_every_document_and_every_area_has_concepts(bank: Bank, concepts: ConceptList) -> None:
    assert set(concepts.documents) == {letter for concept in concepts.concepts for letter in concept.documents}
    assert {concept.area for concept in concepts.concepts} == set(areas_of(bank))


def test_the_document_is_what_the_command_makes(bank: Bank, concepts: ConceptList) -> None:
    written = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    assert written == coverage_document(bank, concepts), f"out of date; run: {COMMAND}"


# The file


def refusal(text: str) -> list[str]:
    with pytest.raises(BankError) as caught:
        parse_concepts(text, ["evaluation"])
    return [str(problem) for problem in caught.value.problems]


def test_concepts_are_read_in_their_order_with_their_lines() -> None:
    found = parse_concepts(CONCEPTS, ["evaluation"])
    assert found.documents == {"A": "A guide", "B": "An article"}
    assert [(c.key, c.documents, c.line) for c in found.concepts] == [("recall", ("A", "B"), 6), ("calibration", (), 7)]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("key: calibration", "key: recall", 7, "“recall” is the key of concept 1 already"),
        ("key: calibration", "key: Calibration", 7, "is not a usable name"),
        ("key: calibration, ", "", 7, "concepts[2].key: must be text"),
        ("name: Recall", "name: ''", 6, "concepts[1].name: must be text"),
        ("name: Recall", f"name: {'x' * 81}", 6, "at most 80 characters"),
        ("area: evaluation, documents: []", "area: evaluations, documents: []", 7, "“evaluations” is no area"),
        ("[A, B]", "[A, C]", 6, "“C” is no document of this file"),
        ("[A, B]", "[A, A]", 6, "names a document twice"),
        ("[A, B]", "A", 6, "must be a list of letters"),
        ("documents: []}", "documents: [], tag: x}", 7, "concepts[2].tag: is not a known name"),
        ("  B: An article", "  bee: An article", 3, "“bee” is not one capital letter"),
        ("  B: An article", "  B:", 3, "must be text"),
        ("documents:\n  A: A guide\n  B: An article\n", "documents: {}\n", 1, "must give each source document"),
        ("concepts:\n", "ideas:\n", 5, "ideas: is not a known name"),
        ("{key: recall, name: Recall", "{key: recall, key: recall, name: Recall", 6, "“key” is given twice"),
        ("name: Recall", "name: [Recall", 6, "is not valid YAML"),
        ("name: Recall", "name: &x Recall", 6, "anchors and aliases"),
    ],
)
def test_a_broken_file_is_refused_with_the_line(old: str, new: str, line: int, words: str) -> None:
    assert old in CONCEPTS
    problems = refusal(CONCEPTS.replace(old, new, 1))
    assert any(problem.startswith(f"concepts.yaml:{line}: ") and words in problem for problem in problems), problems


def test_all_problems_are_named_at_once() -> None:
    text = CONCEPTS.replace("key: recall", "key: Recall").replace("area: evaluation, documents: []", "documents: [Z]")
    lines = [problem.split(": ")[0] for problem in refusal(text)]
    assert lines == ["concepts.yaml:6", "concepts.yaml:7", "concepts.yaml:7"]


@pytest.mark.parametrize("text", ["", "- recall\n", "recall\n"])
def test_text_that_is_no_list_of_names_is_refused(text: str) -> None:
    assert refusal(text) == ["concepts.yaml:1: must be a list of “name: value” lines"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BankError, match=r"concepts\.yaml:1: cannot be read"):
        read_concepts(tmp_path, ["evaluation"])


# The command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = write_bank(tmp_path / "bank")
    write_file(root, "evaluation/metrics/one.md", make_content(title="Recall | or [not]", tags=["recall"]))
    (root / "concepts.yaml").write_text(CONCEPTS)
    return root


def test_the_command_links_questions_and_counts_what_is_missing(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "coverage.md"
    call_command("bank_coverage", path=folder, write=target)
    text = target.read_text()
    assert "2 concepts: 1 named in the source documents and 1 that" in text
    assert "Concepts without question: 1." in text
    link = r"[Recall \| or \[not\]](../questions/bank/evaluation/metrics/one.md)"
    assert f"| Recall (`recall`) | A B | {link} |" in text
    assert "| Calibrated scores (`calibration`) | – | **none** |" in text
    assert COMMAND in text


def test_the_command_names_on_the_screen_what_has_no_question(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("bank_coverage", path=folder, write=tmp_path / "coverage.md")
    assert "no question: calibration (evaluation)" in capsys.readouterr().out


def test_the_spread_counts_kinds_formats_and_difficulties(folder: Path) -> None:
    write_file(folder, "evaluation/metrics/two.md", make_content(title="Two", difficulty="hard", tags=["recall"]))
    bank = read_bank(folder)
    text = coverage_document(bank, read_concepts(folder, areas_of(bank)))
    header, row = (next(line for line in text.splitlines() if line.startswith(start)) for start in ("| Area", "| All"))
    counts = dict(zip(header.split(" | "), row.split(" | "), strict=True))
    assert (counts["questions"], counts["explanation"], counts["single"]) == ("2", "2", "0")
    assert counts["hard |"] == "1 |"


def test_a_tag_that_is_no_concept_stops_the_command_and_the_nearest_is_offered(folder: Path) -> None:
    write_file(folder, "evaluation/metrics/two.md", make_content(title="Two", tags=["recal"]))
    with pytest.raises(CommandError, match=r"two\.md:1: the tag “recal” is no concept .* did you mean “recall”"):
        call_command("bank_coverage", path=folder)


def test_a_file_that_cannot_be_written_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("bank_coverage", path=folder, write=tmp_path / "nowhere" / "coverage.md")
