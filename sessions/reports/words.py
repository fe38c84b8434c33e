"""Putting a report into words: the summary's three sentences, and an estimate as a reader should take it.

Pure: report data in, translated text out. It never claims more than the evidence behind a number allows.
"""

from decimal import Decimal

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions.grading.results import Band, Status
from sessions.mastery import ENOUGH, Estimate
from sessions.models import Score
from sessions.reports.calibration import Calibration, Lean
from sessions.reports.data import Conditions, Outcome, Overall, PracticeItem, ReportData, SubjectReport


def summary_sentences(data: ReportData) -> tuple[str, str, str]:
    """Return what was done, how well it went as far as that can be said, and what to look at first."""
    return _done(data), _how_well(data) + _self_judged(data), _look_first(data)


def conditions_words(conditions: Conditions) -> list[str]:
    """Return what a reader must know of the rules a session was sat under, each a phrase; [] for the usual ones."""
    extra = ngettext("%d extra minute", "%d extra minutes", conditions.extra_minutes) % conditions.extra_minutes
    factor = _("%s times the usual time") % points_text(conditions.time_factor)
    is_timed = not conditions.is_untimed
    phrases = (
        (conditions.is_practice, _("practice")),
        (conditions.is_untimed, _("no time limit")),
        (conditions.limits_questions, _("a limit for each question")),
        (is_timed and conditions.time_factor > 1, factor),
        (is_timed and conditions.extra_minutes > 0, extra),
        (conditions.was_reopened, _("reopened after it had ended")),
    )
    return [phrase for applies, phrase in phrases if applies]


def points_text(points: Decimal) -> str:
    """Return points with at most two decimals, and without zeros at the end."""
    rounded = round(points, 2)
    return str(floatformat(rounded, -2 if rounded * 10 % 1 else -1))


def band_text(band: Band | None) -> str:
    """Return how many key points an answer covers, as far as that can be said at all."""
    return {
        Band.NONE: _("none of the key points"),
        Band.LITTLE: _("little of the key points"),
        Band.SOME: _("some of the key points"),
        Band.MOST: _("most of the key points"),
        Band.ALL: _("all of the key points"),
        None: _("not read automatically"),
    }[band]


def short_band_text(band: Band | None) -> str:
    """Return the same beside another one, where it is clear what it is about."""
    return {
        Band.NONE: _("none"),
        Band.LITTLE: _("little"),
        Band.SOME: _("some"),
        Band.MOST: _("most"),
        Band.ALL: _("all"),
        None: _("not read"),
    }[band]


def lean_text(found: Calibration) -> str:
    """Return whether the confidence was over or under the result, as a sentence."""
    count = len(found.answers)
    return {
        Lean.OVER: _("Over these %d answers the confidence was higher than the result bears out."),
        Lean.UNDER: _("Over these %d answers the confidence was lower than the result would allow."),
        Lean.NONE: _("Over these %d answers the confidence was on the whole neither above nor below the result."),
    }[found.lean] % count


def percent_text(share: float) -> str:
    return _("%d %%") % round(100 * share)


def interval_text(estimate: Estimate) -> str:
    return _("%(low)d–%(high)d %%") % {"low": round(100 * estimate.low), "high": round(100 * estimate.high)}


def answers_text(count: int) -> str:
    return ngettext("%d answer", "%d answers", count) % count


def estimate_text(estimate: Estimate) -> str:
    """Return an estimate with all that a reader needs to judge it; few answers are said to be few."""
    if estimate.mean is None:
        return _("no answer to judge by")
    if not estimate.enough:
        return _("not enough evidence: %s") % answers_text(estimate.count)
    words = {
        "mean": percent_text(estimate.mean),
        "interval": interval_text(estimate),
        "answers": answers_text(estimate.count),
    }
    return _("%(mean)s (90 %% interval %(interval)s, %(answers)s)") % words


def _done(data: ReportData) -> str:
    overall = data.overall
    words = {
        "answered": overall.answered_count,
        "asked": overall.question_count,
    }
    result = _("%(answered)d of %(asked)d questions answered") % words
    rest = ", ".join(_unanswered(data))
    return f"{result}; {rest}." if rest else f"{result}."


def _unanswered(data: ReportData) -> list[str]:
    counted = (
        (data.count(Outcome.RAN_OUT_OF_TIME), _("%d cut off by the clock")),
        (data.count(Outcome.RAN_OUT_ON_QUESTION), _("%d cut off by a question's limit")),
        (data.count(Outcome.FINISHED_EARLY), _("%d left open")),
        (data.count(Outcome.SKIPPED), _("%d skipped")),
        (data.count(Outcome.NOT_REACHED), _("%d not reached")),
    )
    return [text % count for count, text in counted if count]


def _how_well(data: ReportData) -> str:
    surest = weakest_known_topic(data)
    if surest is not None:
        words = {"topic": surest.name, "estimate": estimate_text(surest.estimate)}
        sentence = _("The weakest topic with enough answers to tell is “%(topic)s”: %(estimate)s.") % words
        return sentence + _left_out(surest)
    overall = data.overall
    if overall.estimate.enough:
        sentence = _("No single topic has %(enough)d answers yet; over all of them the estimate is %(estimate)s.")
        return sentence % {"enough": ENOUGH, "estimate": estimate_text(overall.estimate)} + _left_out(overall)
    if not overall.estimate.count:
        return _("There is no answer to judge by yet.")
    return _("There are fewer than %d answers to judge by, so take everything below as a first impression.") % ENOUGH


def _left_out(part: SubjectReport | Overall) -> str:
    """Return how many questions an estimate says nothing about, as a sentence that follows it; "" for none."""
    count = part.question_count - part.estimate.count
    text = ngettext(
        "%d question without a finished answer that was read is left out of it.",
        "%d questions without a finished answer that was read are left out of it.",
        count,
    )
    return f" {text % count}" if count else ""


def _self_judged(data: ReportData) -> str:
    """Return how much of the evidence rests on the candidate's own ticks, as a sentence that follows; "" for none."""
    judged = [question.correction for question in data.questions if question.is_evidence]
    count = sum(correction is not None and correction.source == Score.Source.SELF for correction in judged)
    text = ngettext(
        "%d answer counts as the candidate judged it.", "%d answers count as the candidate judged them.", count
    )
    return f" {text % count}" if count else ""


def weakest_known_topic(data: ReportData) -> SubjectReport | None:
    """Return the weakest topic that has enough answers for an estimate."""
    return next((topic for topic in data.topics if topic.estimate.enough), None)


def _look_first(data: ReportData) -> str:
    if data.practice:
        return _("Worth a look first: %s") % practice_text(data.practice[0])
    if data.overall.estimate.count:
        return _("Nothing that was looked for is missing from the answers given.")
    return _("Without answers there is nothing yet to say about what is missing.")


def practice_text(item: PracticeItem) -> str:
    """Return one thing to practise as a sentence."""
    words = {"position": item.position, "text": item.text}
    if item.status is Status.PARTLY:
        return _("“%(text)s” was only partly found in question %(position)d.") % words
    if item.status is Status.NOT_FOUND:
        return _("“%(text)s” was not found in question %(position)d.") % words
    return _("Question %(position)d, “%(text)s”, was answered wrongly.") % words
