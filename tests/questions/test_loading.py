"""Loading the bank: idempotent, all or nothing, and it never undoes what a person did in the admin."""

import threading
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from questions.bankfiles import read_bank
from questions.bankformat import BankError
from questions.content import Content
from questions.loading import LoadReport, load_bank
from questions.models import LoadedItem, Question, QuestionVersion, Topic
from questions.publishing import add_version, publish, retire
from tests.factories import NOW, make_content, make_question, make_topic
from tests.questions.bankfolder import AREA, write_area, write_bank, write_file

Load = Callable[[], LoadReport]
ONE = "evaluation/metrics/one.md"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return lambda: load_bank(bank=read_bank(tmp_path), origin="tests", now=NOW)


def question(slug: str = "one") -> Question:
    return Question.objects.select_related("topic__area", "current_version").get(slug=slug)


def current(slug: str = "one") -> QuestionVersion:
    version = question(slug).current_version
    assert version is not None
    return version


def edit_in_admin(content: Content, slug: str = "one") -> QuestionVersion:
    version = add_version(question=question(slug), content=content, author=None)
    return publish(question=question(slug), version=version, now=NOW)


@pytest.mark.django_db
def test_a_first_load_publishes_every_question_below_its_topic(tmp_path: Path, load: Load) -> None:
    content = make_content()
    write_bank(tmp_path, "two")
    write_file(tmp_path, ONE, content)
    report = load()
    assert sorted(report.added) == ["one", "two"]
    row, area = question(), question().topic.area
    assert area is not None
    assert (area.slug, row.topic.slug, row.status) == ("evaluation", "metrics", Question.Status.PUBLISHED)
    assert current().content == content
    assert (current().number, current().digest) == (1, content.digest())
    assert (current().published_at, current().created_at, row.created_at) == (NOW, NOW, NOW)
    assert (area.name, area.order, area.description) == ("Evaluation", 6, "Choosing how to measure.")


@pytest.mark.django_db
def test_a_second_load_changes_nothing(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one", "two")
    load()
    before = list(QuestionVersion.objects.values()), list(Topic.objects.values()), list(Question.objects.values())
    assert load() == LoadReport(unchanged=2)
    after = list(QuestionVersion.objects.values()), list(Topic.objects.values()), list(Question.objects.values())
    assert before == after


@pytest.mark.django_db
def test_an_unchanged_bank_costs_the_same_few_statements_however_large(tmp_path: Path, load: Load) -> None:
    def statements() -> int:
        load()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            load()
        return len(queries)

    write_bank(tmp_path, "one")
    small = statements()
    write_bank(tmp_path, *(f"number-{number}" for number in range(30)))
    assert statements() == small <= 6


@pytest.mark.django_db
def test_many_new_questions_cost_no_more_statements_than_one(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, *(f"number-{number}" for number in range(30)))
    with CaptureQueriesContext(connection) as queries:
        load()
    assert len(queries) <= 20


@pytest.mark.django_db
def test_an_edited_file_becomes_a_new_published_version(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one", "two")
    load()
    first = current()
    write_file(tmp_path, ONE, changed := make_content(title="Reworded"))
    report = load()
    assert (report.changed, report.unchanged, report.notes) == (["one"], 1, [])
    assert (current().number, current().content) == (2, changed)
    assert first.content != changed, "the old version stays as it was"
    assert load().changed == []


@pytest.mark.django_db
def test_a_file_written_differently_but_saying_the_same_is_unchanged(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one")
    load()
    file = tmp_path / ONE
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load() == LoadReport(unchanged=1)


@pytest.mark.django_db
def test_an_edit_in_the_admin_outlives_loads_until_the_file_changes(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one")
    load()
    edited = edit_in_admin(make_content(title="Written by a curator"))
    assert load() == LoadReport(unchanged=1)
    assert current() == edited

    write_file(tmp_path, ONE, make_content(title="Written in the file"))
    report = load()
    assert current().title == "Written in the file"
    assert current().number == 3
    assert report.notes == ["one: version 3 from the file replaces version 2, which was written in the admin"]
    assert QuestionVersion.objects.filter(pk=edited.pk).exists()


@pytest.mark.django_db
def test_a_draft_in_the_admin_is_neither_published_nor_lost(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one")
    load()
    draft = add_version(question=question(), content=make_content(title="Unfinished"), author=None)
    load()
    write_file(tmp_path, ONE, make_content(title="Written in the file"))
    load()
    draft.refresh_from_db()
    assert not draft.is_published
    assert current().number == 3


@pytest.mark.django_db
def test_a_file_that_follows_an_edit_in_the_admin_makes_no_second_version(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one")
    load()
    content = make_content(title="Written by a curator")
    edited = edit_in_admin(content)
    write_file(tmp_path, ONE, content)
    assert load().notes == []
    assert current() == edited


@pytest.mark.django_db
def test_a_file_that_is_gone_retires_its_question_and_says_so(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one", "two")
    load()
    (tmp_path / ONE).unlink()
    report = load()
    assert report.retired == ["one"]
    assert report.notes == [f"one retired: {ONE} is gone"]
    assert question().status == Question.Status.RETIRED
    assert current().number == 1
    assert load() == LoadReport(unchanged=1)


@pytest.mark.django_db
def test_a_file_that_comes_back_publishes_its_question_again(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one", "two")
    data = (tmp_path / ONE).read_bytes()
    load()
    (tmp_path / ONE).unlink()
    load()
    write_file(tmp_path, ONE, data)
    assert load().changed == ["one"]
    assert question().status == Question.Status.PUBLISHED
    assert current().number == 1


@pytest.mark.django_db
def test_a_question_written_in_the_admin_is_never_retired_by_a_load(tmp_path: Path, load: Load) -> None:
    own = make_question("my-own")
    write_bank(tmp_path, "one")
    assert load().retired == []
    own.refresh_from_db()
    assert own.status == Question.Status.PUBLISHED


@pytest.mark.django_db
def test_a_question_retired_in_the_admin_stays_retired(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one")
    load()
    retire(question=question())
    assert load() == LoadReport(unchanged=1)
    write_file(tmp_path, ONE, make_content(title="Reworded"))
    assert load().notes == ["one was retired in the admin, so its new version 2 waits there as a draft"]
    assert question().status == Question.Status.RETIRED
    assert not question().versions.get(number=2).is_published


@pytest.mark.django_db
def test_a_file_moved_to_another_folder_moves_its_question_without_a_new_version(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one")
    load()
    (tmp_path / "evaluation/validation").mkdir()
    (tmp_path / ONE).rename(tmp_path / "evaluation/validation/one.md")
    assert load().changed == ["one"]
    assert (question().topic.slug, current().number) == ("validation", 1)


@pytest.mark.django_db
def test_a_question_moved_in_the_admin_stays_there(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one")
    load()
    Question.objects.update(topic=(elsewhere := make_topic()))
    write_file(tmp_path, ONE, make_content(title="Reworded"))
    load()
    assert question().topic == elsewhere


@pytest.mark.django_db
def test_topics_follow_their_file_but_keep_what_was_edited_in_the_admin(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one")
    load()
    Topic.objects.filter(slug="metrics").update(name="Measures, says the curator")
    write_area(tmp_path, text=AREA.replace("Choosing how", "Deciding how"))
    load()
    assert Topic.objects.get(slug="metrics").name == "Measures, says the curator"
    assert Topic.objects.get(slug="evaluation").description == "Deciding how to measure."
    write_area(tmp_path, text=AREA.replace("name: Metrics", "name: Numbers"))
    load()
    assert Topic.objects.get(slug="metrics").name == "Numbers"


@pytest.mark.django_db
def test_a_topic_can_move_to_another_area(tmp_path: Path, load: Load) -> None:
    write_bank(tmp_path, "one")
    load()
    before = Topic.objects.get(slug="metrics").pk
    metrics = "  metrics:\n    name: Metrics\n    description: Which number.\n"
    write_area(tmp_path, text=AREA.replace(metrics, ""))
    write_area(tmp_path, "other", AREA.replace("validation", "other-topic"))
    (tmp_path / ONE).rename(tmp_path / "other/one.md")
    (tmp_path / "other/metrics").mkdir()
    (tmp_path / "other/one.md").rename(tmp_path / "other/metrics/one.md")
    load()
    topic = Topic.objects.select_related("area").get(slug="metrics")
    assert topic.area is not None
    assert (topic.pk, topic.area.slug) == (before, "other")


@pytest.mark.django_db
def test_an_area_in_use_cannot_become_a_topic(tmp_path: Path, load: Load) -> None:
    make_topic("below", area=Topic.objects.create(slug="metrics", name="An area of ours"))
    write_bank(tmp_path, "one")
    with pytest.raises(BankError, match=r"evaluation/area.yaml:5: “metrics” is an area with topics of its own"):
        load()


@pytest.mark.django_db
def test_a_question_from_the_admin_is_adopted_when_its_file_says_the_same(tmp_path: Path, load: Load) -> None:
    content = make_content()
    own = Question.objects.create(slug="one", topic=make_topic())
    add_version(question=own, content=content, author=None)
    write_file(write_bank(tmp_path), ONE, content)
    assert load().added == ["one"]
    assert (question().pk, question().status, current().number) == (own.pk, Question.Status.PUBLISHED, 1)


@pytest.mark.django_db
def test_a_different_question_of_the_same_name_stops_the_load(tmp_path: Path, load: Load) -> None:
    make_question("one")
    write_bank(tmp_path, "another", "one")
    with pytest.raises(BankError, match="the database has another question “one”"):
        load()
    assert not Question.objects.filter(slug="another").exists()
    assert not Topic.objects.filter(slug="metrics").exists()
    assert not LoadedItem.objects.exists()


@pytest.mark.django_db
def test_two_banks_live_side_by_side_and_only_retire_their_own(tmp_path: Path) -> None:
    write_bank(tmp_path / "a", "one")
    write_bank(tmp_path / "b", "two")
    write_area(tmp_path / "b", text=AREA)
    banks = {name: read_bank(tmp_path / name) for name in ("a", "b")}
    for name, bank in banks.items():
        assert load_bank(bank=bank, origin=name, now=NOW).retired == []
    assert Question.objects.published().count() == 2
    with pytest.raises(BankError, match="belongs to the bank “a”"):
        load_bank(bank=banks["a"], origin="b", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_first_loads_at_once_make_one_bank(tmp_path: Path) -> None:
    bank = read_bank(write_bank(tmp_path, *(f"number-{number}" for number in range(20))))
    start, reports, errors = threading.Barrier(2), [], []

    def run() -> None:
        try:
            start.wait(timeout=10)
            reports.append(load_bank(bank=bank, origin="tests", now=NOW))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert errors == []
    assert sorted(len(report.added) for report in reports) == [0, 20]
    assert QuestionVersion.objects.count() == 20


# The command


def run_command(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("load_bank", *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_says_in_one_line_what_it_did(tmp_path: Path) -> None:
    root = write_bank(tmp_path / "my-bank", "one", "two")
    assert run_command("--path", str(root)) == (
        "Bank “my-bank”: 2 questions in 2 topics of 1 areas; 2 new, 0 changed, 0 retired, 0 unchanged.\n"
    )
    (root / ONE).unlink()
    assert run_command("--path", str(root)).splitlines() == [
        f"one retired: {ONE} is gone",
        "Bank “my-bank”: 1 questions in 2 topics of 1 areas; 0 new, 0 changed, 1 retired, 1 unchanged.",
    ]
    assert run_command("--path", str(root), verbosity=0) == ""


@pytest.mark.django_db
def test_the_command_refuses_all_files_for_one_bad_one_with_file_and_line(tmp_path: Path) -> None:
    write_bank(tmp_path, "fine")
    write_file(tmp_path, ONE, "---\nkind: essay\n")
    with pytest.raises(CommandError) as caught:
        run_command("--path", str(tmp_path))
    assert f"{ONE}:1: the values at the top have no closing line “---”" in str(caught.value)
    assert "1 problem(s) in 1 file(s)" in str(caught.value)
    assert not Question.objects.exists()


def test_the_command_can_only_check_without_a_database(tmp_path: Path) -> None:
    write_bank(tmp_path, "one")
    assert "all files are in order" in run_command("--check", "--path", str(tmp_path))
    write_file(tmp_path, ONE, "nothing")
    with pytest.raises(CommandError, match=f"{ONE}:1"):
        run_command("--check", "--path", str(tmp_path))
    with pytest.raises(CommandError, match="is not a folder"):
        run_command("--path", str(tmp_path / "missing"))


@pytest.mark.django_db
def test_the_shipped_bank_loads_twice_and_changes_once() -> None:
    first, second = run_command(), run_command()
    assert first.startswith("Bank “shipped”: ")
    assert "; 0 new, 0 changed, 0 retired," in second
    for version in QuestionVersion.objects.all():
        assert version.digest == version.content.digest()
