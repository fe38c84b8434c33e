"""The whole stack in a folder of its own, as `make run` starts it, and how one finds and kills its processes.

The supervisor starts again what is killed; nothing here does. Linux only: processes are found in /proc.
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from interviewprep.embedded.commands import NOT_FOR_TESTS
from interviewprep.embedded.identity import Identity, choose, launched

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, STOP_SECONDS = 180.0, 30.0
LOOK_AGAIN_SECONDS = 0.1
WEB_WORKERS = 2

# What the command line of the supervisor's child contains.
PROGRAMS = {
    "web": "gunicorn",
    "celery worker": "celery.*worker",
    "beat": "celery.*beat",
    "valkey": "valkey-server|redis-server",
    "postgres": "postgres.* -D ",
}


class StackFailure(Exception):
    """The stack did not start, or something did not come back; the message carries the end of its log."""


def parent_and_command(pid: int) -> tuple[int, str] | None:
    """Return a process' parent and command line; None when it has ended."""
    folder = Path("/proc") / str(pid)
    try:
        parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        return parent, (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return None


def children_of(pid: int, pattern: str = "") -> list[int]:
    """Return the ids of the children of `pid` whose command line matches; zombies have none and never match."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        known = parent_and_command(int(entry.name))
        if known is not None and known[0] == pid and known[1] and re.search(pattern, known[1]):
            found.append(int(entry.name))
    return sorted(found)


@dataclass(frozen=True)
class Stack:
    """A running supervisor and its folder."""

    process: "subprocess.Popen[bytes]"
    port: int
    data: Path

    def pid_of(self, program: str) -> int | None:
        """Return the process of a program that the supervisor started; None while there is none."""
        found = children_of(self.process.pid, PROGRAMS[program])
        return found[0] if found else None

    def web_workers(self) -> list[int]:
        master = self.pid_of("web")
        return children_of(master, "gunicorn") if master else []

    def kill(self, program: str) -> int:
        """Kill a program with SIGKILL and return the id it had."""
        pid = self.pid_of(program)
        if pid is None:
            raise StackFailure(f"{program} is not running\n{self.last_words()}")
        os.kill(pid, signal.SIGKILL)
        return pid

    def servers(self) -> dict[str, str]:
        """Return DATABASE_URL and REDIS_URL of the servers."""
        holder = json.loads((self.data / "lock").read_text())
        return dict(holder["servers"])

    def environment(self) -> dict[str, str]:
        """Return what the application's settings need to be those of this stack."""
        secret_key = (self.data / "secret_key").read_text().strip()
        return {**self.servers(), "SECRET_KEY": secret_key, "LOCAL_HTTP": "1", "DATA_DIR": str(self.data)}

    def serves(self) -> bool:
        """Say whether the web process answers and its database with it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def queue_answers(self) -> bool:
        """Say whether Valkey answers; while it loads its file it does not."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(unquote(urlsplit(self.servers()["REDIS_URL"]).path))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def log(self, name: str) -> Path:
        return self.data / "log" / f"{name}.log"

    def last_words(self, lines: int = 25) -> str:
        said = (self.data / "supervisor.log").read_text(errors="replace").splitlines()
        return "\n".join(said[-lines:])


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Look until `condition` holds; False when it does not within `seconds`."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(LOOK_AGAIN_SECONDS)
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Start everything in a temporary folder; afterwards stop it and remove all that it wrote."""
    data = Path(tempfile.mkdtemp(prefix="interviewprep-chaos-")).resolve()
    if choose() is Identity.NOBODY:
        data.chmod(0o711)
    port = free_port()
    environment = _environment(data, port)
    command = [sys.executable, "-m", "interviewprep.embedded", "run"]
    try:
        with (data / "supervisor.log").open("wb") as log:
            # A session of its own: the terminal's Ctrl-C is for us, and we stop it in order. It dies with us, too.
            process = subprocess.Popen(
                launched(command, identity=Identity.SELF, death_signal=signal.SIGTERM),
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        stack = Stack(process, port, data)
        try:
            _wait_for_start(stack)
            yield stack
        finally:
            _stop(process)
    finally:
        _remove(data, environment)


def _environment(data: Path, port: int) -> dict[str, str]:
    foreign = {*NOT_FOR_TESTS, "DATABASE_URL", "REDIS_URL", "HOST", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {"DATA_DIR": str(data), "PORT": str(port), "YES": "1"}


def _wait_for_start(stack: Stack) -> None:
    def has_ended() -> bool:
        return stack.process.poll() is not None

    up = wait_until(lambda: has_ended() or (stack.pid_of("beat") is not None and stack.serves()), seconds=START_SECONDS)
    if not up or has_ended():
        raise StackFailure(f"the stack did not start\n{stack.last_words()}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _remove(data: Path, environment: dict[str, str]) -> None:
    """Delete what the servers keep outside the folder, too: short sockets, and root's cluster where it must move."""
    reset = [sys.executable, "-m", "interviewprep.embedded", "reset"]
    done = subprocess.run(reset, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    shutil.rmtree(data, ignore_errors=True)
