"""Where people judge answers in words: how sure the candidate was, and which key points an answer covers.

The candidate rates once, before the verdicts are shown, and ticks in the report; a mentor with consent ticks in the
transcript. Everything is a plain form that leads back to where it stood, as a tick changes the whole page.
"""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from interviewprep.accounts.access import candidate_required
from interviewprep.http import UserRequest
from sessions import reports, reviews, scoring
from sessions.grading import Status
from sessions.models import Answer, Confidence, InterviewSession, SessionQuestion
from sessions.views.report import rating_first

RATING, TICK = "confidence-", "point-"


@require_POST
@candidate_required
def report_confidence(request: UserRequest, session_id: UUID) -> HttpResponse:
    """Take how sure the candidate was of their answers, or that they do not say, and show the verdicts."""
    own = InterviewSession.objects.of(request.user).finished().select_related("report")
    session = get_object_or_404(own, pk=session_id)
    data = reports.report_data(session.report)
    if data is None:
        raise Http404
    ratings = {} if "skip" in request.POST else _ratings(request.POST, data.open_answers)
    scoring.show_verdicts(session=session, ratings=ratings, now=request.now)
    return redirect("report", session_id=session.pk)


def _ratings(typed: QueryDict, questions: Iterable[reports.QuestionReport]) -> dict[UUID, Confidence]:
    """Return the ratings of these questions. A question may be left out; what is no rating is none."""
    known = {str(rating.value): rating for rating in Confidence}
    given = {question.question_id: typed.get(f"{RATING}{question.question_id}", "") for question in questions}
    return {question_id: known[value] for question_id, value in given.items() if value in known}


@require_POST
@candidate_required
def tick_points(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
    """Keep which key points the candidate, or a mentor, finds in an answer; the report follows at once."""
    question = _judged(request, session_id, question_id)
    if rating := rating_first(request, question.session):
        return rating
    keys = [name.removeprefix(TICK) for name in request.POST if name.startswith(TICK)]
    try:
        ticks = {key: Status(request.POST[f"{TICK}{key}"]) for key in keys}
        if question.session.candidate_id == request.user.pk:
            scoring.tick_points(candidate=request.user, question_id=question.pk, ticks=ticks, now=request.now)
        else:
            reviews.correct_points(author=request.user, question_id=question.pk, ticks=ticks, now=request.now)
    except (reviews.NoConsentError, scoring.NothingToTickError, Answer.DoesNotExist) as error:
        raise Http404 from error
    except (ValueError, scoring.IncompleteTicksError):
        messages.error(request, _("Nothing was saved: tick every key point."))
    except scoring.TooManyCorrectionsError:
        too_many = _("Nothing was saved: you have ticked this answer %d times, and no more fit.")
        messages.error(request, too_many % scoring.MAX_CORRECTIONS)
    else:
        reports.bring_up_to_date(report=question.session.report, now=request.now)
    return _back(request, question)


@require_POST
@candidate_required
def withdraw_ticks(request: UserRequest, session_id: UUID, question_id: UUID) -> HttpResponse:
    """Take all one's own ticks on an answer back; what counted before them counts again."""
    question = _judged(request, session_id, question_id)
    try:
        if question.session.candidate_id == request.user.pk:
            changed = scoring.withdraw_ticks(candidate=request.user, question_id=question.pk)
        else:
            changed = reviews.withdraw_correction(author=request.user, question_id=question.pk)
    except (reviews.NoConsentError, Answer.DoesNotExist) as error:
        raise Http404 from error
    if changed:
        reports.bring_up_to_date(report=question.session.report, now=request.now)
    return _back(request, question)


def _judged(request: UserRequest, session_id: UUID, question_id: UUID) -> SessionQuestion:
    """Return a question of a finished session that the user may read."""
    readable = InterviewSession.objects.visible_to(request.user).finished()
    questions = SessionQuestion.objects.select_related("session__report", "session__self_review").filter(follow_up="")
    return get_object_or_404(questions, pk=question_id, session=session_id, session__in=readable)


def _back(request: UserRequest, question: SessionQuestion) -> HttpResponse:
    """Lead back to the question: in the report, or for a mentor in the transcript."""
    session = question.session
    page = "report" if session.candidate_id == request.user.pk else "transcript"
    return redirect(f"{reverse(page, args=[session.pk])}#question-{reviews.number_of(question)}")


_ticks = "interviews/<uuid:session_id>/questions/<uuid:question_id>/ticks"
urlpatterns = [
    path("interviews/<uuid:session_id>/report/confidence/", report_confidence, name="report_confidence"),
    path(f"{_ticks}/", tick_points, name="tick_points"),
    path(f"{_ticks}/withdraw/", withdraw_ticks, name="withdraw_ticks"),
]
