"""Who is at work on an import: claimed by one guarded UPDATE, kept by heartbeats, taken over from the dead.

A worker that was away too long finds its claim gone at its next step, and everything it did since is rolled back.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q
from django.db.models.functions import Now

from questions.models import ImportRun

# A worker says that it is alive every few seconds; one that was not heard of for so long is taken for dead.
LEASE_SECONDS = 90
HEARTBEAT_SECONDS = 2.0
MAX_ATTEMPTS = 3


class ClaimLostError(Exception):
    """Somebody else has taken the work over."""


def claim(*, run_id: UUID, state: str, now: datetime) -> "Claim | None":
    """Take the work of a run in `state`, unless somebody who is alive has it."""
    token = uuid4()
    free = Q(claim__isnull=True) | Q(heard_at__lt=now - timedelta(seconds=LEASE_SECONDS))
    mine = ImportRun.objects.filter(free, pk=run_id, state=state)
    taken = mine.update(claim=token, heard_at=Now(), progress=0, attempts=F("attempts") + 1)
    return Claim(run_id, token, state) if taken else None


@dataclass(slots=True)
class Claim:
    """The right to work on one run. `say` reports progress, at most every HEARTBEAT_SECONDS."""

    run_id: UUID
    token: UUID
    state: str
    # Progress of a transaction under way is told over a connection of its own, or nobody else would see it.
    _aside: BaseDatabaseWrapper | None = None
    _said_at: float = field(default_factory=time.monotonic)

    def say(self, done: int, total: int) -> None:
        """Tell how far the work is. Raises ClaimLostError when it is somebody else's by now."""
        if time.monotonic() - self._said_at < HEARTBEAT_SECONDS:
            return
        self._said_at = time.monotonic()
        if self._aside is not None:
            self._say_aside(done, total)
        elif not self._mine().update(heard_at=Now(), progress=done, progress_total=total):
            raise ClaimLostError

    def _say_aside(self, done: int, total: int) -> None:
        assert self._aside is not None
        with self._aside.cursor() as cursor:
            cursor.execute(
                "UPDATE questions_importrun SET heard_at = now(), progress = %s, progress_total = %s"
                " WHERE id = %s AND claim = %s",
                [done, total, self.run_id, self.token],
            )

    def aside(self) -> "Claim":
        """Return this claim with a connection of its own; close it with `close`."""
        return Claim(self.run_id, self.token, self.state, connection.copy())

    def close(self) -> None:
        if self._aside is not None:
            self._aside.close()

    def release(self, **fields: Any) -> None:
        """End the work and write its result, in the caller's transaction. Raises ClaimLostError."""
        if not self._mine().update(claim=None, heard_at=Now(), attempts=0, **fields):
            raise ClaimLostError

    def put_back(self) -> None:
        """Leave the work to somebody else: it waits as if nobody had begun it."""
        self._mine().update(claim=None, heard_at=Now(), attempts=F("attempts") - 1)

    def _mine(self) -> Any:
        return ImportRun.objects.filter(pk=self.run_id, claim=self.token, state=self.state)


Say = Callable[[int, int], None]
