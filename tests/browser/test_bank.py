"""The curator's browser and editor as people use them: by keyboard, on a phone, offline, and without scripts."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from interviewprep.accounts.models import User
from questions import publishing
from questions.models import BulkAction, Question, QuestionVersion, SavedView, WorkingCopy
from tests.browser.conftest import LOOKS, PHONE, OpenPage, offline, sign_in
from tests.factories import CODING, NOW, OPEN, make_curator, make_flag, make_question, make_topic

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

WIDE, SMALL = {"width": 1440, "height": 900}, {"width": 320, "height": 700}


@pytest.fixture
def cleo(transactional_db: None) -> User:
    return make_curator("cleo@example.com", name="Cleo")


@pytest.fixture
def bank(cleo: User) -> list[Question]:
    """Five questions, alphabetically; the first waits with a draft, the last has a flag."""
    topic = make_topic("metrics")
    made = [
        make_question("fraud", topic=topic, title="A metric for fraud", **OPEN),
        make_question("coins", topic=topic, title="Both coins", kind="numeric"),
        make_question("code", title="Circles in code", **OPEN | CODING),
        make_question("dice", topic=topic, title="Dice", kind="single"),
        make_question("errors", topic=topic, title="Errors", kind="multiple"),
    ]
    publishing.add_version(question=made[0], content=made[0].versions.get().content, author=None)
    assert made[-1].current_version
    make_flag(made[-1].current_version)
    return made


def titles(page: Page) -> list[str]:
    return page.locator("tbody .bank__question a").all_inner_texts()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText"))


# --- The list -------------------------------------------------------------------------------------------------------


def test_the_list_is_walked_read_and_ticked_by_keys(open_page: OpenPage, cleo: User, bank: list[Question]) -> None:
    page = open_page(cleo, "/bank/?sort=title", viewport=WIDE)
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Both coins"
    page.keyboard.press("Enter")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("What is the probability of two heads?")
    assert re.search(rf"open={bank[1].pk}", page.url)
    page.keyboard.press("j")
    expect(preview).to_contain_text("Circles in code")
    page.keyboard.press("x")
    expect(page.locator("input[name=chosen]:checked")).to_have_value(str(bank[2].pk))
    page.keyboard.press("Escape")
    expect(preview).to_be_empty()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jx")
    expect(page.locator("#q")).to_have_value("jx")


def test_searching_filters_and_their_numbers_follow_and_the_address_says_it_all(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, "/bank/")
    page.locator("#q").press_sequentially("coin")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#q")).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?q=coin$"))
    page.get_by_label("single choice").check()
    expect(page.locator("tbody tr")).to_have_count(0)
    page.get_by_role("link", name="Kind: single choice").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("#q").fill("")
    expect(page.locator("tbody tr")).to_have_count(5)
    page.get_by_label("open flags").check()
    expect(page).to_have_url(re.compile(r"\?has=flags$"))
    assert titles(page) == ["Errors"]
    page.reload()
    assert titles(page) == ["Errors"]
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(5)


def test_a_typo_is_understood_while_one_types(open_page: OpenPage, cleo: User, bank: list[Question]) -> None:
    page = open_page(cleo, "/bank/")
    page.locator("#q").press_sequentially("probabilty")
    expect(page.locator("#results")).to_contain_text("This is what “probability” finds")
    assert titles(page) == ["Both coins"]


def test_ticked_questions_are_retired_and_brought_back(open_page: OpenPage, cleo: User, bank: list[Question]) -> None:
    page = open_page(cleo, "/bank/?sort=title")
    for title in ("Dice", "Errors"):
        page.get_by_role("checkbox", name=title).check()
    page.get_by_label("With the ticked ones").select_option("retire")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This changes 2 questions")).to_be_visible()
    page.get_by_role("button", name="Change 2 questions").click()
    expect(page).to_have_url(re.compile(r"/bank/\?sort=title$"))
    assert Question.objects.filter(status="retired").count() == 2
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_text("Everything stands as before")).to_be_visible()
    assert not Question.objects.filter(status="retired").exists()
    assert BulkAction.objects.get().undone_at


def test_a_search_is_saved_as_a_view_and_deleted_with_a_way_back(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, "/bank/")
    page.get_by_label("single choice").check()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Save this view").click()
    page.locator("#view-name").fill("Choices")
    page.locator("#view-new").get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Choices")).to_have_attribute("aria-current", "true")
    assert SavedView.objects.get().query == "kind=single"
    page.get_by_role("button", name="Change the view Choices").click()
    page.get_by_role("button", name="Delete the view").click()
    expect(page.get_by_text("The view “Choices” is deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("link", name="Choices")).to_be_visible()


def test_on_a_phone_the_filters_fold_and_a_question_has_its_own_page(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, "/bank/?sort=title", viewport=PHONE)
    expect(page.get_by_label("single choice")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("single choice").check()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Dice").click()
    expect(page).to_have_url(re.compile(rf"/bank/{bank[3].pk}/preview/$"))


# --- The editor -----------------------------------------------------------------------------------------------------


def test_a_question_is_written_beside_what_candidates_see(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, "/bank/new/")
    side = page.locator("#side")
    page.get_by_label("Topic").select_option("metrics")
    page.get_by_label("Title", exact=True).fill("Bottles")
    page.get_by_label("Question", exact=True).first.fill("Is **accuracy** useful for cracked bottles?")
    expect(side.locator("strong")).to_have_text(["accuracy"])
    expect(side).to_contain_text("Still missing: Reference answer, Key points")
    page.get_by_label("The idea").first.fill("The majority class dominates accuracy")
    page.get_by_label("Reference answer", exact=True).fill("The majority class dominates accuracy, so no.")
    expect(side).to_contain_text("Complete. It can be saved, and could be better:")
    expect(page.locator("#p-misconceptions")).to_contain_text("Name at least one thing")
    page.locator("#tried").fill("The majority class dominates it.")
    page.get_by_role("button", name="Grade it").click()
    expect(page.locator("#graded")).to_contain_text("close match")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Version 1 is saved")).to_be_visible()
    version = QuestionVersion.objects.get(question__slug="bottles")
    assert [point["text"] for point in version.key_points] == ["The majority class dominates accuracy"]
    assert not WorkingCopy.objects.exists()


def test_loading_the_editor_again_brings_back_what_was_kept_last(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, "/bank/new/")
    title = page.get_by_label("Title", exact=True)
    title.fill("Before the press")
    expect(page).to_have_url(re.compile(r"/bank/new/\?copy="))
    page.reload()
    expect(title).to_have_value("Before the press")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Not saved as a version yet.")).to_be_visible()
    title.fill("After the press")
    expect(page.locator("#revision")).to_have_value("2")
    page.reload()
    expect(title).to_have_value("After the press")
    assert WorkingCopy.objects.get().typed["title"] == "After the press"


def test_a_question_that_is_compared_stays_open_while_one_types(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, "/bank/new/")
    page.get_by_label("Title", exact=True).fill("Both coins")
    prompt = page.get_by_label("Question", exact=True).first
    prompt.fill("What is the probability of two heads")
    alike = page.locator(".editor__alike")
    alike.locator("summary").click()
    with page.expect_response("**/bank/editor/preview/"):
        prompt.press_sequentially("?")
    expect(alike.get_by_text("What is the probability of two heads?").last).to_be_visible()


def test_rows_are_added_moved_and_removed_by_keyboard_and_nothing_typed_is_lost(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, f"/bank/{bank[0].pk}/edit/")
    page.get_by_label("Title", exact=True).fill("Changed before")
    page.locator("#add-key_points").focus()
    page.keyboard.press("Enter")
    added = page.locator("#key_points-r4-text")
    expect(added).to_be_focused()
    page.keyboard.type("A new idea")
    page.locator("#up-key_points-r4").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#list-key_points input[name=key_points]").nth(2)).to_have_value("r4")
    expect(page.locator("#up-key_points-r4")).to_be_focused()
    expect(added).to_have_value("A new idea")
    page.get_by_role("button", name="Point 1: remove").click()
    expect(page.locator("#list-key_points input[name=key_points]")).to_have_count(3)
    expect(page.get_by_label("Title", exact=True)).to_have_value("Changed before")
    expect(page.locator("#side")).to_contain_text("A new idea")


def test_a_preview_that_is_due_throws_no_press_away(open_page: OpenPage, cleo: User, bank: list[Question]) -> None:
    page = open_page(cleo, f"/bank/{bank[0].pk}/edit/")
    slow = {"offline": False, "latency": 1_200, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    rows = page.locator("#list-key_points input[name=key_points]")
    before = rows.count()
    page.get_by_label("Title", exact=True).fill("Changed, and the preview is due")
    page.get_by_role("button", name="Point 1: remove").click()
    expect(rows).to_have_count(before - 1)


def test_what_is_typed_is_kept_without_pressing_anything(open_page: OpenPage, cleo: User, bank: list[Question]) -> None:
    page = open_page(cleo, f"/bank/{bank[0].pk}/edit/")
    page.get_by_label("Title", exact=True).fill("")
    expect(page.locator("#kept")).to_contain_text("Kept ")
    page.get_by_label("Title", exact=True).fill("Half")
    expect(page.locator("#revision")).to_have_value("2")
    page.close()
    again = open_page(cleo, f"/bank/{bank[0].pk}/edit/")
    expect(again.get_by_label("Title", exact=True)).to_have_value("Half")


def test_words_typed_without_a_connection_are_kept_once_it_is_back(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, f"/bank/{bank[0].pk}/edit/")
    with offline(page):
        page.get_by_label("Title", exact=True).fill("Written on a train")
        expect(page.locator("#kept")).to_contain_text("Not kept: there is no connection")
    expect(page.locator("#kept")).to_contain_text("Kept ")
    assert WorkingCopy.objects.get().typed["title"] == "Written on a train"


def test_words_written_while_signed_out_are_kept_once_one_has_signed_in_again(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, f"/bank/{bank[1].pk}/edit/")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Title", exact=True).fill("Written for nobody")
    expect(page.locator("#kept")).to_contain_text("Not kept: you are signed out")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("#kept")).to_contain_text("Not kept: you are signed out")
    expect(page.locator("#title")).to_have_value("Written for nobody")
    # Signing in again gives another token than the one in the page.
    again = [cookie | ({"value": "n" * 32} if cookie["name"] == "csrftoken" else {}) for cookie in cookies]
    page.context.add_cookies(again)  # type: ignore[arg-type]  # what one gives out, the other takes
    expect(page.locator("#kept")).to_contain_text("Kept ", timeout=10_000)
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Version 2 is saved")).to_be_visible()


def test_two_curators_at_one_question_never_write_over_each_other(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    mo = make_curator("mo@example.com", name="Mo")
    mine = open_page(cleo, f"/bank/{bank[1].pk}/edit/")
    mine.get_by_label("Title", exact=True).fill("Mine")
    expect(mine.locator("#kept")).to_contain_text("Kept ")
    theirs = open_page(mo, f"/bank/{bank[1].pk}/edit/")
    expect(theirs.get_by_text("Cleo is writing at this question too")).to_be_visible()
    theirs.get_by_label("Title", exact=True).fill("Theirs")
    theirs.get_by_role("button", name="Save draft").click()
    expect(theirs.get_by_text("Version 2 is saved")).to_be_visible()
    mine.get_by_role("button", name="Save draft").click()
    expect(mine.get_by_text("Mo saved version 2, so yours is not saved yet")).to_be_visible()
    expect(mine.locator("#title")).to_have_value("Mine")
    mine.get_by_role("button", name="Save mine after version 2").click()
    expect(mine.get_by_text("Version 3 is saved")).to_be_visible()


def test_choosing_another_kind_shows_what_it_needs_and_keeps_the_rest(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, f"/bank/{bank[0].pk}/edit/")
    expect(page.locator("#list-choices")).to_be_hidden()
    page.get_by_label("Kind").select_option("single")
    expect(page.locator("#list-choices")).to_be_visible()
    expect(page.locator("#list-key_points")).to_be_hidden()
    expect(page.locator("#side")).to_contain_text("not saved with this kind of question: Key points")
    page.get_by_label("Kind").select_option("open")
    expect(page.locator("#key_points-r1-text")).not_to_be_empty()


# --- Without scripts ------------------------------------------------------------------------------------------------


def test_everything_works_without_scripts(
    chromium: Browser, live_server: LiveServer, cleo: User, bank: list[Question]
) -> None:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    sign_in(context, cleo, live_server)
    page = context.new_page()
    page.goto("/bank/")
    page.locator("#q").fill("coins")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="Both coins").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Title", exact=True).fill("Two coins, fair")
    page.locator("#add-tags").click()
    page.locator("#tags-r1-text").fill("coin-tosses")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Version 2 is saved")).to_be_visible()
    version = bank[1].versions.get(number=2)
    assert (version.title, version.tags) == ("Two coins, fair", ["coin-tosses"])
    page.goto(f"/bank/{bank[1].pk}/try/")
    page.locator("#answer").fill("1/4")
    page.get_by_role("button", name="Grade it").click()
    expect(page.get_by_text("1 of 1")).to_be_visible()
    context.close()


# --- For everybody --------------------------------------------------------------------------------------------------


def pages(cleo: User, bank: list[Question]) -> list[str]:
    SavedView.objects.create(owner=cleo, name="Choices", query="kind=single", created_at=NOW)
    return [
        "/bank/",
        f"/bank/?q=probabilty&open={bank[1].pk}",
        "/bank/?q=fraud&kind=open&has=draft&tag=x",
        "/bank/?q=xylophones",
        f"/bank/{bank[2].pk}/preview/",
        "/bank/values/tag/",
        "/bank/bulk/",
        "/bank/new/",
        *(f"/bank/{question.pk}/edit/" for question in bank),
        *(f"/bank/{question.pk}/try/" for question in bank[:4]),
    ]


@pytest.mark.parametrize(("viewport", "theme"), LOOKS)
def test_axe_finds_nothing(
    open_page: OpenPage, cleo: User, bank: list[Question], viewport: dict[str, int], theme: str
) -> None:
    found = []
    for path in pages(cleo, bank):
        page = open_page(cleo, path, viewport=viewport, theme=theme)
        violations = Axe().run(page).response["violations"]
        found += [f"{path}: {item['id']} {[node['html'][:160] for node in item['nodes']]}" for item in violations]
        page.close()
    assert found == []


def test_axe_finds_nothing_where_something_is_open_wrong_or_asked(
    open_page: OpenPage, cleo: User, bank: list[Question]
) -> None:
    page = open_page(cleo, f"/bank/{bank[0].pk}/edit/")
    page.get_by_label("Title", exact=True).fill("")
    page.get_by_role("button", name="Strong sample").click()
    expect(page.locator("#graded")).to_contain_text("The strong sample")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved as a version yet")
    violations = Axe().run(page).response["violations"]
    page.goto("/bank/")
    page.keyboard.press("?")
    violations += Axe().run(page).response["violations"]
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Dice").check()
    page.get_by_label("With the ticked ones").select_option("move")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Show what would change").click()
    violations += Axe().run(page).response["violations"]
    assert [(item["id"], [node["html"][:160] for node in item["nodes"]]) for item in violations] == []


def test_no_page_scrolls_sideways_at_320_pixels(open_page: OpenPage, cleo: User, bank: list[Question]) -> None:
    wide = []
    for path in pages(cleo, bank):
        page = open_page(cleo, path, viewport=SMALL)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
        page.close()
    assert wide == []
