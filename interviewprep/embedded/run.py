"""`make run`: the whole installation on this machine, from an empty folder to a page in the browser.

It owns the order of the steps and what the terminal says; starting and watching is the supervisor's.
"""

import errno
import http.client
import os
import shlex
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .errors import StackError, StopRequested
from .identity import choose
from .lock import DataLock
from .paths import REPOSITORY, Layout, data_folder
from .prepare import Step
from .signals import Signals
from .stack import LOAD_BANK, MIGRATE, Stack
from .supervisor import Program
from .terminal import progress, tell

HEALTHY_SECONDS = 90.0
# A run that was killed may hold the port for a moment longer.
PORT_SECONDS = 3.0
LOCK_SECONDS = 60.0
STOP_SECONDS = 4.0


@dataclass(frozen=True)
class Address:
    """Where the web process listens."""

    host: str
    port: int

    @classmethod
    def from_environment(cls) -> "Address":
        host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
        if not port.isdigit() or not 1 <= int(port) <= 65535:
            raise StackError(f"PORT must be a number from 1 to 65535, not {port!r}. For example: make run PORT=8001")
        return cls(host.strip("[]"), int(port))

    @property
    def bind(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reachable_host(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  # not bound here

    @property
    def url(self) -> str:
        return f"http://{Address(self.reachable_host, self.port).bind}"

    def is_free(self) -> bool:
        """Say whether it can be bound; StackError when it never can."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except PermissionError as error:
                raise StackError(f"Port {self.port} needs more rights. For example: make run PORT=8000") from error
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise StackError(f"HOST={self.host} is not an address of this machine: {error}") from error
                return False
        return True


def web_programs(stack: Stack, address: Address) -> list[Program]:
    """Return web, beat and worker, in the order in which they are asked to stop."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "interviewprep"]
    gunicorn = ["gunicorn", "-c", "python:interviewprep.embedded.gunicorn_config", "--bind", address.bind]
    commands = {
        "web": [*python, *gunicorn, "interviewprep.wsgi"],
        "beat": [*celery, "beat", "-l", "INFO", "-s", str(stack.layout.beat_schedule)],
        # Celery ties its pool processes to the worker's life by itself.
        "worker": [*celery, "worker", "-c", "2", "-l", "INFO"],
    }
    # Links in mails lead where the terminal says the site is: a log-in at another name of this machine is another one.
    environment = {"SITE_URL": address.url, **stack.environment(), "LOCAL_HTTP": "1"}
    return [
        Program(
            name=name,
            command=command,
            log=stack.layout.log(name),
            environment=environment,
            folder=REPOSITORY,
            stop_seconds=STOP_SECONDS,
        )
        for name, command in commands.items()
    ]


Programs = Callable[[Stack, Address], list[Program]]
# Each may be repeated at every start, and is quick when there is nothing left to do.
STEPS = [
    MIGRATE,
    LOAD_BANK,
    Step("Loading the interview plans", ["load_plans"]),
    Step("Creating the demo accounts", ["create_demo"]),
    Step("Collecting static files", ["collectstatic", "--noinput"]),
]


def run(programs: Programs = web_programs, steps: Sequence[Step] = STEPS) -> int:
    """Start everything, say where it is, and look after it until asked to stop."""
    address = Address.from_environment()
    layout = Layout(data_folder(), choose())
    with Signals() as signals, DataLock(layout.lock) as lock:
        lock.take(patience_seconds=LOCK_SECONDS)
        lock.describe(command="run", url=address.url)
        stack = Stack(layout, signals)
        try:
            _check_port(stack, address)
            _start(stack, address, lock, programs, steps)
            stack.supervisor.forever()
        except StopRequested:
            tell("\nStopping …")
        finally:
            stack.stop()
    tell("Stopped. The data is kept.")
    return 0


def _check_port(stack: Stack, address: Address) -> None:
    give_up_at = time.monotonic() + PORT_SECONDS
    while not address.is_free():
        if time.monotonic() > give_up_at:
            raise StackError(
                f"Port {address.port} on {address.host} is in use by another program.\n"
                f"Choose another one: make run PORT={_free_port_after(address)}"
            )
        stack.supervisor.wait(0.1)


def _free_port_after(address: Address) -> int:
    candidates = range(address.port + 1, min(address.port + 50, 65536))
    return next((port for port in candidates if Address(address.host, port).is_free()), 8000)


def _start(stack: Stack, address: Address, lock: DataLock, programs: Programs, steps: Sequence[Step]) -> None:
    with progress("Starting PostgreSQL and Valkey"):
        stack.start_servers()
    lock.describe(command="run", url=address.url, servers=stack.urls)
    demo = stack.postgres is not None
    wanted = [step for step in steps if demo or step.name != "create_demo"]
    stack.carry_out(wanted, titles_to=sys.stdout)
    if stack.postgres is not None:
        stack.postgres.mark_prepared()
    web, *others = programs(stack, address)
    with progress("Starting the web server"):
        child = stack.supervisor.add(web)
        stack.supervisor.wait_until(lambda: _is_healthy(address), seconds=HEALTHY_SECONDS, waiting_for=[child])
    # Reports can wait a second for their worker; the first page should not.
    for program in others:
        stack.supervisor.add(program)
    _tell_where_everything_is(stack, address, demo=demo)


def _is_healthy(address: Address) -> bool:
    connection = http.client.HTTPConnection(address.reachable_host, address.port, timeout=2)
    try:
        # Whatever HOST is, ALLOWED_HOSTS knows this name.
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{address.port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _tell_where_everything_is(stack: Stack, address: Address, *, demo: bool) -> None:
    layout = stack.layout
    tell(f"\nInterview Prep is running: {address.url}\n")
    if demo:
        _tell_log_ins()
    database = "" if demo else " (the database is the one in DATABASE_URL)"
    tell(f"  Data    {layout.data}{database}")
    tell(f"  Mails   {layout.mails}  (written there instead of being sent)")
    tell(f"  Logs    {layout.logs}")
    tell(f"  Stop    Ctrl-C here, or `kill {os.getpid()}`; `make run` goes on with the same data")
    reset = "make reset" if "DATA_DIR" not in os.environ else f"DATA_DIR={shlex.quote(str(layout.data))} make reset"
    tell(f"  Reset   {reset}  (deletes the data)\n")
    if address.reachable_host not in {"127.0.0.1", "::1", "localhost"} or address.host != address.reachable_host:
        tell("  Others on the network can reach this and know the demo passwords. ALLOWED_HOSTS must name the")
        tell(f"  address that they use, for example ALLOWED_HOSTS=localhost,{socket.gethostname()}\n")


def _tell_log_ins() -> None:
    try:
        from interviewprep.demo import DEMO_ACCOUNTS
    except ImportError:
        return
    tell("  Log in as")
    width = max(len(email) for email, _, _ in DEMO_ACCOUNTS)
    for email, password, shows in DEMO_ACCOUNTS:
        tell(f"    {email:<{width}}  password {password}   {shows}")
    tell()
