"""What a reader found in the samples: the file is checked, and what was judged on other words is not used."""

from pathlib import Path

import pytest

from questions.bankfiles import read_bank
from questions.bankformat import BankError
from sessions.evaluation.annotations import checksum, parse_annotations, read_annotations
from sessions.evaluation.bank import open_questions
from sessions.grading import Status
from tests.sessions.evaluation.banks import make_bank, make_tide

ROOT = Path(__file__).resolve().parents[3] / "questions" / "bank"
SUM = checksum(make_tide(), "middling")


def entry(marks: str, *, slug: str = "tide", sample: str = "middling", text: str = SUM) -> str:
    return f'{slug}:\n  {sample}:\n    text: "{text}"\n    {marks}\n'


def problems(text: str) -> str:
    with pytest.raises(BankError) as caught:
        parse_annotations(text, make_bank())
    return str(caught.value)


def test_each_point_has_the_mark_it_is_listed_under() -> None:
    found = parse_annotations(entry("found: [moon-pulls]\n    partly: [spring-tides]"), make_bank())
    (judged,) = found.judged
    assert (judged.question.slug, judged.sample) == ("tide", "middling")
    assert judged.marks == {"moon-pulls": Status.FOUND, "spring-tides": Status.PARTLY}
    assert found.stale == ()


def test_a_judgement_on_other_words_is_named_and_not_used() -> None:
    found = parse_annotations(entry("found: [moon-pulls]", text="00000000"), make_bank())
    assert found.judged == ()
    assert found.stale == (f"tide: the middling sample or a point has changed; judge again, then text: {SUM}",)


def test_the_checksum_follows_the_sample_and_the_points_but_no_phrasing() -> None:
    content = make_tide()
    point = content.key_points[0]
    said_so = content.model_copy(update={"key_points": (point.model_copy(update={"accepted": ("the moon",)}),)})
    bare = content.model_copy(update={"key_points": (point,)})
    other = content.model_copy(update={"key_points": (point.model_copy(update={"text": "The moon"}),)})
    assert checksum(said_so, "strong") == checksum(bare, "strong") != checksum(other, "strong")
    assert checksum(content, "strong") != checksum(content, "middling")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (entry("found: [moon-pulls]", slug="tides"), "annotations.yaml:1: tides: is no open question of the bank"),
        (entry("found: [sun-pulls]"), "annotations.yaml:4: tide: has no key point sun-pulls"),
        (entry("right: [moon-pulls]"), "annotations.yaml:4: tide: “right” is no mark"),
        (entry("found: moon-pulls"), "annotations.yaml:4: tide: found must list keys"),
        (entry("found: [moon-pulls]"), "annotations.yaml:2: tide: the middling sample lacks a judgement of: spring-t"),
        (
            entry("found: [moon-pulls, spring-tides]\n    partly: [moon-pulls]"),
            "annotations.yaml:2: tide: the middling sample judges more than once: moon-pulls",
        ),
        (entry("found: [moon-pulls]", sample="weak"), "annotations.yaml:2: tide: “weak” is no sample"),
        (
            "tide:\n  middling:\n    found: [moon-pulls]\n",
            f"tide: the middling sample needs a text, its checksum: {SUM}",
        ),
        ("tide: 5\n", "tide: must hold strong and middling"),
        ("- tide\n", "annotations.yaml:1: must map"),
        ("tide: [\n", "annotations.yaml:2: is not valid YAML"),
    ],
)
def test_every_fault_is_named_with_its_line(text: str, words: str) -> None:
    assert words in problems(text)


def test_all_faults_are_named_at_once() -> None:
    text = entry("found: [sun-pulls]") + entry("found: [moon-pulls]", slug="tides")
    assert len(problems(text).splitlines()) == 3


def test_a_bank_without_the_file_has_no_judgements(tmp_path: Path) -> None:
    found = read_annotations(tmp_path, make_bank())
    assert (found.judged, found.stale) == ((), ())


def test_the_shipped_judgements_fit_the_shipped_bank_in_every_area() -> None:
    questions = open_questions(read_bank(ROOT).questions)
    found = read_annotations(ROOT, questions)
    assert found.stale == ()
    assert len(found.judged) >= 120
    assert {judged.question.area for judged in found.judged} == {question.area for question in questions}
