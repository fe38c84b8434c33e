"""Keeps programs running: starts them, starts them again when they die, and stops them in order.

It knows nothing about what the programs are. Every program leads its own process group, so that the terminal's
Ctrl-C reaches the supervisor alone, and is tied to the supervisor's life by the kernel (see launch.py).
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .errors import StackError, StopRequested
from .identity import Identity, launched
from .signals import Signals

# A program that lived this long was well; its next death counts as its first.
HEALTHY_SECONDS = 10.0
BACKOFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
LOOK_AGAIN_SECONDS = 0.1
IDLE_SECONDS = 2.0
# A program that dies this often before it was ever useful will not get better.
HOPELESS_DEATHS = 4


def always() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Program:
    """How to run one program, and how to end it."""

    name: str
    command: list[str]
    log: Path
    environment: Mapping[str, str]
    folder: Path
    identity: Identity = Identity.SELF
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 2.0
    death_signal: signal.Signals = signal.SIGKILL
    # Programs with the same number stop together; lower numbers first.
    stop_rank: int = 0
    may_start: Callable[[], bool] = always


@dataclass
class Child:
    """A program's current process, if it has one, and when the next may start."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_at: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        program = self.program
        with program.log.open("ab") as log:
            self.process = subprocess.Popen(
                launched(program.command, identity=program.identity, death_signal=program.death_signal),
                env=program.environment,
                cwd=program.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """Kill the program with whatever it started in its process group."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


def how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    return f"was ended by {signal.Signals(-code).name}"


class Supervisor:
    """Runs programs until it is told to stop. `say` prints one line for the person at the terminal."""

    def __init__(self, signals: Signals, say: Callable[[str], None]) -> None:
        self.signals = signals
        self.say = say
        self.children: list[Child] = []

    def add(self, program: Program) -> Child:
        """Run `program` from now on."""
        child = Child(program)
        self.children.append(child)
        self._start_if_due(child)
        return child

    def look_after_children(self, seconds: float) -> None:
        """Start again what is dead and due, then wait for the next event, `seconds` at most."""
        due_in = min((self._look_after(child) for child in self.children), default=seconds)
        self.signals.wait(min(seconds, due_in))

    def wait(self, seconds: float) -> None:
        """Look after the children; StopRequested when someone asked to stop."""
        if not self.signals.stops:
            self.look_after_children(seconds)
        if self.signals.stops:
            raise StopRequested

    def wait_until(self, condition: Callable[[], bool], *, seconds: float, waiting_for: list[Child]) -> None:
        """Look after the children until `condition` holds; StackError names who did not get there, with its log."""
        give_up_at = time.monotonic() + seconds
        while not condition():
            self.wait(LOOK_AGAIN_SECONDS)
            hopeless = [child for child in waiting_for if child.deaths >= HOPELESS_DEATHS]
            if hopeless or time.monotonic() > give_up_at:
                raise StackError(_why_it_did_not_start(hopeless or waiting_for))

    def forever(self) -> None:
        """Look after the children until StopRequested."""
        while True:
            self.wait(IDLE_SECONDS)

    def _look_after(self, child: Child) -> float:
        """Start the child again if it is dead and due; return the seconds until it wants another look."""
        if child.is_alive:
            return IDLE_SECONDS
        if child.process is not None:
            self._bury(child)
        return self._start_if_due(child)

    def _bury(self, child: Child) -> None:
        assert child.process is not None
        child.kill_group()
        now = time.monotonic()
        child.deaths = 1 if now - child.started_at > HEALTHY_SECONDS else child.deaths + 1
        delay = BACKOFF_SECONDS[min(child.deaths, len(BACKOFF_SECONDS)) - 1]
        child.start_at = now + delay
        ending = how_it_ended(child.process.returncode)
        again = f"starting it again in {delay:g} s" if delay else "starting it again"
        self.say(f"{child.program.name} (pid {child.process.pid}) {ending}; {again}. Log: {child.program.log}")
        child.process = None

    def _start_if_due(self, child: Child) -> float:
        due_in = child.start_at - time.monotonic()
        if due_in > 0:
            return due_in
        if not child.program.may_start():
            return LOOK_AGAIN_SECONDS
        child.start()
        return IDLE_SECONDS

    # Stopping

    def stop(self) -> None:
        """End every program, rank by rank, each within its time; one more stop signal kills what is left."""
        asked_before = len(self.signals.stops)
        for rank in sorted({child.program.stop_rank for child in self.children}):
            group = [child for child in self.children if child.program.stop_rank == rank]
            for child in group:
                child.signal(child.program.stop_signal)
            give_up_at = time.monotonic() + max(child.program.stop_seconds for child in group)
            while any(child.is_alive for child in group) and time.monotonic() < give_up_at:
                if len(self.signals.stops) > asked_before:
                    break
                self.signals.wait(min(LOOK_AGAIN_SECONDS, give_up_at - time.monotonic()))
            for child in group:
                self._kill(child)

    def _kill(self, child: Child) -> None:
        if child.is_alive:
            self.say(f"{child.program.name} did not stop in time and is killed. Log: {child.program.log}")
        child.kill_group()
        if child.process is not None:
            child.process.wait()


def _why_it_did_not_start(children: list[Child]) -> str:
    parts = []
    for child in children:
        lines = child.program.log.read_text(errors="replace").splitlines()[-15:] if child.program.log.exists() else []
        parts.append("\n".join([f"{child.program.name} did not start. Log: {child.program.log}", *lines]))
    return "\n".join(parts)
