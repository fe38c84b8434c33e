"""The import pages: who may open them, what a file goes through, and that a page costs the same whatever it shows."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from interviewprep.accounts.models import User
from questions import publishing, tasks
from questions.importing.overview import ITEMS_PER_PAGE
from questions.models import ImportItem, ImportRun, Question, Topic
from tests.clients import as_guest, signed_in
from tests.factories import (
    NOW,
    make_content,
    make_curator,
    make_guest,
    make_mentor,
    make_question,
    make_topic,
    make_user,
)
from tests.questions.importing.runs import GIFT, carry_out, read, receive

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
State = ImportRun.State


@pytest.fixture
def topic() -> Topic:
    return make_topic("error-analysis")


@pytest.fixture
def curator() -> User:
    return make_curator("cleo@example.com")


@pytest.fixture
def page(curator: User) -> Client:
    return signed_in(curator)


@pytest.fixture
def run(topic: Topic) -> ImportRun:
    return read(topic=topic)


def address(name: str, run: ImportRun) -> str:
    return reverse(f"bank:{name}", args=[run.pk])


def text_of(response: Any) -> str:
    return str(b"".join(response.streaming_content) if response.streaming else response.content, "utf-8")


def upload(data: bytes = GIFT, name: str = "questions.gift", **fields: str) -> dict[str, Any]:
    said = {"licence": "CC-BY-4.0", "author": "Ada", "topic": "error-analysis", "target": "draft"}
    return {"file": SimpleUploadedFile(name, data), **said, **fields}


# What is no question at all

STRANGE: list[Any] = [
    None,
    True,
    7,
    -1e300,
    "x",
    [],
    {},
    [None],
    ["x"],
    [["x"]],
    [{"text": ["x"], "key": 1}],
    {"a": [1]},
]


@pytest.mark.parametrize("kind", ["open", "single", "numeric"])
def test_whatever_a_file_has_in_the_place_of_a_field_is_shown_with_what_is_wrong_with_it(
    kind: str, page: Client, topic: Topic
) -> None:
    whole = make_content(kind).model_dump(mode="json") | {"topic": topic.slug}
    questions = [whole | {name: value} for name in whole for value in STRANGE]
    run = read(json.dumps(questions).encode(), "json")
    assert (run.state, run.question_count) == (State.READY, len(questions))
    for number in range(1, -(-len(questions) // ITEMS_PER_PAGE) + 1):
        assert page.get(address("import_run", run), {"show": "all", "page": str(number)}).status_code == 200
    assert len(text_of(page.get(address("import_report_csv", run))).splitlines()) > len(questions)


def test_markup_in_a_table_stays_text_wherever_it_is_shown(page: Client, topic: Topic) -> None:
    markup = "<img src=x onerror=alert(1)>"
    run = read(f"question,answer,{markup}\n{markup},{markup},{markup}\n".encode(), "csv", filename=f"{markup}.csv")
    shown = text_of(page.get(address("import_run", run)))
    assert "<img" not in shown and shown.count("&lt;img src=x") > 3


def test_a_list_that_is_too_long_for_a_question_is_a_fault_and_no_unfinished_question(topic: Topic) -> None:
    choices = [{"key": f"c{n}", "text": f"Choice {n}", "correct": n == 0, "explanation": "So."} for n in range(41)]
    question = make_content("single").model_dump(mode="json") | {"choices": choices, "topic": topic.slug}
    item = read(json.dumps([question]).encode(), "json").items.get()
    assert item.state == ImportItem.State.FAULTY
    assert [problem["message"] for problem in item.problems] == ["may have at most 40 entries"]


# Who may


READ = ["import_run", "import_progress", "import_undo", "import_report_csv", "import_report_json"]
WRITE = ["import_settings", "import_topics", "import_duplicates", "import_confirm", "import_undo", "import_discard"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", sorted({*READ, *WRITE}))
def test_only_whoever_may_add_questions_gets_to_an_import(run: ImportRun, name: str, method: str) -> None:
    for client, status in [
        (Client(), {302}),
        (as_guest(make_guest()), {302}),
        (signed_in(make_user()), {403}),
        (signed_in(make_mentor()), {403}),
    ]:
        answer = getattr(client, method)(address(name, run))
        assert answer.status_code in {*status, 405}
    run.refresh_from_db()
    assert run.state == State.READY


@pytest.mark.parametrize(("client", "status"), [(Client, 302), (lambda: signed_in(make_user()), 403)])
def test_a_stranger_cannot_send_a_file(client: Callable[[], Client], status: int, topic: Topic) -> None:
    assert client().get(reverse("bank:imports")).status_code == status
    assert client().post(reverse("bank:imports"), upload()).status_code == status
    assert not ImportRun.objects.exists()


def test_a_background_request_of_somebody_signed_out_swaps_nothing_in(run: ImportRun) -> None:
    answer = Client().get(address("import_progress", run), headers=HTMX)
    assert (answer.status_code, answer["HX-Reswap"]) == (401, "none")


@pytest.mark.parametrize("name", WRITE)
def test_what_changes_something_is_asked_for_by_post(page: Client, run: ImportRun, name: str) -> None:
    if name != "import_undo":
        assert page.get(address(name, run)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_curator())
    assert strict.post(address(name, run)).status_code == 403


def test_a_file_without_the_forms_token_is_refused(curator: User, topic: Topic) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(curator)
    assert strict.post(reverse("bank:imports"), upload()).status_code == 403
    assert not ImportRun.objects.exists()
    token = strict.get(reverse("bank:imports")).cookies["csrftoken"].value
    assert strict.post(reverse("bank:imports"), upload(csrfmiddlewaretoken=token)).status_code == 302


def test_an_unknown_import_is_not_found(page: Client) -> None:
    assert page.get(reverse("bank:import_run", args=[uuid4()])).status_code == 404


def test_every_curator_sees_every_import(run: ImportRun) -> None:
    other = signed_in(make_curator())
    assert other.get(address("import_run", run)).status_code == 200
    assert "questions.gift" in text_of(other.get(reverse("bank:imports")))


# Sending a file


def test_before_the_first_import_the_page_says_what_would_be_there(page: Client) -> None:
    assert "Nothing has been imported yet" in text_of(page.get(reverse("bank:imports")))


def test_a_small_file_is_read_while_one_waits(page: Client, topic: Topic, curator: User) -> None:
    answer = page.post(reverse("bank:imports"), upload())
    run = ImportRun.objects.get()
    assert answer["Location"] == address("import_run", run)
    assert (run.state, run.format, run.created_by, run.author) == (State.READY, "gift", curator, "Ada")
    text = text_of(page.get(answer["Location"]))
    assert "2 questions were found" in text and "Import 2 questions" in text
    assert not Question.objects.exists()


def test_a_large_file_is_left_to_a_worker(
    page: Client, topic: Topic, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.IMPORT_AT_ONCE_QUESTIONS = 1
    with mock.patch.object(tasks.work_on_import, "delay") as sent, django_capture_on_commit_callbacks(execute=True):
        page.post(reverse("bank:imports"), upload())
    run = ImportRun.objects.get()
    sent.assert_called_once_with(str(run.pk))
    assert "It waits for a worker" in text_of(page.get(address("import_run", run)))
    tasks.work_on_import(str(run.pk))
    assert page.get(address("import_progress", run), headers=HTMX)["HX-Redirect"] == address("import_run", run)
    assert page.get(address("import_progress", run))["Location"] == address("import_run", run)


def test_while_a_worker_is_at_it_the_page_says_how_far_and_asks_again(page: Client, run: ImportRun) -> None:
    ImportRun.objects.filter(pk=run.pk).update(
        state="importing", claim=uuid4(), progress=40, progress_total=100, imported_at=None
    )
    text = text_of(page.get(address("import_progress", run), headers=HTMX))
    assert "40 of 100 questions" in text and 'hx-trigger="every 1s"' in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"file": ""}, "This field is required"),
        ({"file": SimpleUploadedFile("empty.gift", b"")}, "The file is empty"),
        ({"file": SimpleUploadedFile("picture.png", b"\x89PNG\r\n")}, "The format was not recognised"),
        ({"licence": "WTFPL"}, "Select a valid choice"),
        ({"target": "published"}, "Select a valid choice"),
    ],
)
def test_a_form_that_cannot_be_used_says_so_at_its_field(
    page: Client, topic: Topic, fields: dict[str, Any], words: str
) -> None:
    answer = page.post(reverse("bank:imports"), upload() | fields)
    assert (answer.status_code, words in text_of(answer)) == (422, True)
    assert not ImportRun.objects.exists()


def test_a_file_that_is_too_large_is_given_up_while_it_arrives(page: Client, topic: Topic, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = 1_000_000
    answer = page.post(reverse("bank:imports"), upload(b"x" * 1_200_000))
    assert (answer.status_code, "larger than 1 MB" in text_of(answer)) == (413, True)
    assert "This field is required" not in text_of(answer) and 'value="draft" ' in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_other_pages_still_take_no_files(page: Client, run: ImportRun) -> None:
    assert page.post(address("import_topics", run), {"file": SimpleUploadedFile("a.txt", b"a")}).status_code == 413


def test_a_file_that_cannot_be_read_says_why_and_offers_another_format(page: Client) -> None:
    run = read(b"[{]", "json")
    text = text_of(page.get(address("import_run", run)))
    assert "This file could not be read" in text and "no valid JSON" in text and "Read it again" in text


def test_words_of_a_file_are_shown_and_never_obeyed(page: Client, topic: Topic) -> None:
    run = read(
        b"::<b>T</b>:: <script>alert(1)</script> What? {=<img src=x onerror=y>#a ~no#b}\n\n<i>x {=y", topic=topic
    )
    for shown in ("all", "faulty", "notes"):
        text = text_of(page.get(address("import_run", run), {"show": shown}))
        assert "<script>alert" not in text and "<img" not in text and "<i>x" not in text


# Deciding


def test_a_fault_stands_beside_the_text_of_its_line(page: Client, topic: Topic) -> None:
    run = read(GIFT + b"\nIs this not {=yes ~no\n", topic=topic)
    text = text_of(page.get(address("import_run", run)))
    assert "Line 6" in text and "<code>Is this not {=yes ~no</code>" in text


def test_reading_it_again_with_a_licence_mends_what_lacked_one(page: Client, topic: Topic) -> None:
    run = read(topic=topic, licence="", author="")
    said = {
        "format": "gift",
        "licence": "MIT",
        "author": "Ada",
        "source": "",
        "topic": "error-analysis",
        "target": "draft",
    }
    assert page.post(address("import_settings", run), said).status_code == 302
    run.refresh_from_db()
    assert (run.state, run.error_count, run.licence) == (State.READY, 0, "MIT")


def test_the_columns_of_a_table_can_be_changed(page: Client, topic: Topic) -> None:
    run = read(b"Frage,Antwort\nWas ist Bias?,Ein Fehler\n", "csv", topic=topic)
    assert "What the columns are" in text_of(page.get(address("import_run", run)))
    said = {
        "format": "csv",
        "licence": "MIT",
        "author": "Ada",
        "source": "",
        "topic": "error-analysis",
        "target": "draft",
    }
    columns = {"column_0": "prompt", "column_1": "reference_answer"}
    page.post(address("import_settings", run), said | columns)
    assert [item.values["prompt"] for item in run.items.all()] == ["Was ist Bias?"]
    answer = page.post(address("import_settings", run), said | {"column_0": "prompt", "column_1": "prompt"})
    assert (answer.status_code, "is the question already" in text_of(answer)) == (422, True)


def test_topics_are_chosen_and_kept(page: Client, topic: Topic) -> None:
    run = read(b"$CATEGORY: Cooking\n\n" + GIFT)
    text = text_of(page.get(address("import_run", run)))
    assert "Choose a topic for: “Cooking”." in text
    page.post(address("import_topics", run), {"name": ["Cooking", "Made up"], "choice": [topic.slug, topic.slug]})
    run.refresh_from_db()
    assert run.topic_choices == {"Cooking": topic.slug}


def test_a_duplicate_stands_beside_what_it_repeats(page: Client, topic: Topic) -> None:
    make_question("old", topic=topic, prompt="What is bias?", reference_answer="The words of the bank.")
    run = read(b"::Bias:: what is BIAS {=an error#The words of the file.}\n", topic=topic)
    text = text_of(page.get(address("import_run", run), {"show": "duplicates"}))
    assert "The words of the bank." in text and "The words of the file." in text
    answer = page.post(address("import_duplicates", run), {"choice_1": "version", "page": "1"})
    assert answer["Location"].endswith("?show=duplicates&page=1#items")
    assert run.items.get().choice == "version"


def test_all_duplicates_can_be_treated_alike(page: Client, topic: Topic) -> None:
    carry_out(read(topic=topic))
    run = read(topic=topic)
    page.post(address("import_duplicates", run), {"for_all": "add"})
    assert set(run.items.values_list("choice", flat=True)) == {"add"}
    page.post(address("import_duplicates", run), {"for_all": "nonsense", "choice_1": "nonsense"})
    assert set(run.items.values_list("choice", flat=True)) == {"add"}


# Importing and undoing


def test_what_was_found_is_imported_when_it_is_confirmed(page: Client, run: ImportRun, curator: User) -> None:
    assert page.post(address("import_confirm", run)).status_code == 302
    run.refresh_from_db()
    assert (run.state, run.imported_by) == (State.IMPORTED, curator)
    text = text_of(page.get(address("import_run", run)))
    assert "Imported by" in text and "Undo this import" in text and Question.objects.count() == 2


def test_confirming_twice_imports_once_and_says_how_it_stands(page: Client, run: ImportRun) -> None:
    page.post(address("import_confirm", run))
    answer = page.post(address("import_confirm", run))
    assert (answer.status_code, "has moved on" in text_of(answer)) == (409, True)
    assert Question.objects.count() == 2


def test_with_faults_nothing_is_imported_until_they_are_left_out_on_purpose(page: Client, topic: Topic) -> None:
    run = read(GIFT + b"\nIs this not {=yes ~no\n", topic=topic)
    assert page.post(address("import_confirm", run)).status_code == 409
    assert not Question.objects.exists()
    page.post(address("import_confirm", run), {"leave_out_errors": "on"})
    assert Question.objects.count() == 2


def test_nothing_is_offered_where_there_is_nothing_to_import(page: Client, topic: Topic) -> None:
    text = text_of(page.get(address("import_run", read(b"Is this not {=yes ~no\n", topic=topic))))
    assert "There is nothing to import" in text and "Import 0 questions" not in text


def test_what_is_there_already_can_still_be_chosen(page: Client, topic: Topic) -> None:
    carry_out(read(GIFT, topic=topic))
    text = text_of(page.get(address("import_run", read(GIFT, topic=topic))))
    assert "Import what you choose below" in text and "Import 0 questions" not in text


def test_a_table_without_a_column_for_the_question_asks_for_it_first(page: Client, topic: Topic) -> None:
    run = read(b"Frage,Antwort\nWas ist das?,Ein Test.\n", "csv", topic=topic)
    text = text_of(page.get(address("import_run", run)))
    assert 'href="#settings"' in text and "Import 0 questions" not in text
    assert text.index("What the columns are") < text.index("Questions of the file")


def test_undoing_is_shown_first_and_done_when_it_is_confirmed(page: Client, run: ImportRun, curator: User) -> None:
    carry_out(run)
    assert "This will be deleted for good" in text_of(page.get(address("import_undo", run)))
    assert Question.objects.count() == 2
    page.post(address("import_undo", run))
    run.refresh_from_db()
    assert (run.state, run.undone_by, Question.objects.count()) == (State.UNDONE, curator, 0)
    assert "took this import back" in text_of(page.get(address("import_run", run)))


def test_what_is_in_use_is_not_undone_and_the_page_says_what_uses_it(page: Client, run: ImportRun) -> None:
    carry_out(run)
    publishing.retire(question=Question.objects.get(slug="bias"), now=NOW + timedelta(minutes=1))
    text = text_of(page.get(address("import_undo", run)))
    assert "It cannot be undone any more" in text and "bias" in text and "button--danger" not in text
    assert page.post(address("import_undo", run)).status_code == 409
    assert Question.objects.count() == 2


def test_a_file_can_be_forgotten_before_it_is_imported_and_not_after(
    page: Client, run: ImportRun, topic: Topic
) -> None:
    other = carry_out(read(GIFT.replace(b"Bias", b"Error"), topic=topic))
    assert page.post(address("import_discard", run)).status_code == 302
    assert page.post(address("import_discard", other)).status_code == 409
    assert list(ImportRun.objects.all()) == [other]


@pytest.mark.parametrize(
    ("name", "kind"), [("import_report_csv", "text/csv"), ("import_report_json", "application/json")]
)
def test_the_report_is_a_file(page: Client, run: ImportRun, name: str, kind: str) -> None:
    answer = page.get(address(name, run))
    assert answer["Content-Type"].startswith(kind)
    assert answer["Content-Disposition"].startswith('attachment; filename="questions.gift-report.')
    assert "Bias" in text_of(answer)


def test_a_run_that_waits_shows_neither_items_nor_buttons(page: Client) -> None:
    text = text_of(page.get(address("import_run", receive())))
    assert "It waits for a worker" in text and "Forget this file" not in text


# What a page costs


def many(count: int) -> bytes:
    return b"".join(f"::T{n}:: Question {n}? {{=a#x ~b}}\n\n".encode() for n in range(count))


def statements(page: Client, run: ImportRun, shown: str) -> int:
    page.get(address("import_run", run), {"show": shown})
    with CaptureQueriesContext(connection) as captured:
        assert page.get(address("import_run", run), {"show": shown}).status_code == 200
    return len(captured)


@pytest.mark.parametrize("shown", ["all", "duplicates", "notes", "faulty"])
def test_a_page_of_items_costs_the_same_whatever_it_shows(page: Client, topic: Topic, shown: str) -> None:
    carry_out(read(many(30), topic=topic))
    few, more = read(many(2), topic=topic), read(many(30), topic=topic)
    assert statements(page, few, shown) == statements(page, more, shown) <= 22
    assert ImportItem.objects.filter(run=more).duplicates().count() == 30


def test_the_list_of_imports_costs_the_same_whatever_its_length(page: Client, topic: Topic) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            page.get(reverse("bank:imports"))
        return len(captured)

    receive(user=make_curator())
    cost()
    before = cost()
    for _number in range(5):
        receive(user=make_curator())
    assert cost() == before <= 10
