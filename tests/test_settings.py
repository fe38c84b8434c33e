"""A wrong environment variable stops the start and says which one it is and what it should look like."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "SECRET_KEY": "x" * 40,
    "DATABASE_URL": "postgres://user:word@localhost:5432/name",
    "REDIS_URL": "redis://localhost:6379/0",
    "PATH": os.environ["PATH"],
}


def load(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Import the settings in a fresh interpreter; None takes a variable away."""
    environment = {name: value for name, value in (GOOD | changes).items() if value is not None}
    code = "from interviewprep import settings as s; print(s.DATABASES['default']['NAME'], s.SESSION_COOKIE_SECURE)"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_good_environment_loads_and_is_strict_by_default() -> None:
    assert load().stdout.split() == ["name", "True"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SECRET_KEY": None}, '"SECRET_KEY" not set'),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "postgres://user:password@host:5432/name"),
        ({"DATABASE_URL": "what"}, "DATABASE_URL"),
        ({"REDIS_URL": None}, "REDIS_URL"),
        ({"REDIS_URL": "memcached://localhost"}, "REDIS_URL must start with redis://"),
        ({"DEBUG": "maybe"}, "DEBUG"),
        ({"LOCAL_HTTP": "perhaps"}, "LOCAL_HTTP"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES"),
        ({"CSRF_TRUSTED_ORIGINS": "interviews.example.org"}, "is not an origin such as https://"),
        ({"EMAIL_URL": "pigeon://coop"}, "EMAIL_URL"),
        ({"DEMO_ACCOUNTS": "1"}, "DEMO_ACCOUNTS=1 needs LOCAL_HTTP=1"),
    ],
)
def test_a_wrong_variable_is_named(changes: dict[str, str | None], words: str) -> None:
    done = load(**changes)
    assert done.returncode != 0
    last_line = [line for line in done.stderr.splitlines() if "ImproperlyConfigured" in line][-1]
    assert words in last_line


def test_a_wrong_variable_keeps_its_value_to_itself() -> None:
    assert "hunter2" not in load(DATABASE_URL="sqlite://user:hunter2@host/name").stderr.splitlines()[-1]
