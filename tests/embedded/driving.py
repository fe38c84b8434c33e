"""How the tests start a stack of their own and look at its processes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from interviewprep.embedded.paths import REPOSITORY

# Of whoever runs the tests; a stack under test finds its own.
NOT_INHERITED = {"DATABASE_URL", "REDIS_URL", "DATA_DIR", "HOST", "PORT", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}


def environment(data: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return {**kept, "DATA_DIR": str(data), **more}


def embedded(*arguments: str, data: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m interviewprep.embedded` to its end."""
    command = [sys.executable, "-m", "interviewprep.embedded", *arguments]
    return subprocess.run(
        command,
        env=environment(data, **more),
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(condition: Callable[[], bool], *, seconds: float = 15) -> bool:
    give_up_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


def parents() -> dict[int, int]:
    """Return the parent of every live process by its id; zombies do not count."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            found[int(entry.name)] = int(parent)
    return found


def descendants(pid: int) -> set[int]:
    everyone = parents()
    found: set[int] = set()
    news = {pid}
    while news:
        news = {child for child, parent in everyone.items() if parent in news} - found
        found |= news
    return found


def command_line(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


class StandIn:
    """A running `tests.embedded.stand_in`; `output` is what its terminal shows."""

    def __init__(self, data: Path, kind: str = "light", *, port: int | None = None, **more: str) -> None:
        self.data = data
        self.port = port or free_port()
        self.output_file = data.with_name(f"{data.name}-output-{self.port}")
        with self.output_file.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.embedded.stand_in", kind],
                env=environment(data, PORT=str(self.port), **more),
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @property
    def output(self) -> str:
        return self.output_file.read_text()

    def wait_until_running(self) -> "StandIn":
        running = eventually(lambda: "is running" in self.output or self.process.poll() is not None, seconds=60)
        assert running, self.output
        assert self.process.poll() is None, self.output
        return self

    def children(self, words: str) -> list[int]:
        """Return the supervisor's direct children whose command line contains `words`."""
        direct = [pid for pid, parent in parents().items() if parent == self.process.pid]
        return [pid for pid in direct if words in command_line(pid) and "launch.py" not in command_line(pid)]

    def child(self, words: str) -> int:
        """Return the one child whose command line contains `words`, once it runs."""
        assert eventually(lambda: len(self.children(words)) == 1), f"{words}\n{self.output}"
        return self.children(words)[0]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=20)
