"""The command line of the local stack; the Makefile's targets are its users.

python -m interviewprep.embedded run
python -m interviewprep.embedded test [pytest arguments]
python -m interviewprep.embedded manage "<management command and its arguments>"
python -m interviewprep.embedded exec -- command…
python -m interviewprep.embedded reset
"""

import os
import signal
import sys
from pathlib import Path

from . import commands
from .errors import StackError
from .launch import die_with_parent
from .run import run


def end_with_make() -> None:
    """When make started this, stop when make is killed: there is no terminal left to stop it from."""
    parent = os.getppid()
    try:
        name = (Path("/proc") / str(parent) / "comm").read_text().strip()
    except OSError:
        return
    if name in {"make", "gmake"}:
        die_with_parent(parent, signal.SIGTERM)


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run"]:
            return run()
        case ["test", *rest]:
            return commands.test(rest)
        case ["manage", command_line]:
            return commands.manage(command_line)
        case ["exec", "--", *command] if command:
            return commands.with_servers(command, name=f"exec {command[0]}")
        case ["reset"]:
            return commands.reset()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    end_with_make()
    try:
        sys.exit(main(sys.argv[1:]))
    except StackError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
