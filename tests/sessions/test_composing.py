"""The draw: what fits, what is likelier, what is not asked again so soon, and that a seed repeats it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from interviewprep.accounts.models import User
from questions.models import Question
from questions.publishing import retire
from sessions import composing
from sessions.composing import Asked, BankRow, Outline, Part, PlanTooThinError, Survey
from sessions.composing.matching import assign
from sessions.composing.reading import read_outline, read_past
from sessions.composing.surveying import survey
from sessions.composing.weights import DUE, LAPSED, SEEN, UNSEEN, free_at, review_weight, topic_weights
from sessions.models import Answer, InterviewPlan, InterviewSession, PlanSection, Score, SessionQuestion
from sessions.scoring import counting_score, is_read
from tests.factories import NOW, make_plan, make_question, make_topic, make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# A slow machine is no fault of an example.
untimed = settings(deadline=None)


def draw(
    plan: InterviewPlan, *, seed: int = 1, candidate: User | None = None, now: datetime = NOW, repeats: bool = False
) -> list[str]:
    drawn = composing.draw_questions(
        plan=plan, candidate=candidate or make_user(), seed=seed, now=now, allow_repeats=repeats
    )
    return [item.version.question.slug for item in drawn]


def ask(
    candidate: User,
    *questions: Question,
    at: datetime,
    share: float | None = None,
    body: str = "Words.",
    state: str = "submitted",
    end_reason: str = "candidate",
) -> list[Answer]:
    """Record a finished interview of these questions, each answered with `share` of the points; None is no score."""
    session = InterviewSession.objects.create(
        candidate=candidate,
        plan_name="Earlier",
        mode="mock",
        state="finished",
        end_reason=end_reason,
        seed=1,
        started_at=at,
        deadline=at + timedelta(hours=1),
        finished_at=at + timedelta(minutes=30),
    )
    answers = []
    for position, question in enumerate(questions, start=1):
        assert question.current_version
        asked = SessionQuestion.objects.create(
            session=session, position=position, version=question.current_version, time_limit_seconds=60
        )
        answer = Answer.objects.create(
            question=asked,
            session=session,
            candidate=candidate,
            deadline=session.deadline,
            state=state,
            body=body,
            submitted_at=at if state == "submitted" else None,
        )
        answers.append(answer)
        if share is not None:
            score(answer, share, at=at)
    return answers


def score(answer: Answer, share: float, *, at: datetime, source: str = "automatic", version: int = 1) -> Score:
    return Score.objects.create(
        answer=answer,
        source=source,
        grader="test",
        grader_version=version,
        points=Decimal(str(share)),
        max_points=1,
        created_at=at,
    )


def test_the_same_seed_draws_the_same_questions_in_the_same_order() -> None:
    plan = make_plan(count=8)
    plan.sections.update(count=4)
    assert draw(plan, seed=7) == draw(plan, seed=7)


def test_seeds_draw_differently() -> None:
    plan = make_plan(count=8)
    plan.sections.update(count=4)
    assert len({tuple(draw(plan, seed=seed)) for seed in range(10)}) > 1


# --- What fits ----------------------------------------------------------------------------------------------------


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


def test_a_section_with_picked_questions_draws_from_these_only_whatever_their_topic_and_kind() -> None:
    plan = make_plan(count=4)
    picked = [make_question(kind="numeric", difficulty="hard"), make_question()]
    section = plan.sections.get()
    section.questions.set(picked)
    PlanSection.objects.filter(pk=section.pk).update(count=2, kinds=["open"])
    assert sorted(draw(plan)) == sorted(question.slug for question in picked)


def test_an_early_section_leaves_a_later_one_the_only_question_it_can_ask() -> None:
    topic = make_topic()
    numeric, open_ = make_question(topic=topic, kind="numeric"), make_question(topic=topic, kind="open")
    plan = make_plan(questions=[numeric, open_])
    plan.sections.update(count=1)
    second = PlanSection.objects.create(plan=plan, position=2, name="Numbers", count=1, kinds=["numeric"])
    second.topics.set([topic])
    for seed in range(10):
        assert draw(plan, seed=seed) == [open_.slug, numeric.slug]


# --- What is likelier ---------------------------------------------------------------------------------------------


def test_what_was_asked_before_is_read_with_the_share_of_the_last_answer_that_says_something() -> None:
    candidate, question, other = make_user(), make_question(), make_question()
    ask(candidate, question, at=NOW - 9 * DAY, share=0.25)
    ask(candidate, question, at=NOW - 5 * DAY, share=0.75)
    ask(candidate, question, at=NOW - 2 * DAY, share=0.0, body="  \n")
    ask(candidate, other, at=NOW - 1 * DAY, share=0.5, state="closed", end_reason="clock")
    ask(make_user(), other, at=NOW, share=1.0)
    assert read_past(candidate) == {
        str(question.pk): Asked(str(question.topic_id), NOW - 2 * DAY, 0.75),
        str(other.pk): Asked(str(other.topic_id), NOW - 1 * DAY, None),
    }


def test_the_share_is_that_of_the_score_that_counts() -> None:
    candidate, question = make_user(), make_question()
    (answer,) = ask(candidate, question, at=NOW, share=0.1)
    score(answer, 0.2, at=NOW + DAY, version=2)
    for share, source in ((0.3, "mentor"), (0.9, "mentor")):
        score(answer, share, at=NOW + timedelta(hours=share), source=source)
    counting = counting_score(answer.scores.all())
    assert counting
    assert read_past(candidate)[str(question.pk)].share == float(counting.points) == 0.9


def test_the_candidates_own_score_counts_before_the_automatic_one_and_after_a_mentors() -> None:
    candidate, question = make_user(), make_question()
    (answer,) = ask(candidate, question, at=NOW, share=0.1)
    score(answer, 0.6, at=NOW - DAY, source="self")
    assert read_past(candidate)[str(question.pk)].share == 0.6
    score(answer, 0.3, at=NOW - 2 * DAY, source="mentor")
    assert read_past(candidate)[str(question.pk)].share == 0.3


def test_an_automatic_score_that_could_not_read_a_key_point_says_nothing() -> None:
    candidate, question = make_user(), make_question()
    (answer,) = ask(candidate, question, at=NOW, share=0.0)
    Score.objects.update(verdicts=[{"status": "partly"}, {"status": "not_found"}])
    assert read_past(candidate)[str(question.pk)].share == 0.0
    Score.objects.update(verdicts=[{"status": "unread"}, {"status": "not_found"}])
    assert read_past(candidate)[str(question.pk)].share is None
    assert not is_read(Score.objects.get())
    score(answer, 0.6, at=NOW, source="self")
    assert read_past(candidate)[str(question.pk)].share == 0.6


def test_a_follow_up_is_no_question_of_its_own() -> None:
    candidate, question = make_user(), make_question()
    (answer,) = ask(candidate, question, at=NOW, share=0.1)
    SessionQuestion.objects.filter(pk=answer.pk).update(follow_up="Why?")
    assert read_past(candidate) == {}


@pytest.mark.parametrize(
    ("share", "age", "weight"),
    [
        (None, 30 * DAY, SEEN),
        (1.0, 300 * DAY, SEEN),
        (0.8, 30 * DAY, SEEN),
        (0.79, 3 * DAY - timedelta(seconds=1), SEEN),
        (0.79, 3 * DAY, DUE),
        (0.79, 9 * DAY, LAPSED),
        (0.49, DAY - timedelta(seconds=1), SEEN),
        (0.49, DAY, DUE),
        (0.49, 3 * DAY - timedelta(seconds=1), DUE),
        (0.49, 3 * DAY, LAPSED),
    ],
)
def test_a_weak_answer_comes_due_and_the_weaker_the_sooner(share: float | None, age: timedelta, weight: float) -> None:
    assert review_weight(Asked(str(1), NOW - age, share), NOW) == weight


def test_a_question_never_asked_weighs_more_than_one_that_is_only_seen() -> None:
    assert review_weight(None, NOW) == UNSEEN > DUE > SEEN


def test_a_topic_weighs_more_the_less_was_reached_in_it_and_one_answer_says_little() -> None:
    weak, strong, once, middling = (str(number) for number in range(4))
    past = (
        [Asked(weak, NOW, 0.0)] * 8 + [Asked(strong, NOW, 1.0)] * 8 + [Asked(once, NOW, 0.0), Asked(middling, NOW, 0.5)]
    )
    weights = topic_weights([*past, Asked(str(9), NOW, None)])
    assert weights == {
        weak: pytest.approx(4**0.8),
        strong: pytest.approx(4**-0.8),
        once: pytest.approx(4 ** (1 / 3)),
        middling: 1.0,
    }


def frequencies(found: Survey, draws: int = 2_000) -> Counter[str]:
    return Counter(row.slug for seed in range(draws) for rows in found.draw(seed) for row in rows)


def row(slug: str, *, topic: int = 1, kind: str = "open", seconds: int = 60) -> BankRow:
    return BankRow(f"question {slug}", slug, str(topic), None, f"version {slug}", kind, "easy", seconds)


def surveyed(rows: Sequence[BankRow], past: dict[str, Asked], *, count: int = 1, weak: bool = False) -> Survey:
    part = Part("All", count, frozenset(["open"]), frozenset(["easy"]))
    return Survey(Outline((part,), 0, weak), (tuple(rows),), (tuple(rows),), past, NOW)


def test_how_often_a_question_is_drawn_follows_its_weight() -> None:
    unseen, due, seen = row("a"), row("b"), row("c")
    past = {
        due.question_id: Asked(due.topic_id, NOW - DAY, 0.0),
        seen.question_id: Asked(seen.topic_id, NOW - DAY, 1.0),
    }
    drawn = frequencies(surveyed([unseen, due, seen], past))
    assert drawn["a"] / 2_000 == pytest.approx(8 / 13, abs=0.03)
    assert drawn["b"] / 2_000 == pytest.approx(4 / 13, abs=0.03)
    assert drawn["c"] / 2_000 == pytest.approx(1 / 13, abs=0.03)


def test_weak_topics_are_drawn_more_often_where_the_plan_favours_them() -> None:
    weak, strong = row("a", topic=1), row("b", topic=2)
    past = {str(90 + n): Asked(str(1), NOW - DAY, 0.0) for n in range(6)}
    past |= {str(80 + n): Asked(str(2), NOW - DAY, 1.0) for n in range(6)}
    assert frequencies(surveyed([weak, strong], past))["a"] / 2_000 == pytest.approx(1 / 2, abs=0.03)
    favoured = frequencies(surveyed([weak, strong], past, weak=True))["a"] / 2_000
    assert favoured == pytest.approx(4**0.75 / (4**0.75 + 4**-0.75), abs=0.03)


# --- Repeats ------------------------------------------------------------------------------------------------------


def test_a_question_is_not_asked_again_before_its_days_are_over() -> None:
    candidate, plan = make_user(), make_plan(count=1, repeat_after_days=7)
    ask(candidate, Question.objects.get(), at=NOW)
    later = NOW + 7 * DAY
    with pytest.raises(PlanTooThinError) as caught:
        draw(plan, candidate=candidate, now=later - timedelta(seconds=1))
    error = caught.value
    assert (error.wanted, error.found, error.asked_lately, error.free_at) == (1, 0, 1, later)
    assert error.repeats_would_help
    assert str(error) == (
        "The section “All” needs 1 question, and the bank has 0 that fit. "
        "1 more was asked lately and is free again on 9 Mar 2026, 12:00 UTC."
    )
    assert draw(plan, candidate=candidate, now=later)
    assert draw(plan, candidate=make_user(), now=NOW)


def test_repeats_may_be_allowed_for_once() -> None:
    candidate, plan = make_user(), make_plan(count=1, repeat_after_days=7)
    ask(candidate, Question.objects.get(), at=NOW)
    assert draw(plan, candidate=candidate, repeats=True)


def test_a_question_due_for_review_is_asked_again_within_the_days() -> None:
    candidate, plan = make_user(), make_plan(count=1, repeat_after_days=7)
    ask(candidate, Question.objects.get(), at=NOW, share=0.2)
    with pytest.raises(PlanTooThinError) as caught:
        draw(plan, candidate=candidate, now=NOW + timedelta(hours=23))
    assert caught.value.free_at == NOW + DAY
    assert draw(plan, candidate=candidate, now=NOW + DAY)


def test_picked_questions_are_asked_again_whenever_one_likes() -> None:
    candidate, plan = make_user(), make_plan(count=1, repeat_after_days=7)
    question = Question.objects.get()
    plan.sections.get().questions.set([question])
    ask(candidate, question, at=NOW)
    assert draw(plan, candidate=candidate) == [question.slug]


# --- What is missing ----------------------------------------------------------------------------------------------


def test_shortfalls_name_the_section_and_what_the_bank_has() -> None:
    plan = make_plan(count=2)
    assert composing.shortfalls(plan.sections.all()) == []
    plan.sections.update(count=5, name="Fundamentals")
    (shortfall,) = composing.shortfalls(plan.sections.all())
    assert (shortfall.section, shortfall.wanted, shortfall.found) == ("Fundamentals", 5, 2)
    assert str(shortfall) == "The section “Fundamentals” needs 5 questions, and the bank has 2 that fit."
    assert not shortfall.repeats_would_help


def test_sections_that_share_too_few_questions_are_told_so() -> None:
    plan = make_plan(count=3)
    section = plan.sections.get()
    second = PlanSection.objects.create(plan=plan, position=2, name="More", count=2)
    second.topics.set(section.topics.all())
    (shortfall,) = composing.shortfalls(plan.sections.all())
    assert str(shortfall) == (
        "The section “More” needs 2 questions, and the bank has 0 that fit and that no other section takes."
    )


def test_picked_questions_that_are_no_longer_published_are_missing() -> None:
    plan, picked = make_plan(count=1), make_question()
    plan.sections.get().questions.set([picked])
    retire(question=picked)
    (shortfall,) = composing.shortfalls(plan.sections.all())
    assert str(shortfall) == "The section “All” needs 1 question, and 0 of those picked for it are published."


def test_shortfalls_mind_repeats_only_for_a_candidate_and_a_time() -> None:
    candidate, plan = make_user(), make_plan(count=3, repeat_after_days=5)
    first, second, _ = Question.objects.order_by("slug")
    ask(candidate, first, at=NOW - 2 * DAY)
    ask(candidate, second, at=NOW - 3 * DAY)
    sections = list(plan.sections.all())
    assert composing.shortfalls(sections) == []
    (shortfall,) = composing.shortfalls(sections, candidate=candidate, now=NOW)
    assert (shortfall.found, shortfall.asked_lately, shortfall.free_at) == (1, 2, NOW + 2 * DAY)
    assert "2 more were asked lately; the first is free again on 4 Mar 2026, 12:00 UTC." in str(shortfall)
    assert composing.shortfalls(sections, candidate=candidate, now=NOW, allow_repeats=True) == []


def test_shortfalls_of_many_sections_are_found_with_two_statements(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    plan = make_plan(count=2)
    for position in range(2, 6):
        section = PlanSection.objects.create(plan=plan, position=position, name=f"Part {position}", count=position)
        section.topics.set(make_question(topic=make_topic()).topic for _ in range(position - position % 2))
    sections = list(plan.sections.prefetch_related("topics", "questions"))
    with django_assert_num_queries(1):
        shortfalls = composing.shortfalls(sections)
    assert [(shortfall.section, shortfall.found) for shortfall in shortfalls] == [("Part 3", 2), ("Part 5", 4)]
    candidate = make_user()
    with django_assert_num_queries(2):
        assert len(composing.shortfalls(sections, candidate=candidate, now=NOW)) == 2
    with django_assert_num_queries(0):
        assert composing.shortfalls([]) == []


def test_a_draw_takes_four_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    plan, candidate = make_plan(count=6), make_user()
    ask(candidate, *Question.objects.all(), at=NOW - DAY, share=0.5)
    with django_assert_num_queries(4):
        composing.draw_questions(plan=plan, candidate=candidate, seed=1, now=NOW)


def test_a_plan_without_sections_cannot_be_drawn() -> None:
    plan = InterviewPlan.objects.create(slug="empty", name="Empty", time_limit_seconds=600, is_published=True)
    with pytest.raises(PlanTooThinError):
        draw(plan)


def test_a_plan_and_its_sections_give_one_outline(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    plan = make_plan(count=3, repeat_after_days=4, favours_weak_spots=True)
    plan.sections.get().questions.set(Question.objects.all()[:2])
    PlanSection.objects.create(plan=plan, position=2, name="Rest", count=1, kinds=["open"], difficulties=["hard"])
    with django_assert_num_queries(1):
        outline = read_outline(plan)
    assert outline == composing.outline_of_sections(plan.sections.all())
    assert (outline.question_count, outline.repeat_after_days, outline.favours_weak_spots) == (4, 4, True)


# --- Whatever the plan, the bank and the past ---------------------------------------------------------------------

KINDS, TOPICS = ("open", "single", "numeric"), (1, 2, 3)
banks = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(TOPICS)), max_size=14).map(
    lambda made: [row(chr(ord("a") + number), topic=topic, kind=kind) for number, (kind, topic) in enumerate(made)]
)
parts = st.builds(
    Part,
    name=st.just("Part"),
    count=st.integers(1, 4),
    kinds=st.frozensets(st.sampled_from(KINDS), min_size=1),
    difficulties=st.just(frozenset(["easy"])),
    topics=st.frozensets(st.sampled_from(TOPICS).map(lambda number: str(number)), max_size=2),
)
outlines = st.builds(
    Outline,
    parts=st.lists(parts, min_size=1, max_size=5).map(tuple),
    repeat_after_days=st.sampled_from([0, 2, 10]),
    favours_weak_spots=st.booleans(),
)
shares = st.none() | st.sampled_from([0.0, 0.4, 0.6, 0.9, 1.0])


@st.composite
def surveys(data: st.DrawFn) -> Survey:
    """A survey of a bank and a past that are made up, and sometimes of picked questions."""
    outline, bank = data(outlines), data(banks)
    if data(st.booleans()) and bank:
        picked = data(st.frozensets(st.sampled_from([row.question_id for row in bank]), min_size=1))
        first = outline.parts[0]
        part = Part(first.name, first.count, first.kinds, first.difficulties, first.topics, picked)
        outline = Outline((part, *outline.parts[1:]), outline.repeat_after_days, outline.favours_weak_spots)
    ages = st.integers(0, 30 * 24).map(lambda hours: NOW - timedelta(hours=hours))
    past = {row.question_id: Asked(row.topic_id, data(ages), data(shares)) for row in bank if data(st.booleans())}
    return of(outline, bank, past)


def of(outline: Outline, bank: list[BankRow], past: dict[str, Asked]) -> Survey:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sessions.composing.surveying.read_bank", lambda outline: bank)
        patch.setattr("sessions.composing.surveying.read_past", lambda candidate: past)
        return survey(outline, candidate=User(), now=NOW)


def best_possible(found: Survey) -> int:
    """Return how many places can be filled at most, by trying every way (over sets of parts, after P. Hall 1935)."""
    sizes = range(2 ** len(found.free))
    rows, total = [{row.question_id for row in part} for part in found.free], found.outline.question_count
    counts = [part.count for part in found.outline.parts]
    return min(
        total
        - sum(count for number, count in enumerate(counts) if chosen >> number & 1)
        + len(set().union(*(part for number, part in enumerate(rows) if chosen >> number & 1)))
        for chosen in sizes
    )


@untimed
@given(surveys(), st.integers(0, 2**62))
def test_a_draw_is_exact_without_repeats_and_everything_in_it_fits(found: Survey, seed: int) -> None:
    drawn = found.draw(seed)
    assert drawn == found.draw(seed)
    questions = [row.question_id for rows in drawn for row in rows]
    assert len(questions) == len(set(questions))
    for part, rows in zip(found.outline.parts, drawn, strict=True):
        assert len(rows) <= part.count
        assert all(part.fits(row) for row in rows)


@untimed
@given(surveys(), st.integers(0, 2**62))
def test_a_plan_that_can_be_filled_is_filled_and_one_that_cannot_as_far_as_it_goes(found: Survey, seed: int) -> None:
    drawn, best = found.draw(seed), best_possible(found)
    assert sum(map(len, drawn)) == best
    shortfalls = found.shortfalls()
    assert sum(error.wanted - error.found for error in shortfalls) == found.outline.question_count - best
    assert bool(shortfalls) == (best < found.outline.question_count)


@untimed
@given(surveys(), st.integers(0, 2**62))
def test_nothing_is_asked_again_too_soon_unless_due_or_picked(found: Survey, seed: int) -> None:
    days = found.outline.repeat_after_days
    for part, rows in zip(found.outline.parts, found.draw(seed), strict=True):
        for row in rows:
            asked = found.past.get(row.question_id)
            if asked and not part.is_picked:
                due = composing.due_at(asked)
                assert asked.at + days * DAY <= NOW or (due is not None and due <= NOW)
    for error in found.shortfalls():
        assert (error.asked_lately > 0) == (error.free_at is not None)
        assert error.free_at is None or error.free_at > NOW


@untimed
@given(st.lists(st.lists(st.integers(0, 6), unique=True), max_size=4), st.integers(0, 3))
def test_items_go_to_the_first_choice_where_nobody_else_wants_them(allowed: list[list[int]], count: int) -> None:
    given_out = assign(allowed, [count] * len(allowed))
    for wishes, got in zip(allowed, given_out, strict=True):
        rivals = {item for others in allowed if others is not wishes for item in others}
        if not rivals & set(wishes):
            assert got == wishes[:count]


def test_a_question_is_free_at_the_earlier_of_its_days_and_its_review() -> None:
    weak, good = Asked(str(1), NOW, 0.1), Asked(str(1), NOW, 0.9)
    assert free_at(weak, repeat_after_days=7) == NOW + DAY
    assert free_at(weak, repeat_after_days=0) == NOW
    assert free_at(good, repeat_after_days=7) == NOW + 7 * DAY
