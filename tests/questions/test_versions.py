"""Published versions are kept in the process; drafts, which may change, never are."""

import pytest
from pytest_django import DjangoAssertNumQueries

from questions.content import Content
from questions.models import QuestionVersion
from questions.publishing import add_version
from questions.versions import published_version
from tests.factories import make_content, make_question

pytestmark = pytest.mark.django_db


def test_a_published_version_is_read_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    version = make_question().current_version
    assert version is not None
    with django_assert_num_queries(1):
        assert [published_version(version.pk), published_version(version.pk)] == [version, version]


def test_a_draft_is_not_given_out() -> None:
    content: Content = make_content(title="A draft")
    draft = add_version(question=make_question(), content=content, author=None)
    with pytest.raises(QuestionVersion.DoesNotExist):
        published_version(draft.pk)
