"""Every setting of the project, read from the environment once, at start.

One plain file for all environments: what differs between them is an environment variable, checked here, and a
wrong value stops the start with the variable's name and what it should look like. Nothing here opens a connection.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env, EnvError, validate

from interviewprep.addresses import wrong_base_url
from interviewprep.database import bounded_connection

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()


def _read_opinions() -> dict[str, Any]:
    """Return the checked variables of the language model; EnvError names one that is wrong, never its value."""
    between = validate.Range
    return {
        "OPINION_URL": env.str("OPINION_URL", "").rstrip("/"),
        "OPINION_MODEL": env.str("OPINION_MODEL", "", validate=validate.Length(max=100)),
        "OPINION_API_KEY": env.str("OPINION_API_KEY", ""),
        # Below the time limit of a task, with room for a name that is slow to look up.
        "OPINION_TIMEOUT_SECONDS": env.int("OPINION_TIMEOUT_SECONDS", 30, validate=between(min=1, max=90)),
        "OPINION_AT_ONCE": env.int("OPINION_AT_ONCE", 1, validate=between(min=1, max=32)),
        "OPINION_MAX_ANSWERS_PER_SESSION": env.int(
            "OPINION_MAX_ANSWERS_PER_SESSION", 20, validate=between(min=1, max=200)
        ),
        "OPINION_MAX_OUTPUT_TOKENS": env.int(
            "OPINION_MAX_OUTPUT_TOKENS", 2_000, validate=between(min=100, max=100_000)
        ),
        "OPINION_DAILY_TOKENS_PER_USER": env.int(
            "OPINION_DAILY_TOKENS_PER_USER", 100_000, validate=between(min=1, max=10**12)
        ),
        "OPINION_DAILY_TOKENS": env.int("OPINION_DAILY_TOKENS", 1_000_000, validate=between(min=1, max=10**12)),
    }


def _read_environment() -> dict[str, Any]:
    """Return the checked environment; ImproperlyConfigured names every variable that is wrong."""
    try:
        return {
            "SECRET_KEY": env.str("SECRET_KEY", validate=validate.Length(min=32)),
            "DEBUG": env.bool("DEBUG", False),
            "ALLOWED_HOSTS": env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"]),
            "CSRF_TRUSTED_ORIGINS": env.list("CSRF_TRUSTED_ORIGINS", []),
            "DATABASE": env.dj_db_url("DATABASE_URL", conn_max_age=0, conn_health_checks=True),
            "REDIS_URL": env.str("REDIS_URL"),
            "LOCAL_HTTP": env.bool("LOCAL_HTTP", False),
            "DEMO_ACCOUNTS": env.bool("DEMO_ACCOUNTS", False),
            "STATEMENT_TIMEOUT_SECONDS": env.int(
                "STATEMENT_TIMEOUT_SECONDS", 0, validate=validate.Range(min=0, max=3600)
            ),
            "INTERVIEW_GRACE_SECONDS": env.int("INTERVIEW_GRACE_SECONDS", 15, validate=validate.Range(min=0, max=300)),
            "IMPORT_MAX_MB": env.int("IMPORT_MAX_MB", 50, validate=validate.Range(min=1, max=1000)),
            "IMPORT_MAX_QUESTIONS": env.int(
                "IMPORT_MAX_QUESTIONS", 50_000, validate=validate.Range(min=1, max=1_000_000)
            ),
            "TEXT_GRADER": env.str("TEXT_GRADER", "lexical", validate=validate.OneOf(["lexical", "semantic"])),
            "HSTS_SUBDOMAINS": env.bool("HSTS_SUBDOMAINS", False),
            "TRUSTED_PROXIES": env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=9)),
            "DATA_DIR": Path(env.str("DATA_DIR", str(BASE_DIR / "var"))),
            "DEFAULT_FROM_EMAIL": env.str("DEFAULT_FROM_EMAIL", "Interview Prep <noreply@localhost>"),
            "SITE_URL": env.str("SITE_URL", ""),
            "EMAIL": env.dj_email_url("EMAIL_URL") if env.str("EMAIL_URL", "") else None,
            **_read_opinions(),
        }
    except (EnvError, ValueError) as error:
        raise ImproperlyConfigured(
            f"The environment is not usable: {error}\n"
            "docs/operator.md lists every variable with an example; `make run` sets all of them itself."
        ) from error


_environment = _read_environment()

SECRET_KEY: str = _environment["SECRET_KEY"]
DEBUG: bool = _environment["DEBUG"]
ALLOWED_HOSTS: list[str] = _environment["ALLOWED_HOSTS"]
CSRF_TRUSTED_ORIGINS: list[str] = _environment["CSRF_TRUSTED_ORIGINS"]
DATA_DIR: Path = _environment["DATA_DIR"]
LOCAL_HTTP: bool = _environment["LOCAL_HTTP"]
DEMO_ACCOUNTS: bool = _environment["DEMO_ACCOUNTS"]
REDIS_URL: str = _environment["REDIS_URL"]

if DEMO_ACCOUNTS and not LOCAL_HTTP:
    raise ImproperlyConfigured(
        "DEMO_ACCOUNTS=1 needs LOCAL_HTTP=1: accounts with a known password stay on this machine."
    )
if urlsplit(REDIS_URL).scheme not in {"redis", "rediss", "unix"}:
    raise ImproperlyConfigured(
        "REDIS_URL must start with redis://, rediss:// or unix://, for example redis://localhost:6379/0"
    )
for origin in CSRF_TRUSTED_ORIGINS:
    if urlsplit(origin).scheme not in {"http", "https"} or not urlsplit(origin).netloc:
        raise ImproperlyConfigured(
            f"CSRF_TRUSTED_ORIGINS: {origin!r} is not an origin such as https://interviews.example.org"
        )

INSTALLED_APPS = [
    "interviewprep.accounts",
    "questions",
    "sessions",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "django_htmx",
    "heroicons",
    "import_export",
]

MIDDLEWARE = [
    "interviewprep.http.ArrivalTimeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # what comes after it meets no static file
    "interviewprep.http.PrivateByDefaultMiddleware",
    "csp.middleware.CSPMiddleware",
    "interviewprep.http.CharsetMiddleware",  # before anything reads the query or the form
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sessions.views.contended.ContendedMiddleware",
]

ROOT_URLCONF = "interviewprep.urls"
WSGI_APPLICATION = "interviewprep.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "heroicons.templatetags.heroicons",
                "interviewprep.constant",
            ],
        },
    }
]

# The pool needs CONN_MAX_AGE 0; without health checks a database restart fails requests (docs/decisions/0003).
_database = _environment["DATABASE"]
if _database["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must be a PostgreSQL address: postgres://user:password@host:5432/name")
# A server that is away must cost a request seconds, not the minutes for which TCP hopes. Over a Unix socket the last
# four mean nothing. What DATABASE_URL says in its query wins.
_options: dict[str, Any] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,  # ms
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    **_database.get("OPTIONS", {}),
    "server_side_binding": True,  # so that psycopg prepares what is sent often: planning costs more than running it
    "pool": {"min_size": 1, "max_size": 12, "timeout": 3},
}
# Set by interviewprep/wsgi.py: migrations, the loading of the bank and reports take the time they need.
if _limit := _environment["STATEMENT_TIMEOUT_SECONDS"]:
    _options["options"] = f"-c statement_timeout={_limit * 1000} {_options.get('options', '')}".rstrip()
    _options["pool"]["connection_class"] = bounded_connection(_limit)
_database["OPTIONS"] = _options
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sessions are read from the cache and written to both: a request costs no statement for its session,
# and losing the cache signs nobody out.
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
CACHES = {
    "default": {
        "BACKEND": "interviewprep.cache.OptionalRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "interviewprep",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
}

# Accounts: e-mail is the log-in; allauth verifies and throttles.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["interviewprep.accounts.backend.UserBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "interviewprep.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "landing"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# How many proxies in front of us add to X-Forwarded-For; throttles count by the address they report.
ALLAUTH_TRUSTED_PROXY_COUNT: int = _environment["TRUSTED_PROXIES"]
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if LOCAL_HTTP else "https"

# Where the site is reached, for links in mails that a worker sends, which has no request to take it from.
_host = next((host.lstrip(".") for host in ALLOWED_HOSTS if host != "*"), "localhost")
_default_url = f"http://{_host}:{env.str('PORT', '') or 8000}" if LOCAL_HTTP else f"https://{_host}"
SITE_URL: str = (_environment["SITE_URL"] or _default_url).rstrip("/")
if urlsplit(SITE_URL).scheme not in {"http", "https"} or not urlsplit(SITE_URL).netloc:
    raise ImproperlyConfigured(f"SITE_URL: {SITE_URL!r} is not an address such as https://interviews.example.org")

# Mail
DEFAULT_FROM_EMAIL: str = _environment["DEFAULT_FROM_EMAIL"]
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10
if _environment["EMAIL"] is not None:
    _mail = _environment["EMAIL"]
    if "EMAIL_BACKEND" not in _mail:
        raise ImproperlyConfigured(
            "EMAIL_URL must start with a way to send mail, for example smtp+tls://user:password@mail.example.org:587"
        )
    EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
elif LOCAL_HTTP:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mails")
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# Celery: the database is the queue, Redis only wakes the worker (docs/decisions/0004).
_broker = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_URL = _broker
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 120
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request that enqueues must not hang when Redis is away; the sweep sends the task again.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 180,
    "unacked_restore_throttle": 1,
    "unacked_restore_interval": 10,
    # What a request that finishes an interview waits at most for a broker that is frozen.
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    # Without these, kombu spends about 6 s on an unreachable broker before a request may go on.
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_BEAT_SCHEDULE = {
    "close-overdue-sessions": {
        "task": "sessions.tasks.close_overdue_sessions",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "mail-owed-appointments": {
        "task": "sessions.tasks.mail_owed_appointments",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "mail-owed-flag-answers": {
        "task": "questions.tasks.mail_owed_flag_answers",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    # Not every 24 hours from the start of beat, which a daily restart would put off for ever.
    "refresh-item-statistics": {
        "task": "sessions.tasks.refresh_item_statistics",
        "schedule": crontab(hour="3", minute="17"),
        "options": {"expires": 3600},
    },
    "refit-levels": {
        "task": "sessions.tasks.refit_levels",
        "schedule": crontab(hour="3", minute="25"),
        "options": {"expires": 3600},
    },
    "gather-phrasings": {
        "task": "sessions.tasks.gather_phrasings",
        "schedule": crontab(hour="3", minute="33"),
        "options": {"expires": 3600},
    },
    "take-up-imports": {
        "task": "questions.tasks.take_up_imports",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "forget-old-imports": {
        "task": "questions.tasks.forget_old_imports",
        "schedule": crontab(hour="3", minute="41"),
        "options": {"expires": 3600},
    },
    "delete-old-guests": {
        "task": "sessions.tasks.delete_old_guests",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}

# Interview rules that an operator may want to change live here, with their unit in the name.
INTERVIEW_GRACE_SECONDS: int = _environment["INTERVIEW_GRACE_SECONDS"]
INTERVIEW_PAUSE_SECONDS = 30 * 60  # of one practice session, in all
INTERVIEW_UNTIMED_DAYS = 7
INTERVIEW_FOLLOW_UP_SECONDS = 90
INTERVIEW_ANSWER_MAX_BYTES = 64 * 1024
INTERVIEW_TIME_FACTORS = ("1.00", "1.25", "1.50", "2.00")
GUEST_LIFETIME_DAYS = 7

# Imports of questions: how large a file may be, as it is sent and unpacked, and how many questions it may hold.
IMPORT_MAX_BYTES: int = _environment["IMPORT_MAX_MB"] * 1_000_000
IMPORT_MAX_UNPACKED_BYTES = 4 * IMPORT_MAX_BYTES
IMPORT_MAX_QUESTIONS: int = _environment["IMPORT_MAX_QUESTIONS"]
# Smaller files are read and imported while the person waits, larger ones by a worker.
IMPORT_AT_ONCE_QUESTIONS = 500
IMPORT_AT_ONCE_BYTES = 2_000_000
# A file that was never imported is forgotten after so long.
IMPORT_KEPT_DAYS = 30

# Who grades open answers in the workers (docs/grading.md); the semantic one needs `make semantic`.
TEXT_GRADER: str = _environment["TEXT_GRADER"]
# The model's arithmetic: more threads than one would take the cores from other workers. Read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A language model's opinion on open answers, off without an address; docs/operator.md says what it costs and sends.
OPINION_URL: str = _environment["OPINION_URL"]
OPINION_MODEL: str = _environment["OPINION_MODEL"]
OPINION_API_KEY: str = _environment["OPINION_API_KEY"]
OPINION_TIMEOUT_SECONDS: float = _environment["OPINION_TIMEOUT_SECONDS"]
OPINION_AT_ONCE: int = _environment["OPINION_AT_ONCE"]
OPINION_MAX_ANSWERS_PER_SESSION: int = _environment["OPINION_MAX_ANSWERS_PER_SESSION"]
OPINION_MAX_OUTPUT_TOKENS: int = _environment["OPINION_MAX_OUTPUT_TOKENS"]
OPINION_DAILY_TOKENS_PER_USER: int = _environment["OPINION_DAILY_TOKENS_PER_USER"]
OPINION_DAILY_TOKENS: int = _environment["OPINION_DAILY_TOKENS"]
if OPINION_URL and (_wrong := wrong_base_url(OPINION_URL)):
    raise ImproperlyConfigured(f"OPINION_URL {_wrong}; it should look like http://127.0.0.1:11434/v1")
if OPINION_URL and not OPINION_MODEL:
    raise ImproperlyConfigured("OPINION_URL needs OPINION_MODEL: the name of the model to ask there, as it knows it.")
if not (OPINION_API_KEY.isascii() and OPINION_API_KEY.isprintable() and " " not in OPINION_API_KEY):
    raise ImproperlyConfigured("OPINION_API_KEY may only have letters, digits and signs of ASCII, and no space.")

# Static files
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "interviewprep" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# Security: one policy in every environment.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL_HTTP
SECURE_SSL_REDIRECT = not LOCAL_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 0 if LOCAL_HTTP else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _environment["HSTS_SUBDOMAINS"] and not LOCAL_HTTP
# These two warn that subdomains are not included. Whether other sites beside this one can do HTTPS, only the operator
# knows, and a browser cannot be told to forget it.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# Without a proxy that sets this header, a visitor would.
_behind_proxy = _environment["TRUSTED_PROXIES"] > 0 and not LOCAL_HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _behind_proxy else None
CSRF_FAILURE_VIEW = "interviewprep.views.csrf_failure"
# Larger than any answer may be, so that an answer that is too long gets our own words, not a bare 400.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# The editor of questions with 40 rows in each of its lists sends some 1,100.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_HANDLERS = ["interviewprep.http.NoUploads"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.server": {"level": "WARNING"}},
}
