"""Zip files from strangers, opened so that they can do no harm.

Nothing is ever unpacked to disk: members are read into memory, one at a time and bounded. Names that lead out of the
folder, links, encrypted members and sizes out of proportion are refused before anything is read.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from questions.importing.base import ImportProblem, ImportRefusedError

MAX_MEMBER_BYTES = 1_000_000
MAX_MEMBERS = 50_000
# Text shrinks to a tenth; what shrinks to a five hundredth was made to fill a disk.
MAX_RATIO = 500
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


@dataclass(frozen=True, slots=True)
class Member:
    path: str
    size: int


class Archive:
    """The files in a zip, by their paths. Raises ImportRefusedError for an archive that is broken or hostile."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise _refused(_("The file is no zip archive, or a damaged one."), _("Make it again.")) from error
        if len(infos) > MAX_MEMBERS:
            raise _refused(_("The archive holds more than %d files.") % MAX_MEMBERS)
        self._infos = {info.filename: info for info in infos if not info.is_dir()}
        if len(self._infos) < sum(not info.is_dir() for info in infos):
            raise _refused(_("The archive holds two files of the same name."))
        self._check_sizes()
        for info in infos:
            _check(info)

    def _check_sizes(self) -> None:
        total = sum(info.file_size for info in self._infos.values())
        if total > settings.IMPORT_MAX_UNPACKED_BYTES:
            words = {"total": total // 1_000_000, "most": settings.IMPORT_MAX_UNPACKED_BYTES // 1_000_000}
            raise _refused(_("The archive unpacks to %(total)d MB; the most is %(most)d MB.") % words)

    def members(self) -> Iterator[Member]:
        """Yield the files by path."""
        for path in sorted(self._infos):
            yield Member(path, self._infos[path].file_size)

    def read(self, path: str, most_bytes: int = MAX_MEMBER_BYTES) -> bytes:
        """Return one file, or one byte more than `most_bytes` of it, whatever its entry says of its size."""
        try:
            with self._zip.open(self._infos[path]) as member:
                return member.read(most_bytes + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError) as error:
            raise _refused(_("The file in the archive is damaged."), _("Make the archive again."), path) from error


def _check(info: zipfile.ZipInfo) -> None:
    parts = info.filename.replace("\\", "/").split("/")
    if info.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\x00" in info.filename:
        raise _refused(_("The archive holds a file whose path leads out of it."), path=info.filename[:200])
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _refused(_("The archive holds a link; only files are read."), path=info.filename)
    if info.flag_bits & 0x1:
        raise _refused(_("The archive is encrypted."), _("Make it again without a password."), info.filename)
    if info.compress_type not in _METHODS:
        raise _refused(_("The archive is packed in a way that is not read here."), _("Pack it as plain zip."))
    if info.file_size > 100_000 and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise _refused(_("The file is packed more densely than text can be."), path=info.filename)


def _refused(message: str, hint: str = "", path: str = "") -> ImportRefusedError:
    return ImportRefusedError(ImportProblem(message, hint=hint, path=path))
