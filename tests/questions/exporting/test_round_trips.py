"""What a format carries comes back the same, whatever the texts hold; and what is written is what others read."""

import io
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from interviewprep.markdown import render, render_inline
from questions.bankfiles import read_bank
from questions.content import Content, Kind
from questions.exporting.base import ExportedQuestion, ExportedTopic
from questions.exporting.registry import writers
from questions.importing.mapping import Defaults, map_question
from questions.importing.registry import parsers
from questions.management.commands.load_bank import SHIPPED_FOLDER
from tests.factories import make_content
from tests.questions.exporting.exported import EVERY_KIND, OPEN, SINGLE, back, mapped, read, written

# Everything that means something in one of the formats, and ordinary words around it.
CHARACTERS = st.sampled_from("ab 1.,:;~=#{}[]%\\->/*_`$&<>'\"!?|()\n\té漢👶\xa0")
TEXTS = st.text(CHARACTERS, min_size=1, max_size=40).filter(lambda text: text.strip() != "")
LINES = TEXTS.map(lambda text: " ".join(text.split())).filter(bool)
TITLES = LINES.filter(lambda text: len(text) >= 3)
TAGS = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), max_size=3, unique=True)
NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: number + 0.0)


@st.composite
def contents(draw: st.DrawFn, kind: Kind) -> Content:
    fields: dict[str, Any] = {
        "title": draw(TITLES),
        "prompt": draw(TEXTS),
        "reference_answer": draw(TEXTS),
        "difficulty": draw(st.sampled_from(["easy", "medium", "hard"])),
        "time_limit_seconds": draw(st.integers(10, 14_000)),
        "tags": draw(TAGS),
        "author": draw(LINES),
        "source": draw(LINES),
        "follow_ups": [],
    }
    if kind in {Kind.SINGLE, Kind.MULTIPLE}:
        count = draw(st.integers(2, 5))
        right = {draw(st.integers(0, count - 1))} | (
            draw(st.sets(st.integers(0, count - 1))) if kind == Kind.MULTIPLE else set()
        )
        fields["choices"] = [
            {"key": f"c{place}", "text": draw(TEXTS), "correct": place in right, "explanation": draw(TEXTS)}
            for place in range(count)
        ]
    if kind == Kind.NUMERIC:
        number = {
            "value": draw(NUMBERS),
            "tolerance": abs(draw(NUMBERS)),
            "unit": draw(st.sampled_from(["", "m/s", "%"])),
        }
        fields["numeric_answer"] = number
    return make_content(kind.value, **fields)


def same(form: str, content: Content) -> None:
    """Hold what comes back to what went out, in the words of the reader, before anything is mapped."""
    found = back(writers()[form], parsers()[form], content)
    provenance = [" ".join(value.split()) for value in (content.licence, content.author, content.source)]
    assert [found.licence, found.author, found.source] == provenance
    assert found.title == " ".join(content.title.split())
    assert (found.prompt.text, found.reference and found.reference.text) == (content.prompt, content.reference_answer)
    assert (found.difficulty, found.time_limit_seconds) == (content.difficulty, content.time_limit_seconds)
    assert found.tags == content.tags
    assert [(one.text.text, one.correct, one.feedback and one.feedback.text) for one in found.choices] == [
        (one.text, one.correct, one.explanation) for one in content.choices
    ]
    if number := content.numeric_answer:
        assert [(one.value, one.tolerance) for one in found.numbers] == [(number.value, number.tolerance)]


@pytest.mark.parametrize("form", ["gift", "moodlexml"])
@pytest.mark.parametrize("kind", list(Kind))
def test_markdown_of_any_sort_comes_back_from_moodles_formats_character_by_character(form: str, kind: Kind) -> None:
    @given(contents(kind))
    @settings(max_examples=80, deadline=None)
    def check(content: Content) -> None:
        same(form, content)

    check()


def test_one_line_texts_come_back_from_aiken() -> None:
    @given(contents(Kind.SINGLE))
    @settings(deadline=None)
    def check(content: Content) -> None:
        writer = writers()["aiken"]
        if not writer.carries(content):
            assert read(parsers()["aiken"], written(writer, [content])).questions == ()
            return
        found = back(writer, parsers()["aiken"], content)
        assert found.prompt.text == " ".join(content.prompt.split())
        assert [(one.text.text, one.correct) for one in found.choices] == [
            (" ".join(one.text.split()), one.correct) for one in content.choices
        ]
        assert found.licence == content.licence

    check()


def test_answers_come_back_from_a_list_with_their_headings_and_bold_lines() -> None:
    @given(contents(Kind.OPEN), st.sampled_from(["", "## A\n\n**Why?**\n\n---", "```\n## x"]))
    @settings(deadline=None)
    def check(content: Content, ending: str) -> None:
        writer = writers()["qalist"]
        content = content.model_copy(update={"reference_answer": f"{content.reference_answer}\n\n{ending}".strip("\n")})
        if not writer.carries(content):
            return
        found = back(writer, parsers()["qalist"], content)
        assert found.prompt.text == " ".join(content.prompt.split())
        assert found.reference and found.reference.text.strip() == content.reference_answer.strip()
        title = " ".join(content.title.split()).replace("|", "/").replace("-->", "––>")
        assert (found.title, found.tags) == (title, content.tags)
        assert found.time_limit_seconds == content.time_limit_seconds

    check()


# Markdown as people write it: whole constructs, not loose characters.
INLINE = st.sampled_from(
    [
        "word",
        "two words",
        "**bold**",
        "*slanted*",
        "`x = 1`",
        "`a|b`",
        "$x_1^2$",
        "[a](https://b.c)",
        "1 < 2 & 3",
        "List<T>",
    ]
)
PARAGRAPHS = st.lists(INLINE, min_size=1, max_size=4).map(" ".join)
BLOCKS = st.one_of(
    PARAGRAPHS,
    st.lists(PARAGRAPHS, min_size=1, max_size=3).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(PARAGRAPHS, min_size=1, max_size=3).map(lambda items: "\n".join(f"1. {item}" for item in items)),
    PARAGRAPHS.map(lambda text: f"> {text}"),
    st.just("```python\ndef f(x):\n\n    return {x: 1}  # <b>\n```"),
    st.just('```svg\n<svg viewBox="0 0 1 1"><title>t</title></svg>\n```'),
    st.just("$$\\frac{a}{b} < c$$"),
    st.just("| a | b |\n| --- | ---: |\n| 1 | $x$ |"),
    PARAGRAPHS.map(lambda text: f"### {text}"),
)
PAGES = st.lists(BLOCKS, min_size=1, max_size=4).map("\n\n".join)


@given(PAGES, PAGES, PARAGRAPHS)
@settings(max_examples=80, deadline=None)
def test_pages_look_the_same_after_qti(prompt: str, reference: str, line: str) -> None:
    choices = [
        {"key": "1a", "text": line, "correct": True, "explanation": line},
        {"key": "b", "text": "b", "correct": False, "explanation": "b"},
    ]
    content = make_content("single", prompt=prompt, reference_answer=reference, choices=choices)
    found = mapped(writers()["qti"], parsers()["qti"], content).values
    assert render(found["prompt"]) == render(content.prompt)
    assert render(found["reference_answer"]) == render(content.reference_answer)
    assert render_inline(found["choices"][0]["text"]) == render_inline(line)
    assert [choice["key"] for choice in found["choices"]] == ["1a", "b"]


# What others read


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_moodle_xml_is_well_formed_and_has_what_moodle_asks_for(kind: str) -> None:
    root = fromstring(written(writers()["moodlexml"], [EVERY_KIND[kind]]))
    category, question = root.findall("question")
    assert category.findtext("category/text") == "$course$/top/Evaluation & Co./A//B tests"
    assert question.findtext("idnumber") == "q0"
    for name in ("name/text", "questiontext/text", "generalfeedback/text", "defaultgrade", "penalty", "hidden"):
        assert question.find(name) is not None
    fractions = [float(answer.get("fraction", "")) for answer in question.findall("answer")]
    assert sum(fraction for fraction in fractions if fraction > 0) == pytest.approx(0 if kind == "open" else 100)


def test_three_right_choices_share_the_points_as_moodle_writes_them() -> None:
    choices = [{"key": key, "text": key, "correct": key != "d", "explanation": key} for key in "abcd"]
    text = written(writers()["gift"], [make_content("multiple", choices=choices)]).decode()
    assert text.count("~%33.3333%") == 0
    assert text.count("~%33.33333%") == 3
    assert text.count("~%-33.33333%") == 1


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_qti_package_lists_its_items_and_each_is_well_formed(kind: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(written(writers()["qti"], [EVERY_KIND[kind]])))
    assert archive.namelist() == ["evaluation/ab-tests/q0.xml", "imsmanifest.xml"]
    manifest, item = (fromstring(archive.read(name)) for name in ("imsmanifest.xml", "evaluation/ab-tests/q0.xml"))
    (resource,) = manifest.iter("{http://www.imsglobal.org/xsd/imscp_v1p1}resource")
    assert resource.attrib == {"identifier": "q-q0", "type": "imsqti_item_xmlv2p1", "href": archive.namelist()[0]}
    assert item.tag == "{http://www.imsglobal.org/xsd/imsqti_v2p1}assessmentItem"
    declared = {one.get("identifier") for one in item if one.tag.endswith("Declaration")}
    used = {one.get("responseIdentifier") or one.get("outcomeIdentifier") for one in item.iter()} - {None}
    assert used <= declared
    identifiers = [one.get("identifier") for one in item.iter() if one.tag.endswith("simpleChoice")]
    assert len(set(identifiers)) == len(identifiers)


def test_formulas_in_qti_are_mathml_that_holds_its_latex() -> None:
    archive = zipfile.ZipFile(io.BytesIO(written(writers()["qti"], [SINGLE])))
    item = fromstring(archive.read("evaluation/ab-tests/q0.xml"))
    math: list[ElementTree.Element] = list(item.iter("{http://www.w3.org/1998/Math/MathML}math"))
    latex = [one.findtext(".//{http://www.w3.org/1998/Math/MathML}annotation") for one in math]
    assert latex == ["x_1 = 2", "a_b"]


@pytest.mark.parametrize("form", ["moodlexml", "gift", "aiken", "qti", "qalist"])
def test_two_exports_of_the_same_questions_are_the_same_file(form: str) -> None:
    questions = list(EVERY_KIND.values())
    assert written(writers()[form], questions) == written(writers()[form], questions)


@pytest.mark.parametrize("form", ["moodlexml", "gift", "qti"])
def test_characters_that_cannot_be_written_are_marked_and_said(form: str) -> None:
    content = OPEN.model_copy(update={"prompt": "a\x0bb\ufdd0c"})
    assert "control characters" in writers()[form].cannot_carry(content)
    assert "a\ufffdb\ufffdc" in back(writers()[form], parsers()[form], content).prompt.text


# The shipped bank


@pytest.mark.parametrize("form", ["gift", "moodlexml", "qti", "aiken", "qalist"])
def test_the_shipped_bank_goes_out_and_comes_back(form: str) -> None:
    bank = read_bank(SHIPPED_FOLDER)
    topics = {topic.slug: ExportedTopic(topic.slug, topic.name) for topic in bank.topics}
    writer, parser = writers()[form], parsers()[form]
    leaving = [
        ExportedQuestion(one.slug, topics[one.area], topics[one.topic], "published", 1, one.content)
        for one in bank.questions
        if writer.carries(one.content)
    ]
    assert len(leaving) > 40
    file = io.BytesIO()
    writer.write(leaving, file)
    result = read(parser, file.getvalue())
    assert result.problems == ()
    for gone, come in zip(leaving, result.questions, strict=True):
        values = map_question(come, Defaults()).values
        prompt = " ".join(gone.content.prompt.split()) if form in {"aiken", "qalist"} else gone.content.prompt
        assert render(values["prompt"]) == render(prompt)
        assert (values["licence"], values["author"], values["source"]) == (
            gone.content.licence,
            gone.content.author,
            gone.content.source,
        )
        if form == "aiken":
            continue
        assert render(values["reference_answer"]) == render(gone.content.reference_answer)
        assert (values["title"], values["difficulty"]) == (gone.content.title, gone.content.difficulty)
        assert come.topics == (gone.area.name, gone.topic.name)
