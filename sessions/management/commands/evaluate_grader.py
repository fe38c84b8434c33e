"""`manage.py evaluate_grader`: how a text grader agrees with people's marks, how fast it is, and what deceives it."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sessions.evaluation import attacks, metrics, telling
from sessions.evaluation.graded import GradedAnswer, GradedFileError, read_graded, sampled
from sessions.evaluation.measuring import Run, agreement, grouped, run
from sessions.management.graders import chosen_grader


def whole_number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("must be 1 or more")
    return number


class Command(BaseCommand):
    help = (
        "Let the text grader mark answers that people have marked, and print how far they agree. Files are"
        " tab-separated, with the columns question, reference_answer, student_answer, score_avg (0 to 5) and"
        " question_id; “ ¶ ” is a line break. Changes nothing and needs no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE.tsv")
        parser.add_argument(
            "--grader",
            action="append",
            metavar="NAME",
            help="which one, instead of the configured one; give two to compare them",
        )
        parser.add_argument("--limit", type=whole_number, metavar="N", help="a sample of N answers, always the same")
        parser.add_argument("--json", action="store_true", help="one JSON object a line for each file and grader")
        parser.add_argument(
            "--adversarial", action="store_true", help="print what answers written to deceive earn as well"
        )
        parser.add_argument(
            "--bootstrap",
            type=whole_number,
            nargs="?",
            const=metrics.RESAMPLES,
            metavar="N",
            help=f"add 95 %% intervals of Pearson, by drawing questions N times ({metrics.RESAMPLES} unless told)",
        )

    def handle(self, *args: Any, files: Sequence[Path], grader: Sequence[str] | None, **options: Any) -> None:
        names = list(dict.fromkeys(map(chosen_grader, grader or (None,))))
        for path in files:
            try:
                answers = read_graded(path)
            except GradedFileError as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                raise CommandError(f"{path} cannot be read: {error.strerror}") from error
            self._evaluate(path, answers, names, **options)

    def _evaluate(self, path: Path, answers: Sequence[GradedAnswer], names: Iterable[str], **options: Any) -> None:
        chosen = sampled(answers, options["limit"])
        first: Run | None = None
        for name in names:
            done = run(chosen, name)
            found = agreement(chosen, done, resamples=options["bootstrap"] or 0)
            said: dict[str, Any] = {"file": path.name, **found.to_json()}
            if first and options["bootstrap"]:
                between = metrics.bootstrap(grouped(chosen, done), grouped(chosen, first), options["bootstrap"])
                said["difference"] = {"from": first.grader, "interval": asdict(between) if between else None}
            if options["adversarial"]:
                said["adversarial"] = self._attack(answers, name, options["limit"])
            self.stdout.write(json.dumps(said, ensure_ascii=False) if options["json"] else telling.agreement(said))
            first = first or done

    def _attack(self, answers: Sequence[GradedAnswer], name: str, limit: int | None) -> list[dict[str, Any]]:
        contents = list({answer.content.reference_answer: answer.content for answer in answers}.values())
        return [outcome.to_json() for outcome in attacks.outcomes(sampled(attacks.targets(contents), limit), name)]
