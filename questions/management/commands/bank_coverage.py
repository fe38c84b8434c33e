"""`manage.py bank_coverage`: which concepts the bank's questions test, as a document."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from questions.bankfiles import Bank, read_bank
from questions.bankformat import BankError
from questions.concepts import ConceptList, read_concepts, uncovered, unknown_tags
from questions.coverage import coverage_document


class Command(BaseCommand):
    help = (
        "List each concept of the bank's concepts.yaml with the questions that carry it as a tag, and how the questions"
        " are spread over areas, kinds, formats and difficulties. Reads the bank's files, not the database. Fails when"
        " a tag is no concept."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--path", type=Path, default=Path(settings.BASE_DIR) / "questions" / "bank", metavar="DIR")
        parser.add_argument(
            "--write", type=Path, metavar="FILE", help="write to FILE, and only a summary to standard output"
        )

    def handle(self, *args: Any, path: Path, write: Path | None, **options: Any) -> None:
        bank, concepts = _read(path)
        text = coverage_document(bank, concepts)
        if write is None:
            self.stdout.write(text, ending="")
            return
        try:
            write.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise CommandError(f"{write} cannot be written: {error.strerror}") from error
        missing = uncovered(concepts, bank.questions)
        self.stdout.write(f"{len(concepts.concepts)} concepts, {len(bank.questions)} questions: {write}")
        for concept in missing:
            self.stdout.write(f"no question: {concept.key} ({concept.area})")


def _read(path: Path) -> tuple[Bank, ConceptList]:
    try:
        bank = read_bank(path)
        concepts = read_concepts(path, [topic.slug for topic in bank.topics if topic.area is None])
    except (BankError, NotADirectoryError) as error:
        raise CommandError(str(error)) from error
    if problems := unknown_tags(concepts, bank.questions):
        raise CommandError("\n".join(map(str, problems)))
    return bank, concepts
