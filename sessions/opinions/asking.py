"""One opinion from beginning to end: taken up, asked for, checked, kept. No transaction is open during the request."""

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings

from sessions.models import Opinion
from sessions.opinions import client, keeping
from sessions.opinions.checking import check, read_completion
from sessions.opinions.errors import NoOpinionError, RefusedByModelError
from sessions.opinions.keeping import Outcome, Work
from sessions.opinions.prompts import estimated_tokens, request_body

logger = logging.getLogger(__name__)

# What an endpoint says that does not know the parameter for the schema of the reply.
UNKNOWN_PARAMETER = frozenset({400, 415, 422})


def form_opinion(*, now: datetime) -> bool:
    """Ask for one opinion that is due; True when there was one and the endpoint works, so that the next may follow."""
    work = keeping.claim(now=now)
    if work is None:
        return False
    began = time.monotonic()
    outcome = _outcome(work)
    if outcome.error:
        logger.warning("no opinion %s: %s", work.opinion_id, outcome.error)
    keeping.settle(work, outcome, now=now + timedelta(seconds=time.monotonic() - began))
    return not outcome.again


def _outcome(work: Work) -> Outcome:
    """Ask, and check the reply."""
    tokens = work.reserved
    try:
        raw = _reply(work)
        tokens = work.reserved - settings.OPINION_MAX_OUTPUT_TOKENS + estimated_tokens(len(raw))
        completion = read_completion(raw)
        tokens = completion.tokens or tokens
        checked = check(completion, key_points=work.exercise.key_points, answer=work.exercise.answer)
    except RefusedByModelError as error:
        return Outcome(Opinion.State.REFUSED, tokens, error=str(error))
    except NoOpinionError as error:
        return Outcome(Opinion.State.FAILED, tokens if error.is_spent else 0, error=str(error), again=error.again)
    return Outcome(Opinion.State.READY, tokens, data=checked.to_json())


def _reply(work: Work) -> bytes:
    """Ask for a reply that keeps to the schema; of an endpoint that cannot, for any. Both within one time limit."""
    began = time.monotonic()
    try:
        return _post(work, with_schema=True, seconds=settings.OPINION_TIMEOUT_SECONDS)
    except NoOpinionError as error:
        left = settings.OPINION_TIMEOUT_SECONDS - (time.monotonic() - began)
        if error.status not in UNKNOWN_PARAMETER or left <= 0:
            raise
    return _post(work, with_schema=False, seconds=left)


def _post(work: Work, *, with_schema: bool, seconds: float) -> bytes:
    body = request_body(
        work.exercise,
        model=settings.OPINION_MODEL,
        max_output_tokens=settings.OPINION_MAX_OUTPUT_TOKENS,
        with_schema=with_schema,
    )
    url = f"{settings.OPINION_URL}/chat/completions"
    return client.post(url, body, api_key=settings.OPINION_API_KEY, seconds=seconds)
