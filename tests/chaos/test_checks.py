"""Each check can fail: every kind of loss is planted once and must be found, and a sound interview must pass."""

import itertools
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from sessions import lifecycle
from sessions.models import Answer, DraftRevision, InterviewSession, KeptDraft, Report, Score, SessionEvent
from tests.chaos import checks, table
from tests.chaos.checks import CHECKS, Evidence, Violation, longest_calm, violations
from tests.chaos.ledger import Save
from tests.factories import CLIENT, NOW, OTHER_CLIENT, answer, make_finished_session, make_session, questions_of
from tests.sessions.sitting import compiled

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=2)
SECOND = timedelta(seconds=1)


def saved(session: InterviewSession, text: str, **fields: object) -> Save:
    """Return a save of the session's first question as a candidate's ledger has it."""
    question = questions_of(session)[0]
    known = {"status": "saved", "revision": None, "sequence": 1, "base_revision": 0, "client_id": str(CLIENT)}
    ids = {"session_id": str(session.pk), "question_id": str(question.pk)}
    return Save(**{**ids, **known, "text": text, "at": NOW, **fields})  # type: ignore[arg-type]


def evidence(*saves: Save, now: datetime = LATER, **fields: object) -> Evidence:
    return Evidence(saves=saves, now=now, **fields)  # type: ignore[arg-type]


def found(seen: Evidence) -> list[str]:
    return [violation.check for violation in violations(seen)]


def sql(statement: str, *parameters: Any) -> None:
    """Do to the database what its constraints and triggers would refuse."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement, parameters)


def drop_constraint(table_name: str, constraint: str) -> None:
    sql(f"ALTER TABLE interview_sessions_{table_name} DROP CONSTRAINT {constraint}")


@pytest.fixture
def finished() -> InterviewSession:
    """Return an interview finished by hand, with its report."""
    session = make_finished_session()
    compiled(session)
    return session


@pytest.fixture
def ran_out() -> InterviewSession:
    """Return an interview that the clock ended and the sweep closed 20 seconds after its deadline, with its report."""
    session = make_session(minutes=30)
    answer(questions_of(session)[0], "Some words", now=NOW + SECOND)
    assert lifecycle.close_overdue_session(session_id=session.pk, now=session.deadline + 20 * SECOND)
    session.refresh_from_db()
    compiled(session)
    return session


def typed(session: InterviewSession, *texts: str) -> list[Save]:
    """Save these texts one after another in the session's first question; return the saves as acknowledged."""
    question = questions_of(session)[0]
    saves = []
    for number, text in enumerate(texts, start=1):
        result = answer(question, text, base_revision=number - 1, sequence=number, now=NOW + number * SECOND)
        assert result.is_saved
        saves.append(saved(session, text, sequence=number, base_revision=number - 1, revision=result.revision))
    return saves


# --- What is sound passes -------------------------------------------------------------------------------------------


def test_a_sound_interview_passes_every_check(finished: InterviewSession, ran_out: InterviewSession) -> None:
    running = make_session()
    saves = typed(running, "One", "One and two", "Two 🙂", "Two 🙂 and θ̂")
    seen = evidence(*saves, now=NOW + timedelta(minutes=5), sessions=frozenset(map(str, [finished.pk, ran_out.pk])))
    assert violations(seen) == []


def test_words_that_were_refused_and_kept_are_found() -> None:
    session = make_session()
    typed(session, "One")
    question = questions_of(session)[0]
    result = answer(question, "From another tab", client_id=OTHER_CLIENT)
    kept = saved(session, "From another tab", status=result.status.value, client_id=str(OTHER_CLIENT))
    assert not result.is_saved
    assert found(evidence(kept, now=NOW)) == []


def test_refused_words_may_give_way_to_newer_ones_of_the_same_tab_on_the_same_base() -> None:
    session = make_session()
    typed(session, "One")
    question = questions_of(session)[0]
    for sequence, text in enumerate(["Mine", "Mine, and more"], start=1):
        answer(question, text, client_id=OTHER_CLIENT, sequence=sequence)
    older = saved(session, "Mine", status="stale", client_id=str(OTHER_CLIENT))
    assert found(evidence(older, now=NOW)) == []
    assert found(evidence(replace(older, client_id=str(uuid.uuid4())), now=NOW)) == [checks.LOST]
    assert found(evidence(replace(older, status="saved"), now=NOW)) == [checks.LOST]


# --- Each kind of loss is found -------------------------------------------------------------------------------------

Plant = Callable[[InterviewSession, InterviewSession], Evidence]
PLANTS: dict[str, Plant] = {}


def plants(check: str) -> Callable[[Plant], Plant]:
    def note(plant: Plant) -> Plant:
        PLANTS[check] = plant
        return plant

    return note


@plants(checks.LOST)
def _lose_a_save(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    return evidence(saved(ran_out, "Words that nobody has"))


@plants("revision with other words")
def _misfile_a_save(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    session = make_session()
    first, second = typed(session, "One", "One and two")
    return evidence(replace(first, revision=2), second, now=NOW)


@plants("history with a gap")
def _tear_a_history(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    session = make_session()
    typed(session, "One", "One and two", "One, two and three")
    DraftRevision.objects.filter(answer=questions_of(session)[0].pk, revision=2).delete()
    return evidence(now=NOW)


@plants("kept draft without words")
def _empty_a_kept_draft(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    KeptDraft.objects.create(
        answer_id=questions_of(ran_out)[0].pk, reason="late", body=" ", base_revision=0, received_at=NOW
    )
    return evidence()


@plants("save counted after the grace")
def _count_a_late_save(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    late = ran_out.deadline + 16 * SECOND
    sql(
        "UPDATE interview_sessions_answer SET body = 'Late', revision = revision + 1, saved_at = %s "
        "WHERE question_id = %s",
        late,
        questions_of(ran_out)[0].pk,
    )
    return evidence()


@plants(checks.OPEN)
def _leave_a_session_open(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    session = make_session()
    return evidence(now=session.deadline + 46 * SECOND)


@plants("session gone")
def _lose_a_session(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    return evidence(sessions=frozenset([str(uuid.uuid4())]))


@plants("session closed late")
def _close_late(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    return evidence(seen_closed={str(ran_out.pk): ran_out.deadline + 46 * SECOND})


@plants("end after the deadline")
def _end_after_the_deadline(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    drop_constraint("interviewsession", "session_finished_by_deadline")
    InterviewSession.objects.filter(pk=ran_out.pk).update(finished_at=ran_out.deadline + SECOND)
    return evidence()


@plants("two running sessions")
def _run_two_sessions(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    sql("DROP INDEX session_one_running_per_candidate")
    first, second = make_session(), make_session()
    InterviewSession.objects.filter(pk=second.pk).update(candidate=first.candidate)
    return evidence(now=NOW)


@plants("closed other than once")
def _close_twice(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    SessionEvent.objects.create(session=finished, at=LATER, kind=SessionEvent.Kind.FINISHED)
    return evidence()


@plants("event after the end")
def _act_after_the_end(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    SessionEvent.objects.create(session=finished, at=LATER, kind=SessionEvent.Kind.SUBMITTED)
    return evidence()


@plants("open answer in a finished session")
def _leave_an_answer_open(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    Answer.objects.filter(pk=questions_of(ran_out)[0].pk).update(state=Answer.State.OPEN)
    return evidence()


@plants(checks.REPORT)
def _lose_a_report(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    Report.objects.filter(pk=finished.pk).delete()
    return evidence()


@plants("report of a running session")
def _report_too_early(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    Report.objects.create(session=make_session(), requested_at=NOW)
    return evidence(now=NOW)


@plants("report or score twice")
def _score_twice(finished: InterviewSession, ran_out: InterviewSession) -> Evidence:
    sql("DROP INDEX score_one_per_grader_version")
    score = Score.objects.filter(source="automatic", answer__session=finished)[0]
    score.pk = uuid.uuid4()
    score.save(force_insert=True)
    return evidence()


def test_every_check_has_a_loss_that_is_planted() -> None:
    assert set(PLANTS) == set(CHECKS)


@pytest.mark.parametrize("check", PLANTS)
def test_a_planted_loss_is_found(check: str, finished: InterviewSession, ran_out: InterviewSession) -> None:
    assert found(PLANTS[check](finished, ran_out)) == [check]


def test_a_report_that_is_not_ready_is_missing(finished: InterviewSession) -> None:
    for state in (Report.State.PENDING, Report.State.FAILED):
        Report.objects.filter(pk=finished.pk).update(state=state)
        assert found(evidence()) == [checks.REPORT]


def test_the_limit_for_closing_is_30_seconds_after_the_grace_to_the_second(ran_out: InterviewSession) -> None:
    in_time = ran_out.deadline + 45 * SECOND
    assert found(evidence(seen_closed={str(ran_out.pk): in_time})) == []
    assert found(evidence(seen_closed={str(ran_out.pk): in_time + SECOND})) == ["session closed late"]


def test_the_count_for_closing_begins_anew_after_each_outage(ran_out: InterviewSession) -> None:
    closed = ran_out.deadline + 70 * SECOND
    away = [(ran_out.deadline + 30 * SECOND, ran_out.deadline + 45 * SECOND)]
    assert found(evidence(seen_closed={str(ran_out.pk): closed}, away=away)) == []
    assert found(evidence(seen_closed={str(ran_out.pk): closed})) == ["session closed late"]


@pytest.mark.parametrize(
    ("away", "calm"),
    [
        ([], 100),
        ([(10, 20)], 80),
        ([(70, 80)], 70),
        ([(10, 20), (50, 90)], 30),
        ([(10, 60), (20, 30)], 40),
        ([(0, 100)], 0),
        ([(-50, 40)], 60),
        ([(90, 150)], 90),
        ([(120, 150)], 100),
    ],
)
def test_the_longest_calm_is_the_longest_part_without_an_outage(away: list[tuple[int, int]], calm: int) -> None:
    spans = [(NOW + left * SECOND, NOW + back * SECOND) for left, back in away]
    for order in itertools.permutations(spans):
        assert longest_calm((NOW, NOW + 100 * SECOND), order) == calm * SECOND


def test_the_verdict_names_every_kind_of_loss() -> None:
    assert table.verdict(5431, []) == ("lost: 0 of 5,431 acknowledged saves; 0 sessions left open; 0 reports missing")
    several = [Violation(checks.LOST, ""), Violation(checks.LOST, ""), Violation("session closed late", "")]
    assert table.verdict(5431, several) == (
        "lost: 2 of 5,431 acknowledged saves; 0 sessions left open; 0 reports missing; 1 × session closed late"
    )
