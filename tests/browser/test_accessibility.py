"""axe finds nothing on any page, wide and narrow, light and dark; and no page scrolls sideways at 320 px."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from interviewprep.accounts.models import CURATOR_GROUP, MENTOR_GROUP, User
from interviewprep.accounts.people import create_person
from sessions import reports
from sessions.models import InterviewSession
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.factories import make_finished_session, make_mentorship, make_plan, make_question, make_session, make_topic

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SMALL = {"width": 320, "height": 700}


@pytest.fixture
def everything(transactional_db: None) -> dict[str, User | None]:
    """A candidate with a running, a finished and a reported session, their mentor, and a curator."""
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
    make_finished_session(candidate=ada, plan=plan, now=now - timedelta(days=1), bodies=["Half an answer", None, "7"])
    make_session(candidate=ada, plan=plan, now=now)
    make_plan(for_visitors=True)
    return {"nobody": None, "ada": ada, "mo": mo, "cleo": cleo}


def pages(people: dict[str, User | None]) -> list[tuple[str, str]]:
    running = InterviewSession.objects.running().get()
    newest, reported = InterviewSession.objects.finished().order_by("-started_at")[:2]
    return [
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
        ("ada", f"/interviews/{reported.pk}/transcript/"),
        ("ada", "/history/"),
        ("ada", "/people/"),
        ("ada", "/people/profile/"),
        ("mo", "/mentoring/"),
        ("mo", f"/interviews/{reported.pk}/transcript/"),
        ("cleo", "/home/"),
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["wide", "narrow"])
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


def test_no_page_scrolls_sideways_at_320_pixels(open_page: OpenPage, everything: dict[str, User | None]) -> None:
    wide = []
    for who, path in pages(everything):
        page = open_page(everything[who], path, viewport=SMALL)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(f"{who} {path}")
        page.close()
    assert wide == []
