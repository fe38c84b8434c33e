"""What leaves the bank in one of our own formats comes back word for word, and nothing else with it."""

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions import yamltext
from questions.content import Content, ContentError
from questions.exporting import selecting
from questions.exporting.base import ExportedQuestion, ExportedTopic
from questions.exporting.registry import writers
from questions.importing.base import ParsedQuestion, ParseOptions, collect
from questions.importing.columns import OWN as OWN_COLUMNS
from questions.importing.mapping import Defaults, map_question
from questions.importing.registry import parsers
from questions.importing.unfinished import typed_of
from questions.models import ImportItem, Question, Topic
from tests.factories import BY_KIND, DEMANDING, make_content, make_question, make_topic
from tests.questions.importing.runs import carry_out, items, messages, read

OWN = ["folder", "json", "csv", "xlsx"]
CODE = {
    "language": "python",
    "starter": "def double(x):\n    ...",
    "solution": "def double(x):\n    return 2 * x",
    "cases": [{"call": "double(2)", "expected": "4"}, {"call": "double('')", "expected": "''"}],
}
RICH: dict[str, Any] = {
    "key_points": [
        {"key": "plain", "text": "An idea", "weight": 1, "accepted": ["=1+1"]},
        DEMANDING | {"required": ["- a dash | =b", "[c]: d"], "number": {"value": 1e-7, "tolerance": 0, "unit": "'"}},
    ],
    "format": "coding",
    "code": CODE,
    "misconceptions": [{"text": "=SUM(A1)", "why": "It is - not."}],
    "guidance": '- first\n- then\n\n1. «Größe» ≤ 3, "quoted", it\'s, 50 %, a|b',
    "strong_sample": "I'd say: yes.\n\n```python\n## no heading\n```",
    "middling_sample": "'=maybe",
    "tags": ["one", "two-three"],
    "follow_ups": ["- a dash?", "Two\nlines?", "[brackets]?", "Plain?"],
    "author": "+49 Ada; «B»",
    "source": "-https://example.org/?a=1&b=2",
}


def exported(content: Content, slug: str = "one") -> ExportedQuestion:
    area = ExportedTopic("evaluation", "Evaluation", "What counts.", 3)
    return ExportedQuestion(slug, area, ExportedTopic("metrics", "Metrics", "Numbers.", 1), "published", 1, content)


def written(name: str, *questions: ExportedQuestion) -> bytes:
    file = io.BytesIO()
    writers()[name].write(questions, file)
    return file.getvalue()


def unpacked(folder: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(folder)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def parsed(name: str, data: bytes) -> tuple[ParsedQuestion, ...]:
    result = collect(parsers()[name].read(io.BytesIO(data), ParseOptions()))
    assert result.problems == ()
    return result.questions


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("kind", BY_KIND)
def test_every_kind_of_question_comes_back_as_it_was(name: str, kind: str) -> None:
    content = make_content(kind)
    (found,) = parsed(name, written(name, exported(content)))
    assert map_question(found, Defaults()).content == content
    assert (found.slug, found.topics) == ("one", ("evaluation", "metrics"))


@pytest.mark.parametrize("name", OWN)
def test_every_field_comes_back_however_odd_its_text(name: str) -> None:
    content = make_content(**RICH)
    assert writers()[name].cannot_carry(content) == []
    (found,) = parsed(name, written(name, exported(content)))
    assert map_question(found, Defaults()).content == content


# What a spreadsheet or YAML might take for something else; controls and lone halves of characters cannot be stored.
_odd = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t'\"=+-@#|,;`~$"), max_size=60)
_words = _odd.map(lambda text: f"a{text}z")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prompt=_odd.map(lambda text: f"{text}?"), follow_up=_words, accepted=_words, author=_words)
@pytest.mark.parametrize("name", ["json", "csv", "xlsx"])
def test_any_text_comes_back_as_it_was(name: str, prompt: str, follow_up: str, accepted: str, author: str) -> None:
    point = {"key": "point", "text": accepted, "weight": 2, "accepted": [accepted]}
    content = make_content(prompt=prompt, follow_ups=[follow_up], key_points=[point], author=author)
    (found,) = parsed(name, written(name, exported(content)))
    assert map_question(found, Defaults()).content == content


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(terms=st.lists(_words, min_size=2, max_size=4), figure=st.floats(allow_nan=False, allow_infinity=False))
@pytest.mark.parametrize("name", ["json", "csv", "xlsx"])
def test_whatever_a_key_point_demands_comes_back_as_it_was(name: str, terms: list[str], figure: float) -> None:
    parts = {"required": terms, "number": {"value": figure, "tolerance": abs(figure), "unit": terms[0][:20]}}
    try:
        content = make_content(key_points=[DEMANDING | parts | {"any_of": {"need": 2, "items": terms}}])
    except ContentError:
        return  # such as “a | | z”
    (found,) = parsed(name, written(name, exported(content)))
    assert map_question(found, Defaults()).content == content


@pytest.mark.parametrize("name", OWN)
def test_a_key_point_that_demands_nothing_leaves_as_it_always_did(name: str) -> None:
    data = written(name, exported(make_content()))
    texts = "".join(unpacked(data).values()) if name in {"folder", "xlsx"} else data.decode()
    assert not any(word in texts for word in ("required", "any_of"))


HOSTILE_PARTS = [
    ({"any_of": {"need": 0, "items": ["a", "b"]}}, "any_of.need", "must be at least 1"),
    ({"any_of": {"need": 1, "items": ["a"] * 50}}, "any_of.items", "may have at most 20 entries"),
    ({"required": [" | | "]}, "required[1]", "needs a word on both sides of each “ | ”"),
    ({"required": ["x" * 10_000]}, "required[1]", "may have at most 1000 characters"),
    ({"required": 3, "number": [], "any_of": "all"}, "number", "must be a block of named values"),
]


@pytest.mark.parametrize(("parts", "field", "message"), HOSTILE_PARTS)
@pytest.mark.parametrize("name", ["json", "csv", "xlsx"])
def test_what_a_key_point_cannot_demand_is_a_fault_at_its_place(
    name: str, parts: dict[str, Any], field: str, message: str
) -> None:
    point = {"key": "a", "text": "An idea", "weight": 1} | parts
    values = make_content().model_dump(mode="json") | {"key_points": [point]}
    if name == "json":
        data = json.dumps([values]).encode()
    else:
        cells = {**values, "follow_ups": "", "key_points": yamltext.dump([point])}
        table = [list(OWN_COLUMNS), [str(cells.get(column) or "") for column in OWN_COLUMNS]]
        file = io.BytesIO()
        writers()[name].write_rows(table, file)  # type: ignore[attr-defined]  # of the tables alone
        data = file.getvalue()
    (found,) = parsed(name, data)
    mapped = map_question(found, Defaults())
    assert mapped.content is None
    assert (f"key_points[1].{field}", message) in [(each.field, each.message) for each in mapped.problems]
    assert typed_of(mapped.values)["key_points"][0]["text"] == "An idea"


@pytest.mark.parametrize("name", ["folder", "csv", "json"])
def test_the_same_questions_give_the_same_bytes(name: str) -> None:
    questions = [exported(make_content(kind), slug=kind) for kind in BY_KIND]
    assert written(name, *questions) == written(name, *questions)


@pytest.mark.parametrize("name", OWN)
def test_an_export_of_nothing_is_a_file_of_its_format(name: str) -> None:
    assert parsed(name, written(name)) == ()


# Through the bank


@pytest.mark.django_db
@pytest.mark.parametrize("name", OWN)
def test_an_export_read_by_the_bank_it_came_from_changes_nothing(name: str) -> None:
    for kind in BY_KIND:
        make_question(kind, kind=kind)
    run = read(written(name, *selecting.exported(selecting.published())), name, licence="", author="")
    assert {item.match for item in items(run)} == {ImportItem.Match.IDENTICAL}
    carry_out(run)
    assert Question.objects.count() == len(BY_KIND)


@pytest.mark.django_db
def test_a_folder_read_by_an_empty_bank_brings_its_topics_and_gives_the_same_folder_again() -> None:
    area = Topic.objects.create(slug="evaluation", name="Evaluation & more", description="What counts.", order=7)
    for number, slug in enumerate(("metrics", "leakage"), 1):
        topic = Topic.objects.create(slug=slug, name=slug.title(), description=f"On {slug}.", order=number, area=area)
        make_question(f"about-{slug}", topic=topic, kind="single", prompt=f"What about {slug}?")
    folder = written("folder", *selecting.exported(selecting.published()))
    Question.objects.update(current_version=None, status="draft")
    Question.objects.all().delete()
    Topic.objects.filter(area__isnull=False).delete()
    Topic.objects.all().delete()
    run = carry_out(read(folder, "folder", licence="", author=""))
    assert sorted(run.made_topics) == ["evaluation", "leakage", "metrics"]
    again = written("folder", *selecting.exported(Question.objects.all()))
    assert unpacked(again) == unpacked(folder)
    assert again == folder


@pytest.mark.django_db
def test_a_changed_file_of_a_folder_is_offered_as_another_wording_of_its_question() -> None:
    question = make_question("metric", topic=make_topic("metrics"), prompt="Which metric?")
    folder = written("folder", exported(make_content(prompt="Which measure, and why?"), slug="metric"))
    (item,) = items(read(folder, "folder"))
    assert (item.match, item.matched) == (ImportItem.Match.SLUG, question)


@pytest.mark.django_db
def test_a_question_of_an_area_itself_leaves_in_a_topic_of_its_own() -> None:
    area = Topic.objects.create(slug="evaluation", name="Evaluation")
    make_question("general", topic=area)
    run = read(written("folder", *selecting.exported(selecting.published())), "folder")
    assert items(run)[0].path == "evaluation/evaluation-general/general.md"
    assert messages(run) == []
