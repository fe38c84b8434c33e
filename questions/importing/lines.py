"""The lines of a text file of unknown origin: decoded, numbered, bounded, and read one at a time.

Owns what to do about byte order marks, old encodings, NUL bytes and lines without end. Knows no format.
"""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _

from questions.importing.base import ImportProblem, ImportRefusedError, Severity

# A picture inside a text is one long base64 line; more than this is no text that a person asks.
MAX_LINE_CHARACTERS = 8_000_000
SHOWN_CHARACTERS = 200
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def encoding_of(file: BinaryIO) -> str:
    """Return the encoding of `file`: its byte order mark's, else UTF-8, else Windows-1252 where it is not UTF-8.

    Leaves the file at its beginning. Reads it once, in pieces.
    """
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(1 << 16):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8"


def numbered_lines(file: BinaryIO, encoding: str = "") -> Iterator[tuple[int, str]]:
    """Yield the lines of `file` from 1 on, without their ends. Unix, Windows and old Mac line ends all count.

    Raises ImportRefusedError for NUL bytes, and for bytes that the encoding of the mark at the beginning cannot have.
    A file that is not UTF-8 is read as Windows-1252; ask `encoding_of` to say so as a warning.
    """
    encoding = encoding or encoding_of(file)
    errors = "replace" if encoding == "cp1252" else "strict"
    text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline=None)
    number = 0
    try:
        while line := text.readline(MAX_LINE_CHARACTERS):
            number += 1
            if len(line) == MAX_LINE_CHARACTERS:
                raise ImportRefusedError(ImportProblem(_("has a line of more than 8 million characters."), line=number))
            if "\x00" in line:
                raise _refused(number, _("is not a text file: it contains a NUL byte."))
            yield number, line.removesuffix("\n")
    except UnicodeDecodeError as error:
        raise _refused(number + 1, _("is not readable in the encoding that the file announces.")) from error
    finally:
        text.detach()


def encoding_warning(encoding: str) -> ImportProblem | None:
    """Return the warning about a file that was not in Unicode, if it was not."""
    if encoding != "cp1252":
        return None
    message = _("The file is not in UTF-8 and was read as Windows-1252.")
    return ImportProblem(message, hint=_("If letters look wrong, save it as UTF-8."), severity=Severity.WARNING)


def shown(line: str) -> str:
    """Return `line` as it may be shown beside a message: not longer than a screen is wide."""
    line = line.strip("\r\n")
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"


def _refused(line: int, message: str) -> ImportRefusedError:
    return ImportRefusedError(ImportProblem(message, hint=_("Save it as text in UTF-8."), line=line))
