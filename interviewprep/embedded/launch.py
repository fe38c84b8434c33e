"""Become another program that cannot outlive its parent and, for root, is not root.

Run as a script in front of every process that the stack starts: `launch.py PARENT SIGNAL IDENTITY COMMAND…`.
It must stay free of imports from this project, because it runs isolated and before the identity changes.
"""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NOBODY = 65534
# Inside the namespace root appears as this user; PostgreSQL only checks that it is not 0.
NAMESPACE_ID = 1000


def die_with_parent(parent_pid: int, death_signal: int) -> None:
    """Ask the kernel to send `death_signal` to this process when `parent_pid` dies; at once if it already has.

    Linux only; elsewhere this does nothing. Any later change of credentials clears the request.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    # The parent may have died before the request was in place.
    if os.getppid() != parent_pid:
        signal.signal(death_signal, signal.SIG_DFL)
        os.kill(os.getpid(), death_signal)


def enter_user_namespace() -> None:
    """Map this user to an ordinary one in a new user namespace; OSError where the system refuses that."""
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are refused here")
    proc = Path("/proc/self")
    with contextlib.suppress(FileNotFoundError):
        (proc / "setgroups").write_text("deny")
    (proc / "uid_map").write_text(f"{NAMESPACE_ID} {uid} 1")
    (proc / "gid_map").write_text(f"{NAMESPACE_ID} {gid} 1")


def become_nobody() -> None:
    """Drop root for the user and group 65534."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def main(arguments: list[str]) -> None:
    parent_pid, death_signal, identity, *command = arguments
    try:
        if identity == "namespace":
            enter_user_namespace()
        elif identity == "nobody":
            become_nobody()
        # Only now: a change of credentials clears the death signal.
        die_with_parent(int(parent_pid), int(death_signal))
        os.execvp(command[0], command)  # noqa: S606  # no shell is wanted
    except OSError as error:
        print(f"{command[0]} could not be started as {identity}: {error}", file=sys.stderr)
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
