"""What curators are shown: proposals with how many people stand behind each, grouped by question and key point.

Reads only, in a constant number of statements. Whose words they are never leaves this module.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, Exists, Min, OuterRef, QuerySet

from interviewprep.accounts.models import User
from questions import bulk
from questions.content import KeyPoint
from questions.models import Question
from sessions.models import PhrasingProposal, ProposedSentence

# What one press can decide; a page shows no more.
MOST_AT_ONCE = 100
# How long the page offers to undo one's last dismissal; the list of dismissed ones does so for ever.
UNDO_OFFERED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Words that `people` candidates used for a key point, in one of their wordings."""

    id: UUID
    words: str
    people: int
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class PointProposals:
    """The proposals for one key point, as the version has it that is to be edited; None where it has no such point."""

    key: str
    point: KeyPoint | None
    proposals: list[Proposal]


@dataclass(frozen=True, slots=True)
class Group:
    """The proposals for one question. `in_review` is the number of a version that adding would take out of review."""

    question: Question
    title: str
    in_review: int | None
    points: list[PointProposals]


def open_proposals() -> QuerySet[Any, Any]:
    """Return the proposals nobody has decided on: confirmed ones first, then those of most people."""
    return _proposals(~Exists(PhrasingProposal.objects.filter(pk=OuterRef("proposal"))))


def dismissed_proposals() -> QuerySet[Any, Any]:
    """Return the dismissed proposals whose disputes still stand, in the same order."""
    dismissed = PhrasingProposal.objects.filter(pk=OuterRef("proposal"), state=PhrasingProposal.State.DISMISSED)
    return _proposals(Exists(dismissed))


def _proposals(condition: Any) -> QuerySet[Any, Any]:
    """Return one row for each proposal: a dict of `proposal`, `question`, `key`, `said`, `people` and `confirmed`."""
    asked = ProposedSentence.objects.filter(condition).exclude(question__status=Question.Status.RETIRED)
    return (
        asked.values("proposal", "question", "question__slug", "key")
        .annotate(people=Count("candidate", distinct=True), confirmed=BoolOr("is_confirmed"), said=Min("words"))
        .order_by("-confirmed", "-people", "question__slug", "key", "said")
    )


def groups_of(rows: Iterable[dict[str, Any]], *, typed: Mapping[UUID, str]) -> list[Group]:
    """Return a page of proposals by question and key point, in the order of the first one of each.

    `typed` has words that a curator has changed already.
    """
    found: dict[UUID, dict[str, list[Proposal]]] = {}
    for row in rows:
        pk = row["proposal"]
        proposal = Proposal(pk, typed.get(pk, row["said"]), row["people"], row["confirmed"])
        found.setdefault(row["question"], {}).setdefault(row["key"], []).append(proposal)
    standings = bulk.standings(found)
    return [_group(standings[question], points) for question, points in found.items() if question in standings]


def _group(standing: bulk.Standing, points: Mapping[str, list[Proposal]]) -> Group:
    return Group(
        question=standing.question,
        title=standing.title,
        in_review=standing.review.version.number if standing.review else None,
        points=[PointProposals(key, point_of(standing, key), proposals) for key, proposals in points.items()],
    )


def point_of(standing: bulk.Standing, key: str) -> KeyPoint | None:
    """Return a key point as the version has it that a curator would edit."""
    points = standing.shown.content.key_points if standing.shown else ()
    return next((point for point in points if point.key == key), None)


def last_dismissed(actor: User, *, now: datetime) -> list[UUID]:
    """Return what the actor dismissed last, at one press, if that was lately; for an offer to undo it."""
    recent = PhrasingProposal.objects.filter(
        decided_by=actor, state=PhrasingProposal.State.DISMISSED, decided_at__gte=now - UNDO_OFFERED_FOR
    )
    decisions = list(recent.order_by("-decided_at").values_list("pk", "decided_at")[:MOST_AT_ONCE])
    return [pk for pk, at in decisions if at == decisions[0][1]]
