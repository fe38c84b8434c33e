"""What goes into a save and what comes out of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Draft:
    """What a browser sends: the words, the revision they are based on, and which writer's how-manieth save it is."""

    body: str
    base_revision: int
    client_id: UUID
    sequence: int


class SaveStatus(StrEnum):
    SAVED = "saved"
    OVERTAKEN = "overtaken"  # newer words of the same writer had arrived first
    STALE = "stale"
    LEASE = "lease"
    LATE = "late"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SaveResult:
    """How a save ended. `body` is the server's copy, given only when it differs from what was sent.

    `remaining_ms` is the time left for this answer.
    """

    status: SaveStatus
    revision: int
    saved_at: datetime | None
    remaining_ms: int
    body: str | None = None
    holder: UUID | None = None

    @property
    def is_saved(self) -> bool:
        """Whether there is nothing left to send: the words are the answer, or newer words of the same writer are."""
        return self.status in {SaveStatus.SAVED, SaveStatus.OVERTAKEN}
