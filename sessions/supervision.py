"""What staff read about sessions: which run, which ended lately, how each stands and what happened in it.

Reads only, and never an answer's words: they belong to the candidate, and to the mentors who have their consent. A
deferred `body` is not enough, so what is shown here is named column by column.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interviewprep.accounts.models import User
from sessions.models import Answer, InterviewSession, KeptDraft, SessionEvent, SessionQuestion

ENDED_LATELY = timedelta(days=7)
# What changes how much time there is; whoever acts on a form must have seen the newest of these.
TIME_KINDS = (SessionEvent.Kind.TIME_CHANGED, SessionEvent.Kind.REOPENED)
# What nobody does, time does: not a sign of life.
CLOCK_KINDS = (SessionEvent.Kind.CLOSED_BY_CLOCK, SessionEvent.Kind.RAN_OUT)


@dataclass(frozen=True, slots=True)
class Overview:
    """How one session stands at a moment. `number` counts questions without their follow-ups, None before the first."""

    session: InterviewSession
    is_over: bool
    is_paused: bool
    remaining_ms: int
    number: int | None
    question_count: int
    submitted_count: int
    is_at_follow_up: bool
    last_sign_at: datetime | None

    @property
    def who(self) -> str:
        return name_of(self.session.candidate)

    @property
    def ended_at(self) -> datetime:
        """When it ended, also where no sweep has recorded that yet."""
        return self.session.finished_at or self.session.deadline

    @property
    def accommodations(self) -> str:
        """Extra time in words, empty where there is none."""
        parts = [factor_words(self.session.time_factor)] if self.session.time_factor != 1 else []
        if minutes := self.session.extra_minutes:
            parts.append(ngettext("%(n)d extra minute", "%(n)d extra minutes", minutes) % {"n": minutes})
        if self.session.is_untimed:
            parts.append(_("untimed"))
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What can be said of an answer without its words. A follow-up is asked once the answer before is submitted."""

    position: int
    section_name: str
    is_follow_up: bool
    is_asked: bool
    state: Answer.State
    is_opened: bool
    revision: int
    saved_at: datetime | None
    kept_count: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event: who acted, in which question, and what the log says about it beyond its kind."""

    event: SessionEvent
    actor: str
    details: list[str]
    reason: str


# --- Sessions -----------------------------------------------------------------------------------------------------


def sessions(now: datetime) -> QuerySet[InterviewSession]:
    """Return all sessions with what `overview_of` needs; not filtered by who asks, so only for staff."""
    questions = SessionQuestion.objects.filter(session=OuterRef("pk"))
    main = questions.filter(follow_up="")
    current = questions.filter(position=OuterRef("current_position"))
    submitted = Answer.objects.filter(session=OuterRef("pk"), state=Answer.State.SUBMITTED)
    ended_at = Case(When(finished_at__isnull=False, then=F("finished_at")), When(deadline__lt=now, then=F("deadline")))
    return InterviewSession.objects.select_related("candidate").annotate(
        ended_at=ended_at,
        question_count=_count(main),
        number=_count(main.filter(position__lte=OuterRef("current_position"))),
        is_at_follow_up=_count(current.exclude(follow_up="")),
        submitted_count=_count(submitted),
        last_sign_at=Greatest(
            _newest(Answer.objects.filter(session=OuterRef("pk")), "saved_at"), _newest(_signs_of_life(), "at")
        ),
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("session").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _newest(rows: QuerySet[Any], field: str) -> Subquery:
    return Subquery(rows.order_by().values("session").annotate(newest=Max(field)).values("newest"))


def _signs_of_life() -> QuerySet[SessionEvent]:
    """What the candidate did: neither the clock's doing nor that of staff."""
    events = SessionEvent.objects.filter(session=OuterRef("pk"), actor__isnull=True)
    return events.exclude(kind__in=[*CLOCK_KINDS, *TIME_KINDS])


def recent_sessions(*, search: str, now: datetime) -> QuerySet[InterviewSession]:
    """Return what runs, then what ended lately, newest first; `search` looks in candidates' names and addresses."""
    recent = Q(state=InterviewSession.State.RUNNING) | Q(finished_at__gte=now - ENDED_LATELY)
    found = sessions(now).filter(recent)
    if search:
        found = found.filter(Q(candidate__email__icontains=search) | Q(candidate__name__icontains=search))
    return found.order_by(F("ended_at").desc(nulls_first=True), "-started_at", "-pk")


def overview_of(session: InterviewSession, *, now: datetime) -> Overview:
    """Say how a session from `sessions` stands."""
    row: Any = session  # the annotations
    return Overview(
        session=session,
        is_over=session.is_over(now),
        is_paused=session.is_paused(now),
        remaining_ms=session.remaining_ms(now),
        number=row.number or None,
        question_count=row.question_count,
        submitted_count=row.submitted_count,
        is_at_follow_up=bool(row.is_at_follow_up),
        last_sign_at=row.last_sign_at,
    )


def time_facts(session: InterviewSession) -> str:
    """Return what a decision about a session's time rests on, as text: the same text, the same facts.

    Not `changes`: that also counts every step of the candidate, who would make each form of staff out of date.
    """
    facts = [session.state, session.deadline.isoformat(), session.time_factor.normalize(), session.extra_minutes]
    return " ".join(str(fact) for fact in facts)


# --- Answers and events -------------------------------------------------------------------------------------------


def answers_of(session: InterviewSession) -> list[AnswerFacts]:
    """Return the state of each answer in order. The words are never read."""
    kept = KeptDraft.objects.filter(answer=OuterRef("pk")).order_by().values("answer")
    rows = (
        Answer.objects.filter(session=session)
        .order_by("question__position")
        .annotate(kept_count=Coalesce(Subquery(kept.annotate(n=Count("pk")).values("n")), 0))
        .values_list(
            *("question__position", "question__section_name", "question__follow_up", "state"),
            *("question__first_opened_at", "revision", "saved_at", "kept_count"),
        )
    )
    answers: list[AnswerFacts] = []
    for position, section, follow_up, state, opened, *rest in rows:
        is_asked = not follow_up or answers[-1].state == Answer.State.SUBMITTED
        named = (position, section, bool(follow_up), is_asked, Answer.State(state), opened is not None)
        answers.append(AnswerFacts(*named, *rest))
    return answers


def events_of(session: InterviewSession) -> QuerySet[SessionEvent]:
    """Return the event log, newest first."""
    return SessionEvent.objects.filter(session=session).select_related("actor", "question").order_by("-pk")


def last_change_by_staff(session: InterviewSession) -> LogEntry | None:
    event = events_of(session).filter(kind__in=TIME_KINDS).first()
    return next(iter(log_of([event], session)), None) if event else None


def log_of(events: Iterable[SessionEvent], session: InterviewSession) -> list[LogEntry]:
    """Put events into words. Only what is known by name is shown: a log may come to hold more than staff may read."""
    entries = []
    for event in events:
        data = event.data if isinstance(event.data, dict) else {}
        actor = name_of(event.actor) if event.actor else _actor_of(event)
        entries.append(LogEntry(event, actor, _details(event, data), str(data.get("reason", ""))))
    return entries


def _actor_of(event: SessionEvent) -> str:
    """Name who acted where no person is recorded, if anybody did; staff whose account is gone are not the candidate."""
    if event.kind in TIME_KINDS:
        return _("staff")
    if event.kind in CLOCK_KINDS:
        return ""
    return _("the candidate")


def _details(event: SessionEvent, data: dict[str, Any]) -> list[str]:
    words = []
    if event.kind == SessionEvent.Kind.TIME_CHANGED:
        if (minutes := data.get("extra_minutes")) is not None:
            words.append(ngettext("%(n)d extra minute in all", "%(n)d extra minutes in all", minutes) % {"n": minutes})
        if (factor := data.get("time_factor")) is not None:
            words.append(factor_words(Decimal(str(factor))))
    for key in ("remaining_ms", "paused_ms", "away_ms"):
        if (milliseconds := data.get(key)) is not None:
            words.append(duration_words(int(milliseconds)))
    return words


# --- Words --------------------------------------------------------------------------------------------------------


def name_of(person: User) -> str:
    return _("Guest") if person.is_guest else person.display_name


def factor_words(factor: Decimal) -> str:
    if factor == 1:
        return _("the planned time")
    return _("%(percent)d %% more time") % {"percent": round((factor - 1) * 100)}


def duration_words(milliseconds: int) -> str:
    """Return 754321 as "12:35 min", and what is longer than two days in days."""
    seconds = -(-milliseconds // 1000)
    if seconds > 2 * 86_400:
        return ngettext("%(n)d day", "%(n)d days", seconds // 86_400) % {"n": seconds // 86_400}
    hours, rest = divmod(seconds, 3_600)
    minutes, left = divmod(rest, 60)
    return _("%(time)s h") % {"time": f"{hours}:{minutes:02d}:{left:02d}"} if hours else f"{minutes}:{left:02d} min"
