"""What a plan's start page and an appointment's page share: the facts before the clock, and the form that starts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import cached_property

from interviewprep.accounts.models import User
from sessions import composing, offers
from sessions.composing import PlanTooThinError
from sessions.forms import StartForm
from sessions.models import Appointment, InterviewPlan, InterviewSession, PlanSection


def running_session(user: User, now: datetime) -> InterviewSession | None:
    """Return the interview somebody is in the middle of."""
    session = InterviewSession.objects.of(user).running().first()
    return session if session and not session.is_over(now) else None


@dataclass
class StartPage:
    """A plan as offered to one person now, on its own or for an appointment. `data` is what they sent."""

    user: User
    plan: InterviewPlan
    now: datetime
    appointment: Appointment | None = None
    data: Any = None

    @cached_property
    def sections(self) -> Sequence[PlanSection]:
        return list(self.plan.sections.prefetch_related("topics", "questions"))

    @cached_property
    def shortfalls(self) -> list[PlanTooThinError]:
        """What keeps the plan from being filled, the rule about repeats minded."""
        return composing.shortfalls(self.sections, candidate=self.user, now=self.now)

    @property
    def only_repeats_help(self) -> bool:
        """Whether the rule about repeats is all that is in the way: then it can be lifted on the page."""
        return bool(self.shortfalls) and all(shortfall.repeats_would_help for shortfall in self.shortfalls)

    @cached_property
    def setting(self) -> offers.Setting:
        count = sum(section.count for section in self.sections)
        found = self.appointment
        if found is None:
            return offers.Setting(self.plan, count, self.now)
        return offers.Setting(
            self.plan,
            count,
            start=max(self.now, found.opens_at),
            is_later=self.now < found.opens_at,
            window_end=found.ends_at,
            time_zone=found.time_zone,
        )

    @cached_property
    def form(self) -> StartForm:
        """The form. One that was sent without the box for repeats is not checked against the bank: the draw will be."""
        asks_without = self.data is not None and "allow_repeats" not in self.data
        return self._form(offers_repeats=not asks_without and self.only_repeats_help)

    def _form(self, *, offers_repeats: bool) -> StartForm:
        return StartForm(
            self.data, setting=self.setting, user=self.user, offers_repeats=offers_repeats, auto_id="start_%s"
        )

    def refuse(self, error: Exception) -> None:
        """Say in the form why nothing was started; about repeats beside the box that would allow them."""
        if self.only_repeats_help:
            self.form = self._form(offers_repeats=True)
        self.form.add_error("allow_repeats" if "allow_repeats" in self.form.fields else None, str(error))

    def context(self) -> dict[str, Any]:
        setting, user = self.setting, self.user
        return {
            "plan": self.plan,
            "sections": self.sections,
            "form": self.form,
            "what_comes": offers.what_comes(setting),
            "rules": offers.rules(setting, user),
            "ending": setting.ending(user.time_factor, user.extra_minutes),
            "shortfalls": self.shortfalls,
            "only_repeats_help": self.only_repeats_help,
            "running": running_session(user, self.now),
        }
