"""QTI items and packages are read as far as the bank has a counterpart; the rest is named, nothing is unpacked."""

import io
import zipfile
from random import Random

import pytest

from questions.importing.base import Markup, ParsedQuestion, Passage, Sort
from questions.importing.qti import PARSER
from tests.questions.importing.reading import errors_of, left_of, only, result_of, warnings_of

NAMESPACES = ["http://www.imsglobal.org/xsd/imsqti_v2p1", "http://www.imsglobal.org/xsd/imsqti_v2p2"]


def item(body: str, declared: str = "", after: str = "", namespace: str = NAMESPACES[0], title: str = "T") -> str:
    """Return an item whose declarations are on line 3, its body on line 4 and what comes after on line 5."""
    begin = f'<assessmentItem xmlns="{namespace}" identifier="i-1" title="{title}" adaptive="false">'
    end = "</assessmentItem>"
    return "\n".join(['<?xml version="1.0"?>', begin, declared, f"<itemBody>{body}</itemBody>", after, end])


def declaration(values: str = "", mapped: str = "", cardinality: str = "single", base: str = "identifier") -> str:
    right = "".join(f"<value>{value}</value>" for value in values.split())
    entries = "".join(
        f'<mapEntry mapKey="{key}" mappedValue="{value}"/>'
        for key, value in (pair.split("=") for pair in mapped.split())
    )
    inside = f"<correctResponse>{right}</correctResponse>" if right else ""
    inside += f"<mapping>{entries}</mapping>" if entries else ""
    begin = f'<responseDeclaration identifier="R" cardinality="{cardinality}" baseType="{base}">'
    return f"{begin}{inside}</responseDeclaration>"


def choice(texts: str, most: int = 1, more: str = "") -> str:
    inside = "".join(f'<simpleChoice identifier="{key}">{key}!{more}</simpleChoice>' for key in texts.split())
    begin = f'<choiceInteraction responseIdentifier="R" maxChoices="{most}"><prompt>Which?</prompt>'
    return f"{begin}{inside}</choiceInteraction>"


def entry(base: str = "string") -> str:
    return '<p>It is <textEntryInteraction responseIdentifier="R"/> high.</p>'


def marks(parsed: ParsedQuestion) -> list[tuple[str, bool, float | None]]:
    return [(one.key, one.correct, one.percent) for one in parsed.choices]


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_single_choice_has_one_right_answer(namespace: str) -> None:
    parsed = only(PARSER, item(f"<p>Look.</p>{choice('a b')}", declaration("b"), namespace=namespace))
    assert (parsed.sort, parsed.title, parsed.external_id, parsed.line) == (Sort.SINGLE, "T", "i-1", 2)
    assert parsed.prompt == Passage("<p>Look.</p><div>Which?</div>", Markup.HTML)
    assert marks(parsed) == [("a", False, None), ("b", True, None)]
    assert [one.line for one in parsed.choices] == [4, 4]


def test_several_right_answers_have_shares_where_points_are_mapped() -> None:
    mapped = declaration("a b", "a=1 b=1 c=-1", cardinality="multiple")
    assert marks(only(PARSER, item(choice("a b c", 0), mapped))) == [
        ("a", True, 50),
        ("b", True, 50),
        ("c", False, -50),
    ]
    plain = declaration("a b", cardinality="multiple")
    parsed = only(PARSER, item(choice("a b c", 0), plain))
    assert parsed.sort == Sort.MULTIPLE
    assert marks(parsed) == [("a", True, None), ("b", True, None), ("c", False, None)]


def test_points_say_what_is_right_where_nothing_else_does() -> None:
    assert marks(only(PARSER, item(choice("a b"), declaration(mapped="a=0 b=2")))) == [
        ("a", False, None),
        ("b", True, None),
    ]


def test_an_item_that_does_not_say_what_is_right_is_read_with_a_warning() -> None:
    assert [line for line, _words in warnings_of(PARSER, item(choice("a b"), declaration()))] == [3]


def test_feedback_beside_a_choice_or_after_it_is_its_explanation() -> None:
    inline = '<feedbackInline identifier="a" outcomeIdentifier="F" showHide="show">No.</feedbackInline>'
    after = '<modalFeedback identifier="{0}" outcomeIdentifier="F" showHide="{1}">{2}</modalFeedback>'
    parsed = only(
        PARSER,
        item(
            choice("a b", more=inline),
            declaration("b"),
            after.format("a", "show", "Really.")
            + after.format("x", "show", "General.")
            + after.format("b", "hide", "h"),
        ),
    )
    assert [one.feedback and one.feedback.text for one in parsed.choices] == ["No. Really.", "No."]
    assert parsed.choices[0].text.text == "a!"
    assert parsed.reference == Passage("<div>General.</div>", Markup.HTML)
    assert left_of(parsed) == ["feedback that is shown unless a certain answer is given"]


def test_an_inline_choice_leaves_a_blank() -> None:
    inline = '<inlineChoiceInteraction responseIdentifier="R"><inlineChoice identifier="a">x</inlineChoice>'
    inline += '<inlineChoice identifier="b">y</inlineChoice></inlineChoiceInteraction>'
    parsed = only(PARSER, item(f"<p>It is {inline}.</p>", declaration("a")))
    assert parsed.prompt.text == "<p>It is  _____ .</p>"
    assert marks(parsed) == [("a", True, None), ("b", False, None)]


def test_a_text_entry_accepts_phrasings_with_weights() -> None:
    parsed = only(PARSER, item(entry(), declaration("York", "York=1 york=0.5", base="string")))
    assert parsed.sort == Sort.SHORT
    assert parsed.prompt.text == "<p>It is  _____  high.</p>"
    assert [(one.text.text, one.percent) for one in parsed.accepted] == [("York", 100), ("york", 50)]


@pytest.mark.parametrize(
    ("mode", "written", "tolerance"), [("absolute", "0.5 0.5", 0.5), ("relative", "10 10", 0.4), ("exact", "", 0)]
)
def test_a_number_has_the_tolerance_of_its_processing(mode: str, written: str, tolerance: float) -> None:
    both = '<variable identifier="R"/><correct identifier="R"/>'
    equal = f'<equal toleranceMode="{mode}" tolerance="{written}">{both}</equal>'
    condition = f"<responseCondition><responseIf>{equal}</responseIf></responseCondition>"
    after = f"<responseProcessing>{condition}</responseProcessing>"
    (number,) = only(PARSER, item(entry(), declaration("4", base="float"), after)).numbers
    assert number.value == 4
    assert number.tolerance == pytest.approx(tolerance)


def test_an_essay_has_its_prompt_and_what_markers_look_for() -> None:
    body = '<p>Read.</p><rubricBlock view="scorer"><p>Look for A.</p></rubricBlock>'
    body += '<extendedTextInteraction responseIdentifier="R"><prompt>Write.</prompt></extendedTextInteraction>'
    parsed = only(PARSER, item(body, declaration(base="string")))
    assert (parsed.sort, parsed.prompt.text) == (Sort.OPEN, "<p>Read.</p><div>Write.</div>")
    assert parsed.reference == Passage("<div><p>Look for A.</p></div>", Markup.HTML)


def test_pairs_are_those_that_are_correct() -> None:
    group = '<simpleMatchSet><simpleAssociableChoice identifier="{0}">{0}!</simpleAssociableChoice>'
    group += '<simpleAssociableChoice identifier="{1}">{1}!</simpleAssociableChoice></simpleMatchSet>'
    body = (
        f'<matchInteraction responseIdentifier="R">{group.format("a", "b")}{group.format("x", "y")}</matchInteraction>'
    )
    values = "<correctResponse><value>a y</value><value>b x</value></correctResponse>"
    declared = declaration("-", cardinality="multiple", base="directedPair").replace(
        "<correctResponse><value>-</value></correctResponse>", values
    )
    pairs = only(PARSER, item(body, declared)).pairs
    assert [(pair.left and pair.left.text, pair.right.text) for pair in pairs] == [("a!", "y!"), ("b!", "x!")]


@pytest.mark.parametrize(
    "name",
    ["order", "associate", "gapMatch", "hottext", "hotspot", "selectPoint", "slider", "upload", "media", "custom"],
)
def test_interactions_without_a_counterpart_are_named(name: str) -> None:
    parsed = only(PARSER, item(f'<p>Do.</p><{name}Interaction responseIdentifier="R"/>'))
    assert (parsed.sort, parsed.sort_name) == (Sort.UNSUPPORTED, f"{name}Interaction")


def test_several_interactions_and_templates_are_named() -> None:
    several = only(PARSER, item(choice("a b") + entry(), declaration("a")))
    assert several.sort_name == "choiceInteraction, textEntryInteraction"
    template = only(PARSER, item(choice("a b"), declaration("a") + '<templateDeclaration identifier="X"/>'))
    assert template.sort_name == "choiceInteraction (template)"


def test_text_without_an_interaction_asks_nothing() -> None:
    assert only(PARSER, item("<p>Read this.</p>")).sort == Sort.DESCRIPTION


def test_rules_of_marking_that_are_not_the_usual_are_listed() -> None:
    after = "<responseProcessing><responseCondition><responseIf><gt/><random/></responseIf></responseCondition>"
    parsed = only(PARSER, item(choice("a b"), declaration("a"), f"{after}</responseProcessing>"))
    assert left_of(parsed) == ["its own rules of marking (gt, random)"]


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        (item(choice("a b"), declaration("z")), 3, "The right answer “z” is none of the choices."),
        (item(choice("a"), declaration("a")), 4, "A choice question needs at least two choices."),
        (item(entry(), declaration("four", base="float")), 3, "“four” is not a number."),
        (item(entry(), declaration(base="float")), 3, "The item does not say which number is right."),
        ('<assessmentItem title="x"/>', 1, "The item has no itemBody, so it asks nothing."),
        ("<qti-assessment-item/>", 1, "This is QTI 3; only QTI 2 is read. Export it as QTI 2.1 or 2.2."),
    ],
)
def test_what_is_wrong_with_an_item_is_said_with_its_line(source: str, line: int, words: str) -> None:
    assert errors_of(PARSER, source) == [(line, words)]


# Packages


def package(**files: str) -> bytes:
    """Return a zip; two underscores in a name are a slash, one is a dot."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return data.getvalue()


def manifest(*resources: str) -> str:
    begin = '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:lom="http://ltsc.ieee.org/xsd/LOM">'
    return "\n".join([begin, "<resources>", *resources, "</resources></manifest>"])


def resource(href: str, metadata: str = "", sort: str = "imsqti_item_xmlv2p1") -> str:
    return f'<resource type="{sort}" href="{href}"><metadata>{metadata}</metadata></resource>'


GOOD = item(choice("a b"), declaration("a"))


def test_a_package_is_read_in_the_order_of_its_manifest() -> None:
    data = package(
        imsmanifest_xml=manifest(resource("items/b.xml"), resource("items/a%2Exml", sort="imsqti_item_xmlv2p2")),
        items__a_xml=GOOD,
        items__b_xml=GOOD,
        images__a_png="x",
    )
    result = result_of(PARSER, data)
    assert [parsed.path for parsed in result.questions] == ["items/b.xml", "items/a.xml"]
    assert [note.what for note in result.not_carried] == ["1 file that is no question"]


def test_a_package_inside_a_folder_and_one_without_a_manifest_are_read_too() -> None:
    inside = package(p__imsmanifest_xml=manifest(resource("a.xml")), p__a_xml=GOOD)
    assert only(PARSER, inside).path == "p/a.xml"
    assert only(PARSER, package(x_xml="<other/>", a_xml=GOOD)).path == "a.xml"


def test_metadata_says_topics_tags_difficulty_time_author_and_rights() -> None:
    lom = (
        "<lom:lom><lom:general><lom:keyword><lom:string>pca</lom:string></lom:keyword></lom:general>"
        "<lom:lifeCycle><lom:contribute><lom:role><lom:value>author</lom:value></lom:role>"
        "<lom:entity>BEGIN:VCARD\nFN:Ada L.\nEND:VCARD</lom:entity></lom:contribute></lom:lifeCycle>"
        "<lom:educational><lom:difficulty><lom:source>LOMv1.0</lom:source><lom:value>difficult</lom:value></lom:difficulty>"
        "<lom:typicalLearningTime><lom:duration>PT1M30S</lom:duration></lom:typicalLearningTime></lom:educational>"
        "<lom:rights><lom:description><lom:string>CC BY 4.0</lom:string></lom:description></lom:rights>"
        "<lom:classification><lom:taxonPath><lom:taxon><lom:entry><lom:string>A</lom:string></lom:entry></lom:taxon>"
        "<lom:taxon><lom:entry><lom:string>B</lom:string></lom:entry></lom:taxon></lom:taxonPath></lom:classification>"
        "</lom:lom>"
    )
    parsed = only(PARSER, package(imsmanifest_xml=manifest(resource("a.xml", lom)), a_xml=GOOD))
    assert (parsed.topics, parsed.tags, parsed.difficulty) == (("A", "B"), ("pca",), "difficult")
    assert (parsed.time_limit_seconds, parsed.author, parsed.licence) == (90, "Ada L.", "CC BY 4.0")


def test_a_faulty_item_is_named_with_its_path_and_the_others_are_read() -> None:
    data = package(
        imsmanifest_xml=manifest(
            resource("broken.xml"),
            resource("gone.xml"),
            resource("../../etc/passwd"),
            resource("test.xml", sort="imsqti_test_xmlv2p1"),
            resource("a.xml"),
        ),
        broken_xml="<assessmentItem>\n<",
        a_xml=GOOD,
        test_xml="<assessmentTest/>",
    )
    result = result_of(PARSER, data)
    assert [parsed.path for parsed in result.questions] == ["a.xml"]
    assert [problem.place for problem in result.errors] == [
        "broken.xml:2:1",
        "imsmanifest.xml:4",
        "imsmanifest.xml:5",
    ]
    assert [note.what for note in result.not_carried] == ["the test “test.xml”: which questions come in which order"]


@pytest.mark.parametrize("name", ["../evil.xml", "/evil.xml", "a/../../evil.xml", "c:\\evil.xml"])
def test_paths_that_lead_out_of_the_package_are_refused(name: str) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name, GOOD)
    assert len(errors_of(PARSER, data.getvalue())) == 1


def test_a_zip_that_unpacks_to_far_more_than_it_is_is_refused() -> None:
    assert len(errors_of(PARSER, package(a_xml=GOOD, big_xml="<x>" + " " * 10_000_000))) == 1


def test_an_item_too_large_is_a_problem_and_the_next_is_read() -> None:
    large = item(f"<p>{Random(1).randbytes(2_600_000).hex()}</p>")
    data = package(imsmanifest_xml=manifest(resource("big.xml"), resource("a.xml")), big_xml=large, a_xml=GOOD)
    result = result_of(PARSER, data)
    assert [problem.path for problem in result.errors] == ["big.xml"]
    assert [parsed.path for parsed in result.questions] == ["a.xml"]


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 and no more", package(readme_txt="x"), package(imsmanifest_xml=manifest())]
)
def test_what_is_no_package_of_questions_is_refused(data: bytes) -> None:
    result = result_of(PARSER, data)
    assert (len(result.errors), result.questions) == (1, ())


def test_items_and_packages_are_recognised() -> None:
    assert PARSER.recognises(GOOD.encode())
    assert PARSER.recognises(GOOD.replace("assessmentItem", "qti:assessmentItem").encode())
    assert PARSER.recognises(package(imsmanifest_xml=manifest()))
    assert not PARSER.recognises(b"<quiz>")
    assert not PARSER.recognises(package(readme_md="x"))
