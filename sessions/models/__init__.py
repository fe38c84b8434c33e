"""Interview plans, sessions and what comes out of them: answers, scores, reports, review comments.

Owns the shape and the facts about single rows. State is written by `lifecycle.py` only; scores by `scoring.py`,
reports by `reports/`, comments by `reviews.py`.
Data flows QuestionVersion -> SessionQuestion -> Answer -> Score -> Report, and nothing writes backwards.
"""

from sessions.models.outcomes import Report, ReportQuerySet, ReviewComment, Score, VerdictDispute
from sessions.models.plans import InterviewPlan, InterviewPlanQuerySet, Mode, PlanSection, all_difficulties, all_kinds
from sessions.models.sittings import Answer, InterviewSession, InterviewSessionQuerySet, KeptDraft, SessionQuestion

__all__ = [
    "Answer",
    "InterviewPlan",
    "InterviewPlanQuerySet",
    "InterviewSession",
    "InterviewSessionQuerySet",
    "KeptDraft",
    "Mode",
    "PlanSection",
    "Report",
    "ReportQuerySet",
    "ReviewComment",
    "Score",
    "SessionQuestion",
    "VerdictDispute",
    "all_difficulties",
    "all_kinds",
]
