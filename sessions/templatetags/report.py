"""Template filters of the report and history pages: report data into words, an answer with its evidence marked."""

from django import template
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interviewprep.accounts.models import User
from sessions.grading import Finding, FindingKind, Status, Verdict
from sessions.highlighting import highlight
from sessions.mastery import Estimate
from sessions.models import Confidence, Score, SelfReview
from sessions.reports import FollowUpReport, Judgement, Outcome, PracticeItem, QuestionReport, words

# Characters; enough to recognise one's own words on a phone.
QUOTE_LENGTH = 200

TICK_WORDS = {
    Status.FOUND: gettext_lazy("covered"),
    Status.PARTLY: gettext_lazy("partly"),
    Status.NOT_FOUND: gettext_lazy("not covered"),
}

register = template.Library()

register.filter("estimate_words", words.estimate_text)
register.filter("points", words.points_text)
register.filter("conditions_words", words.conditions_words)
register.filter("band_words", words.band_text)
register.filter("short_band_words", words.short_band_text)
register.filter("lean_words", words.lean_text)


@register.filter
def percent(estimate: Estimate) -> str:
    """Return the mean of an estimate as "62 %", or a dash without an answer."""
    return "–" if estimate.mean is None else words.percent_text(estimate.mean)


@register.filter
def interval(estimate: Estimate) -> str:
    return "–" if estimate.mean is None else words.interval_text(estimate)


@register.filter
def marked_answer(question: QuestionReport) -> SafeString:
    """Return the candidate's words, escaped, with what was found marked, and otherwise what may be a misconception."""
    found = [(verdict.start, verdict.end, verdict.text) for verdict in question.found]
    doubtful = [
        (met.start, met.end, _("looks like a common misconception: %s") % met.text)
        for met in findings_of(question, FindingKind.MISCONCEPTION)
    ]
    return highlight(question.body, found, doubtful)


@register.filter
def status_words(verdict: Verdict | PracticeItem) -> str:
    """Return what a verdict says, no surer than it is."""
    return {
        Status.FOUND: _("found"),
        Status.PARTLY: _("partly"),
        Status.NOT_FOUND: _("not found"),
        Status.UNREAD: _("not read"),
        Status.RIGHT: _("right"),
        Status.WRONG: _("wrong"),
    }[verdict.status]


@register.filter
def status_tone(verdict: Verdict) -> str:
    """Return the badge modifier for a verdict. Missing is not an error, so nothing here is red."""
    tones = {Status.FOUND: "ok", Status.RIGHT: "ok", Status.PARTLY: "muted", Status.UNREAD: "muted"}
    return tones.get(verdict.status, "warn")


@register.filter
def match_words(verdict: Verdict) -> str:
    """Return how close the words match, which is not how true they are; "" where nothing was found to match."""
    if verdict.status not in {Status.FOUND, Status.PARTLY}:
        return ""
    if verdict.confidence >= 0.8:
        return _("close match")
    return _("fair match") if verdict.confidence >= 0.6 else _("weak match")


@register.filter
def quoted(verdict: Verdict | Finding) -> str:
    """Return the words a verdict or finding rests on, at most QUOTE_LENGTH characters of them; not escaped."""
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
def judged_by(judgement: Judgement, is_own: bool) -> str:
    """Return whose judgement it is, in the words for its candidate or for anybody else."""
    if judgement.source == Score.Source.AUTOMATIC:
        return _("Automatic text match")
    if judgement.source == Score.Source.MENTOR:
        return judgement.author or _("A mentor")
    return _("You") if is_own else _("The candidate")


@register.filter
def corrections_of(question: QuestionReport, key: str) -> list[tuple[Judgement, str]]:
    """Return what people ticked for a key point, each with the words for it."""
    people = [judgement for judgement in question.judgements if judgement.source != Score.Source.AUTOMATIC]
    return [(judgement, str(TICK_WORDS[judgement.statuses[key]])) for judgement in people if key in judgement.statuses]


@register.filter
def tick_of(judgement: Judgement | None, verdict: Verdict) -> str:
    """Return what is ticked for a key point to begin with: the judgement's status; nothing for one nobody has read."""
    status = judgement.statuses.get(verdict.key, verdict.status) if judgement else verdict.status
    return "" if status is Status.UNREAD else status.value


@register.simple_tag
def tick_choices() -> list[tuple[str, str]]:
    """Return what can be said of a key point against the reference, as (value, words)."""
    return [(status.value, str(words)) for status, words in TICK_WORDS.items()]


@register.simple_tag
def confidence_choices() -> list[tuple[int, str]]:
    return [(rating.value, str(rating.label)) for rating in Confidence]


@register.filter
def confidence_in(review: SelfReview | None, question: QuestionReport) -> str:
    """Return how sure the candidate was of an answer, or "" where they did not say."""
    confidence = review.confidence_in(question.question_id) if review else None
    return str(confidence.label) if confidence else ""


@register.simple_tag
def ticks_of_mine(question: QuestionReport, user: User, is_own: bool) -> Judgement | None:
    """Return what the reader ticked before: of the candidate's own answer, or as one of the mentors."""
    source = Score.Source.SELF if is_own else Score.Source.MENTOR
    mine = (judgement for judgement in question.judgements if judgement.source == source)
    return next((judgement for judgement in mine if is_own or judgement.author_id == user.pk), None)


@register.filter
def findings_of(question: QuestionReport, kind: str) -> list[Finding]:
    return [finding for finding in question.findings if finding.kind == kind]


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
