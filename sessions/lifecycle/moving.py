"""What a candidate does in a running session: open, submit, skip, flag, pause, resume; and what that does to clocks.

Every action may carry the words of the editor along; they are saved in the very statement that acts. A click also takes
the lease for its tab: whoever clicks is there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sessions import clock
from sessions.lifecycle.drafts import hand_over, judge, keep_draft, refusal
from sessions.lifecycle.errors import PauseRefusedError, SessionOverError, StaleDraftError
from sessions.lifecycle.results import Draft, SaveStatus
from sessions.lifecycle.sitting import Sitting, change_sitting
from sessions.models import Answer, InterviewSession, KeptDraft, SessionEvent, SessionQuestion

Kind = SessionEvent.Kind


def act(
    *,
    session: InterviewSession,
    question_id: UUID,
    now: datetime,
    action: Callable[[Sitting, SessionQuestion], bool],
    draft: Draft | None = None,
    client_id: UUID | None = None,
) -> Sitting:
    """Do something with a question of a running session, saving `draft` for it in the same statement.

    `action` changes the sitting and returns whether it did; it never raises, for the words must be written. Raises
    SessionOverError, StaleDraftError (the words were kept, nothing else was done) and SessionQuestion.DoesNotExist.
    """

    def change(sitting: Sitting) -> bool:
        question = sitting.question(question_id)
        if sitting.session.is_closed(now):
            if draft:
                _keep(question.answer, draft, SaveStatus.LATE, now=now)
            raise SessionOverError
        changed = hand_over(sitting, draft.client_id if draft else client_id, now=now)
        changed |= settle(sitting, now=now)
        changed |= _take_words(sitting, question, draft, now=now)
        return (_has_come(sitting, question) and action(sitting, question)) or changed

    return change_sitting(session.pk, change, candidate_id=session.candidate_id, question_id=question_id, now=now)


def _has_come(sitting: Sitting, question: SessionQuestion) -> bool:
    """Whether a question was reached: no page has buttons for one that is not asked yet, or lies ahead of the only way.

    Acting on it would bring it forward, or leave the one in front behind unclosed.
    """
    if sitting.session.is_forward_only and question.position > sitting.current.position:
        return False
    return sitting.is_asked(question)


def _take_words(sitting: Sitting, question: SessionQuestion, draft: Draft | None, *, now: datetime) -> bool:
    """Make the words that came along the answer, or keep them beside it; raises StaleDraftError."""
    answer = question.answer
    if draft is None or answer.body == draft.body:
        return False
    status = judge(answer, draft, lease=sitting.session.lease, now=now)
    if status is not None:
        _keep(answer, draft, status, now=now)
        if status in {SaveStatus.STALE, SaveStatus.OVERTAKEN}:  # a click is always the newest word of its page
            raise StaleDraftError(refusal(answer, draft, status=status, now=now))
        return False
    sitting.worded, sitting.worded_base = question, answer.revision
    answer.body, answer.revision, answer.saved_at = draft.body, answer.revision + 1, now
    answer.client_id, answer.client_sequence = draft.client_id, draft.sequence
    sitting.touch(question)
    return True


def _keep(answer: Answer, draft: Draft, status: SaveStatus, *, now: datetime) -> None:
    if answer.body != draft.body:
        keep_draft(answer=answer, draft=draft, reason=KeptDraft.Reason(status.value), now=now)


# --- Clocks -------------------------------------------------------------------------------------------------------


def settle(sitting: Sitting, *, now: datetime) -> bool:
    """Record what time has done since somebody last looked: a pause that is over, a question whose time is up."""
    changed = resume(sitting, now=now)
    question = sitting.current
    if question.answer.is_open and sitting.session.limits_questions and not question.answer.accepts_words(now):
        run_out(sitting, question, now=now)
        changed = True
    return changed


def run_out(sitting: Sitting, question: SessionQuestion, *, now: datetime) -> None:
    """Close an answer whose own time is up. What was saved stays, and is what the candidate answered."""
    question.answer.state = Answer.State.PASSED
    sitting.log(Kind.RAN_OUT, clock.finished_at(deadline=question.answer.deadline, now=now), question)
    sitting.touch(question)


def bring_forward(sitting: Sitting, question: SessionQuestion, *, now: datetime, actor_id: UUID | None = None) -> None:
    """Put a question before the candidate and start its clock, after its reading time if it is new.

    `actor_id` names whoever did it if it was not the candidate.
    """
    session = sitting.session
    if question.first_opened_at is None:
        question.first_opened_at = now
        if session.reading_seconds and not question.is_follow_up:
            question.reading_until = now + timedelta(
                seconds=clock.scaled_seconds(session.reading_seconds, session.time_factor)
            )
    session.current_position = question.position
    session.current_since = max(now, question.reading_until or now)
    question.skipped = False
    if session.limits_questions and question.answer.is_open:
        question.answer.deadline = clock.question_deadline(
            counted_from=session.current_since,
            limit_seconds=question.time_limit_seconds,
            spent_ms=question.time_spent_ms,
            session_deadline=session.deadline,
        )
    sitting.log(Kind.OPENED, now, question, actor_id=actor_id)
    sitting.touch(question)


def stop_clock(sitting: Sitting, *, now: datetime) -> None:
    """Add the time up to `now` (at most the deadline) to the question in front; afterwards no clock of a question runs.

    A question with a limit takes no words while it is not in front.
    """
    question, session = sitting.current, sitting.session
    until = clock.finished_at(deadline=session.deadline, now=now)
    question.time_spent_ms = question.time_spent_ms_at(until)
    session.current_since = None
    if session.limits_questions and question.answer.is_open:
        question.answer.deadline = min(question.answer.deadline, until)
    sitting.touch(question)


def shift_time(sitting: Sitting, delta: timedelta, *, now: datetime) -> None:
    """Move the deadline, and that of every answer that can still be worked on, by `delta`."""
    sitting.session.deadline += delta
    for question in sitting.questions:
        was_left = question.first_opened_at is not None and question is not sitting.current
        if question.answer.is_writable(now) and not (sitting.session.limits_questions and was_left):
            question.answer.deadline += delta
            sitting.touch(question)


# --- Moving -------------------------------------------------------------------------------------------------------


def open_question(
    *,
    session: InterviewSession,
    question_id: UUID,
    now: datetime,
    leaving: UUID | None = None,
    draft: Draft | None = None,
    client_id: UUID | None = None,
) -> Sitting:
    """Put a question before the candidate and start its clock; the one before stops. Opening twice changes nothing.

    Nor does opening one that is not asked yet, or any in a session that only goes forward: `skip` and `submit` go on
    there. `leaving` is the question that `draft` has the words of. Raises SessionOverError, StaleDraftError, and
    SessionQuestion.DoesNotExist for a question of another session.
    """

    def action(sitting: Sitting, _: SessionQuestion) -> bool:
        target = sitting.question(question_id)
        if is_in_front(sitting, target) or sitting.session.is_forward_only or not sitting.is_asked(target):
            return False
        go_to(sitting, target, now=now)
        return True

    return act(
        session=session, question_id=leaving or question_id, now=now, action=action, draft=draft, client_id=client_id
    )


def is_in_front(sitting: Sitting, question: SessionQuestion) -> bool:
    return question is sitting.current and sitting.session.current_since is not None


def go_to(sitting: Sitting, target: SessionQuestion, *, now: datetime) -> None:
    if sitting.session.current_since is not None:
        stop_clock(sitting, now=now)
    bring_forward(sitting, target, now=now)


def next_question(sitting: Sitting, *, after: int) -> SessionQuestion | None:
    """Return where to go after position `after`: the next untouched question, then the skipped ones, then None.

    A session that only goes forward never looks back.
    """
    asked: Sequence[SessionQuestion] = sitting.asked
    ahead = [question for question in asked if question.position > after]
    if not sitting.session.is_forward_only:
        ahead += [question for question in asked if question.position <= after]
    still_open = [question for question in ahead if question.answer.is_open]
    unskipped = [question for question in still_open if not question.skipped]
    return next(iter([*unskipped, *still_open]), None)


def _go_on(sitting: Sitting, *, after: SessionQuestion, now: datetime) -> bool:
    following = next_question(sitting, after=after.position)
    if following is None or is_in_front(sitting, following):
        return False
    go_to(sitting, following, now=now)
    return True


def submit_answer(
    *,
    session: InterviewSession,
    question_id: UUID,
    now: datetime,
    draft: Draft | None = None,
    client_id: UUID | None = None,
    go_on: bool = False,
    problem_of: Callable[[SessionQuestion], str] = lambda question: "",
) -> Sitting:
    """Close the answer with the words stored by now, and with `go_on` open the next question.

    Practice stays where it is: the answer is shown, and going on is a click of its own. Submitting twice is submitting
    once. Where `problem_of` finds something wrong with the answer, the words are saved, the answer stays open and the
    sitting says what as `problem`. Raises SessionOverError, StaleDraftError and SessionQuestion.DoesNotExist for a
    question of another session.
    """

    def action(sitting: Sitting, question: SessionQuestion) -> bool:
        if not question.answer.is_open:
            return go_on and _go_on(sitting, after=question, now=now)
        sitting.problem = problem_of(question)
        if sitting.problem:
            return _show(sitting, question, now=now)
        question.answer.state, question.answer.submitted_at = Answer.State.SUBMITTED, now
        sitting.log(Kind.SUBMITTED, now, question)
        sitting.touch(question)
        if sitting.session.is_practice and is_in_front(sitting, question):
            stop_clock(sitting, now=now)  # the answer is shown now, and reading it takes no time of the question
        elif go_on:
            _go_on(sitting, after=question, now=now)
        return True

    return act(session=session, question_id=question_id, now=now, action=action, draft=draft, client_id=client_id)


def _show(sitting: Sitting, question: SessionQuestion, *, now: datetime) -> bool:
    """Bring a question back to the front where that is allowed."""
    if is_in_front(sitting, question) or sitting.session.is_forward_only:
        return False
    go_to(sitting, question, now=now)
    return True


def skip_question(
    *,
    session: InterviewSession,
    question_id: UUID,
    now: datetime,
    draft: Draft | None = None,
    client_id: UUID | None = None,
    go_on: bool = False,
) -> Sitting:
    """Mark a question as skipped, and with `go_on` open the next one. It stays open, unless there is no way back.

    Skipping one whose answer is closed only goes on. Raises as `submit_answer` does.
    """

    def action(sitting: Sitting, question: SessionQuestion) -> bool:
        changed = False
        if question.answer.is_open:
            question.skipped = True
            if sitting.session.is_forward_only:
                question.answer.state = Answer.State.PASSED
            sitting.log(Kind.SKIPPED, now, question)
            sitting.touch(question)
            changed = True
        return (go_on and _go_on(sitting, after=question, now=now)) or changed

    return act(session=session, question_id=question_id, now=now, action=action, draft=draft, client_id=client_id)


def set_flag(
    *,
    session: InterviewSession,
    question_id: UUID,
    flagged: bool,
    now: datetime,
    draft: Draft | None = None,
    client_id: UUID | None = None,
) -> Sitting:
    """Flag a question to come back to, or take the flag away. Raises as `open_question` does."""

    def action(sitting: Sitting, question: SessionQuestion) -> bool:
        if question.flagged == flagged:
            return False
        question.flagged = flagged
        sitting.log(Kind.FLAGGED if flagged else Kind.UNFLAGGED, now, question)
        sitting.touch(question)
        return True

    return act(session=session, question_id=question_id, now=now, action=action, draft=draft, client_id=client_id)


def save_with_click(
    *, session: InterviewSession, question_id: UUID, now: datetime, draft: Draft | None, client_id: UUID | None = None
) -> Sitting:
    """Only save the words that came with a click. Raises as `open_question` does."""
    return act(
        session=session,
        question_id=question_id,
        now=now,
        action=lambda sitting, question: False,
        draft=draft,
        client_id=client_id,
    )


def close_question_in_time(
    *, session: InterviewSession, question_id: UUID, now: datetime, draft: Draft | None = None
) -> Sitting:
    """The browser says the question's own time is up: save the words, and go on if our clock agrees.

    Raises SessionOverError, StaleDraftError and SessionQuestion.DoesNotExist.
    """

    def action(sitting: Sitting, question: SessionQuestion) -> bool:
        is_up = clock.is_over(deadline=question.answer.deadline, now=now)
        if not sitting.session.limits_questions or question is not sitting.current or not is_up:
            return False
        if question.answer.is_open:
            run_out(sitting, question, now=now)
        _go_on(sitting, after=question, now=now)
        return True

    return act(session=session, question_id=question_id, now=now, action=action, draft=draft)


# --- Pauses -------------------------------------------------------------------------------------------------------


def pause_session(*, session: InterviewSession, now: datetime) -> Sitting:
    """Stop the clocks. The deadline moves by the whole pause that is left; what is not used comes off on resuming.

    So nobody else has to know of pauses, and one that is forgotten ends by itself. Pausing twice is pausing once.
    Raises SessionOverError and PauseRefusedError.
    """

    def change(sitting: Sitting) -> bool:
        found = sitting.session
        if found.is_over(now):
            raise SessionOverError
        if found.is_paused(now):
            return False
        settle(sitting, now=now)
        if not found.may_pause or found.pause_left_ms < 1000:
            raise PauseRefusedError
        _pause(sitting, now=now)
        return True

    return change_sitting(session.pk, change, candidate_id=session.candidate_id, now=now)


def _pause(sitting: Sitting, *, now: datetime) -> None:
    session, question = sitting.session, sitting.current
    question.time_spent_ms = question.time_spent_ms_at(now)
    left = timedelta(milliseconds=session.pause_left_ms)
    shift_time(sitting, left, now=now)
    if question.reading_until and question.reading_until > now:
        question.reading_until += left
    session.paused_at = now
    if session.current_since is not None:  # none runs while practice shows an answer
        session.current_since = max(session.pause_end, question.reading_until or now)
    sitting.log(Kind.PAUSED, now, question)
    sitting.touch(question)


def resume_session(*, session: InterviewSession, now: datetime) -> Sitting:
    """Go on after a pause; resuming twice is resuming once. Raises SessionOverError."""

    def change(sitting: Sitting) -> bool:
        if sitting.session.is_closed(now):
            raise SessionOverError
        return resume(sitting, now=now)

    return change_sitting(session.pk, change, candidate_id=session.candidate_id, now=now)


def resume(sitting: Sitting, *, now: datetime) -> bool:
    """End a pause, giving back what was not used of it; True if there was one, also one that ended by itself."""
    session, question = sitting.session, sitting.current
    if session.paused_at is None:
        return False
    until = max(session.paused_at, min(now, session.pause_end))  # a click from before the pause may come after it
    unused = session.pause_end - until
    paused_ms = clock.elapsed_ms(since=session.paused_at, now=until)
    if unused:
        shift_time(sitting, -unused, now=now)
        if question.reading_until and question.reading_until > session.pause_end:
            question.reading_until -= unused
        if session.current_since is not None:
            session.current_since -= unused
    session.paused_at, session.pause_left_ms = None, unused // timedelta(milliseconds=1)
    sitting.log(Kind.RESUMED, until, question, data={"paused_ms": paused_ms})
    sitting.touch(question)
    return True
