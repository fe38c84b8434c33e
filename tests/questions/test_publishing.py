"""Versions are written once: what was published never changes, whoever saves it and whenever."""

import threading
import time

import pytest
from django.db import connections, transaction

from questions.models import ImmutableVersionError, QuestionVersion
from questions.publishing import NothingToPublishError, add_version, publish
from tests.factories import NOW, make_content, make_question

pytestmark = pytest.mark.django_db


def newest_of(title: str = "A draft") -> QuestionVersion:
    return make_question(published=False, title=title).versions.get()


def test_a_draft_can_be_changed_and_its_digest_follows() -> None:
    draft = newest_of(title="Before")
    digest = draft.digest
    draft.title = "After"
    draft.save()
    draft.refresh_from_db()
    assert (draft.title, draft.digest != digest) == ("After", True)


def test_a_published_version_can_neither_be_saved_nor_deleted() -> None:
    version = newest_of(title="Before")
    publish(question=version.question, version=version, now=NOW)
    version.title = "After"
    with pytest.raises(ImmutableVersionError):
        version.save()
    with pytest.raises(ImmutableVersionError):
        version.delete()
    assert QuestionVersion.objects.get().title == "Before"


@pytest.mark.django_db(transaction=True)
def test_a_draft_saved_while_it_is_being_published_does_not_overwrite_it() -> None:
    draft = newest_of(title="Before")
    published = threading.Event()

    def publish_slowly() -> None:
        with transaction.atomic():
            publish(question=draft.question, version=QuestionVersion.objects.get(), now=NOW)
            published.set()
            time.sleep(0.5)  # the other side is blocked meanwhile, and cannot say so
        connections.close_all()

    thread = threading.Thread(target=publish_slowly)
    thread.start()
    assert published.wait(10)
    draft.title = "After"
    with pytest.raises(ImmutableVersionError):
        draft.save()
    thread.join()
    stored = QuestionVersion.objects.get()
    assert (stored.title, stored.published_at) == ("Before", NOW)


def test_the_same_words_again_are_no_new_version() -> None:
    content = make_content()
    question = make_question(published=False)
    first = add_version(question=question, content=content, author=None)
    assert add_version(question=question, content=content, author=None) == first


def test_another_question_s_version_cannot_be_published() -> None:
    question, other = make_question(), newest_of()
    with pytest.raises(NothingToPublishError):
        publish(question=question, version=other, now=NOW)
