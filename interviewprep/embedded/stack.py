"""The servers of one data folder together with the environment in which the application finds them.

DATABASE_URL and REDIS_URL, when set, win: that server is then somebody else's and nothing of it is started, created
or marked here. Everything said on the way goes to standard error; standard output belongs to the command that is run.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import TextIO

from .errors import StackError, StopRequested
from .identity import Identity, launched
from .paths import REPOSITORY, Layout
from .postgres import Postgres, clean_environment, server_environment
from .prepare import FIRST_FAILURE, Step
from .signals import Signals
from .supervisor import Child, Program, Supervisor, how_it_ended
from .terminal import say
from .valkey import Valkey

READY_SECONDS = 60.0
IDLE_SECONDS = 2.0
MIGRATE = Step("Migrating the database", ["migrate", "--noinput"])
LOAD_BANK = Step("Loading the question bank", ["load_bank"])


def manage_command(*arguments: str) -> list[str]:
    return [sys.executable, str(REPOSITORY / "manage.py"), *arguments]


class Stack:
    """The servers that this environment needs of `layout`, and whatever else is run beside them."""

    def __init__(self, layout: Layout, signals: Signals, *, durable: bool = True) -> None:
        self.layout = layout
        self.signals = signals
        self.supervisor = Supervisor(signals, say)
        self.postgres = None if os.environ.get("DATABASE_URL") else Postgres(layout, durable=durable)
        self.valkey = None if os.environ.get("REDIS_URL") else Valkey(layout, durable=durable)

    @property
    def urls(self) -> dict[str, str]:
        """The addresses of the servers that are ours, by the variable that carries them."""
        servers = {"DATABASE_URL": self.postgres, "REDIS_URL": self.valkey}
        return {variable: server.url for variable, server in servers.items() if server is not None}

    def environment(self) -> dict[str, str]:
        """Return the environment for the application and its commands on this machine."""
        return application_environment(self.layout, self.urls)

    def start_servers(self) -> None:
        """Start what is ours and wait until it answers; StackError carries the end of the log that says why not."""
        self.layout.create()
        self.layout.rotate_logs()
        servers = [server for server in (self.postgres, self.valkey) if server is not None]
        children: list[Child] = []
        for server in servers:
            server.prepare()
            children.append(self.supervisor.add(self._program(server)))
        for server, child in zip(servers, children, strict=True):
            self.supervisor.wait_until(server.is_ready, seconds=READY_SECONDS, waiting_for=[child])
        if self.postgres is not None:
            self.postgres.ensure_database()

    def _program(self, server: Postgres | Valkey) -> Program:
        return Program(
            name=server.name,
            command=server.command(),
            log=self.layout.log(server.name),
            environment=server_environment(),
            folder=server.folder,
            identity=server.identity,
            stop_signal=server.stop_signal,
            stop_seconds=3.5 if server is self.postgres else 1.5,
            death_signal=server.death_signal,
            stop_rank=2 if server is self.postgres else 1,
            may_start=server.may_start,
        )

    def carry_out(self, steps: list[Step], *, titles_to: TextIO) -> None:
        """Run management commands to their end (see prepare.py); StackError has the last words of one that fails."""
        words = [json.dumps(steps), str(self.layout.logs)]
        process = subprocess.Popen(
            launched(
                [sys.executable, "-m", "interviewprep.embedded.prepare", *words],
                identity=Identity.SELF,
                death_signal=signal.SIGKILL,
            ),
            env=self.environment(),
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=titles_to,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                self.supervisor.wait(IDLE_SECONDS)
        except StopRequested:
            process.terminate()
            process.wait()
            raise
        if process.returncode != 0:
            raise StackError(self._why_it_failed(process.returncode, steps))

    def _why_it_failed(self, code: int, steps: list[Step]) -> str:
        number = code - FIRST_FAILURE
        if not 0 <= number < len(steps):
            return f"The preparation {how_it_ended(code)}."
        log = self.layout.log(steps[number].name)
        last = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        return f"`manage.py {' '.join(steps[number].arguments)}` failed. Log: {log}\n{last}"

    def foreground(self, command: list[str], environment: Mapping[str, str]) -> int:
        """Run `command` on this terminal while looking after the servers; return its exit code.

        The terminal's Ctrl-C reaches the command by itself; what only this process received is passed on.
        """
        process = start_foreground(command, environment)
        passed_on = len(self.signals.stops)
        while process.poll() is None:
            self.supervisor.look_after_children(IDLE_SECONDS)
            for number in self.signals.stops[passed_on:]:
                if number is not signal.SIGINT or not sys.stdin.isatty():
                    process.send_signal(number)
            passed_on = len(self.signals.stops)
        return exit_code(process.returncode)

    def stop(self) -> None:
        self.supervisor.stop()
        self.layout.tidy()


def application_environment(layout: Layout, urls: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's environment with our servers' addresses and what a local installation needs.

    Accounts with a known password are allowed only beside a database that is ours.
    """
    base = clean_environment() if "DATABASE_URL" in urls else dict(os.environ)
    defaults = {"SECRET_KEY": layout.secret_key(), "LOCAL_HTTP": "1"}
    demo = "1" if "DATABASE_URL" in urls else "0"
    fixed = {"DEMO_ACCOUNTS": demo, "DATA_DIR": str(layout.data), "DJANGO_SETTINGS_MODULE": "interviewprep.settings"}
    return {**defaults, **base, **urls, **fixed}


def start_foreground(command: list[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start `command` with this terminal as its own."""
    tied = launched(command, identity=Identity.SELF, death_signal=signal.SIGTERM)
    return subprocess.Popen(tied, env=environment)


def exit_code(returncode: int) -> int:
    """Return what a shell would: 128 + n for a command that signal n ended."""
    return returncode if returncode >= 0 else 128 - returncode
