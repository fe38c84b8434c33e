"""An endpoint on this machine, and somebody who agreed to it."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from interviewprep.accounts.models import User
from tests.factories import NOW, make_user
from tests.sessions.opinions.stub import Server, running

KEY = "key-that-nobody-may-see"


@pytest.fixture
def endpoint(settings: Settings) -> Iterator[Server]:
    """A well-behaved endpoint, set by the operator; its `behaviour` can be changed."""
    with running() as server:
        settings.OPINION_URL = server.url
        settings.OPINION_MODEL = "stub-1"
        settings.OPINION_API_KEY = KEY
        settings.OPINION_TIMEOUT_SECONDS = 10
        yield server


@pytest.fixture
def ada(endpoint: Server) -> User:
    """A candidate who agreed to this endpoint."""
    return make_user(name="Ada", opinion_host=urlsplit(endpoint.url).netloc, opinion_since=NOW - timedelta(days=1))
