"""The replay of one answer: who may see it, what it shows at each save, with and without scripts, and what it costs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import Mentorship
from sessions import growth
from sessions.growth import POINTS_SHOWN
from sessions.history import Growth, Save
from sessions.models import DraftRevision, KeptDraft, SessionQuestion
from tests.clients import as_guest, signed_in
from tests.factories import NOW, make_curator, make_guest, make_mentor, make_user, questions_of
from tests.sessions.records import add_follow_up, save_words
from tests.sessions.sitting import finish, sit, start

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
WORDS = ("Accuracy", "Accuracy misleads <b>here</b>", "Recall misleads <b>here</b>")


def sitting(kind: str = "open", bodies: tuple[str, ...] = WORDS) -> SessionQuestion:
    """Sit a session of one question whose answer came in by these saves, the first after 20 s, then every 10 s."""
    running = start(kind, candidate=make_user(name="Ada"))
    question = questions_of(running)[0]
    if bodies:
        save_words(question.answer, *bodies, at=NOW + timedelta(seconds=20))
    finish(running)
    return questions_of(running)[0]


@pytest.fixture
def question() -> SessionQuestion:
    return sitting()


def address(question: SessionQuestion, revision: object = "") -> str:
    plain = reverse("replay", args=[question.session_id, question.pk])
    return f"{plain}?revision={revision}" if revision != "" else plain


def page_of(question: SessionQuestion, revision: object = "", **headers: str) -> str:
    return signed_in(question.session.candidate).get(address(question, revision), headers=headers).content.decode()


# --- Who may see it -----------------------------------------------------------------------------------------------


def test_a_visitor_is_asked_to_sign_in(question: SessionQuestion) -> None:
    assert Client().get(address(question)).headers["Location"].startswith(reverse("account_login"))
    assert Client().get(address(question), headers=HTMX).status_code == 401


def test_nobody_sees_it_without_consent(question: SessionQuestion) -> None:
    for stranger in (make_user(), make_mentor(), make_curator(), make_mentor(of=make_user())):
        assert signed_in(stranger).get(address(question)).status_code == 404


def test_a_mentor_with_consent_sees_it_and_after_its_end_it_is_not_found(question: SessionQuestion) -> None:
    client = signed_in(make_mentor(of=question.session.candidate))
    assert "Ada: Plan" in client.get(address(question)).content.decode()
    Mentorship.objects.update(revoked_at=NOW)
    assert client.get(address(question)).status_code == 404


def test_a_guest_sees_their_own_and_no_other(question: SessionQuestion) -> None:
    guest = make_guest()
    own = questions_of(sit(("open", "Mine."), candidate=guest))[0]
    assert as_guest(guest).get(address(own)).status_code == 200
    assert as_guest(guest).get(address(question)).status_code == 404


def test_a_running_interview_has_no_replay() -> None:
    question = questions_of(start("open"))[0]
    response = signed_in(question.session.candidate).get(address(question))
    assert response.headers["Location"] == reverse("report", args=[question.session_id])
    assert signed_in(make_mentor(of=question.session.candidate)).get(address(question)).status_code == 404


def test_wrong_methods_and_ids(question: SessionQuestion) -> None:
    client = signed_in(question.session.candidate)
    assert client.post(address(question)).status_code == 405
    other = questions_of(sit(("open", "Another.")))[0]
    assert client.get(reverse("replay", args=[question.session_id, other.pk])).status_code == 404
    assert client.get(reverse("replay", args=[uuid4(), question.pk])).status_code == 404


# --- What it shows ------------------------------------------------------------------------------------------------


def test_it_opens_at_the_last_save_with_what_that_changed(question: SessionQuestion) -> None:
    page = page_of(question)
    assert "Save 3 of 3" in page
    assert "12:00:40 UTC" in page
    assert "0:40 after the question was opened" in page
    assert "10 s after the save before" in page
    assert "<del>Accuracy</del><ins>Recall</ins> misleads &lt;b&gt;here&lt;/b&gt;" in page
    assert "<b>here</b>" not in page


def test_each_save_can_be_reached_by_links_and_by_the_form(question: SessionQuestion) -> None:
    first, second = page_of(question, 1), page_of(question, 2)
    assert "<ins>Accuracy</ins>" in first
    assert 'rel="prev"' not in first
    assert 'id="replay-prev" role="link" aria-disabled="true"' in first
    assert f'rel="next" href="{address(question, 2)}"' in first
    assert "Accuracy<ins> misleads &lt;b&gt;here&lt;/b&gt;</ins>" in second
    assert f'rel="prev" href="{address(question, 1)}"' in second
    assert 'type="range" id="replay-slider" name="revision" min="1" max="3" value="2"' in second
    assert f'method="get" action="{address(question)}"' in second


@pytest.mark.parametrize(
    ("revision", "number"), [("0", 1), ("99", 3), ("", 3), ("-1", 3), ("x", 3), ("9" * 5000, 3), ("²", 3)]
)
def test_a_number_that_no_save_has_leads_to_the_nearest_or_the_last(
    question: SessionQuestion, revision: str, number: int
) -> None:
    assert f"Save {number} of 3" in page_of(question, revision)


def test_a_background_request_gets_the_part_that_changes_alone(question: SessionQuestion) -> None:
    part = signed_in(question.session.candidate).get(address(question, 2), headers=HTMX).content.decode()
    assert "<html" not in part
    assert 'id="replay-step"' in part
    assert "Save 2 of 3" in part


def test_the_table_says_what_the_picture_shows(question: SessionQuestion) -> None:
    page = page_of(question)
    assert page.count('<th scope="row">') == 3
    assert "<polyline" in page
    assert "at most 29 characters" in page


def test_late_saves_are_marked() -> None:
    running = start("open")
    question = questions_of(running)[0]
    save_words(question.answer, "In time.", at=running.deadline)
    save_words(question.answer, "In time. Late.", at=running.deadline + timedelta(seconds=3))
    finish(running, by_clock=True)
    page = page_of(question)
    assert page.count("after the end, within the grace") == 2  # the step and its row
    assert page.count("growth__late") == 1
    assert "within the grace</span></p>" not in page_of(question, 1)


def test_saves_overtaken_on_the_way_are_shown_apart() -> None:
    question = sitting()
    KeptDraft.objects.create(
        answer=question.answer,
        reason=KeptDraft.Reason.OVERTAKEN,
        body="Acc<i>",
        base_revision=0,
        received_at=NOW,
    )
    page = page_of(question)
    assert "1 save that came after a newer one" in page
    assert "Acc&lt;i&gt;" in page


def test_choices_are_shown_as_they_were_taken_and_taken_away() -> None:
    question = sitting("multiple", ("a", "a\nb", "b"))
    second, third = page_of(question, 2), page_of(question, 3)
    assert second.index(">taken<") < second.index("Bagging")
    assert second.index(">taken now<") < second.index("L2 penalty")
    assert third.index(">taken away<") < third.index("Bagging")
    assert "not taken" in third
    assert "<polyline" not in third
    assert "Put in" not in third


def test_the_replay_of_a_follow_up_shows_its_words() -> None:
    running = start("single")
    follow_up = add_follow_up(questions_of(running)[0], text="And why?")
    save_words(follow_up.answer, "Because", "Because of bias.")
    finish(running)
    page = page_of(follow_up)
    assert "How the follow-up of answer 1 grew" in page
    assert "And why?" in page
    assert "Because<ins> of bias.</ins>" in page


def test_an_answer_never_saved_has_nothing_to_replay() -> None:
    assert "nothing to replay" in page_of(sitting(bodies=()))


def test_an_answer_from_before_the_record_says_so_and_shows_its_text() -> None:
    question = sitting()
    DraftRevision.objects.all().delete()
    page = page_of(question)
    assert "Earlier drafts were not recorded" in page
    assert "Recall misleads" in page
    assert "Save 1 of 1" in page


def test_a_text_that_cannot_be_told_is_not_guessed() -> None:
    question = sitting()
    question.answer.revisions.filter(revision=1).delete()
    page = page_of(question, 2)
    assert "cannot be told" in page
    assert "<ins> misleads" not in page


def test_a_save_without_a_change_says_so() -> None:
    assert "Nothing changed with this save." in page_of(sitting(bodies=("Same.", "Same.")))


def test_an_answer_that_was_emptied_says_so() -> None:
    question = sitting(bodies=("Words.", "", ""))
    assert "<del>Words.</del>" in page_of(question, 2)
    assert "The text was empty." in page_of(question, 3)


def test_nothing_in_the_page_is_inline_script_style_or_handler(question: SessionQuestion) -> None:
    for forbidden in (" style=", "<style", "<script>", " onclick=", " oninput=", "hx-on", "javascript:"):
        assert forbidden not in page_of(question)


def test_many_saves_cost_no_more_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for bodies in (("a",), tuple("a" * number for number in range(1, 60))):
        question = sitting(bodies=bodies)
        client = signed_in(question.session.candidate)
        client.get(reverse("history"))
        # user, groups; session, question, saves, overtaken ones, the question's number
        with django_assert_num_queries(7):
            client.get(address(question))


# --- The picture --------------------------------------------------------------------------------------------------


def saves(count: int) -> Growth:
    made = tuple(Save(n, NOW + timedelta(seconds=n), n - 1, 0, "x") for n in range(1, count + 1))
    return Growth(made, body="x" * count, revision=count)


def test_the_line_steps_up_from_nothing_at_each_save() -> None:
    chart = growth.growth_chart(growth.growth_rows(saves(2), since=NOW))
    assert chart.points == "0.0,120.0 500.0,120.0 500.0,63.0 1000.0,63.0 1000.0,6.0"
    assert (chart.duration_ms, chart.longest, chart.every) == (2_000, 2, 1)


def test_a_picture_of_thousands_of_saves_is_thinned_and_keeps_the_answer() -> None:
    rows = growth.growth_rows(saves(5_000), since=NOW)
    chart = growth.growth_chart(rows)
    assert len(chart.rows) <= POINTS_SHOWN
    assert (chart.every, chart.rows[-1]) == (17, rows[-1])


def test_where_the_beginning_is_not_known_the_line_begins_with_what_is() -> None:
    unknown = Growth((Save(7, NOW, is_recorded=False), Save(8, NOW + timedelta(seconds=1), 0, 0, "x")), "xy", 8)
    chart = growth.growth_chart(growth.growth_rows(unknown, since=NOW))
    assert chart.points == "0.0,63.0 1000.0,63.0 1000.0,6.0"


def test_pauses_are_measured_from_save_to_save_and_a_clock_that_went_back_makes_none() -> None:
    made = tuple(Save(n, NOW + timedelta(seconds=s), 0, 0, "") for n, s in enumerate((30, 90, 80), start=1))
    rows = growth.growth_rows(Growth(made, body="", revision=3), since=NOW)
    assert [row.pause_ms for row in rows] == [30_000, 60_000, 0]
