"""A file's way into the bank and back, in a real browser: sent, looked at, decided about, imported, undone."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from interviewprep.accounts.models import User
from questions.models import ImportRun, Question, Topic
from tests.browser.conftest import PHONE, OpenPage
from tests.factories import make_curator, make_question, make_topic
from tests.questions.importing.runs import carry_out, read

# The curators' permissions come from migrations; emptying the tables after a test would take them away.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

GIFT = """
$CATEGORY: Cooking

::Bias:: What is high when both errors are high? { =Bias#Both are. ~Variance#Then only one is. }

::Known:: What is BIAS? { =an error#It is. }
"""


@pytest.fixture
def curator(transactional_db: None) -> User:
    return make_curator("cleo@example.com")


@pytest.fixture
def topic(transactional_db: None) -> Topic:
    return make_topic("metrics", area=Topic.objects.create(slug="evaluation", name="Evaluation"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.gift"
    path.write_text(GIFT)
    return path


def send(page: Page, file: Path) -> None:
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Licence").select_option("MIT")
    page.get_by_label("Author").fill("Ada")
    page.get_by_role("button", name="Read the file").click()


def test_a_file_is_sent_decided_about_imported_and_undone(
    open_page: OpenPage, curator: User, topic: Topic, file: Path
) -> None:
    make_question("known", topic=topic, prompt="What is bias?", reference_answer="The bank's own answer.")
    page = open_page(curator, "/bank/import/")
    send(page, file)
    expect(page.get_by_role("heading", name="2 questions were found")).to_be_visible()
    expect(page.get_by_text("Choose a topic for: “Cooking”.")).to_be_visible()
    expect(page.get_by_text("The bank's own answer.")).to_be_hidden()
    page.get_by_text("Answer", exact=True).last.click()
    expect(page.get_by_text("The bank's own answer.")).to_be_visible()
    # Nothing has been kept yet: the one button takes along what was chosen anywhere on the page.
    page.get_by_role("row", name=re.compile("Cooking")).get_by_role("combobox").select_option("new:evaluation")
    page.get_by_role("radio", name="import it all the same").check()
    page.get_by_role("button", name="Import 1 question").click()
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    assert set(Question.objects.values_list("slug", "topic__slug")) == {
        ("bias", "cooking"),
        ("known-2", "cooking"),
        ("known", "metrics"),
    }
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_role("heading", name="Undone")).to_be_visible()
    assert set(Question.objects.values_list("slug", flat=True)) == {"known"}
    assert not Topic.objects.filter(slug="cooking").exists()


def test_a_large_file_is_worked_on_while_the_page_waits(
    open_page: OpenPage, curator: User, topic: Topic, worker: None, tmp_path: Path
) -> None:
    questions = (f"::Q{n}:: What is {n} plus one? {{#{n + 1}:0}}\n\n" for n in range(600))
    path = tmp_path / "large.gift"
    path.write_text("".join(questions))
    page = open_page(curator, "/bank/import/")
    page.get_by_label("Topic").select_option("metrics")
    send(page, path)
    expect(page.get_by_role("heading", name="600 questions were found")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Import 600 questions").click()
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible(timeout=60_000)
    assert Question.objects.count() == 600


@pytest.mark.parametrize("viewport", [PHONE, {"width": 320, "height": 640}])
def test_nothing_is_wider_than_a_phone(
    open_page: OpenPage, curator: User, topic: Topic, viewport: dict[str, int]
) -> None:
    long = "x" * 300
    run = read(
        f"::T:: {long}? {{=a#{long} ~b}}\n\n::U:: {long}? {{=a#x ~b}}\n\nIs this not {{={long}\n".encode(), topic=topic
    )
    for shown in ("faulty", "duplicates", "all"):
        page = open_page(curator, f"/bank/import/{run.pk}/?show={shown}", viewport=viewport, theme="dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], shown
    for path in ("/bank/import/", "/bank/export/?format=aiken"):
        page = open_page(curator, path, viewport=viewport)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path


def test_an_import_is_made_with_the_keyboard_alone(open_page: OpenPage, curator: User, topic: Topic) -> None:
    run = read(topic=topic)
    page = open_page(curator, f"/bank/import/{run.pk}/")
    page.get_by_role("button", name="Import 2 questions").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    run.refresh_from_db()
    assert run.state == ImportRun.State.IMPORTED


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_the_pages(open_page: OpenPage, curator: User, topic: Topic, theme: str) -> None:
    make_question("known", topic=topic, prompt="What is high when both errors are high?")
    ready = read(GIFT.encode() + b"\nIs this not {=yes ~no\n")
    imported = carry_out(read(topic=topic))
    addresses = [
        "/bank/import/",
        "/bank/export/?format=aiken",
        *(f"/bank/import/{ready.pk}/?show={shown}" for shown in ("all", "faulty", "duplicates")),
        f"/bank/import/{imported.pk}/",
        f"/bank/import/{imported.pk}/undo/",
    ]
    page = open_page(curator, addresses[0], theme=theme)
    for address in addresses:
        page.goto(address)
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
