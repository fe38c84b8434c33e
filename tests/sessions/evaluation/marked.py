"""A small file of marked answers, written for these tests."""

from collections.abc import Sequence
from pathlib import Path

HEADER = ("set", "question_id", "question", "reference_answer", "student_answer", "score_avg")
GATE = ("gate", "Why does the canal gate open by itself?", "The rising water lifts the float that pulls the bolt.")
BREAD = (
    "bread",
    "Why does dough rise?",
    "Yeast turns sugar into gas, and gluten traps it. ¶ Warmth helps yeast.",
)

ROWS: Sequence[tuple[str, ...]] = (
    ("t", *GATE, "The water rises and lifts the float, which pulls the bolt.", "5"),
    ("t", *GATE, "Rising water lifts a float that pulls the bolt out", "4.5"),
    ("t", *GATE, "The float goes up with the water.", "2"),
    ("t", *GATE, "Somebody has a key.", "0"),
    ("t", *GATE, "I do not know", "0"),
    ("t", *BREAD, "Yeast turns the sugar into gas ¶ and gluten traps this gas. Warmth helps.", "5"),
    ("t", *BREAD, "Yeast makes gas from sugar.", "2.5"),
    ("t", *BREAD, "", "0"),
)


def write_marked(path: Path, rows: Sequence[Sequence[str]] = ROWS, header: Sequence[str] = HEADER) -> Path:
    path.write_text("".join("\t".join(row) + "\n" for row in (header, *rows)), encoding="utf-8")
    return path
