"""The canonical text of an answer: how choices are written into a body, and how they and a number are read out of it.

An answer is text for every kind of question, so that drafts, revisions and transcripts need to know only text.
"""

import re
from collections.abc import Iterable

from sessions.grading.numerals import UnreadableNumberError, read_number

__all__ = [
    "UnreadableNumberError",
    "decode_choices",
    "encode_choices",
    "read_number",
]

# The same pattern as questions.content.Key.
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def encode_choices(keys: Iterable[str]) -> str:
    """Return the body for a set of chosen keys: sorted, one per line. Raises ValueError for what cannot be a key."""
    chosen = sorted(set(keys))
    for key in chosen:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not the key of a choice")
    return "\n".join(chosen)


def decode_choices(body: str) -> frozenset[str]:
    """Return the chosen keys of a body; empty lines and surrounding space do not matter."""
    return frozenset(line.strip() for line in body.splitlines() if line.strip())
