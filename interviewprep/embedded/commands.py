"""`manage`, `exec`, `test` and `reset`: one command with the servers up, and the end of the data.

Standard output is the command's alone; what is said here goes to standard error.
"""

import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .errors import StackError, StopRequested
from .identity import Identity, choose
from .lock import DataLock, already_running
from .paths import Layout, data_folder
from .signals import Signals
from .stack import LOAD_BANK, MIGRATE, Stack, application_environment, manage_command
from .terminal import say

WAIT_FOR_OTHERS_SECONDS = 300.0
TEST_FOLDER_PREFIX = "interviewprep-test-"
ABANDONED_AFTER_SECONDS = 60.0
# What a developer's shell may say about an installation must not change what the tests see.
NOT_FOR_TESTS = {
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEBUG", "DEMO_ACCOUNTS", "LOCAL_HTTP", "TRUSTED_PROXIES"),
    *("DEFAULT_FROM_EMAIL", "EMAIL_URL", "SECRET_KEY"),
}


def manage(command_line: str) -> int:
    """Run a management command with the servers up; return its exit code."""
    try:
        arguments = shlex.split(command_line)
    except ValueError as error:
        raise StackError(f"The command cannot be read: {error}: {command_line}") from error
    if not arguments:
        raise StackError('Which command? For example: make manage CMD="export_bank --format json"')
    return with_servers(manage_command(*arguments), name=f"manage {arguments[0]}", fill=True)


def with_servers(command: list[str], *, name: str, fill: bool = False) -> int:
    """Run `command` beside the servers of a running `make run`, else beside servers of its own.

    `fill` migrates a database that is new and loads the question bank, so that the command has something to show.
    """
    layout = Layout(data_folder(), choose())
    with Signals() as signals, DataLock(layout.lock) as lock:
        stack = Stack(layout, signals)
        try:
            borrowed = _borrow_or_take(lock, stack, name) if stack.urls else {}
            if borrowed is None:
                stack.start_servers()
                if fill:
                    _fill(stack)
            layout.create()
            return stack.foreground(command, application_environment(layout, borrowed or stack.urls))
        except StopRequested:
            return 130
        finally:
            stack.stop()


def _borrow_or_take(lock: DataLock, stack: Stack, name: str) -> Mapping[str, str] | None:
    """Return the running stack's addresses; None when there is none and the lock is ours."""
    give_up_at = time.monotonic() + WAIT_FOR_OTHERS_SECONDS
    said = False
    while not lock.try_to_take():
        holder = lock.holder()
        if holder.get("command") == "run" and "servers" in holder:
            return _needed_of(holder["servers"], stack)
        if time.monotonic() > give_up_at:
            raise StackError(already_running(holder, lock.path.parent))
        if not said:
            say(f"Waiting for `{holder.get('command')}` (pid {holder.get('pid')}) …")
            said = True
        stack.supervisor.wait(0.2)
    lock.describe(command=name)
    return None


def _needed_of(servers: Mapping[str, str], stack: Stack) -> Mapping[str, str]:
    missing = [variable for variable in stack.urls if variable not in servers]
    if missing:
        raise StackError(f"The running stack was started with its own {missing[0]}; set the same one here.")
    return {variable: servers[variable] for variable in stack.urls}


def _fill(stack: Stack) -> None:
    if stack.postgres is None or stack.postgres.is_prepared():
        return
    say("First use of this database:")
    try:
        stack.carry_out([MIGRATE, LOAD_BANK], titles_to=sys.stderr)
    except StackError as error:
        # Not the end: the command may be the very one that repairs this.
        say(str(error).splitlines()[0])
    else:
        stack.postgres.mark_prepared()


# Tests


def test(arguments: list[str]) -> int:
    """Run pytest on throw-away servers; return its exit code.

    Each process keeps the order of the tests: those that empty the tables come last, for they take along what the
    migrations wrote.
    """
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "load", *arguments]
    with Signals() as signals, _throw_away_layout() as layout:
        stack = Stack(layout, signals, durable=False)
        try:
            stack.start_servers()
            return stack.foreground(command, _test_environment(layout, stack.urls))
        except StopRequested:
            return 130
        finally:
            stack.stop()


def _test_environment(layout: Layout, urls: Mapping[str, str]) -> dict[str, str]:
    whole = application_environment(layout, urls)
    kept = {name: value for name, value in whole.items() if name not in NOT_FOR_TESTS}
    # The live server that browsers visit speaks plain http.
    return {**kept, "SECRET_KEY": layout.secret_key(), "LOCAL_HTTP": "1"}


@contextmanager
def _throw_away_layout() -> Iterator[Layout]:
    """Yield a layout in a temporary folder and remove it afterwards, with all that ever was in it."""
    remove_abandoned(Path(tempfile.gettempdir()))
    data = Path(tempfile.mkdtemp(prefix=TEST_FOLDER_PREFIX)).resolve()
    layout = Layout(data, choose())
    if layout.identity is Identity.NOBODY:
        data.chmod(0o711)
    try:
        with DataLock(layout.lock) as lock:
            lock.take(patience_seconds=0)
            lock.describe(command="test")
            yield layout
    finally:
        _remove(layout)


def _remove(layout: Layout) -> None:
    layout.delete()
    shutil.rmtree(layout.data, ignore_errors=True)


def remove_abandoned(parent: Path) -> None:
    """Remove what test runs left that were killed before they could clean up."""
    for data in parent.glob(f"{TEST_FOLDER_PREFIX}*"):
        found = data.lstat()
        if found.st_uid != os.geteuid() or time.time() - found.st_mtime < ABANDONED_AFTER_SECONDS:
            continue
        with DataLock(data / "lock") as lock:
            if lock.try_to_take():
                _remove(Layout(data.resolve(), choose()))


# The end of the data


def reset() -> int:
    """Delete everything in the data folder after a confirmation (or YES=1); refused while anything uses it."""
    layout = Layout(data_folder(), choose())
    with DataLock(layout.lock) as lock:
        if not lock.try_to_take():
            raise StackError(already_running(lock.holder(), layout.data))
        doomed = layout.everything()
        if not doomed:
            say(f"Nothing to delete in {layout.data}.")
            return 0
        say("This deletes the database, the queue, mails, logs and collected static files:")
        for path in doomed:
            say(f"  {path}")
        if not _confirmed():
            say("Nothing was deleted.")
            return 1
        layout.delete()
        say("Deleted.")
    return 0


def _confirmed() -> bool:
    if os.environ.get("YES") == "1":
        return True
    if not sys.stdin.isatty():
        say("No terminal to ask on; YES=1 confirms.")
        return False
    print("Type yes to delete: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() == "yes"
