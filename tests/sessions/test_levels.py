"""The level of a question: when a curve is kept, what it does to points, and what the nightly fit looks at."""

import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from questions.models import Question
from sessions import levels
from sessions.grading import Grade, Status, Verdict, grade
from sessions.isotonic import Curve
from sessions.levels import ENOUGH_CORRECTIONS, Correction, curves_of, fit_level, levelled_points
from sessions.models import Answer, QuestionLevel, Score, SessionQuestion
from tests.factories import GOOD_BODIES, make_question, make_user
from tests.sessions.sitting import LATER, finish, start

NIGHT = LATER + timedelta(hours=12)


def corrections(pairs: Sequence[tuple[float, float]]) -> list[Correction]:
    return [Correction(UUID(int=number), raw, human) for number, (raw, human) in enumerate(pairs)]


def strict_grader(count: int, *, noise: float = 0.05) -> list[Correction]:
    """Return corrections of a grader that gives half of what people give, more or less."""
    draw = random.Random(5)
    humans = [(number + 1) / count for number in range(count)]
    return corrections([(human / 2, min(1.0, max(0.0, human + draw.uniform(-noise, noise)))) for human in humans])


# --- Fitting -----------------------------------------------------------------------------------------------------


def test_a_grader_that_is_too_strict_gets_a_level_that_is_better_on_answers_it_has_not_seen() -> None:
    level = fit_level(strict_grader(20))
    assert level is not None and level.curve is not None
    assert level.corrections == 20
    assert level.rmse_after < level.rmse_before / 2
    assert level.curve.at(0.25) == pytest.approx(0.5, abs=0.1)


def test_fewer_corrections_than_enough_make_no_level() -> None:
    assert fit_level(strict_grader(ENOUGH_CORRECTIONS - 1)) is None
    assert fit_level(strict_grader(ENOUGH_CORRECTIONS)) is not None


def test_points_that_people_agree_with_are_left_alone() -> None:
    level = fit_level(corrections([(number / 20, number / 20) for number in range(1, 21)]))
    assert level is not None and level.curve is None
    assert level.rmse_before == 0


def test_a_gain_that_one_answer_carries_may_be_noise_and_is_not_kept() -> None:
    steady = fit_level(corrections([(number / 20, min(1.0, number / 20 + 0.3)) for number in range(1, 21)]))
    assert steady is not None and steady.curve is not None
    exact = [(number / 20, number / 20) for number in range(2, 21)]
    carried = fit_level(corrections([(0.05, 0.9), *exact]))
    assert carried is not None and carried.curve is None


def test_answers_in_which_nothing_was_found_are_no_evidence_and_stay_at_nothing() -> None:
    nothing = [Correction(UUID(int=1000 + number), 0.0, 0.8) for number in range(30)]
    assert fit_level(nothing) is None
    assert fit_level([*strict_grader(20), *nothing]) == fit_level(strict_grader(20))


def test_the_order_of_corrections_does_not_matter() -> None:
    shuffled = strict_grader(25)
    random.Random(3).shuffle(shuffled)
    assert fit_level(shuffled) == fit_level(strict_grader(25))


# --- Applying ----------------------------------------------------------------------------------------------------


def a_grade(points: str, status: Status = Status.FOUND) -> Grade:
    verdict = Verdict(key="a", text="A point", weight=1, status=status, coverage=0.5, confidence=0.5)
    return Grade(Decimal(points), Decimal(1), (verdict,), "lexical", 2)


QUESTION = UUID(int=7)
CURVES = {(QUESTION, "lexical", 2): Curve(((0.0, 0.2), (1.0, 0.9)))}


@pytest.mark.parametrize(("raw", "points"), [("0", "0"), ("0.5", "0.55"), ("1", "0.9")])
def test_points_follow_the_curve_but_nothing_stays_nothing(raw: str, points: str) -> None:
    assert levelled_points(a_grade(raw), QUESTION, CURVES) == Decimal(points)


def test_a_level_says_nothing_of_another_question_grader_or_version_nor_of_what_was_not_read() -> None:
    other = Grade(Decimal("0.5"), Decimal(1), a_grade("0.5").verdicts, "lexical", 3)
    assert levelled_points(other, QUESTION, CURVES) is None
    assert levelled_points(a_grade("0.5"), UUID(int=8), CURVES) is None
    assert levelled_points(a_grade("0.5", Status.UNREAD), QUESTION, CURVES) is None


# --- Keeping -----------------------------------------------------------------------------------------------------


def graded(question: Question, *, raw: float, human: float, at_minute: int = 0) -> Answer:
    """Make an answer to `question` with an automatic score and one by a mentor."""
    session = start("numeric")
    SessionQuestion.objects.filter(session=session).update(version=question.current_version)
    finish(session)
    answer = Answer.objects.get(session=session)
    automatic_score(answer, raw)
    mentor_score(answer, human, at_minute=at_minute)
    return answer


def automatic_score(answer: Answer, raw: float, version: int = 2) -> Score:
    return Score.objects.create(
        answer=answer, source="automatic", grader="lexical", grader_version=version, points=Decimal(str(round(raw, 4))),
        max_points=1, created_at=LATER,
    )  # fmt: skip


def mentor_score(answer: Answer, human: float, *, at_minute: int = 0) -> Score:
    return Score.objects.create(
        answer=answer, source="mentor", author=make_user(), points=Decimal(str(round(human, 4))), max_points=1,
        created_at=LATER + timedelta(minutes=at_minute),
    )  # fmt: skip


def corrected_question(count: int = ENOUGH_CORRECTIONS, *, share: float = 0.5) -> Question:
    """Make a question whose grader gives `share` of what mentors give."""
    question = make_question()
    for number in range(1, count + 1):
        graded(question, raw=share * number / count, human=number / count)
    return question


@pytest.mark.django_db
def test_the_nightly_fit_keeps_a_level_that_helps() -> None:
    question = corrected_question()
    assert levels.refit_levels(now=NIGHT) == 1
    level = QuestionLevel.objects.get()
    assert (level.question, level.grader, level.grader_version) == (question, "lexical", 2)
    assert level.is_kept and level.corrections == ENOUGH_CORRECTIONS and level.fitted_at == NIGHT
    assert level.rmse_after < level.rmse_before
    assert curves_of([question.pk])[(question.pk, "lexical", 2)].at(0.25) == pytest.approx(0.5, abs=0.05)


@pytest.mark.django_db
def test_too_few_corrections_and_choice_questions_have_no_level() -> None:
    corrected_question(ENOUGH_CORRECTIONS - 1)
    choice = make_question(kind="single")
    for number in range(ENOUGH_CORRECTIONS):
        graded(choice, raw=0.1, human=number / ENOUGH_CORRECTIONS)
    assert levels.refit_levels(now=NIGHT) == 0
    assert not QuestionLevel.objects.exists()


@pytest.mark.django_db
def test_what_was_fitted_is_not_fitted_again_before_there_is_something_new() -> None:
    question = corrected_question()
    levels.refit_levels(now=NIGHT)
    assert levels.refit_levels(now=NIGHT + timedelta(days=1)) == 0
    graded(question, raw=0.3, human=0.6, at_minute=60 * 24)
    assert levels.refit_levels(now=NIGHT + timedelta(days=2)) == 1
    assert QuestionLevel.objects.get().corrections == ENOUGH_CORRECTIONS + 1


@pytest.mark.django_db
def test_a_level_that_no_longer_helps_is_retired() -> None:
    question = corrected_question()
    levels.refit_levels(now=NIGHT)
    for score in Score.objects.filter(source="automatic"):
        mentor_score(score.answer, float(score.points), at_minute=60 * 24)
    levels.refit_levels(now=NIGHT + timedelta(days=2))
    assert not QuestionLevel.objects.get().is_kept
    assert curves_of([question.pk]) == {}


@pytest.mark.django_db
def test_a_level_does_not_outlive_corrections_that_were_taken_back() -> None:
    question = corrected_question(ENOUGH_CORRECTIONS + 1)
    levels.refit_levels(now=NIGHT)
    for left, fitted in ((ENOUGH_CORRECTIONS, 1), (ENOUGH_CORRECTIONS - 1, 0)):
        assert levels.refit_levels(now=NIGHT + timedelta(days=1)) == 0
        withdrawn = Score.objects.filter(source="mentor").first()
        assert withdrawn is not None
        withdrawn.delete()
        assert levels.refit_levels(now=NIGHT + timedelta(days=1)) == fitted
        assert list(QuestionLevel.objects.values_list("corrections", flat=True)) == [left] * fitted
    assert curves_of([question.pk]) == {}


@pytest.mark.django_db
def test_answers_without_points_or_unread_do_not_make_a_level_due_each_night() -> None:
    question = corrected_question()
    graded(question, raw=0, human=0.5)
    unread = graded(question, raw=0.5, human=0.5)
    unread.scores.filter(source="automatic").update(verdicts=[{"status": "unread"}])
    levels.refit_levels(now=NIGHT)
    assert levels.refit_levels(now=NIGHT + timedelta(days=1)) == 0


@pytest.mark.django_db
def test_a_correction_of_words_that_were_changed_since_is_left_out() -> None:
    question = corrected_question(ENOUGH_CORRECTIONS + 1)
    levels.refit_levels(now=NIGHT)
    changed = Answer.objects.filter(question__version__question=question).first()
    assert changed is not None
    Answer.objects.filter(pk=changed.pk).update(saved_at=LATER + timedelta(minutes=1))
    assert levels.refit_levels(now=NIGHT + timedelta(days=1)) == 1
    assert QuestionLevel.objects.get().corrections == ENOUGH_CORRECTIONS


@pytest.mark.django_db
def test_the_newest_correction_counts_against_what_the_grader_itself_gave() -> None:
    corrected_question()
    levels.refit_levels(now=NIGHT)
    before = QuestionLevel.objects.get().knots
    for score in Score.objects.filter(source="automatic"):
        mentor_score(score.answer, 0.1, at_minute=-60)
    Score.objects.filter(source="automatic").update(raw_points=F("points"), points=1)
    QuestionLevel.objects.all().delete()
    levels.refit_levels(now=NIGHT)
    assert QuestionLevel.objects.get().knots == before


@pytest.mark.django_db
def test_a_newer_version_of_the_grader_gets_a_level_of_its_own() -> None:
    corrected_question()
    levels.refit_levels(now=NIGHT)
    for score in list(Score.objects.filter(source="automatic")):
        automatic_score(score.answer, float(score.points), version=3)
    assert levels.refit_levels(now=NIGHT) == 1
    assert set(QuestionLevel.objects.values_list("grader_version", flat=True)) == {2, 3}


@pytest.mark.django_db
def test_looking_for_work_costs_two_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    corrected_question()
    levels.refit_levels(now=NIGHT)
    with django_assert_num_queries(2):
        levels.refit_levels(now=NIGHT + timedelta(days=1))


@pytest.mark.django_db
def test_the_grader_in_use_is_one_whose_points_can_be_levelled() -> None:
    question = make_question()
    assert question.current_version is not None
    result = grade(question.current_version.content, GOOD_BODIES["open"])
    curve = Curve(((0.0, 0.5), (1.0, 0.5)))
    key = (question.pk, result.grader, result.grader_version)
    assert levelled_points(result, question.pk, {key: curve}) == Decimal("0.5")
