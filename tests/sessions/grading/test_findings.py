"""What is found beside the key points: misconceptions, parts of a structure, and what a text match cannot read."""

import pytest

from questions.content import Content, Format, Misconception
from sessions.grading import Finding, FindingKind, Grade, Status, band, grade
from tests.sessions.grading.contents import FRAUD_ANSWER, make_open

MISCONCEPTION = Misconception(
    text="High accuracy means that the detector catches most frauds", why="With 1 % frauds, catching none gives 99 %."
)
STORY = (
    "Last year our team ran a ranking service that missed its deadline every week. My task was to find out why. "
    "I measured each step and wrote down where the time went. Then I moved the slowest one into a nightly job. "
    "As a result the pages were served in 80 instead of 400 ms."
)


def of_kind(result: Grade, kind: FindingKind) -> list[Finding]:
    return [finding for finding in result.findings if finding.kind == kind]


def with_misconception() -> Content:
    return make_open().model_copy(update={"misconceptions": (MISCONCEPTION,)})


def test_a_misconception_is_quoted_with_why_it_is_wrong_and_takes_no_points() -> None:
    body = f"{FRAUD_ANSWER}\nHigh accuracy means the detector catches most frauds."
    result = grade(with_misconception(), body)
    (finding,) = of_kind(result, FindingKind.MISCONCEPTION)
    assert finding.evidence == "High accuracy means the detector catches most frauds."
    assert finding.note == MISCONCEPTION.why
    assert result.points == grade(make_open(), body).points


@pytest.mark.parametrize(
    "body",
    [
        "High accuracy does not mean that the detector catches most frauds.",
        "It is a common misconception that high accuracy means the detector catches most frauds.",
        "The detector is new.",
    ],
)
def test_a_misconception_that_is_refuted_or_absent_is_not_held_against_anybody(body: str) -> None:
    assert of_kind(grade(with_misconception(), body), FindingKind.MISCONCEPTION) == []


def behavioural() -> Content:
    return make_open().model_copy(update={"format": Format.BEHAVIOURAL})


def test_a_whole_story_has_all_its_parts_and_a_figure() -> None:
    parts = of_kind(grade(behavioural(), STORY), FindingKind.PART)
    assert [part.key for part in parts] == ["situation", "task", "action", "result", "numbers"]
    assert all(part.is_present and part.evidence in STORY for part in parts)


def test_a_missing_part_comes_with_advice_and_no_quotation() -> None:
    parts = {
        part.key: part
        for part in of_kind(grade(behavioural(), "Things were done and people liked it."), FindingKind.PART)
    }
    assert not parts["action"].is_present
    assert "you yourself" in parts["action"].note
    assert parts["action"].evidence == ""


def test_a_design_is_asked_for_its_sections_and_an_explanation_for_none() -> None:
    design = make_open().model_copy(update={"format": Format.DESIGN})
    body = "I would assume 2,000 requests per second. The trade-off is latency against freshness."
    present = {part.key for part in of_kind(grade(design, body), FindingKind.PART) if part.is_present}
    assert {"requirements", "scale", "trade-offs"} <= present
    assert of_kind(grade(make_open(), body), FindingKind.PART) == []


@pytest.mark.parametrize(
    ("sort", "body"),
    [
        ("code", "```python\ntotal = 0\nfor item in items:\n    total += item.weight\n```"),
        (
            "code",
            "def total(items):\n    result = 0\n    for item in items:\n        result += item\n    return result",
        ),
        ("code", "SELECT name, COUNT(*)\nFROM customers\nWHERE age > 30\nGROUP BY name;"),
        ("formula", "F_1 = 2 * P * R / (P + R)\nP = TP / (TP + FP)"),
        ("formula", r"$$\frac{TP}{TP + FP}$$"),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 |"),
        (
            "language",
            "Die Genauigkeit ist hier nicht aussagekräftig, weil die Klassen sehr ungleich sind und das täuscht.",
        ),
        ("language", "正解率は誤解を招く。多数派クラスを予測するだけで高い。"),
    ],
)
def test_what_is_no_english_prose_is_recognised_and_left_to_a_reader(sort: str, body: str) -> None:
    result = grade(make_open(), body)
    assert {finding.key for finding in of_kind(result, FindingKind.UNREADABLE)} == {sort}
    assert {verdict.status for verdict in result.verdicts} == {Status.UNREAD}
    assert not result.is_read
    assert band(result.verdicts) is None


@pytest.mark.parametrize(
    "body",
    [
        FRAUD_ANSWER,
        STORY,
        "Precision = TP / (TP + FP), so it falls when false alarms rise. I would look at it for the fraud class first.",
        "- accuracy misleads\n- precision and recall of the fraud class\n- cost of a miss",
        "I would return to the class labels; import duties are another matter.",
        "class weights counter imbalance, or resampling (oversampling the minority)",
        "class imbalance: accuracy misleads, since always predicting majority scores 99 %",
        "Accuracy misleads (majority class wins);\nclass weights counter imbalance;\nrecall counts;",
        "import matters (cost)\nfor example:\np = 0.05",
        "```\nAccuracy misleads here, and this fence is never closed.",
    ],
)
def test_prose_is_read(body: str) -> None:
    result = grade(make_open(), body)
    assert of_kind(result, FindingKind.UNREADABLE) == []
    assert result.is_read


def test_of_very_many_stretches_some_are_named() -> None:
    result = grade(make_open(), "print(x);\nand then I say\n" * 200)
    assert len(of_kind(result, FindingKind.UNREADABLE)) == 50


@pytest.mark.parametrize("body", ["I need more time.", "I indeed agree.", "We run an auction for each slot."])
def test_words_that_only_look_like_a_sign_show_no_part(body: str) -> None:
    for form, part in ((Format.BEHAVIOURAL, "action"), (Format.DESIGN, "evaluation")):
        content = make_open().model_copy(update={"format": form})
        assert part not in {found.key for found in of_kind(grade(content, body), FindingKind.PART) if found.is_present}


def test_a_short_piece_of_code_in_prose_is_named_and_the_rest_is_read() -> None:
    body = f"{FRAUD_ANSWER}\n```python\nprint(1)\n```"
    result = grade(make_open(), body)
    assert [finding.key for finding in of_kind(result, FindingKind.UNREADABLE)] == ["code"]
    assert result.is_read
