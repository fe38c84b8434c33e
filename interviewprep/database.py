"""A PostgreSQL connection that gives up on a server which says nothing, in the web process only.

`statement_timeout` ends a slow statement as long as the server runs, and TCP's own limits end a connection to a machine
that is gone. A server that is frozen while its kernel still acknowledges is noticed by neither: only by this.
"""

from typing import TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout
from psycopg.rows import TupleRow

Result = TypeVar("Result")

# Longer than the server's own limit, so that it is the server that ends a slow statement, and says so.
GRACE_SECONDS = 2.0


def bounded_connection(limit_seconds: float) -> type[Connection[TupleRow]]:
    """Return a class of connections that wait `limit_seconds`, and a little, for each answer, and then are closed."""

    class BoundedConnection(Connection[TupleRow]):
        def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
            """Raise OperationalError when the server does not answer in time."""
            if timeout is not None:
                return super().wait(gen, interval, timeout)
            try:
                return super().wait(gen, interval, limit_seconds + GRACE_SECONDS)
            except _WaitTimeout as error:
                self.close()  # its state is unknown; the pool makes another one
                raise OperationalError("the server did not answer in time") from error

    return BoundedConnection
