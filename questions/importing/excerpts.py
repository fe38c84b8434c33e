"""The text of the lines that a run's problems are about, so that each can be shown beside its message.

Goes through the file once more, when all problems are known. Formats that are no text give their words themselves.
"""

import io
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from questions.importing.archives import MAX_MEMBER_BYTES
from questions.importing.base import ImportRefusedError
from questions.importing.lines import numbered_lines, shown
from questions.models import ImportItem, ImportRun

_BATCH = 500
Facts = dict[str, Any]


def add_texts(run: ImportRun, file: BinaryIO, *, notes: list[Facts] | None = None) -> None:
    """Add the text of its line to every problem of `run` that has none, and to those of `notes`."""
    items = [item for item in run.items.exclude(problems=[]).only("problems", "run") if _wanting(item.problems)]
    problems = [problem for item in items for problem in _wanting(item.problems)] + _wanting(notes or [])
    if not problems:
        return
    wanted: dict[str, set[int]] = defaultdict(set)
    for problem in problems:
        wanted[problem.get("path", "")].add(problem["line"])
    texts = _texts(file, wanted)
    for problem in problems:
        if text := texts.get((problem.get("path", ""), problem["line"])):
            problem["text"] = text
    ImportItem.objects.bulk_update(items, ["problems"], batch_size=_BATCH)


def _wanting(problems: Iterable[Facts]) -> list[Facts]:
    return [problem for problem in problems if problem.get("line") and not problem.get("text")]


def _texts(file: BinaryIO, wanted: Mapping[str, set[int]]) -> dict[tuple[str, int], str]:
    file.seek(0)
    is_archive = file.read(4) == b"PK\x03\x04"
    found: dict[tuple[str, int], str] = {}
    try:
        if not is_archive:
            _pick(file, "", wanted.get("", set()), found)
            return found
        with zipfile.ZipFile(file) as archive:
            for path in wanted.keys() & set(archive.namelist()):
                if archive.getinfo(path).file_size <= MAX_MEMBER_BYTES:
                    with archive.open(path) as member:
                        _pick(io.BytesIO(member.read(MAX_MEMBER_BYTES)), path, wanted[path], found)
    except (ImportRefusedError, zipfile.BadZipFile, zlib.error, OSError, ValueError):
        pass  # what cannot be read is said by its problem; it only has no words beside it
    return found


def _pick(file: BinaryIO, path: str, numbers: set[int], found: dict[tuple[str, int], str]) -> None:
    last = max(numbers, default=0)
    for number, line in numbered_lines(file):
        if number in numbers:
            found[path, number] = shown(line)
        if number >= last:
            break
