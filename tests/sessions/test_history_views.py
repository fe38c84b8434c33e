from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.access import GUEST_SESSION_KEY
from interviewprep.accounts.models import User
from sessions import reports, reviews
from sessions.models import InterviewPlan, InterviewSession, Report
from tests.clients import signed_in
from tests.factories import (
    NOW,
    make_finished_session,
    make_guest,
    make_mentor,
    make_plan,
    make_session,
    make_user,
    questions_of,
)
from tests.sessions.sitting import LATER, finish

pytestmark = pytest.mark.django_db

URL = "/history/"


def history(user: User, query: str = "") -> str:
    response = signed_in(user).get(URL + query)
    assert response.status_code == 200
    return response.content.decode()


def sat(user: User, *, days: int = 0, plan: InterviewPlan | None = None, ready: bool = True) -> InterviewSession:
    session = make_finished_session(candidate=user, plan=plan, now=NOW - timedelta(days=days))
    if ready:
        reports.refresh_report(session_id=session.pk, now=LATER)
    return session


# --- Who may see what --------------------------------------------------------------------------------------------


def test_whoever_is_not_signed_in_is_sent_to_the_log_in() -> None:
    assert Client().get(URL).headers["Location"].startswith(reverse("account_login"))


def test_the_history_is_ones_own_even_for_a_mentor() -> None:
    session = sat(make_user())
    assert str(session.pk) not in history(make_user())
    assert str(session.pk) not in history(make_mentor(of=session.candidate))


def test_a_guest_has_a_history_and_is_told_how_to_keep_it() -> None:
    guest = make_guest()
    session = sat(guest)
    client = Client()
    browser = client.session
    browser[GUEST_SESSION_KEY] = str(guest.pk)
    browser.save()
    page = client.get(URL).content.decode()
    assert reverse("report", args=[session.pk]) in page
    assert f'href="{reverse("account_signup")}?next={URL}">Create an account to keep this' in page


def test_the_wrong_method_is_refused() -> None:
    assert signed_in(make_user()).post(URL).status_code == 405


# --- The list ----------------------------------------------------------------------------------------------------


def test_an_empty_history_says_what_will_be_here_and_offers_the_first_step() -> None:
    page = history(make_user())
    assert "Every interview you sit is listed here" in page
    assert f'href="{reverse("home")}"' in page


def test_every_session_is_listed_newest_first_with_its_estimate() -> None:
    user = make_user()
    older, newer = sat(user, days=2), sat(user, days=1)
    page = history(user)
    assert page.index(reverse("report", args=[newer.pk])) < page.index(reverse("report", args=[older.pk]))
    assert page.count("report ready") == 2
    assert "3 of 3 answered · " in page and "90 % interval" in page and "of 3 points" not in page


def test_each_state_of_a_session_has_its_words_and_its_way_on() -> None:
    user = make_user()
    failed, waiting = sat(user, days=3, ready=False), sat(user, days=2, ready=False)
    Report.objects.filter(pk=failed.pk).update(state=Report.State.FAILED)
    running = make_session(candidate=user, now=timezone.now())
    page = history(user)
    assert reverse("interview", args=[running.pk]) in page and "running" in page
    assert reverse("report", args=[waiting.pk]) in page and "being compiled" in page
    assert "report failed" in page


def test_a_session_whose_time_is_over_is_not_called_running_before_the_sweep_has_been() -> None:
    user = make_user()
    session = make_session(candidate=user, now=timezone.now() - timedelta(hours=2))
    page = history(user)
    assert reverse("report", args=[session.pk]) in page and "being compiled" in page


def test_a_session_says_when_its_time_ran_out_and_how_many_comments_it_has() -> None:
    user = make_user()
    by_hand = sat(user, days=3)
    assert "time ran out" not in history(user) and "comment" not in history(user)
    by_clock = make_session(candidate=user, now=NOW)
    finish(by_clock, by_clock=True)
    mentor = make_mentor(of=user)
    for question in questions_of(by_hand)[:2]:
        reviews.add_comment(author=mentor, question_id=question.pk, body="Good.", now=NOW)
    page = history(user)
    assert page.count("time ran out") == 1
    assert f'href="{reverse("transcript", args=[by_hand.pk])}">2 comments</a>' in page
    assert reverse("transcript", args=[by_clock.pk]) not in page


def test_a_session_the_sweep_has_not_closed_yet_already_says_that_its_time_ran_out() -> None:
    user = make_user()
    make_session(candidate=user, now=timezone.now() - timedelta(hours=2))
    assert "time ran out" in history(user)


def test_a_report_of_an_unknown_shape_is_listed_without_numbers() -> None:
    user = make_user()
    session = sat(user)
    Report.objects.update(data={"overall": {"shape": "of long ago"}})
    page = history(user)
    assert reverse("report", args=[session.pk]) in page and "answered" not in page


def test_twenty_sessions_fit_on_a_page_and_the_rest_is_one_click_away() -> None:
    user, plan = make_user(), make_plan(count=1)
    sessions = [sat(user, days=days, plan=plan, ready=False) for days in range(21)]
    first, second = history(user), history(user, "?page=2")
    assert first.count("being compiled") == 20 and second.count("being compiled") == 1
    assert reverse("report", args=[sessions[-1].pk]) in second
    assert "?page=2" in first and "?page=1" in second


@pytest.mark.parametrize("page", ["0", "-1", "99", "x"])
def test_a_page_that_does_not_exist_is_the_nearest_one(page: str) -> None:
    user = make_user()
    sat(user)
    assert "report ready" in history(user, f"?page={page}")


# --- The trend ---------------------------------------------------------------------------------------------------


def test_the_trend_appears_with_the_second_report() -> None:
    user = make_user()
    sat(user, days=2)
    assert "The trend appears with the second report." in history(user)
    sat(user, days=1)
    page = history(user)
    assert page.count("<circle") == 2 and "The same as a table" in page


def test_the_trend_runs_from_the_oldest_to_the_newest() -> None:
    user = make_user()
    sat(user, days=20)
    sat(user, days=1)
    described = history(user).split('id="trend-points">')[1]
    assert described.index(_day(20)) < described.index(_day(1))


def _day(days: int) -> str:
    moment: datetime = NOW - timedelta(days=days)
    return f"{moment.day} {moment:%b %Y}"


@pytest.mark.parametrize("count", [2, 6])
def test_the_history_costs_the_same_statements_for_any_number_of_sessions(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user, plan = make_user(), make_plan(count=2)
    for days in range(count):
        sat(user, days=days, plan=plan)
    client = signed_in(user)
    client.get(URL)
    with django_assert_num_queries(5):  # user, roles for the navigation, number of sessions, page, trend
        client.get(URL)


def test_the_list_does_not_load_whole_reports(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user()
    sat(user)
    client = signed_in(user)
    with django_assert_num_queries(5) as captured:
        client.get(URL)
    assert not any('"interview_sessions_report"."data",' in query["sql"] for query in captured.captured_queries)
