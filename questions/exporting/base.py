"""What every writer of a file format is given and must say: the questions, and what of them its format cannot carry.

A writer reads no database. Licence, author and source go into every format, in whatever place it has for them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from django.utils.functional import Promise

from questions.content import Content


@dataclass(frozen=True, slots=True)
class ExportedTopic:
    slug: str
    name: str
    description: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class ExportedQuestion:
    """One question as it leaves the bank. `topic` equals `area` where the question hangs at the area itself."""

    slug: str
    area: ExportedTopic
    topic: ExportedTopic
    status: str
    version: int
    content: Content


class Writer(Protocol):
    """Writes one format. An instance is shared by everybody, so it keeps nothing between two files."""

    @property
    def name(self) -> str:
        """The name for `--format` and addresses; equal to the parser's of the same format."""

    @property
    def label(self) -> str | Promise:
        """The name for people, translated."""

    @property
    def extension(self) -> str:
        """The file name's ending without the dot."""

    @property
    def media_type(self) -> str: ...

    def carries(self, content: Content) -> bool:
        """Say whether the format has a place for this kind of question at all; `write` leaves out those it has not."""

    def cannot_carry(self, content: Content) -> list[str]:
        """Return what of `content` would be lost, one short translated phrase each, such as “3 key points”."""

    def write(self, questions: Iterable[ExportedQuestion], file: BinaryIO) -> None:
        """Write `questions`, taking one at a time from the iterable, to `file`, which may not be seekable."""
