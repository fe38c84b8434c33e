"""One stack per data folder, and a way to find the one that runs.

The lock is the kernel's (flock), so it ends with its process however that ends; the file's text only describes the
holder. The file itself is never deleted: two processes could then hold locks on two different files.
"""

import fcntl
import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from .errors import StackError


class DataLock:
    """The exclusive right to run servers on a data folder; a context manager."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")

    def __enter__(self) -> "DataLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def try_to_take(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def describe(self, **facts: Any) -> None:
        """Replace what others read about the holder; `pid` is added."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), **facts}, self._file)
        self._file.flush()

    def holder(self) -> dict[str, Any]:
        """Return the holder's description; empty while it is being written."""
        try:
            found = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def take(self, *, patience_seconds: float) -> None:
        """Take the lock, waiting for a short-lived holder; StackError says who keeps it."""
        give_up_at = time.monotonic() + patience_seconds
        while not self.try_to_take():
            holder = self.holder()
            if holder.get("command") == "run" or time.monotonic() > give_up_at:
                raise StackError(already_running(holder, self.path.parent))
            time.sleep(0.1)


def already_running(holder: dict[str, Any], data: Path) -> str:
    where = f" at {holder['url']}" if holder.get("url") else ""
    return (
        f"Already running{where}: `{holder.get('command', 'another command')}`, pid {holder.get('pid', 'unknown')}, "
        f"uses {data}.\nStop it with Ctrl-C in its terminal or `kill {holder.get('pid', 'PID')}`, "
        "or set DATA_DIR (and PORT) for a second one beside it."
    )
