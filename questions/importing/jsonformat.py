"""Our JSON: a list of objects with the fields of a question, as the export writes it; or one object on each line.

Reads one object at a time, however long the list is. An object's line is where it begins.
"""

import json
from collections.abc import Iterator, Mapping
from json.decoder import JSONDecodeError
from typing import Any, BinaryIO, TextIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions.content import Content, unknown_name
from questions.importing.base import (
    ImportProblem,
    ImportRefusedError,
    Item,
    Markup,
    NotCarried,
    ParsedQuestion,
    ParseOptions,
    Passage,
    Sort,
)
from questions.importing.lines import encoding_of, shown

CHUNK = 1 << 16
MAX_OBJECT_CHARACTERS = 2_000_000
# What says where a question stood; `status` and `version` are of the bank that it comes from.
PLACE = frozenset({"slug", "area", "topic", "status", "version"})
_SPACE = " \t\r\n"


class _DuplicateNameError(ValueError):
    pass


class JsonParser:
    name = "json"
    label = gettext_lazy("JSON")
    extensions = ("json", "jsonl", "ndjson")

    def recognises(self, head: bytes) -> bool:
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return text.startswith(b"{") or (text.startswith(b"[") and text[1:].lstrip()[:1] in {b"{", b"]", b""})

    def read(self, file: BinaryIO, options: ParseOptions) -> Iterator[Item]:
        encoding = encoding_of(file)
        if encoding == "cp1252":
            raise ImportRefusedError(ImportProblem(_("is not UTF-8, as JSON must be."), hint=_("Save it as UTF-8.")))
        for value, line in _Objects(_decoded(file, encoding)).read():
            yield from _question(value, line)


PARSER = JsonParser()


def _decoded(file: BinaryIO, encoding: str) -> TextIO:
    import io

    return io.TextIOWrapper(file, encoding=encoding, errors="strict", newline=None)


class _Objects:
    """Takes one value after the other from a text that is never held as a whole."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._buffer, self._line, self._column, self._ended = "", 1, 1, False
        self._decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)

    def read(self) -> Iterator[tuple[Any, int]]:
        """Yield each value with its line. Raises ImportRefusedError where the text is no JSON any more."""
        try:
            yield from self._values()
        finally:
            self._text.detach()  # type: ignore[attr-defined]  # of TextIOWrapper: the file stays open

    def _values(self) -> Iterator[tuple[Any, int]]:
        is_list = self._next() == "["
        if is_list:
            self._take(1)
        expects_value = True
        while (mark := self._next()) and mark != "]":
            if mark == ",":
                if expects_value:
                    raise self._refused(0, _("There is a comma too many."))
                self._take(1)
                expects_value = True
                continue
            if is_list and not expects_value:
                raise self._refused(0, _("A comma is missing before this."))
            line = self._line
            yield self._value(), line
            expects_value = False
        if is_list and mark != "]":
            raise self._refused(0, _("The list is not closed: the file may have been cut off."))
        if is_list:
            self._take(1)
        if self._next():
            raise self._refused(0, _("There is something behind the end of the list."))

    def _next(self) -> str:
        """Return the next character that is no space, without taking it; nothing at the end."""
        while True:
            stripped = self._buffer.lstrip(_SPACE)
            self._take(len(self._buffer) - len(stripped))
            if self._buffer or not self._fill():
                return self._buffer[:1]

    def _fill(self) -> bool:
        try:
            more = self._text.read(CHUNK)
        except UnicodeDecodeError as error:
            raise self._refused(0, _("is not readable in the encoding that the file announces.")) from error
        self._buffer += more
        self._ended = not more
        return bool(more)

    def _take(self, count: int) -> None:
        self._line, self._column = self._place(count)
        self._buffer = self._buffer[count:]

    def _place(self, position: int) -> tuple[int, int]:
        """Return line and column of a position of the buffer."""
        breaks = self._buffer.count("\n", 0, position)
        if not breaks:
            return self._line, self._column + position
        return self._line + breaks, position - self._buffer.rfind("\n", 0, position)

    def _value(self) -> Any:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer)
            except JSONDecodeError as error:
                self._more_or_refuse(error.pos, error.msg)
            except _DuplicateNameError as error:
                raise self._refused(0, str(error)) from error
            except (RecursionError, ValueError) as error:
                raise self._refused(0, _("This cannot be read: %s.") % error) from error
            else:
                # A number at the end of what is here may go on.
                if end < len(self._buffer) or self._ended or not self._fill():
                    self._take(end)
                    return value

    def _more_or_refuse(self, position: int, message: str) -> None:
        """Read on where the value may only be incomplete; each time as much again, so that it takes linear time."""
        if len(self._buffer) <= MAX_OBJECT_CHARACTERS and not self._ended:
            wanted = 2 * len(self._buffer)
            while len(self._buffer) < wanted and self._fill():
                pass
            return
        if len(self._buffer) > MAX_OBJECT_CHARACTERS:
            raise self._refused(0, _("A question has more than %d characters.") % MAX_OBJECT_CHARACTERS)
        raise self._refused(position, _("This is no valid JSON: %s.") % message)

    def _refused(self, position: int, message: str) -> ImportRefusedError:
        line, column = self._place(position)
        start = self._buffer.rfind("\n", 0, position) + 1
        text = self._buffer[start:].split("\n", 1)[0]
        hint = _("Nothing after this place can be read, so nothing is imported.")
        return ImportRefusedError(ImportProblem(message, hint=hint, line=line, column=column, text=shown(text)))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _DuplicateNameError(_("“%s” is given twice.") % twice)
    return values


def _no_constant(name: str) -> Any:
    raise ValueError(_("%s is no number of JSON") % name)


def _question(value: Any, line: int) -> Iterator[Item]:
    if not isinstance(value, Mapping):
        yield ImportProblem(
            _("This is no question: an object with named values is expected."), line=line, text=shown(json.dumps(value))
        )
        return
    known = {*Content.model_fields, *PLACE}
    strangers = [name for name in value if name not in known]
    if not known & value.keys():
        hint = _("Known names are: %s.") % ", ".join(sorted(known))
        yield ImportProblem(_("None of its names is one of a question's."), hint=hint, line=line)
        return
    yield ParsedQuestion(
        sort=Sort.OPEN,
        prompt=Passage(str(value.get("prompt") or ""), Markup.MARKDOWN),
        line=line,
        slug=_text(value.get("slug")),
        topics=tuple(filter(None, (_text(value.get("area")), _text(value.get("topic"))))),
        content={name: value[name] for name in Content.model_fields if name in value},
        not_carried=tuple(NotCarried(f"{name}: {unknown_name(name, known)}", line) for name in strangers),
    )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
