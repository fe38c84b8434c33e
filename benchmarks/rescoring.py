"""`python -m benchmarks.rescoring`: how fast `manage.py rescore_answers` is, on servers of its own.

The answers are to the shipped bank's questions, ten to an interview, each with a report and a score by an older grader:
open ones are the samples and references with a third of their sentences left out at random, so that lengths and words
are real and hardly two are the same. `--answers` takes another number, `--processes` another one than 2.
"""

import argparse
import os
import random
import resource
import sys
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

LIMIT_SECONDS = 3_600.0
ANSWERS, PROCESSES, PER_SESSION, BATCH = 100_000, 2, 10, 500
MOST_SECONDS = 600.0
WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rescoring")
    parser.add_argument("--answers", type=int, default=ANSWERS)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")
    import django

    django.setup()
    from django.core.management import call_command

    count = _fill(options.answers)
    start, cpu_seconds = time.perf_counter(), _cpu_seconds()
    call_command("rescore_answers", processes=options.processes)
    seconds, cpu_seconds = time.perf_counter() - start, _cpu_seconds() - cpu_seconds
    peak_mb = max(resource.getrusage(who).ru_maxrss for who in WHO) / 1024
    rate = count / seconds
    verdict = "ok" if rate >= ANSWERS / MOST_SECONDS else "over"
    print(f"{count:,} answers in {seconds:.1f} s with {options.processes} processes, at most {peak_mb:.0f} MB each")
    print(f"{1000 * cpu_seconds / count:.1f} ms of Python's CPU an answer, starting included")
    print(
        f"{rate:,.0f} a second: {verdict} (at least {ANSWERS / MOST_SECONDS:.0f}: {ANSWERS:,} in {MOST_SECONDS:.0f} s)"
    )


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in WHO]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


# Filling


def _fill(count: int) -> int:
    """Make at least `count` answers, in whole interviews, and return how many."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from interviewprep.accounts.people import create_person

    print(f"Filling a database of its own with {count:,} answers …", file=sys.stderr, flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_bank", verbosity=0)
    candidate = create_person(email="candidate@example.org", password="x" * 20)
    sessions = -(-count // PER_SESSION)
    made = _sessions(sessions, candidate, timezone.now())
    while batch := list(islice(made, BATCH)):
        _store(batch)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return sessions * PER_SESSION


def _sessions(count: int, candidate: Any, now: Any) -> Iterator[list[Any]]:
    """Yield the rows of one finished interview after another: itself, its questions, answers, scores and report."""
    from questions.models import Question
    from sessions.models import Answer, InterviewSession, Report, Score, SessionQuestion

    draw = random.Random(7)
    versions = [question.current_version for question in Question.objects.published().select_related("current_version")]
    contents = {version.pk: version.content for version in versions}
    for _ in range(count):
        session = InterviewSession(
            candidate=candidate, plan_name="Benchmark", mode="mock", state="finished", end_reason="candidate",
            seed=1, started_at=now, deadline=now, finished_at=now,
        )  # fmt: skip
        rows: list[Any] = [session, Report(session=session, state="ready", data={}, requested_at=now, compiled_at=now)]
        for position, version in enumerate(draw.sample(versions, PER_SESSION), start=1):
            question = SessionQuestion(
                session=session, position=position, section_name="All", version=version, time_limit_seconds=180
            )
            answer = Answer(
                question=question, session=session, candidate=candidate, deadline=now, state="submitted",
                submitted_at=now, body=_body(contents[version.pk], draw),
            )  # fmt: skip
            score = Score(
                answer=answer, source="automatic", grader="older", grader_version=1, points=0, max_points=1,
                created_at=now,
            )  # fmt: skip
            rows += [question, answer, score]
        yield rows


def _body(content: Any, draw: random.Random) -> str:
    from sessions.grading.answers import encode_choices

    if content.choices:
        return encode_choices([draw.choice(content.choices).key])
    if content.numeric_answer:
        return str(content.numeric_answer.value)
    texts = [text for text in (content.strong_sample, content.middling_sample, content.reference_answer) if text]
    return " ".join(part for part in draw.choice(texts).split(". ") if draw.random() < 2 / 3)


def _store(batch: list[list[Any]]) -> None:
    from sessions.models import Answer, InterviewSession, Report, Score, SessionQuestion

    rows = [row for session in batch for row in session]
    for model in (InterviewSession, Report, SessionQuestion, Answer, Score):
        model.objects.bulk_create([row for row in rows if isinstance(row, model)])  # type: ignore[attr-defined]  # any model


if __name__ == "__main__":
    if os.environ.get("BESIDE_SERVERS"):
        main()
    else:
        from benchmarks.throwaway import run_beside_servers

        os.environ["BESIDE_SERVERS"] = "1"
        sys.exit(run_beside_servers("benchmarks.rescoring", sys.argv[1:], limit_seconds=LIMIT_SECONDS))
