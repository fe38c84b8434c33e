"""The page before the clock: what comes, what is allowed, and every accommodation with what it comes to."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import User
from sessions.models import InterviewPlan, InterviewSession, PlanSection
from tests.clients import as_guest, signed_in
from tests.factories import (
    NOW,
    make_curator,
    make_finished_session,
    make_guest,
    make_mentor,
    make_plan,
    make_session,
    make_user,
)
from tests.sessions.appointing import MINUTE, arriving

pytestmark = pytest.mark.django_db


@pytest.fixture
def candidate() -> User:
    return make_user()


@pytest.fixture
def page(candidate: User) -> Client:
    return signed_in(candidate)


def address(plan: InterviewPlan) -> str:
    return reverse("plan_start", args=[plan.pk])


def look(page: Client, plan: InterviewPlan) -> str:
    with arriving(NOW):
        html = page.get(address(plan)).content.decode()
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def start(page: Client, plan: InterviewPlan, **fields: str) -> Any:
    with arriving(NOW):
        return page.post(address(plan), {"time_factor": "1.00", "csrfmiddlewaretoken": "x"} | fields)


def changed(plan: InterviewPlan, **fields: Any) -> InterviewPlan:
    InterviewPlan.objects.filter(pk=plan.pk).update(**fields)
    return plan


def untimed_plan() -> InterviewPlan:
    return changed(make_plan(mode="practice"), time_limit_seconds=None)


def the_session() -> InterviewSession:
    return InterviewSession.objects.get()


def length(session: InterviewSession) -> timedelta:
    return session.deadline - session.started_at


# --- Who may ------------------------------------------------------------------------------------------------------


def test_an_own_plan_is_nobody_elses_to_start(candidate: User, page: Client) -> None:
    own = make_plan(owner=candidate)
    assert page.get(address(own)).status_code == 200
    for other in (make_user(), make_mentor(), make_mentor(of=candidate), make_curator()):
        assert signed_in(other).get(address(own)).status_code == 404
        assert start(signed_in(other), own).status_code == 404
    assert not InterviewSession.objects.exists()


def test_the_anonymous_and_wrong_methods_start_nothing(client: Client, page: Client) -> None:
    plan = make_plan()
    assert start(client, plan)["Location"].startswith(reverse("account_login"))
    assert page.put(address(plan)).status_code == 405
    assert not InterviewSession.objects.exists()


def test_starting_twice_is_starting_once(page: Client) -> None:
    plan = make_plan()
    assert start(page, plan)["Location"] == start(page, plan)["Location"]
    assert InterviewSession.objects.count() == 1


# --- Times --------------------------------------------------------------------------------------------------------


def test_every_factor_and_the_untimed_choice_say_what_they_come_to(page: Client) -> None:
    text = look(page, make_plan(minutes=30))
    for words in ("30 minutes, standard", "37:30 minutes, 25 % more time", "60 minutes, 100 % more time"):
        assert words in text
    assert "no time limit; the interview stays open for 7 days" in text
    assert "Ends 30 minutes after you start." in text


def test_the_totals_count_the_usual_extra_minutes_in(page: Client, candidate: User) -> None:
    User.objects.filter(pk=candidate.pk).update(extra_minutes=10, time_factor=Decimal("1.25"))
    plan = make_plan(minutes=30)
    text = look(page, plan)
    assert "47:30 minutes, 25 % more time" in text
    assert "The times above include 10 of them." in text
    assert "Ends 47:30 minutes after you start." in text
    html = page.get(address(plan)).content.decode()
    assert re.search(r'value="1\.25"[^>]*checked', html)
    assert re.search(r'name="extra_minutes"[^>]*value="10"|value="10"[^>]*name="extra_minutes"', html)


def test_factor_and_extra_minutes_reach_the_session(page: Client) -> None:
    start(page, make_plan(minutes=30), time_factor="1.50", extra_minutes="7")
    assert length(the_session()) == 52 * MINUTE
    assert (the_session().time_factor, the_session().extra_minutes) == (Decimal("1.50"), 7)


@pytest.mark.parametrize(("typed", "minutes"), [({}, 40), ({"extra_minutes": ""}, 30), ({"extra_minutes": "0"}, 30)])
def test_emptied_minutes_are_none_and_minutes_not_asked_for_are_the_usual(
    page: Client, candidate: User, typed: dict[str, str], minutes: int
) -> None:
    User.objects.filter(pk=candidate.pk).update(extra_minutes=10)
    start(page, make_plan(minutes=30), **typed)
    assert length(the_session()) == minutes * MINUTE


@pytest.mark.parametrize("extra", ["-1", "241", "many", "1.5"])
def test_minutes_beyond_reason_start_nothing(page: Client, extra: str) -> None:
    response = start(page, make_plan(), extra_minutes=extra)
    assert "errorlist" in response.content.decode()
    assert not InterviewSession.objects.exists()


@pytest.mark.parametrize("extra", ["0", "240"])
def test_the_least_and_the_most_minutes_are_taken(page: Client, extra: str) -> None:
    start(page, make_plan(minutes=30), extra_minutes=extra)
    assert length(the_session()) == (30 + int(extra)) * MINUTE


def test_untimed_has_no_limit_and_stays_open_for_seven_days(page: Client) -> None:
    start(page, make_plan(minutes=30), time_factor="untimed")
    assert the_session().is_untimed
    assert length(the_session()) == timedelta(days=7)


def test_a_plan_without_limits_asks_for_no_time_and_starts_untimed(page: Client) -> None:
    plan = untimed_plan()
    html = page.get(address(plan)).content.decode()
    assert 'name="time_factor"' not in html
    assert 'name="extra_minutes"' not in html
    with arriving(NOW):
        page.post(address(plan), {})
    assert the_session().is_untimed


def test_limits_of_questions_and_reading_time_are_said_with_what_they_come_to(page: Client) -> None:
    plan = changed(
        make_plan(count=4),
        time_limit_seconds=None,
        question_limit="fixed",
        question_limit_seconds=120,
        reading_seconds=30,
    )
    text = look(page, plan)
    assert "4 questions in 10 minutes. Each question has a limit of 2 minutes." in text
    assert "Each question first gives you 30 seconds to read, before its own time begins." in text
    assert "15 minutes, 3 minutes for each question, 50 % more time" in text
    assert "Every question gets its share of them." in text
    start(page, plan, time_factor="1.50")
    assert length(the_session()) == 15 * MINUTE, "what the page said"


def test_reading_time_comes_on_top_of_the_whole_limit_too(page: Client) -> None:
    plan = changed(make_plan(count=4, minutes=30), reading_seconds=60)
    assert "4 questions in 34 minutes." in look(page, plan)
    start(page, plan)
    assert length(the_session()) == 34 * MINUTE, "what the page said"


def test_limits_that_only_the_draw_will_tell_are_not_guessed(page: Client) -> None:
    plan = changed(make_plan(count=4), time_limit_seconds=None, question_limit="suggested")
    text = look(page, plan)
    assert "4 questions, in the time they have together. Each question has a limit of its own" in text
    assert "each question's own limit, 25 % more time" in text
    assert "Ends when the time of all its questions is over." in text
    assert "The times above" not in text


# --- What is allowed ----------------------------------------------------------------------------------------------

RULES = {
    "back": "Go back and forth between questions",
    "forward": "Forward only: a question you submit or skip is closed",
    "up": "When the time of a question is up",
    "follow": "a follow-up question may be asked. It carries no points.",
    "no pause": "The clock does not pause",
    "pause": "You can pause, for 30 minutes in all.",
    "open": "No clock runs against you",
    "afterwards": "come afterwards, in the report",
    "at once": "After each answer you submit, you see the reference answer",
}


@pytest.mark.parametrize(
    ("fields", "true"),
    [
        ({}, {"back", "no pause", "afterwards"}),
        ({"navigation": "forward"}, {"forward", "no pause", "afterwards"}),
        ({"mode": "practice"}, {"back", "pause", "at once"}),
        ({"mode": "practice", "time_limit_seconds": None}, {"back", "open", "at once"}),
        ({"question_limit": "suggested"}, {"back", "up", "no pause", "afterwards"}),
        ({"asks_follow_ups": True}, {"back", "follow", "no pause", "afterwards"}),
    ],
)
def test_the_rules_are_those_of_the_plan_and_no_others(page: Client, fields: dict[str, Any], true: set[str]) -> None:
    text = look(page, changed(make_plan(), **fields))
    assert {name for name, words in RULES.items() if words in text} == true


def test_whoever_may_choose_no_limit_is_told_what_is_left_of_the_rules(page: Client) -> None:
    assert "If you choose no time limit, no clock runs" in look(page, make_plan())
    assert "If you choose no time limit" not in look(page, untimed_plan())


def test_an_untimed_plan_promises_no_times_beside_its_questions(page: Client) -> None:
    assert "suggests a time" in look(page, make_plan())
    assert "suggests a time" not in look(page, untimed_plan())


def test_an_own_plan_that_cannot_be_filled_leads_to_its_composer(page: Client, candidate: User) -> None:
    own = make_plan(owner=candidate, count=2)
    own.sections.update(count=9)
    way = reverse("plan_edit", args=[own.pk])
    assert f'<a href="{way}">Change the plan</a>' in page.get(address(own)).content.decode()


def test_the_home_page_counts_no_minutes_of_an_untimed_interview(page: Client) -> None:
    page.post(address(untimed_plan()), {})
    html = page.get(reverse("home")).content.decode()
    assert "Has no time limit; it stays open until" in html
    assert "left when this page was loaded" not in html


def test_a_guest_is_told_where_to_come_back(page: Client) -> None:
    sample = make_plan(for_visitors=True)
    assert "come back in this browser" in look(as_guest(make_guest()), sample)
    assert "go on from another device" in look(page, make_plan())


def test_a_hidden_timer_is_shown_as_being_on(page: Client, candidate: User) -> None:
    plan = make_plan()
    assert "hides the timer" not in look(page, plan)
    User.objects.filter(pk=candidate.pk).update(hides_timer=True)
    assert "Your profile hides the timer" in look(page, plan)


def test_the_start_page_leads_to_a_later_start(page: Client) -> None:
    plan = make_plan()
    assert reverse("appointment_new", args=[plan.pk]) in page.get(address(plan)).content.decode()


# --- Repeats ------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked_yesterday(candidate: User) -> InterviewPlan:
    """A plan that repeats nothing for ten days, all of whose questions were asked yesterday."""
    plan = make_plan(count=3, repeat_after_days=10)
    make_finished_session(candidate=candidate, plan=plan, now=NOW - timedelta(days=1))
    return plan


def test_where_only_the_rule_about_repeats_is_in_the_way_it_can_be_lifted_in_place(
    page: Client, asked_yesterday: InterviewPlan
) -> None:
    text = look(page, asked_yesterday)
    assert "Allow questions from the last 10 days" in text
    assert "Start the clock" in text
    start(page, asked_yesterday, allow_repeats="on")
    assert InterviewSession.objects.running().count() == 1


def test_without_lifting_it_nothing_starts_and_the_box_says_why(page: Client, asked_yesterday: InterviewPlan) -> None:
    response = start(page, asked_yesterday)
    assert response.context["form"].errors["allow_repeats"]
    assert not InterviewSession.objects.running().exists()


def test_where_it_is_not_in_the_way_it_is_not_offered_and_cannot_be_lifted(page: Client) -> None:
    plan = make_plan(repeat_after_days=10)
    assert "Allow questions" not in look(page, plan)
    PlanSection.objects.filter(plan=plan).update(count=9)
    text = look(page, plan)
    assert "This plan cannot be started now" in text
    assert "Start the clock" not in text
    start(page, plan, allow_repeats="on")
    assert not InterviewSession.objects.exists()


# --- Cost ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 8])
def test_the_page_costs_the_same_however_many_questions_and_sections(
    page: Client, candidate: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plan = make_plan(count=count)
    for position in range(2, count + 2):
        PlanSection.objects.create(plan=plan, position=position, name=f"Part {position}", count=1)
    make_session(candidate=candidate, now=NOW - timedelta(hours=2))
    with arriving(NOW), django_assert_num_queries(9):
        # the user and their groups; the plan; sections with topics and questions; bank and past; what is running
        page.get(address(plan))
