"""The file of an import, kept in the database in pieces: written once as it arrives, read piece by piece.

Whoever reads it holds one piece at a time. Knows no format and no state.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from django.utils.functional import cached_property

from questions.models import ImportPart, ImportRun

PART_BYTES = 1 << 20


class TooLargeError(ValueError):
    """The file has more bytes than were allowed."""


@dataclass(frozen=True, slots=True)
class Stored:
    size_bytes: int
    sha256: str


def store(*, run_id: UUID, chunks: Iterable[bytes], most_bytes: int) -> Stored:
    """Keep what `chunks` bring as the file of a run. Raises TooLargeError; the caller's transaction then undoes it."""
    size, digest = 0, hashlib.sha256()
    for number, piece in enumerate(_even(chunks)):
        size += len(piece)
        if size > most_bytes:
            raise TooLargeError
        digest.update(piece)
        ImportPart.objects.create(run_id=run_id, number=number, data=piece)
    return Stored(size, digest.hexdigest())


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PART_BYTES):
        yield piece


def _even(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of PART_BYTES, the last one shorter."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        while len(kept) >= PART_BYTES:
            yield bytes(kept[:PART_BYTES])
            del kept[:PART_BYTES]
    if kept:
        yield bytes(kept)


class _Parts(io.RawIOBase):
    """The pieces as one file. `on_read` is called with the place, so that a long reading can say it is alive."""

    def __init__(self, run: ImportRun, on_read: Callable[[int], None]) -> None:
        self.run_id, self.size, self.on_read = run.pk, run.size_bytes, on_read
        self.place = 0
        self.number, self.data = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        self.place = max(0, start + offset)
        return self.place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader hands in
        if self.place >= self.size:
            return 0
        number, inside = divmod(self.place, PART_BYTES)
        if number != self.number:
            self.data = bytes(ImportPart.objects.values_list("data", flat=True).get(run=self.run_id, number=number))
            self.number = number
            self.on_read(self.place)
        piece = self.data[inside : inside + len(buffer)]
        buffer[: len(piece)] = piece
        self.place += len(piece)
        return len(piece)

    @cached_property
    def buffered(self) -> BinaryIO:
        return io.BufferedReader(self, buffer_size=1 << 16)


def open_file(run: ImportRun, on_read: Callable[[int], None] = lambda _place: None) -> BinaryIO:
    """Return the file of `run`, open for reading and seekable."""
    return _Parts(run, on_read).buffered
