"""`manage.py evaluate_bank`: how a text grader marks the shipped bank's own samples, and what it makes of strangers."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from questions.bankfiles import read_bank
from questions.bankformat import BankError
from sessions.evaluation import attacks, bank, telling
from sessions.evaluation.annotations import read_annotations
from sessions.evaluation.measuring import grade_with, speed_ms
from sessions.management.graders import chosen_grader


class Command(BaseCommand):
    help = (
        "Let the text grader mark the samples of the open questions in a bank's files, and reference answers of other"
        " areas; print what does not score as it should, and how its verdicts agree with a reader's in"
        " annotations.yaml. Changes nothing and needs no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--grader", metavar="NAME", help="which one, instead of the configured one")
        parser.add_argument("--json", action="store_true", help="one JSON object with everything")
        parser.add_argument("--all", action="store_true", help="list all that does not hold, not the worst ten alone")
        parser.add_argument(
            "--adversarial", action="store_true", help="print what answers written to deceive earn as well"
        )
        parser.add_argument("--path", type=Path, default=Path(settings.BASE_DIR) / "questions" / "bank", metavar="DIR")

    def handle(self, *args: Any, grader: str | None, path: Path, **options: Any) -> None:
        grader = chosen_grader(grader)
        try:
            questions = bank.open_questions(read_bank(path).questions)
            annotations = read_annotations(path, questions)
        except (BankError, NotADirectoryError) as error:
            raise CommandError(str(error)) from error
        if not questions:
            raise CommandError(f"{path} holds no open question.")
        checks = bank.checks(questions, grader)
        first = grade_with(questions[0].content, "", grader)
        said: dict[str, Any] = {
            "grader": first.grader,
            "grader_version": first.grader_version,
            "questions": len(questions),
            "checks": [telling.check(check) for check in checks],
            "annotated": [asdict(one) for one in bank.point_agreement(annotations, grader)],
            "stale": list(annotations.stale),
            "ms": speed_ms([question.content for question in questions], grader),
        }
        if options["adversarial"]:
            targets = attacks.targets([question.content for question in questions])
            said["adversarial"] = [outcome.to_json() for outcome in attacks.outcomes(targets, grader)]
        self.stdout.write(
            json.dumps(said, ensure_ascii=False) if options["json"] else telling.bank(said, options["all"])
        )
