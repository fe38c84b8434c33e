"""The workflow of a version: who may review it, what an approval is worth, and what the history keeps of it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, InternalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from interviewprep.accounts.models import User
from questions import curating, publishing
from questions.content import Content
from questions.models import (
    AppendOnlyError,
    ImmutableVersionError,
    Question,
    QuestionEvent,
    QuestionVersion,
    Review,
    VersionComment,
)
from tests.factories import (
    NOW,
    make_approval,
    make_content,
    make_curator,
    make_plan,
    make_question,
    make_review,
    make_session,
    make_topic,
    questions_of,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
State, Kind = Review.State, QuestionEvent.Kind


@pytest.fixture
def author() -> User:
    return make_curator("author@example.com", name="Ada")


@pytest.fixture
def reviewer() -> User:
    return make_curator("reviewer@example.com", name="Mo")


@pytest.fixture
def question() -> Question:
    return make_question()


@pytest.fixture
def draft(question: Question, author: User) -> QuestionVersion:
    return write(question, author)


def write(question: Question, author: User, **fields: Any) -> QuestionVersion:
    return curating.write_draft(question=question, content=make_content(**fields), actor=author, now=NOW)


def ticked(version: QuestionVersion) -> list[str]:
    return [item.key for item in curating.checklist_of(version)]


def approve(review: Review, reviewer: User, **changed: Any) -> Review:
    told: dict[str, Any] = {"checklist": ticked(review.version), "now": LATER} | changed
    return curating.approve(review_id=review.pk, actor=reviewer, **told)


def kinds_of(question: Question) -> list[str]:
    return list(question.events.order_by("pk").values_list("kind", flat=True))


def status_of(question: Question) -> str:
    return Question.objects.get(pk=question.pk).status


# Submitting


def test_a_submitted_version_waits_for_somebody_else(draft: QuestionVersion, author: User) -> None:
    review = curating.submit(version=draft, actor=author, message="Is the second point fair?", now=NOW)
    assert (review.state, review.digest, review.submitted_by) == (State.WAITING, draft.digest, author)
    event = draft.question.events.latest("pk")
    assert (event.kind, event.actor, event.note, event.at) == (Kind.SUBMITTED, author, "Is the second point fair?", NOW)


def test_submitting_twice_is_submitting_once(draft: QuestionVersion, author: User) -> None:
    first = curating.submit(version=draft, actor=author, now=NOW)
    assert curating.submit(version=draft, actor=author, now=LATER) == first
    assert kinds_of(draft.question).count(Kind.SUBMITTED) == 1


def test_a_question_never_published_says_whether_it_is_in_review(author: User, reviewer: User) -> None:
    question = make_question(published=False)
    version = write(question, author)
    assert status_of(question) == Question.Status.DRAFT
    review = curating.submit(version=version, actor=author, now=NOW)
    assert status_of(question) == Question.Status.IN_REVIEW
    curating.request_changes(review_id=review.pk, actor=reviewer, note="Say which metric.", now=LATER)
    assert status_of(question) == Question.Status.DRAFT
    again = curating.submit(version=version, actor=author, now=LATER)
    approve(again, reviewer)
    assert status_of(question) == Question.Status.IN_REVIEW
    curating.publish_version(version=version, actor=author, now=LATER)
    assert status_of(question) == Question.Status.PUBLISHED


def test_a_published_question_stays_published_while_its_next_version_is_in_review(
    draft: QuestionVersion, author: User
) -> None:
    curating.submit(version=draft, actor=author, now=NOW)
    assert status_of(draft.question) == Question.Status.PUBLISHED


def test_only_the_newest_version_is_submitted(draft: QuestionVersion, author: User) -> None:
    publishing.add_version(question=draft.question, content=make_content(), author=author)
    with pytest.raises(curating.NotNewestError):
        curating.submit(version=draft, actor=author, now=NOW)


def test_what_was_published_or_says_nothing_new_is_not_submitted(question: Question, author: User) -> None:
    assert question.current_version is not None
    with pytest.raises(curating.RefusedError, match="published before"):
        curating.submit(version=question.current_version, actor=author, now=NOW)
    copy = curating.revise(question=question, actor=author, now=NOW)
    with pytest.raises(curating.NothingNewError):
        curating.submit(version=copy, actor=author, now=NOW)


def test_an_approved_version_is_not_submitted_again(draft: QuestionVersion, author: User) -> None:
    make_approval(draft)
    with pytest.raises(curating.RefusedError, match="approved already"):
        curating.submit(version=draft, actor=author, now=NOW)


# Deciding


def test_the_author_cannot_approve_what_somebody_else_submitted(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    review = curating.submit(version=draft, actor=reviewer, now=NOW)
    with pytest.raises(curating.OwnWorkError):
        approve(review, author)
    with pytest.raises(curating.OwnWorkError):
        curating.request_changes(review_id=review.pk, actor=author, note="No.", now=LATER)
    assert Review.objects.get().state == State.WAITING


def test_who_submitted_cannot_approve_what_somebody_else_wrote(draft: QuestionVersion, reviewer: User) -> None:
    review = curating.submit(version=draft, actor=reviewer, now=NOW)
    with pytest.raises(curating.OwnWorkError):
        approve(review, reviewer)


def test_the_database_refuses_a_reviewer_who_submitted(draft: QuestionVersion, author: User) -> None:
    review = curating.submit(version=draft, actor=author, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(reviewer=author)


def test_somebody_else_approves_with_every_point_ticked(draft: QuestionVersion, author: User, reviewer: User) -> None:
    review = approve(curating.submit(version=draft, actor=author, now=NOW), reviewer, note="Good.")
    assert (review.state, review.reviewer, review.decided_at) == (State.APPROVED, reviewer, LATER)
    assert review.checklist == ticked(draft)
    assert curating.approval_of(draft) == review


@pytest.mark.parametrize("kind", ["open", "single", "multiple", "numeric"])
def test_an_approval_with_a_point_unticked_is_refused_and_names_it(kind: str, author: User, reviewer: User) -> None:
    version = write(make_question(), author, kind=kind)
    review = curating.submit(version=version, actor=author, now=NOW)
    for key in ticked(version):
        with pytest.raises(curating.ChecklistError) as refusal:
            approve(review, reviewer, checklist=[other for other in ticked(version) if other != key])
        assert refusal.value.missing == [key]
    assert Review.objects.get().state == State.WAITING


def test_changes_are_asked_for_in_words(draft: QuestionVersion, author: User, reviewer: User) -> None:
    review = curating.submit(version=draft, actor=author, now=NOW)
    with pytest.raises(curating.RefusedError, match="Say what should change"):
        curating.request_changes(review_id=review.pk, actor=reviewer, note="  ", now=LATER)
    sent_back = curating.request_changes(
        review_id=review.pk, actor=reviewer, note="Name the metric.", checklist=["true", "nonsense"], now=LATER
    )
    assert (sent_back.state, sent_back.checklist) == (State.CHANGES, ["true"])
    event = draft.question.events.latest("pk")
    assert (event.kind, event.actor, event.note) == (Kind.CHANGES_REQUESTED, reviewer, "Name the metric.")


def test_a_decided_review_is_closed(draft: QuestionVersion, author: User, reviewer: User) -> None:
    review = approve(curating.submit(version=draft, actor=author, now=NOW), reviewer)
    for decide in (
        approve,
        lambda review, person: curating.request_changes(review_id=review.pk, actor=person, note="Wait.", now=LATER),
    ):
        with pytest.raises(curating.ReviewClosedError):
            decide(review, make_curator())
    assert Review.objects.get().reviewer == reviewer


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_the_same_moment_one_is_told_so(draft: QuestionVersion, author: User) -> None:
    review = curating.submit(version=draft, actor=author, now=NOW)
    start, outcomes = threading.Barrier(2), []

    def decide(person: User) -> None:
        start.wait(10)
        try:
            outcomes.append(approve(review, person).state)
        except curating.ReviewClosedError:
            outcomes.append("closed")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=[make_curator()]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [State.APPROVED, "closed"]
    assert kinds_of(draft.question).count(Kind.APPROVED) == 1


def test_words_changed_behind_the_review_cannot_be_approved(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    review = curating.submit(version=draft, actor=author, now=NOW)
    QuestionVersion.objects.filter(pk=draft.pk).update(digest="0" * 64)
    with pytest.raises(curating.ReviewClosedError):
        approve(review, reviewer)


def test_a_review_is_withdrawn_and_submitted_again(draft: QuestionVersion, author: User, reviewer: User) -> None:
    review = curating.submit(version=draft, actor=author, now=NOW)
    assert curating.withdraw(review_id=review.pk, actor=author, now=LATER)
    assert not curating.withdraw(review_id=review.pk, actor=author, now=LATER)
    with pytest.raises(curating.ReviewClosedError):
        approve(review, reviewer)
    assert curating.submit(version=draft, actor=author, now=LATER) != review


def test_an_approval_can_be_taken_back_until_it_is_used(draft: QuestionVersion, author: User, reviewer: User) -> None:
    review = approve(curating.submit(version=draft, actor=author, now=NOW), reviewer)
    assert curating.withdraw(review_id=review.pk, actor=reviewer, now=LATER)
    with pytest.raises(curating.NotApprovedError):
        curating.publish_version(version=draft, actor=author, now=LATER)
    again = approve(curating.submit(version=draft, actor=author, now=LATER), reviewer)
    curating.publish_version(version=draft, actor=author, now=LATER)
    assert not curating.withdraw(review_id=again.pk, actor=reviewer, now=LATER)


# Writing


def test_an_author_writes_over_their_own_draft(draft: QuestionVersion, author: User) -> None:
    content = draft.content.model_copy(update={"title": "Another title"})
    written = curating.write_draft(question=draft.question, version=draft, content=content, actor=author, now=LATER)
    assert (written.pk, written.title) == (draft.pk, "Another title")
    event = draft.question.events.latest("pk")
    assert (event.kind, event.data["fields"]) == (Kind.EDITED, ["title"])


def test_a_change_by_somebody_else_is_the_next_version_so_that_the_author_can_review_it(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    content = draft.content.model_copy(update={"title": "By another hand"})
    written = curating.write_draft(question=draft.question, version=draft, content=content, actor=reviewer, now=LATER)
    assert (written.number, written.created_by) == (draft.number + 1, reviewer)
    assert QuestionVersion.objects.get(pk=draft.pk).created_by == author
    review = curating.submit(version=written, actor=reviewer, now=LATER)
    assert approve(review, author).is_approved


@pytest.mark.parametrize("labels", [{"tags": ["costs"]}, {"difficulty": "hard"}])
def test_whoever_only_labels_words_does_not_make_their_author_a_reviewer(
    labels: dict[str, Any], draft: QuestionVersion, author: User, reviewer: User
) -> None:
    content = Content.parse(draft.content.model_dump(mode="json") | labels)
    labelled = curating.write_draft(question=draft.question, content=content, actor=reviewer, now=LATER)
    assert (labelled.number, labelled.created_by) == (draft.number + 1, author)
    review = curating.submit(version=labelled, actor=reviewer, now=LATER)
    with pytest.raises(curating.OwnWorkError):
        approve(review, author)
    curating.withdraw(review_id=review.pk, actor=reviewer, now=LATER)
    assert approve(curating.submit(version=labelled, actor=author, now=LATER), reviewer).is_approved


def test_a_copy_of_words_that_were_sent_back_is_still_by_their_author(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    review = curating.submit(version=draft, actor=author, now=NOW)
    curating.request_changes(review_id=review.pk, actor=reviewer, note="Shorter.", now=NOW)
    copy = curating.revise(question=draft.question, actor=reviewer, now=LATER)
    again = curating.submit(version=copy, actor=reviewer, now=LATER)
    with pytest.raises(curating.OwnWorkError):
        approve(again, author)


def test_editing_a_version_in_review_withdraws_it(draft: QuestionVersion, author: User, reviewer: User) -> None:
    review = curating.submit(version=draft, actor=author, now=NOW)
    content = draft.content.model_copy(update={"title": "Changed in review"})
    curating.write_draft(question=draft.question, version=draft, content=content, actor=author, now=LATER)
    assert Review.objects.get().state == State.WITHDRAWN
    with pytest.raises(curating.ReviewClosedError):
        approve(review, reviewer)
    assert kinds_of(draft.question)[-2:] == [Kind.EDITED, Kind.WITHDRAWN]


def test_saving_the_same_words_changes_nothing(draft: QuestionVersion, author: User) -> None:
    curating.submit(version=draft, actor=author, now=NOW)
    before = kinds_of(draft.question)
    curating.write_draft(question=draft.question, version=draft, content=draft.content, actor=author, now=LATER)
    assert Review.objects.get().is_waiting
    assert kinds_of(draft.question) == before


def test_newer_words_of_anybody_take_older_ones_out_of_review(draft: QuestionVersion, author: User) -> None:
    curating.submit(version=draft, actor=author, now=NOW)
    write(draft.question, make_curator())
    assert Review.objects.get().state == State.WITHDRAWN
    assert draft.question.events.latest("pk").data["overtaken"]


def test_what_a_reviewer_decided_on_stays_and_a_change_is_the_next_version(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    review = curating.submit(version=draft, actor=author, now=NOW)
    curating.request_changes(review_id=review.pk, actor=reviewer, note="Name the metric.", now=LATER)
    draft.title = "Changed in place"
    with pytest.raises(ImmutableVersionError):
        draft.save()
    content = make_content(title="As asked")
    written = curating.write_draft(question=draft.question, version=draft, content=content, actor=author, now=LATER)
    assert (written.number, QuestionVersion.objects.get(pk=draft.pk).digest) == (draft.number + 1, draft.digest)


def test_going_on_with_a_version_that_was_sent_back_starts_from_a_copy(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    assert curating.revise(question=draft.question, actor=author, now=NOW) == draft
    review = curating.submit(version=draft, actor=author, now=NOW)
    curating.request_changes(review_id=review.pk, actor=reviewer, note="Name the metric.", now=LATER)
    copy = curating.revise(question=draft.question, actor=author, now=LATER)
    assert (copy.number, copy.digest) == (draft.number + 1, draft.digest)
    assert curating.revise(question=draft.question, actor=author, now=LATER) == copy


def test_words_written_over_meanwhile_are_not_lost(draft: QuestionVersion, author: User) -> None:
    opened = draft.digest
    first, second = make_content(title="First tab"), make_content(title="Second tab")
    curating.write_draft(
        question=draft.question, version=draft, content=first, actor=author, now=LATER, base_digest=opened
    )
    with pytest.raises(curating.DraftChangedError) as refusal:
        curating.write_draft(
            question=draft.question, version=draft, content=second, actor=author, now=LATER, base_digest=opened
        )
    assert refusal.value.stored.title == "First tab"
    assert QuestionVersion.objects.get(pk=draft.pk).title == "First tab"


def test_a_draft_is_thrown_away_and_its_number_is_not_used_again(draft: QuestionVersion, author: User) -> None:
    number, question = draft.number, draft.question
    curating.submit(version=draft, actor=author, now=NOW)
    assert curating.discard_draft(version=draft, actor=author, now=LATER)
    assert not curating.discard_draft(version=draft, actor=author, now=LATER)
    assert write(question, author).number == number + 1
    event = question.events.get(kind=Kind.DISCARDED)
    assert (event.version_number, event.version) == (number, None)


def test_throwing_the_only_draft_away_takes_the_question_out_of_review(author: User) -> None:
    question = Question.objects.create(slug="new", topic=make_topic())
    version = write(question, author)
    curating.submit(version=version, actor=author, now=NOW)
    curating.discard_draft(version=version, actor=author, now=LATER)
    assert status_of(question) == Question.Status.DRAFT


def test_what_is_done_with_a_version_thrown_away_meanwhile_is_refused(
    draft: QuestionVersion, author: User, reviewer: User
) -> None:
    review = curating.submit(version=draft, actor=author, now=NOW)
    curating.discard_draft(version=QuestionVersion.objects.get(pk=draft.pk), actor=reviewer, now=NOW)
    with pytest.raises(curating.RefusedError, match="thrown it away"):
        curating.submit(version=draft, actor=author, now=LATER)
    with pytest.raises(curating.RefusedError, match="thrown it away"):
        curating.publish_version(version=draft, actor=author, now=LATER)
    with pytest.raises(curating.ReviewClosedError, match="thrown its version away"):
        approve(review, reviewer)
    assert not curating.withdraw(review_id=review.pk, actor=author, now=LATER)


def test_a_published_version_is_not_thrown_away(question: Question, author: User) -> None:
    assert question.current_version is not None
    with pytest.raises(curating.RefusedError, match="It stays"):
        curating.discard_draft(version=question.current_version, actor=author, now=NOW)


# Publishing


def test_nothing_is_published_without_an_approval(draft: QuestionVersion, author: User, reviewer: User) -> None:
    for without_review in (False, True):
        with pytest.raises(curating.NotApprovedError):
            curating.publish_version(version=draft, actor=author, now=NOW, without_review=without_review)
    curating.submit(version=draft, actor=author, now=NOW)
    with pytest.raises(curating.NotApprovedError):
        curating.publish_version(version=draft, actor=reviewer, now=NOW)
    draft.question.refresh_from_db()
    assert draft.question.current_version != draft


def test_an_approved_version_reaches_new_interviews_only(draft: QuestionVersion, author: User) -> None:
    question = draft.question
    running = make_session(plan=make_plan(questions=[question]))
    make_approval(draft)
    curating.publish_version(version=draft, actor=author, now=LATER)
    question.refresh_from_db()
    assert (question.current_version, status_of(question)) == (draft, Question.Status.PUBLISHED)
    assert questions_of(running)[0].version.number == 1
    assert questions_of(make_session(plan=running.plan, now=LATER))[0].version == draft
    event = question.events.latest("pk")
    assert (event.kind, event.actor, event.data) == (Kind.PUBLISHED, author, {"replaces": 1})


def test_the_permission_publishes_without_review_and_the_history_says_so(draft: QuestionVersion, author: User) -> None:
    author.user_permissions.add(Permission.objects.get(codename="publish_without_review"))
    allowed = User.objects.get(pk=author.pk)
    with pytest.raises(curating.NotApprovedError):
        curating.publish_version(version=draft, actor=allowed, now=NOW)
    review = make_review(draft)
    curating.publish_version(version=draft, actor=allowed, now=NOW, without_review=True)
    assert draft.question.events.get(kind=Kind.PUBLISHED, version=draft).data["without_review"]
    review.refresh_from_db()
    assert review.state == State.WITHDRAWN


def test_an_approval_counts_for_its_own_version_only(draft: QuestionVersion, author: User) -> None:
    make_approval(draft)
    newer = write(draft.question, author)
    with pytest.raises(curating.NotApprovedError):
        curating.publish_version(version=newer, actor=author, now=LATER)
    curating.publish_version(version=draft, actor=author, now=LATER)


def test_words_that_were_published_before_need_no_second_approval(draft: QuestionVersion, author: User) -> None:
    question = draft.question
    first = question.versions.get(number=1)
    make_approval(draft)
    curating.publish_version(version=draft, actor=author, now=NOW)
    curating.publish_version(version=first, actor=author, now=LATER)
    question.refresh_from_db()
    assert question.current_version == first
    with pytest.raises(curating.NothingNewError):
        curating.publish_version(version=first, actor=author, now=LATER)


def test_an_approval_from_before_a_newer_version_was_published_is_stale(draft: QuestionVersion, author: User) -> None:
    make_approval(draft)
    loaded = publishing.add_version(question=draft.question, content=make_content(), author=None)
    publishing.publish(question=draft.question, version=loaded, now=NOW)
    with pytest.raises(curating.NotNewestError):
        curating.publish_version(version=draft, actor=author, now=LATER)


def test_files_publish_without_review_and_take_older_drafts_out_of_it(draft: QuestionVersion) -> None:
    make_review(draft)
    loaded = publishing.add_version(question=draft.question, content=make_content(), author=None)
    publishing.publish(question=draft.question, version=loaded, now=NOW)
    assert Review.objects.get().state == State.WITHDRAWN
    event = draft.question.events.get(kind=Kind.PUBLISHED, version=loaded)
    assert (event.actor, event.data["by_command"]) == (None, True)


# Retiring and restoring


def test_retiring_and_restoring_touch_no_running_interview(question: Question, author: User) -> None:
    running = make_session(plan=make_plan(questions=[question]))
    before = questions_of(running)[0].version_id
    assert curating.retire_question(question=question, actor=author, note="Outdated.", now=NOW)
    assert not curating.retire_question(question=question, actor=author, now=NOW)
    assert status_of(question) == Question.Status.RETIRED
    assert curating.restore_question(question=question, actor=author, now=LATER)
    assert not curating.restore_question(question=question, actor=author, now=LATER)
    assert status_of(question) == Question.Status.PUBLISHED
    assert questions_of(running)[0].version_id == before
    assert kinds_of(question)[-2:] == [Kind.RETIRED, Kind.RESTORED]
    assert question.events.get(kind=Kind.RETIRED).note == "Outdated."


def test_a_restored_question_that_was_never_published_is_a_draft_again(author: User) -> None:
    question = make_question(published=False)
    curating.submit(version=write(question, author), actor=author, now=NOW)
    curating.retire_question(question=question, actor=author, now=NOW)
    curating.restore_question(question=question, actor=author, now=LATER)
    assert status_of(question) == Question.Status.IN_REVIEW


def test_a_question_moves_with_a_line_in_its_history(question: Question, author: User) -> None:
    topic = make_topic("metrics")
    assert curating.move_question(question=question, topic=topic, actor=author, now=NOW)
    assert not curating.move_question(question=question, topic=topic, actor=author, now=NOW)
    event = question.events.latest("pk")
    assert (event.kind, event.data["to"]) == (Kind.MOVED, "metrics")


# Comments


def test_a_comment_is_resolved_and_opened_again(draft: QuestionVersion, author: User, reviewer: User) -> None:
    comment = curating.add_comment(version=draft, actor=reviewer, body=" Which one?\r\n", field="prompt", now=NOW)
    assert (comment.body, comment.field, comment.author) == ("Which one?", "prompt", reviewer)
    assert curating.resolve_comment(comment_id=comment.pk, actor=author, now=LATER)
    assert not curating.resolve_comment(comment_id=comment.pk, actor=author, now=LATER)
    comment.refresh_from_db()
    assert (comment.resolved_at, comment.resolved_by) == (LATER, author)
    assert curating.reopen_comment(comment_id=comment.pk, actor=reviewer, now=LATER)
    assert not curating.reopen_comment(comment_id=comment.pk, actor=reviewer, now=LATER)
    assert kinds_of(draft.question)[-3:] == [Kind.COMMENTED, Kind.RESOLVED, Kind.REOPENED]


@pytest.mark.parametrize("told", [{"body": " "}, {"body": "x" * 4_001}, {"body": "Fine", "field": "digest"}])
def test_an_unusable_comment_is_refused(told: dict[str, str], draft: QuestionVersion, author: User) -> None:
    with pytest.raises(curating.RefusedError):
        curating.add_comment(version=draft, actor=author, now=NOW, **told)
    assert not VersionComment.objects.exists()


# The history


def test_an_event_can_neither_be_changed_nor_deleted(question: Question) -> None:
    event = question.events.latest("pk")
    event.note = "Nothing happened."
    with pytest.raises(AppendOnlyError):
        event.save()
    with pytest.raises(AppendOnlyError):
        event.delete()
    for change in ({"note": "Nothing happened."}, {"kind": "retired"}, {"at": LATER}, {"version_number": 9}):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            QuestionEvent.objects.filter(pk=event.pk).update(**change)


def test_the_history_outlives_the_account_that_made_it(draft: QuestionVersion, author: User) -> None:
    curating.submit(version=draft, actor=author, now=NOW)
    author.delete()
    event = draft.question.events.latest("pk")
    assert (event.kind, event.actor) == (Kind.SUBMITTED, None)
    assert curating.Entry(event).who == "A deleted account"


def test_every_kind_of_event_has_words(question: Question) -> None:
    facts: list[dict[str, Any]] = [
        {},
        {"replaces": 1},
        {"without_review": True},
        {"without_review": True, "replaces": 1},
        {"overtaken": True},
        {"edited": True},
        {"approval": True},
        {"fields": ["prompt", "key_points"]},
        {"field": "prompt"},
        {"from": "a", "to": "b"},
        {"copied_from": 1},
        {"imported": "quiz.gift"},
    ]
    for kind in Kind:
        for data in facts:
            event = QuestionEvent(question=question, version_number=3, kind=kind, data=data)
            words = curating.Entry(event).words
            assert words
            assert "%(" not in words
    published = QuestionEvent(question=question, version_number=3, kind=Kind.PUBLISHED, data={"replaces": 2})
    assert curating.Entry(published).words == "published version 3 in place of version 2"


def test_loading_many_questions_records_them_in_the_same_few_statements() -> None:
    topic = make_topic()

    def load(count: int, prefix: str) -> int:
        new = [
            publishing.NewQuestion(slug=f"{prefix}-{number}", topic=topic, content=make_content())
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as queries:
            publishing.create_published(questions=new, now=NOW)
        return len(queries)

    assert load(2, "a") == load(40, "b")
    assert QuestionEvent.objects.filter(kind=Kind.PUBLISHED).count() == 42


# The queue


def queue_titles(user: User) -> dict[str, list[str]]:
    queue = curating.queue_of(user)
    return {
        name: [review.version.title for review in getattr(queue, name)]
        for name in ("waiting", "returned", "submitted", "approved")
    }


def test_each_curator_finds_what_is_theirs_to_do(author: User, reviewer: User) -> None:
    waiting, returned, approved = (write(make_question(), author, title=f"Version {n}") for n in "ABC")
    curating.submit(version=waiting, actor=author, now=NOW)
    review = curating.submit(version=returned, actor=author, now=NOW)
    curating.request_changes(review_id=review.pk, actor=reviewer, note="Shorter.", now=LATER)
    approve(curating.submit(version=approved, actor=author, now=NOW), reviewer)
    assert queue_titles(author) == {
        "waiting": [],
        "returned": ["Version B"],
        "submitted": ["Version A"],
        "approved": ["Version C"],
    }
    assert queue_titles(reviewer) == {
        "waiting": ["Version A"],
        "returned": [],
        "submitted": [],
        "approved": ["Version C"],
    }


def test_what_is_dealt_with_leaves_the_queue(author: User, reviewer: User) -> None:
    returned, approved = (write(make_question(), author, title=f"Version {n}") for n in "AB")
    review = curating.submit(version=returned, actor=author, now=NOW)
    curating.request_changes(review_id=review.pk, actor=reviewer, note="Shorter.", now=LATER)
    write(returned.question, author)
    approve(curating.submit(version=approved, actor=author, now=NOW), reviewer)
    curating.publish_version(version=approved, actor=reviewer, now=LATER)
    assert queue_titles(author) == {"waiting": [], "returned": [], "submitted": [], "approved": []}


def test_an_approval_that_newer_files_overtook_is_not_offered_any_more(author: User) -> None:
    draft = write(make_question(), author)
    make_approval(draft)
    loaded: Content = make_content()
    publishing.publish(
        question=draft.question,
        version=publishing.add_version(question=draft.question, content=loaded, author=None),
        now=NOW,
    )
    assert queue_titles(author)["approved"] == []
