"""The question bank's tables: what can be asked, and what curators do with it."""

from questions.models.bank import (
    ImmutableVersionError,
    LoadedItem,
    Question,
    QuestionQuerySet,
    QuestionVersion,
    QuestionVersionQuerySet,
    Topic,
    TopicQuerySet,
)
from questions.models.curation import (
    AppendOnlyError,
    Flag,
    FlagQuerySet,
    QuestionEvent,
    Review,
    ReviewQuerySet,
    VersionComment,
)

__all__ = [
    "AppendOnlyError",
    "Flag",
    "FlagQuerySet",
    "ImmutableVersionError",
    "LoadedItem",
    "Question",
    "QuestionEvent",
    "QuestionQuerySet",
    "QuestionVersion",
    "QuestionVersionQuerySet",
    "Review",
    "ReviewQuerySet",
    "Topic",
    "TopicQuerySet",
    "VersionComment",
]
