"""Our Markdown as XHTML for other programs: well-formed, without our classes, styles and scripts.

Owns what becomes of formulas, code, drawings and pictures there. Raw HTML in a text stays text, as on our pages.
"""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin

from interviewprep.markdown import render, render_inline
from questions.exporting.phrases import writable

MATHML = "http://www.w3.org/1998/Math/MathML"
Formula = Callable[[str, bool], str]


def tex(latex: str, display: bool) -> str:
    """Return a formula as MathJax reads it."""
    left, right = ("\\[", "\\]") if display else ("\\(", "\\)")
    return escape(f"{left}{latex}{right}", quote=False)


def mathml(latex: str, display: bool) -> str:
    """Return a formula as MathML that holds its LaTeX too; as LaTeX alone where it cannot be converted."""
    html = render_inline(f"$${latex}$$" if display else f"${latex}$")
    start, end = html.find("<math"), html.rfind("</math>")
    if start < 0 or end < 0:
        return tex(latex, display)
    try:
        root = fromstring(html[start:end].replace("&nbsp;", "\xa0") + "</math>")
    except ElementTree.ParseError:
        return tex(latex, display)
    row = "".join(ElementTree.tostring(child, encoding="unicode") for child in root)
    annotation = f'<annotation encoding="application/x-tex">{escape(latex, quote=False)}</annotation>'
    kind = "block" if display else "inline"
    return f'<math xmlns="{MATHML}" display="{kind}"><semantics><mrow>{row}</mrow>{annotation}</semantics></math>'


def _drawn(code: str) -> str:
    """Return a drawing as our pages show it, or as code where they would not."""
    html = render(f"```svg\n{code}\n```")
    return str(html) if html.startswith('<div class="figure">') else _code(code, "svg")


def _code(code: str, language: str) -> str:
    name = f' class="language-{escape(language)}"' if language else ""
    return f"<pre><code{name}>{escape(code, quote=False)}</code></pre>\n"


class Xhtml:
    """A way to write Markdown: how formulas are written, and whether drawings are drawn or stay code."""

    def __init__(self, *, formula: Formula, drawings: bool) -> None:
        self.formula, self.drawings = formula, drawings
        self.parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable(["table", "strikethrough"])
        dollarmath_plugin(
            self.parser,
            allow_labels=False,
            allow_space=False,
            allow_digits=False,
            double_inline=True,
            renderer=self._rendered,
        )
        for name, rule in {
            "fence": self._fence,
            "code_block": self._fence,
            "image": _image,
            "math_block": self._display,
            "math_inline_double": self._display,
            "th_open": _cell,
            "td_open": _cell,
            "ordered_list_open": _ordered,
        }.items():
            # The parser binds its rules to the renderer: a plain function takes that for its first argument.
            self.parser.add_render_rule(name, _unbound(rule))

    def block(self, text: str) -> str:
        """Return Markdown as blocks."""
        return str(self.parser.render(writable(text))).strip()

    def inline(self, text: str) -> str:
        """Return one line of Markdown without a paragraph around it."""
        return str(self.parser.renderInline(writable(text))).strip()

    def _rendered(self, latex: str, options: dict[str, Any]) -> str:
        return self.formula(latex.strip(), bool(options.get("display_mode")))

    def _display(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        formula = self.formula(tokens[idx].content.strip(), True)
        return f"<p>{formula}</p>\n" if tokens[idx].type == "math_block" else formula

    def _fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        language = tokens[idx].info.strip().split(" ")[0]
        if language == "svg" and self.drawings:
            return _drawn(tokens[idx].content)
        return _code(tokens[idx].content, language)


def _unbound(rule: Callable[[Sequence[Token], int, OptionsDict, EnvType], str]) -> Callable[..., str]:
    def bound(_self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return rule(tokens, idx, options, env)

    return bound


def _image(tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    """Write a picture's words: none of the places a text goes to has the picture."""
    return escape(tokens[idx].content)


def _cell(tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    align = re.search(r"right|center", str(tokens[idx].attrs.get("style", "")))
    return f'<{tokens[idx].tag} class="align-{align[0]}">' if align else f"<{tokens[idx].tag}>"


def _ordered(tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    return "<ol>\n"
