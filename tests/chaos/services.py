"""Killing services one after another, and writing down when each was away; a witness who watches sessions close."""

import os
import random
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from tests.chaos.stack import WEB_WORKERS, Stack, children_of, wait_until

RECOVERY_SECONDS = 60.0
WATCH_SECONDS = 0.25


@dataclass(frozen=True)
class Outage:
    """One kill: when, and when the service did its work again; None when it did not within RECOVERY_SECONDS."""

    victim: str
    killed_at: datetime
    back_at: datetime | None

    @property
    def seconds(self) -> float | None:
        return (self.back_at - self.killed_at).total_seconds() if self.back_at else None


class Services:
    """What can be killed, and how one knows that it works again."""

    def __init__(self, stack: Stack, ping_worker: Callable[[], bool]) -> None:
        self.stack, self.ping_worker = stack, ping_worker
        self.victims: Mapping[str, Callable[[], Callable[[], bool]]] = {
            "gunicorn worker": self._kill_web_worker,
            "celery worker": self._kill_worker,
            "beat": self._kill_beat,
            "valkey": self._kill_valkey,
            "postgres": lambda: self._kill_program("postgres", stack.serves),
            "gunicorn": lambda: self._kill_program("web", self._web_is_whole),
            "postgres backend": self._kill_backend,
            "celery pool process": self._kill_pool_process,
        }

    # What closing an overdue interview needs: the others may be away.
    CLOSING = frozenset({"celery worker", "celery pool process", "beat", "valkey", "postgres", "postgres backend"})

    def all_are_well(self) -> bool:
        alive = all(self.stack.pid_of(program) for program in ("web", "celery worker", "beat", "valkey", "postgres"))
        return alive and self._web_is_whole() and self.stack.queue_answers() and self.ping_worker()

    def _web_is_whole(self) -> bool:
        return len(self.stack.web_workers()) >= WEB_WORKERS and self.stack.serves()

    def _kill_program(self, program: str, works: Callable[[], bool]) -> Callable[[], bool]:
        """Kill it and return the question whether another process does its work."""
        killed = self.stack.kill(program)
        return lambda: self.stack.pid_of(program) not in (None, killed) and works()

    def _kill_web_worker(self) -> Callable[[], bool]:
        killed = self.stack.web_workers()[0]
        os.kill(killed, signal.SIGKILL)
        return lambda: killed not in self.stack.web_workers() and self._web_is_whole()

    def _kill_worker(self) -> Callable[[], bool]:
        return self._kill_program("celery worker", self.ping_worker)

    def _kill_pool_process(self) -> Callable[[], bool]:
        worker = self.stack.pid_of("celery worker")
        pool = children_of(worker, "celery") if worker else []
        if pool:
            os.kill(pool[0], signal.SIGKILL)
        return lambda: bool(pool) and pool[0] not in children_of(worker or 0) and self.ping_worker()

    def _kill_beat(self) -> Callable[[], bool]:
        log = self.stack.log("beat")
        size = log.stat().st_size
        return self._kill_program("beat", lambda: b"beat: Starting" in log.read_bytes()[size:])

    def _kill_valkey(self) -> Callable[[], bool]:
        return self._kill_program("valkey", lambda: self.stack.queue_answers() and self.ping_worker())

    def _kill_backend(self) -> Callable[[], bool]:
        """Kill one connection's process: PostgreSQL then ends all the others and recovers from its log."""
        postmaster = self.stack.pid_of("postgres")
        backends = children_of(postmaster, "postgres: postgres interviewprep") if postmaster else []
        if backends:
            os.kill(backends[0], signal.SIGKILL)
        return lambda: backends[:1] != [] and backends[0] not in children_of(postmaster or 0) and self.stack.serves()


class Reaper(threading.Thread):
    """Kills every victim in turn, in another order each round, until it is stopped; one at a time."""

    def __init__(
        self, services: Services, rng: random.Random, say: Callable[[str], None], *, rest_seconds: float
    ) -> None:
        super().__init__(name="reaper", daemon=True)
        self.services, self.rng, self.say, self.rest_seconds = services, rng, say, rest_seconds
        self.outages: list[Outage] = []
        self.stopped = threading.Event()
        self.failure: BaseException | None = None
        self.rounds = 0

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                order = list(self.services.victims)
                self.rng.shuffle(order)
                for victim in order:
                    if self.stopped.wait(self.rng.uniform(0.5, 1.5) * self.rest_seconds):
                        return
                    self._kill(victim)
                self.rounds += 1
        except BaseException as error:
            self.failure = error

    def _kill(self, victim: str) -> None:
        killed_at = datetime.now(UTC)
        works = self.services.victims[victim]()
        back = wait_until(works, seconds=RECOVERY_SECONDS)
        outage = Outage(victim, killed_at, datetime.now(UTC) if back else None)
        self.outages.append(outage)
        self.say(f"killed {victim}: " + (f"back after {outage.seconds:.1f} s" if outage.back_at else "NOT BACK"))


class Witness(threading.Thread):
    """Looks at the sessions several times a second over a connection of its own, and notes when each was seen closed.

    `finished_at` cannot tell: of an interview that the clock ended it is the deadline, however late it was closed.
    """

    def __init__(self, database_url: str) -> None:
        super().__init__(name="witness", daemon=True)
        self.database_url = database_url
        self.stopped = threading.Event()
        self.closed_at: dict[str, datetime] = {}

    def run(self) -> None:
        connection: psycopg.Connection | None = None
        while not self.stopped.wait(WATCH_SECONDS):
            try:
                if connection is None:
                    connection = psycopg.connect(self.database_url, autocommit=True, connect_timeout=2)
                self._look(connection)
            except psycopg.Error:
                with suppress(psycopg.Error):
                    if connection is not None:
                        connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def _look(self, connection: psycopg.Connection) -> None:
        rows = connection.execute("SELECT id FROM interview_sessions_interviewsession WHERE state = 'finished'")
        now = datetime.now(UTC)
        for (session_id,) in rows.fetchall():
            self.closed_at.setdefault(str(session_id), now)
