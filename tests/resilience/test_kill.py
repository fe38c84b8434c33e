"""`kill -9` of the web process, the worker, Valkey and PostgreSQL in the middle of a session loses nothing.

Starts the whole stack as `make run` does, in a folder of its own, and talks to it over HTTP. Run by
`make test-resilience`; it takes about a minute and is not part of `make test`.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.resilience.candidate import Candidate

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, REPORT_SECONDS = 120.0, 90.0
SAVES_AROUND_A_KILL = 5

# What the command line of each victim contains; the process killed is the one the supervisor started.
VICTIMS = {
    "web": "gunicorn",
    "worker": "celery.*worker",
    "valkey": "valkey-server|redis-server",
    "postgres": "postgres.* -D ",
}

pytestmark = pytest.mark.resilience


@dataclass
class Stack:
    process: subprocess.Popen[bytes]
    base: str
    data: Path
    environment: dict[str, str]

    def pid_of(self, pattern: str) -> int | None:
        """Return the child of the supervisor whose command line matches, or None while there is none."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if parent == self.process.pid and re.search(pattern, command):
                return int(folder.name)
        return None

    def kill(self, victim: str) -> int:
        pid = self.pid_of(VICTIMS[victim])
        assert pid, f"{victim} is not running"
        os.kill(pid, signal.SIGKILL)
        return pid

    def sql(self, statement: str) -> list[str]:
        """Run a query by the project's own shell command; one line a row, columns separated by tabs."""
        code = (
            "from django.db import connection as c; k = c.cursor(); "
            f"k.execute({statement!r}); "
            "[print('\\t'.join(map(str, row))) for row in k.fetchall()]"
        )
        command = [sys.executable, "-m", "interviewprep.embedded", "manage", f"shell -v 0 -c {shlex.quote(code)}"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    data, port = tmp_path_factory.mktemp("stack"), free_port()
    ours = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LOCAL_HTTP", "DEMO_ACCOUNTS")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment |= {"DATA_DIR": str(data), "PORT": str(port)}
    log = (data / "supervisor.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "interviewprep.embedded", "run"], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    running = Stack(process, f"http://127.0.0.1:{port}/", data, environment)
    try:
        wait_until(lambda: healthy(running), START_SECONDS, lambda: (data / "supervisor.log").read_text())
        yield running
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def healthy(stack: Stack) -> bool:
    assert stack.process.poll() is None, (stack.data / "supervisor.log").read_text()
    try:
        return Candidate(stack.base).once("/healthz").status == 200
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float, what: Callable[[], str] = str) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"not within {seconds} s\n{what()}"
        time.sleep(0.2)


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_kill_in_the_middle_of_a_session_loses_no_acknowledged_draft(stack: Stack, victim: str) -> None:
    candidate = Candidate(stack.base)
    interview = candidate.begin_sample()
    session_id = interview.strip("/").split("/")[1]
    question, revision, answer_format = candidate.current(interview)
    for number in range(SAVES_AROUND_A_KILL):
        revision = candidate.save(
            question, words(number, answer_format), revision=revision, answer_format=answer_format
        )
    killed = stack.kill(victim)
    for number in range(SAVES_AROUND_A_KILL, 2 * SAVES_AROUND_A_KILL):
        revision = candidate.save(
            question, words(number, answer_format), revision=revision, answer_format=answer_format
        )
    wait_until(lambda: stack.pid_of(VICTIMS[victim]) not in (None, killed), 30)
    candidate.request(f"{interview}finish/", {})
    wait_until(
        lambda: "Your report is being compiled" not in candidate.request(f"{interview}report/").text, REPORT_SECONDS
    )
    stored = stack.sql(
        f"SELECT question_id, body FROM interview_sessions_answer WHERE session_id = '{session_id}' AND body <> ''"
    )
    assert dict(line.split("\t", 1) for line in stored) == candidate.acknowledged
    assert stack.sql(f"SELECT state FROM interview_sessions_report WHERE session_id = '{session_id}'") == ["ready"]


def report_is_ready(candidate: Candidate, interview: str) -> bool:
    return "Question by question" in candidate.request(f"{interview}report/").text


def words(number: int, answer_format: str) -> str:
    return "abcd"[number % 4] if answer_format == "choices" else f"The words of save {number}."
