"""Our folder of Markdown files, packed as a zip: what `load_bank` and the import read.

The same questions always give the same bytes, so that two exports can be compared.
"""

import re
import zipfile
from collections.abc import Iterable
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions import yamltext
from questions.bankfiles import AREA_FILE
from questions.bankformat import BankError, write_question
from questions.content import Content
from questions.exporting.base import ExportedQuestion, ExportedTopic

_STAMP = (1980, 1, 1, 0, 0, 0)
_DOUBTFUL = re.compile(r"^(?:## | {0,3}(?:```|~~~))", re.MULTILINE)


class BankFolderWriter:
    name = "folder"
    label = gettext_lazy("Folder of Markdown files (zip)")
    extension = "zip"
    media_type = "application/zip"

    def carries(self, content: Content) -> bool:
        """Say whether a file can say exactly this; only texts with headings or fences can make that doubtful."""
        if not any(_DOUBTFUL.search(text) for text in _sections(content)):
            return True
        try:
            write_question(content)
        except BankError:
            return False
        return True

    def cannot_carry(self, content: Content) -> list[str]:
        if self.carries(content):
            return []
        return [_("the question: one of its texts has a line that begins a section of a bank file")]

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        areas: dict[str, tuple[ExportedTopic, dict[str, ExportedTopic]]] = {}
        with zipfile.ZipFile(file, "w") as archive:
            for question in questions:
                topic = _below_area(question)
                areas.setdefault(question.area.slug, (question.area, {}))[1][topic.slug] = topic
                try:
                    text = write_question(question.content)
                except BankError:
                    continue
                _add(archive, f"{question.area.slug}/{topic.slug}/{question.slug}.md", text)
            for slug, (area, topics) in areas.items():
                _add(archive, f"{slug}/{AREA_FILE}", _area(area, topics.values()))


WRITER = BankFolderWriter()


def _sections(content: Content) -> tuple[str, ...]:
    samples = (content.strong_sample, content.middling_sample)
    return (content.prompt, content.reference_answer, content.guidance, *samples)


def _below_area(question: ExportedQuestion) -> ExportedTopic:
    """Return the topic; a question that hangs at its area itself gets one, as a folder's questions lie in topics."""
    if question.topic.slug != question.area.slug:
        return question.topic
    return ExportedTopic(f"{question.area.slug[:52]}-general", question.area.name, question.area.description)


def _area(area: ExportedTopic, topics: Iterable[ExportedTopic]) -> str:
    return yamltext.dump(
        {
            "name": area.name,
            "order": area.order,
            "description": area.description or area.name,
            "topics": {
                topic.slug: {"name": topic.name, "description": topic.description or topic.name}
                for topic in sorted(topics, key=lambda topic: (topic.order, topic.slug))
            },
        }
    )


def _add(archive: zipfile.ZipFile, path: str, text: str) -> None:
    info = zipfile.ZipInfo(path, _STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, text)
