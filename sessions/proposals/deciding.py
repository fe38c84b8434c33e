"""What a curator decides: words become an accepted phrasing, or are dismissed. The only writer of PhrasingProposal.

A phrasing is added as the editor would: to a draft that somebody else reviews. Nothing is published here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions import bulk, curating
from questions.content import Content, ContentError
from questions.curating import RefusedError
from questions.models import QuestionVersion
from sessions.models import PhrasingProposal, ProposedSentence
from sessions.proposals.finding import normal_words
from sessions.proposals.reading import point_of

State = PhrasingProposal.State


@dataclass(slots=True)
class Outcome:
    """What became of a press: the drafts that were written, how many phrasings they got, and what was refused."""

    drafts: list[QuestionVersion] = field(default_factory=list)
    added: int = 0
    refusals: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Chosen:
    proposal: UUID
    key: str
    words: str


@transaction.atomic
def add_phrasings(*, chosen: Mapping[UUID, str], actor: User, now: datetime) -> Outcome:
    """Add words, as the curator left them, to the key points they were proposed for; one draft for each question.

    What cannot be added is said in `refusals`, stays open, and keeps nothing else from being added. What was decided
    meanwhile, or is gone with its dispute, is passed over.
    """
    found = _undecided(chosen)
    standings = bulk.standings(set(found.values_list("question", flat=True)), locked=True)
    by_question: dict[UUID, list[_Chosen]] = {pk: [] for pk in standings}
    waiting = {proposal: (question, key) for proposal, question, key in found}  # asked again, behind the locks
    for proposal, words in chosen.items():
        if proposal in waiting:
            question, key = waiting[proposal]
            by_question[question].append(_Chosen(proposal, key, " ".join(words.split())))
    outcome = Outcome()
    for pk, standing in standings.items():
        if by_question[pk]:
            _add(standing, by_question[pk], actor, now, outcome)
    return outcome


def _undecided(ids: Collection[UUID]) -> Any:
    """Return proposal, question and key of those that wait for a decision; not evaluated yet."""
    rows = ProposedSentence.objects.filter(proposal__in=ids).exclude(
        proposal__in=PhrasingProposal.objects.filter(pk__in=ids).values("pk")
    )
    return rows.order_by("proposal").distinct("proposal").values_list("proposal", "question", "key")


def _add(standing: bulk.Standing, chosen: list[_Chosen], actor: User, now: datetime, outcome: Outcome) -> None:
    try:
        with transaction.atomic():
            version = _write(standing, chosen, actor, now)
    except (RefusedError, ContentError) as refusal:
        outcome.refusals.append(_("“%(title)s”: %(why)s") % {"title": standing.title, "why": refusal})
        return
    _remember(standing, chosen, version, actor, now)
    outcome.drafts.append(version)
    outcome.added += len(chosen)


def _remember(
    standing: bulk.Standing, chosen: list[_Chosen], version: QuestionVersion, actor: User, now: datetime
) -> None:
    """Keep what was added; a colleague who dismissed it at the same moment is overruled, as it stands in the draft."""
    facts = {"state": State.ADDED, "version": version, "decided_by": actor, "decided_at": now}
    PhrasingProposal.objects.bulk_create(
        [
            PhrasingProposal(pk=each.proposal, question=standing.question, key=each.key, phrasing=each.words, **facts)
            for each in chosen
        ],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["phrasing", *facts],
    )


def _write(standing: bulk.Standing, chosen: list[_Chosen], actor: User, now: datetime) -> QuestionVersion:
    """Return the draft that says it. Raises RefusedError and ContentError."""
    if standing.review:
        n = standing.review.version.number
        raise RefusedError(_("version %d is in review, and a newer one would end that. Add it afterwards.") % n)
    shown = standing.shown
    if shown is None or any(point_of(standing, each.key) is None for each in chosen):
        raise RefusedError(_("the newest version no longer has this key point."))
    if not all(normal_words(each.words) for each in chosen):
        raise RefusedError(_("a phrasing needs words."))
    content = _with_phrasings(shown.content, chosen)
    draft = None if shown.is_published else shown
    return curating.write_draft(question=standing.question, content=content, actor=actor, now=now, version=draft)


def _with_phrasings(content: Content, chosen: list[_Chosen]) -> Content:
    """Return the content with the words among the accepted phrasings, each of them once."""
    raw = content.model_dump(mode="json")
    for point in raw["key_points"]:
        known = {normal_words(words) for words in [point["text"], *point["accepted"]]}
        for each in chosen:
            if each.key == point["key"] and (words := normal_words(each.words)) not in known:
                known.add(words)
                point["accepted"].append(each.words)
    return Content.parse(raw)


@transaction.atomic
def dismiss(*, ids: Collection[UUID], actor: User, now: datetime) -> int:
    """Dismiss proposals, so that they do not come back; return how many this call did."""
    rows = [
        PhrasingProposal(
            pk=proposal, question_id=question, key=key, state=State.DISMISSED, decided_by=actor, decided_at=now
        )
        for proposal, question, key in _undecided(ids)
    ]
    PhrasingProposal.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def bring_back(*, ids: Collection[UUID]) -> int:
    """Open dismissed proposals again, whoever dismissed them; return how many this call did."""
    deleted, _rows = PhrasingProposal.objects.filter(pk__in=ids, state=State.DISMISSED).delete()
    return deleted
