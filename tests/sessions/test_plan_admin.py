"""Interview plans in the admin: sections are edited with their plan, and a plan that cannot be filled is said."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from sessions.models import InterviewPlan, PlanSection
from tests.factories import make_curator, make_plan, make_question, make_session, make_topic, make_user

pytestmark = pytest.mark.django_db

LIST = reverse("admin:interview_sessions_interviewplan_changelist")


def change_url(plan: InterviewPlan) -> str:
    return reverse("admin:interview_sessions_interviewplan_change", args=[plan.pk])


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_curator())
    return client


def typed(plan: InterviewPlan | None = None, *sections: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return what a person types for a plan; a section given with its `id` exists already."""
    existing = sum("id" in section for section in sections)
    data: dict[str, Any] = {
        "name": plan.name if plan else "New plan",
        "slug": "new-plan",
        "description": "",
        "mode": "mock",
        "navigation": "free",
        "question_limit": "none",
        "reading_seconds": 0,
        "repeat_after_days": 0,
        "time_limit_seconds": 1800,
        "order": 1,
        "is_published": "on",
        "sections-TOTAL_FORMS": len(sections),
        "sections-INITIAL_FORMS": existing,
    }
    for number, section in enumerate(sections):
        good = {"position": number + 1, "name": "Part", "count": 1, "kinds": ["open"], "difficulties": ["easy", "hard"]}
        data |= {f"sections-{number}-{name}": value for name, value in (good | section).items()}
    return data | fields


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_a_plan_is_written_with_its_sections(admin: Client) -> None:
    topic = make_topic()
    response = admin.post(
        reverse("admin:interview_sessions_interviewplan_add"),
        typed(None, {"topics": [str(topic.pk)]}, {"name": "Second"}),
        follow=True,
    )
    plan = InterviewPlan.objects.get(slug="new-plan")
    first, second = plan.sections.all()
    assert (first.kinds, first.difficulties, list(first.topics.all())) == (["open"], ["easy", "hard"], [topic])
    assert (second.name, second.position) == ("Second", 2)
    assert "New plan: The section “Part” needs 1 question, and the bank has 0 that fit." in messages(response)


def test_a_plan_with_enough_questions_is_saved_without_a_warning(admin: Client) -> None:
    plan = make_plan()
    section = plan.sections.get()
    topics = [str(topic.pk) for topic in section.topics.all()]
    same = {"id": section.pk, "plan": str(plan.pk), "name": "Renamed", "topics": topics}
    every = {"kinds": section.kinds, "difficulties": section.difficulties}
    response = admin.post(change_url(plan), typed(plan, same | every), follow=True)
    assert len(messages(response)) == 1
    section.refresh_from_db()
    assert (section.name, plan.slug) == ("Renamed", InterviewPlan.objects.get().slug)


@pytest.mark.parametrize(
    ("fields", "section", "error"),
    [
        ({"time_limit_seconds": 30}, {}, "greater than or equal to 60"),
        ({"time_limit_seconds": 9 * 3600}, {}, "less than or equal to 28800"),
        ({"time_limit_seconds": ""}, {}, "A mock interview has a time limit or limits per question."),
        ({"question_limit": "fixed"}, {}, "Say how many seconds every question has."),
        ({"question_limit": "fixed", "question_limit_seconds": 5}, {}, "greater than or equal to 10"),
        ({"question_limit": "suggested", "question_limit_seconds": 60}, {}, "no other limit reads it"),
        ({"reading_seconds": 601}, {}, "less than or equal to 600"),
        ({"repeat_after_days": 366}, {}, "less than or equal to 365"),
        ({}, {"count": 0}, "greater than or equal to 1"),
        ({}, {"kinds": []}, "This field is required."),
        ({}, {"kinds": ["essay"]}, "Select a valid choice."),
        ({}, {"DELETE": "on"}, "A published plan needs at least one section."),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    admin: Client, fields: dict[str, Any], section: dict[str, Any], error: str
) -> None:
    response = admin.post(reverse("admin:interview_sessions_interviewplan_add"), typed(None, section, **fields))
    assert response.status_code == 200
    assert error in response.content.decode()
    assert not InterviewPlan.objects.exists()


def test_a_curator_can_take_a_section_out(admin: Client) -> None:
    plan = make_plan()
    section = plan.sections.get()
    old = {"id": section.pk, "plan": str(plan.pk), "name": "Old", "DELETE": "on"}
    admin.post(change_url(plan), typed(plan, old, {"name": "New", "position": 2}))
    assert [section.name for section in plan.sections.all()] == ["New"]


def test_two_sections_cannot_share_a_position(admin: Client) -> None:
    response = admin.post(
        reverse("admin:interview_sessions_interviewplan_add"), typed(None, {"position": 1}, {"position": 1})
    )
    assert response.status_code == 200
    assert not PlanSection.objects.exists()


def test_a_draft_plan_may_be_without_sections(admin: Client) -> None:
    admin.post(reverse("admin:interview_sessions_interviewplan_add"), typed(None, is_published=""))
    assert not InterviewPlan.objects.get().is_published


def test_an_edited_plan_moves_no_session_that_has_started(admin: Client) -> None:
    plan = make_plan(minutes=30)
    session = make_session(plan=plan)
    section = plan.sections.get()
    part = {"id": section.pk, "plan": str(plan.pk)}
    admin.post(change_url(plan), typed(plan, part, time_limit_seconds=60))
    plan.refresh_from_db()
    deadline = session.deadline
    session.refresh_from_db()
    assert (plan.time_limit_seconds, session.time_limit_seconds, session.deadline) == (60, 1800, deadline)


def act(client: Client, action: str, *plans: InterviewPlan) -> list[str]:
    data = {"action": action, "_selected_action": [str(plan.pk) for plan in plans]}
    return messages(client.post(LIST, data, follow=True))


def test_plans_are_published_and_withdrawn_with_a_message(admin: Client) -> None:
    plan = make_plan(is_published=False)
    empty = InterviewPlan.objects.create(slug="empty", name="Empty", time_limit_seconds=600)
    said = act(admin, "publish", plan, empty)
    assert f"Candidates can now start “{plan}”." in said
    assert "“Empty” has no section, so there is nothing to ask." in said
    assert list(InterviewPlan.objects.published()) == [plan]
    assert act(admin, "unpublish", plan) == [f"“{plan}” is withdrawn: nobody can start it. Interviews under way go on."]
    assert not InterviewPlan.objects.published().exists()
    assert [entry.change_message for entry in LogEntry.objects.order_by("action_time")] == ["Published", "Withdrawn"]


def test_how_a_plan_runs_is_written_with_it(admin: Client) -> None:
    question = make_question()
    fields = {
        "mode": "practice",
        "navigation": "forward",
        "time_limit_seconds": "",
        "question_limit": "fixed",
        "question_limit_seconds": 90,
        "reading_seconds": 15,
        "repeat_after_days": 7,
        "asks_follow_ups": "on",
        "favours_weak_spots": "on",
    }
    admin.post(
        reverse("admin:interview_sessions_interviewplan_add"), typed(None, {"questions": [str(question.pk)]}, **fields)
    )
    plan = InterviewPlan.objects.get()
    assert (plan.mode, plan.navigation, plan.time_limit_seconds) == ("practice", "forward", None)
    assert (plan.question_limit, plan.question_limit_seconds, plan.reading_seconds) == ("fixed", 90, 15)
    assert (plan.repeat_after_days, plan.asks_follow_ups, plan.favours_weak_spots) == (7, True, True)
    assert list(plan.sections.get().questions.all()) == [question]


def test_plans_that_candidates_composed_are_not_the_curators_business(admin: Client) -> None:
    plan = make_plan(owner=make_user(), name="Mine alone")
    assert "Mine alone" not in admin.get(LIST).content.decode()
    assert admin.get(change_url(plan)).status_code == 302
