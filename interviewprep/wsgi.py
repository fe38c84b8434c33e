"""WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")

application = get_wsgi_application()

from interviewprep.http import Utf8Request  # noqa: E402  # its imports need the applications

application.request_class = Utf8Request
