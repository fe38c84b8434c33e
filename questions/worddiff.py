"""What changed between two versions, field by field and word by word, as data for a page to show.

Pure functions: two contents in, a list of changes out. Texts are compared as they were written, Markdown and all.

How: a text is cut into words, spaces and single marks. Where the two sides agree at the start and at the end, nothing
is compared; the middle goes through difflib's longest matching blocks, first line by line, and within lines that
differ word by word. A few words that happen to agree between two changes make a diff hard to read, so they are counted
as changed when the changes on both sides are longer than they are (the rule of "semantic cleanup" in Fraser's
diff-match-patch, on words). Texts too large to compare word by word are compared by lines only.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from typing import Any

from questions.content import Content

# Pairs of equal tokens to look at. Ordinary texts have a few thousand; one word repeated over and over has millions.
MAX_PAIRS = 1_000_000
FOLDED_FROM = 60  # an unchanged stretch of more words than this is folded,
CONTEXT = 15  # but for so many words beside a change.

_TOKEN = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Op(StrEnum):
    SAME = "same"
    FOLD = "fold"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text. FOLD is text that is the same on both sides and long enough to be folded away."""

    op: Op
    text: str

    @property
    def word_count(self) -> int:
        return len(re.findall(r"\w+", self.text))


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that says something else: what kind of change, and its text with both sides."""

    name: str
    item: str
    parts: tuple[Part, ...]

    @property
    def is_new(self) -> bool:
        return all(part.op is Op.ADDED for part in self.parts)

    @property
    def is_gone(self) -> bool:
        return all(part.op is Op.REMOVED for part in self.parts)


# --- Texts ----------------------------------------------------------------------------------------------------------


def diff_texts(old: str, new: str) -> list[Part]:
    """Return the parts of both texts in order: SAME and REMOVED give `old`, SAME and ADDED give `new`."""
    lines = _merged(_compared(_LINE.findall(old), _LINE.findall(new)))
    return _readable(part for stretch in _changed_together(lines) for part in _refined(stretch))


def _changed_together(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Yield each unchanged part alone, and what is removed and added between two of them together."""
    for is_same, group in groupby(parts, key=lambda part: part.op is Op.SAME):
        if is_same:
            yield from ([part] for part in group)
        else:
            yield list(group)


def _refined(stretch: Sequence[Part]) -> list[Part]:
    old = "".join(part.text for part in stretch if part.op is not Op.ADDED)
    new = "".join(part.text for part in stretch if part.op is not Op.REMOVED)
    if stretch[0].op is Op.SAME or not old or not new:
        return list(stretch)
    return _cleaned(_merged(_compared(_TOKEN.findall(old), _TOKEN.findall(new))))


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Part]:
    """Yield the differences of two sequences of tokens."""
    start, end = _shared_ends(old, new)
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    yield Part(Op.SAME, "".join(old[:start]))
    if _pairs(a, b) > MAX_PAIRS:
        yield Part(Op.REMOVED, "".join(a))
        yield Part(Op.ADDED, "".join(b))
    else:
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            if tag == "equal":
                yield Part(Op.SAME, "".join(a[i1:i2]))
            else:
                yield Part(Op.REMOVED, "".join(a[i1:i2]))
                yield Part(Op.ADDED, "".join(b[j1:j2]))
    yield Part(Op.SAME, "".join(old[len(old) - end :]))


def _shared_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return how many tokens the two share at the start, and how many of the others at the end."""
    shortest = min(len(old), len(new))
    start = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    left = shortest - start
    end = next((i for i in range(left) if old[-1 - i] != new[-1 - i]), left)
    return start, end


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    counts = Counter(old)
    return sum(counts[token] * times for token, times in Counter(new).items())


def _merged(parts: Iterator[Part]) -> list[Part]:
    """Return the parts without empty ones, equal neighbours in one, and what goes before what comes."""
    merged: list[Part] = []
    for is_same, group in groupby((part for part in parts if part.text), key=lambda part: part.op is Op.SAME):
        stretch = list(group)
        if is_same:
            merged.append(Part(Op.SAME, "".join(part.text for part in stretch)))
        else:
            for op in (Op.REMOVED, Op.ADDED):
                if text := "".join(part.text for part in stretch if part.op is op):
                    merged.append(Part(op, text))
    return merged


def _cleaned(parts: list[Part]) -> list[Part]:
    """Count short agreements between longer changes as changed."""
    stretches = list(_changed_together(parts))
    sizes = [max(len(_only(stretch, op)) for op in (Op.REMOVED, Op.ADDED)) for stretch in stretches]
    cleaned: list[Part] = []
    for number, stretch in enumerate(stretches):
        between = 0 < number < len(stretches) - 1 and stretch[0].op is Op.SAME
        text = stretch[0].text
        if between and (not text.strip() or len(text) <= min(sizes[number - 1], sizes[number + 1])):
            cleaned += [Part(Op.REMOVED, text), Part(Op.ADDED, text)]
        else:
            cleaned += stretch
    return _merged(iter(cleaned))


def _only(stretch: Sequence[Part], op: Op) -> str:
    return "".join(part.text for part in stretch if part.op is op)


# --- Folding --------------------------------------------------------------------------------------------------------


def _readable(parts: Iterator[Part]) -> list[Part]:
    """Return the parts with long unchanged stretches folded, but for the words beside a change."""
    merged = _merged(parts)
    folded: list[Part] = []
    for number, part in enumerate(merged):
        if part.op is Op.SAME and part.word_count > FOLDED_FROM:
            folded += _folded(part.text, is_first=number == 0, is_last=number == len(merged) - 1)
        else:
            folded.append(part)
    return folded


def _folded(text: str, *, is_first: bool, is_last: bool) -> list[Part]:
    words = list(re.finditer(r"\w+", text))
    start = 0 if is_first else words[CONTEXT].start()
    end = len(text) if is_last else words[-CONTEXT].start()
    pieces = [Part(Op.SAME, text[:start]), Part(Op.FOLD, text[start:end]), Part(Op.SAME, text[end:])]
    return [piece for piece in pieces if piece.text]


# --- Contents -------------------------------------------------------------------------------------------------------


def diff_contents(old: Content, new: Content) -> list[FieldChange]:
    """Return every field that says something else, in the order of a content's fields.

    Key points and choices are told apart by their keys, so that moving one is not rewriting all; what moved is said as
    an entry of its own, without a name.
    """
    before, after = _texts(old), _texts(new)
    for name in ("key_points", "choices"):
        before[name, ""], after[name, ""] = _orders(getattr(old, name), getattr(new, name))
    order = list(after) + [path for path in before if path not in after]
    fields = list(Content.model_fields)
    order.sort(key=lambda path: fields.index(path[0]))
    return [
        FieldChange(name, item, tuple(diff_texts(before.get((name, item), ""), after.get((name, item), ""))))
        for name, item in order
        if before.get((name, item), "") != after.get((name, item), "")
    ]


def _orders(old: Sequence[Any], new: Sequence[Any]) -> tuple[str, str]:
    """Return in which order the entries stand that both sides have."""
    before, after = [entry.key for entry in old], [entry.key for entry in new]
    shared = set(before) & set(after)
    return ", ".join(key for key in before if key in shared), ", ".join(key for key in after if key in shared)


def _texts(content: Content) -> dict[tuple[str, str], str]:
    """Return what a content says, as texts by field and, in fields with several entries, by entry."""
    texts: dict[tuple[str, str], str] = {}
    for name, value in content.model_dump(mode="json").items():
        if isinstance(value, Mapping):
            texts |= {(name, part): text for part, text in _parts_of(value)}
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            texts |= {(name, str(entry.get("key", n))): _lines(entry) for n, entry in enumerate(value, 1)}
        elif isinstance(value, list):
            texts[name, ""] = "\n".join(value)
        else:
            texts[name, ""] = "" if value is None else str(value)
    return texts


def _parts_of(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for part, inner in value.items():
        if isinstance(inner, list):
            yield part, "\n\n".join(_lines(entry) for entry in inner)
        else:
            yield part, str(inner)


def _lines(entry: Mapping[str, Any]) -> str:
    """Return one entry as lines: its text first, then what is said about it."""
    lines = []
    for name, value in entry.items():
        if name == "key":
            continue
        if isinstance(value, list):
            lines += [f"{name}:", *(f"- {line}" for line in value)]
        elif isinstance(value, Mapping):
            lines += [f"{name}:", _lines(value)]
        elif name == "text":
            lines.insert(0, str(value))
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines)
