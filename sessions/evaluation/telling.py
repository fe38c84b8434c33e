"""What the evaluations found, as lines for a terminal. Takes what the JSON output says, so both say the same."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sessions.evaluation.bank import Check

NONE = "not defined"
WORST = 10


def agreement(said: Mapping[str, Any]) -> str:
    """Return the lines about one grader and one file."""
    lines = [f"{said['file']}: {said['grader']}, version {said['grader_version']}"]
    lines += [f"  {name:<34} {value}" for name, value in _figures(said)]
    for row in said["by_coverage"]:
        reach = f"{row['least']:.1f} to {row['most']:.1f}"
        lines.append(f"  one point, coverage {reach}: {row['n']} answers, mean mark {row['marks']:.2f}")
    if said.get("adversarial"):
        lines += _attacks(said)
    return "\n".join(lines)


def _figures(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "answers", f"{said['n']} to {said['questions']} questions"
    yield "Pearson", number(said["pearson"]) + interval(said["pearson_interval"])
    if difference := said.get("difference"):
        yield f"more than {difference['from']}", (interval(difference["interval"]) or NONE).strip()
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
    yield "  answers written to deceive: mean and highest score, 0 to 1"
    for row in said["adversarial"]:
        limit = "" if row["most"] is None else f"  at most {row['most']:.2f}: {'ok' if row['ok'] else 'over'}"
        unread = f"  ({row['unread']} left to a reader)" if row["unread"] else ""
        yield f"  {row['name']:<34} {row['mean']:.3f}  {row['highest']:.2f}{limit}{unread}"


def check(found: Check) -> dict[str, Any]:
    """Return a check of the bank as a JSON object, without the cases that hold."""
    return {
        "name": str(found.expectation),
        "cases": len(found.cases),
        "hold": len(found.cases) - len(found.missed),
        "mean": found.mean,
        "missed": [asdict(case) for case in found.missed],
    }


def bank(said: Mapping[str, Any], everything: bool) -> str:
    """Return the lines about a bank; of what does not hold, the worst ten of each sort or everything."""
    lines = [f"{said['questions']} open questions: {said['grader']}, version {said['grader_version']}"]
    for found in said["checks"]:
        lines.append(f"  {found['name']:<40} {found['hold']} of {found['cases']} hold, mean {found['mean']:.3f}")
        shown = found["missed"] if everything else found["missed"][:WORST]
        lines += [f"    {case['points']:.2f}  {_case(case)}" for case in shown]
        if rest := len(found["missed"]) - len(shown):
            lines.append(f"    and {rest} more; --all lists them")
    lines += [_annotated(row) for row in said["annotated"]]
    lines += [f"  stale annotation: {words}" for words in said["stale"]]
    if said.get("adversarial"):
        lines += _attacks(said)
    ms = said["ms"]
    lines.append(
        f"  ms for a reference answer: median {ms['median']:.2f}, most {ms['most']:.2f};"
        f" for 64 kB of prose: {ms['longest_body']:.0f}"
    )
    return "\n".join(lines)


def _case(case: Mapping[str, Any]) -> str:
    return f"{case['area']}/{case['slug']}" + (f" with the reference of {case['other']}" if case["other"] else "")


def _annotated(row: Mapping[str, Any]) -> str:
    if not row["answers"]:
        return f"  {row['sample']} samples: none annotated"
    return (
        f"  {row['sample']} samples judged by a reader: {row['answers']} with {row['points']} points;"
        f" {row['found']} found, precision {number(row['precision'])}"
        f" ({number(row['loosely'])} with those said in part), recall {number(row['recall'])}"
    )


def number(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def interval(found: Mapping[str, float] | None) -> str:
    return f"  (95 %: {found['low']:.3f} to {found['high']:.3f})" if found else ""
