"""Proposed phrasings: words of disputed answers that curators may add to a key point, so that the grader finds them.

A curator sees one sentence and how many people said it so, never who. Only answers with a dispute that stands give any:
whoever disputes a verdict is told so at the button.
"""

from sessions.proposals.deciding import Outcome, add_phrasings, bring_back, dismiss
from sessions.proposals.finding import MAX_LENGTH
from sessions.proposals.gathering import gather_sentences
from sessions.proposals.reading import (
    MOST_AT_ONCE,
    Group,
    Proposal,
    dismissed_proposals,
    groups_of,
    last_dismissed,
    open_proposals,
)

__all__ = [
    "MAX_LENGTH",
    "MOST_AT_ONCE",
    "Group",
    "Outcome",
    "Proposal",
    "add_phrasings",
    "bring_back",
    "dismiss",
    "dismissed_proposals",
    "gather_sentences",
    "groups_of",
    "last_dismissed",
    "open_proposals",
]
