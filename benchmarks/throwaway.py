"""Servers that exist for one measurement, in a temporary folder that is removed afterwards.

Whatever the shell says about an installation (DATABASE_URL, DATA_DIR and so on) is left out on purpose: measuring
writes hundreds of interviews, and nobody's data may be touched by it.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from interviewprep.embedded.commands import NOT_FOR_TESTS
from interviewprep.embedded.identity import Identity, choose, launched

ROOT = Path(__file__).resolve().parent.parent
STACK = [sys.executable, "-m", "interviewprep.embedded"]
STOP_SECONDS = 20.0


def run_beside_servers(module: str, arguments: list[str], *, limit_seconds: float) -> int:
    """Run `python -m module` beside a database and a Valkey of its own, to the end or the limit; return its code."""
    with tempfile.TemporaryDirectory(prefix="interviewprep-bench-", ignore_cleanup_errors=True) as folder:
        data = Path(folder).resolve()
        if choose() is Identity.NOBODY:
            data.chmod(0o711)
        environment = _environment(data)
        try:
            command = [*STACK, "exec", "--", sys.executable, "-m", module, *arguments]
            return _run(command, environment, limit_seconds)
        finally:
            # What the servers keep outside the folder, too: short sockets, and root's cluster where it must move.
            reset = subprocess.run([*STACK, "reset"], cwd=ROOT, env=environment, capture_output=True, text=True)
            if reset.returncode:
                print(reset.stderr, file=sys.stderr)


def _environment(data: Path) -> dict[str, str]:
    foreign = {*NOT_FOR_TESTS, "DATABASE_URL", "REDIS_URL", "TRUSTED_PROXIES"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {"DATA_DIR": str(data), "YES": "1"}


def _run(command: list[str], environment: dict[str, str], limit_seconds: float) -> int:
    """Run to the end, or stop at the limit or when asked to; return the exit code."""
    tied = launched(command, identity=Identity.SELF, death_signal=signal.SIGTERM)
    process = subprocess.Popen(tied, cwd=ROOT, env=environment)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: process.terminate())
    try:
        code = process.wait(limit_seconds)
    except subprocess.TimeoutExpired:
        print(f"Stopped: not done within {limit_seconds:.0f} s.", file=sys.stderr)
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return 1
    return code if code >= 0 else 128 - code
