"""A wrong environment variable stops the start and says which one it is and what it should look like."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from interviewprep import database
from interviewprep.addresses import wrong_base_url

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "SECRET_KEY": "x" * 40,
    "DATABASE_URL": "postgres://user:word@localhost:5432/name",
    "REDIS_URL": "redis://localhost:6379/0",
    "PATH": os.environ["PATH"],
}


def load(*names: str, imports: str | None = None, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Import the settings in a fresh interpreter and print the named ones; None takes a variable away."""
    environment = {name: value for name, value in (GOOD | changes).items() if value is not None}
    shown = f"print(json.dumps([{', '.join(names)}], default=str))"
    code = f"import json, {imports or 'interviewprep.settings'}; from interviewprep import settings as s; {shown}"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)


def values(*names: str, **changes: Any) -> Any:
    """Return the named settings, written as `s.NAME` or any expression with it; one alone, several as a list."""
    found = json.loads(load(*names, **changes).stdout)
    return found[0] if len(names) == 1 else found


def test_a_good_environment_loads_and_is_strict_by_default() -> None:
    assert values("s.DATABASES['default']['NAME']", "s.SESSION_COOKIE_SECURE") == ["name", True]


# --- HTTPS ----------------------------------------------------------------------------------------------------------

HSTS = ("s.SECURE_HSTS_SECONDS > 0", "s.SECURE_HSTS_INCLUDE_SUBDOMAINS", "s.SECURE_HSTS_PRELOAD")


def test_other_subdomains_are_not_bound_to_https_unless_asked_for() -> None:
    assert values(*HSTS) == [True, False, False]
    assert values(*HSTS, HSTS_SUBDOMAINS="1") == [True, True, True]
    assert values(*HSTS, HSTS_SUBDOMAINS="1", LOCAL_HTTP="1") == [False, False, False]


def test_a_claim_to_use_https_is_only_believed_of_a_proxy() -> None:
    assert values("s.SECURE_PROXY_SSL_HEADER") is None
    assert values("s.SECURE_PROXY_SSL_HEADER", TRUSTED_PROXIES="1") == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert values("s.SECURE_PROXY_SSL_HEADER", TRUSTED_PROXIES="1", LOCAL_HTTP="1") is None


@pytest.mark.parametrize("changes", [{}, {"TRUSTED_PROXIES": "1"}, {"HSTS_SUBDOMAINS": "1"}])
def test_the_deployment_check_warns_of_nothing(changes: dict[str, str]) -> None:
    environment = {**GOOD, "SECRET_KEY": secrets.token_urlsafe(64), **changes}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- Links in mails -------------------------------------------------------------------------------------------------


def test_links_in_mails_lead_to_the_first_name_unless_an_address_is_given() -> None:
    names = "interviews.example.org,other.example.org"
    assert values("s.SITE_URL", ALLOWED_HOSTS=names) == "https://interviews.example.org"
    assert values("s.SITE_URL", ALLOWED_HOSTS="*,.example.org") == "https://example.org"
    assert values("s.SITE_URL", LOCAL_HTTP="1", PORT="8001") == "http://localhost:8001"
    given = "https://interviews.example.org:8443/"
    assert values("s.SITE_URL", SITE_URL=given) == "https://interviews.example.org:8443"


@pytest.mark.parametrize("address", ["interviews.example.org", "ftp://example.org", "https://"])
def test_an_address_for_links_that_leads_nowhere_stops_the_start(address: str) -> None:
    result = load("s.SITE_URL", SITE_URL=address)
    assert result.returncode != 0
    assert "SITE_URL" in result.stderr


# --- The database ---------------------------------------------------------------------------------------------------

OPTIONS = "s.DATABASES['default']['OPTIONS']"


def test_a_database_that_is_away_is_given_up_after_seconds() -> None:
    options = values(OPTIONS)
    assert options["connect_timeout"] == 5
    assert options["tcp_user_timeout"] == 10_000
    assert options["keepalives_idle"] + options["keepalives_interval"] * options["keepalives_count"] <= 20
    assert options["pool"]["timeout"] == 3


def test_only_the_web_process_limits_its_statements() -> None:
    """Migrations, the loading of the bank and reports may take longer; nobody's browser waits for them."""
    assert "options" not in values(OPTIONS)
    assert values(OPTIONS, imports="interviewprep.wsgi")["options"] == "-c statement_timeout=10000"
    limited = values(OPTIONS, imports="interviewprep.wsgi", STATEMENT_TIMEOUT_SECONDS="30")
    assert limited["options"] == "-c statement_timeout=30000"
    assert "options" not in values(OPTIONS, imports="interviewprep.wsgi", STATEMENT_TIMEOUT_SECONDS="0")


def test_only_the_web_process_gives_up_on_a_server_that_is_frozen() -> None:
    assert "connection_class" not in values(OPTIONS)["pool"]
    assert "Bounded" in values(OPTIONS, imports="interviewprep.wsgi")["pool"]["connection_class"]


def test_what_the_address_of_the_database_says_wins() -> None:
    address = "postgres://u:w@localhost/name?connect_timeout=2&options=-c%20statement_timeout%3D5000"
    options = values(OPTIONS, DATABASE_URL=address, STATEMENT_TIMEOUT_SECONDS="10")
    assert options["connect_timeout"] == 2
    assert options["options"] == "-c statement_timeout=10000 -c statement_timeout=5000"


@pytest.mark.django_db
def test_a_limited_statement_is_ended_by_the_server() -> None:
    parameters = connection.get_connection_params() | {"options": "-c statement_timeout=50"}
    with psycopg.connect(**parameters) as limited, pytest.raises(psycopg.errors.QueryCanceled):
        limited.execute("SELECT pg_sleep(5)")


@pytest.mark.django_db
def test_a_frozen_server_is_given_up_and_its_connection_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "GRACE_SECONDS", 0.0)
    parameters = connection.get_connection_params()
    with database.bounded_connection(0.3).connect(**parameters) as silent:
        assert silent.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="did not answer in time"):
            silent.execute("SELECT pg_sleep(5)")
        assert silent.closed


# --- What is wrong is said ------------------------------------------------------------------------------------------


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
        ({"HSTS_SUBDOMAINS": "perhaps"}, "HSTS_SUBDOMAINS"),
        ({"STATEMENT_TIMEOUT_SECONDS": "-1"}, "STATEMENT_TIMEOUT_SECONDS"),
        ({"INTERVIEW_GRACE_SECONDS": "301"}, "INTERVIEW_GRACE_SECONDS"),
        ({"CSRF_TRUSTED_ORIGINS": "interviews.example.org"}, "is not an origin such as https://"),
        ({"EMAIL_URL": "pigeon://coop"}, "EMAIL_URL"),
        ({"DEMO_ACCOUNTS": "1"}, "DEMO_ACCOUNTS=1 needs LOCAL_HTTP=1"),
        ({"OPINION_URL": "localhost:11434", "OPINION_MODEL": "m"}, "OPINION_URL must be an http or https address"),
        ({"OPINION_URL": "http://localhost/v1"}, "OPINION_URL needs OPINION_MODEL"),
        ({"OPINION_TIMEOUT_SECONDS": "91"}, "OPINION_TIMEOUT_SECONDS"),
        ({"OPINION_DAILY_TOKENS": "0"}, "OPINION_DAILY_TOKENS"),
        ({"OPINION_API_KEY": "hunter2\nX-Header: 1"}, "OPINION_API_KEY may only have"),
    ],
)
def test_a_wrong_variable_is_named(changes: dict[str, str | None], words: str) -> None:
    done = load(**changes)
    assert done.returncode != 0
    last_line = [line for line in done.stderr.splitlines() if "ImproperlyConfigured" in line][-1]
    assert words in last_line


@pytest.mark.parametrize(
    "changes",
    [
        {"DATABASE_URL": "sqlite://user:hunter2@host/name"},
        {"OPINION_URL": "https://user:hunter2@host/v1", "OPINION_MODEL": "m"},
        {"OPINION_API_KEY": "hunter2 "},
    ],
)
def test_a_wrong_variable_keeps_its_value_to_itself(changes: dict[str, str]) -> None:
    assert "hunter2" not in load(**changes).stderr.splitlines()[-1]


# --- A language model's opinion -------------------------------------------------------------------------------------


def test_opinions_are_off_unless_an_address_is_given() -> None:
    assert values("s.OPINION_URL", "s.OPINION_MODEL", "s.OPINION_AT_ONCE") == ["", "", 1]
    given = {"OPINION_URL": "http://127.0.0.1:11434/v1/", "OPINION_MODEL": "qwen3:14b"}
    assert values("s.OPINION_URL", **given) == "http://127.0.0.1:11434/v1"


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("http://127.0.0.1:11434/v1", ""),
        ("https://models.example.org", ""),
        ("http://[::1]:8000/v1", ""),
        ("ftp://example.org", "must be an http or https address"),
        ("file:///etc/passwd", "must be an http or https address"),
        ("http://", "must be an http or https address"),
        ("http://:80/v1", "must be an http or https address"),
        ("http://exa mple.org", "must be an http or https address"),
        ("http://exämple.org", "must be an http or https address"),
        ("http://example.org:99999", "is no address"),
        ("http://[::1/v1", "is no address"),
        ("https://user:word@example.org/v1", "must not hold a name or password"),
        ("https://example.org/v1?key=1", "must end with its path"),
        ("https://example.org/v1#x", "must end with its path"),
    ],
)
def test_an_address_is_that_of_a_host_over_http_and_nothing_else(url: str, wrong: str) -> None:
    assert wrong_base_url(url).startswith(wrong)
    assert bool(wrong_base_url(url)) == bool(wrong)
