"""How one save differs from the one before, and how to get a text back from such differences. Pure; counts characters.

The differences are made by the database itself (migration 0005), which sees every save.
"""

from collections.abc import Iterable
from typing import Protocol


class Delta(Protocol):
    """`removed` characters from `start` on gave way to `inserted`."""

    @property
    def start(self) -> int: ...
    @property
    def removed(self) -> int: ...
    @property
    def inserted(self) -> str: ...


def apply(text: str, delta: Delta) -> str:
    return text[: delta.start] + delta.inserted + text[delta.start + delta.removed :]


def replay(deltas: Iterable[Delta], *, text: str = "") -> str:
    """Return what became of `text` through all of `deltas`, which come in order and without a gap."""
    for delta in deltas:
        text = apply(text, delta)
    return text
