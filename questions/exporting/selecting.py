"""Which questions leave the bank, and what each of them says when it does.

Reads only, and holds one batch at a time however large the bank is. A published question leaves in its current version,
any other in its newest; one that has no version yet says nothing and stays.
"""

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Collate

from questions.exporting.base import ExportedQuestion, ExportedTopic
from questions.models import Question, QuestionVersion, Topic

BATCH = 200


def published() -> QuerySet[Question]:
    return Question.objects.published()


def chosen(ids: Collection[UUID]) -> QuerySet[Question]:
    """Return the questions of these ids, whatever their status; unknown ids are passed over."""
    return Question.objects.filter(pk__in=ids)


def exported(questions: QuerySet[Question]) -> Iterator[ExportedQuestion]:
    """Yield `questions` by area, topic and slug, so that what belongs together stands together."""
    # By code point, whatever the database's language thinks of hyphens.
    by_place = (Coalesce("topic__area__slug", "topic__slug"), F("topic__slug"), F("slug"))
    yield from _exported(questions, [Collate(place, "C") for place in by_place])


def exported_by_slug(questions: QuerySet[Question]) -> Iterator[ExportedQuestion]:
    yield from _exported(questions, [Collate("slug", "C")])


def _exported(questions: QuerySet[Question], order: list[Collate]) -> Iterator[ExportedQuestion]:
    newest = QuestionVersion.objects.filter(question=OuterRef("pk")).order_by("-number").values("pk")[:1]
    rows = questions.annotate(told=Coalesce("current_version", Subquery(newest))).filter(told__isnull=False)
    batch: list[Question] = []
    for question in rows.select_related("topic__area").order_by(*order).iterator(chunk_size=BATCH):
        batch.append(question)
        if len(batch) == BATCH:
            yield from _told(batch)
            batch = []
    yield from _told(batch)


def _told(batch: list[Question]) -> Iterator[ExportedQuestion]:
    versions = QuestionVersion.objects.in_bulk([question.told for question in batch])  # type: ignore[attr-defined]  # annotated
    for question in batch:
        version = versions[question.told]  # type: ignore[attr-defined]
        yield ExportedQuestion(
            slug=question.slug,
            area=_topic(question.topic.area or question.topic),
            topic=_topic(question.topic),
            status=question.status,
            version=version.number,
            content=version.content,
        )


def _topic(topic: Topic) -> ExportedTopic:
    return ExportedTopic(topic.slug, topic.name, topic.description, topic.order)
