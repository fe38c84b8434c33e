"""The draw: what fits, what comes first, and that a seed repeats it."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from questions.publishing import retire
from sessions import composing
from sessions.models import InterviewPlan, PlanSection
from tests.factories import NOW, make_finished_session, make_plan, make_question, make_topic, make_user

pytestmark = pytest.mark.django_db


def draw(plan: InterviewPlan, *, seed: int = 1) -> list[str]:
    drawn = composing.draw_questions(plan=plan, candidate=make_user(), seed=seed)
    return [item.version.question.slug for item in drawn]


def test_the_same_seed_draws_the_same_questions_in_the_same_order() -> None:
    plan = make_plan(count=8)
    plan.sections.update(count=4)
    assert draw(plan, seed=7) == draw(plan, seed=7)


def test_seeds_draw_differently() -> None:
    plan = make_plan(count=8)
    plan.sections.update(count=4)
    assert len({tuple(draw(plan, seed=seed)) for seed in range(10)}) > 1


def test_drafts_and_retired_questions_are_not_drawn() -> None:
    topic = make_topic()
    published = make_question(topic=topic)
    make_question(topic=topic, published=False)
    retire(question=make_question(topic=topic))
    assert draw(make_plan(questions=[published])) == [published.slug]


def test_a_section_keeps_to_its_topics_kinds_and_difficulties() -> None:
    topic = make_topic()
    wanted = make_question(topic=topic, kind="numeric", difficulty="hard")
    make_question(topic=topic, kind="numeric", difficulty="easy")
    make_question(topic=topic, kind="single", difficulty="hard")
    make_question(kind="numeric", difficulty="hard")
    plan = make_plan(questions=[wanted])
    plan.sections.update(kinds=["numeric"], difficulties=["hard"])
    assert draw(plan) == [wanted.slug]


def test_an_area_stands_for_all_its_topics() -> None:
    topic = make_topic()
    question = make_question(topic=topic)
    plan = make_plan(questions=[question])
    assert topic.area
    plan.sections.get().topics.set([topic.area])
    assert draw(plan) == [question.slug]


def test_two_sections_never_draw_the_same_question() -> None:
    plan = make_plan(count=2)
    section = plan.sections.get()
    section.count = 1
    section.save()
    second = PlanSection.objects.create(plan=plan, position=2, name="More", count=1)
    second.topics.set(section.topics.all())
    assert len(set(draw(plan))) == 2


def test_unseen_questions_come_first_and_then_the_one_seen_longest_ago() -> None:
    candidate = make_user()
    old, recent, unseen = (make_question(topic=make_topic()) for _ in range(3))
    make_finished_session(candidate=candidate, plan=make_plan(questions=[old]), now=NOW - timedelta(days=9))
    make_finished_session(candidate=candidate, plan=make_plan(questions=[recent]), now=NOW - timedelta(days=1))
    plan = make_plan(questions=[old, recent, unseen])
    for seed in range(5):
        drawn = composing.draw_questions(plan=plan, candidate=candidate, seed=seed)
        assert [item.version.question_id for item in drawn] == [unseen.pk, old.pk, recent.pk]


def test_shortfalls_name_the_section_and_what_the_bank_has() -> None:
    plan = make_plan(count=2)
    assert composing.shortfalls(plan.sections.all()) == []
    plan.sections.update(count=5, name="Fundamentals")
    (shortfall,) = composing.shortfalls(plan.sections.all())
    assert (shortfall.section, shortfall.wanted, shortfall.found) == ("Fundamentals", 5, 2)


def test_shortfalls_of_many_sections_are_found_with_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    plan = make_plan(count=2)
    for position in range(2, 6):
        section = PlanSection.objects.create(plan=plan, position=position, name=f"Part {position}", count=position)
        section.topics.set(make_question(topic=make_topic()).topic for _ in range(position - position % 2))
    sections = list(plan.sections.prefetch_related("topics"))
    with django_assert_num_queries(1):
        shortfalls = composing.shortfalls(sections)
    assert [(shortfall.section, shortfall.found) for shortfall in shortfalls] == [("Part 3", 2), ("Part 5", 4)]
    assert composing.shortfalls([]) == []


def test_a_plan_without_sections_cannot_be_drawn() -> None:
    plan = InterviewPlan.objects.create(slug="empty", name="Empty", time_limit_seconds=600, is_published=True)
    with pytest.raises(composing.PlanTooThinError):
        draw(plan)
