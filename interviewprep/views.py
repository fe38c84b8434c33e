"""Pages that belong to no app: the landing page, the health check and the answers to requests gone wrong.

Nothing here reads interviews or questions. The error pages must work with as little as possible: a request that
failed early has no user, and the page for a server error gets no context at all (templates/500.html).
"""

import threading
from contextlib import suppress
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from interviewprep.http import Request

HEALTH_PATIENCE_SECONDS = 1.0


@require_safe
def landing(request: Request) -> HttpResponse:
    """Say what this is; whoever is signed in goes straight to their own page."""
    if request.user.is_authenticated:
        return redirect("home")
    response = render(request, "landing.html")
    # It holds this visitor's security token, but nothing that going back must not show.
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers within a second, else 503.

    Without Redis answers are still saved and only reports wait, so its state is told but fails nothing.
    """
    healthy = _database_answers()
    lines = ["ok" if healthy else "database: no answer", f"redis: {_redis_state()}"]
    status = HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE
    return HttpResponse("\n".join(lines) + "\n", status=status, content_type="text/plain")


def _database_answers() -> bool:
    """Ask in a thread of its own: neither the pool nor a frozen server keeps to a limit of one second."""
    answered = threading.Event()
    threading.Thread(target=_ask_database, args=[answered], daemon=True).start()
    return answered.wait(HEALTH_PATIENCE_SECONDS)


def _ask_database(answered: threading.Event) -> None:
    try:
        with suppress(DatabaseFailure), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            answered.set()
    finally:
        # Connections belong to their thread; this gives it back to the pool.
        connection.close()


def _redis_state() -> str:
    """Ask the server itself to store something: the cache hides from everybody else that it is away or full."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5, retry=None) as redis:
            redis.set("interviewprep:healthz", 1, ex=60)
    except ResponseError:
        return "refuses writes"
    except (RedisError, OSError):
        return "no answer"
    return "ok"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django could not read: 413 for a request that is too large, else 400."""
    if isinstance(exception, RequestDataTooBig):
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        title = _("That was too large")
        words = _(
            "The request was larger than this site accepts, or it held a file: this site takes no files. "
            "Nothing was saved from it; what was saved before is safe."
        )
    else:
        status = HTTPStatus.BAD_REQUEST
        title = _("That request made no sense")
        words = _("Something in the address or in what was sent is malformed. Nothing saved is lost.")
    return _refusal(request, "400.html", status, title=title, words=words)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose security token is missing or outdated."""
    no_cookie = reason == REASON_NO_CSRF_COOKIE
    words = (
        _("Your browser did not send this site's cookie. Allow cookies for this site, then load the page again.")
        if no_cookie
        else _("The page was open for a long time, or you signed in or out in another tab. Load it again and repeat.")
    )
    return _refusal(request, "csrf.html", HTTPStatus.FORBIDDEN, title=_("This form has expired"), words=words)


def _refusal(request: HttpRequest, template: str, status: HTTPStatus, *, title: str, words: str) -> HttpResponse:
    """Render a whole page, or only its words for htmx, which would swap a page into a page."""
    if "HX-Request" in request.headers:
        template = "_refusal.html"
    context = {"title": title, "words": words, "status_code": status.value, "back_url": _page_before(request)}
    return render(request, template, context, status=status)


def _page_before(request: HttpRequest) -> str:
    """Return the address of our page that held the form; the form's own address may only know POST."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return reverse("landing")
    referer = request.headers.get("Referer", "")
    return referer if url_has_allowed_host_and_scheme(referer, allowed_hosts={host}) else reverse("landing")
