"""The plan composer: what it shows, what it saves, for whom, and that nothing typed is lost on the way."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import User
from questions.models import Question
from questions.publishing import retire
from sessions import own_plans
from sessions.models import Appointment, InterviewPlan, InterviewSession, PlanSection
from tests.clients import as_guest, signed_in
from tests.factories import (
    NOW,
    make_curator,
    make_finished_session,
    make_guest,
    make_mentor,
    make_plan,
    make_question,
    make_topic,
    make_user,
)
from tests.sessions.sitting import compiled, sit

pytestmark = pytest.mark.django_db

COMPOSE, PREVIEW, HOME = reverse("compose"), reverse("compose_preview"), reverse("home")
HTMX = {"HX-Request": "true"}


def edit_url(plan: InterviewPlan) -> str:
    return reverse("plan_edit", args=[plan.pk])


def delete_url(plan: InterviewPlan) -> str:
    return reverse("plan_delete", args=[plan.pk])


def typed(*sections: dict[str, Any], do: str = "save", **fields: Any) -> dict[str, Any]:
    """Return what a person types: a plan of half an hour; the sections are keyed s1, s2 and so on in their order."""
    data: dict[str, Any] = {
        "do": do,
        "name": "My statistics",
        "mode": "mock",
        "has_time_limit": "on",
        "minutes": "30",
        "question_limit": "none",
        "navigation": "free",
        "reading_seconds": "0",
        "repeat_after_days": "0",
        "section": [f"s{number}" for number in range(1, len(sections) + 1)],
    }
    for number, section in enumerate(sections, 1):
        good = {"name": f"Part {number}", "count": "1", "kinds": ["open", "single"], "difficulties": ["easy", "medium"]}
        data |= {f"s{number}-{name}": value for name, value in (good | section).items()}
    return {name: value for name, value in (data | fields).items() if value is not None}


@pytest.fixture
def ada() -> User:
    return make_user("ada@example.com")


def page_of(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content, "utf-8")


# --- Who gets in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [COMPOSE, PREVIEW, reverse("practise_report", args=[UUID(int=7)])])
def test_nobody_and_guests_are_sent_to_the_log_in(address: str) -> None:
    for client in (Client(), as_guest(make_guest())):
        response = client.post(address)
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("account_login"))
    assert Client().get(COMPOSE).headers["Location"].startswith(reverse("account_login"))


def test_a_plan_is_edited_and_deleted_by_its_owner_only(ada: User) -> None:
    plan = make_plan(owner=ada, is_published=False)
    for address in (edit_url(plan), delete_url(plan)):
        assert Client().get(address).status_code == 302
        assert signed_in(ada).get(address).status_code == 200
        for stranger in (make_user(), make_mentor(of=ada), make_curator()):
            for response in (signed_in(stranger).get(address), signed_in(stranger).post(address, typed({}))):
                assert response.status_code == 404
            stranger.delete()
    assert InterviewPlan.objects.get() == plan


def test_a_plan_of_the_house_is_edited_by_curators_only_and_deleted_by_nobody(ada: User) -> None:
    plan = make_plan()
    assert signed_in(ada).get(edit_url(plan)).status_code == 404
    assert signed_in(make_curator()).get(edit_url(plan)).status_code == 200
    assert signed_in(make_curator()).post(delete_url(plan)).status_code == 404


def test_what_only_posts_refuses_to_be_read_and_the_rest_refuses_other_methods(ada: User) -> None:
    client, plan = signed_in(ada), make_plan(owner=ada)
    assert client.get(PREVIEW).status_code == 405
    assert client.get(reverse("practise_report", args=[uuid4()])).status_code == 405
    for address in (COMPOSE, edit_url(plan), delete_url(plan)):
        assert client.put(address).status_code == 405


# --- Saving -------------------------------------------------------------------------------------------------------


def test_a_candidate_composes_a_plan_that_only_they_see(ada: User) -> None:
    topic = make_topic()
    make_question(topic=topic)
    response = signed_in(ada).post(COMPOSE, typed({"topics": [str(topic.pk)]}), follow=True)
    plan = InterviewPlan.objects.get()
    assert (plan.owner, plan.name, plan.is_published, plan.time_limit_seconds) == (ada, "My statistics", False, 1800)
    section = plan.sections.get()
    assert (section.name, section.count, section.position) == ("Part 1", 1, 1)
    assert (section.kinds, section.difficulties) == (["open", "single"], ["easy", "medium"])
    assert list(section.topics.all()) == [topic]
    assert [str(message) for message in response.context["messages"]] == ["“My statistics” is saved."]
    assert plan in InterviewPlan.objects.visible_to(ada)
    assert plan not in InterviewPlan.objects.visible_to(make_user())


def test_everything_about_how_it_runs_is_saved(ada: User) -> None:
    fields: dict[str, Any] = {
        "description": "For Monday",
        "mode": "practice",
        "has_time_limit": None,
        "question_limit": "fixed",
        "question_limit_seconds": "90",
        "navigation": "forward",
        "reading_seconds": "15",
        "repeat_after_days": "7",
        "asks_follow_ups": "on",
        "favours_weak_spots": "on",
    }
    signed_in(ada).post(COMPOSE, typed({}, {"name": "Second", "count": "3"}, **fields))
    plan = InterviewPlan.objects.get()
    assert (plan.mode, plan.description, plan.time_limit_seconds) == ("practice", "For Monday", None)
    assert (plan.question_limit, plan.question_limit_seconds, plan.navigation) == ("fixed", 90, "forward")
    assert (plan.reading_seconds, plan.repeat_after_days) == (15, 7)
    assert plan.asks_follow_ups and plan.favours_weak_spots
    assert [(section.name, section.count) for section in plan.sections.all()] == [("Part 1", 1), ("Second", 3)]


def test_minutes_and_seconds_that_nothing_reads_are_dropped_even_where_they_make_no_sense(ada: User) -> None:
    fields: dict[str, Any] = {
        "has_time_limit": None,
        "minutes": "soon",
        "mode": "practice",
        "question_limit_seconds": "-1",
    }
    signed_in(ada).post(COMPOSE, typed({}, **fields))
    plan = InterviewPlan.objects.get()
    assert (plan.time_limit_seconds, plan.question_limit_seconds, plan.is_untimed) == (None, None, True)


@pytest.mark.parametrize(
    ("fields", "section", "problem"),
    [
        ({"name": " "}, {}, "Give the interview a name"),
        ({"minutes": ""}, {}, "Enter the minutes in all, from 1 to 480, or untick"),
        ({"minutes": "481"}, {}, "Enter the minutes in all, from 1 to 480, or untick"),
        ({"has_time_limit": None}, {}, "A mock interview needs a limit"),
        ({"question_limit": "fixed"}, {}, "Enter the seconds for every question, from 10 to 3600"),
        ({"question_limit": "fixed", "question_limit_seconds": "9"}, {}, "Enter the seconds for every question"),
        ({"reading_seconds": "-1"}, {}, "Enter the reading time per question in seconds, from 0 (none) to 600"),
        ({"repeat_after_days": "x"}, {}, "Enter the days before a question comes again"),
        ({"mode": "exam"}, {}, "Select a valid choice"),
        ({}, {"name": ""}, "Section 1: Give the section a name"),
        ({}, {"count": "0"}, "Section 1: Enter the number of questions, from 1 to 50."),
        ({}, {"kinds": None}, "Section 1: Tick at least one kind of question."),
        ({}, {"difficulties": None}, "Section 1: Tick at least one difficulty."),
        ({}, {"topics": ["no-such-topic"]}, "Section 1: One of these topics is gone."),
        ({"section": None}, {}, "Add a section: without one there is nothing to ask."),
    ],
)
def test_what_cannot_be_saved_is_said_with_the_remedy_and_shown_as_it_was_typed(
    ada: User, fields: dict[str, Any], section: dict[str, Any], problem: str
) -> None:
    response = signed_in(ada).post(COMPOSE, typed({"name": "As typed"} | section, **{"description": "Kept"} | fields))
    page = page_of(response)
    assert problem.replace("“", "“") in page
    assert "It is not saved yet" in page
    assert 'value="Kept"' in page
    assert not InterviewPlan.objects.exists()


def test_an_interview_has_at_most_fifty_questions_and_twenty_sections(ada: User) -> None:
    page = page_of(signed_in(ada).post(COMPOSE, typed({"count": "30"}, {"count": "21"})))
    assert "The sections ask 51 questions in all; an interview can have 50." in page
    signed_in(ada).post(COMPOSE, typed(*[{}] * 25))
    assert InterviewPlan.objects.get().sections.count() == 20


def test_nobody_has_more_than_fifty_plans(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_plans, "MAX_OWN_PLANS", 2)
    client = signed_in(ada)
    for _attempt in range(3):
        response = client.post(COMPOSE, typed({}))
    assert "You have 2 plans of your own, the most there can be. Delete one first." in page_of(response)
    assert InterviewPlan.objects.count() == 2
    client.post(edit_url(InterviewPlan.objects.all()[0]), typed({}, name="Edited"))
    assert InterviewPlan.objects.filter(name="Edited").count() == 1


def test_a_form_that_is_sent_twice_makes_one_plan(ada: User) -> None:
    client = signed_in(ada)
    new_id = str(client.get(COMPOSE).context["composer"].new_id)
    page = page_of(client.post(COMPOSE, typed({}, do="add", new_id=new_id)))
    assert f'name="new_id" value="{new_id}"' in page
    client.post(COMPOSE, typed({}, new_id=new_id))
    client.post(COMPOSE, typed({}, {}, new_id=new_id, name="Sent again"))
    plan = InterviewPlan.objects.get()
    assert (str(plan.pk), plan.name, plan.sections.count()) == (new_id, "Sent again", 2)


def test_nobody_writes_over_anothers_plan_by_knowing_its_id(ada: User) -> None:
    theirs = make_plan(owner=make_user(), name="Theirs")
    signed_in(ada).post(COMPOSE, typed({}, new_id=str(theirs.pk)))
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"
    assert InterviewPlan.objects.get(owner=ada).pk != theirs.pk


def test_a_plan_that_cannot_be_drawn_is_saved_and_said_to_be_so(ada: User) -> None:
    response = signed_in(ada).post(COMPOSE, typed({"count": "4"}), follow=True)
    assert InterviewPlan.objects.count() == 1
    assert "It cannot be drawn now: The section “Part 1” needs 4 questions, and the bank has 0 that fit." in [
        str(message) for message in response.context["messages"]
    ]


def test_editing_changes_the_plan_and_no_interview_that_has_started(ada: User) -> None:
    plan = make_plan(owner=ada, is_published=False)
    session = make_finished_session(candidate=ada, plan=plan)
    signed_in(ada).post(edit_url(plan), typed({}, {}, name="Edited"))
    plan.refresh_from_db()
    assert (plan.name, plan.owner, plan.sections.count()) == ("Edited", ada, 2)
    session.refresh_from_db()
    assert (session.plan, session.questions.count()) == (plan, 3)


def test_the_edit_page_shows_the_plan_as_it_was_saved(ada: User) -> None:
    picked = make_question()
    plan = make_plan(
        owner=ada, mode="practice", question_limit="fixed", question_limit_seconds=77, favours_weak_spots=True
    )
    plan.sections.get().questions.set([picked])
    PlanSection.objects.create(plan=plan, position=2, name="Hard ones", count=2, difficulties=["hard"])
    composer = signed_in(ada).get(edit_url(plan)).context["composer"]
    assert composer.is_valid()
    fields = composer.draft.fields
    assert (fields["mode"], fields["question_limit_seconds"], fields["favours_weak_spots"]) == ("practice", 77, True)
    assert fields["time_limit_seconds"] == plan.time_limit_seconds
    first, second = composer.draft.sections
    assert (first.questions, second.difficulties, second.count) == ([picked.pk], ["hard"], 2)


def test_a_plan_is_copied_into_an_unsaved_one(ada: User) -> None:
    plan = make_plan(name="Fundamentals")
    response = signed_in(ada).get(COMPOSE, {"like": str(plan.pk)})
    page = page_of(response)
    assert 'value="Fundamentals, my way"' in page
    assert InterviewPlan.objects.count() == 1
    hidden = make_plan(owner=make_user())
    for like in (hidden.pk, uuid4(), "nonsense"):
        assert signed_in(ada).get(COMPOSE, {"like": str(like)}).status_code == 404


# --- Curators -----------------------------------------------------------------------------------------------------


def test_a_curator_composes_a_plan_of_the_house_and_publishes_it() -> None:
    curator = make_curator()
    signed_in(curator).post(COMPOSE, typed({}, is_house="on", is_published="on"))
    plan = InterviewPlan.objects.get()
    assert (plan.owner, plan.is_published, plan.slug) == (None, True, "my-statistics")
    signed_in(curator).post(COMPOSE, typed({}, is_house="on"))
    other = InterviewPlan.objects.exclude(pk=plan.pk).get()
    assert other.slug.startswith("my-statistics-") and not other.is_published
    signed_in(curator).post(edit_url(other), typed({}, is_published="on"))
    other.refresh_from_db()
    assert (other.owner, other.is_published) == (None, True)


def test_a_candidate_cannot_make_a_plan_of_the_house(ada: User) -> None:
    page = page_of(signed_in(ada).get(COMPOSE))
    assert "is_house" not in page and "is_published" not in page
    signed_in(ada).post(COMPOSE, typed({}, is_house="on", is_published="on"))
    plan = InterviewPlan.objects.get()
    assert (plan.owner, plan.is_published) == (ada, False)


def test_a_curators_own_plan_stays_their_own() -> None:
    curator = make_curator()
    signed_in(curator).post(COMPOSE, typed({}, is_published="on"))
    plan = InterviewPlan.objects.get()
    assert (plan.owner, plan.is_published) == (curator, False)


# --- Adding, removing, moving -------------------------------------------------------------------------------------


def keys_and_names(response: Any) -> list[tuple[str, Any]]:
    return [(section.key, section["name"].value()) for section in response.context["composer"].sections]


@pytest.mark.parametrize(
    ("do", "order"),
    [
        ("add", ["s1", "s2", "s3", "s4"]),
        ("remove-s2", ["s1", "s3"]),
        ("up-s3", ["s1", "s3", "s2"]),
        ("up-s1", ["s1", "s2", "s3"]),
        ("down-s1", ["s2", "s1", "s3"]),
        ("down-s3", ["s1", "s2", "s3"]),
        ("remove-s9", ["s1", "s2", "s3"]),
        ("nonsense", ["s1", "s2", "s3"]),
    ],
)
def test_sections_are_added_removed_and_moved_with_all_that_was_typed(ada: User, do: str, order: list[str]) -> None:
    data = typed({"name": "A"}, {"name": "B", "count": "x"}, {"name": "C", "kinds": ["numeric"]}, do=do, name="")
    response = signed_in(ada).post(COMPOSE, data | {"minutes": "half an hour"})
    page = page_of(response)
    names = {"s1": "A", "s2": "B", "s3": "C", "s4": "Part 4"}
    assert keys_and_names(response) == [(key, names[key]) for key in order]
    assert 'value="half an hour"' in page
    if "s2" in order:
        assert 'value="x"' in page
    third = next(section for section in response.context["composer"].sections if section.key == "s3")
    assert third["kinds"].value() == ["numeric"]
    assert "It is not saved yet" not in page and 'class="errorlist"' not in page
    assert not InterviewPlan.objects.exists()


def test_with_scripts_only_the_form_is_answered(ada: User) -> None:
    page = page_of(signed_in(ada).post(COMPOSE, typed({}, do="add"), headers=HTMX))
    assert page.lstrip().startswith('<form id="composer"')
    assert "<html" not in page


def test_no_section_is_added_beyond_twenty(ada: User) -> None:
    response = signed_in(ada).post(COMPOSE, typed(*[{}] * 20, do="add"))
    assert len(keys_and_names(response)) == 20
    assert "An interview can have 20 sections." in page_of(response)


# --- Picking by hand ----------------------------------------------------------------------------------------------


def test_words_find_published_questions_by_title_and_prompt_without_their_reference(ada: User) -> None:
    make_question(title="Ridge against lasso", prompt="Which one sets weights to zero?", reference_answer="SECRET-1.")
    make_question(title="Penalties", prompt="Compare the RIDGE with the lasso penalty.", reference_answer="SECRET-2.")
    make_question(title="Only ridge here")
    make_question(title="Ridge and lasso draft", published=False)
    retire(question=make_question(title="Ridge and lasso retired"))
    page = page_of(signed_in(ada).post(COMPOSE, typed({"search": "ridge LASSO"}, do="find-s1")))
    assert "Ridge against lasso" in page and "Penalties" in page
    assert "sets weights to zero" in page
    for hidden in ("Only ridge here", "draft", "retired", "SECRET"):
        assert hidden not in page
    assert "Picking shows you the question before the interview." in page


def test_a_search_without_a_match_says_so(ada: User) -> None:
    page = page_of(signed_in(ada).post(COMPOSE, typed({"search": "entropy"}, do="find-s1")))
    assert "No other question has these words." in page


def test_picked_questions_are_saved_and_shown_as_picked(ada: User) -> None:
    first, second = make_question(title="The first"), make_question(title="The second")
    data = typed({"questions": [str(first.pk), str(second.pk)], "count": "2", "kinds": None})
    page = page_of(signed_in(ada).post(COMPOSE, data | {"do": "pick-s1"}))
    assert f'value="{first.pk}" checked' in page
    assert "2 picked: only these are asked" in page
    signed_in(ada).post(COMPOSE, data)
    assert set(InterviewPlan.objects.get().sections.get().questions.all()) == {first, second}


def test_nobody_sees_an_unpublished_question_by_guessing_its_id(ada: User) -> None:
    draft = make_question(title="Not for your eyes", published=False)
    page = page_of(signed_in(ada).post(COMPOSE, typed({"questions": [str(draft.pk), "nonsense"]}, do="pick-s1")))
    assert "Not for your eyes" not in page
    assert "1 picked question is no longer asked and was taken out." in page
    signed_in(ada).post(COMPOSE, typed({"questions": [str(draft.pk)]}))
    assert not InterviewPlan.objects.get().sections.get().questions.exists()


# --- The preview --------------------------------------------------------------------------------------------------


def test_the_preview_says_what_fits_and_shows_an_example_without_its_questions(ada: User) -> None:
    topic = make_topic(name="Calibration")
    for _number in range(4):
        make_question(topic=topic, title="Unseen title", prompt="Unseen prompt", difficulty="easy")
    page = page_of(signed_in(ada).post(PREVIEW, typed({"count": "2", "topics": [str(topic.pk)]})))
    assert "Asks 2; 4 fit." in page
    assert page.count("Calibration <span") == 2
    assert "open answer · easy · 3:00" in page
    assert "Such questions take about 6 min; this example about 6 min." in page
    assert "Unseen" not in page
    assert "<html" not in page


def test_another_example_is_drawn_with_another_seed(ada: User) -> None:
    client = signed_in(ada)
    response = client.post(COMPOSE, typed({}, do="another", seed="4"))
    assert response.context["composer"].seed == 5
    response = client.post(PREVIEW, typed({}, do="another", seed="4"))
    assert response.context["composer"].seed == 5
    assert f'hx-post="{PREVIEW}" hx-target="#preview"' in page_of(response)
    assert len(client.post(PREVIEW, typed({}, {}, do="remove-s2")).context["composer"].sections) == 2
    for seed in ("-1", "x", "²", "9" * 40):
        assert client.post(PREVIEW, typed({}, seed=seed)).context["composer"].seed == 1


def test_the_preview_warns_where_the_limit_is_shorter_than_such_questions_take(ada: User) -> None:
    for _number in range(3):
        make_question(time_limit_seconds=300)
    client, section = signed_in(ada), {"count": "3"}
    assert "14 minutes are less than such questions take (about 15 min)" in page_of(
        client.post(PREVIEW, typed(section, minutes="14"))
    )
    assert "are less than" not in page_of(client.post(PREVIEW, typed(section, minutes="15")))
    fixed = typed(section, minutes="14", question_limit="fixed", question_limit_seconds="60", reading_seconds="20")
    page = page_of(client.post(PREVIEW, fixed))
    assert "are less than" not in page
    assert "Such questions take about 3 min" in page
    assert "Reading time comes on top: about 1 min." in page


def test_the_preview_says_exactly_why_nothing_can_be_drawn(ada: User) -> None:
    plan = make_plan(count=2)
    make_finished_session(candidate=ada, plan=plan, bodies=[None, None])
    data = typed({"count": "2", "kinds": ["open", "single"]}, {"count": "9", "kinds": ["numeric"]})
    page = page_of(signed_in(ada).post(PREVIEW, data | {"repeat_after_days": "365"}))
    assert "It cannot be drawn now" in page
    assert "The section “Part 2” needs 9 questions, and the bank has 0 that fit." in page


def test_what_was_asked_lately_is_counted_apart(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan(count=2)
    make_finished_session(candidate=ada, plan=plan, bodies=[None, None])
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=1))
    page = page_of(signed_in(ada).post(PREVIEW, typed({"count": "2"}, repeat_after_days="7")))
    assert "2 of them were asked in the last 7 days and are left out: 0 to draw from." in page
    assert "2 more were asked lately; the first is free again on 9 Mar 2026, 12:00 UTC." in page


def test_an_unreadable_section_is_named_in_place_of_an_example(ada: User) -> None:
    page = page_of(signed_in(ada).post(PREVIEW, typed({}, {"count": "many"}, name="")))
    assert "The example appears once the sections say what to ask." in page
    assert "Section 2: Enter the number of questions, from 1 to 50." in page
    assert "Give the interview a name" in page


def test_the_pages_take_as_many_statements_for_twenty_sections_as_for_one(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, question = signed_in(ada), make_question()
    picked = {"questions": [str(question.pk)]}
    for count in (1, 20):
        with django_assert_num_queries(6):  # user, groups, topics, picked questions, bank, past
            client.post(PREVIEW, typed(*[picked] * count))
    for count in (1, 8):
        plan = make_plan(owner=ada, questions=[question])
        plan.sections.get().questions.set([question])
        for position in range(2, count + 1):
            PlanSection.objects.create(plan=plan, position=position, name="More", count=1)
        # And: the plan, its sections, their topics, their questions.
        with django_assert_num_queries(10):
            client.get(edit_url(plan))


# --- Deleting -----------------------------------------------------------------------------------------------------


def test_deleting_asks_first_and_keeps_the_interviews(ada: User) -> None:
    plan = make_plan(owner=ada)
    session = make_finished_session(candidate=ada, plan=plan)
    client = signed_in(ada)
    assert "The interview you sat with it stays, with its report." in page_of(client.get(delete_url(plan)))
    assert InterviewPlan.objects.exists()
    assert client.post(delete_url(plan)).headers["Location"] == HOME
    assert not InterviewPlan.objects.exists()
    assert InterviewSession.objects.get() == session
    assert client.post(delete_url(plan)).status_code == 404


def test_a_plan_that_an_appointment_needs_is_not_deleted(ada: User) -> None:
    plan = make_plan(owner=ada)
    late = NOW + timedelta(days=365 * 50)
    Appointment.objects.create(
        candidate=ada, plan=plan, opens_at=late, closes_at=late + timedelta(hours=1), created_at=NOW, changed_at=NOW
    )
    page = page_of(signed_in(ada).post(delete_url(plan)))
    assert "1 interview is scheduled with this plan. Cancel it first" in page
    assert InterviewPlan.objects.exists()


# --- Out of a report ----------------------------------------------------------------------------------------------


def practise(user: User, session: InterviewSession) -> Any:
    return signed_in(user).post(reverse("practise_report", args=[session.pk]))


def reported(*answers: tuple[str, str | None]) -> InterviewSession:
    session = sit(*answers)
    compiled(session)
    return InterviewSession.objects.select_related("candidate").get(pk=session.pk)


def topic_of(session: InterviewSession, position: int) -> Any:
    return session.questions.get(position=position).version.question.topic


def test_a_report_becomes_a_practice_plan_of_its_weak_topics_once() -> None:
    session = reported(("open", "Nothing that helps."), ("single", "a"))
    weak, strong = topic_of(session, 1), topic_of(session, 2)
    others = {make_question(topic=weak) for _number in range(6)}
    make_question(topic=strong)
    response = practise(session.candidate, session)
    plan = InterviewPlan.objects.get(owner=session.candidate)
    assert response.headers["Location"] == reverse("plan_start", args=[plan.pk])
    assert (plan.mode, plan.is_untimed, plan.name) == ("practice", True, "Practice after “Plan”, 2 Mar 2026")
    section = plan.sections.get()
    picked = set(section.questions.all())
    missed = session.questions.get(position=1).version.question
    assert section.count == len(picked) == 5
    assert missed in picked and picked - {missed} <= others
    assert practise(session.candidate, session).headers["Location"] == response.headers["Location"]
    assert InterviewPlan.objects.filter(owner=session.candidate).count() == 1


def test_where_the_bank_has_no_others_the_missed_questions_are_practised_again() -> None:
    session = reported(("open", "Nothing that helps."), ("single", "b"), ("numeric", "9"))
    practise(session.candidate, session)
    picked = InterviewPlan.objects.get(owner=session.candidate).sections.get().questions.all()
    assert set(picked) == {question.version.question for question in session.questions.all()}


def test_a_question_never_asked_comes_before_one_that_was() -> None:
    session = reported(("single", "b"))
    topic = topic_of(session, 1)
    asked = [make_question(f"a-{number}", topic=topic) for number in range(4)]
    make_finished_session(candidate=session.candidate, plan=make_plan(questions=asked))
    fresh = {make_question(f"z-{number}", topic=topic) for number in range(4)}
    practise(session.candidate, session)
    picked = set(InterviewPlan.objects.get(owner=session.candidate).sections.get().questions.all())
    assert picked == fresh | {session.questions.get().version.question}


def test_a_report_without_a_weak_spot_makes_no_plan() -> None:
    session = reported(("single", "a"))
    assert practise(session.candidate, session).headers["Location"] == reverse("report", args=[session.pk])
    assert not InterviewPlan.objects.filter(owner=session.candidate).exists()


def test_a_report_that_is_not_ready_makes_no_plan() -> None:
    session = sit(("single", "b"))
    assert practise(session.candidate, session).headers["Location"] == reverse("report", args=[session.pk])
    assert not InterviewPlan.objects.filter(owner=session.candidate).exists()


def test_only_the_candidate_makes_a_plan_of_their_report() -> None:
    session = reported(("single", "b"))
    for stranger in (make_user(), make_mentor(of=session.candidate), make_curator()):
        assert practise(stranger, session).status_code == 404
    assert InterviewPlan.objects.filter(owner__isnull=False).count() == 0


def test_the_report_has_the_button_for_its_candidate_only() -> None:
    session = reported(("single", "b"))
    address, button = reverse("report", args=[session.pk]), reverse("practise_report", args=[session.pk])
    assert f'action="{button}"' in page_of(signed_in(session.candidate).get(address))
    assert button not in page_of(signed_in(make_mentor(of=session.candidate)).get(address))
    flawless = reported(("single", "a"))
    address = reverse("report", args=[flawless.pk])
    assert "Practise these" not in page_of(signed_in(flawless.candidate).get(address))


# --- The home page ------------------------------------------------------------------------------------------------


def test_the_home_page_lists_ones_own_plans_apart_with_what_can_be_done(ada: User) -> None:
    make_plan(name="Of the house")
    own = make_plan(name="Mine", owner=ada, is_published=False)
    make_plan(name="Of another", owner=make_user())
    response = signed_in(ada).get(HOME)
    page = page_of(response)
    assert [plan.name for plan in response.context["plans"]] == ["Of the house"]
    assert response.context["own_plans"] == [own]
    for address in (edit_url(own), delete_url(own), f"{COMPOSE}?like={own.pk}", COMPOSE):
        assert f'href="{address}"' in page
    assert "Of another" not in page


def test_without_own_plans_the_home_page_says_what_would_be_there(ada: User) -> None:
    assert "Interviews you compose yourself are here" in page_of(signed_in(ada).get(HOME))


@pytest.mark.parametrize(
    ("fields", "facts"),
    [
        ({}, "3 questions · 30 min"),
        ({"time_limit_seconds": None, "mode": "practice"}, "3 questions · untimed · practice"),
        (
            {"time_limit_seconds": None, "question_limit": "suggested", "navigation": "forward"},
            "3 questions · a limit per question · forward only",
        ),
        (
            {"question_limit": "fixed", "question_limit_seconds": 60},
            "3 questions · 30 min · a limit per question",
        ),
    ],
)
def test_the_home_page_says_how_a_plan_runs(ada: User, fields: dict[str, Any], facts: str) -> None:
    plan = make_plan()
    InterviewPlan.objects.filter(pk=plan.pk).update(**fields)
    assert f">{facts}<" in page_of(signed_in(ada).get(HOME))


def test_the_home_page_takes_as_many_statements_for_ten_plans_as_for_one(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(ada)
    for count in (1, 9):
        for _number in range(count):
            make_plan(owner=ada, questions=[Question.objects.first() or make_question()])
        with django_assert_num_queries(7):
            client.get(HOME)


def test_a_form_as_the_browser_sends_it_is_read_as_it_was_shown(ada: User) -> None:
    """What the page shows of a plan, sent back unchanged, is that plan."""
    plan = make_plan(owner=ada, minutes=25)
    response = signed_in(ada).get(edit_url(plan))
    data = response.context["composer"].data
    assert isinstance(data, QueryDict)
    before = list(plan.sections.values("name", "count", "kinds", "difficulties", "topics"))
    signed_in(ada).post(edit_url(plan), {**dict(data.lists()), "do": "save"})
    plan.refresh_from_db()
    assert plan.time_limit_seconds == 25 * 60
    assert list(plan.sections.values("name", "count", "kinds", "difficulties", "topics")) == before


def test_a_search_with_a_null_character_finds_what_the_words_around_it_find(ada: User) -> None:
    make_question(title="Bagging and boosting")
    data = typed({"search": "bagging\0boosting"}, do="")
    assert "Bagging and boosting" in page_of(signed_in(ada).post(COMPOSE, data))
