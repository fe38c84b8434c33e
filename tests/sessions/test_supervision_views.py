"""What staff see and do: running and ended interviews, more time, reopening; and never a word of an answer."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import CURATOR_GROUP, User
from sessions import lifecycle, reports, supervision
from sessions.models import Answer, InterviewSession, KeptDraft, Report, Score, SessionEvent
from sessions.supervision_forms import TimeForm
from tests.clients import as_guest, signed_in
from tests.factories import (
    OTHER_CLIENT,
    answer,
    make_curator,
    make_finished_session,
    make_guest,
    make_mentor,
    make_plan,
    make_question,
    make_session,
    make_user,
    questions_of,
)

pytestmark = pytest.mark.django_db

LIST = "/supervision/"
WORD = "zyzzyva"
REASON = "The fire alarm went off"
KINDS = SessionEvent.Kind


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def curator() -> User:
    return make_curator("cleo@example.com")


@pytest.fixture
def staff(curator: User) -> Client:
    return signed_in(curator)


@pytest.fixture
def running(now: datetime) -> InterviewSession:
    """An interview of three questions in 30 minutes, ten of which are over."""
    candidate = make_user("ada@example.com", name="Ada Example")
    return make_session(candidate=candidate, now=now - timedelta(minutes=10))


@pytest.fixture
def ended(running: InterviewSession, now: datetime) -> InterviewSession:
    """The same interview, ended by hand; the first answer was submitted, the other two were not."""
    answer(questions_of(running)[0], "words", now=now - timedelta(minutes=8), submit=True)
    return finished(running, now - timedelta(minutes=5))


def finished(session: InterviewSession, now: datetime) -> InterviewSession:
    lifecycle.finish_session(session_id=session.pk, now=now)
    return InterviewSession.objects.get(pk=session.pk)


def url(session: InterviewSession, action: str = "") -> str:
    return f"{LIST}{session.pk}/{action}"


def text(response: Any) -> str:
    """Return what a page says, with its tags taken out and its white space made even."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(words.split())


def current(session: InterviewSession) -> InterviewSession:
    return InterviewSession.objects.get(pk=session.pk)


def give(client: Client, session: InterviewSession, *, step: str = "confirm", **fields: Any) -> Any:
    """Post the form for more time as its page shows it now."""
    data = {"seen": supervision.time_facts(current(session)), "add_minutes": "10", "time_factor": "1.00"}
    return client.post(url(session, "time/"), data | {"reason": REASON, "step": step} | fields)


def reopen(client: Client, session: InterviewSession, *, step: str = "confirm", **fields: Any) -> Any:
    data = {"seen": supervision.time_facts(current(session)), "minutes": "12", "reason": REASON, "step": step}
    return client.post(url(session, "reopen/"), data | fields)


def kinds_of(session: InterviewSession) -> list[str]:
    return [event.kind for event in session.events.all()]


# --- Who may ------------------------------------------------------------------------------------------------------


def all_urls(session: InterviewSession) -> list[str]:
    return [LIST, url(session), url(session, "time/"), url(session, "reopen/")]


def test_whoever_is_not_signed_in_is_sent_to_the_log_in(running: InterviewSession) -> None:
    for page in all_urls(running):
        for response in (Client().get(page), Client().post(page), as_guest(make_guest()).get(page)):
            assert response.status_code in {302, 405}
            assert response.headers.get("Location", reverse("account_login")).startswith(reverse("account_login"))
    assert Client().post(url(running, "time/")).headers["Location"].startswith(reverse("account_login"))


def test_candidates_mentors_and_curators_without_the_permission_are_refused(running: InterviewSession) -> None:
    deprived = make_curator()
    deprived.groups.get(name=CURATOR_GROUP).permissions.remove(Permission.objects.get(codename="supervise_session"))
    for person in (running.candidate, make_user(), make_mentor(of=running.candidate), deprived):
        client = signed_in(person)
        assert [client.get(page).status_code for page in all_urls(running)] == [403] * 4
        assert [give(client, running).status_code, reopen(client, running).status_code] == [403] * 2
    assert current(running).extra_minutes == 0


def test_the_permission_is_enough_and_a_superuser_has_it(running: InterviewSession) -> None:
    invigilator = make_user()
    invigilator.user_permissions.add(Permission.objects.get(codename="supervise_session"))
    for person in (invigilator, make_user(is_superuser=True)):
        assert signed_in(person).get(LIST).status_code == 200
        assert give(signed_in(person), running).status_code == 302


def test_only_staff_with_the_permission_find_it_in_the_navigation(staff: Client) -> None:
    link = f'href="{LIST}"'
    assert link in staff.get(reverse("home")).content.decode()
    for person in (make_user(), make_mentor(), make_user(is_staff=True)):
        assert link not in signed_in(person).get(reverse("home")).content.decode()


def test_a_wrong_method_is_refused(staff: Client, running: InterviewSession) -> None:
    assert staff.post(LIST).status_code == 405
    assert staff.post(url(running)).status_code == 405
    assert staff.put(url(running, "time/")).status_code == 405
    assert staff.delete(url(running, "reopen/")).status_code == 405


def test_the_address_of_a_form_leads_to_its_page(staff: Client, running: InterviewSession) -> None:
    for action in ("time/", "reopen/"):
        assert staff.get(url(running, action)).headers["Location"] == f"{url(running)}#main"


def test_a_session_that_does_not_exist_is_not_found(staff: Client) -> None:
    for action in ("", "time/", "reopen/"):
        assert staff.get(f"{LIST}{uuid4()}/{action}").status_code == 404


# --- No words -----------------------------------------------------------------------------------------------------


@pytest.fixture
def worded(running: InterviewSession, now: datetime) -> InterviewSession:
    """A session with a submitted answer, a draft and a draft that lost, each with the word that nobody may read."""
    first, second, _ = questions_of(running)
    answer(first, f"{WORD} submitted", now=now - timedelta(minutes=9), submit=True)
    lifecycle.open_question(session=running, question_id=second.pk, now=now - timedelta(minutes=8))
    answer(second, f"{WORD} drafted", now=now - timedelta(minutes=7))
    answer(second, f"{WORD} elsewhere", now=now - timedelta(minutes=6), client_id=OTHER_CLIENT)
    assert KeptDraft.objects.filter(body__contains=WORD).exists()
    return running


def pages_of_running(staff: Client, session: InterviewSession) -> Iterator[Any]:
    yield staff.get(LIST)
    yield staff.get(LIST, {"q": "ada"})
    yield staff.get(url(session))
    yield give(staff, session, step="preview")
    yield give(staff, session, step="edit")
    yield give(staff, session, reason="")
    yield give(staff, session, seen="older")
    yield reopen(staff, session)


def pages_of_ended(staff: Client, session: InterviewSession) -> Iterator[Any]:
    yield staff.get(LIST)
    yield staff.get(url(session))
    yield reopen(staff, session, step="preview")
    yield reopen(staff, session, minutes="")
    yield reopen(staff, session, seen="older")
    yield give(staff, session)


def test_no_page_shows_a_word_of_an_answer(staff: Client, worded: InterviewSession, now: datetime) -> None:
    seen = [*pages_of_running(staff, worded)]
    finished(worded, now - timedelta(minutes=1))
    seen += pages_of_ended(staff, worded)
    assert [response.status_code for response in seen] == [200] * 6 + [409] * 2 + [200] * 4 + [409] * 2
    assert not any(WORD in response.content.decode() for response in seen)


def test_looking_does_not_even_read_the_words(staff: Client, worded: InterviewSession, now: datetime) -> None:
    with CaptureQueriesContext(connection) as while_it_runs:
        staff.get(LIST)
        staff.get(url(worded))
    finished(worded, now - timedelta(minutes=1))
    with CaptureQueriesContext(connection) as afterwards:
        staff.get(url(worded))
    read = [query["sql"] for query in [*while_it_runs, *afterwards]]
    assert any("interview_sessions_answer" in sql for sql in read)
    assert [sql for sql in read if '"body"' in sql or '"inserted"' in sql or "a.body" in sql] == []


# --- The list -----------------------------------------------------------------------------------------------------


def test_running_interviews_come_first_then_those_that_ended_lately(staff: Client, now: datetime) -> None:
    plans = {name: make_plan(name=name) for name in ("Yesterday", "Last week", "Just begun", "An hour ago")}
    make_finished_session(plan=plans["Yesterday"], now=now - timedelta(days=1))
    make_finished_session(plan=plans["Last week"], now=now - timedelta(days=8))
    make_session(plan=plans["Just begun"], now=now)
    make_finished_session(plan=plans["An hour ago"], now=now - timedelta(hours=1))
    page = text(staff.get(LIST))
    order = ["Running", "Just begun", "Ended in the last 7 days", "An hour ago", "Yesterday"]
    assert [page.index(words) for words in order] == sorted(page.index(words) for words in order)
    assert "Last week" not in page


def test_a_row_says_who_sits_what_and_how_it_stands(
    staff: Client, worded: InterviewSession, curator: User, now: datetime
) -> None:
    lifecycle.change_time(
        session_id=worded.pk, actor=curator, reason=REASON, now=now, extra_minutes=5, time_factor=Decimal("1.25")
    )
    page = text(staff.get(LIST))
    assert "Ada Example" in page
    assert "ada@example.com" in page
    assert worded.plan_name in page
    assert "2 of 3 · 1 submitted" in page
    assert "25 % more time, 5 extra minutes" in page
    # The last save, not what staff did later.
    assert f"Last sign of life {now - timedelta(minutes=7):%-d %b, %H:%M:%S} UTC" in page


def test_time_left_counts_from_the_arrival_of_the_request(running: InterviewSession, now: datetime) -> None:
    row = supervision.overview_of(supervision.sessions(now).get(pk=running.pk), now=now)
    assert (row.remaining_ms, row.is_over, row.is_paused) == (20 * 60_000, False, False)
    later = now + timedelta(minutes=20, seconds=1)
    row = supervision.overview_of(supervision.sessions(later).get(pk=running.pk), now=later)
    assert (row.remaining_ms, row.is_over, row.ended_at) == (0, True, running.deadline)


def test_an_interview_over_but_not_recorded_as_ended_is_among_the_ended(staff: Client, now: datetime) -> None:
    make_session(now=now - timedelta(minutes=30, seconds=5))
    page = text(staff.get(LIST))
    assert page.index("Ended in the last 7 days") < page.index("time ran out")
    assert "No interview is running" in page


def test_a_paused_interview_is_marked(staff: Client, now: datetime) -> None:
    session = make_session(now=now - timedelta(minutes=10), mode="practice")
    lifecycle.pause_session(session=session, now=now - timedelta(minutes=5))
    page = text(staff.get(LIST))
    assert "paused" in page
    assert "Time left 25:00 min" in page


def test_a_follow_up_does_not_count_as_a_question(now: datetime) -> None:
    session = make_session(now=now, asks_follow_ups=True, questions=[make_question(), make_question()])
    first, follow_up, *_ = questions_of(session)
    answer(first, "words", now=now, submit=True)
    lifecycle.open_question(session=session, question_id=follow_up.pk, now=now)
    row = supervision.overview_of(supervision.sessions(now).get(pk=session.pk), now=now)
    assert (row.number, row.question_count, row.is_at_follow_up, row.submitted_count) == (1, 2, True, 1)


def test_a_follow_up_is_listed_once_it_is_asked(staff: Client, now: datetime) -> None:
    session = make_session(now=now, asks_follow_ups=True, questions=[make_question(), make_question()])
    assert "Follow-up" not in text(staff.get(url(session)))
    answer(questions_of(session)[0], "words", now=now, submit=True)
    page = text(staff.get(url(session)))
    assert "2. Follow-up" in page
    assert "4. Follow-up" not in page


def test_a_guest_is_a_guest_and_has_no_address(staff: Client, now: datetime) -> None:
    session = make_session(candidate=make_guest(), now=now)
    assert "Guest" in text(staff.get(LIST))
    assert "guest " not in text(staff.get(url(session)))


def test_the_list_is_searched_by_name_and_by_address(staff: Client, running: InterviewSession, now: datetime) -> None:
    make_session(candidate=make_user("bob@example.com", name="Bob"), now=now)
    for words in ("ada@", "EXAMPLE.COM", "ada exa"):
        assert "ada@example.com" in text(staff.get(LIST, {"q": words}))
    found = text(staff.get(LIST, {"q": "bob"}))
    assert "1 interview of candidates" in found
    assert "ada@example.com" not in found
    assert "are searched" in text(staff.get(LIST, {"q": "nobody"}))


@pytest.mark.parametrize("search", ["\x00", "x" * 300])
def test_a_search_that_cannot_be_is_refused_in_words(staff: Client, running: InterviewSession, search: str) -> None:
    response = staff.get(f"{LIST}?q={quote(search)}")
    assert response.status_code == 200
    assert 'class="errorlist"' in response.content.decode()


def test_without_interviews_the_list_says_what_would_be_there(staff: Client) -> None:
    assert "Each one is here from its start" in text(staff.get(LIST))


def test_a_long_list_has_pages_that_keep_the_search(staff: Client, now: datetime) -> None:
    plan = make_plan()
    for number in range(26):
        make_session(candidate=make_user(f"a&b{number}@example.com"), plan=plan, now=now)
    first = staff.get(LIST, {"q": "a&b"}).content.decode()
    assert "Page 1 of 2" in first
    assert "?page=2&amp;q=a%26b" in first
    assert staff.get(LIST, {"q": "a&b", "page": "2"}).content.decode().count("/supervision/") < first.count(
        "/supervision/"
    )


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_costs_the_same_statements_however_long(
    curator: User, now: datetime, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plan = make_plan()
    for _ in range(count):
        make_session(plan=plan, now=now)
        make_finished_session(plan=plan, now=now - timedelta(hours=2))
    client = signed_in(curator)
    with django_assert_num_queries(4):  # user, rights with roles, count, page
        client.get(LIST)


# --- One session --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 6])
def test_a_session_costs_the_same_statements_however_much_happened(
    curator: User, now: datetime, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = make_session(now=now - timedelta(minutes=5), count=count)
    for question in questions_of(session):
        lifecycle.set_flag(session=session, question_id=question.pk, flagged=True, now=now)
    give(signed_in(make_curator()), session)
    client = signed_in(curator)
    with django_assert_num_queries(6):  # user, rights with roles, session, answers, number of events, events
        client.get(url(session))


def test_the_log_says_what_happened_when_and_who_did_it(
    staff: Client, curator: User, worded: InterviewSession, now: datetime
) -> None:
    lifecycle.note_absence(
        session_id=worded.pk,
        question_id=questions_of(worded)[0].pk,
        candidate=worded.candidate,
        away_ms=90_000,
        now=now,
    )
    give(staff, worded, reason="Alarm <b>drill</b>")
    page = staff.get(url(worded)).content.decode()
    log = page[page.index('id="log"') :]
    assert "Alarm &lt;b&gt;drill&lt;/b&gt;" in log
    said = text(staff.get(url(worded)))
    assert "Time changed by staff · 10 extra minutes in all, the planned time by cleo" in said
    assert "Connection back · position 1 · 1:30 min by the candidate" in said
    assert said.index("Time changed by staff") < said.index("Connection back") < said.index("Started by the candidate")


def test_an_unknown_detail_of_an_event_is_not_shown(staff: Client, running: InterviewSession, now: datetime) -> None:
    SessionEvent.objects.create(session=running, kind=KINDS.RETURNED, at=now, data={"text": WORD})
    SessionEvent.objects.create(session=running, kind=KINDS.RETURNED, at=now, data=[WORD])
    assert WORD not in staff.get(url(running)).content.decode()


def test_a_long_log_has_pages(staff: Client, running: InterviewSession, now: datetime) -> None:
    events = [SessionEvent(session=running, kind=KINDS.FLAGGED, at=now) for _ in range(120)]
    SessionEvent.objects.bulk_create(events)
    assert "Page 1 of 2" in text(staff.get(url(running)))
    assert "Page 2 of 2" in text(staff.get(url(running), {"events": 2}))


def test_answers_are_listed_by_their_state(staff: Client, worded: InterviewSession) -> None:
    page = text(staff.get(url(worded)))
    assert "1 draft kept beside it" in page
    assert re.search(r"open · saved \d\d:\d\d:\d\d UTC, revision 1", page)
    assert "open · never opened" in page


def test_whoever_looks_records_an_end_that_nobody_has_recorded(staff: Client, now: datetime) -> None:
    session = make_session(now=now - timedelta(hours=1))
    assert "Reopen" in text(staff.get(url(session)))
    assert current(session).is_finished
    assert Report.objects.filter(session=session).exists()


# --- More time ----------------------------------------------------------------------------------------------------


def test_the_new_end_is_shown_before_anything_changes(staff: Client, running: InterviewSession) -> None:
    before = kinds_of(running)
    response = give(staff, running, step="preview")
    page = text(response)
    assert response.status_code == 200
    new_end = date_format(running.deadline + timedelta(minutes=10), "j M, H:i:s")
    assert f"will end 10:00 min later, at {new_end} UTC" in page
    assert "Extra minutes 0 → 10" in page
    assert "Factor" not in page
    assert REASON in page
    assert (current(running).deadline, current(running).changes) == (running.deadline, running.changes)
    assert kinds_of(running) == before


def test_confirming_gives_the_time_and_keeps_the_reason(
    staff: Client, curator: User, running: InterviewSession
) -> None:
    shown = give(staff, running, step="preview").content.decode()
    form = shown[shown.index('id="action"') :]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    response = staff.post(url(running, "time/"), hidden | {"step": "confirm"}, follow=True)
    assert "The time is changed: the interview ends at" in text(response)
    after = current(running)
    assert (after.extra_minutes, after.deadline) == (10, running.deadline + timedelta(minutes=10))
    event = running.events.get(kind=KINDS.TIME_CHANGED)
    assert event.actor == curator
    assert isinstance(event.data, dict)
    assert event.data["reason"] == REASON


def test_a_factor_is_given_alone_or_with_minutes(staff: Client, running: InterviewSession) -> None:
    give(staff, running, add_minutes="", time_factor="1.50")
    assert current(running).deadline == running.deadline + timedelta(minutes=15)
    give(staff, running, add_minutes="5", time_factor="1.50")
    after = current(running)
    assert (after.time_factor, after.extra_minutes) == (Decimal("1.50"), 5)
    assert after.deadline == running.deadline + timedelta(minutes=20)


def test_posting_twice_gives_the_time_once_and_says_who_was_first(staff: Client, running: InterviewSession) -> None:
    seen = supervision.time_facts(running)
    assert give(staff, running, seen=seen).status_code == 302
    again = give(staff, running, seen=seen)
    assert again.status_code == 409
    assert "nothing was done just now" in text(again)
    assert re.search(f"Time changed by staff at .* UTC by cleo: 10 extra minutes in all.* {REASON}", text(again))
    assert current(running).extra_minutes == 10
    assert kinds_of(running).count(KINDS.TIME_CHANGED) == 1


def test_a_refused_form_comes_back_with_what_was_typed_and_can_be_sent_again(
    staff: Client, running: InterviewSession
) -> None:
    page = give(staff, running, seen="older", add_minutes="7").content.decode()
    assert 'value="7"' in page
    assert REASON in page
    assert f'name="seen" value="{supervision.time_facts(running)}"' in page


def test_what_the_candidate_does_meanwhile_does_not_refuse_a_form(staff: Client, running: InterviewSession) -> None:
    seen = supervision.time_facts(running)
    second = questions_of(running)[1]
    lifecycle.open_question(session=running, question_id=second.pk, now=timezone.now())
    assert current(running).changes > running.changes
    assert give(staff, running, seen=seen).status_code == 302


def test_a_change_between_looking_and_acting_is_refused_too(
    staff: Client, curator: User, running: InterviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_valid = TimeForm.is_valid

    def overtaken(form: TimeForm) -> bool:
        lifecycle.change_time(session_id=running.pk, actor=curator, reason="first", now=timezone.now(), extra_minutes=3)
        return is_valid(form)

    monkeypatch.setattr(TimeForm, "is_valid", overtaken)
    response = give(staff, running)
    assert response.status_code == 409
    assert "first" in text(response)
    assert current(running).extra_minutes == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": " "}, "Say why"),
        ({"reason": "x" * 501}, "at most 500 characters"),
        ({"add_minutes": ""}, "Say how many minutes to add"),
        ({"add_minutes": "soon"}, "Enter a whole number"),
        ({"add_minutes": "-5"}, "It can be 0 to 600"),
        ({"add_minutes": "9999"}, "less than or equal to 600"),
        ({"time_factor": "9.00"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
    staff: Client, running: InterviewSession, fields: dict[str, str], words: str
) -> None:
    for step in ("preview", "confirm"):
        page = give(staff, running, step=step, **fields).content.decode()
        assert words in page
        assert 'aria-invalid="true"' in page
        assert fields.get("reason", REASON) in page
    assert current(running).extra_minutes == 0


def test_going_back_to_the_form_keeps_it(staff: Client, running: InterviewSession) -> None:
    page = give(staff, running, step="edit", add_minutes="17").content.decode()
    assert 'value="17"' in page
    assert REASON in page
    assert "errorlist" not in page


def test_time_given_by_mistake_is_taken_back(staff: Client, running: InterviewSession) -> None:
    give(staff, running, add_minutes="60")
    preview = text(give(staff, running, step="preview", add_minutes="-54"))
    assert "will end 54:00 min earlier" in preview
    assert "Take this time back" in preview
    give(staff, running, add_minutes="-54")
    assert current(running).deadline == running.deadline + timedelta(minutes=6)


def test_taking_back_more_than_is_left_is_refused_in_words(staff: Client, now: datetime) -> None:
    began = now - timedelta(minutes=35)
    session = lifecycle.start_session(candidate=make_user(), plan=make_plan(), now=began, extra_minutes=20)
    response = give(staff, session, add_minutes="-20")
    assert response.status_code == 409
    assert "would end the interview in the past" in text(response)
    assert 'value="-20"' in response.content.decode()
    assert current(session).extra_minutes == 20


def test_an_interview_that_ended_meanwhile_can_be_reopened_with_what_was_typed(
    staff: Client, running: InterviewSession, now: datetime
) -> None:
    seen = supervision.time_facts(running)
    finished(running, now)
    response = give(staff, running, seen=seen, add_minutes="25")
    assert response.status_code == 409
    assert "ended before it got more time" in text(response)
    page = response.content.decode()
    assert url(running, "reopen/") in page
    assert 'value="25"' in page
    assert REASON in page
    assert current(running).is_finished


def test_an_interview_whose_time_is_just_up_gets_none(staff: Client, now: datetime) -> None:
    session = make_session(now=now - timedelta(minutes=30, seconds=3))
    response = give(staff, session)
    assert response.status_code == 409
    assert "just running out" in text(response)
    assert current(session).extra_minutes == 0


def test_an_untimed_interview_has_no_form_for_time(staff: Client, now: datetime) -> None:
    session = lifecycle.start_session(candidate=make_user(), plan=make_plan(), now=now, untimed=True)
    page = text(staff.get(url(session)))
    assert "no time limit, so there is no time to give" in page
    assert "Show the new end" not in page
    assert give(staff, session).status_code == 409


def test_when_too_much_happens_at_once_one_is_asked_to_try_again(
    staff: Client, running: InterviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contended(**_: Any) -> None:
        raise lifecycle.ContendedError

    monkeypatch.setattr(lifecycle, "change_time", contended)
    response = give(staff, running)
    assert response.status_code == 409
    assert "Try again" in text(response)
    assert REASON in response.content.decode()


# --- Reopening ----------------------------------------------------------------------------------------------------


def test_the_time_left_at_the_last_sign_of_life_is_proposed(staff: Client, now: datetime) -> None:
    session = make_session(now=now - timedelta(hours=1))
    answer(questions_of(session)[0], "words", now=now - timedelta(minutes=60 - 17, seconds=30))
    page = staff.get(url(session))
    # 30 minutes less 16:30, rounded up.
    assert "13:30 min of the time were left" in text(page)
    assert 'name="minutes" value="14"' in page.content.decode()


def test_what_reopening_does_is_shown_before_anything_changes(staff: Client, ended: InterviewSession) -> None:
    reports.refresh_report(session_id=ended.pk, now=timezone.now())
    before = kinds_of(ended), Score.objects.count()
    page = text(reopen(staff, ended, step="preview"))
    assert "will run again for 12:00 min" in page
    assert "2 answers that the end had closed open again" in page
    assert "1 submitted answer stays as it is" in page
    assert current(ended).is_finished
    assert ended.report.state == Report.State.READY
    assert (kinds_of(ended), Score.objects.count()) == before


def test_confirming_lets_the_interview_run_again(staff: Client, curator: User, ended: InterviewSession) -> None:
    shown = reopen(staff, ended, step="preview").content.decode()
    form = shown[shown.index('id="action"') :]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    response = staff.post(url(ended, "reopen/"), hidden | {"step": "confirm"}, follow=True)
    after = current(ended)
    assert f"The interview runs again, until {date_format(after.deadline, 'j M, H:i:s')} UTC." in text(response)
    assert 11 * 60_000 < after.remaining_ms(timezone.now()) <= 12 * 60_000
    states = [question.answer.state for question in questions_of(ended)]
    assert states == [Answer.State.SUBMITTED, Answer.State.OPEN, Answer.State.OPEN]
    assert not Report.objects.filter(session=ended).exists()
    event = ended.events.get(kind=KINDS.REOPENED)
    assert (event.actor, isinstance(event.data, dict) and event.data["reason"]) == (curator, REASON)


def test_reopening_twice_reopens_once_and_says_who_was_first(staff: Client, ended: InterviewSession) -> None:
    seen = supervision.time_facts(ended)
    assert reopen(staff, ended, seen=seen).status_code == 302
    again = reopen(staff, ended, seen=seen)
    assert again.status_code == 409
    assert "was not reopened just now" in text(again)
    assert re.search(f"Reopened by staff at .* UTC by cleo: 12:00 min.*{REASON}", text(again))
    assert "Give more time" in text(again)
    assert kinds_of(ended).count(KINDS.REOPENED) == 1


def test_a_form_from_before_an_earlier_reopening_does_nothing(
    staff: Client, ended: InterviewSession, now: datetime
) -> None:
    seen = supervision.time_facts(ended)
    reopen(staff, ended, seen=seen)
    finished(ended, timezone.now())
    response = reopen(staff, ended, seen=seen)
    assert response.status_code == 409
    assert "nothing was done just now" in text(response)
    assert current(ended).is_finished


def test_a_candidate_in_the_middle_of_another_interview_has_to_end_that_first(
    staff: Client, ended: InterviewSession, now: datetime
) -> None:
    other = make_session(candidate=ended.candidate, now=now)
    for step in ("preview", "confirm"):
        response = reopen(staff, ended, step=step)
        assert response.status_code == 409
        assert "in the middle of another interview" in text(response)
        assert url(other) in response.content.decode()
        assert REASON in response.content.decode()
    assert current(ended).is_finished


def test_there_is_nothing_to_reopen_when_every_answer_was_submitted(staff: Client, now: datetime) -> None:
    session = make_finished_session(now=now - timedelta(hours=1))
    page = text(staff.get(url(session)))
    assert "Every answer was submitted" in page
    assert "Show what happens" not in page
    assert reopen(staff, session).status_code == 409
    assert current(session).is_finished


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": ""}, "Say why"),
        ({"minutes": "0"}, "greater than or equal to 1"),
        ({"minutes": "1441"}, "less than or equal to 1440"),
        ({"minutes": ""}, "This field is required"),
    ],
)
def test_a_wrong_reopening_is_said_at_its_field(
    staff: Client, ended: InterviewSession, fields: dict[str, str], words: str
) -> None:
    page = reopen(staff, ended, **fields).content.decode()
    assert words in page
    assert fields.get("reason", REASON) in page
    assert current(ended).is_finished


def test_a_reopened_interview_is_on_the_candidates_home_page(staff: Client, ended: InterviewSession) -> None:
    reopen(staff, ended)
    assert reverse("interview", args=[ended.pk]) in signed_in(ended.candidate).get(reverse("home")).content.decode()
