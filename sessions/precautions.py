"""What `manage.py check` says about the settings of grading, before a worker finds out by failing."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from sessions.grading import minilm, semantic


def check_text_grader(**_: Any) -> list[CheckMessage]:
    """Refuse to start with a grader whose packages are not there."""
    missing = minilm.missing_packages() if semantic.NAME == settings.TEXT_GRADER else []
    if not missing:
        return []
    return [
        Error(
            f"TEXT_GRADER is semantic, which needs {', '.join(missing)}.",
            hint="Run `make semantic`, or set TEXT_GRADER=lexical.",
            id="interview_sessions.E001",
        )
    ]
