"""Working copies and saving: nothing typed is lost, and nobody writes over anybody else."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from interviewprep.accounts.models import User
from questions import curating, publishing
from questions.editing import copies, saving
from questions.editing import typed as forms
from questions.editing.alike import alike
from questions.editing.copies import Base, CopyBehindError, CopyRefusedError
from questions.models import Question, QuestionVersion, WorkingCopy
from tests.factories import NOW, OPEN, make_content, make_curator, make_question, make_topic

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ada() -> User:
    return make_curator("ada@example.com")


@pytest.fixture
def mo() -> User:
    return make_curator("mo@example.com")


@pytest.fixture
def question() -> Question:
    return make_question("coins", **OPEN)


def newest(question: Question) -> QuestionVersion:
    version = question.versions.order_by("-number").first()
    assert version
    return version


def keep(owner: User, question: Question | None = None, title: str = "Half a", **more: Any) -> WorkingCopy:
    copy = keep_or_not(owner, question, title, **more)
    assert copy
    return copy


def keep_or_not(
    owner: User, question: Question | None = None, title: str = "Half a", **more: Any
) -> WorkingCopy | None:
    arguments: dict[str, Any] = {"copy_id": uuid4(), "base": Base(), "revision": 0, "now": LATER} | more
    typed = {**forms.blank(author=""), "title": title}
    return copies.keep(owner=owner, question=question, typed=typed, **arguments)


# --- Working copies -------------------------------------------------------------------------------------------------


def test_what_was_typed_is_kept_however_incomplete(ada: User, question: Question) -> None:
    base = Base.of(newest(question))
    first = keep(ada, question, base=base)
    second = keep(ada, question, title="Half a title", base=base, revision=first.revision)
    assert (second.pk, second.revision) == (first.pk, 2)
    copy = copies.copy_of(ada, question)
    assert copy and copy.typed["title"] == "Half a title" and copy.base_id == base.version_id


def test_keeping_the_same_words_again_changes_nothing(ada: User, question: Question) -> None:
    first = keep(ada, question)
    again = keep(ada, question, now=LATER + timedelta(hours=1))
    assert (again.revision, again.saved_at) == (first.revision, first.saved_at)


def test_a_tab_that_is_behind_is_told_and_writes_over_nothing(ada: User, question: Question) -> None:
    first = keep(ada, question)
    keep(ada, question, title="Newer", revision=first.revision)
    with pytest.raises(CopyBehindError) as refusal:
        keep(ada, question, title="Older", revision=first.revision)
    assert refusal.value.stored and refusal.value.stored.typed["title"] == "Newer"
    assert WorkingCopy.objects.get().typed["title"] == "Newer"
    kept = keep(ada, question, title="Older", revision=first.revision, even_if_behind=True)
    assert (kept.typed["title"], kept.revision) == ("Older", 3)


def test_a_second_tab_on_the_same_question_does_not_begin_a_second_copy(ada: User, question: Question) -> None:
    keep(ada, question)
    with pytest.raises(CopyBehindError):
        keep(ada, question, title="From another tab")
    assert WorkingCopy.objects.count() == 1


def test_words_that_arrive_after_they_were_saved_or_thrown_away_do_not_come_back(ada: User, question: Question) -> None:
    copy = keep(ada, question)
    copies.throw_away(owner=ada, copy_id=copy.pk)
    with pytest.raises(CopyBehindError, match="saved or thrown away"):
        keep(ada, question, title="Late", revision=copy.revision)
    assert keep(ada, question, title="Late", revision=copy.revision, even_if_behind=True).typed["title"] == "Late"


def test_what_the_newest_version_says_already_is_not_kept(ada: User, question: Question) -> None:
    typed = forms.of_content(newest(question).content)
    base = Base.of(newest(question))
    kept = copies.keep(copy_id=uuid4(), owner=ada, question=question, typed=typed, base=base, revision=0, now=LATER)
    assert kept is None and not WorkingCopy.objects.exists()


def test_words_about_a_version_that_somebody_threw_away_are_kept_and_saved(
    ada: User, mo: User, question: Question
) -> None:
    draft = curating.write_draft(question=question, content=make_content(title="A draft"), actor=mo, now=NOW)
    base = Base.of(draft)
    copy = keep(ada, question, base=base)
    curating.discard_draft(version=draft, actor=mo, now=NOW)
    again = keep(ada, question, title="Half a title", base=base, revision=copy.revision)
    assert (again.typed["title"], again.base) == ("Half a title", None)
    copies.throw_away(owner=ada, copy_id=again.pk)
    assert keep(ada, question, title="From another tab", base=base).base is None
    with pytest.raises(saving.OvertakenError):
        saving.save(question=question, content=make_content(title="Mine"), base=base, actor=ada, now=LATER)


def test_people_have_copies_of_their_own(ada: User, mo: User, question: Question) -> None:
    own, other = keep(ada, question), keep(mo, question, title="Mine")
    assert own.pk != other.pk
    assert [copy.owner for copy in copies.others_writing(ada, question, now=LATER)] == [mo]
    much_later = LATER + timedelta(minutes=31)
    assert copies.others_writing(ada, question, now=much_later) == []


def test_nobody_writes_into_somebody_elses_copy_by_its_id(ada: User, mo: User) -> None:
    own = keep(ada)
    with pytest.raises(CopyRefusedError):
        keep(mo, copy_id=own.pk, title="Stolen")
    assert WorkingCopy.objects.get().typed["title"] == "Half a"
    assert not copies.throw_away(owner=mo, copy_id=own.pk)
    assert copies.throw_away(owner=ada, copy_id=own.pk) and not copies.throw_away(owner=ada, copy_id=own.pk)


def test_several_new_questions_can_be_begun_but_not_any_number(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST_UNFINISHED", 2)
    keep(ada)
    keep(ada)
    with pytest.raises(CopyRefusedError, match="Save or throw away"):
        keep(ada)
    assert copies.unfinished(ada).count() == 2


def test_a_copy_that_is_far_too_large_is_refused_in_words(ada: User) -> None:
    with pytest.raises(CopyRefusedError, match="Shorten"):
        keep(ada, title="x" * copies.LARGEST_BYTES)


# --- Saving ---------------------------------------------------------------------------------------------------------


def save(question: Question, actor: User, base: Base | None = None, **fields: Any) -> saving.Saved:
    content = make_content(**OPEN | fields)
    return saving.save(
        question=question, content=content, base=base or Base.of(newest(question)), actor=actor, now=LATER
    )


def test_saving_makes_a_draft_and_ends_the_working_copy(ada: User, mo: User, question: Question) -> None:
    keep(ada, question)
    keep(mo, question)
    saved = save(question, ada, title="Another title")
    assert (saved.version.number, saved.version.is_published, saved.version.created_by) == (2, False, ada)
    assert [copy.owner for copy in WorkingCopy.objects.all()] == [mo]
    question.refresh_from_db()
    assert question.current_version and question.current_version.number == 1


def test_going_on_with_ones_own_draft_writes_over_it_and_with_another_persons_does_not(
    ada: User, mo: User, question: Question
) -> None:
    save(question, ada, title="Second")
    assert save(question, ada, title="Second, again").version.number == 2
    assert save(question, mo, title="Third").version.number == 3


def test_whoever_saves_second_is_told_and_nothing_is_written(ada: User, mo: User, question: Question) -> None:
    base = Base.of(newest(question))
    theirs = save(question, mo, title="Theirs").version
    with pytest.raises(saving.OvertakenError) as overtaken:
        save(question, ada, base, title="Mine")
    assert overtaken.value.newest == theirs
    assert question.versions.count() == 2
    assert save(question, ada, Base.of(theirs), title="Mine").version.number == 3


def test_a_draft_changed_in_place_counts_as_a_newer_one(ada: User, mo: User, question: Question) -> None:
    first = save(question, mo, title="Theirs").version
    base = Base.of(first)
    save(question, mo, title="Theirs, better")
    with pytest.raises(saving.OvertakenError):
        save(question, ada, base, title="Mine")


def test_saving_what_is_there_already_adds_no_version(ada: User, question: Question) -> None:
    version = newest(question)
    saved = saving.save(question=question, content=version.content, base=Base.of(version), actor=ada, now=LATER)
    assert saved.is_same and saved.version == version and question.versions.count() == 1


def test_pressing_save_twice_saves_once(ada: User, question: Question) -> None:
    base, content = Base.of(newest(question)), make_content(**OPEN)
    for _ in range(2):
        saving.save(question=question, content=content, base=base, actor=ada, now=LATER)
    assert question.versions.count() == 2


def test_words_in_review_are_withdrawn_by_writing_on_and_decided_ones_stay(ada: User, question: Question) -> None:
    draft = save(question, ada, title="Second").version
    curating.submit(version=draft, actor=ada, now=LATER)
    save(question, ada, title="Second, better")
    assert not draft.reviews.filter(state="waiting").exists()


def test_a_new_question_becomes_a_draft_with_a_slug_of_its_own(ada: User) -> None:
    topic, copy = make_topic(), keep(ada)
    content = make_content(**OPEN | {"title": "Metric for rare fraud"})
    make_question("metric-for-rare-fraud")
    version = saving.create(content=content, topic=topic, slug="", copy_id=copy.pk, actor=ada, now=LATER)
    question = version.question
    assert (question.slug, question.status, question.topic) == ("metric-for-rare-fraud-2", "draft", topic)
    assert version.created_by == ada and not WorkingCopy.objects.exists()
    assert [event.kind for event in question.events.all()] == ["created"]


def test_a_slug_in_use_is_refused_and_nothing_created(ada: User, question: Question) -> None:
    before = Question.objects.count()
    with pytest.raises(saving.SlugTakenError):
        saving.create(content=make_content(), topic=question.topic, slug="coins", copy_id=uuid4(), actor=ada, now=LATER)
    assert Question.objects.count() == before


@pytest.mark.parametrize("title", ["???", "x" * 100, "Ünïcode"])
def test_every_title_makes_a_slug(title: str) -> None:
    slug = saving.free_slug(title)
    assert slug and len(slug) <= 60
    Question.objects.create(slug=slug, topic=make_topic())
    assert saving.free_slug(title) != slug


# --- Asked already --------------------------------------------------------------------------------------------------

PROMPT = (
    "A camera sorts bottles on a line, and one in 160 has a crack. A model claims an accuracy of 99.4 %. Is it good?"
)


def test_a_question_that_is_asked_already_is_found_while_it_is_typed() -> None:
    bottles = make_question("bottles", prompt=PROMPT, kind="numeric", title="Cracked bottles")
    make_question(kind="single")
    again = PROMPT.replace("crack", "flaw").replace("camera", "machine")
    for typed in (again[:70], again):
        found = alike(prompt=typed, answer="")
        assert [each.question_id for each in found] == [bottles.pk]
    assert found[0].is_too_much and found[0].percent > 50
    assert alike(prompt=again, answer="", but=bottles.pk) == []


def test_what_is_asked_already_is_found_under_whatever_title() -> None:
    title = "What a figure of 99.4 % is worth where faults are so rare"
    bottles = make_question("bottles", prompt=PROMPT, kind="numeric", title=title)
    assert [each.question_id for each in alike(prompt=PROMPT, answer="")] == [bottles.pk]


def test_what_is_asked_already_is_looked_up_in_the_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'questions_asked_like'")
        compared = re.search(r"WHERE (.+) % left", cursor.fetchone()[0])
        assert compared
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT 1 FROM questions_bankentry WHERE {compared[1]} % 'bottles'")
        assert "bank_entry_prompt" in "".join(line for (line,) in cursor.fetchall())


def test_a_question_about_something_else_is_not_alike() -> None:
    make_question("bottles", prompt=PROMPT, kind="numeric")
    other = "How does the threshold of a classifier follow from what a miss and a false alarm cost?"
    assert alike(prompt=other, answer="") == []
    assert alike(prompt="A camera", answer="") == []


def test_drafts_are_compared_too() -> None:
    question = make_question("bottles", kind="numeric")
    publishing.add_version(question=question, content=make_content("numeric", prompt=PROMPT), author=None)
    assert [each.question_id for each in alike(prompt=PROMPT, answer="")] == [question.pk]
