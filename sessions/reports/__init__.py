"""The weakness report of a finished session: what it says (`data`), how it is compiled, kept and put into words.

Compiling is read-only and deterministic; `keeping` is the only writer of Report rows once a session is finished.
"""

from sessions.reports.calibration import Calibration, calibration
from sessions.reports.compiling import compile_report
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
from sessions.reports.keeping import bring_up_to_date, refresh_report, report_data, request_again, stored_overall
from sessions.reports.remarks import comment_count
from sessions.reports.words import conditions_words, summary_sentences

__all__ = [
    "REPORT_VERSION",
    "Calibration",
    "Conditions",
    "FollowUpReport",
    "Judgement",
    "Outcome",
    "Overall",
    "PracticeItem",
    "QuestionReport",
    "ReportData",
    "SubjectReport",
    "bring_up_to_date",
    "calibration",
    "comment_count",
    "compile_report",
    "conditions_words",
    "refresh_report",
    "report_data",
    "request_again",
    "stored_overall",
    "summary_sentences",
]
