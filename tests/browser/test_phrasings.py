"""A curator decides on proposed phrasings in a browser: with the keyboard alone, and in every look."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from interviewprep.accounts.models import CURATOR_GROUP, User
from interviewprep.accounts.people import create_person
from sessions import proposals
from sessions.models import PhrasingProposal
from tests.browser.conftest import LOOKS, OpenPage
from tests.factories import make_question
from tests.sessions.disputing import disputed_answer

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SMALL = {"width": 320, "height": 700}
PATH = "/bank/phrasings/"


@pytest.fixture
def cleo(transactional_db: None) -> User:
    return create_person(email="cleo@example.com", password="a long enough password", groups=[CURATOR_GROUP])


@pytest.fixture
def proposed(transactional_db: None) -> None:
    for title in ("Rare fraud", "Rare illness"):
        disputed_answer(make_question(title=title))
    proposals.gather_sentences()


def test_phrasings_are_edited_added_dismissed_and_brought_back_by_keys(
    open_page: OpenPage, cleo: User, proposed: None
) -> None:
    page = open_page(cleo, PATH)
    page.get_by_label("Phrasing for").first.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("weigh both mistakes")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 phrasing is in a draft")).to_be_visible()
    assert PhrasingProposal.objects.get().phrasing == "weigh both mistakes"
    page.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Dismiss ticked").press("Enter")
    expect(page.get_by_text("No proposals.")).to_be_visible()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_label("Phrasing for")).to_have_count(1)


@pytest.mark.parametrize(("viewport", "theme"), [*LOOKS, pytest.param(SMALL, "light", id="small")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_page: OpenPage, cleo: User, proposed: None, viewport: dict[str, int], theme: str
) -> None:
    first = next(iter(proposals.open_proposals()))["proposal"]
    found = []
    for is_dismissed in (False, True):
        page = open_page(cleo, PATH, viewport=viewport, theme=theme)
        if is_dismissed:
            page.get_by_role("button", name=re.compile("^Dismiss ?:")).first.click()
            page.get_by_role("link", name="Dismissed").click()
        violations = Axe().run(page).response["violations"]
        found += [f"{item['id']} {[node['html'][:120] for node in item['nodes']]}" for item in violations]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("scrolls sideways")
        page.close()
    assert found == []
    assert PhrasingProposal.objects.get().pk == first
