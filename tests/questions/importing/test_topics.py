"""From a file's topics to ours: recognised, remembered, made anew, or left for a person to decide."""

import pytest

from questions.importing import running, topics
from questions.models import ImportRun, RememberedTopic, Topic
from tests.factories import make_topic
from tests.questions.importing.runs import carry_out, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def metrics() -> Topic:
    area = Topic.objects.create(slug="evaluation", name="Evaluation and validation")
    return Topic.objects.create(slug="classification-metrics", name="Classification metrics", area=area)


def run_with(category: str, question: str = "One") -> ImportRun:
    return read(f"$CATEGORY: {category}\n\n::T:: {question}? {{=a#x ~b#x}}\n".encode())


def choice_of(category: str) -> str:
    (place,) = topics.places(run_with(category), topics.Atlas())
    return place.choice


@pytest.mark.parametrize(
    "category",
    [
        "Classification metrics",
        "classification-metrics",
        "CLASSIFICATION  METRICS",
        "Course/Statistics/Classification Metrics",
        "Classification metrics/Chapter 3",
    ],
)
def test_a_topic_is_recognised_by_its_name_or_slug_wherever_it_stands(metrics: Topic, category: str) -> None:
    assert choice_of(category) == metrics.slug


def test_a_name_that_two_topics_could_mean_is_left_to_a_person(metrics: Topic) -> None:
    make_topic("regression-metrics", area=metrics.area)
    assert choice_of("Metrics") == ""


def test_a_name_that_says_part_of_exactly_one_topics_name_is_taken_for_it(metrics: Topic) -> None:
    assert choice_of("Metrics of classification") == metrics.slug


def test_an_unknown_name_is_left_to_a_person(metrics: Topic) -> None:
    assert choice_of("Cooking") == ""


def test_a_persons_choice_wins_over_what_was_recognised(metrics: Topic) -> None:
    other = make_topic("other")
    run = run_with("Classification metrics")
    running.decide_topics(run=run, choices={"Classification metrics": other.slug})
    run.refresh_from_db()
    (place,) = topics.places(run, topics.Atlas())
    assert (place.choice, place.is_guess) == ("other", False)


def test_a_topic_that_has_gone_since_it_was_chosen_has_to_be_chosen_again(metrics: Topic) -> None:
    other = make_topic("other")
    run = run_with("Cooking")
    running.decide_topics(run=run, choices={"Cooking": "other"})
    other.delete()
    run.refresh_from_db()
    assert [place.choice for place in topics.undecided(run, topics.Atlas())] == [""]


def test_what_was_decided_is_remembered_under_every_spelling(metrics: Topic) -> None:
    run = run_with("Cooking")
    running.decide_topics(run=run, choices={"Cooking": metrics.slug})
    run.refresh_from_db()
    carry_out(run)
    assert RememberedTopic.objects.get().topic == metrics
    assert choice_of("COOKING") == metrics.slug


def test_a_new_area_is_made_for_a_name_that_stands_alone(metrics: Topic) -> None:
    run = run_with("Cooking")
    running.decide_topics(run=run, choices={"Cooking": "new:"})
    run.refresh_from_db()
    carry_out(run)
    assert Topic.objects.get(slug="cooking").area is None


def test_two_names_of_one_file_become_one_new_topic_when_they_are_spelled_alike(metrics: Topic) -> None:
    file = b"$CATEGORY: Cooking\n\nOne? {=a#x ~b#x}\n\n$CATEGORY: cooking\n\nTwo? {=a#x ~b#x}\n"
    run = read(file)
    running.decide_topics(run=run, choices={"Cooking": "new:evaluation", "cooking": "new:evaluation"})
    run.refresh_from_db()
    carry_out(run)
    assert Topic.objects.get(slug="cooking").questions.count() == 2


def test_a_path_is_kept_bounded() -> None:
    assert topics.tidy(["", "a\nb", "x" * 500, *"cdefgh"]) == [*"cdefgh"]
    assert topics.tidy(["x" * 500]) == ["x" * 200]
