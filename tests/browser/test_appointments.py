"""Scheduled interviews and the page before the clock, in a browser: the zone, the totals, axe, and narrow screens."""

import re
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from interviewprep.accounts.models import User
from interviewprep.accounts.people import create_person
from sessions.models import Appointment, InterviewPlan
from tests.browser.conftest import LOOKS, OpenPage
from tests.factories import make_plan
from tests.sessions.appointing import HOUR, MINUTE, make_appointment

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SMALL = {"width": 320, "height": 700}


@pytest.fixture
def ada(transactional_db: None) -> User:
    return create_person(email="ada@example.com", password="a long enough password", name="Ada")


@pytest.fixture
def plan(ada: User) -> InterviewPlan:
    return make_plan(minutes=30, count=3, name="Fundamentals")


def zone_of_browser(page: Page, zone: str) -> None:
    page.context.new_cdp_session(page).send("Emulation.setTimezoneOverride", {"timezoneId": zone})


def test_a_time_is_meant_in_the_zone_of_the_browser(ada: User, plan: InterviewPlan, open_page: OpenPage) -> None:
    page = open_page(ada, f"/plans/{plan.pk}/")
    zone_of_browser(page, "Asia/Tokyo")
    page.get_by_role("link", name="Start later").click()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    day = timezone.now().date() + timedelta(days=3)
    page.get_by_label("Date").fill(day.isoformat())
    page.get_by_label("Time", exact=True).fill("09:30")
    expect(page.get_by_label("Fixed end")).to_be_hidden()
    page.get_by_label("End at a fixed time").check()
    page.get_by_label("Fixed end").fill("10:10")
    page.get_by_role("button", name="Schedule").click()
    expect(page.get_by_text("09:30 Asia/Tokyo (UTC+09:00)").first).to_be_visible()
    made = Appointment.objects.get()
    assert made.opens_at.replace(tzinfo=None) == datetime(day.year, day.month, day.day, 0, 30)
    assert made.ends_at == made.opens_at + 40 * MINUTE


def test_a_zone_that_was_typed_stays_when_the_form_comes_back(
    ada: User, plan: InterviewPlan, open_page: OpenPage
) -> None:
    page = open_page(ada, f"/plans/{plan.pk}/later/")
    page.get_by_label("Date").fill("2020-01-01")
    page.get_by_label("Time", exact=True).fill("09:30")
    page.get_by_label("Time zone").fill("Mars/Olympus")
    page.get_by_role("button", name="Schedule").click()
    expect(page.get_by_text("This time zone is not known")).to_be_visible()
    expect(page.get_by_label("Time zone")).to_have_value("Mars/Olympus")


def test_the_totals_follow_the_extra_minutes(ada: User, plan: InterviewPlan, open_page: OpenPage) -> None:
    page = open_page(ada, f"/plans/{plan.pk}/")
    page.get_by_label("Extra minutes").fill("10")
    expect(page.get_by_label("55 minutes, 50 % more time")).to_be_visible()
    expect(page.get_by_text("The times above include 10 of them.")).to_be_visible()


def test_a_page_that_waits_loads_again_when_the_interview_may_start(
    ada: User, plan: InterviewPlan, open_page: OpenPage
) -> None:
    now = timezone.now()
    appointment = make_appointment(candidate=ada, plan=plan, now=now, opens_at=now + timedelta(seconds=4))
    page = open_page(ada, f"/appointments/{appointment.pk}/")
    expect(page.get_by_role("button", name="Start the clock")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Start the clock").click()
    expect(page).to_have_url(re.compile(r"/interviews/[0-9a-f-]+/$"))


def everything(ada: User, plan: InterviewPlan) -> list[str]:
    """Return a page of each kind: ahead, open with a fixed end, missed, cancelled, and the forms."""
    now = timezone.now()
    ahead = make_appointment(candidate=ada, plan=plan, now=now, opens_at=now + 48 * HOUR)
    current = make_appointment(
        candidate=ada,
        plan=plan,
        now=now - HOUR,
        opens_at=now - 8 * MINUTE,
        window=20 * MINUTE,
        ends_at=now + 22 * MINUTE,
    )
    missed = make_appointment(candidate=ada, plan=plan, now=now - 9 * HOUR, opens_at=now - 8 * HOUR)
    gone = make_appointment(candidate=ada, plan=plan, now=now, opens_at=now + 24 * HOUR)
    Appointment.objects.filter(pk=gone.pk).update(cancelled_at=now)
    one = [f"/appointments/{found.pk}/" for found in (ahead, current, missed, gone)]
    others = [f"{one[0]}move/", f"{one[0]}cancel/", f"/plans/{plan.pk}/later/", f"/plans/{plan.pk}/"]
    return [*one, *others, "/people/profile/", "/home/"]


@pytest.mark.parametrize(("viewport", "theme"), LOOKS)
def test_axe_finds_nothing(
    ada: User, plan: InterviewPlan, open_page: OpenPage, theme: str, viewport: dict[str, int]
) -> None:
    User.objects.update(extra_minutes=10, hides_timer=True)
    found = {}
    for path in everything(ada, plan):
        results = Axe().run(open_page(ada, path, viewport=viewport, theme=theme))
        if results.violations_count:
            found[path] = results.generate_report()
    assert found == {}


def test_nothing_scrolls_sideways_on_the_smallest_screen(ada: User, plan: InterviewPlan, open_page: OpenPage) -> None:
    too_wide = []
    for path in everything(ada, plan):
        page = open_page(ada, path, viewport=SMALL)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(path)
    assert too_wide == []
