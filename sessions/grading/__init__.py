"""Graders, one per kind of question: the answer's text goes in, a `Grade` comes out.

A grader returns data, never HTML, never saves, does no I/O, and gives the same grade for the same input.
"""

# The modules of the graders are imported for their registration: a kind that is missing here has no grader.
from sessions.grading.choices import grade_multiple, grade_single
from sessions.grading.lexical import grade_open
from sessions.grading.numeric import grade_number
from sessions.grading.registry import (
    BrokenGraderError,
    Grader,
    UnknownGraderError,
    UnknownKindError,
    choose_text_grader,
    grade,
    register,
    text_graders,
)
from sessions.grading.results import Band, Finding, FindingKind, Grade, Status, Verdict, band
from sessions.grading.semantic import grade_semantically

__all__ = [
    "Band",
    "BrokenGraderError",
    "Finding",
    "FindingKind",
    "Grade",
    "Grader",
    "Status",
    "UnknownGraderError",
    "UnknownKindError",
    "Verdict",
    "band",
    "choose_text_grader",
    "grade",
    "grade_multiple",
    "grade_number",
    "grade_open",
    "grade_semantically",
    "grade_single",
    "register",
    "text_graders",
]
