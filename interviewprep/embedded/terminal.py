"""What the person at the terminal sees while the stack works: plain lines, and a title with its time.

Standard output is for `run` alone; everything that happens around somebody else's command goes to standard error.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def tell(line: str = "", *, end: str = "\n") -> None:
    """Print on standard output. A terminal that has gone away is no reason to stop the servers."""
    with suppress(OSError):
        print(line, end=end, flush=True)


def say(line: str) -> None:
    """Print on standard error."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


@contextmanager
def progress(title: str) -> Iterator[None]:
    """Print `title` at once and the time it took at the end."""
    started_at = time.monotonic()
    tell(f"  {title} … ", end="")
    try:
        yield
    except BaseException:
        tell()
        raise
    tell(f"{time.monotonic() - started_at:.1f} s")
