"""What every test shares: a cheap password hasher, plain static files and tasks that are recorded, not sent."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def fast_and_closed_settings(settings: Settings) -> None:
    """Tests neither spend 240 ms on a password hash, nor need collectstatic, nor reach for a broker."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SECURE_SSL_REDIRECT = False
