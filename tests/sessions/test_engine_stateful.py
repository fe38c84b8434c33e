"""Whatever two tabs, staff, sweeps and the clock do in whatever order: no acknowledged word is lost, nothing goes back.

Hypothesis plays interviews of every kind and looks at the database after each step. What it finds becomes a test of its
own in `test_lifecycle_*.py`. ENGINE_EXAMPLES=2000 plays that many at random; the suite plays a few, always the same.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sessions import lifecycle, reports
from sessions.lifecycle import Draft, SaveResult, SaveStatus
from sessions.models import (
    Answer,
    DraftRevision,
    InterviewPlan,
    InterviewSession,
    KeptDraft,
    Navigation,
    Report,
    SessionEvent,
    SessionQuestion,
)
from tests.factories import CLIENT, NOW, OTHER_CLIENT, make_plan, make_user, questions_of
from tests.sessions.engine import GRACE, SECOND, Kind, limited_plan, texts_in

THOROUGH = int(os.environ.get("ENGINE_EXAMPLES", "0"))
SETTINGS = settings(
    max_examples=THOROUGH or 15,
    stateful_step_count=60 if THOROUGH else 25,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
MS = timedelta(milliseconds=1)
MINUTE_MS = 60_000

tabs = st.sampled_from([CLIENT, OTHER_CLIENT])
places = st.integers(0, 3)  # of a question; 0 is the one in front
pieces = st.sampled_from(["a", "b", "ä ", "𝔘", "\n", "words "])


def plans() -> list[InterviewPlan]:
    forward = Navigation.FORWARD
    return [
        make_plan(count=3, minutes=5),
        make_plan(count=3, minutes=5, mode="practice", asks_follow_ups=True),
        make_plan(count=3, minutes=5, navigation=forward, asks_follow_ups=True),
        limited_plan(seconds=60, count=3),
        limited_plan(seconds=60, count=3, mode="practice", reading_seconds=10),
        limited_plan(seconds=60, count=3, total_minutes=2, navigation=forward, reading_seconds=5, asks_follow_ups=True),
    ]


@dataclass
class Tab:
    """What one tab of the browser knows: how often it has saved, and which revision its text is based on."""

    client: UUID
    sequence: int = 0
    base: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    text: dict[UUID, str] = field(default_factory=lambda: defaultdict(str))
    seen: UUID | None = None


@dataclass(frozen=True)
class Sent:
    question: UUID
    draft: Draft


@dataclass
class Seen:
    """How things stood after the step before."""

    finished: bool
    paused: bool
    remaining_ms: int
    changes: int
    last_event: int
    states: dict[UUID, str]
    revisions: dict[UUID, int]
    spent: dict[UUID, int]


class Engine(RuleBasedStateMachine):
    bank: list[InterviewPlan]

    # --- Setting out ---------------------------------------------------------------------------------------------

    @initialize(plan=st.integers(0, 5), extra=st.sampled_from([0, 1]), factor=st.sampled_from(["1.00", "1.25"]))
    def start(self, plan: int, extra: int, factor: str) -> None:
        self.now = NOW
        self.staff, self.candidate = make_user(), make_user()
        self.session_id = self.begin(self.bank[plan], time_factor=Decimal(factor), extra_minutes=extra)
        self.tabs = {client: Tab(client) for client in (CLIENT, OTHER_CLIENT)}
        self.acknowledged: dict[UUID, set[str]] = defaultdict(set)
        self.in_flight: list[Sent] = []
        self.saved: list[tuple[Sent, SaveResult]] = []
        self.words = 0
        self.before: Seen | None = None
        self.reopened = self.time_given = False

    def begin(self, plan: InterviewPlan, **more: Any) -> UUID:
        return lifecycle.start_session(candidate=self.candidate, plan=plan, now=self.now, **more).pk

    @property
    def session(self) -> InterviewSession:
        return InterviewSession.objects.get(pk=self.session_id)

    def question(self, place: int) -> SessionQuestion:
        questions = questions_of(InterviewSession(pk=self.session_id))
        place = place or questions[0].session.current_position or 1
        return questions[min(place, len(questions)) - 1]

    # --- Writing -------------------------------------------------------------------------------------------------

    def compose(self, client: UUID, question: UUID, piece: str, *, at_start: bool = False) -> Draft:
        """Type on in a tab: every text is another, so that each can be told from all others."""
        tab = self.tabs[client]
        self.words += 1
        tab.sequence += 1
        typed = f"{piece}{self.words}"
        tab.text[question] = typed + tab.text[question] if at_start else tab.text[question] + typed
        return Draft(tab.text[question], tab.base[question], client, tab.sequence)

    def deliver(self, sent: Sent) -> SaveResult:
        result = lifecycle.save_draft(
            session_id=self.session_id,
            question_id=sent.question,
            candidate=self.candidate,
            draft=sent.draft,
            now=self.now,
        )
        if result.is_saved:
            self.acknowledged[sent.question].add(sent.draft.body)
        if result.status is SaveStatus.SAVED:
            self.saved.append((sent, result))
            tab = self.tabs[sent.draft.client_id]
            tab.base[sent.question] = max(tab.base[sent.question], result.revision)
        return result

    @rule(place=places, piece=pieces, at_start=st.booleans())
    def type_where_the_cursor_is(self, place: int, piece: str, at_start: bool) -> None:
        """What happens most: the tab that holds the interview has read what is stored, and saves on."""
        client = self.session.lease or CLIENT
        self.read(client, place)
        self.type(client, place, piece, at_start=at_start)

    @rule(client=tabs, place=places, piece=pieces, at_start=st.booleans())
    def save(self, client: UUID, place: int, piece: str, at_start: bool) -> None:
        self.type(client, place, piece, at_start=at_start)

    def type(self, client: UUID, place: int, piece: str, *, at_start: bool = False) -> None:
        question, session = self.question(place), self.session
        accepts = question.answer.accepts_words(self.now) and session.lease in {None, client}
        result = self.deliver(Sent(question.pk, self.compose(client, question.pk, piece, at_start=at_start)))
        if result.status is SaveStatus.SAVED:
            assert accepts
        if session.is_closed(self.now):
            assert not result.is_saved

    @rule(client=tabs, place=places, piece=pieces)
    def send_what_takes_long(self, client: UUID, place: int, piece: str) -> None:
        question = self.question(place).pk
        self.in_flight.append(Sent(question, self.compose(client, question, piece)))

    @precondition(lambda self: self.in_flight)
    @rule(which=st.integers(0, 5))
    def arrive(self, which: int) -> None:
        self.deliver(self.in_flight.pop(which % len(self.in_flight)))

    @rule(place=places, order=st.permutations(range(3)))
    def arrive_in_another_order(self, place: int, order: list[int]) -> None:
        client = self.session.lease or CLIENT
        self.read(client, place)
        question = self.question(place).pk
        sent = [Sent(question, self.compose(client, question, "on ")) for _ in order]
        for number in order:
            self.deliver(sent[number])

    @precondition(lambda self: self.saved)
    @rule(which=st.integers(0, 20))
    def send_again(self, which: int) -> None:
        self.resend(which)

    def resend(self, which: int) -> None:
        sent, before = self.saved[which % len(self.saved)]
        again = self.deliver(sent)
        assert (again.status, again.revision, again.saved_at) == (before.status, before.revision, before.saved_at)

    @precondition(lambda self: self.saved)
    @rule()
    def send_the_last_again_after_the_next(self) -> None:
        which = len(self.saved) - 1
        sent, _ = self.saved[which]
        position = SessionQuestion.objects.get(pk=sent.question).position
        self.type(sent.draft.client_id, position, "next ")
        self.resend(which)

    @rule(client=tabs, place=places)
    def reload(self, client: UUID, place: int) -> None:
        self.read(client, place)

    def read(self, client: UUID, place: int) -> None:
        question, tab = self.question(place), self.tabs[client]
        tab.base[question.pk], tab.text[question.pk] = question.answer.revision, question.answer.body
        tab.seen = self.session.lease

    @rule(client=tabs, looks=st.booleans())
    def take_lease(self, client: UUID, looks: bool) -> None:
        tab, session = self.tabs[client], self.session
        if looks:
            tab.seen = session.lease
        may_write = lifecycle.take_lease(
            session_id=self.session_id, candidate=self.candidate, client_id=client, seen=tab.seen, now=self.now
        )
        assert may_write is (not session.is_finished and session.lease in {tab.seen, client})
        if may_write:
            tab.seen = client

    # --- Clicking ------------------------------------------------------------------------------------------------

    def click(
        self, action: Callable[..., Any], question: SessionQuestion, client: UUID, piece: str, **more: Any
    ) -> None:
        """Click in a tab, with its words or, where `piece` is empty, without."""
        draft = self.compose(client, question.pk, piece) if piece else None
        was_closed = self.session.is_closed(self.now)
        try:
            action(session=self.session, now=self.now, draft=draft, **more)
        except lifecycle.SessionOverError:
            assert was_closed
        except lifecycle.StaleDraftError as stale:
            assert (draft and not stale.result.is_saved) or stale.result.status is SaveStatus.OVERTAKEN
        else:
            assert not was_closed
            if draft:
                self.take_note(question.pk, draft)
        if draft:
            assert KeptDraft.objects.filter(answer=question.pk, body=draft.body).exists() or (
                draft.body in self.acknowledged[question.pk]
            )

    def take_note(self, question: UUID, draft: Draft) -> None:
        answer = Answer.objects.get(pk=question)
        if answer.body == draft.body:
            self.acknowledged[question].add(draft.body)
            self.tabs[draft.client_id].base[question] = answer.revision

    @rule(client=tabs, place=places, piece=st.one_of(st.just(""), pieces), goes_on=st.booleans())
    def submit(self, client: UUID, place: int, piece: str, goes_on: bool) -> None:
        question = self.question(place)
        if not self.is_asked(question):
            return
        self.click(lifecycle.submit_answer, question, client, piece, question_id=question.pk, go_on=goes_on)

    @rule(client=tabs, place=places, piece=st.one_of(st.just(""), pieces))
    def skip(self, client: UUID, place: int, piece: str) -> None:
        question = self.question(place)
        if not self.is_asked(question):
            return
        self.click(lifecycle.skip_question, question, client, piece, question_id=question.pk, go_on=True)

    @rule(client=tabs, place=places, piece=st.one_of(st.just(""), pieces), flagged=st.booleans())
    def flag(self, client: UUID, place: int, piece: str, flagged: bool) -> None:
        question = self.question(place)
        self.click(lifecycle.set_flag, question, client, piece, question_id=question.pk, flagged=flagged)

    @rule(client=tabs, place=places, towards=places, piece=st.one_of(st.just(""), pieces))
    def open(self, client: UUID, place: int, towards: int, piece: str) -> None:
        question, to = self.question(place), self.question(towards).pk
        self.click(lifecycle.open_question, question, client, piece, question_id=to, leaving=question.pk)

    @rule(client=tabs, piece=st.one_of(st.just(""), pieces))
    def expire(self, client: UUID, piece: str) -> None:
        question = self.question(0)
        self.click(lifecycle.close_question_in_time, question, client, piece, question_id=question.pk)

    def is_asked(self, question: SessionQuestion) -> bool:
        sitting = lifecycle.read_sitting(self.session_id)
        return sitting.is_asked(sitting.question(question.pk))

    # --- Time ----------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.001, 1, 5, 14, 30]))
    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(
        what=st.sampled_from(["question", "pause", "session"]),
        offset=st.sampled_from([-SECOND, -MS, 0 * MS, MS, GRACE - MS, GRACE, GRACE + MS, GRACE + SECOND]),
    )
    def wait_until(self, what: str, offset: timedelta) -> None:
        session = self.session
        end = session.deadline
        if what == "question":
            end = self.question(0).answer.deadline
        elif what == "pause" and session.paused_at:
            end = session.pause_end
        self.now = max(self.now, end + offset)

    @rule()
    def sweep(self) -> None:
        was_running, overdue = not self.session.is_finished, self.session.is_closed(self.now)
        closed = lifecycle.close_overdue_session(session_id=self.session_id, now=self.now)
        assert closed is (was_running and overdue)

    @rule()
    def finish(self) -> None:
        if self.words % 3:
            return  # not too often, or there is nothing to see
        was_finished = self.session.is_finished
        assert lifecycle.finish_session(session_id=self.session_id, now=self.now) is not was_finished

    @rule()
    def pause(self) -> None:
        with suppress(lifecycle.PauseRefusedError, lifecycle.SessionOverError):
            lifecycle.pause_session(session=self.session, now=self.now)
            assert self.session.is_practice and self.session.is_paused(self.now)

    @rule()
    def resume(self) -> None:
        with suppress(lifecycle.SessionOverError):
            lifecycle.resume_session(session=self.session, now=self.now)
            assert not self.session.is_paused(self.now)

    # --- Staff ---------------------------------------------------------------------------------------------------

    @rule(factor=st.sampled_from([None, "1.00", "1.50", "2.00"]), minutes=st.sampled_from([None, 0, 2]))
    def change_time(self, factor: str | None, minutes: int | None) -> None:
        with suppress(lifecycle.TimeChangeRefusedError, lifecycle.SessionOverError):
            lifecycle.change_time(
                session_id=self.session_id,
                actor=self.staff,
                reason="An incident",
                now=self.now,
                time_factor=None if factor is None else Decimal(factor),
                extra_minutes=minutes,
            )
            self.time_given = True
            assert self.session.remaining_ms(self.now) > 0

    @rule(minutes=st.sampled_from([0.5, 3]))
    def reopen(self, minutes: float) -> None:
        with suppress(lifecycle.ReopenRefusedError):
            lifecycle.reopen_session(
                session_id=self.session_id,
                actor=self.staff,
                reason="An outage",
                remaining_ms=int(minutes * MINUTE_MS),
                now=self.now,
            )
            self.reopened = self.time_given = True
            assert self.session.remaining_ms(self.now) == minutes * MINUTE_MS
            assert self.question(0).answer.is_writable(self.now)

    @rule(plan=st.integers(0, 5), ends=st.booleans())
    def start_another(self, plan: int, ends: bool) -> None:
        if not self.session.is_over(self.now):
            return
        other = self.begin(self.bank[plan])
        assert other != self.session_id
        if ends:
            lifecycle.finish_session(session_id=other, now=self.now)

    @rule()
    def compile_report(self) -> None:
        made = reports.refresh_report(session_id=self.session_id, now=self.now)
        assert not (made and not self.session.is_finished)

    # --- What always holds ---------------------------------------------------------------------------------------

    @invariant()
    def it_holds(self) -> None:
        questions = questions_of(InterviewSession(pk=self.session_id))
        session = questions[0].session
        self.no_word_is_lost(questions)
        self.the_clock_is_right(session, questions)
        self.only_one_runs(session)
        seen = self.look(session, questions)
        if self.before:
            self.nothing_goes_back(self.before, seen)
        self.before, self.reopened, self.time_given = seen, False, False

    def no_word_is_lost(self, questions: list[SessionQuestion]) -> None:
        revisions: dict[UUID, list[DraftRevision]] = defaultdict(list)
        ids = [question.pk for question in questions]
        for revision in DraftRevision.objects.filter(answer__in=ids).order_by("answer", "revision"):
            revisions[revision.answer_id].append(revision)
        kept: dict[UUID, set[str]] = defaultdict(set)
        for row in KeptDraft.objects.filter(answer__in=ids):
            kept[row.answer_id].add(row.body)
        for question in questions:
            texts = texts_in(revisions[question.pk])
            assert len(texts) == question.answer.revision
            assert question.answer.body == (texts[-1] if texts else "")
            assert self.acknowledged[question.pk] <= {*texts, *kept[question.pk]}

    def the_clock_is_right(self, session: InterviewSession, questions: list[SessionQuestion]) -> None:
        assert session.remaining_ms(self.now) >= 0
        if session.finished_at:
            assert session.finished_at <= min(session.deadline, self.now)
        lasted = (min(self.now, session.deadline) - session.started_at) // MS
        assert sum(question.time_spent_ms_at(min(self.now, session.deadline)) for question in questions) <= lasted
        for question in questions:
            if question.answer.is_open:
                assert question.answer.deadline <= session.deadline
            if not session.is_finished and question.answer.is_open and not session.limits_questions:
                assert question.answer.deadline == session.deadline
        paused = session.events.filter(kind=Kind.RESUMED).values_list("data", flat=True)
        assert sum(data["paused_ms"] for data in paused) <= 30 * MINUTE_MS

    def only_one_runs(self, session: InterviewSession) -> None:
        assert InterviewSession.objects.of(self.candidate).running().count() <= 1
        assert Report.objects.filter(session=session).count() == session.is_finished

    def look(self, session: InterviewSession, questions: list[SessionQuestion]) -> Seen:
        return Seen(
            finished=session.is_finished,
            paused=session.is_paused(self.now),
            remaining_ms=session.remaining_ms(self.now),
            changes=session.changes,
            last_event=SessionEvent.objects.filter(session=session).latest("id").pk,
            states={question.pk: question.answer.state for question in questions},
            revisions={question.pk: question.answer.revision for question in questions},
            spent={question.pk: question.time_spent_ms for question in questions},
        )

    def nothing_goes_back(self, before: Seen, seen: Seen) -> None:
        assert seen.changes >= before.changes and seen.last_event >= before.last_event
        for question, state in before.states.items():
            assert seen.revisions[question] >= before.revisions[question]
            assert seen.spent[question] >= before.spent[question]
            if state != Answer.State.OPEN and not (state == Answer.State.CLOSED and self.reopened):
                assert seen.states[question] == state
        if before.finished:
            assert seen.finished or self.reopened
        if not self.time_given:
            assert seen.remaining_ms <= before.remaining_ms
            if before.paused and seen.paused:
                assert seen.remaining_ms == before.remaining_ms


@pytest.mark.django_db(transaction=True)
def test_whatever_happens_no_acknowledged_word_is_lost_and_nothing_goes_back() -> None:
    Engine.bank = plans()
    run_state_machine_as_test(Engine, settings=SETTINGS)
