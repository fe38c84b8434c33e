"""Plain functions that make what a test needs. Every argument has a usable default; give what the test is about."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group, Permission

from interviewprep.accounts.models import CURATOR_GROUP, MENTOR_GROUP, Mentorship, User
from questions import curating, flagging
from questions.content import Content
from questions.models import Flag, Question, QuestionVersion, Review, Topic
from questions.publishing import add_version, publish
from sessions import lifecycle
from sessions.lifecycle import Draft, SaveResult
from sessions.models import InterviewPlan, InterviewSession, PlanSection, SessionQuestion

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PASSWORD = "a long enough password"
CLIENT = UUID("11111111-1111-4111-8111-111111111111")
OTHER_CLIENT = UUID("22222222-2222-4222-8222-222222222222")

_numbers = itertools.count(1)


def make_user(email: str = "", *, groups: Sequence[str] = (), **fields: Any) -> User:
    user = User.objects.create_user(email or f"person{next(_numbers)}@example.com", PASSWORD, **fields)
    for name in groups:
        user.groups.add(Group.objects.get_or_create(name=name)[0])
    return user


def make_guest() -> User:
    return User.objects.create_guest()


def make_mentor(email: str = "", *, of: User | None = None, **fields: Any) -> User:
    """Make a mentor; with `of`, one whom that candidate has accepted."""
    mentor = make_user(email, groups=[MENTOR_GROUP], **fields)
    if of is not None:
        make_mentorship(candidate=of, mentor=mentor)
    return mentor


def make_curator(email: str = "", *, without_review: bool = False, **fields: Any) -> User:
    """Make a curator; `without_review`, one who may publish what nobody else has reviewed."""
    curator = make_user(email, groups=[CURATOR_GROUP], is_staff=True, **fields)
    if without_review:
        curator.user_permissions.add(Permission.objects.get(codename="publish_without_review"))
    return curator


def make_mentorship(*, candidate: User, mentor: User, accepted: bool = True, revoked: bool = False) -> Mentorship:
    assert candidate.email and mentor.email
    return Mentorship.objects.create(
        candidate=candidate,
        candidate_email=candidate.email,
        mentor=mentor,
        mentor_email=mentor.email,
        initiator=Mentorship.Initiator.CANDIDATE,
        accepted_at=NOW if accepted else None,
        revoked_at=NOW if revoked else None,
    )


def make_topic(slug: str = "", *, area: Topic | None = None, name: str = "") -> Topic:
    """Make a topic below `area`, or below a new area of its own."""
    slug = slug or f"topic-{next(_numbers)}"
    area = area or Topic.objects.create(slug=f"area-of-{slug}"[:60], name=f"Area of {slug}")
    return Topic.objects.create(slug=slug, name=name or slug.replace("-", " ").capitalize(), area=area)


OPEN: dict[str, Any] = {
    "kind": "open",
    "prompt": "A model flags 1 % of payments as fraud. Which metric would you choose?",
    "reference_answer": "Accuracy misleads under imbalance. Precision and recall describe the rare class.",
    "key_points": [
        {
            "key": "accuracy-misleads",
            "text": "Accuracy is misleading because the majority class dominates it",
            "weight": 2,
            "accepted": ["accuracy is useless with imbalanced classes"],
        },
        {
            "key": "precision-recall",
            "text": "Precision and recall describe how the rare class is handled",
            "weight": 3,
            "accepted": ["look at precision and recall of the fraud class"],
        },
        {
            "key": "costs",
            "text": "The threshold follows from the cost of a missed fraud against a false alarm",
            "weight": 1,
            "accepted": ["weigh the cost of false negatives against false positives"],
        },
    ],
}
SINGLE: dict[str, Any] = {
    "kind": "single",
    "prompt": "Training and validation error are both high. What is it?",
    "reference_answer": "Underfitting: high bias.",
    "choices": [
        {"key": "a", "text": "Underfitting", "correct": True, "explanation": "Both errors are high."},
        {"key": "b", "text": "Overfitting", "correct": False, "explanation": "Training error would be low."},
    ],
}
MULTIPLE: dict[str, Any] = {
    "kind": "multiple",
    "prompt": "Which of these reduce variance?",
    "reference_answer": "Bagging and regularisation.",
    "choices": [
        {"key": "a", "text": "Bagging", "correct": True, "explanation": "Averages over resamples."},
        {"key": "b", "text": "L2 penalty", "correct": True, "explanation": "Shrinks coefficients."},
        {"key": "c", "text": "A deeper tree", "correct": False, "explanation": "Adds variance."},
    ],
}
NUMERIC: dict[str, Any] = {
    "kind": "numeric",
    "prompt": "Two fair coins. What is the probability of two heads?",
    "reference_answer": "One half times one half is 0.25.",
    "numeric_answer": {"value": 0.25, "tolerance": 0.001, "unit": ""},
}
# Everything that only some open questions have; goes on top of OPEN.
CODING: dict[str, Any] = {
    "format": "coding",
    "code": {
        "language": "python",
        "setup": "import math",
        "starter": "def area(r):\n    ...",
        "solution": "def area(r):\n    return math.pi * r**2",
        "cases": [{"call": "area(0)", "expected": "0.0"}],
    },
    "misconceptions": [{"text": "The area grows with the radius.", "why": "It grows with its square."}],
    "guidance": "Begin with the formula.",
    "strong_sample": "I multiply pi by the squared radius.",
    "middling_sample": "Pi times the radius.",
    "tags": ["geometry"],
}
# A key point that says everything a key point may say.
DEMANDING: dict[str, Any] = {
    "key": "demanding",
    "text": "The variance of an average falls with the number of its parts, here to 4.5",
    "weight": 2,
    "accepted": ["averaging lowers the spread"],
    "required": ["variance | spread", "average"],
    "number": {"value": 4.5, "tolerance": 0.25, "unit": "ms"},
    "any_of": {"need": 2, "items": ["bagging | bootstrap", "boosting", "P(A|B)"]},
}
BY_KIND = {"open": OPEN, "single": SINGLE, "multiple": MULTIPLE, "numeric": NUMERIC}


def make_content(kind: str = "open", **fields: Any) -> Content:
    base = {
        "title": f"Question {next(_numbers)}",
        "difficulty": "medium",
        "time_limit_seconds": 180,
        "follow_ups": ["What would change your mind?"],
        "licence": "CC-BY-4.0",
        "author": "Tests",
        "source": "original",
    }
    return Content.parse(base | BY_KIND[kind] | fields)


def make_question(slug: str = "", *, topic: Topic | None = None, published: bool = True, **fields: Any) -> Question:
    """Make a question with one version; `fields` go to make_content."""
    question = Question.objects.create(slug=slug or f"question-{next(_numbers)}", topic=topic or make_topic())
    version = add_version(question=question, content=make_content(**fields), author=None)
    if published:
        publish(question=question, version=version, now=NOW)
        question.refresh_from_db()
    return question


def make_review(version: QuestionVersion, *, by: User | None = None, now: datetime = NOW) -> Review:
    """Submit a version for review, by a curator of its own unless somebody is named."""
    return curating.submit(version=version, actor=by or make_curator(), now=now)


def make_approval(version: QuestionVersion, *, now: datetime = NOW) -> Review:
    """Have a version reviewed and approved by two curators who have not written it."""
    keys = [item.key for item in curating.checklist_of(version)]
    review = make_review(version, now=now)
    return curating.approve(review_id=review.pk, actor=make_curator(), checklist=keys, now=now)


def make_flag(
    version: QuestionVersion, *, sender: User | None = None, reason: str = "wrong", note: str = "", now: datetime = NOW
) -> Flag:
    """Flag a version as a candidate."""
    return flagging.send_flag(
        version=version,
        sender=sender or make_user(),
        role=Flag.Role.CANDIDATE,
        reason=Flag.Reason(reason),
        note=note,
        now=now,
    )


def make_plan(
    *, questions: Sequence[Question] = (), count: int = 0, minutes: int = 30, slug: str = "", **fields: Any
) -> InterviewPlan:
    """Make a published plan that draws exactly `questions`, or `count` new ones of mixed kinds (3 by default)."""
    kinds = itertools.cycle(["open", "single", "numeric", "multiple"])
    if not questions:
        topic = make_topic()
        questions = [make_question(topic=topic, kind=next(kinds)) for _ in range(count or 3)]
    slug = slug or f"plan-{next(_numbers)}"
    fields = {"name": slug.replace("-", " ").capitalize(), "is_published": True} | fields
    plan = InterviewPlan.objects.create(slug=slug, time_limit_seconds=minutes * 60, **fields)
    section = PlanSection.objects.create(plan=plan, position=1, name="All", count=len(questions))
    section.topics.set({question.topic for question in questions})
    return plan


def make_session(
    *,
    candidate: User | None = None,
    plan: InterviewPlan | None = None,
    now: datetime = NOW,
    time_factor: Decimal = Decimal("1.00"),
    seed: int = 1,
    **plan_fields: Any,
) -> InterviewSession:
    """Start a session at `now`; without a plan, one of three questions (open, single, numeric) in 30 minutes."""
    return lifecycle.start_session(
        candidate=candidate or make_user(),
        plan=plan or make_plan(**plan_fields),
        time_factor=time_factor,
        now=now,
        seed=seed,
    )


def questions_of(session: InterviewSession) -> list[SessionQuestion]:
    """Return the session's questions as they are now, each with its answer, version and session."""
    questions = SessionQuestion.objects.filter(session=session.pk).order_by("position")
    return list(questions.select_related("answer", "version", "session__candidate"))


def answer(
    question: SessionQuestion,
    body: str,
    *,
    now: datetime = NOW,
    base_revision: int = 0,
    client_id: UUID = CLIENT,
    sequence: int = 1,
    submit: bool = False,
) -> SaveResult:
    """Save a draft for `question`, and submit it if asked."""
    result = lifecycle.save_draft(
        session_id=question.session_id,
        question_id=question.pk,
        candidate=question.session.candidate,
        draft=Draft(body=body, base_revision=base_revision, client_id=client_id, sequence=sequence),
        now=now,
    )
    if submit:
        lifecycle.submit_answer(session=question.session, question_id=question.pk, now=now)
    return result


GOOD_BODIES = {
    "open": "Accuracy is useless with imbalanced classes. I would look at precision and recall of the fraud class.",
    "single": "a",
    "multiple": "a\nb",
    "numeric": "0.25",
}


def make_finished_session(
    *, candidate: User | None = None, bodies: Sequence[str | None] | None = None, now: datetime = NOW, **fields: Any
) -> InterviewSession:
    """Sit a session and finish it by hand after five minutes. `bodies` are answers in order, None leaves one open."""
    session = make_session(candidate=candidate, now=now, **fields)
    questions = questions_of(session)
    chosen = bodies if bodies is not None else [GOOD_BODIES[question.version.kind] for question in questions]
    for minute, (question, body) in enumerate(zip(questions, chosen, strict=False), start=1):
        lifecycle.open_question(session=session, question_id=question.pk, now=now + timedelta(minutes=minute - 1))
        if body is not None:
            answer(question, body, now=now + timedelta(minutes=minute), submit=True)
    lifecycle.finish_session(session_id=session.pk, now=now + timedelta(minutes=len(questions) + 1))
    session.refresh_from_db()
    return session
