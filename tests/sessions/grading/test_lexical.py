"""The grader for open answers, rule by rule, on one question with three key points."""

from decimal import Decimal

import pytest

from questions.content import Content, KeyPoint
from sessions.grading import Grade, Status, Verdict, grade
from tests.sessions.grading.contents import FRAUD_ANSWER, make_open, make_point


def by_key(result: Grade) -> dict[str, Verdict]:
    return {verdict.key: verdict for verdict in result.verdicts}


def one(point: KeyPoint, body: str, *, prompt: str = "What do you tell him?") -> Verdict:
    (verdict,) = grade(make_open(prompt, [point]), body).verdicts
    return verdict


SCALING = make_point("Standardise the columns before computing distances", "features need the same scale")


def test_a_good_answer_gets_all_points_with_a_quotation_for_each() -> None:
    result = grade(make_open(), FRAUD_ANSWER)
    assert {verdict.status for verdict in result.verdicts} == {Status.FOUND}
    assert result.points == result.max_points == Decimal(1)
    assert "accuracy is misleading here" in by_key(result)["accuracy-misleads"].evidence
    assert all(FRAUD_ANSWER[v.start : v.end] == v.evidence for v in result.verdicts)


def test_points_follow_the_weights_of_what_is_said_and_how_well() -> None:
    result = grade(make_open(), "Accuracy is misleading because predicting the majority class scores about 99 %.")
    statuses = [verdict.status for verdict in result.verdicts]
    assert statuses == [Status.FOUND, Status.NOT_FOUND, Status.NOT_FOUND]
    assert Decimal("0.5") <= result.points < Decimal("0.6")
    half = grade(make_open(), "Recall on the positives counts.")
    assert by_key(half)["precision-recall"].status == Status.PARTLY
    assert 0 < half.points < Decimal("0.3")


@pytest.mark.parametrize("body", ["", "   \r\n\t", "…", "😀😀", "\x00", "?!"])
def test_an_answer_without_words_is_surely_not_found(body: str) -> None:
    result = grade(make_open(), body)
    assert result.points == 0
    assert {(v.status, v.coverage, v.confidence) for v in result.verdicts} == {(Status.NOT_FOUND, 0, 1)}


def test_an_accepted_phrasing_counts_like_the_text() -> None:
    assert one(SCALING, "All features need the same scale.").status == Status.FOUND


def test_other_endings_and_spellings_count() -> None:
    verdict = one(SCALING, "I would be standardizing each column before a distance is computed.")
    assert verdict.status == Status.FOUND


def test_slips_of_the_pen_count_in_part() -> None:
    right = one(SCALING, "standardise the columns before computing distances").coverage
    slips = one(SCALING, "standardise the colums before computing distnces").coverage
    missing = one(SCALING, "standardise the things before computing them").coverage
    assert missing < slips < right


def test_words_scattered_over_an_answer_do_not_count_as_said() -> None:
    apart = (
        "I would standardise the spelling of names. The weather is often nice in spring. The table has many columns. "
        "Nobody knows why. Computing budgets are small. We all like long walks. Great distances are no obstacle."
    )
    assert one(SCALING, apart).status == Status.NOT_FOUND
    assert one(SCALING, "First standardise all columns. Then start computing the distances.").status == Status.FOUND


def test_the_quotation_is_the_one_sentence_that_says_it() -> None:
    body = "Hello.\r\n\r\n- We all know this.\r\n- **Standardise** the columns before computing distances!\r\n- Done."
    verdict = one(SCALING, body)
    assert verdict.evidence == "Standardise** the columns before computing distances!"
    assert body[verdict.start : verdict.end] == verdict.evidence


def test_what_was_not_found_is_not_quoted() -> None:
    verdict = one(SCALING, "The columns are nice.")
    assert (verdict.status, verdict.evidence, verdict.start, verdict.end) == (Status.NOT_FOUND, "", -1, -1)


def test_a_find_is_surer_than_a_miss() -> None:
    found = one(SCALING, "Standardise the columns before computing distances.")
    missed = one(SCALING, "I would look at the residuals.")
    assert found.confidence == 0.9
    assert missed.confidence <= 0.6


@pytest.mark.parametrize("negator", ["Never", "I would not", "You don't", "It is not true that you should"])
def test_a_negation_near_the_matched_words_is_noted_and_weighs_less_but_changes_no_verdict(negator: str) -> None:
    body = "standardise the columns before computing distances."
    verdict = one(SCALING, f"{negator} {body}")
    assert verdict.status == Status.FOUND
    assert "may say the opposite" in verdict.note
    assert verdict.confidence < 0.6
    content = make_open("What comes first?", [SCALING])
    assert grade(content, f"{negator} {body}").points < Decimal("0.6") < grade(content, f"You {body}").points


def test_a_missing_negation_is_noted_too() -> None:
    point = make_point("Accuracy does not measure the cost of errors")
    assert "there is no “not”" in one(point, "Accuracy does measure the cost of errors.").note


def test_a_negation_lowers_no_coverage() -> None:
    plain = one(SCALING, "You standardise the columns before computing distances.")
    negated = one(SCALING, "You don't standardise the columns before computing distances.")
    assert negated.coverage == plain.coverage


@pytest.mark.parametrize(
    "body",
    [
        "Not only the target: standardise the columns before computing distances.",
        "It is not the model that is to blame here, so standardise the columns before computing distances.",
        "Without doubt, standardise the columns before computing distances.",
    ],
)
def test_a_negation_of_something_else_is_not_noted(body: str) -> None:
    verdict = one(SCALING, body)
    assert (verdict.status, verdict.note) == (Status.FOUND, "")


def test_a_negation_that_the_point_itself_has_is_not_noted() -> None:
    point = make_point("Accuracy does not measure the cost of errors")
    verdict = one(point, "Accuracy doesn't measure the cost of our errors.")
    assert (verdict.status, verdict.note) == (Status.FOUND, "")


def test_words_of_the_prompt_count_little() -> None:
    point = make_point("Grouping rows by patient keeps the validation folds independent")
    body = "I would think about the patient and the validation folds first."
    asked = one(point, body, prompt="How do you build validation folds for patient data?")
    unasked = one(point, body, prompt="How do you proceed?")
    assert asked.coverage < unasked.coverage / 2


def test_a_word_that_several_points_share_tells_less_than_a_word_of_one() -> None:
    points = [
        make_point("gradient clipping bounds the step", key="a"),
        make_point("gradient checkpointing saves memory", key="b"),
        make_point("gradient accumulation imitates a batch", key="c"),
    ]
    shared, own = (
        by_key(grade(make_open("What helps?", points), body))["a"].coverage
        for body in ("gradient bounds it", "clipping bounds it")
    )
    assert shared < own


def test_a_word_that_every_point_has_still_weighs_something() -> None:
    points = [make_point(f"model number {number}", "the model", key=f"p{number}") for number in range(40)]
    assert grade(make_open("Tell about the model", points), "The model.").points > 0


def test_a_light_phrasing_proves_little_unless_said_word_for_word() -> None:
    point = make_point("as a result")
    assert one(point, "As a result, the error fell.").coverage == 1
    assert one(point, "The results are in the table.").status != Status.FOUND


def test_a_phrasing_of_stop_words_can_be_found() -> None:
    point = make_point("it is what it is")
    assert one(point, "Well, it is what it is.").status == Status.FOUND
    assert one(point, "Here is a plan.").status == Status.NOT_FOUND


@pytest.mark.parametrize("text", ["→", "?", "…", "😀"])
def test_a_phrasing_without_words_is_never_found(text: str) -> None:
    assert one(make_point(text), f"This is it: {text}").status == Status.NOT_FOUND


def test_an_answer_in_another_script_is_graded_without_a_word_found() -> None:
    assert grade(make_open(), "正解率は誤解を招く。多数派クラスを予測するだけで高い。\nТочность обманчива.").points == 0


def test_code_can_be_matched_and_quoted() -> None:
    point = make_point("(rank_sum - P * (P + 1) / 2) / (P * N)")
    body = "```python\nrank_sum = sum(r)\nreturn (rank_sum - P * (P + 1) / 2) / (P * N)\n```\r\n"
    verdict = one(point, body)
    assert verdict.status == Status.FOUND
    assert verdict.evidence.startswith("return (rank_sum - P")


def test_the_grade_names_its_grader() -> None:
    result = grade(make_open(), "")
    assert (result.grader, result.grader_version) == ("lexical", 2)


def test_every_point_has_a_verdict_in_order() -> None:
    content: Content = make_open()
    verdicts = grade(content, "nothing of this").verdicts
    assert [(v.key, v.text, v.weight) for v in verdicts] == [(p.key, p.text, p.weight) for p in content.key_points]
