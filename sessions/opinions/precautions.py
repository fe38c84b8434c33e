"""What `manage.py check` says about the endpoint. Settings that cannot work at all have stopped the start before."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

from interviewprep.addresses import travels_in_clear


def check_endpoint(**_: Any) -> list[CheckMessage]:
    """Warn where candidates' words would cross the internet for all to read."""
    if not settings.OPINION_URL or not travels_in_clear(settings.OPINION_URL):
        return []
    return [
        Warning(
            "OPINION_URL begins with http:// and leads to another network: answers and key travel there unencrypted.",
            hint="Use https, or an address on your own network.",
            id="interview_sessions.W001",
        )
    ]
