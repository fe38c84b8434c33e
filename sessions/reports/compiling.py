"""Compiling: a finished session's rows in, `ReportData` out.

Reads only, asks for no time, and gives the same report for the same rows. It grades nothing: an answer without a
score counts as not graded yet, with no points and as no evidence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from django.db.models import QuerySet

from questions.content import Kind
from sessions.grading import Finding, Status, Verdict, band
from sessions.mastery import Evidence, estimate
from sessions.models import Answer, InterviewSession, Mode, Score, SessionEvent, SessionQuestion
from sessions.reports.data import (
    REPORT_VERSION,
    Conditions,
    FollowUpReport,
    Judgement,
    Outcome,
    Overall,
    PracticeItem,
    QuestionReport,
    ReportData,
    SubjectReport,
)
from sessions.scoring import SessionNotFinishedError, automatic_score, is_read, newest_of_each

# Right or wrong as a whole weighs as much as an expected key point (1 nice to have, 2 expected, 3 essential).
WHOLE_QUESTION_WEIGHT = 2
MISSING_SHARE = {Status.PARTLY: 0.5, Status.NOT_FOUND: 1.0}


def compile_report(session: InterviewSession) -> ReportData:
    """Return the report of a finished session; raises SessionNotFinishedError for a running one."""
    if session.finished_at is None:
        raise SessionNotFinishedError
    log = _Log.of(session)
    questions = tuple(
        _question_report(question, _asked(follow_ups, session, log), position, session, log)
        for position, (question, follow_ups) in enumerate(_with_follow_ups(_rows(session)), start=1)
    )
    return ReportData(
        version=REPORT_VERSION,
        session_id=session.pk,
        plan_name=session.plan_name,
        ended_by_clock=session.ended_by_clock,
        started_at=session.started_at,
        finished_at=session.finished_at,
        conditions=_conditions(session, log),
        overall=_overall(questions),
        questions=questions,
        topics=_topics(questions),
        areas=_areas(questions),
        practice=tuple(_practice(questions)),
    )


@dataclass(frozen=True, slots=True)
class _Log:
    """What a report takes from the event log."""

    was_reopened: bool
    ran_out: frozenset[UUID | None]

    @classmethod
    def of(cls, session: InterviewSession) -> Self:
        told = SessionEvent.objects.filter(
            session=session, kind__in=[SessionEvent.Kind.RAN_OUT, SessionEvent.Kind.REOPENED]
        )
        events = list(told.values_list("kind", "question_id"))
        return cls(
            was_reopened=any(kind == SessionEvent.Kind.REOPENED for kind, _ in events),
            ran_out=frozenset(question_id for kind, question_id in events if kind == SessionEvent.Kind.RAN_OUT),
        )


def _rows(session: InterviewSession) -> QuerySet[SessionQuestion]:
    """Return the session's questions with all a report needs, in a constant number of statements."""
    return (
        SessionQuestion.objects.filter(session=session)
        .select_related("answer", "version__question__topic__area")
        .prefetch_related("answer__scores__author", "answer__scores__disputes")
        .order_by("position")
    )


def _with_follow_ups(rows: Iterable[SessionQuestion]) -> list[tuple[SessionQuestion, list[SessionQuestion]]]:
    """Put each follow-up with the question it follows."""
    grouped: list[tuple[SessionQuestion, list[SessionQuestion]]] = []
    for row in rows:
        if row.is_follow_up and grouped:
            grouped[-1][1].append(row)
        else:
            grouped.append((row, []))
    return grouped


def _conditions(session: InterviewSession, log: _Log) -> Conditions:
    return Conditions(
        is_practice=session.mode == Mode.PRACTICE,
        is_untimed=session.is_untimed,
        limits_questions=session.limits_questions,
        time_factor=session.time_factor,
        extra_minutes=session.extra_minutes,
        was_reopened=log.was_reopened,
    )


# --- One question ------------------------------------------------------------------------------------------------


def _question_report(
    question: SessionQuestion,
    asked: tuple[FollowUpReport, ...],
    position: int,
    session: InterviewSession,
    log: _Log,
) -> QuestionReport:
    content, answer = question.version.content, question.answer
    topic = question.version.question.topic
    area = topic.area or topic
    scores = newest_of_each(answer.scores.all())
    counting, automatic = scores[-1] if scores else None, automatic_score(scores)
    outcome = outcome_of(question, answer, session, ran_out=question.pk in log.ran_out)
    return QuestionReport(
        question_id=question.pk,
        position=position,
        title=content.title,
        section_name=question.section_name,
        topic_slug=topic.slug,
        topic=topic.name,
        area_slug=area.slug,
        area=area.name,
        kind=content.kind,
        difficulty=content.difficulty,
        prompt=content.prompt,
        reference_answer=content.reference_answer,
        follow_ups=content.follow_ups,
        format=content.format,
        code=content.code,
        misconceptions=content.misconceptions,
        guidance=content.guidance,
        strong_sample=content.strong_sample,
        middling_sample=content.middling_sample,
        asked=asked,
        choices=content.choices,
        body=answer.body,
        outcome=outcome,
        is_evidence=counting is not None and is_read(counting) and is_evidence(outcome, answer),
        time_spent_ms=question.time_spent_ms,
        time_limit_seconds=question.time_limit_seconds,
        points=counting.points if counting else Decimal(0),
        max_points=counting.max_points if counting else Decimal(1),
        score_id=automatic.pk if automatic else None,
        verdicts=tuple(Verdict.from_json(raw) for raw in automatic.verdicts) if automatic else (),
        findings=tuple(Finding.from_json(raw) for raw in automatic.findings) if automatic else (),
        judgements=_judgements(scores, answer) if content.kind == Kind.OPEN else (),
        disputed=tuple(sorted(dispute.key for dispute in automatic.disputes.all())) if automatic else (),
    )


def _judgements(scores: Iterable[Score], answer: Answer) -> tuple[Judgement, ...]:
    return tuple(_judgement(score, answer.saved_at) for score in scores) if answer.has_words else ()


def _judgement(score: Score, saved_at: datetime | None) -> Judgement:
    verdicts = [Verdict.from_json(raw) for raw in score.verdicts]
    is_mentors = score.source == Score.Source.MENTOR
    return Judgement(
        source=Score.Source(score.source),
        author_id=score.author_id,
        author=score.author.display_name if is_mentors and score.author else "",
        band=band(verdicts),
        statuses={verdict.key: verdict.status for verdict in verdicts},
        is_outdated=is_mentors and saved_at is not None and score.created_at < saved_at,
    )


def _asked(follow_ups: Iterable[SessionQuestion], session: InterviewSession, log: _Log) -> tuple[FollowUpReport, ...]:
    """Return the follow-ups that the candidate saw; the others were never asked."""
    return tuple(
        FollowUpReport(
            question_id=question.pk,
            text=question.follow_up,
            body=question.answer.body,
            outcome=outcome_of(question, question.answer, session, ran_out=question.pk in log.ran_out),
            time_spent_ms=question.time_spent_ms,
            time_limit_seconds=question.time_limit_seconds,
        )
        for question in follow_ups
        if question.first_opened_at is not None
    )


def outcome_of(question: SessionQuestion, answer: Answer, session: InterviewSession, *, ran_out: bool) -> Outcome:
    """Say what became of a question of a finished session. Handing in nothing is the same as skipping.

    `ran_out` says whether the log has it that the question's own time did.
    """
    if answer.state == Answer.State.SUBMITTED:
        return Outcome.ANSWERED if answer.has_words else Outcome.SKIPPED
    if question.skipped and not answer.has_words:
        return Outcome.SKIPPED
    if question.first_opened_at is None and not answer.has_words:
        return Outcome.NOT_REACHED
    if _own_time_ran_out(question, session, logged=ran_out):
        return Outcome.RAN_OUT_ON_QUESTION
    if answer.state == Answer.State.PASSED:
        return Outcome.FINISHED_EARLY if answer.has_words else Outcome.SKIPPED
    return Outcome.RAN_OUT_OF_TIME if session.ended_by_clock else Outcome.FINISHED_EARLY


def _own_time_ran_out(question: SessionQuestion, session: InterviewSession, *, logged: bool) -> bool:
    """Whether a question's own limit closed it, not the session's end; also where nobody came by to record it.

    One that was left with time to spare did not run out.
    """
    used_up = session.limits_questions and question.time_spent_ms >= question.time_limit_seconds * 1000
    return used_up or (logged and question.answer.state == Answer.State.PASSED)


def is_evidence(outcome: Outcome, answer: Answer) -> bool:
    """Whether an answer says something about what the candidate knows.

    Words left open by someone who chose to end are their answer. Where the clock cut in, what is missing may have
    been about to come; where nothing was said, nothing is known.
    """
    return answer.has_words and outcome in {Outcome.ANSWERED, Outcome.FINISHED_EARLY}


# --- Sums over questions ---------------------------------------------------------------------------------------------


def _overall(questions: Sequence[QuestionReport]) -> Overall:
    return Overall(
        points=sum((question.points for question in questions), Decimal(0)),
        max_points=sum((question.max_points for question in questions), Decimal(0)),
        estimate=estimate(_evidence(questions)),
        answered_count=sum(question.outcome == Outcome.ANSWERED for question in questions),
        question_count=len(questions),
    )


def _evidence(questions: Iterable[QuestionReport]) -> list[Evidence]:
    return [Evidence(question.share) for question in questions if question.is_evidence]


def _topics(questions: Iterable[QuestionReport]) -> tuple[SubjectReport, ...]:
    return _subjects(((question.topic_slug, question.topic, question.area), question) for question in questions)


def _areas(questions: Iterable[QuestionReport]) -> tuple[SubjectReport, ...]:
    return _subjects(((question.area_slug, question.area, ""), question) for question in questions)


def _subjects(named: Iterable[tuple[tuple[str, str, str], QuestionReport]]) -> tuple[SubjectReport, ...]:
    """Sum up questions that share a (slug, name, area), and put the weakest first."""
    groups: dict[tuple[str, str, str], list[QuestionReport]] = {}
    for name, question in named:
        groups.setdefault(name, []).append(question)
    return _weakest_first(_subject(*name, group) for name, group in groups.items())


def _subject(slug: str, name: str, area: str, questions: Sequence[QuestionReport]) -> SubjectReport:
    return SubjectReport(
        slug=slug,
        name=name,
        area=area,
        estimate=estimate(_evidence(questions)),
        question_count=len(questions),
        time_spent_ms=sum(question.time_spent_ms for question in questions),
        time_limit_seconds=sum(question.time_limit_seconds for question in questions),
    )


def _weakest_first(subjects: Iterable[SubjectReport]) -> tuple[SubjectReport, ...]:
    """Order by the estimate, the surer one first where they are equal; subjects without an answer come last."""

    def weakness(subject: SubjectReport) -> tuple[bool, float, float, str]:
        known = subject.estimate
        return known.mean is None, known.mean or 0.0, known.high, subject.slug

    return tuple(sorted(subjects, key=weakness))


# --- What to practise next ---------------------------------------------------------------------------------------


def _practice(questions: Iterable[QuestionReport]) -> list[PracticeItem]:
    """List what was missed in answers that are evidence, most useful first, without what the candidate disputes."""
    items = [item for question in questions if question.is_evidence for item in _missed(question)]
    return sorted(items, key=lambda item: (-item.priority, item.position, item.key))


def _missed(question: QuestionReport) -> list[PracticeItem]:
    # Full marks settle it also where a person gave them for points that were not found; those of a level do not.
    if question.points == question.max_points and (question.correction or question.kind != Kind.OPEN):
        return []
    if question.correction:
        return _missed_by_ticks(question, question.correction)
    open_verdicts = [verdict for verdict in question.verdicts if verdict.key not in question.disputed]
    if question.kind == Kind.OPEN:
        missing = [verdict for verdict in open_verdicts if verdict.status in MISSING_SHARE]
        return [_missed_point(question, verdict, verdict.status, verdict.confidence) for verdict in missing]
    wrong = [verdict for verdict in open_verdicts if verdict.status is Status.WRONG]
    return [_missed_whole(question, max(verdict.confidence for verdict in wrong))] if wrong else []


def _missed_by_ticks(question: QuestionReport, correction: Judgement) -> list[PracticeItem]:
    """List what a person found missing; they have read the reference, and are not doubted."""
    ticked = [(verdict, correction.statuses.get(verdict.key, verdict.status)) for verdict in question.verdicts]
    return [_missed_point(question, verdict, status, 1) for verdict, status in ticked if status in MISSING_SHARE]


def _missed_point(question: QuestionReport, verdict: Verdict, status: Status, confidence: float) -> PracticeItem:
    priority = verdict.weight * MISSING_SHARE[status] * confidence
    return _item(question, key=verdict.key, text=verdict.text, status=status, priority=priority)


def _missed_whole(question: QuestionReport, confidence: float) -> PracticeItem:
    priority = WHOLE_QUESTION_WEIGHT * (1 - question.share) * confidence
    return _item(question, key="", text=question.title, status=Status.WRONG, priority=priority)


def _item(question: QuestionReport, *, key: str, text: str, status: Status, priority: float) -> PracticeItem:
    return PracticeItem(
        question_id=question.question_id,
        position=question.position,
        title=question.title,
        topic_slug=question.topic_slug,
        topic=question.topic,
        key=key,
        text=text,
        status=status,
        priority=round(priority, 4),
    )
