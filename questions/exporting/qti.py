"""QTI 2.1: a content package, one item a question, with a manifest that holds what items have no place for.

Texts are XHTML, formulas MathML that holds its LaTeX too, drawings stay code. The reference answer and where the
question comes from are feedback shown to everybody; topics, tags, difficulty, time and licence stand in the manifest.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.content import Choice, Content, Difficulty, Kind
from questions.exporting.base import ExportedQuestion
from questions.exporting.phrases import lost, writable
from questions.exporting.places import place_of
from questions.exporting.xhtml import Xhtml, mathml
from questions.importing.provenance import provenance
from questions.importing.qti.items import ANSWER_CLASS, PROVENANCE_CLASS, REFERENCE

_KEPT = frozenset({"title", "difficulty", "time_limit_seconds", "reference_answer", "explanations", "tags", "unit"})
_NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_LOM = "http://ltsc.ieee.org/xsd/LOM"
_DIFFICULTIES = {Difficulty.EASY: "easy", Difficulty.MEDIUM: "medium", Difficulty.HARD: "difficult"}
# Zip files know no time before this, and one export says exactly what the next one says.
_DATE = (1980, 1, 1, 0, 0, 0)
_TEXTS = Xhtml(formula=mathml, drawings=False)


class QtiWriter:
    name = "qti"
    label = gettext_lazy("QTI 2.1")
    extension = "zip"
    media_type = "application/zip"

    def carries(self, content: Content) -> bool:
        return True

    def cannot_carry(self, content: Content) -> list[str]:
        return lost(content, _KEPT) + _layout(content)

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        resources = []
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for question in questions:
                path = f"{question.area.slug}/{question.topic.slug}/{question.slug}.xml"
                _add(archive, path, "\n".join(_item(question)))
                resources.append("\n".join(_resource(question, path)))
            _add(archive, "imsmanifest.xml", _manifest(resources))


WRITER = QtiWriter()


def _add(archive: zipfile.ZipFile, path: str, text: str) -> None:
    entry = zipfile.ZipInfo(path, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')


def _layout(content: Content) -> list[str]:
    """Return what of the layout QTI has no elements for."""
    texts = [content.prompt, content.reference_answer, *(choice.text for choice in content.choices)]
    html = "".join(_TEXTS.block(text) for text in (*texts, *(choice.explanation for choice in content.choices)))
    phrases = [_("that words are struck out")] if "<s>" in html else []
    if any(re.search(r"!\[[^\]\n]*\]\(", text) for text in texts):
        phrases.append(_("pictures, of which the words stay"))
    return phrases


# An item


def _item(question: ExportedQuestion) -> Iterator[str]:
    content = question.content
    title = quoteattr(writable(" ".join(content.title.split())))
    yield f'<assessmentItem xmlns="{_NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    yield f'    xsi:schemaLocation="{_NAMESPACE} http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"'
    yield f'    identifier="{identifier(question)}" title={title} adaptive="false" timeDependent="false">'
    yield from _declarations(content)
    yield f"<itemBody>\n{_TEXTS.block(content.prompt)}\n{_interaction(content)}\n</itemBody>"
    if content.kind != Kind.OPEN:
        yield _processing(content)
    reference = _TEXTS.block(content.reference_answer)
    yield f'<modalFeedback outcomeIdentifier="SOLUTION" identifier="{REFERENCE}" showHide="show">'
    yield f'{reference}\n<p class="{PROVENANCE_CLASS}">{_provenance(content)}</p>'
    yield "</modalFeedback>\n</assessmentItem>"


def identifier(question: ExportedQuestion) -> str:
    """Return the identifier of an item, which has to begin with a letter."""
    return f"q-{question.slug}"


def _provenance(content: Content) -> str:
    lines = (" ".join(line.split()) for line in provenance(content).split("\n"))
    return "<br/>".join(escape(writable(line)) for line in lines)


def _declarations(content: Content) -> Iterator[str]:
    cardinality = "multiple" if content.kind == Kind.MULTIPLE else "single"
    if content.kind == Kind.OPEN:
        base, right = "string", []
    elif content.numeric_answer:
        base, right = "float", [repr(content.numeric_answer.value)]
    else:
        base, right = "identifier", [_key(choice) for choice in content.choices if choice.correct]
    values = "".join(f"<value>{value}</value>" for value in right)
    correct = f"<correctResponse>{values}</correctResponse>" if right else ""
    yield (
        f'<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="{base}">'
        f"{correct}</responseDeclaration>"
    )
    yield '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
    if content.choices:
        yield f'<outcomeDeclaration identifier="FEEDBACK" cardinality="{cardinality}" baseType="identifier"/>'
    yield (
        '<outcomeDeclaration identifier="SOLUTION" cardinality="single" baseType="identifier">'
        f"<defaultValue><value>{REFERENCE}</value></defaultValue></outcomeDeclaration>"
    )


def _key(choice: Choice) -> str:
    """Return the key of a choice as an identifier, which may not begin with a digit."""
    return choice.key if choice.key[0].isalpha() else f"_{choice.key}"


def _interaction(content: Content) -> str:
    if content.kind == Kind.OPEN:
        return '<extendedTextInteraction responseIdentifier="RESPONSE"/>'
    if number := content.numeric_answer:
        entry = '<textEntryInteraction responseIdentifier="RESPONSE" expectedLength="12"/>'
        unit = f" <span>{escape(writable(number.unit))}</span>" if number.unit else ""
        return f'<p class="{ANSWER_CLASS}">{entry}{unit}</p>'
    most = 1 if content.kind == Kind.SINGLE else 0
    choices = "\n".join(_choice(choice) for choice in content.choices)
    begin = f'<choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="{most}">'
    return f"{begin}\n{choices}\n</choiceInteraction>"


def _choice(choice: Choice) -> str:
    key = _key(choice)
    feedback = (
        f'<feedbackInline outcomeIdentifier="FEEDBACK" identifier="{key}" showHide="show">'
        f"{_TEXTS.inline(choice.explanation)}</feedbackInline>"
    )
    return f'<simpleChoice identifier="{key}">{_TEXTS.inline(choice.text)}{feedback}</simpleChoice>'


def _processing(content: Content) -> str:
    both = '<variable identifier="RESPONSE"/><correct identifier="RESPONSE"/>'
    if number := content.numeric_answer:
        width = repr(number.tolerance)
        right = f'<equal toleranceMode="absolute" tolerance="{width} {width}">{both}</equal>'
    else:
        right = f"<match>{both}</match>"
    feedback = '<setOutcomeValue identifier="FEEDBACK"><variable identifier="RESPONSE"/></setOutcomeValue>'
    return (
        f"<responseProcessing><responseCondition><responseIf>{right}{_score(1)}</responseIf>"
        f"<responseElse>{_score(0)}</responseElse></responseCondition>"
        f"{feedback if content.choices else ''}</responseProcessing>"
    )


def _score(points: int) -> str:
    value = f'<baseValue baseType="float">{points}</baseValue>'
    return f'<setOutcomeValue identifier="SCORE">{value}</setOutcomeValue>'


# The manifest


def _manifest(resources: list[str]) -> str:
    listed = "\n".join(resources)
    return (
        f'<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:lom="{_LOM}" identifier="interview-prep">\n'
        "<metadata><schema>QTIv2.1 Package</schema><schemaversion>1.0.0</schemaversion></metadata>\n"
        f"<organizations/>\n<resources>\n{listed}\n</resources>\n</manifest>"
    )


def _resource(question: ExportedQuestion, path: str) -> Iterator[str]:
    content = question.content
    yield f'<resource identifier="{identifier(question)}" type="imsqti_item_xmlv2p1" href="{path}">'
    yield "<metadata><lom:lom>"
    keywords = "".join(f"<lom:keyword>{_string(tag)}</lom:keyword>" for tag in content.tags)
    yield f"<lom:general><lom:title>{_string(content.title)}</lom:title>{keywords}</lom:general>"
    role = f"<lom:role>{_vocabulary('author')}</lom:role>"
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:{escape(writable(' '.join(content.author.split())))}\nEND:VCARD"
    contribution = f"<lom:contribute>{role}<lom:entity>{card}</lom:entity></lom:contribute>"
    yield f"<lom:lifeCycle>{contribution}</lom:lifeCycle>"
    difficulty = f"<lom:difficulty>{_vocabulary(_DIFFICULTIES[content.difficulty])}</lom:difficulty>"
    duration = f"<lom:duration>PT{content.time_limit_seconds}S</lom:duration>"
    time = f"<lom:typicalLearningTime>{duration}</lom:typicalLearningTime>"
    yield f"<lom:educational>{difficulty}{time}</lom:educational>"
    yield f"<lom:rights><lom:description>{_string(content.licence)}</lom:description></lom:rights>"
    taxons = "".join(f"<lom:taxon><lom:entry>{_string(name)}</lom:entry></lom:taxon>" for name in place_of(question))
    yield f"<lom:classification><lom:taxonPath>{taxons}</lom:taxonPath></lom:classification>"
    yield f'</lom:lom></metadata>\n<file href="{path}"/>\n</resource>'


def _string(text: str) -> str:
    return f"<lom:string>{escape(writable(' '.join(text.split())))}</lom:string>"


def _vocabulary(value: str) -> str:
    return f"<lom:source>LOMv1.0</lom:source><lom:value>{value}</lom:value>"
