"""Servers of an earlier run that still work in a data folder, seen through /proc (elsewhere none are seen).

Whoever uses this holds the data lock, so what it finds belongs to nobody any more: it is waited for, then asked to
leave, then killed. A program counts only if its name and its working directory both fit.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

ASK_AFTER_SECONDS = 3.0
KILL_AFTER_SECONDS = 6.0


def visible() -> bool:
    """Say whether this system shows other processes' working directories."""
    return Path("/proc/self/cwd").exists()


def working_in(folder: Path, programs: frozenset[str]) -> list[int]:
    """Return the ids of the processes of these programs whose working directory is `folder`."""
    ids = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    return [pid for pid in ids if _works_in(pid, folder, programs)]


def _works_in(pid: int, folder: Path, programs: frozenset[str]) -> bool:
    process = Path("/proc") / str(pid)
    try:
        return (process / "comm").read_text().strip() in programs and (process / "cwd").readlink() == folder
    except OSError:  # gone, or another user's
        return False


class Leftovers:
    """Gets a folder free of `programs`, one short look at a time."""

    def __init__(self, folder: Path, *programs: str) -> None:
        self.folder = folder
        self.programs = frozenset(programs)
        self._since: float | None = None

    def are_gone(self) -> bool:
        """Say whether nobody works in the folder; call again until so, it loses patience with time."""
        found = working_in(self.folder, self.programs)
        if not found:
            self._since = None
            return True
        now = time.monotonic()
        if self._since is None:
            self._since = now
        if now - self._since > ASK_AFTER_SECONDS:
            number = signal.SIGKILL if now - self._since > KILL_AFTER_SECONDS else signal.SIGINT
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
        return False
