"""Candidates in the middle of an interview, and what each can do: the actions that are measured.

The interviews are real ones: drawn from the shipped bank by the shipped plan of ten questions, with the forms read from
the page as a browser would. An answer that is not what a candidate should see stops the measurement.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.conf import settings
from django.test import Client
from django.urls import reverse

from benchmarks.browsers import HTMX, Browser, Cookies, Reply
from interviewprep.accounts.models import User
from questions.content import Kind
from sessions import lifecycle
from sessions.grading.answers import encode_choices
from sessions.models import InterviewPlan, InterviewSession, SessionQuestion

PLAN = "fundamentals"
# Few enough that warming up renders every question they contain.
DIFFERENT_DRAWS = 3
WORDS = (
    "First I would ask what the model is for and what a wrong answer costs. The training error is low and the error on "
    "held-out data is high, so the variance dominates: the model has learned noise of the sample. I would check for "
    "leakage between the splits, then look at the learning curve. If the gap closes with more data, more data helps; "
    "if it does not, I would regularise, use a smaller model or stop earlier, and choose by cross-validation rather "
    "than by the test set. With rare positives accuracy says little, so I would look at precision and recall, choose "
    "the threshold from the costs and check the calibration. At last I would compare with a simple baseline, because "
    "a complicated model that is not better is only more expensive to run. "
)


@dataclass
class Sitting:
    """One candidate with a running interview, and what the page in front of them says.

    `is_open` says whether the first question asks for words; `saves` numbers the drafts.
    """

    session_id: UUID
    question_id: UUID
    is_open: bool
    cookies: Cookies
    start_path: str
    fields: dict[str, str] = field(default_factory=dict)
    draft_url: str = ""
    answer: dict[str, str] = field(default_factory=dict)
    saves: int = 0

    @property
    def path(self) -> str:
        return f"/interviews/{self.session_id}/"

    def read(self, reply: Reply) -> None:
        """Take over the form of an interview page."""
        expect(reply, 200)
        self.draft_url = found(reply, r'data-draft-url="([^"]+)"')
        names = "csrfmiddlewaretoken|base_revision|client_id|sequence|answer_format"
        self.fields = dict(re.findall(rf'<input type="hidden" name="({names})" value="([^"]*)"', reply.text))
        choice = re.search(r'name="choice" value="([^"]+)"', reply.text)
        words = "0.25" if 'inputmode="decimal"' in reply.text else WORDS
        self.answer = {"choice": choice[1]} if choice else {"body": words}
        self.saves = int(self.fields["sequence"])

    def form(self) -> dict[str, str]:
        """Return the next save as the page sends it."""
        self.saves += 1
        return {**self.fields, **self.answer, "sequence": str(self.saves)}


def expect(reply: Reply, status: int) -> None:
    if reply.status != status:
        raise RuntimeError(f"answered {reply.status} instead of {status}:\n{reply.text[:2000]}")


def found(reply: Reply, pattern: str) -> str:
    match = re.search(pattern, reply.text)
    if match is None:
        raise RuntimeError(f"no {pattern} in:\n{reply.text[:2000]}")
    return match[1]


# --- What is measured ---------------------------------------------------------------------------------------------


def load_page(browser: Browser, sitting: Sitting) -> None:
    sitting.read(browser.send(sitting.path, sitting.cookies))


def autosave(browser: Browser, sitting: Sitting) -> None:
    reply = browser.send(sitting.draft_url, sitting.cookies, sitting.form(), HTMX)
    expect(reply, 200)
    sitting.fields["base_revision"] = found(reply, r'data-revision="(\d+)"')


def submit_and_next(browser: Browser, sitting: Sitting) -> None:
    """Submit, follow the redirect and read the next question: what happens between a click and the next page."""
    reply = browser.send(sitting.draft_url.replace("/draft/", "/submit/"), sitting.cookies, sitting.form())
    expect(reply, 302)
    sitting.read(browser.send(reply.location, sitting.cookies))


def finish(browser: Browser, sitting: Sitting) -> None:
    """Finish: close the session, order the report and wake the worker."""
    token = {"csrfmiddlewaretoken": sitting.fields["csrfmiddlewaretoken"]}
    expect(browser.send(f"{sitting.path}finish/", sitting.cookies, token), 302)


def read_start_page(browser: Browser, sitting: Sitting) -> None:
    """Read the start page of the next interview, whose form `start` sends. Not measured."""
    reply = browser.send(sitting.start_path, sitting.cookies)
    expect(reply, 200)
    sitting.fields = {"csrfmiddlewaretoken": found(reply, r'name="csrfmiddlewaretoken" value="([^"]+)"')}


def start(browser: Browser, sitting: Sitting) -> None:
    """Start another interview after the finished one: the draw, and all rows of the session."""
    terms = {"time_factor": "1.00", "extra_minutes": "0"}
    expect(browser.send(sitting.start_path, sitting.cookies, {**sitting.fields, **terms}), 302)


def save_at_the_floor(browser: Browser, sitting: Sitting) -> None:
    sitting.saves += 1
    reply = browser.send(f"/floor/{sitting.question_id}/", sitting.cookies, {"body": f"{WORDS}{sitting.saves}"}, HTMX)
    expect(reply, 200)


Action = Callable[[Browser, Sitting], None]

# In the order in which one leads to the next.
ACTIONS: dict[str, Action] = {
    "floor": save_at_the_floor,
    "page load": load_page,
    "autosave": autosave,
    "submit + next": submit_and_next,
    "finish": finish,
    "start page": read_start_page,
    "start": start,
}
# What only leads to the next action.
UNMEASURED = {"start page"}


# --- Making them --------------------------------------------------------------------------------------------------


def seat(count: int, *, now: datetime) -> Sequence[Sitting]:
    """Sign in `count` new candidates and start their interviews, the n-th at its n-th question, modulo ten."""
    plan = InterviewPlan.objects.get(slug=PLAN)
    return list(_seated(plan, count, now))


def _seated(plan: InterviewPlan, count: int, now: datetime) -> Iterator[Sitting]:
    for number in range(count):
        candidate = User.objects.create_user(f"{uuid4()}@example.com")
        session = _start(plan, candidate, seed=number, now=now)
        questions = list(session.questions.select_related("version").order_by("position"))
        current = questions[number % len(questions)]
        lifecycle.open_question(session=session, question_id=current.pk, now=now)
        client = Client()
        client.force_login(candidate, backend=settings.AUTHENTICATION_BACKENDS[0])
        cookies = Cookies({settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value})
        start_path = reverse("plan_start", args=[plan.pk])
        yield Sitting(session.pk, current.pk, current.version.kind == Kind.OPEN, cookies, start_path)


def _start(plan: InterviewPlan, candidate: User, *, seed: int, now: datetime) -> InterviewSession:
    return lifecycle.start_session(
        candidate=candidate, plan=plan, time_factor=Decimal("1.00"), now=now, seed=seed % DIFFERENT_DRAWS
    )


def finished_session(number: int, *, now: datetime) -> InterviewSession:
    """Return a finished interview with an answer to each of its questions, whose report is still to be compiled."""
    plan = InterviewPlan.objects.get(slug=PLAN)
    candidate = User.objects.create_user(None, is_guest=True)
    session = _start(plan, candidate, seed=number, now=now)
    for question in session.questions.select_related("version").order_by("position"):
        draft = lifecycle.Draft(body=_answer(question), base_revision=0, client_id=session.pk, sequence=1)
        lifecycle.save_draft(session_id=session.pk, question_id=question.pk, candidate=candidate, draft=draft, now=now)
        lifecycle.submit_answer(session=session, question_id=question.pk, now=now)
    lifecycle.finish_session(session_id=session.pk, now=now)
    return session


def _answer(question: SessionQuestion) -> str:
    """Return words of a real answer's length and vocabulary: the grader has something to find."""
    content = question.version.content
    if content.kind == Kind.NUMERIC:
        return "0.25"
    if content.choices:
        return encode_choices([content.choices[0].key])
    return f"{content.reference_answer[:900]} {WORDS[:300]}"
