"""axe finds nothing on any page, wide and narrow, light and dark; and no page scrolls sideways at 320 px."""

from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from interviewprep.accounts.models import CURATOR_GROUP, MENTOR_GROUP, User
from interviewprep.accounts.people import create_person
from questions.models import Question, Topic
from sessions import lifecycle, reports, scoring
from sessions.models import Appointment, InterviewPlan, InterviewSession
from tests.browser.conftest import LOOKS, OpenPage
from tests.factories import (
    answer,
    make_finished_session,
    make_mentorship,
    make_plan,
    make_question,
    make_session,
    make_topic,
    make_user,
    questions_of,
)
from tests.sessions.appointing import make_appointment

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SMALL = {"width": 320, "height": 700}


@pytest.fixture
def everything(transactional_db: None) -> dict[str, User | None]:
    """A candidate with a running, a finished and a reported session, their mentor, a curator, and three others."""
    ada = create_person(email="ada@example.com", password="a long enough password", name="Ada")
    mo = create_person(email="mo@example.com", password="a long enough password", name="Mo", groups=[MENTOR_GROUP])
    cleo = create_person(
        email="cleo@example.com", password="a long enough password", groups=[CURATOR_GROUP], is_staff=True
    )
    make_mentorship(candidate=ada, mentor=mo)
    topic = make_topic("metrics")
    plan = make_plan(questions=[make_question(topic=topic, kind=kind) for kind in ("open", "single", "numeric")])
    now = timezone.now()
    for days in (9, 4):
        session = make_finished_session(candidate=ada, plan=plan, now=now - timedelta(days=days))
        reports.refresh_report(session_id=session.pk, now=now)
    # The older one is still to be rated.
    scoring.show_verdicts(session=session, ratings={}, now=now)
    make_finished_session(candidate=ada, plan=plan, now=now - timedelta(days=1), bodies=["Half an answer", None, "7"])
    make_session(candidate=ada, plan=plan, now=now)
    make_plan(for_visitors=True)
    make_plan(owner=ada, questions=plan_questions(topic))
    make_appointment(candidate=ada, plan=plan, now=now, opens_at=now + timedelta(days=1))
    return {"nobody": None, "ada": ada, "mo": mo, "cleo": cleo, **in_the_middle(topic, now)}


def plan_questions(topic: Topic) -> list[Question]:
    return [make_question(topic=topic, kind=kind) for kind in ("open", "single")]


def in_the_middle(topic: Topic, now: datetime) -> dict[str, User]:
    """People whose interview shows something else: the answer in practice, a pause, and the time to read."""
    people = {name: make_user(f"{name}@example.com") for name in ("practising", "paused", "reading")}
    practice = make_plan(mode="practice", questions=plan_questions(topic))
    answered = make_session(candidate=people["practising"], plan=practice, now=now)
    answer(questions_of(answered)[0], "Half an answer", now=now, submit=True)
    paused = make_session(candidate=people["paused"], plan=practice, now=now)
    lifecycle.pause_session(session=paused, now=now)
    one_way = make_plan(
        navigation="forward", question_limit="suggested", reading_seconds=600, questions=plan_questions(topic)
    )
    make_session(candidate=people["reading"], plan=one_way, now=now)
    return people


def pages(people: dict[str, User | None]) -> list[tuple[str, str]]:
    ada = people["ada"]
    running = InterviewSession.objects.running().get(candidate=ada)
    newest, reported, unrated = InterviewSession.objects.finished().filter(candidate=ada).order_by("-started_at")
    own, appointment = InterviewPlan.objects.get(owner=ada), Appointment.objects.get()
    replay = f"/interviews/{reported.pk}/questions/{questions_of(reported)[0].pk}/replay/"
    middle = {
        name: InterviewSession.objects.running().get(candidate=people[name])
        for name in ("practising", "paused", "reading")
    }
    return [
        *((name, f"/interviews/{session.pk}/") for name, session in middle.items()),
        ("ada", "/plans/compose/"),
        ("ada", f"/plans/compose/?like={running.plan_id}"),
        ("ada", f"/plans/{own.pk}/edit/"),
        ("ada", f"/plans/{own.pk}/delete/"),
        ("ada", f"/plans/{own.pk}/later/"),
        ("ada", f"/appointments/{appointment.pk}/"),
        ("ada", f"/appointments/{appointment.pk}/move/"),
        ("ada", f"/appointments/{appointment.pk}/cancel/"),
        ("ada", replay),
        ("mo", replay),
        ("cleo", "/supervision/"),
        ("cleo", f"/supervision/{running.pk}/"),
        ("cleo", f"/supervision/{newest.pk}/"),
        ("nobody", "/"),
        ("nobody", "/accounts/login/"),
        ("nobody", "/accounts/signup/"),
        ("nobody", "/accounts/password/reset/"),
        ("nobody", "/no-such-page/"),
        ("ada", "/home/"),
        ("ada", f"/plans/{running.plan_id}/"),
        ("ada", f"/interviews/{running.pk}/"),
        ("ada", f"/interviews/{running.pk}/finish/"),
        ("ada", f"/interviews/{newest.pk}/report/"),
        ("ada", f"/interviews/{reported.pk}/report/"),
        ("ada", f"/interviews/{unrated.pk}/report/"),
        ("ada", f"/interviews/{reported.pk}/transcript/"),
        ("ada", "/history/"),
        ("ada", "/people/"),
        ("ada", "/people/profile/"),
        ("mo", "/mentoring/"),
        ("mo", f"/interviews/{reported.pk}/transcript/"),
        ("cleo", "/home/"),
    ]


@pytest.mark.parametrize(("viewport", "theme"), LOOKS)
def test_axe_finds_nothing(
    open_page: OpenPage, everything: dict[str, User | None], viewport: dict[str, int], theme: str
) -> None:
    found = []
    for who, path in pages(everything):
        page = open_page(everything[who], path, viewport=viewport, theme=theme)
        violations = Axe().run(page).response["violations"]
        found += [f"{who} {path}: {item['id']} {[node['html'][:120] for node in item['nodes']]}" for item in violations]
        page.close()
    assert found == []


def test_the_pages_in_the_middle_of_an_interview_show_what_is_looked_at(
    open_page: OpenPage, everything: dict[str, User | None]
) -> None:
    paths = dict(pages(everything)[:3])
    assert open_page(everything["practising"], paths["practising"]).get_by_text("What a good answer says").is_visible()
    assert open_page(everything["paused"], paths["paused"]).get_by_role("heading", name="Paused").is_visible()
    assert open_page(everything["reading"], paths["reading"]).get_by_text("Reading time").is_visible()


def test_no_page_scrolls_sideways_at_320_pixels(open_page: OpenPage, everything: dict[str, User | None]) -> None:
    wide = []
    for who, path in pages(everything):
        page = open_page(everything[who], path, viewport=SMALL)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(f"{who} {path}")
        page.close()
    assert wide == []
