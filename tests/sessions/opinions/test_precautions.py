"""What `manage.py check` says about an endpoint to which words would travel in clear."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

CLEAR = ["http://models.example.org/v1", "http://203.0.114.7:8000/v1", "http://example.org.:80"]
SAFE = [
    "",
    "https://models.example.org/v1",
    "http://127.0.0.1:11434/v1",
    "http://[::1]:8000/v1",
    "http://192.168.1.20:8000/v1",
    "http://10.0.0.5/v1",
    "http://localhost:11434/v1",
    "http://ollama:11434/v1",
    "http://gpu.lan:8000/v1",
    "http://host.docker.internal:11434/v1",
]


@pytest.mark.parametrize("url", [*CLEAR, *SAFE])
def test_an_endpoint_across_the_internet_wants_https(settings: Settings, url: str) -> None:
    settings.OPINION_URL = url
    warned = [message.id for message in run_checks() if "OPINION_URL" in message.msg]
    assert warned == (["interview_sessions.W001"] if url in CLEAR else [])
