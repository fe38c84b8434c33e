"""Where the stack keeps things: one data folder, and one short private folder for its sockets.

Sockets have their own rule because their path may have about 107 bytes at most, however deep the data folder is.
Nothing here starts a process; what is created is private to the user unless the servers' identity needs to reach it.
"""

import hashlib
import os
import re
import secrets
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .errors import StackError
from .identity import Identity, can_enter
from .launch import NOBODY

REPOSITORY = Path(__file__).resolve().parents[2]
# "/.s.PGSQL.5432" follows, and macOS allows only 104 bytes.
SOCKET_FOLDER_BYTES = 80
LOG_BYTES = 5 * 1024 * 1024


def data_folder() -> Path:
    """Return DATA_DIR, or `var` in the repository."""
    return Path(os.environ.get("DATA_DIR") or REPOSITORY / "var").expanduser().resolve()


@dataclass(frozen=True)
class Layout:
    """The places of one stack; `identity` is as whom PostgreSQL runs."""

    data: Path
    identity: Identity

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    @property
    def logs(self) -> Path:
        return self.data / "log"

    @property
    def mails(self) -> Path:
        return self.data / "mails"

    @property
    def static(self) -> Path:
        return self.data / "static"

    @property
    def beat_schedule(self) -> Path:
        return self.data / "beat-schedule"

    @property
    def lock(self) -> Path:
        return self.data / "lock"

    @property
    def digest(self) -> str:
        """Twelve characters that stand for this data folder in names outside it."""
        return hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]

    @property
    def outside(self) -> Path:
        """Where servers that may not enter the data folder live instead. Only root ever needs it."""
        return Path("/var/lib") / f"interviewprep-{self.digest}"

    @cached_property
    def servers_home(self) -> Path:
        """The folder in which the PostgreSQL identity can work: the data folder unless it cannot reach it."""
        return self.data if can_enter(self.data, self.identity) else self.outside

    @cached_property
    def sockets(self) -> Path:
        """The folder for both servers' sockets: short, and the same for the same data folder."""
        inside = self.servers_home / "sockets"
        # Anything else would need quoting in three different kinds of address.
        plain = re.fullmatch(r"[A-Za-z0-9_./-]+", str(inside))
        if plain and len(os.fsencode(inside)) <= SOCKET_FOLDER_BYTES:
            return inside
        return self.short_sockets

    @property
    def short_sockets(self) -> Path:
        return Path("/tmp") / f"interviewprep-{os.geteuid()}-{self.digest}"  # noqa: S108  # checked to be ours

    def create(self) -> None:
        """Create every folder; StackError when one cannot be written or is not ours."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            for folder in (self.valkey, self.logs, self.mails, self.static):
                folder.mkdir(mode=0o700, exist_ok=True)
            if self.servers_home != self.data:
                self.servers_home.mkdir(mode=0o711, exist_ok=True)
            self._create_sockets()
        except OSError as error:
            raise StackError(f"The data folder {self.data} cannot be used: {error}. DATA_DIR names another.") from error

    def _create_sockets(self) -> None:
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        found = self.sockets.lstat()
        # Root's may be nobody's from an earlier run.
        ours = {os.geteuid(), NOBODY} if os.geteuid() == 0 else {os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise StackError(f"{self.sockets} belongs to someone else; remove it, or set DATA_DIR to another folder.")
        if os.geteuid() == 0:
            os.chown(self.sockets, *self.identity.owner)
        self.sockets.chmod(0o700)

    def tidy(self) -> None:
        """Leave nothing outside the data folder that only running servers need."""
        with suppress(OSError):  # not there, or somebody's servers are still up
            self.short_sockets.rmdir()

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def rotate_logs(self) -> None:
        """Keep one older copy of each log that has grown large."""
        for path in self.logs.glob("*.log"):
            if path.stat().st_size > LOG_BYTES:
                path.replace(path.with_suffix(".log.1"))

    def secret_key(self) -> str:
        """Return the secret of this data folder, made on first use and readable by its owner only."""
        path = self.data / "secret_key"
        if not path.exists():
            draft = path.with_suffix(".new")
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(50))
            draft.replace(path)
        return path.read_text().strip()

    def everything(self) -> list[Path]:
        """Return what exists of all that this stack ever writes, except the lock."""
        servers = ["postgres", "postgres.new", "postgres-binaries", "valkey", "sockets"]
        names = [*servers, "log", "mails", "static", "secret_key"]
        inside = [self.data / name for name in names]
        found = [*inside, *self.data.glob("beat-schedule*"), self.outside, self.short_sockets]
        return [path for path in found if path.exists() or path.is_symlink()]

    def delete(self) -> None:
        """Delete what `everything` lists."""
        for path in self.everything():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
