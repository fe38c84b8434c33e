"""`python -m benchmarks.bank_search`: what the bank browser costs with 20,000 questions, on servers of its own.

The questions are the shipped ones with a third of their words exchanged at random, so that vocabulary and lengths
are real and no two are the same. Each page is asked for in this process with all middleware; CPU is that of Python and
of PostgreSQL together. `--questions` takes another number, `--json` prints for a program.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice

LIMIT_SECONDS = 1_800.0
QUESTIONS, BATCH = 20_000, 1_000
WARMING_UP, MEASURED = 5, 30
MOST_MS = 50.0


@dataclass(frozen=True)
class Figure:
    """One page: what it costs on average, and how many statements it takes. The target is for `cpu_ms`."""

    what: str
    cpu_ms: float
    python_ms: float
    postgres_ms: float
    statements: int
    kilobytes: float
    has_target: bool

    def row(self) -> str:
        verdict = ("ok" if self.cpu_ms <= MOST_MS else "over") if self.has_target else "–"
        return (
            f"| {self.what} | {self.cpu_ms:.1f} | {self.python_ms:.1f} | {self.postgres_ms:.1f} | {self.statements}"
            f" | {self.kilobytes:.0f} | {verdict} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bank_search")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--plans", action="store_true", help="print how PostgreSQL carries out each statement, too")
    options = parser.parse_args()
    _set_up()
    seconds = _fill(options.questions)
    figures = [_measured(what, ask, has_target) for what, ask, has_target in _pages()]
    if options.json:
        print(json.dumps({"filled_seconds": seconds, "figures": [asdict(each) for each in figures]}, indent=2))
        return
    print("| page | CPU ms | Python ms | PostgreSQL ms | SQL | kB | at most 50 ms CPU |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
    print("\n".join(figure.row() for figure in figures))
    print(f"\n{options.questions:,} questions were created in {seconds:.0f} s, their entries in the search included.")
    if options.plans:
        _print_plans()


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")
    import django

    django.setup()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


# Filling


def _fill(count: int) -> float:
    """Create `count` questions, some of them retired, in draft or flagged; return the seconds that took."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from questions.models import Question
    from questions.publishing import create_published

    _say(f"Filling a database of its own with {count:,} questions …")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_bank", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    start = time.perf_counter()
    made = _questions(count)
    while batch := list(islice(made, BATCH)):
        create_published(questions=batch, now=timezone.now())
    seconds = time.perf_counter() - start
    ids = list(Question.objects.order_by("pk").values_list("pk", flat=True))
    Question.objects.filter(pk__in=ids[::10]).update(status=Question.Status.RETIRED)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return seconds


def _questions(count: int) -> Iterator:  # type: ignore[type-arg]  # of NewQuestion, which needs Django to be set up
    from questions.content import Content, Difficulty
    from questions.models import Question, Topic
    from questions.publishing import NewQuestion

    draw = random.Random(7)
    shipped = [
        question.current_version.content for question in Question.objects.published().select_related("current_version")
    ]
    topics = list(Topic.objects.filter(area__isnull=False))
    words = [word for content in shipped for word in f"{content.prompt} {content.reference_answer}".split()]

    def mixed(text: str) -> str:
        parts = text.split(" ")
        for _ in range(len(parts) // 3):
            parts[draw.randrange(len(parts))] = draw.choice(words)
        return " ".join(parts)

    for number in range(count):
        raw = draw.choice(shipped).model_dump(mode="json")
        raw |= {name: mixed(raw[name]) for name in ("prompt", "reference_answer")}
        raw |= {"title": f"{mixed(raw['title'])[:90].strip()} {number}", "difficulty": draw.choice(Difficulty.values)}
        yield NewQuestion(f"made-{number}", draw.choice(topics), Content.parse(raw))


# Measuring


def _pages() -> Iterator[tuple[str, Callable[[], bytes], bool]]:
    """Yield what is measured, how it is asked for, and whether it has a target."""
    from django.test import Client

    from interviewprep.accounts.models import CURATOR_GROUP
    from interviewprep.accounts.people import create_person
    from questions.models import Question

    curator = create_person(email="curator@example.org", password="x" * 20, groups=[CURATOR_GROUP], is_staff=True)
    client = Client(headers={"host": "localhost"})
    client.force_login(curator)

    def page(query: str, *, background: bool = False) -> Callable[[], bytes]:
        headers = {"HX-Request": "true"} if background else {}
        return lambda: client.get(f"/bank/{query}", headers=headers).content

    question = Question.objects.published().select_related("current_version").order_by("slug")[0]
    yield "list", page(""), True
    yield "list, answer to a filter", page("?status=published&difficulty=hard", background=True), True
    yield "list, one area", page("?area=coding"), True
    yield "list by title, last page", page("?sort=title&page=40"), True
    yield "list by area and topic", page("?sort=topic"), True
    yield "search, some hundred matches", page('?q="cross+validation"'), True
    yield "search, two words", page("?q=gradient+clipping"), True
    yield "search, a word in most questions", page("?q=model"), True
    yield "search, the beginning of a word", page("?q=regul", background=True), True
    yield "search with a typo", page("?q=regularizaton"), True
    yield "search with two typos", page("?q=gardient+cliping"), True
    yield "all tags", page("values/tag/"), False
    yield "one question beside the list", page(f"{question.pk}/preview/", background=True), False
    form = _form(question)
    yield "editor, preview with look for duplicates", lambda: client.post("/bank/editor/preview/", form).content, False


def _form(question: object) -> dict[str, object]:
    """Return what the editor posts of a question while somebody types."""
    from questions.editing import typed as forms
    from questions.editing.showing import controls, lists

    typed = forms.of_content(question.current_version.content)  # type: ignore[attr-defined]  # a Question, as above
    form: dict[str, object] = {control.id: control.value for control in controls(typed, {}).values()}
    for name, listed in lists(typed, {}).items():
        form[name] = [row.row for row in listed.rows]
        form |= {control.id: control.value for row in listed.rows for control in row.controls if control.sort != "box"}
    return form | {"question": str(question.pk)}  # type: ignore[attr-defined]  # a Question


def _measured(what: str, ask: Callable[[], bytes], has_target: bool) -> Figure:
    from benchmarks.processes import Postgres
    from benchmarks.statements import counted

    for _ in range(WARMING_UP):
        ask()
    sizes: list[int] = []
    statements = counted(lambda: sizes.append(len(ask()))).working
    postgres = Postgres.of_this_connection()
    before, python = postgres.cpu_ms(), time.process_time()
    for _ in range(MEASURED):
        ask()
    python_ms = 1000 * (time.process_time() - python) / MEASURED
    postgres_ms = (postgres.cpu_ms() - before) / MEASURED
    return Figure(what, python_ms + postgres_ms, python_ms, postgres_ms, statements, sizes[0] / 1000, has_target)


def _print_plans() -> None:
    """Print what PostgreSQL does for each statement of the searches: which index, how many rows, how long."""
    from django.db import connection
    from django.http import QueryDict
    from django.test.utils import CaptureQueriesContext

    from questions import searching, spelling

    for query in ("", "status=published&difficulty=hard&area=coding", "q=gradient", "q=model", "sort=title&page=40"):
        with CaptureQueriesContext(connection) as captured:
            search = searching.Search.of(QueryDict(query))
            counts = searching.count(search)
            searching.excerpts(searching.page_of(search, counts), search.sought)
        _explained(query or "no filter", [each["sql"] for each in captured.captured_queries])
    with CaptureQueriesContext(connection) as captured:
        spelling.meant("regularizaton")
    _explained("a typo", [each["sql"] for each in captured.captured_queries])


def _explained(what: str, statements: list[str]) -> None:
    from django.db import connection

    for number, sql in enumerate(statements, 1):
        print(f"\n{what}, statement {number}: {sql[:160]} …")
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) {sql}")
            for (line,) in cursor.fetchall():
                print(f"    {line[:160]}")


if __name__ == "__main__":
    if os.environ.get("BESIDE_SERVERS"):
        main()
    else:
        from benchmarks.throwaway import run_beside_servers

        os.environ["BESIDE_SERVERS"] = "1"
        sys.exit(run_beside_servers("benchmarks.bank_search", sys.argv[1:], limit_seconds=LIMIT_SECONDS))
