"""Which formats can be written, by name. Each module of a format has one `WRITER`; a new format is one line here."""

from functools import cache
from importlib import import_module

from questions.exporting.base import Writer

# In the order in which people are offered them.
MODULES: tuple[str, ...] = ()


@cache
def writers() -> dict[str, Writer]:
    """Return every writer by its name."""
    found: list[Writer] = [import_module(f"questions.exporting.{name}").WRITER for name in MODULES]
    return {writer.name: writer for writer in found}
