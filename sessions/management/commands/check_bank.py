"""`manage.py check_bank`: what a bank's files could do better, before anybody meets it in an interview."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from questions.bankfiles import BankQuestion, read_bank
from questions.bankformat import BankError
from questions.quality import weaknesses
from questions.similarity import Text, alike_pairs
from sessions.bank_quality import grading_weaknesses


class Command(BaseCommand):
    help = (
        "Check a bank's Markdown files against the house rules: points, phrasings, samples, times, recomputed numbers,"
        " how the reference and the samples are graded, and questions that are too much alike. Changes nothing."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("only", nargs="*", help="only files whose path contains one of these")
        parser.add_argument("--path", type=Path, default=Path(settings.BASE_DIR) / "questions" / "bank", metavar="DIR")

    def handle(self, *args: Any, only: list[str], path: Path, **options: Any) -> None:
        try:
            bank = read_bank(path)
        except (BankError, NotADirectoryError) as error:
            raise CommandError(str(error)) from error
        chosen = [question for question in bank.questions if not only or any(part in question.path for part in only)]
        count = sum(self._check(question) for question in chosen) + self._compare(bank.questions, chosen)
        if count:
            raise CommandError(f"{count} weakness(es) in {len(chosen)} question(s).")
        self.stdout.write(f"{len(chosen)} question(s) checked: nothing to better.")

    def _check(self, question: BankQuestion) -> int:
        problems = [*weaknesses(question.content), *grading_weaknesses(question.content)]
        for problem in problems:
            self.stdout.write(f"{question.path}: {problem}")
        return len(problems)

    def _compare(self, questions: tuple[BankQuestion, ...], chosen: list[BankQuestion]) -> int:
        names = {question.path for question in chosen}
        texts = {q.path: Text(f"{q.content.title}\n{q.content.prompt}", q.content.reference_answer) for q in questions}
        pairs = [pair for pair in alike_pairs(texts) if pair.left in names or pair.right in names]
        for pair in pairs:
            figures = f"{pair.trigrams:.2f} by letters, {pair.shingles:.2f} by runs of words"
            self.stdout.write(f"{pair.left}: too much like {pair.right} ({figures})")
        return len(pairs)
