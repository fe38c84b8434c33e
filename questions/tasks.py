"""What the workers do for the bank. An id comes in, one function is called, and calling it again does no harm.

The tables say what is due; a task that is lost is sent again by the sweep.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from interviewprep.celery import app, enqueue_after_commit
from questions import flagging

logger = logging.getLogger(__name__)

RESEND_AFTER_SECONDS = 30
MAILED_PER_SWEEP = 200


@app.task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=8, acks_late=True)
def mail_flag_answer(flag_id: str) -> None:
    """Mail the answer to a flag; when the mail server refuses, the sweep tries again."""
    try:
        flagging.deliver(flag_id=UUID(flag_id), now=timezone.now())
    except OperationalError:
        raise
    except Exception:
        logger.exception("the answer to flag %s was not mailed", flag_id)


@app.task
def mail_owed_flag_answers() -> None:
    """Send again for the answers that are still owed."""
    now = timezone.now()
    owing = flagging.owing_mail(now).filter(answered_at__lt=now - timedelta(seconds=RESEND_AFTER_SECONDS))
    for flag_id in owing.order_by("answered_at").values_list("pk", flat=True)[:MAILED_PER_SWEEP]:
        enqueue_after_commit(mail_flag_answer, str(flag_id))
