"""A grader on a bank's own samples: what holds, what does not, and how verdicts agree with a reader's."""

from questions.bankfiles import BankQuestion
from questions.content import Kind
from sessions.evaluation import bank, measuring
from sessions.evaluation.annotations import Annotations, Judged
from sessions.grading import Status, grade
from tests.sessions.evaluation.banks import make_bank, make_fraud, make_tide
from tests.sessions.grading.contents import make_choices


def test_only_open_questions_are_looked_at() -> None:
    choice = BankQuestion(
        "coin", "evaluation", "metrics", "evaluation/metrics/coin.md", make_choices(Kind.SINGLE, a=True, b=False)
    )
    assert [question.slug for question in bank.open_questions([choice, *make_bank()])] == ["fraud", "tide"]


def test_samples_that_miss_what_is_expected_are_listed_worst_first() -> None:
    strong, middling, _strange = bank.checks(make_bank())
    assert [case.slug for case in strong.cases] == ["tide", "fraud"]
    assert [case.slug for case in strong.missed] == ["tide"]
    assert "tide" in [case.slug for case in middling.missed]


def test_a_stranger_is_from_another_area_and_the_same_each_time() -> None:
    found = bank.checks(make_bank())[2]
    assert {(case.slug, case.other) for case in found.cases} == {("fraud", "tide"), ("tide", "fraud")}
    assert found.missed == ()
    assert bank.checks(make_bank())[2] == found


def test_both_ends_of_an_expectation_hold() -> None:
    assert [bank.MIDDLING.excess(points) > 0 for points in (0.29, 0.3, 0.75, 0.76)] == [True, False, False, True]
    assert [str(one) for one in (bank.STRONG, bank.MIDDLING, bank.STRANGE)] == [
        "strong sample at least 0.75",
        "middling sample 0.3 to 0.75",
        "another area's reference at most 0.15",
    ]


def test_precision_and_recall_are_counted_by_sample() -> None:
    fraud, tide = make_bank()
    found_in = {
        question.slug: {verdict.key for verdict in grade(question.content, body).verdicts if verdict.status == "found"}
        for question, body in ((fraud, make_fraud().strong_sample), (tide, make_tide().strong_sample))
    }
    assert found_in == {"fraud": {point.key for point in fraud.content.key_points}, "tide": set()}
    judged = (
        Judged(
            fraud,
            "strong",
            {
                "accuracy-misleads": Status.FOUND,
                "precision-recall": Status.PARTLY,
                "cost-threshold": Status.NOT_FOUND,
            },
        ),
        Judged(tide, "strong", {"moon-pulls": Status.FOUND, "spring-tides": Status.NOT_FOUND}),
    )
    strong, middling = bank.point_agreement(Annotations(judged, ()))
    assert (strong.answers, strong.points, strong.found) == (2, 5, 3)
    assert (strong.precision, strong.loosely, strong.recall) == (1 / 3, 2 / 3, 1 / 2)
    assert (middling.answers, middling.precision, middling.recall) == (0, None, None)


def test_times_are_above_zero() -> None:
    assert all(ms > 0 for ms in measuring.speed_ms([make_tide()]).values())
