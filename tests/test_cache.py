"""The cache that pages can do without, and the broker: gone, frozen or full, a request waits for neither for long."""

import socket
from collections.abc import Iterator
from time import monotonic

import pytest
from celery import Celery
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from kombu.exceptions import OperationalError
from pytest_django import Settings
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

import interviewprep.cache
from interviewprep import settings as project
from interviewprep.accounts.people import create_person
from tests.factories import PASSWORD

REFUSALS = [
    OutOfMemoryError("OOM command not allowed when used memory > 'maxmemory'."),
    ResponseError("MISCONF Redis is configured to save RDB snapshots, but it's unable to persist to disk."),
    ResponseError("NOREPLICAS Not enough good replicas to write."),
]


def use_server(settings: Settings, address: str) -> None:
    settings.CACHES = {"default": {**project.CACHES["default"], "LOCATION": address}}


@pytest.fixture(autouse=True)
def nothing_skipped() -> Iterator[None]:
    yield
    interviewprep.cache._skipped_until.clear()


@pytest.fixture
def redis_is_away(settings: Settings) -> None:
    """The project's own cache, at a port where nothing listens."""
    use_server(settings, "redis://127.0.0.1:1/0")


@pytest.fixture
def redis_is_frozen(settings: Settings) -> Iterator[None]:
    """A server whose kernel still takes connections and words, and which answers none."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_server(settings, f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        yield


@pytest.fixture(params=REFUSALS, ids=lambda error: str(error).split()[0])
def redis_refuses_writes(request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real server, refusing everything that would write."""

    def answer(self: Redis, command: str, *words: object, **options: object) -> object:
        if command in {"SET", "INCRBY", "DEL", "EXPIRE"}:
            raise request.param
        return ask(self, command, *words, **options)  # type: ignore[no-untyped-call]

    ask = Redis.execute_command
    monkeypatch.setattr(Redis, "execute_command", answer)
    use_server(settings, project.REDIS_URL)


def assert_it_remembers_nothing_and_cannot_count() -> None:
    cache.set("key", 1)
    assert cache.get("key", "default") == "default"
    assert cache.add("key", 1)
    assert "key" not in cache
    assert not cache.delete("key")
    with pytest.raises(ValueError, match=r"away|not found"):
        cache.incr("key")


@pytest.mark.usefixtures("redis_is_away")
def test_without_its_server_the_cache_remembers_nothing_and_cannot_count() -> None:
    assert_it_remembers_nothing_and_cannot_count()


@pytest.mark.usefixtures("redis_refuses_writes")
def test_with_a_server_that_refuses_writes_the_cache_remembers_nothing_and_cannot_count() -> None:
    assert_it_remembers_nothing_and_cannot_count()


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_refuses_writes")
def test_with_a_redis_that_refuses_writes_people_sign_in_open_pages_and_sign_out(client: Client) -> None:
    create_person(email="ada@example.com", password=PASSWORD)
    log_in = {"login": "ada@example.com", "password": PASSWORD}
    assert client.post(reverse("account_login"), log_in).status_code == 302
    assert client.get(reverse("people")).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302
    assert client.get(reverse("people")).status_code == 302


def test_a_value_that_is_refused_takes_the_older_one_with_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server without memory still deletes; what it kept would be an outdated session."""
    use_server(settings, project.REDIS_URL)
    cache.set("tests:outdated", "old", timeout=60)
    assert cache.get("tests:outdated") == "old"

    def refuse(self: Redis, *words: object, **options: object) -> None:
        raise REFUSALS[0]

    monkeypatch.setattr(Redis, "set", refuse)
    cache.set("tests:outdated", "new", timeout=60)
    assert cache.get("tests:outdated") is None


@pytest.mark.usefixtures("redis_is_frozen")
def test_a_frozen_server_is_waited_for_once(caplog: pytest.LogCaptureFixture) -> None:
    begun = monotonic()
    for _ in range(20):
        cache.set("key", 1)
        assert cache.get("key", "default") == "default"
    assert len(caplog.records) == 1
    assert monotonic() - begun < 5  # forty waits would be twenty seconds


@pytest.mark.usefixtures("redis_is_frozen")
def test_a_frozen_server_is_asked_again_after_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache.get("key")
    now = monotonic()
    monkeypatch.setattr(interviewprep.cache, "monotonic", lambda: now + 11)
    cache.get("key")
    assert len(caplog.records) == 2


@pytest.mark.usefixtures("redis_is_frozen")
def test_another_server_is_asked_while_one_is_skipped(settings: Settings) -> None:
    cache.get("key")
    use_server(settings, project.REDIS_URL)
    cache.set("tests:asked", 1, timeout=60)
    assert cache.get("tests:asked") == 1


@pytest.mark.parametrize(("error", "asked"), [(RedisTimeoutError, 1), (TimeoutError, 1), (RedisConnectionError, 3)])
def test_only_a_server_that_keeps_one_waiting_is_skipped(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, error: type[Exception], asked: int
) -> None:
    """One that refuses connections costs no time, and is back as soon as it is."""
    use_server(settings, "redis://127.0.0.1:1/0")
    calls: list[str] = []

    def fail(self: Redis, *words: object, **options: object) -> None:
        calls.append(str(words[0]))
        raise error

    monkeypatch.setattr(Redis, "execute_command", fail)
    for _ in range(3):
        cache.get("key")
    assert len(calls) == asked


def test_a_task_for_a_frozen_broker_is_given_up_within_seconds() -> None:
    """The sweep sends again what was lost; whoever finishes an interview must not wait for it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker = Celery("frozen", broker=f"redis://127.0.0.1:{silent.getsockname()[1]}/0", set_as_current=False)
        broker.conf.update(
            broker_transport_options=project.CELERY_BROKER_TRANSPORT_OPTIONS,
            task_publish_retry=project.CELERY_TASK_PUBLISH_RETRY,
        )
        begun = monotonic()
        with pytest.raises(OperationalError):
            broker.send_task("anything")
    assert monotonic() - begun < 4
