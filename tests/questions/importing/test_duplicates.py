"""When two questions are taken for the same, and which one is named."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from questions.importing import duplicates
from questions.models import ImportItem, Question, QuestionVersion, Topic, VersionFingerprint
from questions.publishing import add_version
from tests.factories import make_content, make_question, make_topic
from tests.questions.importing.runs import items, read

Match = ImportItem.Match


def same(one: str, other: str) -> bool:
    return duplicates.fingerprint({"prompt": one}) == duplicates.fingerprint({"prompt": other})


@pytest.mark.parametrize(
    "other",
    [
        "what is BIAS",
        "What  is\nbias?!",
        "What is *bias*?",
        "What is [bias](https://example.org)?",
        "What is bi\u0308as\u0308?".replace("\u0308", ""),
        "What is b\u00edas?",
    ],
)
def test_case_punctuation_markup_and_accents_make_no_difference(other: str) -> None:
    assert same("What is bias?", other)


@pytest.mark.parametrize("other", ["What is variance?", "What is bias in ADA?", "What, is, biasvariance?"])
def test_other_words_make_another_question(other: str) -> None:
    assert not same("What is bias?", other)


def test_two_formulas_without_a_letter_are_not_the_same() -> None:
    assert not same("$+$", "$-$")


def test_the_choices_belong_to_what_is_asked_and_their_order_does_not() -> None:
    def mark(*texts: str) -> str:
        return duplicates.fingerprint({"prompt": "Which is true?", "choices": [{"text": text} for text in texts]})

    assert mark("A", "B") == mark("b", "a.")
    assert mark("A", "B") != mark("A", "C")


@pytest.fixture
def topic() -> Topic:
    return make_topic()


def gift(prompt: str) -> bytes:
    return f"::New:: {prompt} {{=four#x}}\n".encode()


@pytest.mark.django_db
def test_the_same_words_in_the_bank_are_found_also_in_an_older_version(topic: Topic) -> None:
    question = make_question("old", topic=topic, prompt="What is  bias")
    add_version(question=question, content=make_content(prompt="Something else?"), author=None)
    (item,) = items(read(gift("What is bias?"), topic=topic))
    assert (item.match, item.matched) == (Match.TEXT, question)


@pytest.mark.django_db
def test_a_draft_that_was_changed_is_compared_by_its_newest_words(topic: Topic) -> None:
    question = make_question("old", topic=topic, published=False, prompt="What is bias?")
    duplicates.refresh()
    version = QuestionVersion.objects.get()
    version.prompt = "What is variance?"
    version.save()
    assert items(read(gift("What is bias?"), topic=topic))[0].match == Match.NONE
    assert items(read(gift("What is variance?"), topic=topic))[0].matched == question


@pytest.mark.django_db
def test_the_second_of_two_in_one_file_is_the_duplicate(topic: Topic) -> None:
    first, second = items(read(gift("What is bias?") + b"\n" + gift("what IS bias"), topic=topic))
    assert (first.match, second.match, second.matched_position) == (Match.NONE, Match.FILE, first.position)
    assert (first.decided, second.decided) == ("add", "skip")


@pytest.mark.django_db
def test_a_fingerprint_is_made_once_for_each_wording() -> None:
    make_question()
    duplicates.refresh()
    duplicates.refresh()
    assert VersionFingerprint.objects.count() == QuestionVersion.objects.count() == 1
    with CaptureQueriesContext(
        connection,
    ) as captured:
        duplicates.refresh()
    assert len(captured) == 1


@pytest.mark.django_db
def test_comparing_costs_the_same_whatever_the_number_of_questions(topic: Topic) -> None:
    def statements(count: int) -> int:
        matcher = duplicates.Matcher()
        batch = [ImportItem(position=n, fingerprint=f"{n:032x}", slug=f"slug-{n}") for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            matcher.match(batch)
        return len(captured)

    assert statements(1) == statements(100) == 3
    assert not Question.objects.exists()
