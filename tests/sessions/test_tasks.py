from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import DatabaseError, OperationalError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from interviewprep.accounts.models import User
from interviewprep.celery import app
from questions import tasks as bank_tasks
from sessions import lifecycle, reports, tasks
from sessions.models import InterviewSession, Report
from tests.factories import make_guest, make_session, make_user
from tests.sessions.sitting import sit, start

Sent = list[str]


# --- Names -------------------------------------------------------------------------------------------------------


def test_every_scheduled_task_exists_under_the_name_in_the_settings() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    ours = {
        tasks.close_overdue_sessions,
        tasks.delete_old_guests,
        tasks.mail_owed_appointments,
        tasks.refresh_item_statistics,
        tasks.refit_levels,
        tasks.gather_phrasings,
        bank_tasks.forget_old_imports,
        bank_tasks.mail_owed_flag_answers,
        bank_tasks.take_up_imports,
    }
    assert scheduled == {task.name for task in ours}
    assert scheduled <= set(app.tasks)


# --- Compiling ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_task_grades_and_compiles_and_a_second_delivery_does_nothing() -> None:
    session = sit(("single", "a"))
    tasks.compile_report(str(session.pk))
    first = Report.objects.get().compiled_at
    tasks.compile_report(str(session.pk))
    assert first is not None and Report.objects.get().compiled_at == first


@pytest.mark.django_db
def test_a_lost_database_makes_the_task_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose_the_database(**_: object) -> bool:
        raise OperationalError

    monkeypatch.setattr(reports, "refresh_report", lose_the_database)
    result = tasks.compile_report.apply(args=("8d9ccf60-7b8f-4a2f-9b9f-0a6d6c7a1111",), retries=3)
    assert isinstance(result.result, OperationalError)
    assert tasks.compile_report.acks_late and tasks.compile_report.max_retries == 8


# --- The sweep ---------------------------------------------------------------------------------------------------


def overdue_session() -> InterviewSession:
    return make_session(now=timezone.now() - timedelta(hours=2))


@pytest.mark.django_db
def test_the_sweep_closes_what_is_overdue_and_sends_for_its_report(
    sent: Sent, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    overdue = [overdue_session(), overdue_session()]
    running = make_session(now=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        tasks.close_overdue_sessions()
    for session in [*overdue, running]:
        session.refresh_from_db()
    assert [session.state for session in [*overdue, running]] == ["finished", "finished", "running"]
    assert [session.finished_at for session in overdue] == [session.deadline for session in overdue]
    assert sorted(sent) == sorted(str(session.pk) for session in overdue)


@pytest.mark.django_db
def test_the_sweep_sends_again_what_is_owed_for_more_than_half_a_minute(
    sent: Sent, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    lost, fresh, failed, ready = (sit(("single", "a")) for _ in range(4))
    Report.objects.filter(pk=fresh.pk).update(requested_at=timezone.now() - timedelta(seconds=20))
    Report.objects.filter(pk=failed.pk).update(state=Report.State.FAILED)
    tasks.compile_report(str(ready.pk))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.close_overdue_sessions()
    assert sent == [str(lost.pk)]


@pytest.mark.django_db
def test_a_session_that_cannot_be_closed_does_not_keep_the_others_open(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = make_session(minutes=10, now=timezone.now() - timedelta(hours=3))
    fine = make_session(minutes=10, now=timezone.now() - timedelta(hours=2))
    close = lifecycle.close_overdue_session

    def close_or_fail(*, session_id: UUID, now: datetime) -> bool:
        if session_id == broken.pk:
            raise DatabaseError("constraint")
        return close(session_id=session_id, now=now)

    monkeypatch.setattr(lifecycle, "close_overdue_session", close_or_fail)
    tasks.close_overdue_sessions()
    assert set(InterviewSession.objects.finished()) == {fine}


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 6])
def test_a_sweep_that_closes_nothing_costs_the_same_for_any_number_of_reports(
    count: int, sent: Sent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        sit(("single", "a"))
    with django_assert_num_queries(2):  # one look for overdue sessions, one for reports
        tasks.close_overdue_sessions()


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_does_not_stop_the_sweep(broken_broker: None) -> None:
    session = overdue_session()
    tasks.close_overdue_sessions()
    session.refresh_from_db()
    assert session.is_finished
    assert Report.objects.get().state == Report.State.PENDING


# --- Guests ------------------------------------------------------------------------------------------------------


def old_guest(*, days: int = 8) -> User:
    guest = make_guest()
    User.objects.filter(pk=guest.pk).update(date_joined=timezone.now() - timedelta(days=days))
    return guest


@pytest.mark.django_db
def test_guests_go_after_a_week_with_all_they_did_and_nobody_else_does() -> None:
    gone, recent = old_guest(), old_guest(days=6)
    sit(("open", "words"), candidate=gone)
    person = make_user(date_joined=timezone.now() - timedelta(days=400))
    tasks.delete_old_guests()
    assert set(User.objects.all()) == {recent, person}
    assert not InterviewSession.objects.exists()


@pytest.mark.django_db
def test_a_guest_in_the_middle_of_an_interview_stays() -> None:
    guest = old_guest()
    start("single", candidate=guest, now=timezone.now())
    tasks.delete_old_guests()
    assert User.objects.filter(pk=guest.pk).exists()


@pytest.mark.django_db
def test_a_guest_who_signed_up_is_no_guest_any_more() -> None:
    guest = old_guest()
    User.objects.filter(pk=guest.pk).update(is_guest=False, email="now@example.com")
    tasks.delete_old_guests()
    assert User.objects.filter(pk=guest.pk).exists()
