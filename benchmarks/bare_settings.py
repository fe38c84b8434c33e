"""The same with as good as no middleware: what Django itself costs here, with the same pool and process model."""

from benchmarks.settings import *  # noqa: F403  the same settings but for what follows

# Its app refuses to start without it.
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
