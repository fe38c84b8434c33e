"""The shipped plans: they load once, respect the admin, can be drawn from the shipped bank, and fit their time."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from questions.bankformat import BankError
from questions.models import Topic
from sessions import composing
from sessions.composing import draw_questions
from sessions.models import InterviewPlan, PlanSection
from sessions.plans import SHIPPED_FILE, PlanReport, load_plans, plan_digest, read_plans
from tests.factories import NOW, make_plan, make_question, make_topic, make_user

TEXT = """\
plans:
  - slug: short
    name: Short
    description: A short one.
    minutes: 15
    order: 1
    sections:
      - name: All of it
        count: 2
        topics: [metrics]
        kinds: [open, single]
      - name: More
        count: 1
        difficulties: [easy]
"""


def write(tmp_path: Path, text: str = TEXT) -> Path:
    file = tmp_path / "plans.yaml"
    file.write_text(text)
    return file


def load(tmp_path: Path, text: str = TEXT) -> PlanReport:
    return load_plans(read_plans(write(tmp_path, text)))


@pytest.fixture
def metrics(db: None) -> Topic:
    topic = make_topic("metrics")
    for kind in ("open", "single", "open"):
        make_question(topic=topic, kind=kind, difficulty="easy")
    return topic


def test_a_plan_is_loaded_with_its_sections(tmp_path: Path, metrics: Topic) -> None:
    report = load(tmp_path)
    assert report == PlanReport(added=["short"])
    plan = InterviewPlan.objects.get()
    assert (plan.name, plan.time_limit_seconds, plan.mode, plan.order) == ("Short", 900, "mock", 1)
    assert (plan.is_published, plan.for_visitors) == (True, False)
    first, second = plan.sections.all()
    assert (first.position, first.name, first.count) == (1, "All of it", 2)
    assert (list(first.topics.all()), first.kinds) == ([metrics], ["open", "single"])
    assert (second.kinds, second.difficulties) == (["open", "single", "multiple", "numeric"], ["easy"])


def test_a_second_load_changes_nothing_and_asks_little(tmp_path: Path, metrics: Topic) -> None:
    load(tmp_path)
    before = list(PlanSection.objects.values())
    with CaptureQueriesContext(connection) as queries:
        assert load(tmp_path) == PlanReport(unchanged=1)
    assert list(PlanSection.objects.values()) == before
    assert len(queries) <= 4


def test_a_changed_file_changes_its_plan_in_place(tmp_path: Path, metrics: Topic) -> None:
    load(tmp_path)
    before = InterviewPlan.objects.get().pk
    assert load(tmp_path, TEXT.replace("count: 2", "count: 1").replace("minutes: 15", "minutes: 20")).changed == [
        "short"
    ]
    plan = InterviewPlan.objects.get()
    assert (plan.pk, plan.time_limit_seconds) == (before, 1200)
    assert [section.count for section in plan.sections.all()] == [1, 1]


@pytest.mark.parametrize("edit", ["name", "unpublish", "count", "topics", "time"])
def test_a_plan_edited_in_the_admin_is_left_as_it_is(tmp_path: Path, metrics: Topic, edit: str) -> None:
    load(tmp_path)
    plan, section = InterviewPlan.objects.get(), PlanSection.objects.get(position=1)
    match edit:
        case "name":
            InterviewPlan.objects.update(name="Mine")
        case "unpublish":
            InterviewPlan.objects.update(is_published=False)
        case "time":
            InterviewPlan.objects.update(time_limit_seconds=901)
        case "count":
            PlanSection.objects.filter(pk=section.pk).update(count=1)
        case "topics":
            section.topics.clear()
    edited = plan_digest(InterviewPlan.objects.get())
    assert load(tmp_path).unchanged == 1
    report = load(tmp_path, TEXT.replace("A short one", "A brief one"))
    assert report.notes == ["short was written or edited in the admin and is left as it is"]
    assert plan_digest(InterviewPlan.objects.get(pk=plan.pk)) == edited


def test_a_plan_of_the_same_name_from_the_admin_is_left_as_it_is(tmp_path: Path, metrics: Topic) -> None:
    own = make_plan(slug="short")
    assert load(tmp_path).added == []
    assert InterviewPlan.objects.get() == own


def test_a_plan_deleted_in_the_admin_stays_deleted(tmp_path: Path, metrics: Topic) -> None:
    load(tmp_path)
    InterviewPlan.objects.all().delete()
    assert load(tmp_path).unchanged == 1
    assert load(tmp_path, TEXT.replace("minutes: 15", "minutes: 20")).notes == [
        "short was deleted in the admin and stays deleted"
    ]
    assert not InterviewPlan.objects.exists()


def test_an_unknown_topic_stops_the_load_with_its_line(tmp_path: Path, metrics: Topic) -> None:
    with pytest.raises(BankError) as caught:
        load(tmp_path, TEXT.replace("[metrics]", "[metrics, metrix]"))
    assert str(caught.value) == (
        "plans.yaml:10: plans[1].sections[1].topics: the database has no topic “metrix”; load the bank first"
    )
    assert not InterviewPlan.objects.exists()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("minutes: 15", "minutes: soon"), "plans.yaml:5: plans[1].minutes: must be a whole number"),
        (
            ("count: 2", "conut: 2"),
            "plans.yaml:9: plans[1].sections[1].conut: is not a known name; did you mean “count”?",
        ),
        (("order: 1", "oder: 1"), "plans.yaml:6: plans[1].oder: is not a known name; did you mean “order”?"),
        (("[open, single]", "[open, essay]"), "plans.yaml:11: plans[1].sections[1].kinds[2]: must be one of"),
        (("  - slug: short", "  - slug: [short"), "plans.yaml:2: is not valid YAML"),
        (
            ("minutes: 15", "mode: mock"),
            "plans.yaml:2: plans[1].minutes: is missing: a mock interview needs minutes or",
        ),
        (("minutes: 15", "minutes: 481"), "plans.yaml:5: plans[1].minutes: must be at most 480"),
        (("order: 1", "navigation: back"), "plans.yaml:6: plans[1].navigation: must be one of 'free' or 'forward'"),
        (("order: 1", "question_limit: fixd"), "plans.yaml:6: plans[1].question_limit: must be one of"),
        (
            ("order: 1", "question_limit: fixed"),
            "plans.yaml:2: plans[1].question_limit_seconds: is missing: “question_limit: fixed” needs the seconds",
        ),
        (
            ("order: 1", "question_limit_seconds: 60"),
            "plans.yaml:6: plans[1].question_limit_seconds: is only read with “question_limit: fixed”",
        ),
        (("order: 1", "reading_seconds: 601"), "plans.yaml:6: plans[1].reading_seconds: must be at most 600"),
        (("order: 1", "repeat_after_days: week"), "plans.yaml:6: plans[1].repeat_after_days: must be a whole number"),
        (("order: 1", "favours_weak_spots: 7"), "plans.yaml:6: plans[1].favours_weak_spots: must be true or false"),
        (("count: 2", "questions: [A B]"), "plans.yaml:9: plans[1].sections[1].questions[1]: may only have lower"),
        (("count: 1", "count: 0"), "plans.yaml:13: plans[1].sections[2].count: must be at least 1"),
    ],
)
def test_a_faulty_file_is_refused_with_the_line(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    assert change[0] in TEXT
    with pytest.raises(BankError) as caught:
        read_plans(write(tmp_path, TEXT.replace(*change, 1)))
    assert any(str(problem).startswith(complaint) for problem in caught.value.problems), str(caught.value)


def test_two_plans_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BankError, match="every plan's slug must be used once"):
        read_plans(write(tmp_path, TEXT + TEXT.split("\n", 1)[1]))


REFINED = """\
plans:
  - slug: short
    name: Short
    mode: practice
    navigation: forward
    question_limit: fixed
    question_limit_seconds: 90
    reading_seconds: 20
    asks_follow_ups: true
    repeat_after_days: 7
    favours_weak_spots: true
    sections:
      - name: Picked
        count: 1
        questions: [chosen, other]
"""


def test_how_a_plan_runs_and_what_is_picked_come_from_the_file(tmp_path: Path, metrics: Topic) -> None:
    picked = {make_question(slug) for slug in ("chosen", "other")}
    assert load(tmp_path, REFINED).added == ["short"]
    plan = InterviewPlan.objects.get()
    assert (plan.time_limit_seconds, plan.navigation, plan.reading_seconds) == (None, "forward", 20)
    assert (plan.question_limit, plan.question_limit_seconds) == ("fixed", 90)
    assert (plan.asks_follow_ups, plan.repeat_after_days, plan.favours_weak_spots) == (True, 7, True)
    assert set(plan.sections.get().questions.all()) == picked
    assert load(tmp_path, REFINED).unchanged == 1


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("navigation: forward", "navigation: free"),
        ("question_limit_seconds: 90", "question_limit_seconds: 91"),
        ("reading_seconds: 20", "reading_seconds: 21"),
        ("asks_follow_ups: true", "asks_follow_ups: false"),
        ("repeat_after_days: 7", "repeat_after_days: 8"),
        ("favours_weak_spots: true", "favours_weak_spots: false"),
        ("[chosen, other]", "[chosen]"),
    ],
)
def test_each_of_it_is_part_of_what_a_plan_says(tmp_path: Path, metrics: Topic, said: str, instead: str) -> None:
    for slug in ("chosen", "other"):
        make_question(slug)
    load(tmp_path, REFINED)
    changed = REFINED.replace(said, instead)
    assert load(tmp_path, changed).changed == ["short"]
    (spec,) = read_plans(write(tmp_path, changed)).plans
    assert plan_digest(InterviewPlan.objects.get()) == spec.digest()


def test_a_picked_question_that_the_bank_lacks_stops_the_load_with_its_line(tmp_path: Path, metrics: Topic) -> None:
    make_question("chosen")
    with pytest.raises(BankError) as caught:
        load(tmp_path, REFINED)
    assert str(caught.value) == (
        "plans.yaml:15: plans[1].sections[1].questions: the database has no question “other”; load the bank first"
    )


def test_a_plan_that_says_nothing_new_keeps_the_digest_it_had_before_there_was_more_to_say(tmp_path: Path) -> None:
    """Otherwise every installed plan would look as if somebody had edited it, and no later file would reach it."""
    (spec,) = read_plans(write(tmp_path)).plans
    assert spec.digest() == "a37d58f1d2afb59c46c8d46c4d9f1cae129c51b54a1b5b1cf739fa25e167bda1"


def test_a_thin_bank_is_said_but_does_not_stop_the_load(tmp_path: Path, metrics: Topic) -> None:
    report = load(tmp_path, TEXT.replace("count: 2", "count: 4"))
    assert report.added == ["short"]
    assert report.notes[0] == "short: The section “All of it” needs 4 questions, and the bank has 3 that fit."


def test_the_command_says_in_one_line_what_it_did(tmp_path: Path, metrics: Topic) -> None:
    out = StringIO()
    call_command("load_plans", "--path", str(write(tmp_path)), stdout=out)
    assert out.getvalue() == "Interview plans: 1 new, 0 changed, 0 unchanged.\n"
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("load_plans", "--path", str(tmp_path / "missing.yaml"))
    with pytest.raises(CommandError, match=r"plans.yaml:1: plans: must be a list[\s\S]*nothing was loaded"):
        call_command("load_plans", "--path", str(write(tmp_path, "plans: none")))


# The shipped plans with the shipped bank

SIZES = {
    "quick-screen": (6, 18),
    "fundamentals": (10, 35),
    "system-design": (2, 55),
    "behavioural": (4, 30),
    "coding": (3, 40),
    "full-mock": (12, 60),
    "own-pace": (8, None),
    "one-way": (7, None),
    "sample": (3, 5),
}


@pytest.fixture
def shipped(db: None) -> dict[str, InterviewPlan]:
    call_command("load_bank", verbosity=0)
    report = load_plans(read_plans(SHIPPED_FILE))
    assert report.notes == []
    return {plan.slug: plan for plan in InterviewPlan.objects.all()}


def test_the_shipped_plans_have_their_promised_size(shipped: dict[str, InterviewPlan]) -> None:
    sizes = {
        slug: (sum(section.count for section in plan.sections.all()), plan.time_limit_minutes)
        for slug, plan in shipped.items()
    }
    assert sizes == SIZES
    assert [slug for slug, plan in shipped.items() if plan.for_visitors] == ["sample"]
    assert all(plan.is_published and plan.description for plan in shipped.values())


def test_every_shipped_plan_can_be_drawn_again_and_again_and_fits_its_time(shipped: dict[str, InterviewPlan]) -> None:
    candidate = make_user()
    for slug, plan in shipped.items():
        sums = []
        for seed in range(15):
            drawn = draw_questions(plan=plan, candidate=candidate, seed=seed, now=NOW)
            assert len(drawn) == SIZES[slug][0]
            sums.append(sum(question.version.time_limit_seconds for question in drawn))
        if plan.time_limit_seconds is not None:
            mean = sum(sums) / len(sums) / plan.time_limit_seconds
            assert 0.7 <= mean <= 1.1, f"{slug}: the suggested times are {mean:.0%} of the limit"
            assert max(sums) <= plan.time_limit_seconds * 1.25, slug


def test_a_plan_that_never_repeats_itself_within_days_can_be_sat_twice_in_them(
    shipped: dict[str, InterviewPlan],
) -> None:
    assert {slug for slug, plan in shipped.items() if plan.repeat_after_days} == {"full-mock", "fundamentals"}
    for plan in shipped.values():
        if plan.repeat_after_days:
            sections = list(plan.sections.all())
            for section in sections:
                section.count *= 2
            assert composing.shortfalls(sections) == [], plan.slug


def test_the_shipped_plans_show_each_way_an_interview_can_run(shipped: dict[str, InterviewPlan]) -> None:
    practice, one_way = shipped["own-pace"], shipped["one-way"]
    assert (practice.mode, practice.is_untimed, practice.favours_weak_spots) == ("practice", True, True)
    assert (one_way.mode, one_way.navigation, one_way.question_limit) == ("mock", "forward", "suggested")
    assert (one_way.reading_seconds, one_way.time_limit_seconds) == (20, None)


def test_every_section_has_a_choice(shipped: dict[str, InterviewPlan]) -> None:
    for plan in shipped.values():
        found = composing.survey(composing.outline_of_sections(plan.sections.all()), candidate=None, now=None)
        for part, rows in zip(found.outline.parts, found.fitting, strict=True):
            assert len(rows) > part.count, f"{plan}, {part.name} would always ask the same"


def test_the_sample_asks_one_question_of_each_sort(shipped: dict[str, InterviewPlan]) -> None:
    drawn = draw_questions(plan=shipped["sample"], candidate=make_user(), seed=1, now=NOW)
    assert [question.version.kind for question in drawn] == ["single", "numeric", "open"]
    assert {question.version.difficulty for question in drawn} == {"easy"}


def test_the_shipped_file_names_only_what_it_must() -> None:
    assert {plan.slug for plan in read_plans().plans} == set(SIZES)
