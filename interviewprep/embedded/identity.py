"""As whom PostgreSQL runs: it refuses root, so root becomes someone else.

An ordinary user stays who they are. Root enters a user namespace in which it is user 1000 (files stay root's), and
where user namespaces are refused (many containers) it becomes nobody, who needs places that everyone can reach.
Nothing here creates a system user.
"""

import enum
import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

from . import launch
from .errors import StackError

# For tests and for machines where the probe is wrong: "namespace" or "nobody".
OVERRIDE_VARIABLE = "EMBEDDED_ROOT_MODE"


class Identity(enum.StrEnum):
    SELF = "self"
    NAMESPACE = "namespace"
    NOBODY = "nobody"

    @property
    def owner(self) -> tuple[int, int]:
        """User and group id, as the file system sees them, of what this identity writes."""
        if self is Identity.NOBODY:
            return launch.NOBODY, launch.NOBODY
        return os.geteuid(), os.getegid()


def launched(command: list[str], *, identity: Identity, death_signal: signal.Signals) -> list[str]:
    """Return the command line that runs `command` as `identity`, tied to the life of this process."""
    isolated = [sys.executable, "-I", "-S", launch.__file__]
    return [*isolated, str(os.getpid()), str(int(death_signal)), identity.value, *command]


def succeeds(command: list[str], identity: Identity) -> bool:
    """Say whether a short command ends well when run as `identity`."""
    full = launched(command, identity=identity, death_signal=signal.SIGKILL)
    return subprocess.run(full, capture_output=True, cwd="/").returncode == 0


def can_enter(folder: Path, identity: Identity) -> bool:
    """Say whether `identity` may traverse `folder` and everything above it."""
    return identity is Identity.SELF or succeeds(["test", "-x", str(folder)], identity)


@functools.cache
def choose() -> Identity:
    """Return the identity for servers that refuse root."""
    if os.geteuid() != 0:
        return Identity.SELF
    wish = os.environ.get(OVERRIDE_VARIABLE)
    if wish is not None:
        if wish not in {Identity.NAMESPACE, Identity.NOBODY}:
            raise StackError(f"{OVERRIDE_VARIABLE} must be namespace or nobody, not {wish!r}.")
        return Identity(wish)
    return Identity.NAMESPACE if succeeds(["true"], Identity.NAMESPACE) else Identity.NOBODY
