"""People, plans, and staff who give somebody more time; everything the harness does to the database by itself.

Needs Django set up on the stack's database. Nothing here touches a session but `lifecycle`.
"""

import random
import threading
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import Error as DatabaseFailure
from django.db import connection
from django.utils import timezone

from interviewprep.accounts.models import User
from interviewprep.accounts.people import create_person
from sessions import lifecycle
from sessions.models import InterviewPlan, InterviewSession, PlanSection
from tests.chaos.candidate import Plan
from tests.chaos.ledger import Ledger

PASSWORD = "a password of many words"
STAFF = "staff@example.com"
SHORTEST_SECONDS = 8
MOST_TIME = Decimal(4)
# Lengths of interviews as shares of the run: several end inside it, some only after it.
SHARES = (0.06, 0.12, 0.2, 0.35, 0.5)


def make_people(count: int) -> list[str]:
    """Create candidates and a member of staff; return the candidates' addresses."""
    User.objects.all().delete()  # the demo's: their interviews were never sat
    create_person(email=STAFF, password=PASSWORD, name="Staff", is_staff=True)
    addresses = [f"candidate{number}@chaos.example.com" for number in range(count)]
    # One hash for all: making 32 takes longer than anything else here.
    first = create_person(email=addresses[0], password=PASSWORD)
    for email in addresses[1:]:
        create_person(email=email, password=None)
    User.objects.filter(email__in=addresses).update(password=first.password)
    return addresses


def make_plans(seconds: float) -> list[Plan]:
    """Create plans of open questions: of several lengths, forward only, with limits per question, and for practice."""
    lengths = sorted({max(SHORTEST_SECONDS, round(seconds * share)) for share in SHARES})
    plans = [_plan(f"mock-{length}", 4, time_limit_seconds=length) for length in lengths]
    middle, longest = lengths[len(lengths) // 2], lengths[-1]
    limited = {"question_limit": "fixed", "question_limit_seconds": max(10, longest // 6)}
    plans += [
        _plan("forward", 5, time_limit_seconds=middle, navigation="forward"),
        _plan("limited", 4, time_limit_seconds=longest, **limited),
        _plan("limited-forward", 4, navigation="forward", asks_follow_ups=True, **limited),
        _plan("follow-ups", 3, time_limit_seconds=middle, asks_follow_ups=True),
        _plan("practice", 4, time_limit_seconds=middle, mode="practice"),
        _plan("practice-long", 4, time_limit_seconds=longest, mode="practice"),
    ]
    return plans


def _plan(name: str, questions: int, **fields: object) -> Plan:
    row = InterviewPlan.objects.create(slug=f"chaos-{name}", name=f"Chaos {name}", is_published=True, **fields)
    # Open questions only: their texts can be told apart.
    PlanSection.objects.create(plan=row, position=1, name="All", count=questions, kinds=["open"])
    return Plan(str(row.pk), pauses=row.mode == "practice", forward=row.navigation == "forward")


@dataclass
class Staff(threading.Thread):
    """Gives running interviews more time now and then, as the admin's button does."""

    ledger: Ledger
    rng: random.Random
    every_seconds: float
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(name="staff", daemon=True)

    # Threads are told apart by identity, dataclasses by value.
    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        while not self.stopped.wait(self.every_seconds):
            try:
                self._give_time()
            except DatabaseFailure:
                connection.close()  # the next try gets one that works
                self.ledger.count("time changes without a database")
            except (lifecycle.SessionOverError, lifecycle.TimeChangeRefusedError):
                self.ledger.count("time changes refused")

    def _give_time(self) -> None:
        running = list(InterviewSession.objects.running().filter(extra_minutes=0, is_untimed=False).order_by("pk")[:50])
        if not running:
            return
        session = self.rng.choice(running)
        factor = min(session.time_factor + 1, MOST_TIME)
        staff = User.objects.get(email=STAFF)
        lifecycle.change_time(
            session_id=session.pk, actor=staff, reason="chaos", time_factor=factor, now=timezone.now()
        )
        self.ledger.count("interviews given more time")
