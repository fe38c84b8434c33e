"""The nightly count: what it takes in, what it counts once, and that it computes only what was touched."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interviewprep.accounts.models import User
from questions.models import Flag, ItemStatistics, Question
from questions.publishing import add_version, publish
from sessions import reports, tasks
from sessions.item_statistics import refresh_item_statistics
from sessions.models import InterviewPlan, InterviewSession, ItemObservation, StatisticsRun
from tests.factories import (
    NOW,
    answer,
    make_content,
    make_plan,
    make_question,
    make_session,
    make_topic,
    make_user,
    questions_of,
)
from tests.sessions.sitting import LATER, finish

pytestmark = pytest.mark.django_db

COUNTED = LATER + timedelta(hours=2)


@pytest.fixture
def plan() -> InterviewPlan:
    topic = make_topic()
    return make_plan(questions=[make_question(topic=topic, kind="single") for _ in range(5)])


def sit(plan: InterviewPlan, *bodies: str, candidate: User | None = None, days: int = 0) -> InterviewSession:
    """Answer the plan's questions in the order of their slugs, and compile the report; "" leaves one untouched."""
    now = NOW + timedelta(days=days)
    session = make_session(candidate=candidate or make_user(), plan=plan, now=now)
    asked = sorted(questions_of(session), key=lambda question: question.version.question.slug)
    for question, body in zip(asked, bodies, strict=True):
        if body:
            answer(question, body, now=now + timedelta(minutes=1), submit=True)
    finish(session)
    assert reports.refresh_report(session_id=session.pk, now=LATER + timedelta(days=days))
    return session


def statistics_of(number: int) -> ItemStatistics:
    question = Question.objects.order_by("slug")[number]
    return ItemStatistics.objects.get(version=question.current_version)


def test_answers_are_counted_with_the_options_they_chose(plan: InterviewPlan) -> None:
    sit(plan, "a", "a", "a", "a", "b")
    sit(plan, "b", "a", "a", "b", "b")
    run = refresh_item_statistics(now=COUNTED)
    assert (run.report_count, run.version_count) == (2, 5)
    first, last = statistics_of(0), statistics_of(4)
    assert (first.attempts, first.facility) == (2, 0.5)
    assert (last.attempts, last.facility) == (2, 0.0)
    assert [option["chosen"] for option in first.options] == [1, 1]


def test_the_rest_leaves_the_question_itself_out(plan: InterviewPlan) -> None:
    sit(plan, "a", "a", "b", "b", "b")
    refresh_item_statistics(now=COUNTED)
    rests = {row.version.question.slug: row.rest for row in ItemObservation.objects.select_related("version__question")}
    assert [rests[slug] for slug in sorted(rests)] == [0.25, 0.25, 0.5, 0.5, 0.5]


def test_a_question_not_reached_counts_for_nobody(plan: InterviewPlan) -> None:
    sit(plan, "a", "a", "a", "a", "")
    refresh_item_statistics(now=COUNTED)
    assert ItemStatistics.objects.count() == 4


def test_only_the_first_meeting_of_each_candidate_counts(plan: InterviewPlan) -> None:
    candidate = make_user()
    sit(plan, "b", "b", "b", "b", "b", candidate=candidate)
    sit(plan, "a", "a", "a", "a", "a", candidate=candidate, days=1)
    refresh_item_statistics(now=COUNTED + timedelta(days=1))
    assert (statistics_of(0).attempts, statistics_of(0).facility) == (1, 0.0)


def test_counting_twice_changes_nothing_and_a_new_report_only_its_own_questions(plan: InterviewPlan) -> None:
    sit(plan, "a", "a", "a", "a", "a")
    refresh_item_statistics(now=COUNTED)
    before = list(ItemStatistics.objects.values())
    assert refresh_item_statistics(now=COUNTED + timedelta(days=2)).version_count == 0
    assert list(ItemStatistics.objects.values()) == before
    other = make_plan(questions=[make_question(kind="single", slug="zz-other")])
    sit(other, "a", days=3)
    run = refresh_item_statistics(now=COUNTED + timedelta(days=3))
    assert (run.report_count, run.version_count) == (1, 1)


def test_a_report_compiled_again_replaces_what_was_counted(plan: InterviewPlan) -> None:
    session = sit(plan, "a", "a", "a", "a", "a")
    refresh_item_statistics(now=COUNTED)
    question = next(iter(questions_of(session)))
    ItemObservation.objects.filter(question=question).update(share=0.0)
    report = InterviewSession.objects.select_related("report").get(pk=session.pk).report
    reports.bring_up_to_date(report=report, now=COUNTED + timedelta(days=1))
    refresh_item_statistics(now=COUNTED + timedelta(days=1, hours=1))
    assert ItemObservation.objects.get(question=question).share == 1.0


def test_a_flag_brings_its_version_up_to_date(plan: InterviewPlan) -> None:
    sit(plan, "a", "a", "a", "a", "a")
    refresh_item_statistics(now=COUNTED)
    version = Question.objects.order_by("slug")[0].current_version
    assert version is not None
    at = COUNTED + timedelta(days=1)
    Flag.objects.create(
        version=version, sender=make_user(), role="candidate", reason="wrong", created_at=at, changed_at=at
    )
    assert refresh_item_statistics(now=at + timedelta(hours=1)).version_count == 1
    assert statistics_of(0).flags == 1
    assert statistics_of(0).flag_rate == 1.0


def test_a_new_version_begins_anew(plan: InterviewPlan) -> None:
    sit(plan, "a", "a", "a", "a", "a")
    question = Question.objects.order_by("slug")[0]
    publish(
        question=question,
        version=add_version(question=question, content=make_content("single"), author=None),
        now=LATER,
    )
    sit(plan, "b", "a", "a", "a", "a", days=1)
    refresh_item_statistics(now=COUNTED + timedelta(days=1))
    assert statistics_of(0).facility == 0.0
    assert ItemStatistics.objects.filter(version__question=question).count() == 2


def test_the_number_of_statements_does_not_grow_with_the_reports(plan: InterviewPlan) -> None:
    def statements(days: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            refresh_item_statistics(now=COUNTED + timedelta(days=days))
        return len(captured)

    sit(plan, "a", "a", "a", "a", "a")
    one = statements(0)
    for _ in range(3):
        sit(plan, "a", "b", "a", "b", "a", days=1)
    assert statements(1) <= one + 1  # the second count also reads how far the first one came


def test_the_task_and_the_command_count(plan: InterviewPlan, capsys: pytest.CaptureFixture[str]) -> None:
    sit(plan, "a", "a", "a", "a", "a")
    tasks.refresh_item_statistics()
    assert StatisticsRun.objects.count() == 1
    call_command("item_statistics", "--everything")
    assert "1 report(s) taken in, 5 version(s) computed." in capsys.readouterr().out
