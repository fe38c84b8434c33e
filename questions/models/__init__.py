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

__all__ = [
    "ImmutableVersionError",
    "LoadedItem",
    "Question",
    "QuestionQuerySet",
    "QuestionVersion",
    "QuestionVersionQuerySet",
    "Topic",
    "TopicQuerySet",
]
