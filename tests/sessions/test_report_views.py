import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from interviewprep.accounts.models import User
from sessions import lifecycle, reports, reviews
from sessions.grading import Status, Verdict
from sessions.models import InterviewSession, KeptDraft, Report, VerdictDispute
from sessions.reports import keeping
from sessions.templatetags.report import objection_words, quoted
from tests.clients import as_guest, signed_in
from tests.factories import (
    NOW,
    PASSWORD,
    answer,
    make_curator,
    make_finished_session,
    make_guest,
    make_mentor,
    make_mentorship,
    make_plan,
    make_question,
    make_session,
    make_user,
    questions_of,
)
from tests.sessions.sitting import finish, nth_answer, nth_question, shown, sit, start

pytestmark = pytest.mark.django_db

ONE_POINT = "Accuracy is useless with imbalanced classes."
HTMX = {"HX-Request": "true"}
Sent = list[str]


def report_url(session: InterviewSession) -> str:
    return reverse("report", args=[session.pk])


def status_url(session: InterviewSession, shown: str = "") -> str:
    return reverse("report_status", args=[session.pk]) + (f"?shown={shown}" if shown else "")


def again_url(session: InterviewSession) -> str:
    return reverse("report_recompile", args=[session.pk])


def dispute_url(session: InterviewSession, key: str = "precision-recall", *, name: str = "report_dispute") -> str:
    return reverse(name, args=[session.pk, nth_question(session, 1).pk, key])


def ready_session(body: str = ONE_POINT, *, candidate: User | None = None) -> InterviewSession:
    session = sit(("open", body), candidate=candidate)
    shown(session)
    return session


# --- Who may see what --------------------------------------------------------------------------------------------


def nobody(session: InterviewSession) -> Client:
    return Client()


def another_candidate(session: InterviewSession) -> Client:
    return signed_in(make_user())


def mentor_without_consent(session: InterviewSession) -> Client:
    mentor = make_mentor()
    make_mentorship(candidate=session.candidate, mentor=mentor, accepted=False)
    return signed_in(mentor)


def revoked_mentor(session: InterviewSession) -> Client:
    mentor = make_mentor()
    make_mentorship(candidate=session.candidate, mentor=mentor, revoked=True)
    return signed_in(mentor)


def curator(session: InterviewSession) -> Client:
    return signed_in(make_curator())


def another_guest(session: InterviewSession) -> Client:
    return as_guest(make_guest())


STRANGERS: list[Callable[[InterviewSession], Client]] = [
    another_candidate,
    mentor_without_consent,
    revoked_mentor,
    curator,
    another_guest,
]
PAGES = [report_url, status_url]
ACTIONS = [again_url, dispute_url, lambda session: dispute_url(session, name="report_withdraw")]


@pytest.mark.parametrize("visitor", STRANGERS)
@pytest.mark.parametrize("url", PAGES)
def test_a_stranger_is_told_nothing_of_a_report(
    visitor: Callable[[InterviewSession], Client], url: Callable[[InterviewSession], str]
) -> None:
    session = ready_session()
    assert visitor(session).get(url(session)).status_code == 404


@pytest.mark.parametrize("visitor", STRANGERS)
@pytest.mark.parametrize("url", ACTIONS)
def test_a_stranger_changes_nothing(
    visitor: Callable[[InterviewSession], Client], url: Callable[[InterviewSession], str]
) -> None:
    session = ready_session()
    assert visitor(session).post(url(session)).status_code == 404
    assert not VerdictDispute.objects.exists()
    assert Report.objects.get().state == Report.State.READY


@pytest.mark.parametrize("url", [*PAGES, *ACTIONS])
def test_whoever_is_not_signed_in_is_sent_to_the_log_in_and_a_background_request_is_refused(
    url: Callable[[InterviewSession], str],
) -> None:
    session = ready_session()
    method = Client().get if url in PAGES else Client().post
    assert method(url(session)).headers["Location"].startswith(reverse("account_login"))
    assert method(url(session), headers=HTMX).status_code == 401


def test_a_mentor_with_consent_reads_the_report_without_its_controls() -> None:
    session = ready_session()
    client = signed_in(make_mentor(of=session.candidate))
    page = client.get(report_url(session)).content.decode()
    assert session.candidate.display_name in page
    assert reverse("report_dispute", args=[session.pk, nth_question(session, 1).pk, "costs"]) not in page
    assert reverse("home") + '">Choose' not in page


@pytest.mark.parametrize("url", ACTIONS)
def test_a_mentor_with_consent_still_changes_nothing(url: Callable[[InterviewSession], str]) -> None:
    session = ready_session()
    assert signed_in(make_mentor(of=session.candidate)).post(url(session)).status_code == 404
    assert not VerdictDispute.objects.exists()


def test_a_guest_reads_their_own_report_and_is_told_how_to_keep_it() -> None:
    guest = make_guest()
    session = ready_session(candidate=guest)
    page = as_guest(guest).get(report_url(session)).content.decode()
    assert f'href="{reverse("account_signup")}?next={report_url(session)}">Create an account to keep this' in page


def test_a_guest_who_signs_up_from_the_report_ends_there() -> None:
    guest = make_guest()
    session = ready_session(candidate=guest)
    client = as_guest(guest)
    form = client.get(reverse("account_signup"), {"next": report_url(session)}).content.decode()
    assert f'name="next" value="{report_url(session)}"' in form
    person = {"email": "ada@example.com", "password1": PASSWORD, "next": report_url(session)}
    client.post(reverse("account_signup"), person)
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    response = client.post(reverse("account_email_verification_sent"), {"code": code[1]})
    assert response.headers["Location"] == report_url(session)
    assert client.get(report_url(session)).status_code == 200


@pytest.mark.parametrize("url", [*PAGES, *ACTIONS])
def test_the_wrong_method_is_refused(url: Callable[[InterviewSession], str]) -> None:
    session = ready_session()
    client = signed_in(session.candidate)
    method = client.post if url in PAGES else client.get
    assert method(url(session)).status_code == 405


@pytest.mark.parametrize("name", ["report", "report_status"])
def test_an_unknown_session_is_not_found(name: str) -> None:
    client = signed_in(make_user())
    assert client.get(reverse(name, args=[uuid4()])).status_code == 404
    assert client.get("/interviews/not-a-uuid/report/").status_code == 404


def test_an_action_without_its_security_token_is_refused() -> None:
    session = ready_session()
    client = Client(enforce_csrf_checks=True)
    client.force_login(session.candidate)
    assert client.post(dispute_url(session)).status_code == 403
    assert not VerdictDispute.objects.exists()


# --- Waiting -----------------------------------------------------------------------------------------------------


def minutes_ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def test_a_running_interview_has_no_report_and_leads_back_to_itself() -> None:
    session = start("single", now=timezone.now())
    client = signed_in(session.candidate)
    interview = reverse("interview", args=[session.pk])
    assert client.get(report_url(session)).headers["Location"] == interview
    assert client.get(status_url(session), headers=HTMX).headers["HX-Redirect"] == interview


def test_the_end_is_an_arrival_that_says_what_was_answered_and_asks_again_by_itself() -> None:
    session = start("open", "open", "open", now=minutes_ago(60))
    answer(nth_question(session, 1), "words", now=minutes_ago(55), submit=True)
    answer(nth_question(session, 2), "half a sen", now=minutes_ago(55))
    page = signed_in(session.candidate).get(report_url(session)).content.decode()
    assert "Time is up" in page and "1 of 3 answered." in page
    assert "Your report is being compiled" in page
    assert 'hx-trigger="every 2s"' in page and status_url(session, "compiling") in page
    assert f'<a href="{report_url(session)}">Check again</a>' in page


def test_whoever_comes_by_after_the_grace_records_the_end_and_orders_the_report(
    sent: Sent, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    session = start("single", minutes=30, now=minutes_ago(31))
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(session.candidate).get(status_url(session), headers=HTMX)
    session.refresh_from_db()
    assert session.is_finished and session.finished_at == session.deadline
    assert sent == [str(session.pk)]


def test_within_the_grace_the_page_waits_for_words_under_way(sent: Sent) -> None:
    session = start("single", minutes=30, now=minutes_ago(30.1))
    page = signed_in(session.candidate).get(report_url(session)).content.decode()
    session.refresh_from_db()
    assert not session.is_finished and not sent
    assert "The last words under way are awaited" in page and "0 of 1 answered." in page


def pending_session(*, seconds: int = 0) -> InterviewSession:
    session = sit(("single", "a"))
    Report.objects.update(requested_at=timezone.now() - timedelta(seconds=seconds))
    return session


def test_while_nothing_changes_the_status_is_silent() -> None:
    session = pending_session()
    client = signed_in(session.candidate)
    assert client.get(status_url(session, "compiling"), headers=HTMX).status_code == 204
    assert 'hx-trigger="every 2s"' in client.get(status_url(session, "closing"), headers=HTMX).content.decode()


@pytest.mark.parametrize(("seconds", "pace"), [(57, "every 2s"), (63, "every 10s")])
def test_after_a_minute_it_asks_less_often_and_says_so(seconds: int, pace: str) -> None:
    session = pending_session(seconds=seconds)
    fragment = signed_in(session.candidate).get(status_url(session), headers=HTMX).content.decode()
    assert f'hx-trigger="{pace}"' in fragment
    assert ("longer than usual" in fragment) == (pace == "every 10s")


def test_when_the_report_is_ready_the_page_reloads_and_stops_asking() -> None:
    session = ready_session()
    client = signed_in(session.candidate)
    assert client.get(status_url(session, "compiling"), headers=HTMX).headers["HX-Refresh"] == "true"
    assert client.get(status_url(session)).headers["Location"] == report_url(session)
    page = client.get(report_url(session)).content.decode()
    assert "every 2s" not in page and status_url(session) not in page


def test_a_failed_report_stops_asking_and_offers_to_compile_again(
    sent: Sent, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    session = pending_session()
    Report.objects.update(state=Report.State.FAILED, attempts=3, error="secret internals")
    client = signed_in(session.candidate)
    fragment = client.get(status_url(session, "compiling"), headers=HTMX).content.decode()
    assert "could not be compiled" in fragment and again_url(session) in fragment
    assert "hx-trigger" not in fragment and "secret internals" not in fragment
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(again_url(session)).headers["Location"] == report_url(session)
        client.post(again_url(session))
    assert sent == [str(session.pk)]
    assert Report.objects.get().state == Report.State.PENDING


def test_a_mentor_sees_that_a_report_failed_but_cannot_order_it() -> None:
    session = pending_session()
    Report.objects.update(state=Report.State.FAILED)
    page = signed_in(make_mentor(of=session.candidate)).get(report_url(session)).content.decode()
    assert "could not be compiled" in page and again_url(session) not in page


def test_an_interview_that_still_runs_has_nothing_to_compile_again() -> None:
    session = start("single", now=timezone.now())
    assert signed_in(session.candidate).post(again_url(session)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_does_not_keep_a_candidate_from_the_page(broken_broker: None) -> None:
    session = start("single", minutes=30, now=minutes_ago(31))
    client = signed_in(session.candidate)
    assert client.get(report_url(session)).status_code == 200
    session.refresh_from_db()
    assert session.is_finished


# --- Reading -----------------------------------------------------------------------------------------------------


def read(session: InterviewSession) -> str:
    return signed_in(session.candidate).get(report_url(session)).content.decode()


def test_the_page_shows_summary_picture_questions_and_what_to_do_next() -> None:
    page = read(ready_session())
    assert "1 of 1 questions answered" in page
    assert "not enough evidence: 1 answer" in page and "<svg" in page
    assert "<mark title=" in page and ">found</span>" in page
    assert "Did you say it another way?" in page
    assert "Reference answer" in page and "describe the rare class" in page
    assert "What to practise next" in page and reverse("home") in page
    assert "style=" not in page and "<style" not in page and "onclick" not in page


def test_a_story_is_shown_with_what_a_text_match_is_worth_there() -> None:
    said = "A text match says little about a story"
    assert said not in read(ready_session())
    story = make_question(format="behavioural")
    session = make_session(plan=make_plan(questions=[story]))
    answer(questions_of(session)[0], ONE_POINT, submit=True)
    finish(session)
    shown(session)
    assert said in read(session)


def test_a_candidates_words_are_escaped_everywhere() -> None:
    session = start("open", "numeric")
    answer(nth_question(session, 1), f"<script>alert(1)</script> {ONE_POINT} <b>bold</b>", submit=True)
    answer(nth_question(session, 2), "<img src=x onerror=alert(1)>", submit=True)
    late = "<script>alert(2)</script>"
    answer(nth_question(session, 1), late, base_revision=1, sequence=2)
    session = finish(session)
    shown(session)
    page = read(session)
    assert "<script>alert" not in page and "<b>bold" not in page and "<img src=x" not in page
    assert "&lt;script&gt;alert(2)" in page


def test_words_that_came_too_late_are_shown_even_after_the_report_and_marked_as_not_counted() -> None:
    session = ready_session()
    answer(nth_question(session, 1), "Words from a train.", now=session.deadline + timedelta(days=1))
    page = read(session)
    assert "1 draft that does not count" in page and "Words from a train." in page
    assert "arrived after the answer was submitted" in page


def test_an_enormous_kept_draft_is_cut_on_this_page() -> None:
    session = ready_session()
    KeptDraft.objects.create(
        answer=nth_answer(session, 1), reason="late", body="x" * 60_000, base_revision=0, received_at=NOW
    )
    assert "x" * 4_000 in read(session)
    assert "x" * 4_001 not in read(session)


def test_not_covered_and_not_reached_and_cut_off_read_differently() -> None:
    session = start("open", "open", "open")
    answer(nth_question(session, 1), ONE_POINT, submit=True)
    lifecycle.open_question(session=session, question_id=nth_question(session, 2).pk, now=NOW)
    answer(nth_question(session, 2), "Half a sen")
    session = finish(session, by_clock=True)
    shown(session)
    page = read(session)
    assert page.count("Time ran out here; the last saved words are kept") == 1
    assert page.count("What a good answer covers") == 1
    assert "not reached" in page


def test_choices_show_what_was_taken_and_why_it_is_right_or_wrong() -> None:
    session = sit(("multiple", "a\nc"), ("single", "a"), ("numeric", "25 %"))
    shown(session)
    page = read(session)
    assert page.count("chosen, right") == 2 and page.count("chosen, wrong") == 1
    assert page.count("right, not chosen") == 1
    assert "Averages over resamples." in page and "Expected: 0.25" in page


@pytest.mark.parametrize("count", [2, 12])
def test_a_ready_report_costs_the_same_statements_for_any_number_of_questions(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    session = make_finished_session(count=count)
    shown(session)
    client = signed_in(session.candidate)
    client.get(report_url(session))
    with django_assert_num_queries(5):  # user, roles, session with its report, kept drafts, own flags
        client.get(report_url(session))


def test_a_status_request_costs_two_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    session = pending_session()
    client = signed_in(session.candidate)
    client.get(status_url(session))
    with django_assert_num_queries(2):  # user, session with its report
        client.get(status_url(session, "compiling"), headers=HTMX)


def test_a_report_of_an_older_shape_is_shown_all_the_same() -> None:
    session = ready_session()
    Report.objects.update(version=0, data={"shape": "of long ago"})
    assert "1 of 1 questions answered" in read(session)


def test_the_same_plan_is_offered_again_while_it_is_published() -> None:
    session = ready_session()
    assert session.plan is not None
    link = reverse("plan_start", args=[session.plan.pk])
    assert link in read(session)
    session.plan.is_published = False
    session.plan.save()
    assert link not in read(session)


def test_a_verdict_tells_how_close_the_match_is_and_never_how_sure_anybody_is() -> None:
    session = ready_session()
    line, *others = re.findall(r'<li class="verdict".*?</li>', read(session), re.DOTALL)
    assert ">found</span>" in line and re.search(r"(close|fair|weak) match", line)
    assert others and all("Did you say it another way?" in other for other in others)
    assert not any(word in other for other in others for word in (" match", "sure"))


@pytest.mark.parametrize("page", ["report", "transcript"])
def test_the_words_a_verdict_rests_on_stand_below_it_escaped_and_cut(page: str) -> None:
    session = ready_session("Accuracy <i>is</i> useless with imbalanced classes.")
    verdicts = nth_answer(session, 1).scores.get().verdicts
    text = signed_in(session.candidate).get(reverse(page, args=[session.pk])).content.decode()
    found = [raw for raw in verdicts if raw["evidence"]]
    assert found and text.count("<q>") == len(found)
    assert f"<q>{escape(found[0]['evidence'])}</q>" in text
    found[0]["evidence"] = "<i>" * 100
    shown = quoted(Verdict.from_json(found[0]))
    assert len(shown) == 200 and shown.endswith("…")


@pytest.mark.parametrize(
    ("status", "label"),
    [
        (Status.NOT_FOUND, "I said this"),
        (Status.FOUND, "I did not say this"),
        (Status.PARTLY, "Not right"),
        (Status.RIGHT, "Not right"),
        (Status.WRONG, "My number is right"),
    ],
)
def test_an_objection_says_what_it_objects_to(status: Status, label: str) -> None:
    verdict = Verdict(key="a", text="A", weight=1, status=status, coverage=0.5, confidence=0.5)
    assert objection_words(verdict) == label


@pytest.mark.parametrize(
    ("taken", "line"),
    [
        ("a\nc", "1 right − 1 wrong, of 2 right ones"),
        ("a\nb", "2 right − 0 wrong, of 2 right ones"),
        ("c", "0 right − 1 wrong, of 2 right ones; never below 0"),
    ],
)
@pytest.mark.parametrize("page", ["report", "transcript"])
def test_several_choices_show_how_their_points_come_about(page: str, taken: str, line: str) -> None:
    session = sit(("multiple", taken))
    shown(session)
    assert f">{line}<" in signed_in(session.candidate).get(reverse(page, args=[session.pk])).content.decode()


def test_the_key_points_come_in_the_same_order_in_the_report_and_in_the_transcript() -> None:
    session = ready_session("Weigh the cost of false negatives against false positives.")
    reading = signed_in(session.candidate)
    pages = [reading.get(reverse(name, args=[session.pk])).content.decode() for name in ("report", "transcript")]
    orders = [re.findall(r'<li class="verdict" id="verdict-[0-9a-f-]{36}-([^"]+)"', page) for page in pages]
    assert len(orders[0]) == 3 and orders[0] == orders[1]


def test_without_answers_the_page_does_not_say_that_nothing_is_missing() -> None:
    session = sit(("open", None), ("single", None))
    shown(session)
    page = read(session)
    assert "Nothing that was looked for is missing" not in page
    assert page.count("Without answers there is nothing yet to say") == 2
    assert "2 questions have no answer yet" in page


def test_an_area_has_a_line_of_its_own_only_above_several_topics() -> None:
    alone = sit(("single", "a"))
    shown(alone)
    topic = nth_question(alone, 1).version.question.topic
    table = read(alone).split("<table")[1].split("</table>")[0]
    assert topic.name in table and str(topic.area) in table and "rowgroup" not in table
    together = start("single", "single", area=topic.area)
    answer(nth_question(together, 1), "a", submit=True)
    shown(finish(together))
    table = read(together).split("<table")[1].split("</table>")[0]
    assert table.count('scope="rowgroup"') == 1 and table.count(str(topic.area)) == 1


def test_the_table_shows_the_interval_of_few_answers_as_one_of_few() -> None:
    table = read(ready_session()).split("<table")[1].split("</table>")[0]
    assert re.search(r"\d+–\d+ % <span class=\"muted\">few answers</span>", table)
    assert "not enough evidence" not in table


def test_the_way_to_the_transcript_says_how_many_comments_wait_there() -> None:
    session = ready_session()
    mentor = make_mentor(of=session.candidate)
    assert ">Transcript</a>" in read(session)
    for body in ("Good.", "Say more."):
        reviews.add_comment(author=mentor, question_id=nth_question(session, 1).pk, body=body, now=NOW)
    assert ">Transcript and 2 comments</a>" in read(session)


# --- Disputes ----------------------------------------------------------------------------------------------------


def test_a_dispute_without_javascript_leads_back_to_its_line_and_takes_the_point_off_the_list() -> None:
    session = ready_session()
    client = signed_in(session.candidate)
    response = client.post(dispute_url(session))
    line = f"#verdict-{nth_question(session, 1).pk}-precision-recall"
    assert response.headers["Location"] == report_url(session) + line
    page = read(session)
    assert f'id="{line[1:]}"' in page
    assert "You say this is wrong." in page and "Take that back" in page
    data = reports.report_data(Report.objects.get())
    assert data is not None and [item.key for item in data.practice] == ["costs"]


def test_a_dispute_with_htmx_swaps_its_line_and_the_list_of_what_to_practise() -> None:
    session = ready_session()
    client = signed_in(session.candidate)
    fragment = client.post(dispute_url(session), headers=HTMX).content.decode()
    assert "You say this is wrong." in fragment and "<html" not in fragment
    assert 'id="practice"' in fragment and 'hx-swap-oob="true"' in fragment
    assert "Precision and recall describe" not in fragment.split('id="practice"')[1]


def test_a_dispute_can_be_taken_back() -> None:
    session = ready_session()
    client = signed_in(session.candidate)
    client.post(dispute_url(session))
    fragment = client.post(dispute_url(session, name="report_withdraw"), headers=HTMX).content.decode()
    assert not VerdictDispute.objects.exists()
    assert "I said this" in fragment
    assert "Precision and recall describe" in fragment.split('id="practice"')[1]


def test_disputing_twice_is_disputing_once() -> None:
    session = ready_session()
    client = signed_in(session.candidate)
    for _ in range(2):
        assert client.post(dispute_url(session), headers=HTMX).status_code == 200
    assert VerdictDispute.objects.count() == 1


def test_a_mentor_sees_what_the_candidate_disputes() -> None:
    session = ready_session()
    signed_in(session.candidate).post(dispute_url(session))
    page = signed_in(make_mentor(of=session.candidate)).get(report_url(session)).content.decode()
    assert "The candidate says this is wrong." in page


def unknown_question(session: InterviewSession) -> UUID:
    return uuid4()


def question_of_another_session(session: InterviewSession) -> UUID:
    return nth_question(ready_session(), 1).pk


@pytest.mark.parametrize("question", [unknown_question, question_of_another_session])
@pytest.mark.parametrize("name", ["report_dispute", "report_withdraw"])
def test_only_questions_of_this_session_can_be_disputed(
    question: Callable[[InterviewSession], UUID], name: str
) -> None:
    session = ready_session()
    url = reverse(name, args=[session.pk, question(session), "costs"])
    assert signed_in(session.candidate).post(url).status_code == 404


def test_a_made_up_key_cannot_be_disputed() -> None:
    session = ready_session()
    client = signed_in(session.candidate)
    assert client.post(dispute_url(session, "made-up")).status_code == 404
    assert client.post(dispute_url(session, "made-up", name="report_withdraw"), headers=HTMX).status_code == 404


def test_a_dispute_before_the_report_is_compiled_is_not_found() -> None:
    session = sit(("open", ONE_POINT))
    assert signed_in(session.candidate).post(dispute_url(session)).status_code == 404


def test_a_dispute_is_kept_when_the_report_cannot_follow_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(session: InterviewSession) -> None:
        raise RuntimeError

    session = ready_session()
    monkeypatch.setattr(keeping, "compile_report", broken)
    client = signed_in(session.candidate)
    assert client.post(dispute_url(session)).status_code == 302
    assert VerdictDispute.objects.count() == 1
    assert Report.objects.get().state == Report.State.PENDING
    assert "This report is being brought up to date." in read(session)
