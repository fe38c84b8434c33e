"""The processes that are measured: gunicorn as the local stack runs it, and the CPU time of other people's processes.

CPU time comes from /proc, so it is that of the servers alone, whatever the measuring client costs. Linux only.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.db import connection

from interviewprep.embedded.identity import Identity, launched

START_SECONDS, STOP_SECONDS = 30.0, 10.0
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def _fields(pid: int) -> list[str]:
    """Return /proc/PID/stat from the third field on; the second may contain anything, also brackets."""
    return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()


def parent_of(pid: int) -> int:
    return int(_fields(pid)[1])


def children_of(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if parent_of(int(folder.name)) == pid:
                found.append(int(folder.name))
        except OSError:  # ended in between
            continue
    return sorted(found)


def cpu_ms(pid: int, *, with_ended_children: bool = False) -> float:
    """Return utime + stime of a process in milliseconds, if asked with those of children it has waited for."""
    numbers = _fields(pid)[11:15]
    return TICK_MS * sum(int(ticks) for ticks in (numbers if with_ended_children else numbers[:2]))


def machine_cpu_ms() -> float:
    """Return what all processes on this machine have used, interrupts and what a host took from it included."""
    user, nice, system, _idle, _waiting, *others = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    return TICK_MS * sum(int(ticks) for ticks in (user, nice, system, *others))


@dataclass(frozen=True)
class Postgres:
    """The database server of this process' connections, wherever its files are."""

    postmaster: int

    @classmethod
    def of_this_connection(cls) -> Self:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cls(parent_of(cursor.fetchone()[0]))

    def cpu_ms(self) -> float:
        """Return what the server and all its processes have used; a backend that ended meanwhile is not lost."""
        total = cpu_ms(self.postmaster, with_ended_children=True)
        for pid in children_of(self.postmaster):
            try:
                total += cpu_ms(pid)
            except OSError:
                continue
        return total


@dataclass(frozen=True)
class WebServer:
    """A running gunicorn."""

    port: int
    workers: tuple[int, ...]

    def cpu_ms(self) -> float:
        """Return what all workers have used; OSError when one of them is gone, which spoils the measurement."""
        return sum(cpu_ms(pid) for pid in self.workers)


@contextmanager
def web_server(settings_module: str) -> Iterator[WebServer]:
    """Run gunicorn with the local stack's configuration on a free port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:interviewprep.embedded.gunicorn_config"]
    command = [*gunicorn, "--bind", f"127.0.0.1:{port}", "interviewprep.wsgi"]
    log = Path(os.environ["DATA_DIR"]) / "log" / f"{settings_module}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            launched(command, identity=Identity.SELF, death_signal=signal.SIGTERM),
            env=os.environ | {"DJANGO_SETTINGS_MODULE": settings_module, "LOCAL_HTTP": "1"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait_until_healthy(process, port, log)
            yield WebServer(port, tuple(children_of(process.pid)))
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_healthy(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while not _is_healthy(port):
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError(f"gunicorn did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.1)


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
