"""Template filters of the report and history pages: report data into words, an answer with its evidence marked."""

from django import template
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from sessions.grading import Status, Verdict
from sessions.highlighting import highlight
from sessions.mastery import Estimate
from sessions.reports import FollowUpReport, Outcome, PracticeItem, QuestionReport, words

# Characters; enough to recognise one's own words on a phone.
QUOTE_LENGTH = 200

register = template.Library()

register.filter("estimate_words", words.estimate_text)
register.filter("points", words.points_text)
register.filter("conditions_words", words.conditions_words)


@register.filter
def percent(estimate: Estimate) -> str:
    """Return the mean of an estimate as "62 %", or a dash without an answer."""
    return "–" if estimate.mean is None else words.percent_text(estimate.mean)


@register.filter
def interval(estimate: Estimate) -> str:
    return "–" if estimate.mean is None else words.interval_text(estimate)


@register.filter
def marked_answer(question: QuestionReport) -> SafeString:
    """Return the candidate's words, escaped, with what was found marked."""
    return highlight(question.body, [(verdict.start, verdict.end, verdict.text) for verdict in question.found])


@register.filter
def status_words(verdict: Verdict | PracticeItem) -> str:
    """Return what a verdict says, no surer than it is."""
    return {
        Status.FOUND: _("probably covered"),
        Status.PARTLY: _("partly covered"),
        Status.NOT_FOUND: _("not found"),
        Status.RIGHT: _("right"),
        Status.WRONG: _("wrong"),
    }[verdict.status]


@register.filter
def status_tone(verdict: Verdict) -> str:
    """Return the badge modifier for a verdict. Missing is not an error, so nothing here is red."""
    return {Status.FOUND: "ok", Status.RIGHT: "ok", Status.PARTLY: "muted"}.get(verdict.status, "warn")


@register.filter
def match_words(verdict: Verdict) -> str:
    """Return how close the words match, which is not how true they are; "" where nothing was found to match."""
    if verdict.status not in {Status.FOUND, Status.PARTLY}:
        return ""
    if verdict.confidence >= 0.8:
        return _("close match")
    return _("fair match") if verdict.confidence >= 0.6 else _("weak match")


@register.filter
def quoted(verdict: Verdict) -> str:
    """Return the words a verdict rests on, at most QUOTE_LENGTH characters of them; not escaped."""
    return Truncator(verdict.evidence).chars(QUOTE_LENGTH)


@register.filter
def objection_words(verdict: Verdict) -> str:
    """Return what a candidate says who objects to a verdict."""
    return {
        Status.NOT_FOUND: _("I said this"),
        Status.FOUND: _("I did not say this"),
        Status.WRONG: _("My number is right"),
    }.get(verdict.status, _("Not right"))


@register.filter
def choice_sum(question: QuestionReport) -> str:
    """Return how the automatic points of a question with several right choices come about."""
    taken = [verdict.status for verdict in question.verdicts if verdict.evidence]
    left = [verdict.status for verdict in question.verdicts if not verdict.evidence]
    right, wrong = taken.count(Status.RIGHT), taken.count(Status.WRONG)
    counts = {"right": right, "wrong": wrong, "all": right + left.count(Status.WRONG)}
    if wrong > right:
        return _("%(right)d right − %(wrong)d wrong, of %(all)d right ones; never below 0") % counts
    return _("%(right)d right − %(wrong)d wrong, of %(all)d right ones") % counts


@register.filter
def weight_words(verdict: Verdict) -> str:
    """Return what a key point's weight means: 3 essential, 2 expected, 1 nice to have."""
    return {3: _("essential"), 2: _("expected")}.get(verdict.weight, _("nice to have"))


@register.filter
def outcome_words(question: QuestionReport | FollowUpReport) -> str:
    """Return a sentence on what became of a question where its label does not say it all, else ""."""
    if question.has_words:
        return {
            Outcome.RAN_OUT_OF_TIME: _(
                "Time ran out here; the last saved words are kept. What is missing may have been about to come."
            ),
            Outcome.RAN_OUT_ON_QUESTION: _(
                "The time for this question ran out; the last saved words are kept. What is missing may have been "
                "about to come."
            ),
            Outcome.FINISHED_EARLY: _("Not submitted; the words left here count."),
        }.get(question.outcome, "")
    return {
        Outcome.RAN_OUT_OF_TIME: _("Time ran out here before anything was written."),
        Outcome.RAN_OUT_ON_QUESTION: _("The time for this question ran out before anything was written."),
        Outcome.FINISHED_EARLY: _("Open and empty when the interview was ended."),
    }.get(question.outcome, "")
