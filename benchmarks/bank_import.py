"""`python -m benchmarks.bank_import`: how long imports take and what memory they need, on servers of its own.

Each file goes the way that a worker takes it, in a process of its own, so that the peak is that of one import:
received, read, compared with the bank, imported, taken back. The questions are those of the shipped bank with a number
before their words, so that they are of real length and no two are the same; GIFT gets choices of that length besides.
"""

import argparse
import base64
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT_SECONDS = 1_800.0
QUESTIONS, LARGE_BYTES = 10_000, 49_000_000
# Seconds for reading and importing together, and megabytes of the process at its peak.
MOST_SECONDS, MOST_MB, MOST_RELOAD_SECONDS = 60.0, 300.0, 3.0
OWN = "--one"


@dataclass(frozen=True)
class Figure:
    """One file's way through the bank; `peak_mb` is the process's largest resident size, Python and Django included."""

    what: str
    questions: int
    file_mb: float
    read_seconds: float
    import_seconds: float
    undo_seconds: float
    peak_mb: float

    def row(self) -> str:
        total = self.read_seconds + self.import_seconds
        verdict = "ok" if total <= MOST_SECONDS and self.peak_mb <= MOST_MB else "over"
        seconds = (self.read_seconds, self.import_seconds, total, self.undo_seconds)
        cells = [self.what, f"{self.questions:,}", f"{self.file_mb:.1f}", *(f"{each:.1f}" for each in seconds)]
        return f"| {' | '.join([*cells, f'{self.peak_mb:.0f}', verdict])} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bank_import")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(OWN, nargs=3, metavar=("WHAT", "FORMAT", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    _set_up()
    if options.one:
        print(json.dumps(asdict(_one(*options.one))))
        return
    _prepare()
    with tempfile.TemporaryDirectory() as folder:
        figures = [_in_a_process(what, *file) for what, file in _files(Path(folder))]
    reload_seconds = _reload()
    if options.json:
        print(json.dumps({"reload_seconds": reload_seconds, "imports": [asdict(each) for each in figures]}, indent=2))
        return
    print("| file | questions | MB | read s | import s | both s | undo s | peak MB | at most 60 s, 300 MB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    print("\n".join(figure.row() for figure in figures))
    verdict = "ok" if reload_seconds <= MOST_RELOAD_SECONDS else "over"
    most = f"at most {MOST_RELOAD_SECONDS:.0f} s"
    print(f"\nThe shipped bank, loaded again unchanged: {reload_seconds:.2f} s, {verdict} ({most})")


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")
    import django

    django.setup()


def _prepare() -> None:
    from django.core.management import call_command

    _say("Filling a database of its own …")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_bank", verbosity=0)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


# Files


def _files(folder: Path) -> Iterator[tuple[str, tuple[str, Path]]]:
    """Write the files one by one, and yield what each is, its format and its path."""
    makers: list[tuple[str, str, Callable[[Path], None]]] = [
        ("GIFT, choices", "gift", _write_gift),
        ("our JSON", "json", lambda path: _write_own("json", path)),
        ("our folder (zip)", "folder", lambda path: _write_own("folder", path)),
        ("CSV", "csv", lambda path: _write_own("csv", path)),
        ("XLSX", "xlsx", lambda path: _write_own("xlsx", path)),
        ("Moodle XML", "moodlexml", lambda path: _write_own("moodlexml", path)),
        ("Moodle XML, 49 MB with attachments", "moodlexml", _write_attachments),
        ("our JSON, 49 MB", "json", lambda path: _write_own("json", path, most_bytes=LARGE_BYTES)),
    ]
    for what, file_format, write in makers:
        path = folder / f"questions.{file_format}"
        write(path)
        yield what, (file_format, path)
        path.unlink()


def _write_gift(path: Path) -> None:
    shuffled = random.Random(7)
    words = [text for question in _shipped() for text in question.content.reference_answer.split() if text.isalpha()]
    with path.open("w") as file:
        for number in range(QUESTIONS):
            choices = [" ".join(shuffled.sample(words, 8)) for _choice in range(4)]
            told = [
                f"{'=' if place == 0 else '~'}{text}#{' '.join(shuffled.sample(words, 12))}"
                for place, text in enumerate(choices)
            ]
            prompt = f"[html]<p>Number {number}: <b>{' '.join(shuffled.sample(words, 20))}</b>?</p>"
            file.write(f"::Question {number}:: {prompt} {{\n" + "\n".join(told) + "\n}\n\n")


def _shipped() -> list:  # type: ignore[type-arg]  # of ExportedQuestion, which needs Django to be set up
    from questions.exporting import selecting

    return list(selecting.exported(selecting.published()))


def _numbered(count: int) -> Iterator:  # type: ignore[type-arg]  # as above
    """Yield `count` questions of real length; open ones give way to shorter kinds where `count` is large."""
    from dataclasses import replace

    shipped = _shipped()
    for number in range(count):
        question = shipped[number % len(shipped)]
        content = question.content.model_copy(update={"prompt": f"Number {number}. {question.content.prompt}"})
        yield replace(question, slug=f"n{number}-{question.slug}"[:60].rstrip("-"), content=content)


def _write_own(name: str, path: Path, *, most_bytes: int = 0) -> None:
    from questions.exporting.registry import writers

    count = QUESTIONS
    if most_bytes or name in {"json", "csv", "moodlexml"}:
        # What 10,000 of our questions say is just about what one file may have.
        sample = io.BytesIO()
        writers()[name].write(_numbered(400), sample)
        count = min(QUESTIONS, int((most_bytes or LARGE_BYTES) / (len(sample.getvalue()) / 400)))
    with path.open("wb") as file:
        writer = writers()[name]
        writer.write((question for question in _numbered(count) if writer.carries(question.content)), file)


def _write_attachments(path: Path) -> None:
    """Write few questions with large pictures in them, as teachers send them."""
    picture = base64.b64encode(random.Random(7).randbytes(1_800_000)).decode()
    with path.open("w") as file:
        file.write("<?xml version='1.0' encoding='UTF-8'?>\n<quiz>\n")
        for number in range(LARGE_BYTES // (len(picture) + 600)):
            file.write(
                f"<question type='truefalse'><name><text>T{number}</text></name>"
                f"<questiontext format='html'><text><![CDATA[<p>Is {number} even? <img src='@@PLUGINFILE@@/p.png'/></p>"
                f"]]></text>"
                f"<file name='p.png' path='/' encoding='base64'>{picture}</file></questiontext>"
                f"<answer fraction='100'><text>true</text><feedback><text>Yes.</text></feedback></answer>"
                f"<answer fraction='0'><text>false</text><feedback><text>No.</text></feedback></answer></question>\n"
            )
        file.write("</quiz>\n")


# One import


def _in_a_process(what: str, file_format: str, path: Path) -> Figure:
    _say(f"{what}: {path.stat().st_size / 1e6:.1f} MB …")
    command = [sys.executable, "-m", "benchmarks.bank_import", OWN, what, file_format, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{what} failed:\n{done.stderr}")
    figure = Figure(**json.loads(done.stdout))
    _say(figure.row())
    return figure


def _one(what: str, file_format: str, name: str) -> Figure:
    from django.utils import timezone

    from questions.importing import running
    from questions.importing.parts import chunks_of
    from questions.models import ImportRun, Topic

    path = Path(name)
    topic = Topic.objects.filter(area__isnull=False).first()
    said = running.Said(licence="CC-BY-4.0", author="Benchmark", topic=topic)
    with path.open("rb") as file:
        run = running.receive(
            chunks=chunks_of(file),
            filename=path.name,
            file_format=file_format,
            said=said,
            user=None,
            now=timezone.now(),
        )

    def timed(state: str) -> float:
        start = time.perf_counter()
        running.work(run_id=run.pk, now=timezone.now())
        run.refresh_from_db()
        if run.state != state:
            raise SystemExit(f"{what}: {run.state} instead of {state}: {run.failure or run.notes}")
        return time.perf_counter() - start

    read_seconds = timed(ImportRun.State.READY)
    running.order(run=run, user=None, now=timezone.now())
    import_seconds = timed(ImportRun.State.IMPORTED)
    running.order_undoing(run=run, user=None, now=timezone.now())
    undo_seconds = timed(ImportRun.State.UNDONE)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    size = path.stat().st_size / 1e6
    return Figure(what, run.question_count, size, read_seconds, import_seconds, undo_seconds, peak)


def _reload() -> float:
    """Return the seconds of the whole command, Python's start included: what an operator waits for."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "manage.py", "load_bank"], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    if os.environ.get("BESIDE_SERVERS") or OWN in sys.argv:
        main()
    else:
        from benchmarks.throwaway import run_beside_servers

        os.environ["BESIDE_SERVERS"] = "1"
        sys.exit(run_beside_servers("benchmarks.bank_import", sys.argv[1:], limit_seconds=LIMIT_SECONDS))
