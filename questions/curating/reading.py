"""What the pages show of the workflow: a question's versions with their state, its history, and the review queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions.content import Content
from questions.curating.errors import RefusedError
from questions.curating.sentences import event_words
from questions.models import Question, QuestionEvent, QuestionVersion, Review, ReviewQuerySet

QUEUE_LENGTH = 100
# Everything a version says; lists of versions do without.
_TEXTS = tuple(f"version__{name}" for name in Content.model_fields if name not in {"title", "kind", "difficulty"})


@dataclass(frozen=True, slots=True)
class VersionState:
    """A version in the list of a question's versions: what it is to interviews, and how its last review stands."""

    version: QuestionVersion
    review: Review | None
    is_current: bool
    is_asked: bool
    # As `QuestionVersion.is_settled`, without another statement.
    is_settled: bool
    open_comments: int

    @property
    def words(self) -> str:
        if self.is_current:
            return _("current") if self.is_asked else _("current until it was retired")
        if self.version.is_published:
            return _("published earlier")
        if self.review and self.review.state != Review.State.WITHDRAWN:
            return str(Review.State(self.review.state).label)
        return _("draft")

    @property
    def tone(self) -> str:
        """Return the variant of a badge."""
        if self.is_current:
            return "ok" if self.is_asked else "muted"
        if self.version.is_published or self.review is None:
            return "muted"
        return {Review.State.WAITING: "warn", Review.State.APPROVED: "ok", Review.State.CHANGES: "bad"}.get(
            Review.State(self.review.state), "muted"
        )


def versions_of(question: Question, reviews: Sequence[Review]) -> list[VersionState]:
    """Return the versions of a question, newest first, without their texts; `reviews` are those of `reviews_of`."""
    texts = [name for name in Content.model_fields if name not in {"title", "kind", "difficulty"}]
    versions = question.versions.order_by("-number").select_related("created_by").defer(*texts)
    unresolved = Count("comments", filter=Q(comments__resolved_at__isnull=True))
    last = {review.version_id: review for review in reviews}
    decided = {review.version_id for review in reviews if review.decided_at}
    return [
        VersionState(
            version=version,
            review=last.get(version.pk),
            is_current=version.pk == question.current_version_id,
            is_asked=question.status == Question.Status.PUBLISHED,
            is_settled=version.is_published or version.pk in decided,
            open_comments=getattr(version, "open_comments", 0),
        )
        for version in versions.annotate(open_comments=unresolved)
    ]


def reviews_of(question: Question) -> list[Review]:
    """Return all reviews of a question's versions, oldest first."""
    reviews = Review.objects.filter(version__question=question).select_related("version", "submitted_by", "reviewer")
    return list(reviews.defer(*_TEXTS).order_by("submitted_at"))


def state_of(states: list[VersionState], version_id: UUID) -> VersionState:
    """Return one of them; raises KeyError."""
    for state in states:
        if state.version.pk == version_id:
            return state
    raise KeyError(version_id)


# --- History --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a question's history."""

    event: QuestionEvent

    @property
    def who(self) -> str:
        if self.event.actor:
            return self.event.actor.display_name
        return _("A command") if self.event.data.get("by_command") else _("A deleted account")

    @property
    def words(self) -> str:
        return event_words(self.event)


def history_of(question: Question) -> QuerySet[QuestionEvent]:
    """Return what happened to a question, newest first; wrap what is shown in `Entry`."""
    return question.events.select_related("actor").order_by("-pk")


# --- The queue ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Queue:
    """What a curator finds on the review page; each list at most QUEUE_LENGTH long, the oldest first."""

    waiting: list[Review]
    returned: list[Review]
    submitted: list[Review]
    approved: list[Review]


def queue_of(user: User) -> Queue:
    """Return what waits for `user`, what came back to them, what they submitted, and what anybody can publish."""
    mine = Q(submitted_by=user) | Q(version__created_by=user)
    newer = QuestionVersion.objects.filter(
        question=OuterRef("version__question"), number__gt=OuterRef("version__number")
    )
    later = Review.objects.filter(version=OuterRef("version"), submitted_at__gt=OuterRef("submitted_at"))
    unpublished = Review.objects.filter(version__published_at__isnull=True)
    overtaken = Q(version__question__current_version__number__gt=F("version__number"))
    returned = unpublished.filter(mine, ~Exists(newer), ~Exists(later), state=Review.State.CHANGES)
    return Queue(
        waiting=_listed(Review.objects.waiting().exclude(mine)),
        returned=_listed(returned),
        submitted=_listed(Review.objects.waiting().filter(mine)),
        approved=_listed(unpublished.approved().exclude(overtaken)),
    )


def _listed(reviews: ReviewQuerySet) -> list[Review]:
    related = reviews.select_related("version__question__topic", "version__created_by", "submitted_by", "reviewer")
    return list(related.defer(*_TEXTS).order_by("submitted_at")[:QUEUE_LENGTH])


def may_review(user: User, review: Review) -> bool:
    """Whether `user` is somebody else than who wrote and who submitted the version of an open review."""
    return review.is_waiting and user.pk not in (review.version.created_by_id, review.submitted_by_id)


def stored_version(version: QuestionVersion) -> QuestionVersion:
    """Return a version as it is stored now. Raises RefusedError when it was thrown away meanwhile."""
    stored = QuestionVersion.objects.filter(pk=version.pk).first()
    if stored is None:
        raise RefusedError(_("Version %d is gone: somebody has thrown it away meanwhile.") % version.number)
    return stored
