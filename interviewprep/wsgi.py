"""WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")
# A browser waits for every statement of this process, and a stuck one holds one of few threads.
os.environ.setdefault("STATEMENT_TIMEOUT_SECONDS", "10")

application = get_wsgi_application()

from interviewprep.http import Utf8Request  # noqa: E402  # its imports need the applications

application.request_class = Utf8Request
