"""Waiting that ends at once when a child dies or someone asks the stack to stop.

Signals are only noted here and acted upon at the next wait, so that no step is torn apart half way.
"""

import os
import select
import signal
from contextlib import suppress
from types import FrameType, TracebackType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Catches the stop signals and SIGCHLD while it is entered; main thread only."""

    def __init__(self) -> None:
        self.stops: list[signal.Signals] = []
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def __enter__(self) -> "Signals":
        for number in (*STOP_SIGNALS, signal.SIGCHLD):
            # nohup means: go on without the terminal.
            if not (number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN):
                signal.signal(number, self._note)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The handlers stay: from here to the end of the process a signal has nothing left to interrupt.
        signal.set_wakeup_fd(-1)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self.stops.append(signal.Signals(number))

    def wait(self, seconds: float) -> None:
        """Wait for the first signal, `seconds` at most."""
        select.select([self._read], [], [], max(seconds, 0))
        with suppress(BlockingIOError):
            os.read(self._read, 4096)
