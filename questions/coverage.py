"""The coverage of a bank on paper: what it asks about each concept, and how its questions are spread, as Markdown.

Pure: the same files always give the same text, so a test can compare it with the document in docs/.
"""

from collections.abc import Callable, Iterator, Sequence

from questions.bankfiles import Bank, BankQuestion
from questions.bankformat import BankTopic
from questions.concepts import Concept, ConceptList, uncovered
from questions.content import Content, Difficulty, Format, Kind

COMMAND = "python manage.py bank_coverage --write docs/bank-coverage.md"
# From the document to the files it links to.
BANK_FROM_DOCUMENT = "../questions/bank"

_Column = tuple[str, Callable[[Content], bool]]


def coverage_document(bank: Bank, concepts: ConceptList) -> str:
    """Return the whole document, ending in one line break."""
    return "\n".join(_lines(bank, concepts)).rstrip() + "\n"


def _lines(bank: Bank, concepts: ConceptList) -> Iterator[str]:
    areas = sorted((topic for topic in bank.topics if topic.area is None), key=lambda area: area.order)
    yield "# What the question bank covers"
    yield ""
    yield "Written from the bank's own files; do not edit it, but run:"
    yield ""
    yield f"    {COMMAND}"
    yield ""
    yield from _concept_figures(bank, concepts)
    yield from _spread(bank.questions, areas)
    for area in areas:
        yield from _area(area, bank.questions, concepts)


def _concept_figures(bank: Bank, concepts: ConceptList) -> Iterator[str]:
    missing = uncovered(concepts, bank.questions)
    named = sum(bool(concept.documents) for concept in concepts.concepts)
    yield "## Concepts"
    yield ""
    yield (
        f"{len(concepts.concepts)} concepts: {named} named in the source documents and"
        f" {len(concepts.concepts) - named} that interviewers ask beyond them. A question tests a concept when it"
        f" carries it as a tag. Concepts without question: {len(missing)}."
    )
    yield ""
    yield "| Document | What it is | Concepts it names |"
    yield "|---|---|---:|"
    for letter, description in concepts.documents.items():
        count = sum(letter in concept.documents for concept in concepts.concepts)
        yield f"| {letter} | {_cell(description)} | {count} |"
    yield ""
    if missing:
        yield "Without question: " + ", ".join(f"`{concept.key}`" for concept in missing) + "."
        yield ""


def _columns() -> list[_Column]:
    """Return the kinds, with the open questions by their formats, and the difficulties."""
    choices = [kind for kind in Kind if kind != Kind.OPEN]
    return [
        ("questions", lambda content: True),
        *((kind.value, lambda content, kind=kind: content.kind == kind) for kind in choices),
        *((f.value, lambda content, f=f: content.kind == Kind.OPEN and content.format == f) for f in Format),
        *((level.value, lambda content, level=level: content.difficulty == level) for level in Difficulty),
    ]


def _spread(questions: Sequence[BankQuestion], areas: Sequence[BankTopic]) -> Iterator[str]:
    columns = _columns()
    yield "## Questions"
    yield ""
    yield "Choices and numbers by their kind, open questions by their format, and all by their difficulty."
    yield ""
    yield "| Area | " + " | ".join(name for name, _fits in columns) + " |"
    yield "|---|" + "---:|" * len(columns)
    for area in areas:
        yield _spread_row(area.name, [q.content for q in questions if q.area == area.slug], columns)
    yield _spread_row("All", [q.content for q in questions], columns)
    yield ""


def _spread_row(name: str, contents: Sequence[Content], columns: Sequence[_Column]) -> str:
    counts = (sum(fits(content) for content in contents) for _name, fits in columns)
    return f"| {_cell(name)} | " + " | ".join(map(str, counts)) + " |"


def _area(area: BankTopic, questions: Sequence[BankQuestion], concepts: ConceptList) -> Iterator[str]:
    yield f"## {area.name}"
    yield ""
    yield "| Concept | Named in | Questions |"
    yield "|---|---|---|"
    for concept in concepts.concepts:
        if concept.area == area.slug:
            yield _concept_row(concept, [q for q in questions if concept.key in q.content.tags])
    yield ""


def _concept_row(concept: Concept, questions: Sequence[BankQuestion]) -> str:
    ordered = sorted(questions, key=lambda question: question.path)
    links = "<br>".join(f"[{_cell(q.content.title)}]({BANK_FROM_DOCUMENT}/{q.path})" for q in ordered)
    return f"| {_cell(concept.name)} (`{concept.key}`) | {' '.join(concept.documents) or '–'} | {links or '**none**'} |"


def _cell(text: str) -> str:
    """Return `text` so that it stays one cell, and its brackets stay text."""
    text = " ".join(text.split()).replace("\\", "\\\\")
    for mark in "|[]":
        text = text.replace(mark, f"\\{mark}")
    return text
