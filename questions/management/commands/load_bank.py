"""`manage.py load_bank`: the bank's files into the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from questions.bankfiles import Bank, read_bank
from questions.bankformat import BankError
from questions.loading import SHIPPED, LoadReport, load_bank

SHIPPED_FOLDER = Path(settings.BASE_DIR) / "questions" / "bank"


class Command(BaseCommand):
    help = (
        "Load the question bank from its Markdown files. Only what changed in the files since the last load is"
        " changed: edits become new versions and are published, files that are gone retire their question, and what"
        " was edited in the admin stays until its file changes too. When any file is faulty, nothing is loaded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--path", type=Path, default=SHIPPED_FOLDER, metavar="DIR", help="folder of the bank (the shipped one)"
        )
        parser.add_argument(
            "--name",
            help="name that this bank is known by; a load only retires questions of its own bank"
            f" (“{SHIPPED}” for the shipped folder, else the folder's name)",
        )
        parser.add_argument("--check", action="store_true", help="only read the files and report what is wrong")

    def handle(self, *args: Any, path: Path, name: str | None, check: bool, verbosity: int, **options: Any) -> None:
        origin = (name or (SHIPPED if path.resolve() == SHIPPED_FOLDER else path.resolve().name))[:60]
        try:
            bank = read_bank(path)
            report = LoadReport() if check else load_bank(bank=bank, origin=origin, now=timezone.now())
        except NotADirectoryError as error:
            raise CommandError(f"{path} is not a folder.") from error
        except BankError as error:
            files = len({problem.path for problem in error.problems})
            count = len(error.problems)
            raise CommandError(
                f"{error}\n{count} problem(s) in {files} file(s) of {path}; nothing was loaded."
            ) from error
        if verbosity:
            for note in report.notes:
                self.stdout.write(note)
            self.stdout.write(_summary(bank, origin, None if check else report))


def _summary(bank: Bank, origin: str, report: LoadReport | None) -> str:
    areas = sum(topic.area is None for topic in bank.topics)
    size = f"{len(bank.questions)} questions in {len(bank.topics) - areas} topics of {areas} areas"
    if report is None:
        return f"Bank “{origin}”: {size}, all files are in order."
    return (
        f"Bank “{origin}”: {size}; {len(report.added)} new, {len(report.changed)} changed,"
        f" {len(report.retired)} retired, {report.unchanged} unchanged."
    )
