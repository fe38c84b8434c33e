"""Answers whose candidates say that they said a point, for tests of proposals."""

from interviewprep.accounts.models import User
from questions.models import Question
from sessions import scoring
from sessions.models import Answer, SessionQuestion
from tests.factories import answer as save_answer
from tests.factories import make_user, questions_of
from tests.sessions.sitting import LATER, finish, start

# The third key point of the open question that factories make, as nobody has accepted it yet.
POINT = "costs"
SAID = "It hinges upon whichever mistake hurts the business."


def disputed_answer(question: Question, *, body: str = SAID, key: str = POINT, candidate: User | None = None) -> Answer:
    """Make a finished answer to `question`, graded, of which the candidate says that it has the point."""
    candidate = candidate or make_user()
    session = start("open", candidate=candidate)
    SessionQuestion.objects.filter(session=session).update(version=question.current_version)
    (asked,) = questions_of(session)
    save_answer(asked, body, submit=True)
    scoring.score_session(session=finish(session), now=LATER)
    answered = Answer.objects.get(session=session)
    scoring.dispute_verdict(candidate=candidate, score_id=answered.scores.get().pk, key=key, now=LATER)
    return answered
