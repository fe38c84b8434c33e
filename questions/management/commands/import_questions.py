"""`manage.py import_questions`: questions from a file into the bank, the same way as from the import page."""

import tempfile
import zipfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from interviewprep.accounts.models import User
from questions.importing import overview, registry, running, topics
from questions.importing.parts import TooLargeError, chunks_of
from questions.importing.running import NotReadyError, Said
from questions.models import ImportItem, ImportRun, Topic

# Exit codes: 1 faults were found and nothing was imported, 2 it could not even be tried.
FAULTY, UNUSABLE = 1, 2
_DUPLICATES = {"skip": ImportItem.Choice.SKIP, "add": ImportItem.Choice.ADD, "version": ImportItem.Choice.VERSION}


class Command(BaseCommand):
    help = (
        "Import questions from FILE, which may also be a folder of Markdown files. Everything is imported, or nothing."
        " Every fault is printed with its line. Exit code 1: there are faults, nothing was imported;"
        " 2: the file, the format or an option could not be used."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        formats = sorted(registry.parsers())
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=formats, help="what FILE is; without it, it is recognised")
        parser.add_argument("--dry-run", action="store_true", help="say what would be imported, and change nothing")
        parser.add_argument("--licence", default="", help="of questions whose licence the file does not say")
        parser.add_argument("--author", default="", help="of questions whose author the file does not say")
        parser.add_argument("--source", default="", help="where they come from (FILE's name)")
        parser.add_argument("--topic", metavar="SLUG", help="for questions whose topic is not known here")
        parser.add_argument("--new-topics", metavar="AREA", help="make topics that are not known here, in this area")
        parser.add_argument("--column", action="append", default=[], metavar="HEADING=FIELD", help="of a table; repeat")
        parser.add_argument("--status", choices=ImportRun.Target.values, default=ImportRun.Target.DRAFT.value)
        parser.add_argument(
            "--duplicates", choices=list(_DUPLICATES), default="skip", help="what to do with what is there already"
        )
        parser.add_argument(
            "--propose-points", action="store_true", help="make key points of the answers of open questions without any"
        )
        parser.add_argument("--skip-errors", action="store_true", help="leave out what is faulty, import the rest")
        parser.add_argument("--user", metavar="E-MAIL", help="in whose name it is imported")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        said = self._said(options)
        user = _user(options["user"])
        with _opened(file) as (source, name), transaction.atomic():
            file_format = options["format"] or _recognised(source, name)
            run = _received(source, name, file_format, said, user)
            running.work(run_id=run.pk, now=timezone.now())
            run.refresh_from_db()
            self._decide(run, options)
            self._print(run)
            self._finish(run, user, dry_run=dry_run, skip_errors=options["skip_errors"])
            transaction.set_rollback(dry_run)

    def _said(self, options: dict[str, Any]) -> Said:
        topic = None
        if options["topic"]:
            topic = Topic.objects.filter(slug=options["topic"]).first()
            if topic is None:
                raise CommandError(f"There is no topic “{options['topic']}”.", returncode=UNUSABLE)
        pairs = [column.partition("=") for column in options["column"]]
        if any(not equals for _heading, equals, _field in pairs):
            raise CommandError("--column takes HEADING=FIELD, such as --column 'Frage=prompt'.", returncode=UNUSABLE)
        columns = {heading: field for heading, _equals, field in pairs} or None
        said = Said(options["licence"], options["author"], options["source"], options["status"], topic, columns)
        return replace(said, proposes_points=options["propose_points"])

    def _decide(self, run: ImportRun, options: dict[str, Any]) -> None:
        if run.state != ImportRun.State.READY:
            return
        if options["duplicates"] != "skip":
            positions = run.items.duplicates().values_list("position", flat=True)
            running.decide_duplicates(run=run, choices=dict.fromkeys(positions, _DUPLICATES[options["duplicates"]]))
        if area := options["new_topics"]:
            if not Topic.objects.areas().filter(slug=area).exists():
                raise CommandError(f"There is no area “{area}”.", returncode=UNUSABLE)
            unknown = topics.undecided(run, topics.Atlas())
            running.decide_topics(
                run=run, choices={place.name: f"{topics.NEW}{area}" for place in unknown if place.name}
            )
            run.refresh_from_db()

    def _print(self, run: ImportRun) -> None:
        for note in run.notes:
            self._print_problem(run, "", note)
        for item in run.items.exclude(problems=[], missing=[], not_carried=[], match="", reason="").order_by(
            "position"
        ):
            for problem in item.problems:
                self._print_problem(run, item.path, problem)
            place = _place(run, item.path, item.line)
            if item.missing:
                lacking = ", ".join(lack["message"] for lack in item.missing)
                self.stdout.write(f"{place}: to be completed: {item.title}: {lacking}")
            for what in [*item.not_carried, *([item.reason] if item.reason else [])]:
                self.stdout.write(f"{place}: does not come along: {what}")
            if item.match:
                self.stdout.write(f"{place}: {item.get_match_display()}: {item.title} ({_chosen(item)})")

    def _print_problem(self, run: ImportRun, path: str, problem: dict[str, Any]) -> None:
        """Print a problem as compilers do, with the line's own text below it."""
        place = _place(run, problem.get("path", path), problem.get("line", 0), problem.get("column", 0))
        words = [problem.get("field", ""), f"{problem['message']} {problem.get('hint', '')}".strip()]
        severity = "does not come along" if problem["severity"] == "lost" else problem["severity"]
        self.stdout.write(f"{place}: {severity}: {': '.join(filter(None, words))}")
        if text := problem.get("text"):
            self.stdout.write(f"    {text}")

    def _finish(self, run: ImportRun, user: User | None, *, dry_run: bool, skip_errors: bool) -> None:
        if run.state == ImportRun.State.REFUSED:
            transaction.set_rollback(True)
            raise CommandError(f"{run.filename} could not be read; nothing was imported.", returncode=FAULTY)
        found = overview.figures(run)
        summary = (
            f"{run.question_count} questions: {found.added} new, {found.unfinished} new and to be completed,"
            f" {found.versions} new versions, {found.skipped} there already and left out,"
            f" {found.shown['left_out']} no questions for the bank, {found.shown['faulty']} faulty."
        )
        try:
            running.order(run=run, user=user, now=timezone.now(), leaves_out_errors=skip_errors)
        except NotReadyError as refusal:
            transaction.set_rollback(True)
            raise CommandError(f"{summary}\n{refusal}\nNothing was imported.", returncode=FAULTY) from refusal
        if not dry_run:
            running.work(run_id=run.pk, now=timezone.now())
            run.refresh_from_db()
            if run.state != ImportRun.State.IMPORTED:
                transaction.set_rollback(True)
                raise CommandError(f"{run.failure}\nNothing was imported.", returncode=FAULTY)
        self.stdout.write(f"{summary}\n{'Nothing was changed: a dry run.' if dry_run else f'Imported as {run.pk}.'}")


def _user(email: str | None) -> User | None:
    if email is None:
        return None
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        raise CommandError(f"There is no account with the address {email}.", returncode=UNUSABLE)
    return user


def _received(source: BinaryIO, name: str, file_format: str, said: Said, user: User | None) -> ImportRun:
    try:
        return running.receive(
            chunks=chunks_of(source), filename=name, file_format=file_format, said=said, user=user, now=timezone.now()
        )
    except TooLargeError as error:
        raise CommandError(f"{name} is larger than IMPORT_MAX_MB allows.", returncode=UNUSABLE) from error


def _recognised(source: BinaryIO, name: str) -> str:
    parser = registry.guess(name, source.read(8_192))
    source.seek(0)
    if parser is None:
        raise CommandError(f"The format of {name} was not recognised; say it with --format.", returncode=UNUSABLE)
    return parser.name


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, str]]:
    """Open a file, or a folder as the zip that the import page would be sent."""
    try:
        if not path.is_dir():
            with path.open("rb") as file:
                yield file, path.name
            return
        with tempfile.TemporaryFile() as packed:
            _pack(path, packed)
            yield packed, f"{path.resolve().name}.zip"
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}", returncode=UNUSABLE) from error


def _pack(folder: Path, file: BinaryIO) -> None:
    """Pack what belongs to a bank; links are left out, so that nothing outside of the folder comes along."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            linked = any(parent.is_symlink() for parent in [path, *path.parents] if parent != folder)
            if path.is_file() and not linked and not any(part.startswith(".") for part in parts):
                archive.write(path, "/".join(parts))
    file.seek(0)


def _place(run: ImportRun, path: str, line: int, column: Any = 0) -> str:
    return ":".join([path or run.filename, *(str(number) for number in (line, column if line else 0) if number)])


def _chosen(item: ImportItem) -> str:
    return str(ImportItem.Choice(item.decided).label)
