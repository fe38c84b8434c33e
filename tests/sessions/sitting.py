"""Sessions with a known order of questions, for tests of scores and reports."""

from datetime import datetime, timedelta
from decimal import Decimal

from interviewprep.accounts.models import User
from questions.models import Topic
from sessions import lifecycle, reports, scoring
from sessions.models import Answer, InterviewPlan, InterviewSession, PlanSection, SessionQuestion
from sessions.reports import ReportData
from tests.factories import NOW, answer, make_question, make_topic, make_user, questions_of

LATER = NOW + timedelta(hours=1)


def ordered_plan(*kinds: str, minutes: int = 30, area: Topic | None = None) -> InterviewPlan:
    """Make a plan that asks one question of each kind in this order, each from a topic of its own."""
    plan = InterviewPlan.objects.create(
        slug=f"plan-{InterviewPlan.objects.count()}", name="Plan", is_published=True, time_limit_seconds=minutes * 60
    )
    for position, kind in enumerate(kinds, start=1):
        topic = make_topic(area=area)
        make_question(topic=topic, kind=kind)
        section = PlanSection.objects.create(plan=plan, position=position, name=f"Part {position}", count=1)
        section.topics.set([topic])
    return plan


def start(
    *kinds: str, candidate: User | None = None, now: datetime = NOW, minutes: int = 30, area: Topic | None = None
) -> InterviewSession:
    return lifecycle.start_session(
        candidate=candidate or make_user(),
        plan=ordered_plan(*kinds, minutes=minutes, area=area),
        time_factor=Decimal("1.00"),
        now=now,
        seed=1,
    )


def finish(session: InterviewSession, *, by_clock: bool = False) -> InterviewSession:
    """End a session after ten minutes, or by the clock."""
    now = session.deadline + timedelta(minutes=1) if by_clock else session.started_at + timedelta(minutes=10)
    lifecycle.finish_session(session_id=session.pk, now=now)
    return InterviewSession.objects.select_related("report").get(pk=session.pk)


def sit(
    *answers: tuple[str, str | None], candidate: User | None = None, now: datetime = NOW, by_clock: bool = False
) -> InterviewSession:
    """Sit and finish a session of (kind, submitted body) in this order; None leaves a question untouched."""
    session = start(*(kind for kind, _ in answers), candidate=candidate, now=now)
    for question, (_, body) in zip(questions_of(session), answers, strict=True):
        if body is not None:
            answer(question, body, now=now + timedelta(minutes=1), submit=True)
    return finish(session, by_clock=by_clock)


def compiled(session: InterviewSession) -> ReportData:
    """Compile and store the report of a finished session."""
    assert reports.refresh_report(session_id=session.pk, now=LATER)
    data = reports.report_data(InterviewSession.objects.get(pk=session.pk).report)
    assert data is not None
    return data


def shown(session: InterviewSession) -> ReportData:
    """Compile and store the report, and show its verdicts to a candidate who does not rate their answers."""
    data = compiled(session)
    scoring.show_verdicts(session=session, ratings={}, now=LATER)
    return data


def leave_unread(answer: Answer, *keys: str) -> None:
    """Make the automatic score leave some key points to the reader, or all of them, as a grader does with code."""
    score = answer.scores.get(source="automatic")
    for verdict in score.verdicts:
        if not keys or verdict["key"] in keys:
            verdict |= {"status": "unread", "evidence": "", "start": -1, "end": -1}
    score.save()


def nth_question(session: InterviewSession, position: int) -> SessionQuestion:
    return questions_of(session)[position - 1]


def nth_answer(session: InterviewSession, position: int) -> Answer:
    return nth_question(session, position).answer
