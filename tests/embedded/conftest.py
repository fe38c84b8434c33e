"""Stacks that end with their test, whatever happens in it."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from interviewprep.embedded.identity import Identity
from interviewprep.embedded.paths import Layout

from .driving import StandIn


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A folder for a stack's data, and the removal of what the stack keeps elsewhere."""
    folder = tmp_path / "var"
    yield folder
    Layout(folder, Identity.SELF).delete()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A data folder that every user can reach; pytest's own folders are private."""
    parent = Path(tempfile.mkdtemp(prefix="interviewprep-nobody-"))
    parent.chmod(0o755)
    yield parent / "var"
    Layout(parent / "var", Identity.SELF).delete()
    shutil.rmtree(parent)


@pytest.fixture
def start() -> Iterator[Callable[..., StandIn]]:
    started: list[StandIn] = []

    def start_one(data: Path, kind: str = "light", **more: Any) -> StandIn:
        started.append(StandIn(data, kind, **more))
        return started[-1].wait_until_running()

    yield start_one
    for stack in started:
        stack.stop(signal.SIGINT)
