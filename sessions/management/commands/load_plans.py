"""`manage.py load_plans`: the shipped interview plans into the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from questions.bankformat import BankError
from sessions.plans import SHIPPED_FILE, load_plans, read_plans


class Command(BaseCommand):
    help = (
        "Load the interview plans that come with the application; the bank must be loaded. Only what changed in the"
        " file since the last load is changed, and a plan that was edited or deleted in the admin is left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--path", type=Path, default=SHIPPED_FILE, metavar="FILE", help="another file of plans")

    def handle(self, *args: Any, path: Path, verbosity: int, **options: Any) -> None:
        try:
            report = load_plans(read_plans(path))
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        except BankError as error:
            raise CommandError(f"{error}\n{len(error.problems)} problem(s) in {path}; nothing was loaded.") from error
        if verbosity:
            for note in report.notes:
                self.stdout.write(note)
            counts = f"{len(report.added)} new, {len(report.changed)} changed, {report.unchanged} unchanged"
            self.stdout.write(f"Interview plans: {counts}.")
