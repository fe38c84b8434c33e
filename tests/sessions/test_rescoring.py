"""Scoring finished interviews anew: what is due, what is kept, and which reports follow."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries, Settings

from sessions import grading, lifecycle, reports, rescoring, scoring
from sessions.grading import minilm
from sessions.models import Answer, InterviewSession, QuestionLevel, Report, Score, VerdictDispute
from sessions.rescoring import Batch, Job, Outcome
from tests.factories import GOOD_BODIES, answer, make_curator, make_session, make_user, questions_of
from tests.sessions.sitting import LATER, compiled, finish, sit, start

pytestmark = pytest.mark.django_db

DAY = LATER + timedelta(days=1)


def scored_session(*, points: str | None = "0.1", body: str = GOOD_BODIES["open"]) -> InterviewSession:
    """Make a finished interview with a report, its open answer graded by an older grader with other points."""
    session = sit(("open", body), ("single", "a"))
    compiled(session)
    older = {} if points is None else {"points": Decimal(points)}
    Score.objects.filter(answer__session=session, grader="lexical").update(grader_version=0, **older)
    return session


def rescore_all(now: datetime = DAY, **fields: Any) -> Outcome:
    job = Job(now=now, **fields)
    planned = list(rescoring.batches(rescoring.due_answers(job.grader), size=2))
    return sum(rescoring.rescore_all(planned, job, processes=1), Outcome())


def automatic(session: InterviewSession) -> list[Score]:
    scores = Score.objects.filter(answer__session=session, answer__question__version__kind="open", source="automatic")
    return list(scores.order_by("created_at"))


# --- Scores ------------------------------------------------------------------------------------------------------


def test_a_newer_grader_s_score_stands_beside_the_old_one_and_counts() -> None:
    session = scored_session()
    assert rescore_all() == Outcome(graded=1, changed=1, reports=1)
    older, newer = automatic(session)
    assert older.points == Decimal("0.1") and older.grader_version == 0
    assert newer.points > older.points and newer.grader_version > 0 and newer.created_at == DAY
    assert scoring.counting_score([older, newer]) == newer


def test_a_new_score_counts_also_where_the_old_one_is_younger_than_the_job() -> None:
    session = scored_session()
    Score.objects.update(created_at=DAY + timedelta(minutes=1))
    rescore_all()
    older, newer = sorted(automatic(session), key=lambda score: score.grader_version)
    assert newer.created_at == older.created_at + timedelta(microseconds=1)
    assert scoring.automatic_score([newer, older]) == newer


def test_what_the_grader_of_today_has_scored_is_not_scored_again() -> None:
    session = scored_session()
    rescore_all()
    assert rescore_all(DAY + timedelta(days=1)) == Outcome()
    assert len(automatic(session)) == 2


def test_running_interviews_and_follow_ups_are_left_alone() -> None:
    session = make_session()
    answer(questions_of(session)[0], "some words")
    assert not rescoring.due_answers().exists()


def test_an_answer_that_nobody_has_graded_yet_is_graded() -> None:
    session = finish(start("open"))
    assert rescore_all() == Outcome(graded=1, changed=1, reports=0)
    assert Report.objects.get().state == Report.State.PENDING
    assert len(automatic(session)) == 1


def test_a_dry_run_counts_and_stores_nothing() -> None:
    session = scored_session()
    assert rescore_all(dry_run=True) == Outcome(graded=1, changed=1, reports=0)
    assert len(automatic(session)) == 1
    assert Report.objects.get().state == Report.State.READY


def test_points_are_at_the_level_of_the_question() -> None:
    session = scored_session()
    asked = questions_of(session)[0].version
    result = grading.grade(asked.content, GOOD_BODIES["open"])
    QuestionLevel.objects.create(
        question=asked.question, grader=result.grader, grader_version=result.grader_version, corrections=20,
        knots=[[0.0, 0.25], [1.0, 0.25]], rmse_before=0.3, rmse_after=0.1, fitted_at=LATER,
    )  # fmt: skip
    rescore_all()
    newer = automatic(session)[-1]
    assert (newer.points, newer.raw_points) == (Decimal("0.25"), result.points)


def test_people_s_scores_stay_and_go_on_counting() -> None:
    session = scored_session()
    graded = automatic(session)[0].answer
    mentors = Score.objects.create(
        answer=graded, source="mentor", author=make_user(), points=Decimal("0.9"), max_points=1, created_at=LATER
    )
    rescore_all()
    assert scoring.counting_score(graded.scores.all()) == mentors


def test_an_answer_that_cannot_be_graded_keeps_nothing_else_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = scored_session(body="break it"), scored_session()
    grade = grading.grade

    def fragile(content: Any, body: str, **fields: Any) -> grading.Grade:
        if body == "break it":
            raise RuntimeError
        return grade(content, body, **fields)

    monkeypatch.setattr(grading, "grade", fragile)
    assert rescore_all() == Outcome(graded=1, changed=1, reports=1, failed=1)
    assert (len(automatic(broken)), len(automatic(sound))) == (1, 2)


# --- Reports -----------------------------------------------------------------------------------------------------


def test_only_reports_that_say_something_else_now_are_compiled_anew() -> None:
    changed, same = scored_session(), scored_session(points=None)
    assert rescore_all() == Outcome(graded=2, changed=1, reports=1)
    assert Report.objects.get(pk=changed.pk).state == Report.State.PENDING
    assert Report.objects.get(pk=same.pk).state == Report.State.READY
    assert len(automatic(same)) == 2


def test_a_report_that_was_ordered_shows_the_new_points() -> None:
    session = scored_session()
    rescore_all()
    reports.refresh_report(session_id=session.pk, now=DAY)
    data = reports.report_data(Report.objects.get())
    assert data is not None and data.questions[0].points == automatic(session)[-1].points


def test_a_dispute_stands_as_long_as_its_verdict_does() -> None:
    session = scored_session(points=None, body="Precision and recall of the fraud class.")
    older = automatic(session)[0]
    statuses = {verdict["key"]: verdict["status"] for verdict in older.verdicts}
    kept, settled = "costs", "precision-recall"
    assert statuses[kept] == "not_found"
    for verdict in older.verdicts:
        verdict["status"] = "not_found"
    older.save()
    for key in (kept, settled):
        VerdictDispute.objects.create(score=older, key=key, created_at=LATER)
    rescore_all()
    newer = automatic(session)[-1]
    assert statuses[settled] != "not_found"
    assert list(newer.disputes.values_list("key", "created_at")) == [(kept, LATER)]
    assert older.disputes.count() == 2


def test_an_objection_taken_back_after_a_rescoring_is_gone_from_every_score() -> None:
    session = scored_session(points=None, body="Precision and recall of the fraud class.")
    older = automatic(session)[0]
    VerdictDispute.objects.create(score=older, key="costs", created_at=LATER)
    rescore_all()
    newer = automatic(session)[-1]
    assert VerdictDispute.objects.count() == 2
    assert scoring.withdraw_dispute(candidate=session.candidate, score_id=newer.pk, key="costs") is True
    assert not VerdictDispute.objects.exists()


@pytest.mark.parametrize("is_finished_again", [False, True])
def test_an_interview_that_was_reopened_meanwhile_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, is_finished_again: bool
) -> None:
    session = finish(start("open"))
    (batch,) = rescoring.batches(rescoring.due_answers(), size=2)
    read = rescoring._answers(batch, Job(now=DAY))
    lifecycle.reopen_session(
        session_id=session.pk, actor=make_curator(), reason="A power cut", remaining_ms=60_000, now=DAY
    )
    if is_finished_again:
        lifecycle.finish_session(session_id=session.pk, now=DAY)
    monkeypatch.setattr(rescoring, "_answers", lambda *_: read)
    assert rescoring.rescore(batch, Job(now=DAY)).reports == 0
    assert not Score.objects.exists()


@pytest.mark.parametrize("count", [1, 4])
def test_a_batch_costs_the_same_however_many_answers_there_are(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        scored_session(points=None)
    planned = list(rescoring.batches(rescoring.due_answers(), size=10))
    rescoring.rescore(planned[0], Job(now=DAY, dry_run=True))  # contents are kept from here on
    with django_assert_num_queries(10):
        rescoring.rescore(planned[0], Job(now=DAY))


# --- The command -------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("rescore_answers", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_says_what_it_did_and_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from sessions.management.commands import rescore_answers

    monkeypatch.setattr(rescore_answers, "PROGRESS_EVERY_SECONDS", 0.0)
    for _ in range(3):
        scored_session()
    out, err = run("--batch", "1")
    assert out == "3 answer(s) graded, 3 changed; 3 report(s) to be compiled anew.\n"
    assert re.search(r"^1 of 3 answers, \d+ a second, [\d,]+ s left$", err, re.MULTILINE)
    assert len(err.splitlines()) == 3
    assert run()[0].startswith("0 answer(s) graded")


def test_the_command_can_be_told_one_interview_a_grader_and_to_store_nothing() -> None:
    session, other = scored_session(), scored_session()
    assert run("--dry-run", "--grader", "lexical")[0].startswith("2 answer(s) graded, 2 would change; 0 report(s)")
    assert run("--session", str(session.pk))[0].startswith("1 answer(s) graded, 1 changed")
    assert (len(automatic(session)), len(automatic(other))) == (2, 1)


def test_the_configured_text_grader_is_used_unless_another_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    due = rescoring.due_answers

    def watched(grader: str | None = None) -> QuerySet[Answer]:
        asked.append(grader)
        return due()

    monkeypatch.setattr(rescoring, "due_answers", watched)
    monkeypatch.setattr(minilm, "NEEDED", ())  # whether it is installed or not
    settings.TEXT_GRADER = "semantic"
    run()
    run("--grader", "lexical")
    assert asked == ["semantic", "lexical"]


@pytest.mark.parametrize(
    "arguments", [["--processes", "0"], ["--batch", "0"], ["--grader", "nonsense"], ["--session", "x"]]
)
def test_what_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def test_a_failure_is_told_and_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    scored_session()
    monkeypatch.setattr(rescoring, "_content", None)
    with pytest.raises(CommandError, match=r"1 answer\(s\) could not be graded"):
        run()


@pytest.mark.django_db(transaction=True)
def test_two_processes_do_all_of_it_once() -> None:
    sessions = [scored_session() for _ in range(4)]
    assert run("--processes", "2", "--batch", "1")[0].startswith("4 answer(s) graded, 4 changed; 4 report(s)")
    assert [len(automatic(session)) for session in sessions] == [2, 2, 2, 2]


def test_who_stops_it_does_not_wait_for_the_batches_that_are_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Batch] = []

    def work(_database: str, batch: Batch, _job: Job) -> Outcome:
        begun.append(batch)
        time.sleep(0.05)
        return Outcome(graded=1)

    monkeypatch.setattr(rescoring, "_rescore_on", work)
    monkeypatch.setattr(rescoring, "ProcessPoolExecutor", lambda count, **_: ThreadPoolExecutor(count))
    planned = [Batch(UUID(int=number), UUID(int=number)) for number in range(20)]
    outcomes = rescoring.rescore_all(planned, Job(now=DAY), processes=2)
    assert next(outcomes) == Outcome(graded=1)
    with pytest.raises(KeyboardInterrupt):
        outcomes.throw(KeyboardInterrupt)  # type: ignore[attr-defined]  # a generator
    assert len(begun) < 10
