"""The only writer of session and question state: start, open, save, submit, skip, flag, pause, finish, expire, reopen.

Every change is a compare-and-set: it names the state it was decided on and says by its row count whether it won. The
time is handed in as `now`; nothing here asks for it, talks to a network or grades.
"""

from sessions.lifecycle.accommodating import change_time
from sessions.lifecycle.drafts import keep_draft, note_absence, save_draft, take_lease
from sessions.lifecycle.ending import (
    close_if_overdue,
    close_overdue_session,
    finish_session,
    reopen_session,
    saved_remainder_ms,
)
from sessions.lifecycle.errors import (
    ContendedError,
    PauseRefusedError,
    ReopenRefusedError,
    SessionOverError,
    StaleDraftError,
    TimeChangeRefusedError,
)
from sessions.lifecycle.moving import (
    close_question_in_time,
    next_question,
    open_question,
    pause_session,
    resume_session,
    save_with_click,
    set_flag,
    skip_question,
    submit_answer,
)
from sessions.lifecycle.results import Draft, SaveResult, SaveStatus
from sessions.lifecycle.sitting import Sitting, read_sitting
from sessions.lifecycle.starting import start_session

__all__ = [
    "ContendedError",
    "Draft",
    "PauseRefusedError",
    "ReopenRefusedError",
    "SaveResult",
    "SaveStatus",
    "SessionOverError",
    "Sitting",
    "StaleDraftError",
    "TimeChangeRefusedError",
    "change_time",
    "close_if_overdue",
    "close_overdue_session",
    "close_question_in_time",
    "finish_session",
    "keep_draft",
    "next_question",
    "note_absence",
    "open_question",
    "pause_session",
    "read_sitting",
    "reopen_session",
    "resume_session",
    "save_draft",
    "save_with_click",
    "saved_remainder_ms",
    "set_flag",
    "skip_question",
    "start_session",
    "submit_answer",
    "take_lease",
]
