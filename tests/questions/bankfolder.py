"""Small banks on disk for the tests of reading and loading."""

from pathlib import Path

from questions.bankformat import write_question
from questions.content import Content
from tests.factories import make_content

AREA = """\
name: Evaluation
order: 6
description: Choosing how to measure.
topics:
  metrics:
    name: Metrics
    description: Which number.
  validation:
    name: Validation
    description: Which data.
"""


def write_area(root: Path, area: str = "evaluation", text: str = AREA) -> None:
    (root / area).mkdir(parents=True, exist_ok=True)
    (root / area / "area.yaml").write_text(text)


def write_file(root: Path, path: str, content: Content | str | bytes | None = None) -> Path:
    """Write a question's file below `root`; its content may be given whole, as text, or as bytes."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    content = make_content(title=f"About {file.stem}") if content is None else content
    text = write_question(content) if isinstance(content, Content) else content
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def write_bank(root: Path, *slugs: str, topic: str = "metrics") -> Path:
    """Write a bank of one area with a question per slug, and return its folder."""
    write_area(root)
    for slug in slugs:
        write_file(root, f"evaluation/{topic}/{slug}.md")
    return root
