"""Interview plans, sessions and what comes out of them: answers, scores, reports, review comments.

Owns the shape and the facts about single rows. State is written by `lifecycle/` only; scores by `scoring.py`,
reports by `reports/`, comments by `reviews.py`, levels by `levels/`, appointments by `scheduling.py`,
opinions by `opinions/`.
Data flows QuestionVersion -> SessionQuestion -> Answer -> Score -> Report, and nothing writes backwards.
"""

from sessions.models.appointments import Appointment, AppointmentQuerySet
from sessions.models.events import SessionEvent
from sessions.models.learning import PhrasingProposal, ProposedSentence, QuestionLevel, QuestionLevelQuerySet
from sessions.models.observations import ItemObservation, StatisticsRun
from sessions.models.opinions import Opinion, OpinionQuerySet, TokenCount
from sessions.models.outcomes import (
    Confidence,
    Report,
    ReportQuerySet,
    ReviewComment,
    Score,
    SelfReview,
    VerdictDispute,
)
from sessions.models.plans import (
    InterviewPlan,
    InterviewPlanQuerySet,
    Mode,
    Navigation,
    PlanSection,
    QuestionLimit,
    all_difficulties,
    all_kinds,
)
from sessions.models.sittings import (
    Answer,
    DraftRevision,
    InterviewSession,
    InterviewSessionQuerySet,
    KeptDraft,
    SessionQuestion,
)

__all__ = [
    "Answer",
    "Appointment",
    "AppointmentQuerySet",
    "Confidence",
    "DraftRevision",
    "InterviewPlan",
    "InterviewPlanQuerySet",
    "InterviewSession",
    "InterviewSessionQuerySet",
    "ItemObservation",
    "KeptDraft",
    "Mode",
    "Navigation",
    "Opinion",
    "OpinionQuerySet",
    "PhrasingProposal",
    "PlanSection",
    "ProposedSentence",
    "QuestionLevel",
    "QuestionLevelQuerySet",
    "QuestionLimit",
    "Report",
    "ReportQuerySet",
    "ReviewComment",
    "Score",
    "SelfReview",
    "SessionEvent",
    "SessionQuestion",
    "StatisticsRun",
    "TokenCount",
    "VerdictDispute",
    "all_difficulties",
    "all_kinds",
]
