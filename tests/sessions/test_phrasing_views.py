"""The page of proposed phrasings: who may see and decide, what it shows, and what each press does."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from interviewprep.accounts.models import User
from questions import curating
from questions.models import Question
from sessions import proposals
from sessions.models import PhrasingProposal, ProposedSentence, VerdictDispute
from sessions.views import phrasings
from tests.clients import as_guest, signed_in
from tests.factories import (
    NOW,
    make_content,
    make_curator,
    make_guest,
    make_mentor,
    make_question,
    make_review,
    make_user,
)
from tests.sessions.disputing import POINT, SAID, disputed_answer

pytestmark = pytest.mark.django_db

URL, DECIDE = "/bank/phrasings/", "/bank/phrasings/decide/"


@pytest.fixture
def curator() -> User:
    return make_curator()


@pytest.fixture
def page(curator: User) -> Client:
    return signed_in(curator)


def proposed(question: Question | None = None, *, body: str = SAID, candidate: User | None = None) -> UUID:
    question = question or make_question()
    disputed_answer(question, body=body, candidate=candidate)
    proposals.gather_sentences()
    return ProposedSentence.objects.get(question=question, words=body).proposal


def read(client: Client, url: str = URL) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def press(client: Client, **data: Any) -> str:
    response = client.post(DECIDE, data, follow=True)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


# --- Who ---------------------------------------------------------------------------------------------------------


def test_the_addresses_are_as_linked() -> None:
    assert (reverse("bank_phrasings"), reverse("bank_phrasings_decide")) == (URL, DECIDE)


@pytest.mark.parametrize("maker", [make_user, make_mentor])
def test_only_curators_see_and_decide(maker: Any) -> None:
    proposal, client = proposed(), signed_in(maker())
    assert client.get(URL).status_code == 403
    assert client.post(DECIDE, {"dismiss": str(proposal)}).status_code == 403
    assert not PhrasingProposal.objects.exists()


def test_not_even_the_candidate_s_mentor_sees_them_here() -> None:
    candidate = make_user()
    proposed(candidate=candidate)
    assert signed_in(make_mentor(of=candidate)).get(URL).status_code == 403
    assert signed_in(candidate).get(URL).status_code == 403


def test_whoever_is_not_signed_in_is_sent_to_the_log_in(client: Client) -> None:
    proposal = proposed()
    assert client.get(URL).status_code == 302
    assert as_guest(make_guest()).get(URL).status_code in {302, 403}
    assert client.post(DECIDE, {"dismiss": str(proposal)}).status_code == 302
    assert not PhrasingProposal.objects.exists()


def test_reading_is_get_and_deciding_is_post(page: Client) -> None:
    assert page.post(URL).status_code == 405
    assert page.get(DECIDE).status_code == 405


# --- What it shows -----------------------------------------------------------------------------------------------


def test_an_empty_page_says_what_would_be_here(page: Client) -> None:
    assert "No proposals. When a candidate says" in read(page)
    assert "Nothing is dismissed." in read(page, f"{URL}?state=dismissed")


def test_a_proposal_stands_beside_what_is_accepted_without_who_said_it(page: Client) -> None:
    candidate = make_user("ada@example.com", name="Ada Lovelace")
    proposed(candidate=candidate)
    shown = read(page)
    assert "The threshold follows from the cost" in shown
    assert "<q>weigh the cost of false negatives against false positives</q>" in shown
    assert f'maxlength="400">{SAID}</textarea>' in shown
    assert "from 1 person" in shown and "confirmed by a mentor" not in shown
    assert "Ada" not in shown and "ada@" not in shown


def test_the_page_is_reached_from_the_bank_by_those_who_may_decide(page: Client) -> None:
    assert f'<a href="{URL}" aria-current="page">' in read(page)
    reader = make_user()
    assert URL not in signed_in(reader).get("/").content.decode()


def test_words_are_escaped(page: Client) -> None:
    proposed(body="The <script>alert(1)</script> dearer mistake decides.")
    shown = read(page)
    assert "<script>alert" not in shown and "&lt;script&gt;alert" in shown


def test_a_question_in_review_offers_no_adding(page: Client) -> None:
    question = make_question()
    proposed(question)
    make_review(curating.write_draft(question=question, content=make_content(), actor=make_curator(), now=NOW))
    shown = read(page)
    assert "Version 2 is being reviewed" in shown
    assert 'name="add" value="' + str(ProposedSentence.objects.get().proposal) not in shown
    assert 'name="dismiss"' in shown


@pytest.mark.parametrize("count", [1, 6])
def test_the_page_costs_the_same_however_many_proposals_there_are(page: Client, count: int) -> None:
    for _ in range(count):
        proposed()
    with CaptureQueriesContext(connection) as captured:
        read(page)
    assert len(captured) == 8


def test_pages_follow_each_other(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrasings, "PROPOSALS_PER_PAGE", 2)
    for _ in range(3):
        proposed()
    first, second = read(page), read(page, f"{URL}?page=2")
    assert "page 1 of 2, 3 proposals" in first and 'href="?page=2"' in first
    assert second.count("<textarea") == 1
    assert read(page, f"{URL}?page=none").count("<textarea") == 2


# --- What a press does -------------------------------------------------------------------------------------------


def test_one_press_adds_the_words_as_they_were_edited(page: Client, curator: User) -> None:
    question = make_question()
    proposal = proposed(question)
    shown = press(page, add=str(proposal), **{f"words-{proposal}": "weigh both mistakes"})
    draft = question.versions.get(number=2)
    point = next(point for point in draft.content.key_points if point.key == POINT)
    assert point.accepted[-1] == "weigh both mistakes" and draft.created_by == curator
    assert "1 phrasing is in a draft" in shown and "No proposals." in shown


def test_ticked_ones_are_added_together_and_the_others_stay(page: Client) -> None:
    ticked, left = [proposed(), proposed()], proposed()
    words = {f"words-{proposal}": f"way {number}" for number, proposal in enumerate([*ticked, left])}
    shown = press(page, add="ticked", chosen=[str(proposal) for proposal in ticked], **words)
    assert set(PhrasingProposal.objects.values_list("pk", flat=True)) == set(ticked)
    assert "2 phrasings are in drafts" in shown and shown.count("<textarea") == 1


def test_a_press_without_a_tick_says_so_and_keeps_what_was_typed(page: Client) -> None:
    proposal = proposed()
    response = page.post(DECIDE, {"add": "ticked", f"words-{proposal}": "weigh both mistakes"})
    shown = response.content.decode()
    assert response.status_code == 422
    assert "Tick the phrasings you mean first." in shown and "weigh both mistakes</textarea>" in shown
    assert not PhrasingProposal.objects.exists()


def test_dismissing_offers_to_undo_and_lists_what_was_dismissed(page: Client) -> None:
    proposal, other = proposed(), proposed()
    shown = press(page, dismiss="ticked", chosen=[str(proposal), str(other)])
    assert "You dismissed 2 proposals." in shown and "No proposals." in shown
    assert read(page, f"{URL}?state=dismissed").count('name="restore"') == 3
    shown = press(page, restore="ticked", chosen=[str(proposal), str(other)])
    assert "2 proposals are open again." in shown and shown.count("<textarea") == 2
    assert "You dismissed" not in shown


def test_one_of_the_dismissed_ones_is_brought_back_from_their_list(page: Client) -> None:
    proposal = proposed()
    press(page, dismiss=str(proposal))
    shown = press(page, restore=str(proposal), state="dismissed")
    assert "Nothing is dismissed." in shown and "1 proposal is open again." in shown


def test_pressing_twice_does_it_once(page: Client) -> None:
    proposal = proposed()
    words = {f"words-{proposal}": "weigh both mistakes"}
    press(page, add=str(proposal), **words)
    assert "Somebody else decided on this meanwhile" in press(page, add=str(proposal), **words)
    assert "Somebody else decided on this meanwhile" in press(page, dismiss=str(proposal))
    assert PhrasingProposal.objects.get().state == PhrasingProposal.State.ADDED


def test_a_press_comes_back_to_the_same_page(page: Client) -> None:
    proposal = proposed()
    there = page.post(DECIDE, {"dismiss": str(proposal), "page": "2", "state": ""})
    assert there.headers["Location"] == f"{URL}?page=2"
    back = page.post(DECIDE, {"restore": str(proposal), "page": "//evil.example", "state": "dismissed"})
    assert back.headers["Location"] == f"{URL}?state=dismissed"


def test_a_refusal_names_the_question_and_the_reason(page: Client) -> None:
    proposal = proposed()
    shown = press(page, add=str(proposal), **{f"words-{proposal}": " "})
    assert "a phrasing needs words" in shown and shown.count("<textarea") == 1


def test_a_dispute_that_was_taken_back_is_gone_from_the_page_at_once(page: Client) -> None:
    proposal = proposed()
    VerdictDispute.objects.all().delete()
    assert "No proposals." in read(page)
    assert "Somebody else decided" in press(page, add=str(proposal), **{f"words-{proposal}": "words"})


@pytest.mark.parametrize(
    "data",
    [
        {"add": "x"},
        {"add": str(uuid4())},
        {"add": "ticked", "chosen": ["", "x", "\x00"]},
        {"dismiss": "ticked"},
        {"restore": "' OR 1=1"},
        {"dismiss": str(uuid4()), "state": "dismissed", "page": "-1"},
        {"add": "ticked", "words-x": "y", "words-": "z"},
    ],
)
def test_bad_input_changes_nothing(page: Client, data: dict[str, Any]) -> None:
    proposed()
    assert page.post(DECIDE, data).status_code in {302, 422}
    assert not PhrasingProposal.objects.exists()


def test_a_press_of_no_button_is_a_bad_request(page: Client) -> None:
    assert page.post(DECIDE, {"chosen": str(proposed())}).status_code == 400
