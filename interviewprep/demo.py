"""The demo of the embedded stack: accounts with known passwords and a few interviews to look at.

Everything goes through the same functions that people's clicks go through, with the time handed in. Refuses to run
unless DEMO_ACCOUNTS is set, which only the embedded stack does, and only for a database of its own.
"""

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

if TYPE_CHECKING:
    from interviewprep.accounts.models import User
    from questions.content import Content
    from sessions.models import InterviewSession

PASSWORD = "practice"  # noqa: S105  printed on the terminal by `make run`, for accounts on this machine only
CANDIDATE, MENTOR, CURATOR = "candidate@example.com", "mentor@example.com", "curator@example.com"
REVIEWER = "reviewer@example.com"
# Read by the embedded stack before Django is set up, so the imports below wait.
DEMO_ACCOUNTS = [
    (
        CANDIDATE,
        PASSWORD,
        "three reports (one not opened yet, one out of time), and an interview that is running",
    ),
    (MENTOR, PASSWORD, "reads that candidate's transcripts and has commented on one"),
    (CURATOR, PASSWORD, "edits the question bank, and has a version in review and a flag to answer"),
    (REVIEWER, PASSWORD, "reviews what the other curator writes"),
]
_CLIENT = UUID("00000000-0000-4000-8000-00000000d3e0")


class DemoRefusedError(Exception):
    """Demo accounts were asked for where real people may sign in."""


@transaction.atomic
def create_demo(*, now: datetime) -> bool:
    """Create the demo accounts and their interviews; False when they are there already. Raises DemoRefusedError."""
    from interviewprep.accounts.models import User

    if not settings.DEMO_ACCOUNTS:
        raise DemoRefusedError(
            "Demo accounts have a known password. `make run` makes them in its own database, and nothing else does."
        )
    if User.objects.filter(email__in=[email for email, _, _ in DEMO_ACCOUNTS]).exists():
        return False
    candidate, mentor = _create_people(now - timedelta(days=8))
    screen = _sit(candidate, "quick-screen", at=now - timedelta(days=6), said=0.5, minutes_each=2)
    mock = _sit(candidate, "fundamentals", at=now - timedelta(days=3), said=0.75, minutes_each=2.5)
    for session in (screen, mock):
        _rate(session)
    # This report is still to be opened: it asks first how sure one is.
    _sit(candidate, "behavioural", at=now - timedelta(days=1), said=0.6, minutes_each=9)
    _comment(screen, mentor, now=now - timedelta(days=5))
    _flag(screen, candidate, now=now - timedelta(days=4))
    _submit_for_review(screen, now=now - timedelta(days=2))
    _start(candidate, "full-mock", at=now)
    return True


def _create_people(now: datetime) -> "tuple[User, User]":
    from interviewprep.accounts import mentorships
    from interviewprep.accounts.models import CURATOR_GROUP, MENTOR_GROUP
    from interviewprep.accounts.people import create_person

    candidate = create_person(email=CANDIDATE, password=PASSWORD, name="Ada Example")
    mentor = create_person(email=MENTOR, password=PASSWORD, name="Morgan Example", groups=[MENTOR_GROUP])
    for email, name in ((CURATOR, "Cleo Example"), (REVIEWER, "Rory Example")):
        create_person(email=email, password=PASSWORD, name=name, groups=[CURATOR_GROUP], is_staff=True)
    invitation, _ = mentorships.invite_mentor(candidate=candidate, mentor_email=MENTOR, now=now)
    mentorships.accept(invitation_id=invitation.pk, user=mentor, now=now)
    return candidate, mentor


def _start(candidate: "User", plan_slug: str, *, at: datetime) -> "InterviewSession":
    from sessions import lifecycle
    from sessions.models import InterviewPlan

    plan = InterviewPlan.objects.get(slug=plan_slug)
    return lifecycle.start_session(candidate=candidate, plan=plan, time_factor=Decimal("1.00"), now=at, seed=2026)


def _sit(candidate: "User", plan_slug: str, *, at: datetime, said: float, minutes_each: float) -> "InterviewSession":
    """Sit an interview, `minutes_each` minutes a question, saying about the share `said` of what one could say."""
    from sessions import lifecycle, reports

    session = _start(candidate, plan_slug, at=at)
    pace = timedelta(minutes=minutes_each)
    now = at
    for question in session.questions.select_related("version").order_by("position"):
        if now > session.deadline:
            break
        lifecycle.open_question(session=session, question_id=question.pk, now=now)
        words = _words(question.version.content, said=said, turn=question.position)
        draft = lifecycle.Draft(body=words, base_revision=0, client_id=_CLIENT, sequence=1)
        lifecycle.save_draft(
            session_id=session.pk, question_id=question.pk, candidate=candidate, draft=draft, now=now + pace / 2
        )
        if now + pace <= session.deadline:
            lifecycle.submit_answer(session=session, question_id=question.pk, now=now + pace)
        now += pace
    lifecycle.finish_session(session_id=session.pk, now=now)
    reports.refresh_report(session_id=session.pk, now=now)
    return session


def _words(content: "Content", *, said: float, turn: int) -> str:
    """Return an answer of its kind: some of the key points in other words, or a choice or number right or wrong."""
    from questions.content import Kind
    from sessions.grading.answers import encode_choices

    right = (turn * 0.37) % 1 < said
    if content.kind == Kind.NUMERIC and content.numeric_answer:
        return f"{content.numeric_answer.value * (1 if right else 2):g}"
    if content.choices:
        return encode_choices(
            [choice.key for choice in content.choices if choice.correct is right][: 1 if not right else None]
        )
    points = [point for index, point in enumerate(content.key_points) if (index * 0.61 + turn * 0.29) % 1 < said]
    phrasings = itertools.chain.from_iterable(point.accepted[:1] or (point.text,) for point in points)
    return " ".join(f"{phrase[0].upper()}{phrase[1:].rstrip('.')}." for phrase in phrasings) or "I am not sure here."


def _rate(session: "InterviewSession") -> None:
    """Open a report as the candidate does, having said how sure they are of some answers."""
    from questions.content import Kind
    from sessions import scoring
    from sessions.models import Confidence

    assert session.deadline is not None
    rated = session.questions.filter(version__kind=Kind.OPEN).order_by("position")[:4]
    levels = (Confidence.FAIRLY_SURE, Confidence.HALF_SURE, Confidence.CERTAIN, Confidence.UNSURE)
    ratings = {question.pk: level for question, level in zip(rated, levels, strict=False)}
    scoring.show_verdicts(session=session, ratings=ratings, now=session.deadline)


def _comment(session: "InterviewSession", mentor: "User", *, now: datetime) -> None:
    from sessions import reviews

    question = session.questions.order_by("position")[0]
    reviews.add_comment(
        question_id=question.pk,
        author=mentor,
        body="Good start. Say first what you would measure, then why; the reasons came before the decision here.",
        now=now,
    )


def _flag(session: "InterviewSession", candidate: "User", *, now: datetime) -> None:
    from questions import flagging
    from questions.models import Flag

    flagging.send_flag(
        version=session.questions.select_related("version").order_by("position")[0].version,
        sender=candidate,
        role=Flag.Role.CANDIDATE,
        reason=Flag.Reason.UNCLEAR,
        note="I was not sure whether a number was asked for or only the direction.",
        now=now,
    )


def _submit_for_review(session: "InterviewSession", *, now: datetime) -> None:
    """Let the curator give the last question of `session` a minute more, and ask for a review of that."""
    from interviewprep.accounts.models import User
    from questions import curating

    curator = User.objects.get(email=CURATOR)
    version = session.questions.select_related("version__question").order_by("-position")[0].version
    longer = version.content.model_copy(update={"time_limit_seconds": version.time_limit_seconds + 60})
    draft = curating.write_draft(question=version.question, content=longer, actor=curator, now=now)
    curating.submit(version=draft, actor=curator, message="Most people run out of time here.", now=now)
