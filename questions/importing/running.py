"""An import from the file's arrival to its undoing: the only writer of a run's state.

A page or a command receives a file, orders what is to happen, and calls `work`; so does a worker for what is too large
to wait for. Work is claimed, may be done by anybody, and calling it again does no harm. The writes of one piece of work
are one transaction.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from interviewprep.accounts.models import User
from questions.curating import PUBLISH_WITHOUT_REVIEW
from questions.importing import duplicates, parts, reading, storing, topics, undoing
from questions.importing.base import ImportProblem
from questions.importing.claims import MAX_ATTEMPTS, Claim, ClaimLostError, claim
from questions.importing.reading import TooManyError
from questions.models import ImportItem, ImportRun, Topic

logger = logging.getLogger(__name__)

State = ImportRun.State


class NotReadyError(Exception):
    """What was asked for cannot be done as things stand; the message is for the person."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the person says about a whole file."""

    licence: str = ""
    author: str = ""
    source: str = ""
    target: str = ImportRun.Target.DRAFT
    topic: Topic | None = None
    columns: dict[str, str] | None = None
    proposes_points: bool = False


@transaction.atomic
def receive(
    *, chunks: Iterable[bytes], filename: str, file_format: str, said: Said, user: User | None, now: datetime
) -> ImportRun:
    """Keep a file that came in, to be read. Raises parts.TooLargeError."""
    run = ImportRun.objects.create(
        created_by=user,
        created_at=now,
        heard_at=now,
        filename=filename[-200:],
        format=file_format,
        size_bytes=0,
        sha256="",
        **_as_fields(said),
    )
    stored = parts.store(run_id=run.pk, chunks=chunks, most_bytes=settings.IMPORT_MAX_BYTES)
    run.size_bytes, run.sha256 = stored.size_bytes, stored.sha256
    run.save(update_fields=["size_bytes", "sha256"])
    return run


def reread(*, run: ImportRun, said: Said, file_format: str, now: datetime) -> None:
    """Have the file read once more, with other words about it. Raises NotReadyError."""
    readable = ImportRun.objects.filter(pk=run.pk, state__in=[State.READY, State.REFUSED])
    fields = _as_fields(said) | ({} if file_format == run.format else {"columns": None})
    _move(readable, State.READING, now, format=file_format, **fields)


def _as_fields(said: Said) -> dict[str, Any]:
    return {
        "licence": said.licence,
        "author": said.author,
        "source": said.source,
        "target": said.target,
        "topic": said.topic,
        "columns": said.columns,
        "proposes_points": said.proposes_points,
    }


def _move(runs: Any, state: str, now: datetime, **fields: Any) -> None:
    if not runs.update(state=state, heard_at=now, claim=None, attempts=0, progress=0, failure="", **fields):
        raise NotReadyError(_("This import has moved on meanwhile; this is how it stands."))


# Deciding


def decide_topics(*, run: ImportRun, choices: dict[str, str]) -> None:
    """Keep what each topic of the file becomes. Raises NotReadyError.

    What is chosen as it was recognised stays a recognition: it follows when the topics here change.
    """
    atlas = topics.Atlas()
    recognised = {name: atlas.choice_for(run, name)[0] for name in choices if name not in run.topic_choices}
    merged = run.topic_choices | {n: choice for n, choice in choices.items() if recognised.get(n) != choice}
    kept = {name: choice for name, choice in merged.items() if choice}
    if not ImportRun.objects.filter(pk=run.pk, state=State.READY).update(topic_choices=kept):
        raise NotReadyError(_("This import has moved on meanwhile; this is how it stands."))


@transaction.atomic
def decide_duplicates(*, run: ImportRun, choices: dict[int, str]) -> None:
    """Keep what happens with duplicates, by their positions. Raises NotReadyError."""
    if not ImportRun.objects.select_for_update().filter(pk=run.pk, state=State.READY).exists():
        raise NotReadyError(_("This import has moved on meanwhile; this is how it stands."))
    for choice in ImportItem.Choice.values:
        positions = [position for position, chosen in choices.items() if chosen == choice]
        items = run.items.duplicates().filter(position__in=positions)
        if choice == ImportItem.Choice.VERSION:
            # Only what is complete, and says something else than a question of the bank, can be a version of it.
            items = items.filter(matched__isnull=False, state=ImportItem.State.COMPLETE)
            items = items.exclude(match=ImportItem.Match.IDENTICAL)
        items.update(choice=choice)


def what_is_missing(run: ImportRun) -> list[str]:
    """Return what has to be done before `run` can be imported, one sentence each."""
    found = []
    if run.error_count and not run.leaves_out_errors:
        found.append(_("Mend the faults in the file and send it again, or leave out what is faulty."))
    if places := topics.undecided(run, topics.Atlas()):
        names = ", ".join(f"“{place.name}”" if place.name else _("questions without a topic") for place in places[:5])
        found.append(_("Choose a topic for: %s.") % names)
    if not run.items.importable().exists():
        found.append(_("There is no question to import."))
    return found


def order(*, run: ImportRun, user: User | None, now: datetime, leaves_out_errors: bool = False) -> None:
    """Have `run` imported. Without a user it is a command's, which may publish. Raises NotReadyError."""
    if run.target == ImportRun.Target.PUBLISHED and user is not None and not user.has_perm(PUBLISH_WITHOUT_REVIEW):
        raise NotReadyError(_("You may not publish questions that nobody has reviewed. Import them as drafts."))
    run.leaves_out_errors = leaves_out_errors
    if missing := what_is_missing(run):
        raise NotReadyError(" ".join(missing))
    ready = ImportRun.objects.filter(pk=run.pk, state=State.READY)
    _move(ready, State.IMPORTING, now, imported_by=user, leaves_out_errors=leaves_out_errors)


def order_undoing(*, run: ImportRun, user: User | None, now: datetime) -> None:
    """Have what `run` made taken back. Raises NotReadyError, which says so when something uses it."""
    if run.state != State.IMPORTED or undoing.obstacles(run):
        raise NotReadyError(_("This import cannot be undone any more: something uses what it made."))
    _move(ImportRun.objects.filter(pk=run.pk, state=State.IMPORTED), State.UNDOING, now, undone_by=user)


def discard(*, run: ImportRun) -> None:
    """Forget a run that was not imported, with its file. Raises NotReadyError."""
    forgettable = ImportRun.objects.filter(pk=run.pk, state__in=[State.READY, State.REFUSED])
    if not forgettable.delete()[0]:
        raise NotReadyError(_("This import has moved on meanwhile; this is how it stands."))


# Working


def work(*, run_id: UUID, now: datetime, at_once: bool = False) -> bool:
    """Do what is due for a run, if anything is and nobody else is at it.

    False when it was left for a worker, because `at_once` was asked for and it is too much for that.
    """
    run = ImportRun.objects.select_related("topic", "imported_by", "undone_by").get(pk=run_id)
    if not run.is_working:
        return True
    if at_once and _is_much(run):
        return False
    mine = claim(run_id=run_id, state=run.state, now=now)
    if mine is None:
        return True
    if run.attempts >= MAX_ATTEMPTS:
        _give_up(
            run, mine, _("It was begun several times and never finished. The file may be too large for the worker.")
        )
        return True
    return _do(run, mine, now, at_once=at_once)


def _is_much(run: ImportRun) -> bool:
    if run.state == State.READING:
        much = settings.IMPORT_AT_ONCE_QUESTIONS
        return run.size_bytes > settings.IMPORT_AT_ONCE_BYTES or duplicates.outdated()[much : much + 1].count() > 0
    return run.question_count > settings.IMPORT_AT_ONCE_QUESTIONS


def _do(run: ImportRun, mine: Claim, now: datetime, *, at_once: bool) -> bool:
    try:
        _STEPS[State(run.state)](run, mine, now, at_once)
    except TooManyError:
        mine.put_back()
        return False
    except ClaimLostError:
        logger.warning("import %s was taken over by another worker", run.pk)
    except OperationalError:
        mine.put_back()
        raise
    except undoing.InUseError:
        _give_up(run, mine, _("Nothing was undone: something uses what the import made."))
    except Exception:
        logger.exception("import %s stopped while %s", run.pk, run.state)
        _give_up(run, mine, _("It stopped unexpectedly. The operator finds the reason in the log."))
    return True


def _read(run: ImportRun, mine: Claim, now: datetime, at_once: bool) -> None:
    reading.read(run=run, claim=mine, most=settings.IMPORT_AT_ONCE_QUESTIONS if at_once else None)


def _import(run: ImportRun, mine: Claim, now: datetime, at_once: bool) -> None:
    aside = mine.aside()
    try:
        with transaction.atomic():
            made = storing.store(run=run, user=run.imported_by, say=aside.say, now=now)
            run.parts.all().delete()
            mine.release(state=State.IMPORTED, imported_at=now, made_topics=[topic.slug for topic in made])
    finally:
        aside.close()


def _undo(run: ImportRun, mine: Claim, now: datetime, at_once: bool) -> None:
    aside = mine.aside()
    try:
        with transaction.atomic():
            undoing.undo(run=run, user=run.undone_by, say=aside.say, now=now)
            mine.release(state=State.UNDONE, undone_at=now)
    finally:
        aside.close()


_STEPS = {State.READING: _read, State.IMPORTING: _import, State.UNDOING: _undo}
_BACK = {State.IMPORTING: State.READY, State.UNDOING: State.IMPORTED}


def _give_up(run: ImportRun, mine: Claim, message: str) -> None:
    """Go back to where the work began, and say what became of it."""
    try:
        if run.state == State.READING:
            problem = ImportProblem(message, hint=_("Send it in smaller files, or in another format."))
            reading.refuse(run=run, claim=mine, problems=[problem])
        else:
            mine.release(state=_BACK[State(run.state)], failure=message)
    except ClaimLostError:
        logger.warning("import %s was taken over by another worker", run.pk)


def forget_old(*, before: datetime, most: int) -> int:
    """Delete runs that were never imported and that nobody has touched since `before`; return how many.

    Of those that were imported the record stays, but not a second copy of every question's words; what is unfinished
    has no other copy.
    """
    done = ImportRun.objects.filter(state__in=[State.IMPORTED, State.UNDONE], heard_at__lt=before)
    copied = ImportItem.objects.filter(run__in=done).exclude(outcome=ImportItem.Outcome.UNFINISHED)
    copied.exclude(values={}).update(values={})
    old = ImportRun.objects.filter(state__in=[State.READY, State.REFUSED], heard_at__lt=before)
    ids = list(old.order_by("heard_at").values_list("pk", flat=True)[:most])
    ImportRun.objects.filter(pk__in=ids).delete()
    return len(ids)


def same_file(run: ImportRun) -> ImportRun | None:
    """Return an earlier import of exactly this file, if there was one that still stands."""
    same = ImportRun.objects.filter(sha256=run.sha256, state=State.IMPORTED).exclude(pk=run.pk)
    return same.select_related("imported_by").order_by(F("imported_at").desc()).first()
