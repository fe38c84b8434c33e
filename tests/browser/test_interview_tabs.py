"""Several tabs and devices: one holds the interview, the others can read, and no text is lost on the way."""

import pytest
from playwright.sync_api import expect

from sessions.models import KeptDraft
from tests.browser.conftest import OpenPage
from tests.browser.interviews import (
    CHIP,
    answer_of,
    ask_for_the_time,
    open_session,
    path_of,
    wait_until_it_holds,
    write,
    write_elsewhere,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

CLOSED_TEXT = "#answer[readonly]"


def test_a_second_tab_can_only_read_until_it_takes_over_and_the_first_learns_it_at_once(open_page: OpenPage) -> None:
    session = open_session()
    first = open_page(session.candidate, path_of(session))
    wait_until_it_holds(first, session)
    write(first, "from the first tab")
    expect(first.locator(CHIP)).to_contain_text("revision 1")
    second = first.context.new_page()
    second.goto(path_of(session))
    expect(second.get_by_text("open in another tab or device")).to_be_visible()
    expect(second.locator(CLOSED_TEXT)).to_have_value("from the first tab")
    expect(second.locator("#submit")).to_be_hidden()
    second.get_by_role("button", name="Go on here").click()
    expect(second.locator(CLOSED_TEXT)).to_have_count(0)
    expect(first.get_by_text("goes on in another tab or device")).to_be_visible()
    expect(first.locator(CLOSED_TEXT)).to_have_value("from the first tab")
    write(second, "from the second tab")
    expect(second.locator(CHIP)).to_contain_text("revision 2")
    first.get_by_role("button", name="Go on here").click()
    expect(first.get_by_label("Your answer")).to_have_value("from the second tab")
    expect(second.locator("#elsewhere")).to_be_visible()


def test_the_older_device_learns_by_its_next_save_and_its_words_are_kept(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    write_elsewhere(session, "from the other device")
    write(page, "from the older device")
    expect(page.locator("#elsewhere")).to_be_visible()
    expect(page.locator(CLOSED_TEXT)).to_have_value("from the older device")
    kept = KeptDraft.objects.get()
    assert (kept.body, kept.reason) == ("from the older device", "lease")
    page.get_by_role("button", name="Go on here").click()
    expect(page.locator(CHIP)).to_contain_text("Both texts are kept")
    page.get_by_role("button", name="Both").click()
    expect(page.locator(CHIP)).to_contain_text("revision 2")
    assert answer_of(session).body == "from the other device\n\nfrom the older device"


def test_the_older_device_learns_from_the_clock_as_well(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    write_elsewhere(session, "from the other device")
    ask_for_the_time(page)
    expect(page.locator("#elsewhere")).to_be_visible()
    page.get_by_role("button", name="Go on here").click()
    expect(page.get_by_label("Your answer")).to_have_value("from the other device")


def test_the_copy_of_a_tab_gets_an_id_of_its_own(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    own = page.locator("[name=client_id]").input_value()
    copy = page.context.new_page()
    copy.goto("/home/")
    copy.evaluate("id => sessionStorage.setItem('interview:tab', id)", own)
    copy.goto(path_of(session))
    expect(copy.locator("#elsewhere")).to_be_visible()
    assert copy.locator("[name=client_id]").input_value() != own
    page.reload()
    wait_until_it_holds(page, session)
    assert page.locator("[name=client_id]").input_value() == own


def test_a_tab_opened_after_the_first_was_closed_goes_on_without_asking(open_page: OpenPage) -> None:
    session = open_session()
    first = open_page(session.candidate, path_of(session))
    wait_until_it_holds(first, session)
    second = first.context.new_page()
    first.close()
    second.goto(path_of(session))
    wait_until_it_holds(second, session)


def test_leaving_a_question_and_coming_back_in_one_tab_never_asks(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    write(page, "typed, and gone at once")
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", name="Question 2")).to_be_visible()
    page.get_by_role("button", name="1 skipped").click()
    expect(page.get_by_label("Your answer")).to_have_value("typed, and gone at once")
    write(page, "typed, and gone at once. And more")
    expect(page.locator(CHIP)).to_contain_text("revision 2")
    assert not KeptDraft.objects.exists()
