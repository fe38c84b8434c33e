"""What a draw reads: a plan's sections, the published bank, and what a candidate was asked before. One statement each.

The statements are written out: Django would spend more time on building them than the draw has in all.
"""

from django.db import connection

from interviewprep.accounts.models import User
from sessions.composing.outline import BankRow, Outline, Part
from sessions.composing.weights import Asked
from sessions.models import InterviewPlan

_SECTIONS = """
    SELECT name, count, kinds, difficulties,
           ARRAY(SELECT topic_id::text FROM interview_sessions_plansection_topics WHERE plansection_id = part.id),
           ARRAY(SELECT question_id::text FROM interview_sessions_plansection_questions WHERE plansection_id = part.id)
      FROM interview_sessions_plansection part
     WHERE plan_id = %s
     ORDER BY position
"""

_BANK = """
    SELECT question.id::text, question.slug, topic.id::text, topic.area_id::text, version.id::text, version.kind,
           version.difficulty, version.time_limit_seconds
      FROM questions_question question
      JOIN questions_topic topic ON topic.id = question.topic_id
      JOIN questions_questionversion version ON version.id = question.current_version_id
     WHERE question.status = 'published'
       AND (%(any)s OR question.topic_id = ANY(%(topics)s::uuid[]) OR topic.area_id = ANY(%(topics)s::uuid[])
            OR question.id = ANY(%(questions)s::uuid[]))
"""

# Which score counts is `scoring.counting_score` in SQL, which one says something `scoring.is_read`, which answer does
# `reports.compiling.is_evidence`.
# Every question of an interview counts as asked, whether it was reached or not: its report shows all of them.
_PAST = """
    SELECT version.question_id::text, question.topic_id::text, max(session.started_at),
           (array_agg(counting.share ORDER BY session.started_at DESC) FILTER (WHERE counting.share IS NOT NULL))[1]
      FROM interview_sessions_interviewsession session
      JOIN interview_sessions_sessionquestion asked ON asked.session_id = session.id AND asked.follow_up = ''
      JOIN questions_questionversion version ON version.id = asked.version_id
      JOIN questions_question question ON question.id = version.question_id
      LEFT JOIN interview_sessions_answer answer ON answer.question_id = asked.id AND answer.body ~ '\\S'
            AND (answer.state = 'submitted' OR (answer.state = 'closed' AND session.end_reason = 'candidate'))
      LEFT JOIN LATERAL (
           SELECT CASE WHEN NOT score.verdicts @> '[{"status": "unread"}]'
                       THEN (score.points / NULLIF(score.max_points, 0))::float END AS share
             FROM interview_sessions_score score
            WHERE score.answer_id = answer.question_id
            ORDER BY score.source = 'mentor' DESC, score.source = 'self' DESC, score.created_at DESC, score.id DESC
            LIMIT 1) counting ON true
     WHERE session.candidate_id = %s
     GROUP BY version.question_id, question.topic_id
"""


def read_outline(plan: InterviewPlan) -> Outline:
    """Return what a saved plan asks for."""
    with connection.cursor() as cursor:
        cursor.execute(_SECTIONS, [plan.pk])
        parts = tuple(
            Part(name, count, frozenset(kinds), frozenset(difficulties), frozenset(topics), frozenset(questions))
            for name, count, kinds, difficulties, topics, questions in cursor.fetchall()
        )
    return Outline(parts, plan.repeat_after_days, plan.favours_weak_spots)


def read_bank(outline: Outline) -> list[BankRow]:
    """Return every published question that some part of `outline` may want, in no order."""
    values: dict[str, bool | list[str]] = {
        "any": any(not part.topics and not part.is_picked for part in outline.parts),
        "topics": list({topic for part in outline.parts for topic in part.topics}),
        "questions": list({question for part in outline.parts for question in part.questions}),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BANK, values)
        return [BankRow(*row) for row in cursor.fetchall()]


def read_past(candidate: User) -> dict[str, Asked]:
    """Return, by question, when the candidate was asked it last and how the last answer that says something went."""
    with connection.cursor() as cursor:
        cursor.execute(_PAST, [candidate.pk])
        return {question: Asked(topic, at, share) for question, topic, at, share in cursor.fetchall()}
