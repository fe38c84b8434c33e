"""`manage.py export_questions`: questions of the bank as a file, in any format the bank can write."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from questions.exporting import selecting
from questions.exporting.losses import losses_of
from questions.exporting.registry import writers
from questions.models import Question


class Command(BaseCommand):
    help = (
        "Write questions to a file, with licence, author and source. What the format cannot carry is listed on standard"
        " error, question by question; --check lists it and writes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=sorted(writers()), required=True)
        parser.add_argument("--output", type=Path, metavar="FILE", help="write to FILE instead of standard output")
        parser.add_argument("--topic", metavar="SLUG", help="only this topic, or this area with its topics")
        parser.add_argument("--all", action="store_true", help="drafts and retired questions too, not only published")
        parser.add_argument("--check", action="store_true", help="only say what the format cannot carry")

    def handle(
        self, *args: Any, format: str, output: Path | None, topic: str | None, check: bool, **options: Any
    ) -> None:
        writer = writers()[format]
        questions = Question.objects.all() if options["all"] else selecting.published()
        if topic:
            questions = questions.filter(Q(topic__slug=topic) | Q(topic__area__slug=topic))
        losses = losses_of(writer, selecting.exported(questions))
        for slug, words in losses.left_out:
            self.stderr.write(f"{slug}: stays behind: {', '.join(words) or 'the format has no place for it'}")
        for slug, words in losses.lost:
            self.stderr.write(f"{slug}: loses {', '.join(words)}")
        self.stderr.write(
            f"{losses.written} of {losses.total} questions as {writer.label};"
            f" {losses.left_out_count} stay behind, {losses.lost_count} lose something."
        )
        if check:
            return
        carried = (question for question in selecting.exported(questions) if writer.carries(question.content))
        if output is None:
            writer.write(carried, sys.stdout.buffer)
            return
        # A reader never sees half a file, and a failed export leaves the last good one.
        unfinished = output.with_name(f".{output.name}.unfinished")
        try:
            with unfinished.open("wb") as file:
                writer.write(carried, file)
            unfinished.replace(output)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error
        finally:
            unfinished.unlink(missing_ok=True)
