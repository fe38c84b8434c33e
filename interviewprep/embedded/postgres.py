"""The embedded PostgreSQL: its cluster, its command line, and what an earlier run may have left behind.

It listens on a socket in a private folder only, so it trusts whoever reaches it. Only the holder of the data lock may
use this module on a data folder: it removes stale lock files and ends what still holds the cluster.
"""

import os
import shutil
import signal
import subprocess
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from . import leftovers
from .binaries import find_postgres
from .errors import StackError
from .identity import Identity, launched, succeeds
from .paths import Layout

DATABASE = "interviewprep"
PORT = "5432"
# For throw-away clusters: nothing needs to survive a power cut.
NOT_DURABLE = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
PREPARED = "prepared"


def clean_environment() -> dict[str, str]:
    """Return the environment without libpq's PG* variables, which would send clients to another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def server_environment() -> dict[str, str]:
    """Return a clean environment with a locale that exists everywhere; LC_ALL may name one that does not."""
    return {**clean_environment(), "LC_ALL": "C"}


class Postgres:
    """The server of one layout. `prepare` before the first start."""

    name = "postgres"
    stop_signal = signal.SIGINT  # fast shutdown: ends connections, keeps the data clean
    death_signal = signal.SIGINT

    def __init__(self, layout: Layout, *, durable: bool = True) -> None:
        self.layout = layout
        self.identity = layout.identity
        self.durable = durable
        self.binaries = find_postgres()

    @property
    def url(self) -> str:
        return f"postgres://postgres@{quote(str(self.layout.sockets), safe='')}/{DATABASE}"

    @property
    def folder(self) -> Path:
        """The cluster itself; behind a link when the server may not enter the data folder."""
        return self.layout.postgres.resolve()

    def command(self) -> list[str]:
        settings = [] if self.durable else NOT_DURABLE
        sockets = ["-k", str(self.layout.sockets), "-c", "unix_socket_permissions=0700"]
        return [self.binaries.program("postgres"), "-D", str(self.folder), "-h", "", "-p", PORT, *sockets, *settings]

    # Making the cluster

    @cached_property
    def _leftovers(self) -> leftovers.Leftovers:
        return leftovers.Leftovers(self.folder, "postgres")

    def prepare(self) -> None:
        """Make the cluster on first use, and make it usable by this run's identity."""
        self._make_binaries_reachable()
        self._place_cluster()
        if not (self.folder / "PG_VERSION").exists():
            self._create_cluster()
        made_by = (self.folder / "PG_VERSION").read_text().strip()
        if made_by != str(self.binaries.major):
            raise StackError(
                f"{self.folder} was made by PostgreSQL {made_by}, and this is PostgreSQL {self.binaries.major}.\n"
                "Export what you need with the older one, then `make reset`; or set DATABASE_URL."
            )
        self._own(self.folder)

    def _make_binaries_reachable(self) -> None:
        if self.identity is Identity.SELF:
            return
        if succeeds([self.binaries.program("postgres"), "--version"], self.identity):
            return
        target = self.layout.servers_home / "postgres-binaries" / str(self.binaries.major)
        target.parent.mkdir(mode=0o711, exist_ok=True)
        self.binaries = self.binaries.copied_to(target)

    def _place_cluster(self) -> None:
        """Let `data/postgres` be the cluster or a link to where the server can reach it."""
        here, outside = self.layout.postgres, self.layout.servers_home / "postgres"
        if outside == here or here.is_symlink():
            return
        if here.exists():
            shutil.move(here, outside)
        here.symlink_to(outside)

    def _create_cluster(self) -> None:
        draft = self.folder.with_name("postgres.new")
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        self._own(draft)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self.binaries.major < 17:  # the builtin provider came with 17
            locale = ["--locale=C.UTF-8"]
        sync = [] if self.durable else ["--no-sync"]
        base = [self.binaries.program("initdb"), "-D", str(draft), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        with self.layout.log("initdb").open("wb") as log:
            done = subprocess.run(
                launched([*base, *locale, *sync], identity=self.identity, death_signal=signal.SIGKILL),
                env=server_environment(),
                cwd="/",
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if done.returncode != 0:
            said = self.layout.log("initdb").read_text(errors="replace").strip()
            raise StackError(f"PostgreSQL could not create its data folder:\n{said}")
        draft.rename(self.folder)

    def _own(self, folder: Path) -> None:
        """Give root's cluster to the identity of this run; an earlier run may have had another."""
        if os.geteuid() != 0 or folder.stat().st_uid == self.identity.owner[0]:
            return
        for parent, _, files in os.walk(folder):
            for path in [Path(parent), *(Path(parent) / name for name in files)]:
                os.chown(path, *self.identity.owner, follow_symlinks=False)

    # Starting over what an earlier run left

    def may_start(self) -> bool:
        """Say whether nothing holds the cluster any more; ask again until it is so.

        After kill -9 of the postmaster its other processes stay for a moment.
        """
        if not self._leftovers.are_gone():
            return False
        self._remove_stale_locks()
        return True

    def _remove_stale_locks(self) -> None:
        # Left alone, a lock whose number now belongs to another process would refuse every start.
        if not leftovers.visible():
            return
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        for path in self.layout.sockets.glob(f".s.PGSQL.{PORT}*"):
            path.unlink(missing_ok=True)

    # Once it runs

    @property
    def _address(self) -> list[str]:
        return ["-h", str(self.layout.sockets), "-p", PORT, "-U", "postgres"]

    def is_ready(self) -> bool:
        command = [self.binaries.program("pg_isready"), "-q", *self._address, "-d", "postgres"]
        return subprocess.run(command, env=clean_environment(), capture_output=True).returncode == 0

    def query(self, statement: str) -> str:
        """Run one statement as the superuser and return its bare rows; StackError carries the server's words."""
        command = [
            self.binaries.program("psql"),
            "-X",
            "-q",
            "-A",
            "-t",
            *self._address,
            "-d",
            "postgres",
            "-c",
            statement,
        ]
        answer = subprocess.run(command, env=clean_environment(), capture_output=True, text=True)
        if answer.returncode != 0:
            raise StackError(f"PostgreSQL refused {statement!r}: {answer.stderr.strip()}")
        return answer.stdout.strip()

    def ensure_database(self) -> None:
        """Create the application's database if it is missing."""
        if not self.query(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):  # noqa: S608  # a constant
            self.query(f"CREATE DATABASE {DATABASE}")

    def is_prepared(self) -> bool:
        """Say whether the database has once been migrated and filled to the end."""
        comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        return self.query(f"{comment} WHERE datname = '{DATABASE}'") == PREPARED

    def mark_prepared(self) -> None:
        self.query(f"COMMENT ON DATABASE {DATABASE} IS '{PREPARED}'")
