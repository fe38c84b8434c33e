"""`manage.py export_bank`: the published bank as JSON."""

import sys
from argparse import ArgumentParser
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from questions.exporting import write_json


class Command(BaseCommand):
    help = (
        "Write every published question's current version as a JSON list of objects, sorted by slug, in UTF-8."
        " Nothing else goes to standard output."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["json"], default="json", help="output format")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write to FILE instead of standard output")

    def handle(self, *args: Any, output: Path | None, **options: Any) -> None:
        if output is None:
            if isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8")
            write_json(lambda text: self.stdout.write(text, ending=""))
            return
        # A reader never sees half a file, and a failed export leaves the last good one.
        unfinished = output.with_name(f".{output.name}.unfinished")
        try:
            with unfinished.open("w", encoding="utf-8") as file:
                write_json(file.write)
            unfinished.replace(output)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error
        finally:
            unfinished.unlink(missing_ok=True)
