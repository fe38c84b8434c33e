"""What tests of sessions share: a broker that is recorded, or one that is away."""

from collections.abc import Iterator

import pytest

from interviewprep.celery import app
from sessions import tasks

UNREACHABLE = "redis://127.0.0.1:1/0"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the sessions whose report is sent for, in place of a broker."""
    session_ids: list[str] = []
    monkeypatch.setattr(tasks.compile_report, "delay", session_ids.append)
    return session_ids


@pytest.fixture
def broken_broker() -> Iterator[None]:
    """Point the application at a port where nothing listens, with fresh connections before and after."""
    before = app.conf.broker_url
    app.conf.update(broker_url=UNREACHABLE, broker_write_url=UNREACHABLE)
    app._after_fork()  # type: ignore[attr-defined]  # drops the connection pools, as after a fork
    yield
    app.conf.update(broker_url=before, broker_write_url=before)
    app._after_fork()  # type: ignore[attr-defined]
