"""A Redis cache that pages can do without: while the server is away it remembers nothing instead of raising.

Sessions live in the database and are only read faster from here, and log-in tries are only counted here. Neither may
turn a page into an error or keep it waiting: without the server, sessions cost a statement and tries are not counted.
"Away" includes a server that refuses what it is asked, for example to write while its memory or disk is full.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)

AWAY = (RedisError, OSError)
SKIPPED_SECONDS = 10.0

Result = TypeVar("Result")
# By server, for the whole process: Django makes a cache object for each thread, and each would wait for itself.
_skipped_until: dict[str, float] = {}


class OneRedisClient(RedisCacheClient):
    """Keeps its client: Django makes a new one for every call, which costs as much as the call itself."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if not hasattr(self, "_kept"):
            self._kept = super().get_client(key, write=True)
        return self._kept


class OptionalRedisCache(RedisCache):
    """After a time-out the server is not asked again for `SKIPPED_SECONDS`, so that one request waits, not each."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = OneRedisClient

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Return True, "it was not there", when the server is away: allauth takes that for the lock it needs."""
        return self._ask("add", partial(super().add, key, value, timeout, version), otherwise=True)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._ask("get", partial(super().get, key, default, version), otherwise=default)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store the value; where the server has no room for it, the older one must not be read in its place."""
        store, forget = partial(super().set, key, value, timeout, version), partial(super().delete, key, version)
        self._ask("set", partial(_store, store, forget), otherwise=None)

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._ask("delete", partial(super().delete, key, version), otherwise=False)

    def has_key(self, key: str, version: int | None = None) -> bool:
        return self._ask("has_key", partial(super().has_key, key, version), otherwise=False)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raise ValueError, "no such key", when the server is away: callers expect that one."""
        count = self._ask("incr", partial(super().incr, key, delta, version), otherwise=None)
        if count is None:
            raise ValueError(f"cannot count {key!r}: the cache is away")
        return count

    def _ask(self, operation: str, ask: Callable[[], Result], *, otherwise: Result) -> Result:
        server = str(self._servers)  # type: ignore[attr-defined]  # not in the stubs
        if monotonic() < _skipped_until.get(server, 0.0):
            return otherwise
        try:
            return ask()
        except AWAY as error:
            if isinstance(error, (RedisTimeoutError, TimeoutError)):
                _skipped_until[server] = monotonic() + SKIPPED_SECONDS
            logger.warning("cache %s without its server: %s", operation, error)
            return otherwise


def _store(store: Callable[[], Any], forget: Callable[[], Any]) -> None:
    try:
        store()
    except ResponseError:
        with suppress(ResponseError):
            forget()
        raise
