"""What people do with the bank: write drafts, submit and review them, publish, retire, restore, comment.

The rules are here, in the functions that write: nobody reviews their own words, and nothing is published from a page
without an approval of exactly those words, unless its publisher has the permission for it. Pages and the admin call
these functions and never `questions.publishing`. Every refusal is a RefusedError whose message is for the person.
"""

from questions.curating.checklist import ChecklistItem, checklist_of
from questions.curating.commenting import add_comment, reopen_comment, resolve_comment
from questions.curating.drafting import copy_version, discard_draft, revise, write_draft
from questions.curating.errors import (
    ChecklistError,
    DraftChangedError,
    NotApprovedError,
    NothingNewError,
    NotNewestError,
    OwnWorkError,
    RefusedError,
    ReviewClosedError,
)
from questions.curating.reading import (
    Entry,
    Queue,
    VersionState,
    history_of,
    may_review,
    queue_of,
    reviews_of,
    state_of,
    versions_of,
)
from questions.curating.releasing import (
    PUBLISH_WITHOUT_REVIEW,
    approval_of,
    move_question,
    publish_version,
    restore_question,
    retire_question,
)
from questions.curating.reviewing import approve, request_changes, submit, withdraw

__all__ = [
    "PUBLISH_WITHOUT_REVIEW",
    "ChecklistError",
    "ChecklistItem",
    "DraftChangedError",
    "Entry",
    "NotApprovedError",
    "NotNewestError",
    "NothingNewError",
    "OwnWorkError",
    "Queue",
    "RefusedError",
    "ReviewClosedError",
    "VersionState",
    "add_comment",
    "approval_of",
    "approve",
    "checklist_of",
    "copy_version",
    "discard_draft",
    "history_of",
    "may_review",
    "move_question",
    "publish_version",
    "queue_of",
    "reopen_comment",
    "request_changes",
    "resolve_comment",
    "restore_question",
    "retire_question",
    "reviews_of",
    "revise",
    "state_of",
    "submit",
    "versions_of",
    "withdraw",
    "write_draft",
]
