"""Published versions are kept in the process; drafts, which may change, never are."""

import pytest
from pytest_django import DjangoAssertNumQueries

from questions import versions
from questions.content import Content
from questions.models import QuestionVersion
from questions.publishing import add_version
from questions.versions import published_version, published_versions
from tests.factories import make_content, make_question

pytestmark = pytest.mark.django_db


def test_a_published_version_is_read_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    version = make_question().current_version
    assert version is not None
    with django_assert_num_queries(1):
        assert [published_version(version.pk), published_version(version.pk)] == [version, version]


def test_only_what_is_missing_is_read(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first, second = (make_question().current_version for _ in range(2))
    assert first is not None and second is not None
    published_version(first.pk)
    with django_assert_num_queries(1) as captured:
        assert published_versions([first.pk, second.pk]) == {first.pk: first, second.pk: second}
    assert str(first.pk) not in captured.captured_queries[0]["sql"]
    with django_assert_num_queries(0):
        assert set(published_versions([second.pk, first.pk])) == {first.pk, second.pk}


def test_the_store_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "KEPT_PER_PROCESS", 2)
    ids = [version.pk for version in (make_question().current_version for _ in range(5)) if version]
    for version_id in ids:
        assert published_version(version_id).pk == version_id
    assert len(versions._kept) <= 2


def test_a_draft_is_not_given_out() -> None:
    content: Content = make_content(title="A draft")
    draft = add_version(question=make_question(), content=content, author=None)
    with pytest.raises(QuestionVersion.DoesNotExist):
        published_version(draft.pk)
