"""What the workers do for the bank. An id comes in, one function is called, and calling it again does no harm.

The tables say what is due; a task that is lost is sent again by the sweep.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from interviewprep.celery import app, enqueue_after_commit
from questions import flagging
from questions.importing import running
from questions.importing.claims import LEASE_SECONDS
from questions.models import ImportRun

logger = logging.getLogger(__name__)

RESEND_AFTER_SECONDS = 30
MAILED_PER_SWEEP = 200
IMPORTS_PER_SWEEP = 50
FORGOTTEN_PER_RUN = 200
# Longer than any file we take needs. The broker may deliver the task again meanwhile; the claim keeps that harmless.
IMPORT_SECONDS = 1_800


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


@app.task(
    autoretry_for=(OperationalError,), retry_backoff=True, max_retries=8, acks_late=True, time_limit=IMPORT_SECONDS
)
def work_on_import(run_id: str) -> None:
    """Read, import or undo, whatever is due for a run. One that was thrown away meanwhile is nobody's work."""
    try:
        running.work(run_id=UUID(run_id), now=timezone.now())
    except ImportRun.DoesNotExist:
        return


def begin_import_work(run_id: UUID, now: datetime) -> None:
    """Do what is due for a run at once if it is little, while a person waits; else leave it to a worker."""
    if not running.work(run_id=run_id, now=now, at_once=True):
        enqueue_after_commit(work_on_import, str(run_id))


@app.task
def take_up_imports() -> None:
    """Send again for imports that nobody has taken up, or whose worker has died."""
    quiet = timezone.now() - timedelta(seconds=LEASE_SECONDS)
    for run_id in ImportRun.objects.owed(quiet).order_by("heard_at").values_list("pk", flat=True)[:IMPORTS_PER_SWEEP]:
        enqueue_after_commit(work_on_import, str(run_id))


@app.task
def forget_old_imports() -> None:
    """Delete files that were sent and never imported."""
    running.forget_old(before=timezone.now() - timedelta(days=settings.IMPORT_KEPT_DAYS), most=FORGOTTEN_PER_RUN)
