"""A Redis cache that pages can do without: while the server is away it remembers nothing instead of raising.

Sessions live in the database and are only read faster from here, and log-in tries are only counted here. Neither may
turn a page into an error: without the server, sessions cost a statement and tries are not counted.
"""

import logging
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)

AWAY = (RedisConnectionError, RedisTimeoutError, OSError)


class OptionalRedisCache(RedisCache):
    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Return True, "it was not there", when the server is away: allauth takes that for the lock it needs."""
        try:
            return super().add(key, value, timeout, version)
        except AWAY as error:
            _tell("add", error)
            return True

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except AWAY as error:
            _tell("get", error)
            return default

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except AWAY as error:
            _tell("set", error)

    def delete(self, key: str, version: int | None = None) -> bool:
        try:
            return super().delete(key, version)
        except AWAY as error:
            _tell("delete", error)
            return False

    def has_key(self, key: str, version: int | None = None) -> bool:
        try:
            return super().has_key(key, version)
        except AWAY as error:
            _tell("has_key", error)
            return False

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raise ValueError, "no such key", when the server is away: callers expect that one."""
        try:
            return super().incr(key, delta, version)
        except AWAY as error:
            _tell("incr", error)
            raise ValueError(f"cannot count {key!r}: the cache is away") from error


def _tell(operation: str, error: Exception) -> None:
    logger.warning("cache %s without its server: %s", operation, error)
