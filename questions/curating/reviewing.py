"""Submitting a version for review, and deciding on it. The reviewer is never who wrote or who submitted the words."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions import publishing
from questions.curating.checklist import checklist_of
from questions.curating.errors import (
    ChecklistError,
    NothingNewError,
    NotNewestError,
    OwnWorkError,
    RefusedError,
    ReviewClosedError,
)
from questions.curating.reading import stored_version
from questions.models import Question, QuestionEvent, QuestionVersion, Review
from questions.recording import record

MAX_NOTE_LENGTH = 4_000


@transaction.atomic
def submit(*, version: QuestionVersion, actor: User, now: datetime, message: str = "") -> Review:
    """Ask for a review of a version. Submitting twice is submitting once.

    Raises NotNewestError when there is a newer version, NothingNewError when new interviews get the same words already,
    and RefusedError when it was published or approved before.
    """
    question = (
        Question.objects.select_for_update(of=("self",)).select_related("current_version").get(pk=version.question_id)
    )
    stored = stored_version(version)
    living = Review.objects.living().filter(version=stored).first()
    if living and living.is_waiting:
        return living
    _refuse_to_submit(question, stored, living)
    review = Review.objects.create(
        version=stored, digest=stored.digest, submitted_by=actor, submitted_at=now, message=message
    )
    record(question=question, version=stored, kind=QuestionEvent.Kind.SUBMITTED, actor=actor, now=now, note=message)
    publishing.settle_status(question=question)
    return review


def _refuse_to_submit(question: Question, version: QuestionVersion, living: Review | None) -> None:
    current = question.current_version
    if version.is_published:
        raise RefusedError(_("Version %d was published before, so there is nothing to review.") % version.number)
    if living:
        raise RefusedError(_("Version %d is approved already. Publish it.") % version.number)
    if question.versions.filter(number__gt=version.number).exists():
        raise NotNewestError(_("There is a newer version than %d. Submit that one.") % version.number)
    if current and current.digest == version.digest and question.status == Question.Status.PUBLISHED:
        raise NothingNewError(_("New interviews get exactly what version %d says already.") % version.number)


@transaction.atomic
def withdraw(*, review_id: UUID, actor: User, now: datetime) -> bool:
    """Take a version out of review, or an approval back that was not used yet; True if this call did."""
    try:
        review = _locked(review_id)
    except ReviewClosedError:
        return False
    if review.version.is_published or review.state not in Review.LIVING:
        return False
    Review.objects.filter(pk=review.pk).update(state=Review.State.WITHDRAWN)
    _record(review, QuestionEvent.Kind.WITHDRAWN, actor, now, approval=review.is_approved)
    return True


@transaction.atomic
def approve(*, review_id: UUID, actor: User, checklist: Collection[str], now: datetime, note: str = "") -> Review:
    """Approve the words that were submitted. Raises OwnWorkError, ReviewClosedError and ChecklistError."""
    review = _open_for(review_id, actor)
    wanted = [item.key for item in checklist_of(review.version)]
    if missing := [key for key in wanted if key not in checklist]:
        raise ChecklistError(_("Tick every point, or ask for changes and say what is missing."), missing)
    review.checklist = wanted
    return _decide(review, Review.State.APPROVED, QuestionEvent.Kind.APPROVED, actor, now, note)


@transaction.atomic
def request_changes(
    *, review_id: UUID, actor: User, note: str, now: datetime, checklist: Collection[str] = ()
) -> Review:
    """Send a version back, saying what to change. Raises OwnWorkError and ReviewClosedError, and RefusedError unsaid.

    What was ticked is kept, so that the author sees what was found in order.
    """
    review = _open_for(review_id, actor)
    if not note.strip():
        raise RefusedError(_("Say what should change."))
    review.checklist = [item.key for item in checklist_of(review.version) if item.key in checklist]
    return _decide(review, Review.State.CHANGES, QuestionEvent.Kind.CHANGES_REQUESTED, actor, now, note)


def _open_for(review_id: UUID, actor: User) -> Review:
    review = _locked(review_id)
    if not review.is_waiting or review.digest != review.version.digest:
        raise ReviewClosedError(_("This review is no longer open: it was decided on, withdrawn, or the words changed."))
    if actor.pk in (review.version.created_by_id, review.submitted_by_id):
        raise OwnWorkError(_("You wrote or submitted this version, so somebody else has to review it."))
    return review


def _locked(review_id: UUID) -> Review:
    """Return the review behind the lock of its question, which every writer takes first. Raises ReviewClosedError."""
    question = Question.objects.select_for_update(of=("self",)).filter(versions__reviews=review_id).first()
    review = Review.objects.select_related("version").filter(pk=review_id).first()
    if question is None or review is None:
        raise ReviewClosedError(_("This review is gone: somebody has thrown its version away meanwhile."))
    review.version.question = question
    return review


def _decide(
    review: Review, state: Review.State, kind: QuestionEvent.Kind, actor: User, now: datetime, note: str
) -> Review:
    review.state, review.reviewer, review.decided_at, review.note = state, actor, now, note
    review.save(update_fields=["state", "reviewer", "decided_at", "note", "checklist"])
    _record(review, kind, actor, now, note=note)
    return review


def _record(
    review: Review, kind: QuestionEvent.Kind, actor: User, now: datetime, *, note: str = "", **facts: object
) -> None:
    question = review.version.question
    record(question=question, version=review.version, kind=kind, actor=actor, now=now, note=note, **facts)
    publishing.settle_status(question=question)
