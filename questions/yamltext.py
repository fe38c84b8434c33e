"""YAML as people write it by hand: plain data, and the line of every value for the messages about it.

Reads events, not objects, so nesting is bounded, nothing is ever constructed, and what a data file has no use for
(aliases, tags, several documents, a name given twice) is refused with its line instead of guessed at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

MAX_DEPTH = 10


class YamlError(ValueError):
    """The text is not the YAML we read. `line` counts from 1 and includes the `first_line` given to `load`."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(frozen=True, slots=True)
class Located:
    """Plain data, and where its parts are: `lines` maps paths such as `choices[2].explanation` to lines."""

    data: Any
    lines: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, path: str, default: int = 1) -> int:
        """Return the line of `path`, or of the nearest thing around it when it is not in the text."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return default


def load(text: str, *, first_line: int = 1) -> Located:
    """Return the data in `text` with its lines, counted from `first_line`. Raises YamlError."""
    reader = _Reader(first_line)
    try:
        return reader.read(iter(yaml.parse(text, Loader=yaml.CSafeLoader)))
    except yaml.MarkedYAMLError as error:
        mark = _where(error)
        line = first_line + (mark.line if mark else 0)
        raise YamlError(line, _("is not valid YAML: %s") % (error.problem or error.context)) from error
    except yaml.YAMLError as error:
        raise YamlError(first_line, _("is not valid YAML: %s") % error) from error


# What is noticed missing only further down, often at the very end, belongs to where it was begun.
_BEGUN = ("while scanning a quoted scalar", "while scanning a simple key", "while parsing a flow")


def _where(error: yaml.MarkedYAMLError) -> Any:
    if error.context_mark and str(error.context).startswith(_BEGUN):
        return error.context_mark
    return error.problem_mark or error.context_mark


class _Reader:
    def __init__(self, first_line: int) -> None:
        self._first_line = first_line
        self._lines: dict[str, int] = {}
        self._scalars = yaml.SafeLoader("")

    def read(self, events: Iterator[yaml.Event]) -> Located:
        data, documents = None, 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise YamlError(self._line(event), _("only one document is expected here"))
            elif isinstance(event, yaml.NodeEvent):
                data = self._value(event, events, "", 0)
        return Located(data, self._lines)

    def _line(self, event: yaml.Event) -> int:
        return self._first_line + (event.start_mark.line if event.start_mark else 0)

    def _value(self, event: yaml.NodeEvent, events: Iterator[yaml.Event], path: str, depth: int) -> Any:
        self._lines.setdefault(path, self._line(event))
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise YamlError(self._line(event), _("anchors and aliases (& and *) are not used here; put it in quotes"))
        if depth > MAX_DEPTH:
            raise YamlError(self._line(event), _("is nested too deeply"))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if getattr(event, "tag", None):
            raise YamlError(self._line(event), _("tags (!) are not used here; put it in quotes"))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path, depth)
        return self._mapping(events, path, depth)

    def _sequence(self, events: Iterator[yaml.Event], path: str, depth: int) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            assert isinstance(event, yaml.NodeEvent)
            items.append(self._value(event, events, f"{path}[{len(items) + 1}]", depth + 1))
        return items

    def _mapping(self, events: Iterator[yaml.Event], path: str, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlError(self._line(event), _("a name must be plain text"))
            name = event.value
            if name in items:
                raise YamlError(self._line(event), _("“%s” is given twice") % name)
            below = f"{path}.{name}" if path else name
            self._lines[below] = self._line(event)
            items[name] = self._value(_node(next(events)), events, below, depth + 1)
        return items

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        if event.tag:
            raise YamlError(self._line(event), _("tags (!) are not used here; put it in quotes"))
        tag = self._scalars.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]  # not in the stubs
        try:
            return self._scalars.construct_object(yaml.ScalarNode(tag, event.value))
        except (ValueError, OverflowError, yaml.YAMLError) as error:
            raise YamlError(self._line(event), _("“%s” cannot be read; put it in quotes") % event.value) from error


def _node(event: yaml.Event) -> yaml.NodeEvent:
    assert isinstance(event, yaml.NodeEvent)
    return event


class _Dumper(yaml.SafeDumper):
    """Indents lists below their name, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """Quote what YAML takes for a line end, so that it comes back as it was; keep several lines as they look."""
        strange = any(mark in data for mark in "\x85\u2028\u2029")
        style = '"' if strange else "|" if "\n" in data else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _Dumper.represent_str)


def dump(data: Any) -> str:
    """Return `data` as block YAML that `load` reads back unchanged."""
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))
