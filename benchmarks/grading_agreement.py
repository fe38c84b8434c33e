"""`python -m benchmarks.grading_agreement [FILE.tsv …]`: how the text grader agrees with people, and how fast it is.

Files have the columns question, reference_answer, student_answer, score_avg (0-5); " ¶ " is a line break. A reference
answer is split into sentences, each a key point of weight 1, which is cruder than curated points. Without files,
the shipped bank is measured: its reference answers, and answers written to deceive. Needs no database.
"""

import argparse
import csv
import random
import sys
import timeit
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from statistics import correlation, mean, median
from typing import Any

import django
from django.conf import settings

if not settings.configured:
    settings.configure(USE_I18N=False)
    django.setup()

from questions.bankfiles import BankQuestion, read_bank
from questions.content import Content, KeyPoint, Kind
from sessions.grading import Grade, grade
from sessions.grading import text as texts
from sessions.grading.words import STOP_WORDS

BANK = Path(__file__).resolve().parent.parent / "questions" / "bank"
COVERAGE_STEP = 0.2


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading_agreement")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.tsv")
    files = parser.parse_args(arguments).files
    for path in files:
        measure_agreement(path)
    if not files:
        measure_bank()


def measure_agreement(path: Path) -> None:
    rows = list(read_rows(path))
    grades = [grade(content_of(row["question"], row["reference_answer"]), row["student_answer"]) for row in rows]
    human = [float(row["score_avg"]) / 5 for row in rows]
    by_points = correlation([float(result.points) for result in grades], human)
    by_coverage = correlation([coverage(result) for result in grades], human)
    print(f"{path.name}: n {len(rows)}, Pearson {by_points:.3f} of points, {by_coverage:.3f} of mean coverage")
    for low, marks in rightness(grades, human):
        print(
            f"  one point, coverage {low:.1f}-{low + COVERAGE_STEP:.1f}: n {len(marks)}, human mark {mean(marks):.2f}"
        )


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield {name: (value or "").replace(" ¶ ", "\n") for name, value in row.items()}


@cache
def content_of(question: str, reference: str) -> Content:
    said = [reference[sentence.start : sentence.end] for sentence in texts.sentences(reference)]
    points = tuple(KeyPoint(key=f"s{number}", text=text, weight=1) for number, text in enumerate(said))
    return open_content(prompt=question, reference_answer=reference, key_points=points)


def open_content(**fields: Any) -> Content:
    fixed = {"title": "A question", "kind": Kind.OPEN, "difficulty": "medium", "time_limit_seconds": 300}
    return Content(**fixed, **fields, licence="proprietary", author="-", source="-")


def coverage(result: Grade) -> float:
    return mean(verdict.coverage for verdict in result.verdicts)


def rightness(grades: Sequence[Grade], human: Sequence[float]) -> Iterator[tuple[float, list[float]]]:
    """Yield people's marks by coverage, of the answers to questions whose reference is one sentence."""
    single = [(coverage(result), mark) for result, mark in zip(grades, human, strict=True) if len(result.verdicts) == 1]
    for step in range(round(1 / COVERAGE_STEP)):
        marks = [mark for covered, mark in single if min(int(covered / COVERAGE_STEP), 4) == step]
        if marks:
            yield step * COVERAGE_STEP, marks


def measure_bank() -> None:
    questions = [question for question in read_bank(BANK).questions if question.content.kind == Kind.OPEN]
    print(f"shipped bank, {len(questions)} open questions: points of 1, mean / least / most")
    for name, write in writers(questions).items():
        points = [float(grade(question.content, write(question)).points) for question in questions]
        print(f"  {name:<42} {mean(points):.3f} / {min(points):.2f} / {max(points):.2f}")
    measure_strangers(questions)
    measure_speed(questions)


def measure_strangers(questions: Sequence[BankQuestion]) -> None:
    """Grade, for each question, one reference answer from each other area."""
    of_area = {question.area: question for question in sorted(questions, key=lambda q: q.slug, reverse=True)}
    points = [
        float(grade(question.content, other.content.reference_answer).points)
        for question in questions
        for area, other in of_area.items()
        if area != question.area
    ]
    many = sum(point > 0.25 for point in points)
    print(f"  {len(points)} pairs with another area's reference: {many / len(points):.1%} above 0.25")


def writers(questions: Sequence[BankQuestion]) -> dict[str, Callable[[BankQuestion], str]]:
    """Return ways to write an answer, the same in every run."""
    source = random.Random(1)

    def reference(question: BankQuestion) -> str:
        return question.content.reference_answer

    def others(question: BankQuestion, count: int) -> str:
        pool = [other.content.reference_answer for other in questions if other.area != question.area]
        return "\n\n".join(source.sample(pool, count))

    def shuffled(question: BankQuestion) -> str:
        words = reference(question).split()
        return " ".join(source.sample(words, len(words)))

    return {
        "the reference answer": reference,
        "a reference answer of another area": lambda question: others(question, 1),
        "the question three times": lambda question: (question.content.prompt + "\n") * 3,
        "keyword list of the reference": lambda question: keywords(reference(question)),
        "the reference's words shuffled": shuffled,
        "the reference with its verbs negated": lambda question: negated(reference(question)),
        "20,000 characters about other questions": lambda question: others(question, 18)[:20_000],
        "the same with the reference inside": lambda question: (
            f"{others(question, 9)[:10_000]}\n\n{reference(question)}\n\n{others(question, 9)[:10_000]}"
        ),
    }


def keywords(text: str) -> str:
    return ", ".join(word.form for word in texts.words(text) if word.form not in STOP_WORDS)


def negated(text: str) -> str:
    for verb in ("is", "are", "was", "were", "can", "would", "should", "will", "does", "do", "has", "have"):
        text = text.replace(f" {verb} ", f" {verb} not ")
    return text


def measure_speed(questions: Sequence[BankQuestion]) -> None:
    """Print milliseconds for each reference answer, the best of five, on whatever else this machine is doing."""
    times = [
        min(timeit.repeat(lambda q=question: grade(q.content, q.content.reference_answer), number=1, repeat=5)) * 1000
        for question in questions
    ]
    words = mean(len(question.content.reference_answer.split()) for question in questions)
    print(f"  ms per answer of {words:.0f} words: median {median(times):.2f}, most {max(times):.2f}")
    longest = "\n\n".join(question.content.reference_answer for question in questions)
    body = (longest * (1 + 65_536 // len(longest)))[:65_536]
    once = min(timeit.repeat(lambda: grade(questions[0].content, body), number=1, repeat=3)) * 1000
    print(f"  ms for 64 kB of prose: {once:.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])
