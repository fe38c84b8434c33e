"""`python -m benchmarks [--json]`: measure on servers of its own in a temporary folder, and remove them afterwards.

Whatever the shell says about an installation (DATABASE_URL, DATA_DIR and so on) is left out on purpose: measuring
writes hundreds of interviews, and nobody's data may be touched by it. Standard output is the table's alone.
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
LIMIT_SECONDS = 300.0
STOP_SECONDS = 20.0


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="interviewprep-bench-", ignore_cleanup_errors=True) as folder:
        data = Path(folder).resolve()
        if choose() is Identity.NOBODY:
            data.chmod(0o711)
        environment = _environment(data)
        try:
            return _run([*STACK, "exec", "--", sys.executable, "-m", "benchmarks.measure", *arguments], environment)
        finally:
            # What the servers keep outside the folder, too: short sockets, and root's cluster where it must move.
            reset = subprocess.run([*STACK, "reset"], cwd=ROOT, env=environment, capture_output=True, text=True)
            if reset.returncode:
                print(reset.stderr, file=sys.stderr)


def _environment(data: Path) -> dict[str, str]:
    foreign = {*NOT_FOR_TESTS, "DATABASE_URL", "REDIS_URL", "TRUSTED_PROXIES"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {"DATA_DIR": str(data), "YES": "1"}


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run to the end, or stop at LIMIT_SECONDS or when asked to; return the exit code."""
    tied = launched(command, identity=Identity.SELF, death_signal=signal.SIGTERM)
    process = subprocess.Popen(tied, cwd=ROOT, env=environment)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: process.terminate())
    try:
        code = process.wait(LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"Stopped: not done within {LIMIT_SECONDS:.0f} s.", file=sys.stderr)
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return 1
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
