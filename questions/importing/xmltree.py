"""XML from strangers, read in pieces: one small tree after another, each element with its line.

Owns what is refused: entities, external references, nesting and sizes that no question has. Knows no format. defusedxml
does the parsing; nothing outside the file is ever opened.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from typing import BinaryIO
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser
from django.utils.translation import gettext as _

from questions.importing.base import ImportProblem, ImportRefusedError

PIECE_BYTES = 1 << 16
MAX_DEPTH = 100
MAX_ELEMENTS = 100_000
MAX_CHARACTERS = 8_000_000
# A tag or a comment is read again with each piece until it ends, so a long one would take the square of its length.
MAX_BYTES_WITHOUT_NEWS = 4_000_000
_MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Element:
    """An element without its prefix. `too_large` says that some of what is in it was not kept."""

    name: str
    attributes: dict[str, str]
    line: int
    children: "list[Element | str]" = field(default_factory=list)
    too_large: bool = False

    def all(self, name: str) -> "list[Element]":
        return [child for child in self.children if isinstance(child, Element) and child.name == name]

    def first(self, name: str) -> "Element | None":
        return next((child for child in self.children if isinstance(child, Element) and child.name == name), None)

    def walk(self) -> "Iterator[Element]":
        """Yield the element and everything in it, in the order of the file; formulas count as one."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            if element.name != "math":
                waiting += [child for child in reversed(element.children) if isinstance(child, Element)]

    @property
    def text(self) -> str:
        """The text directly in it."""
        return "".join(child for child in self.children if isinstance(child, str))

    @property
    def all_text(self) -> str:
        return "".join(child if isinstance(child, str) else child.all_text for child in self.children)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read of a document: every outermost element `each`, or the `root` itself where `each` is empty.

    The text in elements `skipped` is passed over: files written as base64.
    """

    root: frozenset[str]
    each: str = ""
    skipped: frozenset[str] = frozenset()


def elements(file: BinaryIO, wanted: Wanted, *, path: str = "") -> Iterator[Element]:
    """Yield what is `wanted` of an XML file, in its order. Raises ImportRefusedError, with the line."""
    # A DTD that is only named is neither fetched nor needed; whoever declares an entity is refused all the same.
    parser = DefusedExpatParser(forbid_external=False)
    handler = _Handler(wanted, parser)
    parser.setContentHandler(handler)
    reader = _Pieces(file, handler)
    handler.line_offset = reader.line_offset
    try:
        for piece in reader:
            parser.feed(piece)
            yield from handler.taken()
        parser.close()
        yield from handler.taken()
    except SAXParseException as error:
        line = (error.getLineNumber() or 1) + reader.line_offset
        raise _refused(_said(error), reader.inside(line), path, (error.getColumnNumber() or 0) + 1) from error
    except DefusedXmlException as error:
        line = reader.inside(parser.getLineNumber() + reader.line_offset)
        message = _("The file declares entities or refers to other files, which is not safe to read.")
        raise _refused(message, line, path) from error
    except _RefusedError as error:
        raise _refused(str(error), reader.inside(handler.line), path) from error
    if not handler.seen_root:
        raise _refused(_("The file holds no XML."), 1, path)


def _refused(message: str, line: int, path: str, column: int = 0) -> ImportRefusedError:
    return ImportRefusedError(ImportProblem(message, line=line, column=column, path=path))


def _said(error: SAXParseException) -> str:
    words = str(error.getMessage())
    hint = _("Write & as &amp; and < as &lt;, or put the text between <![CDATA[ and ]]>.")
    said = _("This is not well-formed XML (%s).") % words
    return f"{said} {hint}" if "token" in words or "entity" in words else said


class _RefusedError(ValueError):
    pass


class _Pieces:
    """The bytes of a file in pieces, without what may stand before the XML, with their lines counted."""

    def __init__(self, file: BinaryIO, handler: "_Handler") -> None:
        self.file, self.handler = file, handler
        self.lines, self.ends_open, self.silent_bytes = 0, False, 0
        self.head = file.read(PIECE_BYTES)
        trimmed = self.head.removeprefix(_MARK).lstrip(b" \t\r\n")
        before = self.head[: len(self.head) - len(trimmed)]
        self.line_offset = before.count(b"\n")
        self.lines = self.line_offset
        self.head = trimmed

    def __iter__(self) -> Iterator[bytes]:
        piece = self.head
        while piece:
            self.lines += piece.count(b"\n")
            self.ends_open = not piece.endswith(b"\n")
            news = self.handler.news
            yield piece
            self.silent_bytes = 0 if self.handler.news != news else self.silent_bytes + len(piece)
            if self.silent_bytes > MAX_BYTES_WITHOUT_NEWS:
                raise _RefusedError(_("A tag or comment has more than 4 MB."))
            piece = self.file.read(PIECE_BYTES)

    def inside(self, line: int) -> int:
        """Return `line`, or the last line there is: a parser may stop behind the end."""
        return max(1, min(line, self.lines + self.ends_open))


class _Handler(ContentHandler):
    def __init__(self, wanted: Wanted, locator: Locator) -> None:
        super().__init__()
        self.wanted, self.locator = wanted, locator
        self.line_offset = 0
        self.news = 0
        self.depth = 0
        self.seen_root = False
        self.open: list[Element] = []
        self.done: list[Element] = []
        self.size = self.count = 0

    def taken(self) -> list[Element]:
        done, self.done = self.done, []
        return done

    @property
    def line(self) -> int:
        return (self.locator.getLineNumber() or 1) + self.line_offset

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.news += 1
        self.depth += 1
        name = name.rpartition(":")[2]
        if self.depth == 1:
            self._check_root(name)
        if self.depth > MAX_DEPTH:
            raise _RefusedError(_("Elements are nested more than %d deep.") % MAX_DEPTH)
        begins = not self.open and (not self.wanted.each or name == self.wanted.each)
        if begins:
            self.size = self.count = 0
        if begins or self.open:
            self._open(name, {key.rpartition(":")[2]: value for key, value in attrs.items()} if len(attrs) else {})

    def _check_root(self, name: str) -> None:
        self.seen_root = True
        if name == "qti-assessment-item":
            raise _RefusedError(_("This is QTI 3; only QTI 2 is read. Export it as QTI 2.1 or 2.2."))
        if name not in self.wanted.root:
            known = ", ".join(f"<{root}>" for root in sorted(self.wanted.root))
            words = _("The file begins with <%(found)s>, not with %(known)s, so it is another format.")
            raise _RefusedError(words % {"found": name[:40], "known": known})

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        element = Element(name, attributes, self.line)
        self.count += 1
        self.size += sum(map(len, attributes.values()))
        if self._fits() and self.open:
            self.open[-1].children.append(element)
        self.open.append(element)

    def _fits(self) -> bool:
        if self.count > MAX_ELEMENTS or self.size > MAX_CHARACTERS:
            for outermost in self.open[:1]:
                outermost.too_large = True
            return False
        return True

    def endElement(self, name: str) -> None:
        self.news += 1
        self.depth -= 1
        if self.open:
            element = self.open.pop()
            if not self.open:
                self.done.append(element)

    def characters(self, content: str) -> None:
        self.news += 1
        if not self.open or self.open[-1].name in self.wanted.skipped:
            return
        self.size += len(content)
        if self._fits():
            self.open[-1].children.append(content)

    def skippedEntity(self, name: str) -> None:
        self.characters(unescape(f"&{name};"))


def inner_html(element: Element) -> str:
    """Return what is inside `element` as HTML."""
    return "".join(
        escape(child, quote=False) if isinstance(child, str) else outer_html(child) for child in element.children
    )


_VOID = frozenset({"br", "hr", "img", "col", "wbr", "input"})


def outer_html(element: Element) -> str:
    """Return `element` with its attributes and everything inside as HTML; of a formula, only its LaTeX if it has it."""
    if element.name == "math" and (latex := _latex_of(element)):
        display = escape(element.attributes.get("display", "inline"))
        return f'<math display="{display}"><annotation encoding="application/x-tex">{escape(latex)}</annotation></math>'
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.attributes.items())
    if element.name in _VOID and not element.children:
        return f"<{element.name}{attributes}>"
    return f"<{element.name}{attributes}>{inner_html(element)}</{element.name}>"


def _latex_of(element: Element) -> str:
    semantics = element.first("semantics") or element
    for one in semantics.all("annotation"):
        if "tex" in one.attributes.get("encoding", "").lower():
            return one.all_text
    return ""
