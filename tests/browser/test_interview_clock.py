"""The clock of the interview page: only the server's time counts, and it says what matters without being looked at."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from sessions import lifecycle
from sessions.models import Answer, InterviewSession
from tests.browser.conftest import OpenPage
from tests.browser.interviews import (
    CHIP,
    answer_of,
    ask_for_the_time,
    end_in,
    open_session,
    path_of,
    wait_until,
    wait_until_it_holds,
    write,
)
from tests.factories import make_curator

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

TEN_MINUTES = {"10:00", "9:59", "9:58", "9:57", "9:56", "9:55"}
# The wall clock goes on while the monotonic one may stand still: all a page sees of a computer that slept.
SLEEP = "const real = Date.now; Date.now = () => real() + 3_600_000"
WRONG_BY_A_DAY = "const real = Date.now; Date.now = () => real() - 86_400_000"


def test_a_computer_that_slept_asks_for_the_time(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    end_in(session, 600)
    with page.expect_response(lambda response: "/clock/" in response.url):
        page.evaluate(SLEEP)
    wait_until(page, "document.getElementById('timer').textContent.startsWith('9:5')")


def test_a_wall_clock_that_is_wrong_by_a_day_changes_nothing(open_page: OpenPage) -> None:
    session = open_session()
    end_in(session, 600)
    page = open_page(session.candidate, "/home/")
    page.add_init_script(WRONG_BY_A_DAY)
    page.goto(path_of(session))
    assert page.locator("#timer").inner_text() in TEN_MINUTES
    write(page, "saved all the same")
    expect(page.locator(CHIP)).to_contain_text("revision 1")
    assert page.locator("#timer").inner_text() in TEN_MINUTES | {"9:54", "9:53", "9:52", "9:51"}


def test_extra_time_given_in_the_middle_is_announced(open_page: OpenPage) -> None:
    session = open_session()
    end_in(session, 595)
    page = open_page(session.candidate, path_of(session))
    lifecycle.change_time(
        session_id=session.pk, actor=make_curator(), reason="fire alarm", now=timezone.now(), extra_minutes=10
    )
    ask_for_the_time(page)
    expect(page.locator("#news")).to_have_text("You were given more time.")
    expect(page.locator("#timer")).to_have_text(re.compile("^19:"))


def test_what_is_left_is_announced_on_the_way(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    end_in(session, 15 * 60 + 2, page)
    expect(page.locator("#announcer")).to_have_text("Half of the time is left.", timeout=10_000)
    end_in(session, 302, page)
    expect(page.locator("#announcer")).to_have_text("Five minutes left.", timeout=10_000)
    expect(page.locator("#news")).to_be_hidden()
    page.get_by_role("button", name="hide").click()
    end_in(session, 62, page)
    expect(page.locator("#news")).to_have_text("One minute left.", timeout=10_000)
    expect(page.locator("#timer")).to_be_hidden()


def test_at_the_end_of_a_questions_own_time_the_next_one_comes_and_the_words_count(open_page: OpenPage) -> None:
    session = open_session(question_limit="fixed", question_limit_seconds=120, navigation="forward")
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    assert page.locator("#question-timer").inner_text() in {"2:00", "1:59", "1:58", "1:57", "1:56"}
    write(page, "as far as I got")
    Answer.objects.filter(pk=answer_of(session).pk).update(deadline=timezone.now() + timedelta(seconds=3))
    ask_for_the_time(page)
    expect(page.get_by_role("heading", name="Question 2")).to_be_visible(timeout=20_000)
    first = answer_of(session)
    assert (first.body, first.state) == ("as far as I got", "passed")
    expect(page.get_by_label("Your answer")).to_have_value("")


def test_an_untimed_interview_has_no_timer(open_page: OpenPage) -> None:
    session = open_session(mode="practice")
    InterviewSession.objects.filter(pk=session.pk).update(is_untimed=True, time_limit_seconds=None)
    page = open_page(session.candidate, path_of(session))
    write(page, "at leisure")
    expect(page.locator(CHIP)).to_contain_text("revision 1")
    expect(page.get_by_role("timer")).to_have_count(0)
    assert page.get_by_text("this question").count() == 0


def test_the_timer_starts_hidden_for_those_who_asked_for_it(open_page: OpenPage) -> None:
    session = open_session()
    session.candidate.hides_timer = True
    session.candidate.time_factor = Decimal("1.00")
    session.candidate.save()
    page = open_page(session.candidate, path_of(session))
    expect(page.locator("#timer")).to_be_hidden()
    page.keyboard.press("Alt+l")
    expect(page.locator("#news")).to_contain_text("left.")
    page.get_by_role("button", name="show time").click()
    expect(page.locator("#timer")).to_be_visible()
    page.reload()
    expect(page.locator("#timer")).to_be_visible()


def test_while_the_time_is_asked_for_nothing_is_typed_that_could_not_go_along(open_page: OpenPage) -> None:
    session = open_session()
    page = open_page(session.candidate, path_of(session))
    wait_until_it_holds(page, session)
    end_in(session, 3, page)
    page.context.set_offline(True)
    expect(page.get_by_text("Time is up.").first).to_be_attached(timeout=15_000)
    expect(page.locator("#answer[readonly]")).to_be_visible()
    page.context.set_offline(False)
    page.wait_for_url("**/report/", timeout=20_000)
