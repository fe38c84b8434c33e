"""Which formats can be written, by name. A new format is one line here: its module, which has a `WRITER`."""

from functools import cache
from importlib import import_module

from questions.exporting.base import Writer

# In the order in which people are offered them.
MODULES: tuple[str, ...] = (
    "bankfolder",
    "jsonformat",
    "tables:CSV",
    "tables:XLSX",
    "moodlexml",
    "gift",
    "aiken",
    "qti",
    "qalist",
    "anki",
)


@cache
def writers() -> dict[str, Writer]:
    """Return every writer by its name."""
    found: list[Writer] = [_loaded(name) for name in MODULES]
    return {writer.name: writer for writer in found}


def _loaded(name: str) -> Writer:
    module, _colon, attribute = name.partition(":")
    writer: Writer = getattr(import_module(f"questions.exporting.{module}"), attribute or "WRITER")
    return writer
