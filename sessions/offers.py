"""What the page before the clock says about a plan: what comes, what is allowed, and what each choice of time comes to.

Every sentence is true for the plan at hand and for nothing else. Words only: what is chosen is applied by `lifecycle`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interviewprep.accounts.models import User
from sessions import bounds, clock
from sessions.models import InterviewPlan, Mode, Navigation, QuestionLimit

# --- The choices of time ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Setting:
    """What a choice of time is made for: the plan, how many questions it asks, and what else could end it.

    `start` is when the interview would begin: now, or later (`is_later`) where an appointment is not open yet.
    """

    plan: InterviewPlan
    question_count: int
    start: datetime
    is_later: bool = False
    window_end: datetime | None = None
    time_zone: str = "UTC"

    def total_seconds(self, time_factor: Decimal, extra_minutes: int) -> int | None:
        return bounds.total_seconds(
            self.plan, question_count=self.question_count, time_factor=time_factor, extra_minutes=extra_minutes
        )

    def ending(self, time_factor: Decimal, extra_minutes: int) -> str:
        """Say which bound would end the interview."""
        total = self.total_seconds(time_factor, extra_minutes)
        if self.window_end is None:
            return bounds.own_end(self.plan, total)
        return bounds.fixed_end(
            total, window_end=self.window_end, time_zone=self.time_zone, start=self.start, is_later=self.is_later
        )

    def is_cut(self, total: int | None) -> bool:
        return bounds.is_cut(total=total, window_end=self.window_end, start=self.start)


def factor_label(setting: Setting, factor: Decimal, extra_minutes: int) -> SafeString:
    """Return "37:30 minutes, 25 % more time"; the total counts the extra minutes in, and a script can count anew."""
    words = format_html("{}, {}", _amount(setting, factor, extra_minutes), _name(factor))
    total = setting.total_seconds(factor, extra_minutes)
    if setting.window_end is None or not setting.is_cut(total):
        return words
    left = bounds.minutes_words(bounds.seconds_until(setting.window_end, now=setting.start))
    return format_html("{}; {}", words, _("the fixed end leaves %(time)s") % {"time": left})


def _name(factor: Decimal) -> str:
    return _("standard") if factor == 1 else _("%(percent)d %% more time") % {"percent": round((factor - 1) * 100)}


def _amount(setting: Setting, factor: Decimal, extra_minutes: int) -> SafeString:
    each = _each_question(setting.plan, factor)
    seconds = setting.total_seconds(factor, 0)
    if seconds is None:
        return format_html("{}", each or _("each question's own limit"))
    total = seconds + extra_minutes * 60
    number = format_html('<span data-seconds="{}">{}</span>', seconds, bounds.minutes_text(total))
    in_all = format_html(ngettext("{} minute", "{} minutes", 1 if total == 60 else 2), number)
    return format_html("{}, {}", in_all, each) if each else in_all


def _each_question(plan: InterviewPlan, factor: Decimal) -> str:
    if plan.question_limit != QuestionLimit.FIXED:
        return ""
    seconds = clock.scaled_seconds(plan.question_limit_seconds or 0, factor)
    return _("%(time)s for each question") % {"time": bounds.minutes_words(seconds)}


def untimed_label(setting: Setting) -> str:
    if setting.window_end is not None:
        end = bounds.clock_time(setting.window_end, setting.time_zone)
        return _("no limit but the fixed end at %(end)s") % {"end": end}
    days = settings.INTERVIEW_UNTIMED_DAYS
    return ngettext(
        "no time limit; the interview stays open for %(n)d day",
        "no time limit; the interview stays open for %(n)d days",
        days,
    ) % {"n": days}


def extra_help(setting: Setting, extra_minutes: int) -> SafeString:
    """Say what the minutes do; the number that the totals count in is where a script finds it."""
    words = [_("Added once to the whole interview.")]
    if setting.plan.limits_questions:
        words.append(_("Every question gets its share of them."))
    if setting.total_seconds(Decimal(1), 0) is None:
        return format_html("{}", " ".join(words))
    number = format_html("<span data-extra-counted>{}</span>", extra_minutes)
    return format_html("{} {}", " ".join(words), format_html(_("The times above include {} of them."), number))


# --- What comes ---------------------------------------------------------------------------------------------------


def what_comes(setting: Setting) -> list[str]:
    """Return how many questions in how much time, without any extra time, and what a question's time means."""
    number = setting.question_count
    count = ngettext("%(n)d question", "%(n)d questions", number) % {"n": number}
    total = setting.total_seconds(Decimal(1), 0)
    if total is not None:
        first = _("%(count)s in %(time)s.") % {"count": count, "time": bounds.minutes_words(total)}
    elif setting.plan.is_untimed:
        first = _("%(count)s, without a time limit.") % {"count": count}
    else:
        first = _("%(count)s, in the time they have together.") % {"count": count}
    return [first, *_question_time(setting.plan)]


def _question_time(plan: InterviewPlan) -> list[str]:
    sentences = []
    if plan.question_limit == QuestionLimit.NONE:
        # The page of an untimed interview shows no time beside a question.
        if not plan.is_untimed:
            sentences.append(_("Each question suggests a time; only the whole interview has a limit."))
    elif plan.question_limit == QuestionLimit.SUGGESTED:
        sentences.append(_("Each question has a limit of its own: the time it shows."))
    else:
        time = bounds.minutes_words(plan.question_limit_seconds or 0)
        sentences.append(_("Each question has a limit of %(time)s.") % {"time": time})
    if plan.reading_seconds:
        words = _("Each question first gives you %(time)s to read, before its own time begins.")
        sentences.append(words % {"time": _duration(plan.reading_seconds)})
    return sentences


def _duration(seconds: int) -> str:
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    return bounds.minutes_words(seconds)


# --- What is allowed ----------------------------------------------------------------------------------------------


def rules(setting: Setting, user: User) -> list[str]:
    """Return what is allowed in an interview of this plan, in sentences."""
    plan = setting.plan
    return [
        _moving(plan),
        *_limits(plan),
        *_follow_ups(plan),
        _pausing(plan, has_fixed_end=setting.window_end is not None),
        *_untimed(plan, has_fixed_end=setting.window_end is not None),
        _saving(user),
        _answers(plan),
    ]


def _moving(plan: InterviewPlan) -> str:
    if plan.navigation == Navigation.FORWARD:
        return _("Forward only: a question you submit or skip is closed, and you cannot go back to it.")
    return _("Go back and forth between questions, skip and flag them. A submitted answer stays as it is.")


def _limits(plan: InterviewPlan) -> list[str]:
    if not plan.limits_questions:
        return []
    return [_("When the time of a question is up, its last saved words count and the next question comes.")]


def _follow_ups(plan: InterviewPlan) -> list[str]:
    if not plan.asks_follow_ups:
        return []
    return [_("After a submitted answer, a follow-up question may be asked. It carries no points.")]


def _pausing(plan: InterviewPlan, *, has_fixed_end: bool) -> str:
    if plan.is_untimed:
        return _("No clock runs against you: close the page and come back, as long as the interview is open.")
    if plan.mode == Mode.PRACTICE and not has_fixed_end:
        minutes = bounds.minutes_words(settings.INTERVIEW_PAUSE_SECONDS)
        return _("You can pause, for %(time)s in all. Closing the page does not stop the clock.") % {"time": minutes}
    if plan.mode == Mode.PRACTICE:
        return _("There is no pause, because the appointment has a fixed end. Closing the page loses nothing.")
    return _("The clock does not pause, and it runs on the server: closing the page neither stops nor loses anything.")


def _untimed(plan: InterviewPlan, *, has_fixed_end: bool) -> list[str]:
    """The rules about time hold for the plan; whoever chooses no limit is told what is left of them."""
    if plan.is_untimed:
        return []
    if has_fixed_end:
        return [_("If you choose no time limit, only the fixed end counts, and no question closes by itself.")]
    return [_("If you choose no time limit, no clock runs, and no question closes by itself.")]


def _saving(user: User) -> str:
    if user.is_guest:
        return _("Everything you type is saved. You can reload, or come back in this browser.")
    return _("Everything you type is saved. You can reload, or go on from another device.")


def _answers(plan: InterviewPlan) -> str:
    if plan.mode == Mode.PRACTICE:
        return _(
            "After each answer you submit, you see the reference answer; what was found in yours is in the report."
        )
    return _("Reference answers and what was found in yours come afterwards, in the report.")
