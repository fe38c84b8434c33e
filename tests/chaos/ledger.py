"""What the candidates were told: every save the server answered, and counts of everything that happened on the way."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

# Words the server says it has: as the answer, or kept beside it.
SAVED = "saved"
CLICK = "click"  # a form post that carried the words along
OVERTAKEN = "overtaken"
KEPT = frozenset({"stale", "lease", OVERTAKEN, "late", "closed"})


@dataclass(frozen=True, kw_only=True)
class Save:
    """One save that was answered. `revision` is None where the answer does not name one."""

    session_id: str
    question_id: str
    client_id: str
    sequence: int
    base_revision: int
    text: str
    status: str
    revision: int | None
    at: datetime


@dataclass
class Ledger:
    """Shared by all candidates; every method may be called from any thread."""

    saves: list[Save] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, save: Save) -> None:
        with self._lock:
            self.saves.append(save)

    def began(self, session_id: str) -> None:
        with self._lock:
            self.sessions.add(session_id)

    def count(self, what: str, times: int = 1) -> None:
        with self._lock:
            self.counts[what] += times

    def trouble(self, text: str) -> None:
        """Note what a candidate met that no candidate should, whatever is being killed."""
        with self._lock:
            self.troubles.append(text)

    def saves_by_status(self) -> Counter[str]:
        with self._lock:
            return Counter(save.status for save in self.saves)
