"""The mentoring page and the comment views: who gets in, what they show, and what they cost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import Mentorship, User
from interviewprep.accounts.people import record_address
from sessions import reviews
from sessions.models import InterviewSession, ReviewComment, SessionQuestion
from tests.clients import as_guest, signed_in
from tests.factories import NOW, make_curator, make_guest, make_mentor, make_user, questions_of
from tests.sessions.records import add_follow_up
from tests.sessions.sitting import compiled, finish, sit, start

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def session() -> InterviewSession:
    return sit(("open", "Precision and recall."), ("single", "a"), candidate=make_user(name="Ada"))


@pytest.fixture
def mentor(session: InterviewSession) -> User:
    return make_mentor(of=session.candidate, name="Grace")


def comments_url(question: SessionQuestion) -> str:
    return reverse("comments", args=[question.session_id, question.pk])


def add(mentor: User, session: InterviewSession, body: str = "Good point.") -> ReviewComment:
    question = questions_of(session)[0]
    return reviews.add_comment(author=mentor, question_id=question.pk, body=body, now=NOW)


def revoke() -> None:
    Mentorship.objects.update(revoked_at=NOW)


# --- The mentoring page -------------------------------------------------------------------------------------------


def test_only_mentors_have_a_mentoring_page() -> None:
    address = reverse("mentoring")
    assert Client().get(address).headers["Location"].startswith(reverse("account_login"))
    assert as_guest(make_guest()).get(address).headers["Location"].startswith(reverse("account_login"))
    assert signed_in(make_user()).get(address).status_code == 403
    assert signed_in(make_curator()).get(address).status_code == 403
    assert signed_in(make_mentor()).get(address).status_code == 200
    assert signed_in(make_mentor()).post(address).status_code == 405


def test_without_candidates_the_page_says_what_would_be_here_and_how_to_begin() -> None:
    page = signed_in(make_mentor()).get(reverse("mentoring")).content.decode()
    assert "Nobody lets you read their interviews yet" in page
    assert reverse("people") in page


def test_a_candidate_without_a_finished_interview_is_listed_with_nothing_to_read() -> None:
    running = start("open")
    page = signed_in(make_mentor(of=running.candidate)).get(reverse("mentoring")).content.decode()
    assert "None of your candidates has finished an interview yet" in page
    assert str(running.pk) not in page


def test_finished_interviews_come_newest_first_with_estimates_and_my_comments(
    mentor: User, session: InterviewSession
) -> None:
    newer = sit(("single", "a"), candidate=session.candidate, now=NOW + timedelta(days=1))
    compiled(newer)
    add(mentor, session)
    add(mentor, session, "Another.")
    response = signed_in(mentor).get(reverse("mentoring"))
    rows = response.context["rows"]
    assert [row.pk for row, _ in rows] == [newer.pk, session.pk]
    assert [bool(overall) for _, overall in rows] == [True, False]
    assert [row.my_comments for row, _ in rows] == [0, 2]
    page = response.content.decode()
    assert "1 of 1 answered · not enough evidence: 1 answer" in page and " points" not in page
    assert "2 comments of yours" in page


def test_the_comments_of_another_mentor_are_not_counted_as_mine(mentor: User, session: InterviewSession) -> None:
    add(make_mentor(of=session.candidate), session)
    assert signed_in(mentor).get(reverse("mentoring")).context["rows"][0][0].my_comments == 0


def test_only_those_who_gave_consent_are_listed(mentor: User, session: InterviewSession) -> None:
    for other in (sit(("open", "Not yours.")), sit(("open", "Your own."), candidate=mentor)):
        assert str(other.pk) not in signed_in(mentor).get(reverse("mentoring")).content.decode()
    revoke()
    assert str(session.pk) not in signed_in(mentor).get(reverse("mentoring")).content.decode()


def test_the_list_can_be_narrowed_to_one_candidate(mentor: User, session: InterviewSession) -> None:
    other = sit(("open", "Mine."))
    Mentorship.objects.create(
        candidate=other.candidate,
        mentor=mentor,
        candidate_email="b@example.com",
        mentor_email="m@example.com",
        initiator="mentor",
        accepted_at=NOW,
    )
    client = signed_in(mentor)
    assert len(client.get(reverse("mentoring")).context["rows"]) == 2
    rows = client.get(reverse("mentoring"), {"candidate": str(session.candidate_id)}).context["rows"]
    assert [row.pk for row, _ in rows] == [session.pk]


@pytest.mark.parametrize("query", [{"candidate": "x"}, {"candidate": str(uuid4())}, {"page": "x"}, {"page": "99"}])
def test_a_strange_query_shows_the_whole_list(mentor: User, session: InterviewSession, query: dict[str, str]) -> None:
    assert len(signed_in(mentor).get(reverse("mentoring"), query).context["rows"]) == 1


def test_requests_that_wait_are_told(session: InterviewSession, mentor: User) -> None:
    record_address(mentor, verified=True)
    asking = make_user()
    Mentorship.objects.create(
        candidate=asking, candidate_email=asking.email or "", mentor_email=mentor.email or "", initiator="candidate"
    )
    assert "1 request waits for your answer" in signed_in(mentor).get(reverse("mentoring")).content.decode()


def test_the_list_comes_in_pages_and_costs_the_same_for_one_and_for_many(
    mentor: User, session: InterviewSession, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(mentor)
    client.get(reverse("mentoring"))
    # user, groups, candidates, number of sessions, sessions, confirmed addresses, mentorships
    with django_assert_num_queries(7):
        client.get(reverse("mentoring"))
    for number in range(20):
        finished = sit(("single", "a"), candidate=session.candidate, now=NOW + timedelta(days=number + 1))
        compiled(finished)
        add(mentor, finished)
    with django_assert_num_queries(7):
        response = client.get(reverse("mentoring"))
    assert len(response.context["rows"]) == 20
    assert "page=2" in response.content.decode()


# --- Comments: who may ---------------------------------------------------------------------------------------------


def test_only_a_mentor_with_consent_reaches_the_comment_views(session: InterviewSession, mentor: User) -> None:
    comment = add(mentor, session)
    addresses = [
        comments_url(questions_of(session)[0]),
        reverse("comment_edit", args=[comment.pk]),
        reverse("comment_delete", args=[comment.pk]),
    ]
    strangers = [session.candidate, make_user(), make_mentor(), make_curator()]
    for address in addresses:
        for stranger in strangers:
            for headers in ({}, HTMX):
                client = signed_in(stranger)
                assert client.get(address, headers=headers).status_code == 404
                assert client.post(address, {"body": "?"}, headers=headers).status_code == 404
                assert client.post(address, {"body": ""}, headers=headers).status_code == 404
        assert Client().post(address).headers["Location"].startswith(reverse("account_login"))
        assert as_guest(make_guest()).post(address).headers["Location"].startswith(reverse("account_login"))
        assert signed_in(mentor).put(address).status_code == 405
    assert ReviewComment.objects.get().body == "Good point."


def test_a_guest_does_not_comment_on_their_own_sample() -> None:
    guest = make_guest()
    own = sit(("open", "Mine."), candidate=guest)
    as_guest(guest).post(comments_url(questions_of(own)[0]), {"body": "?"})
    assert not ReviewComment.objects.exists()


def test_another_mentor_of_the_same_candidate_does_not_change_my_comment(
    session: InterviewSession, mentor: User
) -> None:
    comment = add(mentor, session)
    other = signed_in(make_mentor(of=session.candidate))
    for name in ("comment_edit", "comment_delete"):
        assert other.post(reverse(name, args=[comment.pk]), {"body": "Mine."}).status_code == 404
    comment.refresh_from_db()
    assert comment.body == "Good point."


def test_a_question_of_another_session_is_not_found(session: InterviewSession, mentor: User) -> None:
    elsewhere = sit(("open", "Other."), candidate=session.candidate)
    address = reverse("comments", args=[session.pk, questions_of(elsewhere)[0].pk])
    assert signed_in(mentor).post(address, {"body": "?"}).status_code == 404


@pytest.mark.parametrize("address", ["/comments/1/", "/comments/x/delete/", "/interviews/1/questions/2/comments/"])
def test_a_malformed_id_is_not_found(mentor: User, address: str) -> None:
    assert signed_in(mentor).get(address).status_code == 404
    assert signed_in(mentor).post(address, {"body": "?"}).status_code == 404


def test_after_the_end_of_consent_the_comment_views_are_not_found(session: InterviewSession, mentor: User) -> None:
    comment = add(mentor, session)
    revoke()
    client = signed_in(mentor)
    assert client.post(comments_url(questions_of(session)[0]), {"body": "?"}).status_code == 404
    for name in ("comment_edit", "comment_delete"):
        assert client.get(reverse(name, args=[comment.pk])).status_code == 404
        assert client.post(reverse(name, args=[comment.pk]), {"body": "?"}).status_code == 404


def test_words_written_while_consent_ended_come_back_with_nothing_of_the_interview(
    session: InterviewSession, mentor: User
) -> None:
    add(mentor, session, "An earlier comment.")
    revoke()
    response = signed_in(mentor).post(comments_url(questions_of(session)[0]), {"body": "Long thoughts."}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Long thoughts." in page
    assert "ended the mentorship" in page
    assert "An earlier comment." not in page


def test_a_running_interview_is_not_found_whatever_is_sent(mentor: User, session: InterviewSession) -> None:
    running = start("open", candidate=session.candidate, now=NOW + timedelta(days=1))
    response = signed_in(mentor).post(comments_url(questions_of(running)[0]), {"body": "Hurry."}, headers=HTMX)
    assert response.status_code == 404
    assert "ended the mentorship" not in response.content.decode()


def test_words_written_while_signed_out_come_back(session: InterviewSession) -> None:
    response = Client().post(comments_url(questions_of(session)[0]), {"body": "Long thoughts."}, headers=HTMX)
    assert response.status_code == 401
    assert "Long thoughts." in response.content.decode()


def test_a_follow_up_is_commented_on_at_its_question(mentor: User, session: InterviewSession) -> None:
    running = start("open", "single", candidate=session.candidate, now=NOW + timedelta(days=1))
    first, second = questions_of(running)
    follow_up = add_follow_up(first)
    finish(running)
    client = signed_in(mentor)
    assert client.post(comments_url(follow_up), {"body": "Here."}).status_code == 404
    response = client.post(comments_url(second), {"body": "Here."})
    assert response.headers["Location"].endswith("#question-2")


# --- Comments: what happens ------------------------------------------------------------------------------------------


def test_a_comment_is_saved_and_shown_in_place(session: InterviewSession, mentor: User) -> None:
    question = questions_of(session)[0]
    response = signed_in(mentor).post(comments_url(question), {"body": "Say <b>why</b>.\r\nOr how."}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    assert "Say &lt;b&gt;why&lt;/b&gt;.<br>Or how." in page
    assert ReviewComment.objects.get().body == "Say <b>why</b>.\nOr how."


def test_without_scripts_saving_leads_back_to_the_question(session: InterviewSession, mentor: User) -> None:
    second = questions_of(session)[1]
    response = signed_in(mentor).post(comments_url(second), {"body": "Right."})
    assert response.headers["Location"] == f"{reverse('transcript', args=[session.pk])}#question-2"


@pytest.mark.parametrize(
    ("body", "words"), [("", "Write something first"), (" ", "Write something"), ("a\x00", "Null")]
)
def test_a_comment_that_cannot_be_saved_says_why(
    session: InterviewSession, mentor: User, body: str, words: str
) -> None:
    response = signed_in(mentor).post(comments_url(questions_of(session)[0]), {"body": body}, headers=HTMX)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ReviewComment.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_comment_too_many_says_so_and_is_given_back(
    session: InterviewSession, mentor: User, headers: dict[str, str]
) -> None:
    for number in range(50):
        add(mentor, session, f"Comment {number}.")
    response = signed_in(mentor).post(comments_url(questions_of(session)[0]), {"body": "One more."}, headers=headers)
    page = response.content.decode()
    assert response.status_code == 422
    assert "You have written 50 comments on this question" in page
    assert "One more.</textarea>" in page
    assert ReviewComment.objects.count() == 50


def test_a_comment_that_is_too_long_is_given_back_whole(session: InterviewSession, mentor: User) -> None:
    body = "x" * 10_001
    response = signed_in(mentor).post(comments_url(questions_of(session)[0]), {"body": body}, headers=HTMX)
    assert response.status_code == 422
    assert body in response.content.decode()


def test_a_line_end_counts_as_one_character_as_it_does_in_the_browser(session: InterviewSession, mentor: User) -> None:
    body = "x\r\n" * 4_999 + "xy"
    signed_in(mentor).post(comments_url(questions_of(session)[0]), {"body": body})
    assert len(ReviewComment.objects.get().body) == 10_000


def test_a_comment_is_edited_in_place(session: InterviewSession, mentor: User) -> None:
    comment = add(mentor, session)
    client, address = signed_in(mentor), reverse("comment_edit", args=[comment.pk])
    form = client.get(address, headers=HTMX).content.decode()
    assert f'hx-post="{address}"' in form
    assert "Good point.</textarea>" in form
    page = client.post(address, {"body": "Better."}, headers=HTMX).content.decode()
    assert "Better." in page
    assert "edited" in page


def test_an_edit_that_cannot_be_saved_keeps_the_form_open(session: InterviewSession, mentor: User) -> None:
    comment = add(mentor, session)
    address = reverse("comment_edit", args=[comment.pk])
    response = signed_in(mentor).post(address, {"body": ""}, headers=HTMX)
    assert response.status_code == 422
    assert f'hx-post="{address}"' in response.content.decode()
    assert ReviewComment.objects.get().body == "Good point."


def test_deleting_asks_first(session: InterviewSession, mentor: User) -> None:
    comment = add(mentor, session)
    client, address = signed_in(mentor), reverse("comment_delete", args=[comment.pk])
    assert "Delete this comment for good?" in client.get(address, headers=HTMX).content.decode()
    assert ReviewComment.objects.exists()
    assert "Good point." not in client.post(address, headers=HTMX).content.decode()
    assert not ReviewComment.objects.exists()
    assert client.post(address).status_code == 404


@pytest.mark.parametrize("name", ["comment_edit", "comment_delete"])
def test_without_scripts_editing_and_deleting_have_a_page_of_their_own(
    session: InterviewSession, mentor: User, name: str
) -> None:
    comment = add(mentor, session)
    page = signed_in(mentor).get(reverse(name, args=[comment.pk])).content.decode()
    assert "<html" in page
    assert "Back to the transcript" in page
    assert "Good point." in page


def test_cancelling_shows_the_comments_again(session: InterviewSession, mentor: User) -> None:
    add(mentor, session)
    client, address = signed_in(mentor), comments_url(questions_of(session)[0])
    assert "Good point." in client.get(address, headers=HTMX).content.decode()
    assert client.get(address).headers["Location"].endswith("#question-1")
