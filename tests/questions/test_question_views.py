"""The pages of the workflow: who gets in, what they show, and that every button does what it says."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import User
from questions import curating
from questions.models import Question, QuestionVersion, Review, VersionComment
from tests.clients import as_guest, signed_in
from tests.factories import (
    BY_KIND,
    CODING,
    DEMANDING,
    NOW,
    make_approval,
    make_content,
    make_curator,
    make_guest,
    make_mentor,
    make_plan,
    make_question,
    make_review,
    make_session,
    make_user,
    questions_of,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def author() -> User:
    return make_curator("author@example.com", name="Ada")


@pytest.fixture
def reviewer() -> User:
    return make_curator("reviewer@example.com", name="Mo")


@pytest.fixture
def question() -> Question:
    return make_question("rare-fraud", title="Rare fraud")


@pytest.fixture
def draft(question: Question, author: User) -> QuestionVersion:
    return curating.write_draft(question=question, content=make_content(title="Rarer fraud"), actor=author, now=NOW)


def url(name: str, *arguments: Any) -> str:
    return reverse(f"bank:{name}", args=arguments)


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def said(response: Any) -> str:
    """Return what the page says after a redirect."""
    return words(response)


def addresses(draft: QuestionVersion) -> Iterator[tuple[str, bool]]:
    """Yield every address of these pages, and whether reading is enough for it."""
    comment = curating.add_comment(version=draft, actor=make_curator(), body="Why?", now=NOW)
    review = make_review(draft)
    question_id = draft.question_id
    yield url("question", question_id), True
    yield url("diff", question_id), True
    for name in ("retire", "restore"):
        yield url(name, question_id), False
    for name in ("submit", "publish", "discard", "comment"):
        yield url(name, draft.pk), False
    for name in ("review", "review_withdraw"):
        yield url(name, review.pk), False
    for name in ("comment_resolve", "comment_reopen"):
        yield url(name, comment.pk), False
    yield url("reviews"), False


# Who gets in


def test_nobody_but_curators_gets_in(draft: QuestionVersion) -> None:
    before = list(draft.question.events.values_list("pk", flat=True))
    pages = list(addresses(draft))
    before = list(draft.question.events.values_list("pk", flat=True))
    login = reverse("account_login")
    for address, _reading in pages:
        for client in (Client(), as_guest(make_guest())):
            for answer in (client.get(address), client.post(address)):
                assert answer.status_code == 405 or answer["Location"].startswith(f"{login}?next=")
        for stranger in (make_user(), make_mentor(), make_user(is_staff=True)):
            client = signed_in(stranger)
            assert {client.get(address).status_code, client.post(address).status_code} <= {403, 405}
    assert list(draft.question.events.values_list("pk", flat=True)) == before


def test_who_may_read_the_bank_reads_and_is_offered_nothing(draft: QuestionVersion) -> None:
    reader = make_user()
    reader.user_permissions.add(Permission.objects.get(codename="view_question"))
    client = signed_in(reader)
    for address, reading in addresses(draft):
        status = client.get(address).status_code
        assert status == 200 if reading else status in {403, 405}
    page = client.get(url("question", draft.question_id)).content.decode()
    main = page[page.index("<main") :]
    assert "<form" not in main
    assert "Submit version" not in main


def test_a_background_request_of_somebody_signed_out_swaps_no_page_in(draft: QuestionVersion) -> None:
    answer = Client().post(url("comment", draft.pk), {"body": "Why?"}, headers=HTMX)
    assert (answer.status_code, answer["HX-Reswap"], answer.content) == (401, "none", b"")


def test_what_is_not_there_is_not_found(author: User, question: Question) -> None:
    client = signed_in(author)
    for name in ("question", "diff", "submit", "publish", "discard", "review"):
        assert client.get(url(name, uuid4())).status_code == 404
    assert client.get(url("question", question.pk), {"version": "7"}).status_code == 404
    assert client.get(url("question", question.pk), {"version": "x"}).status_code == 404
    assert client.get(url("diff", question.pk)).status_code == 404


def test_nothing_happens_by_looking(draft: QuestionVersion, author: User) -> None:
    client = signed_in(author)
    pages = list(addresses(draft))
    before = list(draft.question.events.values_list("pk", flat=True))
    for address, _reading in pages:
        assert client.get(address).status_code in {200, 405}
    assert list(draft.question.events.values_list("pk", flat=True)) == before


# The page


@pytest.mark.parametrize("kind", BY_KIND)
def test_the_page_shows_everything_of_every_kind(kind: str, reviewer: User) -> None:
    question = make_question(kind=kind)
    assert question.current_version is not None
    content = question.current_version.content
    text = words(signed_in(reviewer).get(url("question", question.pk)))
    points = [point.text for point in content.key_points]
    choices = [text for choice in content.choices for text in (choice.text, choice.explanation)]
    for expected in (content.title, content.prompt, content.reference_answer, *points, *choices, *content.follow_ups):
        assert expected in text


def test_the_page_shows_what_a_key_point_demands_as_it_was_written(reviewer: User) -> None:
    nasty = "<script>alert(1)</script> | $x$"
    question = make_question(key_points=[DEMANDING | {"required": ["variance | spread", nasty]}])
    page = signed_in(reviewer).get(url("question", question.pk))
    text = words(page)
    assert "Must be said: “variance | spread”" in text and "Must be stated: 4.5 ± 0.25 ms" in text
    assert "Any 2 of these: “bagging | bootstrap”, “boosting”, “P(A|B)”" in text
    assert "<script>alert" not in page.content.decode()


def test_figures_are_plain_decimals_on_the_page_and_in_the_form(reviewer: User) -> None:
    small = {"value": 1e-05, "tolerance": 2.5e-06, "unit": "s"}
    demanding = make_question(key_points=[DEMANDING | {"number": small}])
    numeric = make_question(kind="numeric", numeric_answer=small)
    client = signed_in(reviewer)
    assert "Must be stated: 0.00001 ± 0.0000025 s" in words(client.get(url("question", demanding.pk)))
    assert "0.00001 s, give or take 0.0000025" in words(client.get(url("question", numeric.pk)))
    assert 'value="0.00001"' in client.get(url("edit", demanding.pk)).content.decode()


def test_the_page_shows_code_with_cases_misconceptions_and_samples(reviewer: User) -> None:
    question = make_question(**CODING)
    text = words(signed_in(reviewer).get(url("question", question.pk)))
    for expected in ("area(0)", "It grows with its square.", "Begin with the formula.", "Pi times the radius."):
        assert expected in text


def test_the_page_shows_the_version_that_interviews_get_or_the_one_asked_for(
    draft: QuestionVersion, reviewer: User
) -> None:
    client = signed_in(reviewer)
    page = words(client.get(url("question", draft.question_id)))
    assert "version 1: current" in page
    assert "There is a newer version 2: draft." in page
    assert "version 2: draft" in words(client.get(url("question", draft.question_id), {"version": "2"}))


def test_markup_in_a_question_stays_text(reviewer: User) -> None:
    question = make_question(title="<script>alert(1)</script>", prompt="<script>alert(2)</script>")
    page = signed_in(reviewer).get(url("question", question.pk)).content.decode()
    assert "<script>alert" not in page


def test_a_question_without_a_version_says_so_and_offers_to_write_one(author: User, question: Question) -> None:
    empty = Question.objects.create(slug="empty", topic=question.topic)
    client = signed_in(author)
    page = words(client.get(url("question", empty.pk)))
    assert "This question has no version yet" in page
    assert "Write the first version" in page
    assert client.get(url("edit", empty.pk)).status_code == 200


def steps(client: Client, question_id: UUID, **query: str) -> list[str]:
    response: Any = client.get(url("question", question_id), query)
    return [step.label for step in response.context["steps"]]


def next_step(client: Client, question_id: UUID) -> list[str]:
    response: Any = client.get(url("question", question_id))
    return [step.label for step in response.context["steps"] if step.is_next]


def test_each_state_offers_its_next_step_to_whom_it_belongs(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    mine, theirs, id_ = signed_in(author), signed_in(reviewer), draft.question_id
    assert next_step(mine, id_) == next_step(theirs, id_) == ["Submit version 2 for review"]
    review = make_review(draft, by=author)
    assert (next_step(mine, id_), next_step(theirs, id_)) == ([], ["Review version 2"])
    keys = [item.key for item in curating.checklist_of(draft)]
    curating.approve(review_id=review.pk, actor=reviewer, checklist=keys, now=NOW)
    assert next_step(mine, id_) == next_step(theirs, id_) == ["Publish version 2"]
    curating.publish_version(version=draft, actor=author, now=NOW)
    assert (next_step(mine, id_), steps(mine, id_)) == ([], ["Edit as a new version", "Retire the question"])
    assert "Make version 1 current again" in steps(mine, id_, version="1")
    curating.retire_question(question=draft.question, actor=author, now=NOW)
    assert next_step(mine, id_) == ["Restore the question"]


def test_publishing_without_review_is_offered_to_those_with_the_permission_only(draft: QuestionVersion) -> None:
    label = "Publish version 2 without review"
    assert label not in steps(signed_in(make_curator()), draft.question_id)
    assert label in steps(signed_in(make_curator(without_review=True)), draft.question_id)


@pytest.mark.parametrize("count", [1, 9])
def test_the_page_costs_the_same_statements_for_any_number_of_versions(
    count: int, question: Question, author: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        version = curating.write_draft(question=question, content=make_content(), actor=author, now=NOW)
        curating.add_comment(version=version, actor=author, body="Why?", now=NOW)
        make_review(version)
    client = signed_in(author)
    address = url("question", question.pk)
    client.get(address, {"version": "2"})
    # user, rights with groups; question, reviews, versions, open flags, events (2); version, comments
    with django_assert_num_queries(10):
        client.get(address, {"version": str(count + 1)})


@pytest.mark.parametrize("count", [1, 9])
def test_the_queue_costs_the_same_statements_for_any_number_of_reviews(
    count: int, author: User, reviewer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        for approved in (False, True):
            version = curating.write_draft(question=make_question(), content=make_content(), actor=author, now=NOW)
            if approved:
                make_approval(version)
            else:
                make_review(version, by=author)
    client = signed_in(reviewer)
    client.get(url("reviews"))
    with django_assert_num_queries(6):
        assert client.get(url("reviews")).content.decode().count('class="review-row"') == 2 * count


# The difference


def test_the_difference_is_shown_word_by_word_in_both_directions(draft: QuestionVersion, reviewer: User) -> None:
    client = signed_in(reviewer)
    page = client.get(url("diff", draft.question_id)).content.decode()
    assert "From version 1 to version 2" in page
    assert "<del>Rare</del><ins>Rarer</ins> fraud" in page
    back = client.get(url("diff", draft.question_id), {"old": "2", "new": "1"}).content.decode()
    assert "<del>Rarer</del><ins>Rare</ins> fraud" in back


def test_two_versions_that_say_the_same_say_so(question: Question, author: User) -> None:
    curating.revise(question=question, actor=author, now=NOW)
    page = words(signed_in(author).get(url("diff", question.pk), {"old": "1", "new": "2"}))
    assert "These two versions say exactly the same." in page


def test_a_strange_query_compares_what_is_there(draft: QuestionVersion, reviewer: User) -> None:
    page = words(signed_in(reviewer).get(url("diff", draft.question_id), {"old": "x", "new": "99"}))
    assert "From version 1 to version 2" in page


# Submitting, publishing, retiring


def test_a_version_is_submitted_with_a_message(draft: QuestionVersion, author: User) -> None:
    client = signed_in(author)
    assert "Somebody else reads it" in words(client.get(url("submit", draft.pk)))
    answer = client.post(url("submit", draft.pk), {"note": "Is it fair?"}, follow=True)
    assert "Version 2 waits for a review by somebody else." in words(answer)
    review = Review.objects.get()
    assert (review.submitted_by, review.message) == (author, "Is it fair?")
    client.post(url("submit", draft.pk), {"note": "Again"})
    assert Review.objects.count() == 1


def test_a_note_that_is_too_long_is_kept_and_refused(draft: QuestionVersion, author: User) -> None:
    answer = signed_in(author).post(url("submit", draft.pk), {"note": "x" * 4_001})
    assert answer.status_code == 422
    assert "x" * 4_001 in answer.content.decode()
    assert not Review.objects.exists()


def test_an_approved_version_is_published_after_a_question(draft: QuestionVersion, author: User) -> None:
    running = make_session(plan=make_plan(questions=[draft.question]))
    make_approval(draft)
    client = signed_in(author)
    asked = words(client.get(url("publish", draft.pk)))
    assert "Interviews under way, reports and transcripts keep theirs." in asked
    assert "Nobody else has approved" not in asked
    answer = client.post(url("publish", draft.pk), follow=True)
    assert "New interviews now get version 2." in words(answer)
    draft.question.refresh_from_db()
    assert draft.question.current_version == draft
    assert questions_of(running)[0].version.number == 1
    for again in (client.get, client.post):
        assert "New interviews get version 2 already." in words(again(url("publish", draft.pk), follow=True))


def test_without_an_approval_publishing_is_refused_in_words(draft: QuestionVersion, author: User) -> None:
    answer = signed_in(author).post(url("publish", draft.pk), follow=True)
    assert "nobody else has approved these words yet" in words(answer)
    draft.refresh_from_db()
    assert not draft.is_published


def test_with_the_permission_publishing_without_review_says_what_it_does(draft: QuestionVersion) -> None:
    client = signed_in(make_curator(without_review=True))
    assert "Nobody else has approved these words." in words(client.get(url("publish", draft.pk)))
    answer = client.post(url("publish", draft.pk), follow=True)
    assert "in place of version 1, without a review" in words(answer)


def test_a_question_is_retired_after_a_question_and_restored_at_once(question: Question, author: User) -> None:
    client = signed_in(author)
    assert "You can restore it at any time." in words(client.get(url("retire", question.pk)))
    client.post(url("retire", question.pk), {"note": "Outdated."})
    question.refresh_from_db()
    assert question.status == Question.Status.RETIRED
    assert question.events.latest("pk").note == "Outdated."
    assert "in the version that was current" in words(client.post(url("restore", question.pk), follow=True))
    question.refresh_from_db()
    assert question.status == Question.Status.PUBLISHED


def test_a_draft_is_thrown_away_after_saying_what_is_lost(draft: QuestionVersion, author: User) -> None:
    client = signed_in(author)
    assert "Its words are lost" in words(client.get(url("discard", draft.pk)))
    assert "Version 2 is thrown away." in words(client.post(url("discard", draft.pk), follow=True))
    assert not QuestionVersion.objects.filter(pk=draft.pk).exists()


def test_a_published_version_is_not_thrown_away(question: Question, author: User) -> None:
    assert question.current_version is not None
    answer = signed_in(author).post(url("discard", question.current_version.pk), follow=True)
    assert "It stays." in words(answer)


def test_the_page_leads_to_the_editor_and_an_earlier_version_to_itself_in_it(
    draft: QuestionVersion, author: User
) -> None:
    make_approval(draft)
    curating.publish_version(version=draft, actor=author, now=NOW)
    editor = url("edit", draft.question_id)
    page = signed_in(author).get(url("question", draft.question_id), {"version": "1"}).content.decode()
    assert f'href="{editor}"' in page
    assert f'href="{editor}?version=1"' in page


# Reviewing


def decide(user: User, review: Review, decision: str, **fields: Any) -> HttpResponse:
    data = {"decision": decision, "checklist": [], "note": ""} | fields
    return signed_in(user).post(url("review", review.pk), data, follow=True)  # type: ignore[return-value]


def ticked(version: QuestionVersion) -> list[str]:
    return [item.key for item in curating.checklist_of(version)]


def test_a_reviewer_sees_what_changes_and_what_to_make_sure_of(draft: QuestionVersion, reviewer: User) -> None:
    review = curating.submit(version=draft, actor=make_curator(), message="Is it fair?", now=NOW)
    page = signed_in(reviewer).get(url("review", review.pk)).content.decode()
    assert "<del>Rare</del><ins>Rarer</ins> fraud" in page
    assert "Is it fair?" in page
    assert page.count('name="checklist"') == len(ticked(draft))


def test_a_reviewer_approves_and_publishes_in_one_go(draft: QuestionVersion, author: User, reviewer: User) -> None:
    page = words(decide(reviewer, make_review(draft, by=author), "publish", checklist=ticked(draft)))
    assert "Version 2 is approved." in page
    assert "New interviews now get version 2." in page
    draft.question.refresh_from_db()
    assert draft.question.current_version == draft


def test_a_reviewer_approves_only(draft: QuestionVersion, author: User, reviewer: User) -> None:
    decide(reviewer, make_review(draft, by=author), "approve", checklist=ticked(draft), note="Good.")
    draft.refresh_from_db()
    assert (Review.objects.get().state, draft.is_published) == (Review.State.APPROVED, False)


def test_an_unticked_point_refuses_the_approval_and_keeps_what_was_typed(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    answer = decide(reviewer, make_review(draft, by=author), "publish", checklist=["true"], note="Nearly.")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Tick every point" in page
    assert "Nearly." in page
    assert re.search(r'value="true"[^>]*checked', page)
    assert Review.objects.get().is_waiting


def test_changes_without_words_are_refused(draft: QuestionVersion, author: User, reviewer: User) -> None:
    answer = decide(reviewer, make_review(draft, by=author), "changes")
    assert (answer.status_code, "Say what should change." in answer.content.decode()) == (422, True)


def test_what_is_sent_back_is_found_by_its_author_with_the_note(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    decide(reviewer, make_review(draft, by=author), "changes", note="Name the metric.")
    page = words(signed_in(author).get(url("reviews")))
    assert "Sent back to you Rarer fraud" in page
    assert "Name the metric." in page
    assert url("edit", draft.question_id) in signed_in(author).get(url("reviews")).content.decode()
    assert next_step(signed_in(author), draft.question_id) == ["Edit as a new version"]


def test_the_next_reviewer_is_told_what_was_asked_for_before(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    decide(reviewer, make_review(draft, by=author), "changes", note="Name the metric.")
    better = curating.write_draft(question=draft.question, content=make_content(), actor=author, now=NOW)
    page = words(signed_in(reviewer).get(url("review", make_review(better, by=author).pk)))
    assert "Asked for in version 2" in page
    assert "Name the metric." in page


def test_the_author_is_not_offered_a_decision_and_cannot_force_one(draft: QuestionVersion, author: User) -> None:
    review = make_review(draft)
    page = signed_in(author).get(url("review", review.pk)).content.decode()
    assert 'name="decision"' not in page
    assert "somebody else reviews it" in page
    answer = decide(author, review, "approve", checklist=ticked(draft))
    assert (answer.status_code, Review.objects.get().is_waiting) == (422, True)


def test_a_decision_that_comes_second_is_refused_in_words(draft: QuestionVersion, author: User, reviewer: User) -> None:
    review = make_review(draft, by=author)
    decide(make_curator(), review, "changes", note="Name the metric.")
    answer = decide(reviewer, review, "approve", checklist=ticked(draft), note="Kept words.")
    assert (answer.status_code, "no longer open" in answer.content.decode()) == (422, True)
    assert "Kept words." in answer.content.decode()


def test_a_review_is_withdrawn_after_a_question(draft: QuestionVersion, author: User) -> None:
    review = make_review(draft, by=author)
    client = signed_in(author)
    assert "leaves the queue" in words(client.get(url("review_withdraw", review.pk)))
    assert "no longer in review" in words(client.post(url("review_withdraw", review.pk), follow=True))
    client.post(url("review_withdraw", review.pk))
    assert Review.objects.get().state == Review.State.WITHDRAWN


def test_an_empty_queue_says_what_would_be_there(author: User) -> None:
    page = words(signed_in(author).get(url("reviews")))
    for expected in ("Nothing waits for you.", "Nothing was sent back.", "You have nothing in review."):
        assert expected in page


# Comments


def test_a_comment_is_written_resolved_and_opened_again(draft: QuestionVersion, author: User) -> None:
    client = signed_in(author)
    answer = client.post(url("comment", draft.pk), {"body": "<b>Why?</b>", "field": "prompt"}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.strip().startswith("<section")
    assert "&lt;b&gt;Why?&lt;/b&gt;" in page
    comment = VersionComment.objects.get()
    assert "The comment is resolved." in words(client.post(url("comment_resolve", comment.pk), headers=HTMX))
    assert "The comment is open again." in words(client.post(url("comment_reopen", comment.pk), follow=True))
    comment.refresh_from_db()
    assert comment.resolved_at is None


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_unusable_comment_is_given_back(headers: dict[str, str], draft: QuestionVersion, author: User) -> None:
    data = {"body": "Keep these words", "field": "nonsense"}
    answer = signed_in(author).post(url("comment", draft.pk), data, headers=headers)
    assert answer.status_code == 422
    assert "Keep these words" in answer.content.decode()
    assert "Choose one of the fields." in answer.content.decode()
    assert not VersionComment.objects.exists()


# The navigation


def test_the_bank_is_in_the_navigation_of_those_who_may_read_it() -> None:
    home = reverse("home")
    for user, expected in ((make_curator(), True), (make_user(), False), (make_mentor(), False)):
        assert (">Bank</a>" in signed_in(user).get(home).content.decode()) is expected
