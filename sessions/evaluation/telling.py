"""What the evaluations found, as lines for a terminal. Takes what the JSON output says, so both say the same."""

from collections.abc import Iterator, Mapping
from typing import Any

NONE = "not defined"


def agreement(said: Mapping[str, Any]) -> str:
    """Return the lines about one grader and one file."""
    lines = [f"{said['file']}: {said['grader']}, version {said['grader_version']}"]
    lines += [f"  {name:<34} {value}" for name, value in _figures(said)]
    if said.get("adversarial"):
        lines += ["  answers written to deceive: mean and highest score, 0 to 1", *_attacks(said)]
    return "\n".join(lines)


def _figures(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "answers", f"{said['n']} to {said['questions']} questions"
    yield "Pearson", number(said["pearson"]) + interval(said["pearson_interval"])
    if difference := said.get("difference"):
        yield f"more than {difference['from']}", "Pearson" + (interval(difference["interval"]) or f" {NONE}")
    yield "Spearman", number(said["spearman"])
    counted = f"  (mean of {said['within_questions']} questions with 5 answers or more that differ)"
    yield "Pearson within questions", number(said["within_pearson"]) + counted
    yield "weighted kappa, calibrated", number(said["kappa"]) + "  (whole marks, questions held out)"
    yield "RMSE of 5, calibrated", number(said["rmse"]) + "  (questions held out)"
    yield "bias of 5, as scored", f"{said['bias']:+.3f}"
    if said["unread"]:
        yield "left to a reader", f"{said['unread']} answers"
    yield "ms an answer", f"median {said['ms_median']:.2f}, mean {said['ms_mean']:.2f}"
    yield "ms to prepare a question", f"median {said['preparing_ms_median']:.2f}"
    yield "peak MB", f"{said['peak_mb']:.0f}"


def _attacks(said: Mapping[str, Any]) -> Iterator[str]:
    for row in said["adversarial"]:
        limit = "" if row["most"] is None else f"  at most {row['most']:.2f}: {'ok' if row['ok'] else 'over'}"
        unread = f"  ({row['unread']} left to a reader)" if row["unread"] else ""
        yield f"  {row['name']:<34} {row['mean']:.3f}  {row['highest']:.2f}{limit}{unread}"


def number(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def interval(found: Mapping[str, float] | None) -> str:
    return f"  (95 %: {found['low']:.3f} to {found['high']:.3f})" if found else ""
