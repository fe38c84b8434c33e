"""An import from the file to the questions: all or none, once, by one worker at a time, and published by nobody."""

from datetime import timedelta
from unittest import mock
from uuid import UUID

import pytest
from django.db import OperationalError
from pytest_django import Settings

from interviewprep.accounts.models import User
from questions import publishing
from questions.importing import running, storing
from questions.importing.claims import LEASE_SECONDS, MAX_ATTEMPTS, ClaimLostError, claim
from questions.importing.running import NotReadyError
from questions.models import ImportItem, ImportRun, Question, QuestionEvent, Review, Topic
from tests.factories import NOW, make_curator, make_question, make_topic, make_user
from tests.questions.importing.runs import GIFT, carry_out, items, read, receive

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(seconds=LEASE_SECONDS + 1)
State, Match, Outcome = ImportRun.State, ImportItem.Match, ImportItem.Outcome


@pytest.fixture
def topic() -> Topic:
    return make_topic("error-analysis")


@pytest.fixture
def curator() -> User:
    return make_curator()


# Reading


def test_reading_finds_the_questions_and_changes_nothing_in_the_bank(topic: Topic) -> None:
    run = read(topic=topic)
    assert (run.state, run.question_count, run.error_count) == (State.READY, 2, 0)
    assert [(item.title, item.line, item.state) for item in items(run)] == [
        ("Bias", 2, "complete"),
        ("Coins", 4, "complete"),
    ]
    assert not Question.objects.exists()


def test_a_file_in_which_nothing_is_found_is_refused_with_a_way_on() -> None:
    run = read(b"$CATEGORY: statistics\n")
    assert run.state == State.REFUSED
    assert run.notes[0]["hint"] == "Look whether the format is the right one: Moodle GIFT was chosen."


def test_every_fault_is_kept_with_its_line_and_the_text_of_the_line(topic: Topic) -> None:
    run = read(b"Is this fine? {=yes ~no}\n\nIs this not {=yes ~no\n\n", topic=topic)
    (fault,) = [problem for item in items(run) for problem in item.problems if problem["severity"] == "error"]
    assert (fault["line"], fault["text"]) == (3, "Is this not {=yes ~no")


def test_a_question_without_a_licence_is_a_fault_beside_the_text_of_its_line(topic: Topic) -> None:
    run = read(b"\n\nIs this fine? {=yes#Sure. ~no#No.}\n", topic=topic, licence="")
    (fault,) = items(run)[0].problems
    assert (fault["field"], fault["line"], fault["text"]) == ("licence", 3, "Is this fine? {=yes#Sure. ~no#No.}")


def test_reading_again_with_other_words_starts_afresh(topic: Topic) -> None:
    run = read(topic=topic, licence="")
    assert run.error_count == 2
    said = running.Said(licence="MIT", author="Ada", topic=topic)
    running.reread(run=run, said=said, file_format="gift", now=NOW)
    running.work(run_id=run.pk, now=NOW)
    run.refresh_from_db()
    assert (run.state, run.error_count, run.items.count()) == (State.READY, 0, 2)
    assert {item.values["licence"] for item in items(run)} == {"MIT"}


def test_a_file_of_a_million_errors_is_given_up(topic: Topic, settings: Settings) -> None:
    with mock.patch("questions.importing.reading.MOST_PROBLEMS", 3):
        run = read(b"Is this {=yes ~no\n\n" * 10, topic=topic)
    assert run.state == State.REFUSED and "more than 3 errors" in run.notes[0]["message"]


def test_a_file_with_too_many_questions_is_given_up(topic: Topic, settings: Settings) -> None:
    settings.IMPORT_MAX_QUESTIONS = 3
    run = read(b"Is this {=yes ~no}\n\n" * 10, topic=topic)
    assert run.state == State.REFUSED and "more than 3 questions" in run.notes[0]["message"]


def test_a_parser_that_trips_refuses_the_file_and_leaves_a_trace_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    run = receive()
    with mock.patch("questions.importing.reading.map_question", side_effect=RuntimeError("a bug of ours")):
        running.work(run_id=run.pk, now=NOW)
    run.refresh_from_db()
    assert run.state == State.REFUSED and "a bug of ours" in caplog.text
    assert "The operator finds the reason in the log" in run.notes[0]["message"]


# Importing


def test_questions_come_in_as_drafts_that_no_interview_asks(topic: Topic, curator: User) -> None:
    run = carry_out(read(topic=topic), user=curator)
    assert (run.state, run.imported_at, run.imported_by) == (State.IMPORTED, NOW, curator)
    assert set(Question.objects.values_list("slug", "status", "topic__slug")) == {
        ("bias", "draft", "error-analysis"),
        ("coins", "draft", "error-analysis"),
    }
    assert not Question.objects.published().exists()
    version = Question.objects.get(slug="coins").versions.get()
    assert (version.created_by, version.created_at, version.licence) == (curator, NOW, "CC-BY-4.0")
    assert version.digest == version.content.digest()
    assert [item.outcome for item in items(run)] == [Outcome.ADDED, Outcome.ADDED]


def test_each_question_is_logged_with_who_imported_it(topic: Topic, curator: User) -> None:
    carry_out(read(topic=topic), user=curator)
    event = QuestionEvent.objects.get(question__slug="bias")
    assert (event.kind, event.actor, event.at, event.data) == ("created", curator, NOW, {"imported": "questions.gift"})


def test_the_file_is_forgotten_once_its_questions_are_in_the_bank(topic: Topic) -> None:
    assert carry_out(read(topic=topic)).parts.count() == 0


def test_questions_may_go_straight_to_the_reviewers(topic: Topic, curator: User) -> None:
    carry_out(read(topic=topic, target="review"), user=curator)
    assert set(Question.objects.values_list("status", flat=True)) == {"in_review"}
    assert Review.objects.waiting().filter(submitted_by=curator, submitted_at=NOW).count() == 2
    assert QuestionEvent.objects.filter(kind="submitted", actor=curator).count() == 2


def test_a_curator_cannot_publish_by_importing(topic: Topic, curator: User) -> None:
    run = read(topic=topic, target="published")
    with pytest.raises(NotReadyError, match="nobody has reviewed"):
        running.order(run=run, user=curator, now=NOW)
    assert not Question.objects.exists()


def test_whoever_may_publish_without_a_review_may_do_so_by_importing(topic: Topic) -> None:
    operator = make_user(is_superuser=True)
    carry_out(read(topic=topic, target="published"), user=operator)
    published = Question.objects.published()
    assert published.count() == 2
    assert {question.current_version.published_at for question in published} == {NOW}  # type: ignore[union-attr]
    assert QuestionEvent.objects.filter(kind="published", actor=operator).count() == 2


def test_a_fault_anywhere_keeps_everything_out(topic: Topic) -> None:
    run = read(GIFT + b"\n\nIs this not {=yes ~no\n", topic=topic)
    with pytest.raises(NotReadyError, match="Mend the faults"):
        running.order(run=run, user=None, now=NOW)
    assert not Question.objects.exists()


def test_what_is_faulty_can_be_left_out_on_purpose(topic: Topic) -> None:
    run = carry_out(read(GIFT + b"\n\nIs this not {=yes ~no\n", topic=topic), leaves_out_errors=True)
    assert [item.outcome for item in items(run)] == [Outcome.ADDED, Outcome.ADDED, Outcome.SKIPPED]


def test_when_one_question_cannot_be_stored_none_is(topic: Topic, caplog: pytest.LogCaptureFixture) -> None:
    run = read(topic=topic)
    with mock.patch.object(storing, "record_all", side_effect=RuntimeError("halfway")):
        run = carry_out(run)
    assert (run.state, Question.objects.count(), run.parts.count()) == (State.READY, 0, 1)
    assert "stopped unexpectedly" in run.failure
    assert carry_out(run).state == State.IMPORTED


def test_pressing_import_twice_imports_once(topic: Topic) -> None:
    run = read(topic=topic)
    running.order(run=run, user=None, now=NOW)
    with pytest.raises(NotReadyError, match="moved on"):
        running.order(run=run, user=None, now=NOW)
    running.work(run_id=run.pk, now=NOW)
    running.work(run_id=run.pk, now=NOW)
    assert Question.objects.count() == 2


def test_sending_the_same_file_twice_adds_nothing(topic: Topic) -> None:
    first = carry_out(read(topic=topic))
    again = read(topic=topic)
    assert running.same_file(again) == first
    assert [item.match for item in items(again)] == [Match.IDENTICAL, Match.IDENTICAL]
    assert carry_out(again).state == State.IMPORTED
    assert Question.objects.count() == 2


def test_an_incomplete_question_becomes_a_draft_without_a_version(topic: Topic) -> None:
    run = carry_out(read(b"::Bias:: What is bias? {}\n", topic=topic, target="review"))
    question = Question.objects.get()
    assert (question.slug, question.status, question.versions.count()) == ("bias", "draft", 0)
    (item,) = items(run)
    assert (item.outcome, item.question, item.values["prompt"]) == (Outcome.UNFINISHED, question, "What is bias?")


def test_an_incomplete_question_sent_twice_is_known_again(topic: Topic) -> None:
    carry_out(read(b"::Bias:: What is bias? {}\n", topic=topic))
    again = read(b"::Bias:: What is bias? {}\n", topic=topic)
    assert [item.match for item in items(again)] == [Match.IDENTICAL]


def test_slugs_are_made_of_titles_and_never_taken_twice(topic: Topic) -> None:
    make_question("bias", topic=topic)
    two = "::Bias:: One? {=a#x ~b#x}\n\n::Bias:: Two? {=a#x ~b#x}\n\n"
    carry_out(read((two + "::偏差大小:: 什么是偏差? {=a#x ~b#x}\n").encode(), topic=topic))
    assert set(Question.objects.values_list("slug", flat=True)) == {"bias", "bias-2", "bias-3", "question"}


def test_what_appeared_in_the_bank_since_the_reading_is_left_out(topic: Topic) -> None:
    run, other = read(topic=topic), read(topic=topic)
    carry_out(other)
    assert [item.outcome for item in items(carry_out(run))] == [Outcome.SKIPPED, Outcome.SKIPPED]
    assert Question.objects.count() == 2


# Duplicates


def test_a_duplicate_can_become_a_new_version_of_its_question(topic: Topic, curator: User) -> None:
    prompt = "What is high when both errors are high?"
    choices = [
        {"key": "a", "text": "Bias", "correct": True, "explanation": "x"},
        {"key": "b", "text": "Variance", "correct": False, "explanation": "x"},
    ]
    question = make_question("old", topic=topic, kind="single", prompt=prompt, choices=choices)
    run = read(topic=topic)
    running.decide_duplicates(run=run, choices={1: "version", 2: "version"})
    run = carry_out(run, user=curator)
    assert [item.outcome for item in items(run)] == [Outcome.VERSION, Outcome.ADDED]
    newest = question.versions.order_by("-number").first()
    assert newest and (newest.number, newest.title, newest.created_by, newest.is_published) == (
        2,
        "Bias",
        curator,
        False,
    )
    question.refresh_from_db()
    assert question.current_version and question.current_version.number == 1


def test_an_import_never_publishes_a_new_version_over_what_is_asked(topic: Topic) -> None:
    carry_out(read(topic=topic))
    question = Question.objects.get(slug="bias")
    publishing.publish(question=question, now=NOW)
    run = read(GIFT.replace(b"Both are.", b"Both of them are."), topic=topic, target="published")
    running.decide_duplicates(run=run, choices={1: "version"})
    carry_out(run)
    question.refresh_from_db()
    assert question.current_version and question.current_version.number == 1


def test_a_duplicate_can_be_imported_all_the_same(topic: Topic) -> None:
    carry_out(read(topic=topic))
    run = read(topic=topic)
    running.decide_duplicates(run=run, choices={1: "add"})
    carry_out(run)
    assert set(Question.objects.values_list("slug", flat=True)) == {"bias", "bias-2", "coins"}


def test_choices_about_what_is_no_duplicate_mean_nothing(topic: Topic) -> None:
    run = read(topic=topic)
    running.decide_duplicates(run=run, choices={1: "skip", 99: "add"})
    assert [item.choice for item in items(run)] == ["", ""]


# Topics


def test_without_a_topic_nothing_is_imported() -> None:
    run = read()
    assert running.what_is_missing(run) == ["Choose a topic for: questions without a topic."]
    with pytest.raises(NotReadyError, match="Choose a topic"):
        running.order(run=run, user=None, now=NOW)


def test_a_topic_of_the_file_is_chosen_once_and_remembered(topic: Topic) -> None:
    file = b"$CATEGORY: Statistik/Fehler\n\n" + GIFT
    run = read(file)
    running.decide_topics(run=run, choices={"Statistik \u203a Fehler": "error-analysis"})
    run.refresh_from_db()
    carry_out(run)
    assert set(Question.objects.values_list("topic__slug", flat=True)) == {"error-analysis"}
    again = read(file.replace(b"Coins", b"Other coins"))
    assert running.what_is_missing(again) == []


def test_a_new_topic_is_made_in_the_chosen_area_with_the_import_and_not_before(topic: Topic) -> None:
    assert topic.area
    run = read(b"$CATEGORY: Fehler\n\n" + GIFT)
    running.decide_topics(run=run, choices={"Fehler": f"new:{topic.area.slug}"})
    run.refresh_from_db()
    assert not Topic.objects.filter(slug="fehler").exists()
    run = carry_out(run)
    made = Topic.objects.get(slug="fehler")
    assert (made.name, made.area, run.made_topics) == ("Fehler", topic.area, ["fehler"])


# Work


def test_what_is_much_is_left_for_a_worker(topic: Topic, settings: Settings) -> None:
    settings.IMPORT_AT_ONCE_QUESTIONS = 1
    run = receive(topic=topic)
    assert not running.work(run_id=run.pk, now=NOW, at_once=True)
    run.refresh_from_db()
    assert (run.state, run.claim) == (State.READING, None)
    assert running.work(run_id=run.pk, now=NOW)
    run.refresh_from_db()
    running.order(run=run, user=None, now=NOW)
    assert not running.work(run_id=run.pk, now=NOW, at_once=True)
    assert not Question.objects.exists()
    assert running.work(run_id=run.pk, now=NOW)
    assert Question.objects.count() == 2


def test_a_large_file_is_left_for_a_worker_unread(settings: Settings) -> None:
    settings.IMPORT_AT_ONCE_BYTES = 10
    assert not running.work(run_id=receive().pk, now=NOW, at_once=True)


def test_two_workers_never_work_at_one_import(topic: Topic) -> None:
    run = receive(topic=topic)
    assert claim(run_id=run.pk, state=run.state, now=NOW)
    assert claim(run_id=run.pk, state=run.state, now=NOW) is None
    running.work(run_id=run.pk, now=NOW)
    run.refresh_from_db()
    assert run.state == State.READING


def test_a_dead_workers_import_is_taken_over_and_a_late_one_finds_its_claim_gone(topic: Topic) -> None:
    run = receive(topic=topic)
    dead = claim(run_id=run.pk, state=run.state, now=NOW)
    assert dead
    ImportRun.objects.filter(pk=run.pk).update(heard_at=NOW)
    assert ImportRun.objects.owed(LATER).get() == run
    running.work(run_id=run.pk, now=LATER + timedelta(seconds=LEASE_SECONDS))
    run.refresh_from_db()
    assert (run.state, run.items.count()) == (State.READY, 2)
    with pytest.raises(ClaimLostError):
        dead.release(state=State.REFUSED)


def test_a_file_that_kills_every_worker_is_given_up() -> None:
    run = receive()
    ImportRun.objects.filter(pk=run.pk).update(attempts=MAX_ATTEMPTS)
    running.work(run_id=run.pk, now=NOW)
    run.refresh_from_db()
    assert run.state == State.REFUSED and "never finished" in run.notes[0]["message"]


def test_when_the_database_is_away_the_work_waits_for_the_next_try() -> None:
    run = receive()
    with (
        mock.patch("questions.importing.reading.duplicates.refresh", side_effect=OperationalError("gone")),
        pytest.raises(OperationalError),
    ):
        running.work(run_id=run.pk, now=NOW)
    run.refresh_from_db()
    assert (run.state, run.claim, run.attempts) == (State.READING, None, 0)


def test_an_unknown_run_is_nobodys_work() -> None:
    with pytest.raises(ImportRun.DoesNotExist):
        running.work(run_id=UUID(int=1), now=NOW)


def test_progress_is_told_while_a_file_is_read(topic: Topic) -> None:
    run = receive(GIFT * 200, topic=topic)
    with mock.patch("questions.importing.claims.HEARTBEAT_SECONDS", 0.0):
        running.work(run_id=run.pk, now=NOW)
    run.refresh_from_db()
    assert 0 < run.progress <= run.progress_total == run.size_bytes


def test_forgetting_takes_only_old_files_that_were_not_imported(topic: Topic) -> None:
    imported, old = carry_out(read(topic=topic)), read(topic=topic)
    ImportRun.objects.update(heard_at=NOW)
    recent = read(topic=topic)
    ImportRun.objects.filter(pk=recent.pk).update(heard_at=LATER)
    assert running.forget_old(before=LATER, most=10) == 1
    assert set(ImportRun.objects.all()) == {imported, recent}
    assert not ImportRun.objects.filter(pk=old.pk).exists()


def test_of_an_old_import_the_record_stays_without_a_second_copy_of_the_words(topic: Topic) -> None:
    run = carry_out(read(GIFT + b"\n::Essay:: What is bias? {}\n", topic=topic))
    ImportRun.objects.filter(pk=run.pk).update(heard_at=NOW)
    running.forget_old(before=LATER, most=10)
    assert [(item.title, bool(item.values)) for item in items(run)] == [
        ("Bias", False),
        ("Coins", False),
        ("Essay", True),
    ]
