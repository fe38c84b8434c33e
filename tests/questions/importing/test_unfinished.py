"""A question that an import could not complete: whoever edits it begins with what the file said."""

import pytest
from django.urls import reverse

from questions.editing.typed import of_content, raw
from questions.importing.unfinished import imported_words, typed_of
from questions.models import Question
from tests.clients import signed_in
from tests.factories import BY_KIND, make_content, make_curator, make_question, make_topic
from tests.questions.importing.runs import carry_out, read
from tests.questions.importing.test_round_trips import RICH

ESSAY = b"::Bias:: What is **bias**, and what is it not? {}\n"


@pytest.mark.parametrize("kind", BY_KIND)
def test_what_is_complete_reads_the_same_as_in_the_editor(kind: str) -> None:
    content = make_content(kind)
    assert raw(typed_of(content.model_dump(mode="json"))) == raw(of_content(content))


def test_code_and_lists_come_along() -> None:
    content = make_content(**RICH)
    assert raw(typed_of(content.model_dump(mode="json"))) == raw(of_content(content))


@pytest.mark.parametrize("values", [{}, {"choices": "nonsense", "code": 3, "tags": None, "numeric_answer": []}])
def test_what_is_not_there_or_nonsense_stays_empty(values: dict[str, object]) -> None:
    assert typed_of(values)["prompt"] == ""


@pytest.mark.django_db
def test_every_curator_begins_with_the_words_of_the_file() -> None:
    carry_out(read(ESSAY, topic=make_topic()))
    question = Question.objects.get()
    page = signed_in(make_curator()).get(reverse("bank:edit", args=[question.pk]))
    text = page.content.decode()
    assert "What is **bias**, and what is it not?" in text and "CC-BY-4.0" in text


@pytest.mark.django_db
def test_the_page_of_an_unfinished_question_says_where_its_words_are() -> None:
    carry_out(read(ESSAY, topic=make_topic()))
    page = signed_in(make_curator()).get(reverse("bank:question", args=[Question.objects.get().pk])).content.decode()
    assert "<h1>Bias</h1>" in page and "waits in the editor" in page and "Complete it" in page
    assert "Write the first version" not in page and "before the bank kept a history" not in page


@pytest.mark.django_db
def test_a_question_that_no_import_left_unfinished_has_no_such_words() -> None:
    assert imported_words(make_question()) is None
