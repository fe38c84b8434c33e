"""The shape of the code: imports go one way, and only certain modules may ask what time it is or write state."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("interviewprep", "questions", "sessions")

# From the ground up: a module may import from its own layer and from those before it.
LAYERS = [
    ["interviewprep.accounts.addresses", "interviewprep.addresses"],
    ["interviewprep.database", "interviewprep.accounts.models", "interviewprep.accounts.people"],
    [
        "interviewprep.markdown",
        "interviewprep.http",
        "interviewprep.uploads",
        "interviewprep.celery",
        "interviewprep.settings",
    ],
    ["interviewprep.accounts"],
    ["questions"],
    ["sessions.clock", "sessions.deltas", "sessions.isotonic"],
    ["sessions.models"],
    ["sessions.plans", "sessions.composing", "sessions.highlighting"],
    ["sessions.lifecycle"],
    ["sessions.adoption"],
    ["sessions.grading", "sessions.mastery"],
    ["sessions.levels"],
    ["sessions.scoring", "sessions.item_analysis", "sessions.bank_quality"],
    ["sessions.evaluation"],
    ["sessions.opinions"],
    ["sessions.reports", "sessions.reviews", "sessions.charts", "sessions.history", "sessions.growth"],
    ["sessions.item_statistics", "sessions.item_health", "sessions.proposals", "sessions.rescoring"],
    ["sessions.bounds", "sessions.calendars", "sessions.invitations"],
    ["sessions.scheduling"],
    ["sessions.own_plans", "sessions.plan_preview", "sessions.composer_forms"],
    ["sessions.tasks"],
    ["sessions", "interviewprep.demo"],
    ["interviewprep"],
]


def layer_of(module: str) -> int:
    """Return the layer of the longest name in LAYERS that `module` is or lies below."""
    fits = [
        (len(name), number)
        for number, names in enumerate(LAYERS)
        for name in names
        if module == name or module.startswith(name + ".")
    ]
    return max(fits)[1]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def sources() -> list[Path]:
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def imported(path: Path) -> Iterator[str]:
    """Yield the full names of our own modules that `path` imports, whatever form the import has."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if name.split(".")[0] in PACKAGES)


def test_the_walk_finds_the_code() -> None:
    names = {module_name(path) for path in sources()}
    assert {"sessions.lifecycle", "questions.models", "interviewprep.accounts.models"} <= names
    assert "sessions.models.InterviewPlan" in set(imported(ROOT / "sessions" / "lifecycle" / "starting.py"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    own = layer_of(module_name(path))
    upward = [name for name in imported(path) if layer_of(name) > own]
    assert upward == []


# Views, tasks and commands take the time; everything else is handed it.
MAY_ASK_THE_TIME = {"interviewprep/http.py", "questions/tasks.py", "sessions/tasks.py"}


def asks_the_time(path: Path) -> bool:
    """Whether `path` calls timezone.now() or time.time() itself; a model's `default=timezone.now` does not."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if (owner, node.func.attr) in {("timezone", "now"), ("time", "time"), ("datetime", "now")}:
                return True
    return False


def test_only_the_edge_asks_what_time_it_is() -> None:
    askers = {
        str(path.relative_to(ROOT))
        for path in sources()
        if asks_the_time(path) and not {"management", "embedded", "views"} & set(path.parts)
    }
    assert askers <= MAY_ASK_THE_TIME


def test_views_use_the_arrival_time_of_the_request() -> None:
    views = [path for path in sources() if "views" in path.parts or path.name == "views.py"]
    assert [path for path in views if asks_the_time(path)] == []


def test_pages_publish_through_the_rules_of_curating_only() -> None:
    pages = [path for path in sources() if {"views", "admin"} & set(path.parts) or path.stem in {"views", "admin"}]
    assert ROOT / "questions" / "admin" / "versions.py" in pages
    assert [path for path in pages for name in imported(path) if name.startswith("questions.publishing")] == []
