"""Taking questions out of the bank: which ones, in which format, and what a format cannot carry."""

import json
from collections.abc import Callable
from typing import Any

from questions.exporting.jsonformat import as_object
from questions.exporting.selecting import exported_by_slug, published


def write_json(write: Callable[[str], Any]) -> None:
    """Hand the published bank to `write` as one JSON list, piece by piece: `[`, the questions by slug, then `]`."""
    separator = "[\n"
    for question in exported_by_slug(published()):
        write(separator + json.dumps(as_object(question), ensure_ascii=False))
        separator = ",\n"
    write("\n]\n" if separator == ",\n" else "[]\n")
