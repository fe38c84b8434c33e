"""Why a change did not happen, as far as callers tell these cases apart."""

from sessions.lifecycle.results import SaveResult


class SessionOverError(Exception):
    """The session is finished or its time is up, so nothing in it can be changed any more."""


class PauseRefusedError(Exception):
    """The session does not pause, or has no pause left."""


class StaleDraftError(Exception):
    """The words that came with a click are based on an older text; they were kept, and nothing else was done."""

    def __init__(self, result: SaveResult) -> None:
        self.result = result
        super().__init__("stale draft")


class TimeChangeRefusedError(ValueError):
    """The time cannot be changed like this; the message says why, in words for the person who asked."""


class ReopenRefusedError(ValueError):
    """The session cannot be reopened; the message says why, in words for the person who asked."""


class ContendedError(Exception):
    """Other changes came first time and again. Nothing was done; trying again is safe."""
