"""Marks the words of an answer that a verdict rests on. Owns the one place where an answer becomes HTML.

Pure text in, escaped HTML out; it never decides what is evidence, and everything it did not write itself is escaped.
"""

from collections.abc import Iterable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

Span = tuple[int, int, str]


def highlight(body: str, spans: Iterable[Span], doubtful: Iterable[Span] = ()) -> SafeString:
    """Return `body` escaped, with each span `(start, end, label)` inside a `<mark>` whose title is the label.

    `start` and `end` are offsets into `body`, as in `grading.Verdict`. Spans that overlap become one mark with both
    labels; a span that lies outside the text (a verdict without evidence has -1, -1) marks nothing. `doubtful` spans
    are marked as such, also inside of the others. Line ends stay as they are: show the result in a `.answer` block,
    which keeps them.
    """
    doubts = merged(doubtful, length=len(body))
    rest = [piece for span in merged(spans, length=len(body)) for piece in _without(span, doubts)]
    marks = sorted([(*span, False) for span in rest] + [(*span, True) for span in doubts])
    pieces: list[str] = []
    position = 0
    for start, end, label, is_doubtful in marks:
        pieces.append(escape(body[position:start]))
        pieces.append(_mark(body[start:end], label, is_doubtful=is_doubtful))
        position = end
    pieces.append(escape(body[position:]))
    return mark_safe("".join(pieces))  # noqa: S308  every piece was escaped above


def _without(span: Span, cut: Iterable[Span]) -> list[Span]:
    """Return what is left of a span beside those of `cut`, which are in order and apart."""
    start, end, label = span
    left: list[Span] = []
    for cut_start, cut_end, _ in cut:
        if cut_end <= start or cut_start >= end:
            continue
        if cut_start > start:
            left.append((start, cut_start, label))
        start = cut_end
    return [*left, (start, end, label)] if start < end else left


def merged(spans: Iterable[Span], *, length: int) -> list[Span]:
    """Return the spans in order, cut to the text, with overlapping ones joined; labels are kept once each."""
    result: list[tuple[int, int, list[str]]] = []
    for start, end, label in sorted(span for span in spans if span[0] >= 0):
        if (end := min(end, length)) <= start:
            continue
        if result and start < result[-1][1]:
            first, last, labels = result[-1]
            result[-1] = (first, max(last, end), labels if label in labels else [*labels, label])
        else:
            result.append((start, end, [label]))
    return [(start, end, "; ".join(filter(None, labels))) for start, end, labels in result]


def _mark(text: str, label: str, *, is_doubtful: bool) -> str:
    title = format_html(' title="{}"', label) if label else ""
    return format_html('<mark class="doubtful"{}>{}</mark>' if is_doubtful else "<mark{}>{}</mark>", title, text)
