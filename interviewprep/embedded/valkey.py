"""The embedded Valkey: a queue's alarm clock and a cache, kept on disk so that nothing queued is lost.

It listens on a socket in a private folder only.
"""

import signal
import socket
from pathlib import Path
from urllib.parse import quote

from .binaries import find_valkey
from .identity import Identity
from .leftovers import Leftovers
from .paths import Layout


class Valkey:
    """The server of one layout."""

    name = "valkey"
    # It does not mind root; what it writes belongs to whoever runs the stack.
    identity = Identity.SELF
    stop_signal = signal.SIGTERM
    death_signal = signal.SIGTERM

    def __init__(self, layout: Layout, *, durable: bool = True) -> None:
        self.layout = layout
        self.durable = durable
        self.program = find_valkey()
        self._leftovers = Leftovers(self.folder, Path(self.program).name)

    @property
    def socket_path(self) -> str:
        return str(self.layout.sockets / "valkey.sock")

    @property
    def url(self) -> str:
        return f"unix://{quote(self.socket_path)}"

    @property
    def folder(self) -> Path:
        return self.layout.valkey

    def command(self) -> list[str]:
        # The stack starts it inside its folder, so that no path needs Valkey's own quoting.
        places = ["--dir", ".", "--port", "0", "--unixsocket", self.socket_path, "--unixsocketperm", "700"]
        return [self.program, *places, "--save", "", "--appendonly", "yes" if self.durable else "no"]

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def may_start(self) -> bool:
        """Say whether no earlier one is left, which would write the same file and remove the new one's socket."""
        return self._leftovers.are_gone()

    def is_ready(self) -> bool:
        """Say whether it answers; while it loads its file it says LOADING instead."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(self.socket_path)
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
