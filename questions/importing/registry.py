"""Which formats can be read, by name. A new format is one line here: its module, which has a `PARSER`."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import PurePath

from questions.importing.base import Parser

# In the order in which people are offered them, and in which they are asked whether a file is theirs.
MODULES: tuple[str, ...] = (
    "qti",  # before the other archives: it knows its own
    "bankfolder",
    "jsonformat",
    "tables:CSV",
    "tables:XLSX",
    "moodlexml",
    "gift",
    "aiken",
    "qalist",
)


@cache
def parsers() -> dict[str, Parser]:
    """Return every parser by its name."""
    found: Sequence[Parser] = [_loaded(name) for name in MODULES]
    return {parser.name: parser for parser in found}


def _loaded(name: str) -> Parser:
    module, _colon, attribute = name.partition(":")
    parser: Parser = getattr(import_module(f"questions.importing.{module}"), attribute or "PARSER")
    return parser


def guess(filename: str, head: bytes) -> Parser | None:
    """Return the parser for a file: one that recognises its first bytes, best one whose ending it has too."""
    ending = PurePath(filename.lower()).suffix.lstrip(".")
    by_name = [parser for parser in parsers().values() if ending in parser.extensions]
    recognising = [parser for parser in parsers().values() if parser.recognises(head)]
    both = [parser for parser in by_name if parser in recognising]
    # An ending that only one format has says enough, even where the content looks odd: its parser names what is wrong.
    only = by_name if len(by_name) == 1 else []
    return next(iter([*both, *only, *recognising]), None)
