"""Markdown with formulas, code and small drawings, rendered to safe HTML.

For texts of the bank only, never for a candidate's answer. Raw HTML is off, formulas become MathML, a fence `svg` is
drawn, and whatever comes out passes one allow-list at the end, so that no plugin has to be trusted. Bad input is shown
as it was written.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from html import escape, unescape
from typing import Any
from xml.etree import ElementTree

import nh3
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.safestring import SafeString, mark_safe
from latex2mathml.converter import Converter
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

MAX_FORMULA_LENGTH = 2_000
# Of the five hundred lexers some take time that grows with the square of the code; the bank needs no more than these.
HIGHLIGHTED_LANGUAGES = frozenset({"bash", "dockerfile", "json", "python", "r", "sql", "yaml"})
MAX_HIGHLIGHTED_LENGTH = 4_096
# A page's own headings are h1 and h2.
_HIGHEST_HEADING = 3


@lru_cache(maxsize=1024)
def render(text: str) -> SafeString:
    """Return `text` as HTML blocks, to be put inside an element of class `prose`."""
    return _clean(_MARKDOWN.render(text))


@lru_cache(maxsize=2048)
def render_inline(text: str) -> SafeString:
    """Return one line of Markdown as HTML without a paragraph around it: for choices, key points and titles."""
    return _clean(_MARKDOWN.renderInline(text))


@lru_cache(maxsize=512)
def render_code(code: str, language: str) -> SafeString:
    """Return a program as a block with its words coloured, as a fence of that language would be."""
    return _clean(_code_block(code, language))


# The allow-list

_MATHML = """
    math mrow mi mn mo mtext mspace mfrac msqrt mroot mstyle msub msup msubsup munder mover munderover
    mtable mtr mtd mpadded mphantom menclose
"""
_MATHML_ATTRIBUTES = """
    accent accentunder columnalign columnlines columnspacing depth display displaystyle fence form height largeop
    linethickness lspace mathvariant maxsize minsize movablelimits notation rowlines rowspacing rspace scriptlevel
    separator stretchy symmetric voffset width
"""
_HTML = """
    p br hr h3 h4 h5 h6 blockquote ul ol li strong em s code pre span div a table thead tbody tr th td
"""
_SVG = """
    svg g title desc path line polyline polygon rect circle ellipse text tspan
"""
# No colours, styles or references: a drawing takes its colours from the page's classes, in the light and in the dark.
_SVG_ATTRIBUTES = """
    viewBox role class d x y x1 y1 x2 y2 dx dy cx cy r rx ry width height points transform text-anchor
    dominant-baseline stroke-width stroke-dasharray
"""
_CLEANER = nh3.Cleaner(
    tags={*_HTML.split(), *_MATHML.split(), *_SVG.split()},
    clean_content_tags={"script", "style"},
    attributes={
        **{tag: set(_MATHML_ATTRIBUTES.split()) for tag in _MATHML.split()},
        **{tag: set(_SVG_ATTRIBUTES.split()) for tag in _SVG.split()},
        "a": {"href", "title"},
        "ol": {"start"},
        "th": {"class"},
        "td": {"class"},
        "code": {"class"},
        "span": {"class", "tabindex"},
        "pre": {"class", "tabindex"},
        "div": {"class", "tabindex"},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer",
)

# Within a drawing nothing else is let through: HTML there could take any class, and so the look, of the page around.
_DRAWING_CLEANER = nh3.Cleaner(
    tags=set(_SVG.split()),
    clean_content_tags={"script", "style"},
    attributes={tag: set(_SVG_ATTRIBUTES.split()) for tag in _SVG.split()},
)


def _clean(html: str) -> SafeString:
    return mark_safe(_CLEANER.clean(html))  # noqa: S308  this is what makes it safe


# Formulas

_DEFINITIONS = re.compile(r"\\(?:(?:re)?new|provide)(?:command|environment)|\\(?:g|e|x)?def\b|\\let\b|\\DeclareMath")
_ARITY = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "mroot": 2, "msubsup": 3, "munderover": 3}


def _formula(latex: str, options: dict[str, Any]) -> str:
    block = bool(options.get("display_mode"))
    try:
        return _mathml(latex, display="block" if block else "inline")
    except Exception:  # the converter raises whatever its parser trips over, and a page must not fail for it
        fence = "$$" if block else "$"
        return f'<code class="math-source">{escape(fence + latex + fence)}</code>'


def _mathml(latex: str, *, display: str) -> str:
    """Return `latex` as MathML. Raises ValueError for what it does not fully understand, and anything else besides."""
    if len(latex) > MAX_FORMULA_LENGTH or _DEFINITIONS.search(latex):
        raise ValueError("too long, or it defines commands, which can grow without bound")
    tree = Converter(display=display).convert_to_element(latex)
    tree.attrib.pop("xmlns", None)
    for element in tree.iter():
        # The converter writes characters as entities and counts on nobody escaping them; we do, so they go first.
        element.text = unescape(element.text or "")
        if element.text.startswith("\\") or len(element) != _ARITY.get(element.tag, len(element)):
            raise ValueError("an unknown command, or an incomplete one")
        _spell_out_variant(element)
    return ElementTree.tostring(tree, encoding="unicode")


def _spell_out_variant(element: ElementTree.Element) -> None:
    """Use the Unicode letters for bold and the like: browsers dropped `mathvariant` but for `normal`."""
    variant = element.attrib.get("mathvariant", "normal")
    if variant != "normal":
        del element.attrib["mathvariant"]
        style = variant.replace("-", " ").upper()
        element.text = "".join(_mathematical(character, style) for character in element.text or "")


def _mathematical(character: str, style: str) -> str:
    name = re.sub(r"^(LATIN|GREEK) (SMALL|CAPITAL) LETTER ", r"\2 ", unicodedata.name(character, ""))
    try:
        return unicodedata.lookup(f"MATHEMATICAL {style} {name}")
    except KeyError:
        return character


# Markdown


def _fence(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    """Highlight a code block. It can be scrolled sideways, so the keyboard must reach it."""
    code, language = tokens[idx].content, tokens[idx].info.strip().split(" ")[0]
    if language == "svg" and (drawing := _drawing(code)):
        return drawing
    return _code_block(code, language)


def _code_block(code: str, language: str) -> str:
    if language in HIGHLIGHTED_LANGUAGES and len(code) <= MAX_HIGHLIGHTED_LENGTH:
        body = highlight(code, get_lexer_by_name(language, stripnl=False), _FORMATTER)
    else:
        body = escape(code)
    return f'<pre class="code" tabindex="0"><code>{body}</code></pre>\n'


def _drawing(code: str) -> str | None:
    """Return `code` as a figure, or None if it is not one drawing that says in its title what it shows."""
    try:
        root = fromstring(code)
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        return None
    title = next((element for element in root.iter() if element.tag.rpartition("}")[2] == "title"), None)
    if root.tag.rpartition("}")[2] != "svg" or title is None or not (title.text or "").strip():
        return None
    return f'<div class="figure">{_DRAWING_CLEANER.clean(code)}</div>\n'


def _image(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    """Show an image's description only: no page loads anything from elsewhere."""
    return escape(self.renderInlineAsText(tokens[idx].children, options, env))


def _display_formula(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    """Give a formula of its own line an element that scrolls: it may be wider than a phone."""
    tag = "span" if tokens[idx].type == "math_inline_double" else "div"
    formula = _formula(tokens[idx].content.strip(), {"display_mode": True})
    return f'<{tag} class="math-block" tabindex="0">{formula}</{tag}>'


def _table_open(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    return '<div class="table-scroll" tabindex="0"><table>\n'


def _table_close(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    return "</table></div>\n"


def _heading(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    level = max(int(tokens[idx].tag[1:]), _HIGHEST_HEADING)
    return f"<h{level}>" if tokens[idx].nesting == 1 else f"</h{level}>\n"


def _cell(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    """Give a cell its alignment as a class: the parser writes a style attribute, which the pages' policy forbids."""
    token = tokens[idx]
    align = re.search(r"right|center", str(token.attrs.get("style", "")))
    return f'<{token.tag} class="align-{align[0]}">' if align else f"<{token.tag}>"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Amounts of money are no formulas: “$5 or $10” stays as it is.
    dollarmath_plugin(
        parser, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True, renderer=_formula
    )
    for name, rule in {
        "fence": _fence,
        "code_block": _fence,
        "image": _image,
        "math_block": _display_formula,
        "math_inline_double": _display_formula,
        "table_open": _table_open,
        "table_close": _table_close,
        "heading_open": _heading,
        "heading_close": _heading,
        "th_open": _cell,
        "td_open": _cell,
    }.items():
        parser.add_render_rule(name, rule)
    return parser


_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True, classprefix="c-")
_MARKDOWN = _parser()
