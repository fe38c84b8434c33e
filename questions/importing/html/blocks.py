"""Blocks on their way from HTML to Markdown: paragraphs, headings, lists, quotes, code and tables.

Takes openings, runs and closings in the order of the page, and gives the text. Knows nothing of HTML's attributes.
"""

import re
from dataclasses import dataclass, field

from questions.importing.html.escaping import escaped_lines
from questions.importing.html.runs import LINE_BREAK, Run, code_span, markdown_of

_MAX_CONTAINERS = 8
_MAX_COLUMNS = 30
_LISTS = frozenset({"ul", "ol"})


@dataclass(slots=True)
class _Container:
    """A list, a list's item or a quote around what comes. `mark` begins its first line, `rest` the others."""

    tag: str
    mark: str = ""
    rest: str = ""
    number: int = 0
    begun: bool = False
    loose: bool = False  # a list whose items hold paragraphs


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    aligns: list[str] = field(default_factory=list)  # of the first row's cells
    in_cell: bool = False


@dataclass(slots=True)
class Blocks:
    flat: bool = False  # everything in one paragraph, code too
    lines: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    containers: list[_Container] = field(default_factory=list)
    heading: int = 0
    code: list[str] | None = None
    language: str = ""
    table: _Table | None = None
    tables: int = 0
    tight: bool = False

    @property
    def in_code(self) -> bool:
        return self.code is not None

    def text(self) -> str:
        self._paragraph()
        return "\n".join(line.rstrip() if not line.strip() else line for line in self.lines).strip("\n")

    def add(self, run: Run) -> None:
        if self.code is not None:
            self.code.append(run.text)
        else:
            self.runs.append(run)

    def line_break(self, run: Run) -> None:
        if self.code is not None:
            self.code.append("\n")
        elif self.flat or (self.table and self.table.in_cell):
            self.runs.append(Run(" "))
        else:
            while self.runs and not self.runs[-1].written and not self.runs[-1].text.strip():
                self.runs.pop()
            if self.runs and self.runs[-1] is LINE_BREAK:
                self._paragraph()
            else:
                self.runs.append(run)

    def name_language(self, name: str) -> None:
        self.language = self.language or name

    # Openings and closings

    def open(self, tag: str, *, start: str = "", language: str = "", align: str = "") -> None:
        if self.code is not None:
            return
        if self.flat:
            self._open_flat(tag)
        elif tag == "table":
            self._open_table()
        elif self.table:
            self._open_in_table(tag, align)
        else:
            self._paragraph()
            self._open_block(tag, start, language)

    def close(self, tag: str) -> None:
        if tag == "pre" and self.code is not None:
            self._code_ends()
        elif self.code is not None:
            return
        elif self.flat:
            self.runs.append(Run(" "))
        elif tag == "table":
            self._close_table()
        elif self.table:
            self._close_in_table(tag)
        else:
            self._paragraph()
            self._close_block(tag)

    def _open_flat(self, tag: str) -> None:
        if tag == "pre":
            self.code = []
        else:
            self.runs.append(Run(" "))

    def _open_block(self, tag: str, start: str, language: str) -> None:
        if tag == "pre":
            self.code, self.language = [], language
        elif re.fullmatch(r"h[1-6]", tag):
            self.heading = int(tag[1])
        elif tag == "hr":
            self._emit(["---"])
        elif tag in _LISTS:
            first = int(start) if start.isdecimal() and len(start) < 9 else 1
            self._push(_Container(tag, number=first - 1))
        elif tag == "li":
            self._push_item()
        elif tag == "p" and len(self.containers) > 1 and self.containers[-1].tag == "li":
            self.containers[-2].loose = True
        elif tag == "blockquote":
            self._push(_Container(tag, "> ", "> "))

    def _push(self, container: _Container) -> None:
        if sum(bool(one.rest) for one in self.containers) >= _MAX_CONTAINERS:
            container.mark = container.rest = ""
        self.containers.append(container)

    def _push_item(self) -> None:
        around = next((one for one in reversed(self.containers) if one.tag in _LISTS), None)
        mark = "- "
        if around and around.tag == "ol":
            around.number += 1
            mark = f"{around.number}. "
        self.tight = bool(around and around.begun and not around.loose)
        if around:
            around.number += around.tag == "ul"
            around.begun = True
        self._push(_Container("li", mark, " " * len(mark)))

    def _close_block(self, tag: str) -> None:
        if tag in {"ul", "ol", "li", "blockquote"}:
            while self.containers:
                container = self.containers.pop()
                if container.tag == tag:
                    break
        if re.fullmatch(r"h[1-6]", tag):
            self.heading = 0
        if tag in _LISTS:
            self.tight = False

    # Writing

    def _paragraph(self) -> None:
        runs, self.runs = self.runs, []
        text = markdown_of(runs)
        if not text:
            return
        if self.heading:
            # A page's own headings are above ours, and “## ” begins a section of a bank file.
            self._emit([f"{'#' * max(3, self.heading)} {' '.join(text.split())}"])
        else:
            self._emit(escaped_lines(text).split("\n"))

    def _emit(self, lines: list[str]) -> None:
        """Write one block inside the containers it is in, with an empty line before it unless its list is tight."""
        begins_item = any(one.tag == "li" and not one.begun for one in self.containers)
        if self.lines and not (begins_item and (self.tight or self._begins_nested_list())):
            begun = [one for one in self.containers if one.begun]
            self.lines.append("".join(one.rest for one in begun).rstrip())
        for line in lines:
            prefix = "".join(one.rest if one.begun else one.mark for one in self.containers)
            for one in self.containers:
                one.begun = True
            self.lines.append(prefix + line)
        self.tight = False

    def _begins_nested_list(self) -> bool:
        """Say whether this is the first item of a list inside a list, which follows its line directly."""
        lists = [one for one in self.containers if one.tag in _LISTS]
        return len(lists) > 1 and not (lists[-1].loose and lists[-1].number > 1)

    def _code_ends(self) -> None:
        code, self.code = "".join(self.code or ()), None
        code = code.replace("\r\n", "\n").replace("\xa0", " ").strip("\n").rstrip()
        if not code:
            return
        if self.flat:
            self.runs += [Run(" "), Run(code_span(code), written=True), Run(" ")]
            return
        longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
        fence = "`" * (longest + 1)
        self._emit([f"{fence}{self.language}", *code.split("\n"), fence])
        self.language = ""

    # Tables

    def _open_table(self) -> None:
        self.tables += 1
        if self.table is None:
            self._paragraph()
            self.table = _Table()

    def _open_in_table(self, tag: str, align: str) -> None:
        assert self.table is not None
        if tag == "tr" and self.tables == 1:
            self.table.rows.append([])
        elif tag in {"td", "th"} and self.tables == 1:
            self.runs, self.table.in_cell = [], True
            if len(self.table.rows) <= 1:
                self.table.aligns.append(align)
        else:
            self.runs.append(Run(" "))

    def _close_in_table(self, tag: str) -> None:
        assert self.table is not None
        if tag in {"td", "th"} and self.tables == 1:
            if not self.table.rows:
                self.table.rows.append([])
            self.table.rows[-1].append(" ".join(markdown_of(self.runs).split()).replace("|", "\\|"))
            self.runs, self.table.in_cell = [], False
        elif tag == "caption" and self.tables == 1:
            self.table.rows.append([" ".join(markdown_of(self.runs).split())])
            self.runs = []
        else:
            self.runs.append(Run(" "))

    def _close_table(self) -> None:
        self.tables = max(0, self.tables - 1)
        if self.tables or self.table is None:
            return
        aligns = self.table.aligns
        rows, self.table = [row for row in self.table.rows if any(row)], None
        width = max((len(row) for row in rows), default=0)
        if width > _MAX_COLUMNS or len(rows) < 2 or width < 2:
            for row in rows:
                self._emit(["  ".join(cell for cell in row if cell)])
            return
        full = [[*row, *[""] * (width - len(row))] for row in rows]
        head, *body = [f"| {' | '.join(row)} |" for row in full]
        marks = {"right": "---:", "center": ":---:"}
        sides = [marks.get(align, "---") for align in [*aligns, *[""] * width][:width]]
        self._emit([head, f"| {' | '.join(sides)} |", *body])
