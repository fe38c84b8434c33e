"""Proposed phrasings: which sentence is found, which answers give one, and what a curator's decision does."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import User
from questions import curating
from questions.models import Question, QuestionVersion
from sessions import proposals, scoring
from sessions.grading import Status
from sessions.models import PhrasingProposal, ProposedSentence, Score, VerdictDispute
from sessions.proposals.finding import MAX_LENGTH, likely_sentence, normal_words
from tests.factories import (
    NOW,
    make_approval,
    make_content,
    make_curator,
    make_question,
    make_review,
    make_session,
    make_user,
)
from tests.sessions.disputing import POINT, SAID, disputed_answer
from tests.sessions.sitting import LATER

# --- Finding -----------------------------------------------------------------------------------------------------


def test_the_sentence_that_shares_most_telling_words_is_found() -> None:
    body = "I would begin with a baseline. A missed fraud costs more than a false alarm. That is all."
    wanted = "The threshold follows from the cost of a missed fraud against a false alarm"
    assert likely_sentence(body, wanted, taken=[]) == "A missed fraud costs more than a false alarm."


def test_without_a_shared_word_the_longest_sentence_is_taken() -> None:
    body = f"Well. {SAID} Done."
    assert (
        likely_sentence(body, "Weigh both errors", taken=[]) == "It hinges upon whichever mistake hurts the business."
    )


def test_evidence_for_another_point_is_not_taken_for_this_one() -> None:
    body = "Precision and recall. Accuracy lies."
    assert likely_sentence(body, "precision and recall", taken=[(0, 20)]) == "Accuracy lies."
    assert likely_sentence(body, "precision and recall", taken=[(0, len(body))]) == ""


@pytest.mark.parametrize("body", ["", "   ", "...", "It is what it is."])
def test_an_answer_that_tells_nothing_has_no_sentence(body: str) -> None:
    assert likely_sentence(body, "precision and recall", taken=[]) == ""


def test_a_long_sentence_is_cut_between_words() -> None:
    found = likely_sentence("calibration " * 30, "calibration", taken=[])
    assert len(found) <= MAX_LENGTH and set(found.split()) == {"calibration"}


def test_phrasings_that_differ_in_case_and_punctuation_are_the_same() -> None:
    assert normal_words("Weigh the costs!") == normal_words("weigh  the “costs”")
    assert normal_words("Weigh the costs") != normal_words("Weigh the benefits")


# --- Gathering ---------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def gathered() -> list[tuple[str, str, bool]]:
    proposals.gather_sentences()
    return list(ProposedSentence.objects.order_by("key", "words").values_list("key", "words", "is_confirmed"))


def test_a_disputed_point_gives_the_sentence_that_may_say_it() -> None:
    disputed_answer(make_question())
    assert gathered() == [(POINT, SAID, False)]


def test_an_answer_without_a_dispute_gives_nothing_however_people_scored_it() -> None:
    answer = disputed_answer(make_question())
    VerdictDispute.objects.all().delete()
    person_score(answer, Score.Source.MENTOR, Status.FOUND)
    assert gathered() == []


def person_score(answer: Any, source: Score.Source, status: Status, key: str = POINT) -> Score:
    verdicts = scoring.automatic_score(answer.scores.all())
    assert verdicts is not None
    ticked = [raw | ({"status": status} if raw["key"] == key else {}) for raw in verdicts.verdicts]
    return Score.objects.create(
        answer=answer, source=source, author=make_user(), points=1, max_points=1, verdicts=ticked, created_at=LATER
    )


def test_an_objection_to_an_older_score_gives_nothing_however_people_scored_the_newer_one() -> None:
    answer = disputed_answer(make_question())
    person_score(answer, Score.Source.MENTOR, Status.FOUND)
    older = scoring.automatic_score(answer.scores.all())
    assert older is not None
    Score.objects.create(
        answer=answer, source="automatic", grader=older.grader, grader_version=99, points=older.points, max_points=1,
        verdicts=older.verdicts, created_at=LATER + timedelta(days=1),
    )  # fmt: skip
    assert gathered() == []


def test_a_mentor_who_found_the_point_confirms_it() -> None:
    person_score(disputed_answer(make_question()), Score.Source.MENTOR, Status.FOUND)
    assert gathered() == [(POINT, SAID, True)]


def test_another_point_of_a_disputed_answer_counts_where_its_candidate_ticked_it() -> None:
    answer = disputed_answer(make_question(), body="Precision and recall matter here. " + SAID, key="accuracy-misleads")
    assert [key for key, _words, _confirmed in gathered()] == ["accuracy-misleads"]
    person_score(answer, Score.Source.SELF, Status.FOUND)
    assert [key for key, _words, _confirmed in gathered()] == ["accuracy-misleads", POINT]


def test_a_dispute_about_what_was_found_is_no_proposal() -> None:
    answer = disputed_answer(make_question())
    score = answer.scores.get()
    score.verdicts = [raw | {"status": "found"} for raw in score.verdicts]
    score.save()
    assert gathered() == []


def test_gathering_again_adds_nothing_and_a_dispute_taken_back_leaves_at_once() -> None:
    disputed_answer(make_question())
    assert len(gathered()) == len(gathered()) == 1
    VerdictDispute.objects.all().delete()
    assert not ProposedSentence.objects.exists()


def test_what_a_deleted_account_said_is_gone_at_once() -> None:
    candidate = make_user()
    disputed_answer(make_question(), candidate=candidate)
    gathered()
    candidate.delete()
    assert not ProposedSentence.objects.exists()


def test_words_that_are_accepted_by_now_are_not_proposed() -> None:
    question = make_question()
    disputed_answer(question)
    raw = make_content().model_dump(mode="json")
    raw["key_points"][2]["accepted"].append(SAID.upper())
    version = curating.write_draft(
        question=question, content=type(make_content()).parse(raw), actor=make_curator(), now=NOW
    )
    assert len(gathered()) == 1
    make_approval(version)
    curating.publish_version(version=version, actor=make_curator(), now=NOW)
    assert gathered() == []


@pytest.mark.parametrize("count", [1, 4])
def test_gathering_costs_the_same_however_many_answers_there_are(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    question = make_question()
    for _ in range(count):
        disputed_answer(question)
    with django_assert_num_queries(9):
        proposals.gather_sentences()


# --- Deciding ----------------------------------------------------------------------------------------------------


def proposed(question: Question, *, body: str = SAID) -> UUID:
    disputed_answer(question, body=body)
    proposals.gather_sentences()
    return ProposedSentence.objects.get(question=question, words=body).proposal


def add(chosen: dict[UUID, str], actor: User | None = None) -> proposals.Outcome:
    return proposals.add_phrasings(chosen=chosen, actor=actor or make_curator(), now=NOW)


def accepted(version: QuestionVersion) -> list[str]:
    return list(next(point for point in version.content.key_points if point.key == POINT).accepted)


def open_ids() -> list[UUID]:
    return [row["proposal"] for row in proposals.open_proposals()]


def test_people_who_say_the_same_are_one_proposal_that_counts_them() -> None:
    question = make_question()
    for body in (SAID, SAID.upper(), SAID.replace(".", "!")):
        disputed_answer(question, body=body)
    proposals.gather_sentences()
    (row,) = proposals.open_proposals()
    assert (row["people"], row["confirmed"]) == (3, False)


def test_one_person_twice_is_one_person() -> None:
    question, candidate = make_question(), make_user()
    disputed_answer(question, candidate=candidate)
    disputed_answer(question, candidate=candidate)
    proposals.gather_sentences()
    assert [row["people"] for row in proposals.open_proposals()] == [1]


def test_confirmed_proposals_come_first_then_those_of_most_people() -> None:
    often, confirmed, once = make_question("a"), make_question("b"), make_question("c")
    for question in (once, often, often):
        disputed_answer(question)
    person_score(disputed_answer(confirmed), Score.Source.MENTOR, Status.FOUND)
    proposals.gather_sentences()
    assert [row["question"] for row in proposals.open_proposals()] == [confirmed.pk, often.pk, once.pk]


def test_adding_writes_a_draft_with_the_words_as_edited_and_publishes_nothing() -> None:
    question, curator = make_question(), make_curator()
    before = question.current_version
    outcome = add({proposed(question): "  weigh both\n mistakes "}, curator)
    (draft,) = outcome.drafts
    assert (outcome.added, outcome.refusals) == (1, [])
    assert accepted(draft)[-1] == "weigh both mistakes"
    assert draft.created_by == curator and not draft.is_published
    question.refresh_from_db()
    assert question.current_version == before
    assert open_ids() == []


def test_several_phrasings_of_a_question_are_one_draft_and_more_go_to_the_same() -> None:
    question, curator = make_question(), make_curator()
    first, second = proposed(question), proposed(question, body="Whichever mistake hurts more decides.")
    outcome = add({first: "one way", second: "another way"}, curator)
    third = proposed(question, body="The dearer mistake sets the bar.")
    again = add({third: "a third way"}, curator)
    assert len(outcome.drafts) == 1 and again.drafts == outcome.drafts
    assert accepted(QuestionVersion.objects.get(pk=again.drafts[0].pk))[1:] == ["one way", "another way", "a third way"]


def test_words_that_are_accepted_already_are_not_written_twice() -> None:
    question = make_question()
    outcome = add({proposed(question): "WEIGH the cost of false negatives against false positives!"})
    assert outcome.added == 1
    assert question.versions.count() == 1
    assert open_ids() == []


def test_a_question_in_review_is_left_alone_and_the_proposal_stays() -> None:
    question, other = make_question(), make_question()
    blocked, free = proposed(question), proposed(other)
    draft = curating.write_draft(question=question, content=make_content(), actor=make_curator(), now=NOW)
    review = make_review(draft)
    outcome = add({blocked: "one way", free: "one way"})
    assert outcome.added == 1 and "in review" in outcome.refusals[0]
    review.refresh_from_db()
    assert review.is_waiting
    assert open_ids() == [blocked]


@pytest.mark.parametrize("words", ["", "  ", "!?"])
def test_a_phrasing_needs_words(words: str) -> None:
    proposal = proposed(make_question())
    outcome = add({proposal: words})
    assert outcome.added == 0 and len(outcome.refusals) == 1
    assert open_ids() == [proposal]


def test_a_point_that_the_newest_version_has_no_more_cannot_be_added_to() -> None:
    question = make_question()
    proposal = proposed(question)
    raw = make_content().model_dump(mode="json")
    raw["key_points"] = raw["key_points"][:2]
    curating.write_draft(question=question, content=type(make_content()).parse(raw), actor=make_curator(), now=NOW)
    outcome = add({proposal: "one way"})
    assert outcome.added == 0 and "no longer has" in outcome.refusals[0]
    assert open_ids() == [proposal]


def test_adding_twice_adds_once() -> None:
    proposal = proposed(make_question())
    add({proposal: "one way"})
    outcome = add({proposal: "another way"})
    assert (outcome.added, outcome.refusals) == (0, [])
    assert PhrasingProposal.objects.get().phrasing == "one way"


def test_a_draft_that_is_thrown_away_opens_its_proposals_again() -> None:
    proposal, curator = proposed(make_question()), make_curator()
    (draft,) = add({proposal: "one way"}, curator).drafts
    curating.discard_draft(version=draft, actor=curator, now=NOW)
    assert open_ids() == [proposal]


def test_what_is_dismissed_does_not_come_back_until_it_is_brought_back() -> None:
    question, curator = make_question(), make_curator()
    proposal = proposed(question)
    assert proposals.dismiss(ids=[proposal], actor=curator, now=NOW) == 1
    assert proposals.dismiss(ids=[proposal], actor=curator, now=NOW) == 0
    disputed_answer(question, body=SAID.upper())
    proposals.gather_sentences()
    assert open_ids() == []
    assert [row["people"] for row in proposals.dismissed_proposals()] == [2]
    assert proposals.last_dismissed(curator, now=NOW + timedelta(minutes=5)) == [proposal]
    assert proposals.last_dismissed(curator, now=NOW + timedelta(hours=2)) == []
    assert proposals.bring_back(ids=[proposal]) == 1
    assert open_ids() == [proposal]


def test_what_was_added_cannot_be_brought_back() -> None:
    proposal = proposed(make_question())
    add({proposal: "one way"})
    assert proposals.bring_back(ids=[proposal]) == 0
    assert open_ids() == []


def test_a_decision_on_what_is_gone_does_nothing() -> None:
    assert proposals.dismiss(ids=[uuid4()], actor=make_curator(), now=NOW) == 0
    assert add({uuid4(): "one way"}).added == 0
    assert not PhrasingProposal.objects.exists()


def test_a_decision_keeps_no_words_of_a_candidate() -> None:
    proposal = proposed(make_question())
    proposals.dismiss(ids=[proposal], actor=make_curator(), now=NOW)
    assert SAID not in str(PhrasingProposal.objects.values().get())


def test_a_retired_question_has_no_proposals() -> None:
    question = make_question()
    proposed(question)
    curating.retire_question(question=question, actor=make_curator(), now=NOW)
    assert open_ids() == []


def test_a_running_interview_gives_nothing() -> None:
    make_session()
    assert gathered() == []
