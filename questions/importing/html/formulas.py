"""MathML as LaTeX, for formulas that do not bring theirs along; also as the Wiris editor hides it in text.

Knows the elements that presentation formulas are made of. Of others it keeps what is inside, and says that it had to.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_FUNCTIONS = (
    "arccos arcsin arctan arg cos cosh cot det dim exp gcd inf ker lim ln log max min sec sin sinh sup tan tanh"
)
_NAMES = frozenset(_FUNCTIONS.split())
_SPECIAL = re.compile(r"([%#&_{}])")
_ACCENTS = {
    "¯": "overline",
    "‾": "overline",
    "_": "overline",
    "^": "hat",
    "˜": "tilde",
    "→": "vec",
    "˙": "dot",
    "~": "tilde",
}
_SPACED = re.compile(r"\\[A-Za-z]+\Z")
_WIRIS = {"«": "<", "»": ">", "¨": '"', "§": "&", "`": "'"}


@dataclass(slots=True)
class Node:
    tag: str
    children: "list[Node | str]" = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def parts(self) -> "list[Node]":
        return [child for child in self.children if isinstance(child, Node)]


def latex_of(node: Node, unknown: set[str]) -> str:
    """Return a formula as LaTeX; elements that have no counterpart are added to `unknown`."""
    return _row(node, unknown).strip()


def _row(node: Node, unknown: set[str]) -> str:
    written = ""
    for child in node.parts:
        piece = _one(child, unknown)
        # A command ends where a letter does not follow.
        written += f" {piece}" if piece[:1].isalpha() and _SPACED.search(written) else piece
    return written


def _one(node: Node, unknown: set[str]) -> str:
    if write := _LEAVES.get(node.tag):
        return write(" ".join(node.text.split()))
    if node.tag in _LAYOUTS:
        count, write_parts = _LAYOUTS[node.tag]
        parts = [_one(part, unknown) for part in node.parts]
        if len(parts) == count:
            return write_parts(*parts)
    if node.tag == "mtable":
        rows = (" & ".join(_row(cell, unknown) for cell in row.parts) for row in node.parts)
        return "\\begin{matrix}" + " \\\\ ".join(rows) + "\\end{matrix}"
    if node.tag == "msqrt":
        return f"\\sqrt{{{_row(node, unknown)}}}"
    if node.tag not in _ROWS:
        unknown.add(node.tag)
    return _row(node, unknown) if node.parts else _operator(node.text.strip())


def _name(text: str) -> str:
    if text in _NAMES:
        return f"\\{text}"
    return _operator(text) if len(text) <= 1 else f"\\mathrm{{{_operator(text)}}}"


def _operator(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.replace("\\", "\\backslash ").replace("$", ""))


def _words(text: str) -> str:
    return f"\\text{{{_operator(text)}}}" if text else ""


def _accent(base: str, over: str) -> str:
    name = _ACCENTS.get(over.strip())
    return f"\\{name}{{{base}}}" if name else f"\\overset{{{over}}}{{{base}}}"


_LEAVES: dict[str, Callable[[str], str]] = {
    "mi": _name,
    "mn": _operator,
    "mo": _operator,
    "mtext": _words,
    "ms": _words,
    "mspace": lambda _text: "\\;",
}
_LAYOUTS: dict[str, tuple[int, Callable[..., str]]] = {
    "mfrac": (2, lambda above, below: f"\\frac{{{above}}}{{{below}}}"),
    "msup": (2, lambda base, over: f"{{{base}}}^{{{over}}}"),
    "msub": (2, lambda base, under: f"{{{base}}}_{{{under}}}"),
    "msubsup": (3, lambda base, under, over: f"{{{base}}}_{{{under}}}^{{{over}}}"),
    "munderover": (3, lambda base, under, over: f"{{{base}}}_{{{under}}}^{{{over}}}"),
    "munder": (2, lambda base, under: f"{{{base}}}_{{{under}}}"),
    "mover": (2, _accent),
    "mroot": (2, lambda base, index: f"\\sqrt[{index}]{{{base}}}"),
}
_ROWS = frozenset({"math", "mrow", "mstyle", "mpadded", "semantics", "mtr", "mtd", "mphantom", "mfenced"})


def without_wiris(html: str) -> str:
    """Return `html` with the MathML that Wiris writes between «guillemets» as MathML."""
    parts, position = [], 0
    while (start := html.find("«math", position)) >= 0:
        end = html.find("«/math»", start)
        if end < 0:
            break
        end += len("«/math»")
        formula = html[start:end]
        for mark, meant in _WIRIS.items():
            formula = formula.replace(mark, meant)
        parts += [html[position:start], formula]
        position = end
    return "".join([*parts, html[position:]])
