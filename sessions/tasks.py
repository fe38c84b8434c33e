"""What the workers do. Ten lines each: an id comes in, one function is called, and calling it again does no harm.

The tables say what is due; a task that is lost is sent again by the sweep.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone

from interviewprep.accounts.models import User
from interviewprep.celery import app, enqueue_after_commit
from sessions import item_statistics, levels, lifecycle, opinions, proposals, reports, scheduling
from sessions.grading import choose_text_grader
from sessions.models import InterviewSession, Report

logger = logging.getLogger(__name__)

RESEND_AFTER_SECONDS = 30
RESENT_PER_SWEEP = 500
CLOSED_PER_SWEEP = 500
GUESTS_PER_RUN = 500
MAILED_PER_SWEEP = 200


# The soft limit raises in the middle of the work, so that a report that takes for ever is counted as failed; a killed
# worker would leave it to be sent again and again.
@app.task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=8, acks_late=True, soft_time_limit=100)
def compile_report(session_id: str) -> None:
    """Grade a finished session and compile its report; then ask for the opinions that its candidate agreed to."""
    now = timezone.now()
    # Here and in commands, never in the web process, which has to stay small and quick.
    choose_text_grader(settings.TEXT_GRADER)
    if reports.refresh_report(session_id=UUID(session_id), now=now):
        _ask_for_opinions(now, session_id=UUID(session_id))


@app.task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=8, acks_late=True)
def form_opinion() -> None:
    """Ask the language model for one opinion that is due, and leave the next to another task: reports come between."""
    if opinions.form_opinion(now=timezone.now()):
        enqueue_after_commit(form_opinion)


def _ask_for_opinions(now: datetime, session_id: UUID | None = None) -> None:
    """Send for as many opinions as may be asked for at once. Whatever goes wrong here is nobody else's trouble."""
    try:
        opinions.order(now=now, session_id=session_id)
        for _ in range(opinions.startable(now)):
            enqueue_after_commit(form_opinion)
    except Exception:
        logger.exception("opinions could not be asked for")


def _close(session_id: UUID, now: datetime) -> None:
    """Close one overdue session; one that cannot be closed must not keep the others open."""
    try:
        closed = lifecycle.close_overdue_session(session_id=session_id, now=now)
    except DatabaseError:
        logger.exception("session %s could not be closed", session_id)
        return
    if closed:
        enqueue_after_commit(compile_report, str(session_id))


@app.task
def close_overdue_sessions() -> None:
    """Record the end of every session whose time is over, and send again the reports that are still owed."""
    now = timezone.now()
    overdue = InterviewSession.objects.overdue(now).order_by("deadline").values_list("pk", flat=True)
    for session_id in list(overdue[:CLOSED_PER_SWEEP]):
        _close(session_id, now)
    owed = Report.objects.unfinished().filter(requested_at__lt=now - timedelta(seconds=RESEND_AFTER_SECONDS))
    for session_id in owed.order_by("requested_at").values_list("pk", flat=True)[:RESENT_PER_SWEEP]:
        enqueue_after_commit(compile_report, str(session_id))
    _ask_for_opinions(now)


@app.task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=8, acks_late=True)
def refresh_item_statistics() -> None:
    """Take the day's reports into the item statistics."""
    item_statistics.refresh_item_statistics(now=timezone.now())


@app.task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=8, acks_late=True)
def refit_levels() -> None:
    """Fit the levels of the questions that mentors corrected since the last night."""
    levels.refit_levels(now=timezone.now())


@app.task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=8, acks_late=True)
def gather_phrasings() -> None:
    """Make the sentences anew that disputed answers propose to curators."""
    proposals.gather_sentences()


@app.task
@transaction.atomic
def delete_old_guests() -> None:
    """Delete visitors who never made an account, with their sample interviews, unless one is running.

    Behind a lock: whoever is signing up at this moment keeps what they did.
    """
    oldest = timezone.now() - timedelta(days=settings.GUEST_LIFETIME_DAYS)
    running = InterviewSession.objects.running().values("candidate")
    old = User.objects.filter(is_guest=True, date_joined__lt=oldest).exclude(pk__in=running)
    locked = old.select_for_update(skip_locked=True).order_by("date_joined")[:GUESTS_PER_RUN]
    User.objects.filter(pk__in=[guest.pk for guest in locked]).delete()


@app.task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=8, acks_late=True)
def mail_appointment(appointment_id: str) -> None:
    """Mail what an appointment owes; when the mail server refuses, the sweep tries again."""
    try:
        scheduling.deliver(appointment_id=UUID(appointment_id), now=timezone.now())
    except OperationalError:
        raise
    except Exception:
        logger.exception("the mail about appointment %s was not sent", appointment_id)


@app.task
def mail_owed_appointments() -> None:
    """Send again for the mails about appointments that are still owed."""
    now = timezone.now()
    owing = scheduling.owing_mail(now).filter(changed_at__lt=now - timedelta(seconds=RESEND_AFTER_SECONDS))
    for appointment_id in owing.order_by("changed_at").values_list("pk", flat=True)[:MAILED_PER_SWEEP]:
        enqueue_after_commit(mail_appointment, str(appointment_id))
