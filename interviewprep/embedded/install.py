"""Make `.venv` and install the pinned requirements into it. Run by `make setup` as a plain file.

It must be readable by any Python 3 that a machine may have, if only to say that it is too old, and print nothing on
standard output, which belongs to the command that needed the environment. The stamp is written last, so an
installation that was interrupted is done again.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
REPOSITORY = Path(__file__).resolve().parent.parent.parent
VENV = REPOSITORY / ".venv"
VENV_PYTHON = str(VENV / "bin" / "python")
REQUIREMENTS = REPOSITORY / "requirements" / "development.txt"
STAMP = VENV / ".installed"
LOG = VENV / "install.log"


def say(line: str, end: str = "\n") -> None:
    sys.stderr.write(line + end)
    sys.stderr.flush()


def check_python() -> None:
    """End with a message when this Python cannot run the project."""
    major, minor = sys.version_info[:2]
    if (major, minor) < OLDEST:
        sys.exit(
            f"This needs Python 3.11 or newer, and {sys.executable} is Python {major}.{minor}.\n"
            "Name another one, for example: make setup PYTHON=python3.12"
        )
    # Debian ships `venv` without `ensurepip` until python3-venv is installed.
    if not works([sys.executable, "-c", "import ensurepip, venv"]):
        sys.exit(
            f"{sys.executable} is Python {major}.{minor}, but without the module that makes virtual environments.\n"
            f"Debian and Ubuntu: apt install python3-venv (or python{major}.{minor}-venv)"
        )


def works(command: "list[str]") -> bool:
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make_venv() -> None:
    """Make `.venv`, anew when the one that is there does not run (its Python was removed, or it is half made)."""
    if works([VENV_PYTHON, "-m", "pip", "--version"]):
        return
    say(f"Making .venv with {sys.executable} …")
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)], stdout=sys.stderr) != 0:
        sys.exit("The virtual environment could not be made.")


class Progress:
    """How far pip is: one changing line on a terminal, a line every few seconds elsewhere."""

    EVERY_SECONDS = 5

    def __init__(self, total: int) -> None:
        self.total = total
        self.seen = 0
        self.started_at = time.time()
        self.said_at = 0.0

    def see(self, line: str) -> None:
        """Take one line of pip's output."""
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            self.seen = min(self.seen + 1, self.total)
            name = line.replace("Requirement already satisfied: ", "Collecting ").split()[1].split("==")[0]
            self.show(f"Installing {self.seen} of {self.total}: {name}")
        elif line.startswith("Installing collected packages"):
            self.said_at = 0.0
            self.show(f"Unpacking {self.total} packages …")

    def show(self, text: str) -> None:
        if sys.stderr.isatty():
            width = shutil.get_terminal_size().columns - 1
            say("\r" + text[:width].ljust(width), end="")
        elif time.time() - self.said_at > self.EVERY_SECONDS:
            self.said_at = time.time()
            say(text)

    def end(self) -> None:
        if sys.stderr.isatty():
            say("")
        say(f"Installed {self.seen} packages in {time.time() - self.started_at:.0f} s.")


def install() -> None:
    """Install what the requirements file pins, saying how far it is."""
    pins = [line for line in REQUIREMENTS.read_text().splitlines() if "==" in line and line[0].isalnum()]
    progress = Progress(len(pins))
    # Everything is pinned with its hash, dependencies too, so pip has nothing to resolve.
    exactly = ["--require-hashes", "--no-deps", "-r", str(REQUIREMENTS)]
    quietly = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    command = [VENV_PYTHON, "-m", "pip", "install", *exactly, *quietly]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with LOG.open("wb") as log:
        for line in process.stdout or ():
            log.write(line)
            progress.see(line.decode(errors="replace").strip())
    if process.wait() != 0:
        last = "\n".join(LOG.read_text(errors="replace").splitlines()[-15:])
        sys.exit(f"\nThe requirements could not be installed. The end of {LOG}:\n{last}")
    progress.end()


if __name__ == "__main__":
    try:
        check_python()
        make_venv()
        install()
        STAMP.touch()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next `make` starts the installation again.")
