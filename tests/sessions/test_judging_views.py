"""Rating one's answers before the verdicts are shown, and ticking key points: who may, what follows, what it costs."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import Mentorship, User
from sessions import lifecycle, reports, reviews, scoring
from sessions.grading import Finding, FindingKind, Status
from sessions.models import Confidence, InterviewSession, Report, Score, SelfReview, VerdictDispute
from tests.clients import as_guest, signed_in
from tests.factories import (
    NOW,
    OTHER_CLIENT,
    answer,
    make_curator,
    make_finished_session,
    make_guest,
    make_mentor,
    make_mentorship,
    make_user,
)
from tests.sessions.sitting import LATER, compiled, finish, leave_unread, nth_answer, nth_question, shown, sit, start

pytestmark = pytest.mark.django_db

ONE_POINT = "Accuracy is useless with imbalanced classes."
KEYS = ("accuracy-misleads", "precision-recall", "costs")
ALL = {f"point-{key}": "found" for key in KEYS}


@pytest.fixture
def session() -> InterviewSession:
    session = sit(("open", ONE_POINT), ("single", "b"), candidate=make_user(name="Ada"))
    compiled(session)
    return session


def report_url(session: InterviewSession) -> str:
    return reverse("report", args=[session.pk])


def rate_url(session: InterviewSession) -> str:
    return reverse("report_confidence", args=[session.pk])


def tick_url(session: InterviewSession, position: int = 1) -> str:
    return reverse("tick_points", args=[session.pk, nth_question(session, position).pk])


def withdraw_url(session: InterviewSession, position: int = 1) -> str:
    return reverse("withdraw_ticks", args=[session.pk, nth_question(session, position).pk])


def page_of(client: Client, session: InterviewSession, name: str = "report") -> str:
    return client.get(reverse(name, args=[session.pk])).content.decode()


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# --- Who may ------------------------------------------------------------------------------------------------------


def mentor_without_consent(session: InterviewSession) -> Client:
    mentor = make_mentor()
    make_mentorship(candidate=session.candidate, mentor=mentor, accepted=False)
    return signed_in(mentor)


def revoked_mentor(session: InterviewSession) -> Client:
    mentor = make_mentor()
    make_mentorship(candidate=session.candidate, mentor=mentor, revoked=True)
    return signed_in(mentor)


STRANGERS: list[Callable[[InterviewSession], Client]] = [
    lambda session: signed_in(make_user()),
    mentor_without_consent,
    revoked_mentor,
    lambda session: signed_in(make_curator()),
    lambda session: as_guest(make_guest()),
]
ACTIONS = [rate_url, tick_url, withdraw_url]


@pytest.mark.parametrize("visitor", STRANGERS, ids=["candidate", "asked mentor", "former mentor", "curator", "guest"])
@pytest.mark.parametrize("url", ACTIONS)
def test_a_stranger_changes_nothing(
    session: InterviewSession,
    visitor: Callable[[InterviewSession], Client],
    url: Callable[[InterviewSession], str],
) -> None:
    assert visitor(session).post(url(session), ALL).status_code == 404
    assert not SelfReview.objects.exists()
    assert set(Score.objects.values_list("source", flat=True)) == {"automatic"}


@pytest.mark.parametrize("url", ACTIONS)
def test_nobody_is_sent_to_the_log_in_and_the_wrong_method_is_refused(
    session: InterviewSession, url: Callable[[InterviewSession], str]
) -> None:
    assert Client().post(url(session), ALL).headers["Location"].startswith(reverse("account_login"))
    assert Client().post(url(session), ALL, headers={"HX-Request": "true"}).status_code == 401
    assert signed_in(session.candidate).get(url(session)).status_code == 405


def test_a_mentor_does_not_rate_in_the_candidates_place(session: InterviewSession) -> None:
    assert signed_in(make_mentor(of=session.candidate)).post(rate_url(session)).status_code == 404


@pytest.mark.parametrize("url", ACTIONS)
def test_a_running_interview_is_neither_rated_nor_ticked(url: Callable[[InterviewSession], str]) -> None:
    running = start("open", now=timezone.now())
    assert signed_in(running.candidate).post(url(running), ALL).status_code == 404


def test_an_interview_whose_report_is_not_compiled_is_not_rated_yet() -> None:
    session = sit(("open", ONE_POINT))
    assert signed_in(session.candidate).post(rate_url(session), {"skip": "1"}).status_code == 404


def test_a_form_without_its_security_token_is_refused(session: InterviewSession) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(session.candidate)
    assert {client.post(url(session), ALL).status_code for url in ACTIONS} == {403}


# --- Confidence first ---------------------------------------------------------------------------------------------


def test_before_the_rating_the_report_shows_the_questions_and_ones_own_words_and_nothing_else(
    session: InterviewSession,
) -> None:
    page = page_of(signed_in(session.candidate), session)
    assert ONE_POINT in page and "Which metric would you choose?" in page
    assert page.count('type="radio"') == 5 and page.count("<fieldset") == page.count("<legend") == 1
    for hidden in (
        "<mark",
        "not found",
        "key points",
        "describe the rare class",
        "imbalance.",
        "estimate",
        "<svg class",
    ):
        assert hidden not in page
    for hidden in ("practise", "Underfitting", "chosen, wrong", "dispute", "majority class", " of 1"):
        assert hidden not in page
    assert " style=" not in page and "<style" not in page and "onclick" not in page


def dispute_url(session: InterviewSession) -> str:
    return reverse("report_dispute", args=[session.pk, nth_question(session, 1).pk, "costs"])


@pytest.mark.parametrize("url", [tick_url, dispute_url])
def test_before_the_rating_ticks_and_objections_lead_to_it_and_are_not_kept(
    session: InterviewSession, url: Callable[[InterviewSession], str]
) -> None:
    client = signed_in(session.candidate)
    response = client.post(url(session), ALL)
    assert (response.status_code, response.headers["Location"]) == (303, report_url(session))
    swapped = client.post(url(session), ALL, headers={"HX-Request": "true"})
    assert (swapped.headers["HX-Redirect"], swapped.content) == (report_url(session), b"")
    assert not Score.objects.filter(source="self").exists() and not VerdictDispute.objects.exists()


def test_before_the_rating_the_transcript_leads_to_it_and_mentors_read_and_tick_as_ever(
    session: InterviewSession,
) -> None:
    address, mentor = reverse("transcript", args=[session.pk]), signed_in(make_mentor(of=session.candidate))
    response = signed_in(session.candidate).get(address)
    assert (response.status_code, response.headers["Location"]) == (303, report_url(session))
    assert "not found" in page_of(mentor, session, "transcript")
    mentor.post(tick_url(session), ALL)
    assert Score.objects.filter(source="mentor").count() == 1
    assert signed_in(make_user()).get(address).status_code == 404


def test_nobody_rates_before_the_transcript_of_a_practice_session(session: InterviewSession) -> None:
    InterviewSession.objects.filter(pk=session.pk).update(mode="practice")
    client = signed_in(session.candidate)
    assert "not found" in page_of(client, session, "transcript")
    client.post(dispute_url(session))
    assert VerdictDispute.objects.count() == 1


def test_a_rating_is_kept_once_and_shows_the_report(session: InterviewSession) -> None:
    client = signed_in(session.candidate)
    name = f"confidence-{nth_question(session, 1).pk}"
    assert client.post(rate_url(session), {name: "4"}).headers["Location"] == report_url(session)
    client.post(rate_url(session), {name: "1"})
    review = SelfReview.objects.get()
    assert review.confidence_in(nth_question(session, 1).pk) is Confidence.FAIRLY_SURE
    page = text(page_of(client, session))
    assert "Question by question" in page and "Before the verdicts you were: fairly sure" in page
    theirs = text(page_of(signed_in(make_mentor(of=session.candidate)), session, "transcript"))
    assert "Before the verdicts the candidate was: fairly sure" in theirs


@pytest.mark.parametrize("skipped", [True, False])
def test_the_report_is_shown_without_a_rating_too(session: InterviewSession, skipped: bool) -> None:
    client = signed_in(session.candidate)
    name = f"confidence-{nth_question(session, 1).pk}"
    client.post(rate_url(session), {"skip": "1", name: "5"} if skipped else {})
    assert SelfReview.objects.get().ratings == {}
    page = page_of(client, session)
    assert "Question by question" in page and "Before the verdicts you were" not in page


@pytest.mark.parametrize("value", ["0", "6", "x", "", "4\x00"])
def test_what_is_no_rating_counts_as_none(session: InterviewSession, value: str) -> None:
    data = {f"confidence-{nth_question(session, 1).pk}": value, f"confidence-{uuid4()}": "3", "confidence-x": "3"}
    assert signed_in(session.candidate).post(rate_url(session), data).status_code == 302
    assert SelfReview.objects.get().ratings == {}


def test_a_guest_rates_their_own_sample() -> None:
    guest = make_guest()
    session = sit(("open", ONE_POINT), candidate=guest)
    compiled(session)
    client = as_guest(guest)
    assert "How sure are you" in page_of(client, session)
    client.post(rate_url(session), {"skip": "1"})
    assert "Question by question" in page_of(client, session)


def test_mentors_are_not_asked_and_neither_is_who_practised_or_wrote_no_words(session: InterviewSession) -> None:
    assert "Question by question" in page_of(signed_in(make_mentor(of=session.candidate)), session)
    without_words = sit(("open", None), ("single", "a"), candidate=session.candidate)
    compiled(without_words)
    assert "Question by question" in page_of(signed_in(session.candidate), without_words)
    InterviewSession.objects.filter(pk=session.pk).update(mode="practice")
    assert "Question by question" in page_of(signed_in(session.candidate), session)


@pytest.mark.parametrize("count", [2, 12])
def test_the_question_how_sure_costs_three_statements(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = make_finished_session(count=count)
    compiled(session)
    client = signed_in(session.candidate)
    client.get(report_url(session))
    with django_assert_num_queries(3):  # user, roles, session with its report
        client.get(report_url(session))


def rated(confidence: int, bodies: list[str]) -> InterviewSession:
    session = sit(*[("open", body) for body in bodies])
    data = compiled(session)
    ratings = {question.question_id: Confidence(confidence) for question in data.questions}
    scoring.show_verdicts(session=session, ratings=ratings, now=LATER)
    return session


def test_three_rated_answers_make_a_picture_with_a_table_and_a_sentence() -> None:
    session = rated(5, [ONE_POINT, "I do not know.", "Something else."])
    page = page_of(signed_in(session.candidate), session)
    section = page.split('id="confidence"')[1].split("</section>")[0]
    assert "Over these 3 answers the confidence was higher than the result bears out." in section
    assert section.count("<circle") == 2 and section.count('<th scope="row">') == 3
    assert section.count("none of the key points") == 2 and section.count("<td>certain</td>") == 3


def test_two_rated_answers_make_none() -> None:
    session = rated(5, [ONE_POINT, "I do not know."])
    assert 'id="confidence"' not in page_of(signed_in(session.candidate), session)


# --- Ticking ------------------------------------------------------------------------------------------------------


def open_report(session: InterviewSession) -> Client:
    scoring.show_verdicts(session=session, ratings={}, now=LATER)
    return signed_in(session.candidate)


def ticked(page: str) -> list[tuple[str, str]]:
    """Return the radio buttons that are checked, as (name, value)."""
    return re.findall(r'<input type="radio" name="([^"]+)" value="([^"]+)" required checked>', page)


def test_the_form_begins_with_the_automatic_verdicts(session: InterviewSession) -> None:
    page = page_of(open_report(session), session)
    assert ticked(page) == [
        ("point-accuracy-misleads", "found"),
        ("point-precision-recall", "not_found"),
        ("point-costs", "not_found"),
    ]
    assert "Take my ticks back" not in page and "some of the key points" in page


def test_ticks_count_before_the_match_and_both_are_shown(session: InterviewSession) -> None:
    client = open_report(session)
    response = client.post(tick_url(session), ALL | {"point-costs": "partly"})
    assert response.headers["Location"] == report_url(session) + "#question-1"
    score = Score.objects.get(source="self")
    assert (str(score.points), score.author) == ("0.9167", session.candidate)
    assert [verdict["evidence"] for verdict in score.verdicts] == [
        verdict["evidence"] for verdict in nth_answer(session, 1).scores.get(source="automatic").verdicts
    ]
    page = page_of(client, session)
    assert ("point-costs", "partly") in ticked(page) and "Take my ticks back" in page
    said = "Automatic text match: some of the key points · You: most . Your ticks count: that is your own judgement."
    assert said in text(page)
    assert "1 answer counts as the candidate judged it." in page


def test_the_same_ticks_twice_are_one_correction_and_others_are_another(session: InterviewSession) -> None:
    client = open_report(session)
    for data in (ALL, ALL, ALL | {"point-costs": "not_found"}):
        client.post(tick_url(session), data)
    assert Score.objects.filter(source="self").count() == 2
    assert "Automatic text match: some of the key points · You: most" in text(page_of(client, session))


def test_taking_ones_ticks_back_leaves_the_match(session: InterviewSession) -> None:
    client = open_report(session)
    client.post(tick_url(session), ALL | {"point-costs": "partly"})
    client.post(tick_url(session), ALL)
    for _ in range(2):
        assert client.post(withdraw_url(session)).headers["Location"] == report_url(session) + "#question-1"
    assert not Score.objects.filter(source="self").exists()
    assert "You:" not in text(page_of(client, session))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"point-costs": "found"},
        ALL | {"point-costs": "unread"},
        ALL | {"point-costs": "right"},
        ALL | {"point-costs": "<b>"},
        ALL | {"point-made-up": "found"},
    ],
)
def test_incomplete_or_made_up_ticks_are_not_kept_and_the_page_says_so(
    session: InterviewSession, data: dict[str, str]
) -> None:
    response = open_report(session).post(tick_url(session), data, follow=True)
    assert "Nothing was saved: tick every key point." in response.content.decode()
    assert not Score.objects.filter(source="self").exists()


def test_too_many_corrections_are_refused_in_words(session: InterviewSession, monkeypatch: Any) -> None:
    monkeypatch.setattr(scoring, "MAX_CORRECTIONS", 1)
    client = open_report(session)
    client.post(tick_url(session), ALL)
    response = client.post(tick_url(session), ALL | {"point-costs": "partly"}, follow=True)
    assert "no more fit" in response.content.decode()
    assert Score.objects.filter(source="self").count() == 1


def test_only_answers_in_words_to_open_questions_can_be_ticked(session: InterviewSession) -> None:
    client = open_report(session)
    assert client.post(tick_url(session, 2), {"point-a": "found"}).status_code == 404
    silent = sit(("open", None), candidate=session.candidate)
    compiled(silent)
    assert client.post(tick_url(silent), ALL).status_code == 404
    assert tick_url(silent) not in page_of(client, silent)


@pytest.mark.parametrize("name", ["tick_points", "withdraw_ticks"])
@pytest.mark.parametrize("question", [lambda: uuid4(), lambda: nth_question(sit(("open", ONE_POINT)), 1).pk])
def test_a_question_of_another_session_is_not_found(
    session: InterviewSession, name: str, question: Callable[[], UUID]
) -> None:
    assert open_report(session).post(reverse(name, args=[session.pk, question()]), ALL).status_code == 404


def test_an_older_report_follows_the_ticks_too(session: InterviewSession) -> None:
    Report.objects.update(version=3, data={"shape": "of version 3"})
    client = open_report(session)
    client.post(tick_url(session), ALL)
    data = reports.report_data(Report.objects.get())
    assert data is not None and data.questions[0].points == 1


# --- A mentor's ticks ---------------------------------------------------------------------------------------------


@pytest.fixture
def mentor(session: InterviewSession) -> User:
    return make_mentor(of=session.candidate, name="Mo")


def test_a_mentor_ticks_in_the_transcript_and_that_counts_first(session: InterviewSession, mentor: User) -> None:
    own, client = open_report(session), signed_in(mentor)
    own.post(tick_url(session), ALL)
    assert tick_url(session) in page_of(client, session, "transcript")
    response = client.post(tick_url(session), ALL | {"point-accuracy-misleads": "not_found"})
    assert response.headers["Location"] == reverse("transcript", args=[session.pk]) + "#question-1"
    said = "Automatic text match: some of the key points · {}: all · Mo: most . The mentor’s ticks count."
    for name in ("report", "transcript"):
        assert said.format("You") in text(page_of(own, session, name))
        assert said.format("The candidate") in text(page_of(client, session, name))
    data = reports.report_data(Report.objects.get())
    assert data is not None and str(data.questions[0].points) == "0.6667"


def test_a_mentor_takes_back_only_their_own_ticks(session: InterviewSession, mentor: User) -> None:
    other = make_mentor(of=session.candidate, name="Bo")
    for person in (mentor, other):
        signed_in(person).post(tick_url(session), ALL)
    signed_in(other).post(withdraw_url(session))
    assert [score.author for score in Score.objects.filter(source="mentor")] == [mentor]
    assert "Take my ticks back" not in page_of(signed_in(other), session, "transcript")
    assert "Take my ticks back" in page_of(signed_in(mentor), session, "transcript")


def test_the_candidate_reads_ticks_in_the_transcript_and_makes_none_there(session: InterviewSession) -> None:
    page = page_of(open_report(session), session, "transcript")
    assert tick_url(session) not in page and "<fieldset" not in page


def test_ticks_from_before_the_answer_was_changed_say_so_until_the_mentor_ticks_again() -> None:
    session = start("open")
    question, mentor = nth_question(session, 1), make_mentor(of=session.candidate, name="Mo")
    answer(question, ONE_POINT, now=NOW)
    shown(finish(session))
    ticks = dict.fromkeys(KEYS, Status.FOUND)
    reviews.correct_points(author=mentor, question_id=question.pk, ticks=ticks, now=LATER)
    client, said = signed_in(mentor), "Mo: all (ticked before the answer was changed)"
    lifecycle.reopen_session(session_id=session.pk, actor=mentor, reason="Outage", remaining_ms=60_000, now=LATER)
    after = LATER + timedelta(seconds=1)
    assert answer(question, "Other words.", now=after, base_revision=1, client_id=OTHER_CLIENT, submit=True).is_saved
    compiled(finish(InterviewSession.objects.get(pk=session.pk)))
    for name in ("report", "transcript"):
        assert said in text(page_of(client, session, name))
    client.post(tick_url(session), ALL)
    assert said not in text(page_of(client, session, "report"))


def test_after_the_end_of_consent_a_mentor_ticks_nothing_and_what_was_ticked_stays(
    session: InterviewSession, mentor: User
) -> None:
    client = signed_in(mentor)
    client.post(tick_url(session), ALL)
    Mentorship.objects.update(revoked_at=NOW)
    assert {client.post(url(session), ALL).status_code for url in (tick_url, withdraw_url)} == {404}
    assert Score.objects.filter(source="mentor").count() == 1


def test_a_mentor_with_ticks_costs_the_transcript_one_statement_for_their_name(
    mentor: User, session: InterviewSession, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(mentor)
    for count in (1, 6):
        long = sit(*[("open", ONE_POINT)] * count, candidate=session.candidate)
        compiled(long)
        for position in range(1, count + 1):
            client.post(tick_url(long, position), ALL)
        with django_assert_num_queries(14):
            client.get(reverse("transcript", args=[long.pk]))


# --- Answers that cannot be read, and what else was noticed -------------------------------------------------------


def test_an_answer_that_was_not_read_is_offered_for_comparison(session: InterviewSession) -> None:
    leave_unread(nth_answer(session, 1))
    reports.bring_up_to_date(report=Report.objects.get(), now=LATER)
    client = open_report(session)
    page = page_of(client, session)
    assert "Not read automatically: compare it yourself." in page
    assert '<details class="compare" open>' in page and ticked(page) == []
    card = page.split('id="question-1"')[1].split("</article>")[0]
    assert "I said this" not in card and " of 1" not in card
    client.post(tick_url(session), ALL)
    assert "Automatic text match: not read automatically · You: all" in text(page_of(client, session))


def test_a_point_that_was_not_read_has_no_tick_to_begin_with(session: InterviewSession) -> None:
    leave_unread(nth_answer(session, 1), "costs")
    reports.bring_up_to_date(report=Report.objects.get(), now=LATER)
    page = page_of(open_report(session), session)
    assert [name for name, _ in ticked(page)] == ["point-accuracy-misleads", "point-precision-recall"]
    card = page.split('id="question-1"')[1].split("</article>")[0]
    assert card.count(">found</span>") == card.count(">not read</span>") == 1 and "not read automatically" in card
    assert '<details class="compare" open>' in card


@pytest.mark.parametrize("name", ["report", "transcript"])
def test_the_structure_stands_above_the_verdicts_and_other_findings_below(session: InterviewSession, name: str) -> None:
    findings = [
        Finding(FindingKind.MISCONCEPTION, "m", "Accuracy <i>is</i> enough", note="It is not.", evidence="Accuracy is",
                start=0, end=11),
        Finding(FindingKind.PART, "situation", "Situation"),
        Finding(FindingKind.PART, "result", "Result", is_present=False, note="Say how it ended."),
        Finding(FindingKind.UNREADABLE, "code", "This looks like code", evidence="classes.", start=36, end=44),
    ]  # fmt: skip
    Score.objects.filter(answer__question=nth_question(session, 1)).update(findings=[f.to_json() for f in findings])
    reports.bring_up_to_date(report=Report.objects.get(), now=LATER)
    page = page_of(open_report(session), session, name)
    words = text(page)
    assert "This looks like a common misconception: Accuracy <i> is </i> enough" not in words
    assert "This looks like a common misconception:" in words and "It is not. It takes no points." in words
    assert "<i>is</i>" not in page and "<q>Accuracy is</q>" in page
    assert '<mark class="doubtful" title="looks like a common misconception: Accuracy' in page
    assert "Situation : seen" in words and "Result : not seen" in words
    assert words.index("Result : Say how it ended.") < words.index("Automatic text match: some of the key points")
    assert "This looks like code: the text match does not read it." in words
    assert words.index("some of the key points") < words.index("This looks like a common misconception:")


def test_of_many_parts_that_are_not_read_a_few_are_quoted_and_the_others_counted(session: InterviewSession) -> None:
    findings = [Finding(FindingKind.UNREADABLE, "code", "This looks like code", evidence=f"x = {n}") for n in range(7)]
    Score.objects.filter(answer__question=nth_question(session, 1)).update(findings=[f.to_json() for f in findings])
    reports.bring_up_to_date(report=Report.objects.get(), now=LATER)
    page = page_of(open_report(session), session)
    assert page.count("This looks like code: the text match") == 5 and "2 more parts are like that." in page
    assert page.count("Compare it with the reference yourself.") == 1


# --- Bands instead of marks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report", "transcript"])
def test_an_answer_in_words_has_a_band_and_no_mark_and_says_what_the_match_is_worth(name: str) -> None:
    session = sit(("open", ONE_POINT), ("single", "a"))
    shown(session)
    page = page_of(signed_in(session.candidate), session, name)
    open_card, choice_card = (page.split(f'id="question-{n}"')[1].split("</article>")[0] for n in (1, 2))
    assert "some of the key points" in open_card and " of 1" not in open_card
    assert "1 of 1" in choice_card
    label = "Automatic text match: it finds what you said, it cannot tell whether a claim is true."
    assert page.count(label) == 1


def test_without_answers_in_words_nothing_is_said_of_the_match() -> None:
    session = sit(("single", "a"))
    shown(session)
    assert "Automatic text match" not in page_of(signed_in(session.candidate), session)
