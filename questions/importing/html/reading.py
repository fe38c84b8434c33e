"""HTML of other programs, cleaned and written as Markdown: paragraphs, lists, code, tables, pictures, formulas.

Owns which elements mean what. What Markdown has no place for is said in `left`, never dropped without a word. The time
is linear in the text: nesting is bounded before anything is parsed.
"""

import re
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import unquote

import nh3
from django.utils.translation import gettext as _

from questions.importing.html.blocks import Blocks
from questions.importing.html.escaping import escaped, formula
from questions.importing.html.formulas import Node, latex_of, without_wiris
from questions.importing.html.runs import LINE_BREAK, Run, Style

_MAX_NESTING = 200
_BLOCKS = """
    p div section article header footer main aside figure figcaption center address details summary dl dt dd form
"""
_INLINE = "a abbr b big br cite code del em font i img ins kbd mark q s samp small span strike strong sub sup tt u var"
_OTHER = "blockquote hr li ol ul pre h1 h2 h3 h4 h5 h6 table thead tbody tfoot tr th td caption colgroup col"
_FORMULAS = """
    math semantics annotation mrow mi mn mo mtext ms mspace msub msup msubsup mfrac msqrt mroot mover munder munderover
    mtable mtr mtd mstyle mpadded mphantom mfenced menclose mmultiscripts mprescripts none maction merror
"""
_LEFT = "audio video iframe object embed canvas svg input select textarea button applet source track option picture"
_GONE = "script style title"
_IGNORED = """
    html head body meta link nobr wbr o:p label fieldset legend xml nav bdi bdo time area map template noscript base
    param ruby rb rt rtc rp dfn data hgroup acronym dir
"""
_KNOWN = frozenset(" ".join([_BLOCKS, _INLINE, _OTHER, _FORMULAS, _LEFT, _GONE, _IGNORED]).split())
# Their end tags may be left out, so that many of them are not nesting.
_UNCLOSED = "p li br hr img td th tr dt dd option col input meta link wbr source track param embed"
_LOOSE = frozenset(_UNCLOSED.split())
_PARTING = frozenset(f"{_BLOCKS} {_OTHER}".split())
_UNNAMED = frozenset({"source", "track", "option", "picture"})
# Stands for a file that was written into the text.
_INSIDE = "embedded"
_STYLES = {
    **dict.fromkeys(("b", "strong"), "b"),
    **dict.fromkeys(("i", "em", "var", "cite", "dfn"), "i"),
    **dict.fromkeys(("s", "del", "strike"), "s"),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), "code"),
    "sub": "sub",
    "sup": "sup",
}
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]*+)(?=([\s/>]?))")
_ANY_TAG = re.compile(r"<[^<>]*>")
_DATA = re.compile(r"data:([a-z]+)/[\w.+-]*+[;,][^\"'\s<>)]*+", re.IGNORECASE)
_LANGUAGE = re.compile(r"(?:language-|lang-|brush:\s*|^)([a-z0-9+#]+)", re.IGNORECASE)
_CLEANER = nh3.Cleaner(
    tags=set(f"{_BLOCKS} {_INLINE} {_OTHER} {_LEFT} {_FORMULAS}".split()),
    clean_content_tags=set(_GONE.split()),
    attributes={
        "a": {"href"},
        "img": {"src", "alt", "title"},
        "ol": {"start"},
        "code": {"class"},
        "pre": {"class"},
        "annotation": {"encoding"},
        "math": {"display"},
        **{tag: {"align", "class", "style"} for tag in ("td", "th")},
        **{tag: {"src", "data"} for tag in ("audio", "video", "iframe", "object", "embed")},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="pass_through",
    link_rel=None,
)


def markdown_from_html(html: str, *, left: list[str], flat: bool = False) -> str:
    """Return `html` as Markdown, and add to `left` what did not come along. `flat` makes one paragraph of it."""
    html = without_wiris(without_embedded(html, left))
    reader = _Reader(left, Blocks(flat=flat))
    # Most choices are words and nothing else; what has no tag and no entity needs no cleaning.
    reader.feed(_cleaned(html, left) if "<" in html or "&" in html else html)
    reader.close()
    return reader.blocks.text()


def _cleaned(html: str, left: list[str]) -> str:
    html = _TAG.sub(_literal_if_unknown, html)
    if _nesting(html) > _MAX_NESTING:
        left.append(_("the layout, which is nested too deeply"))
        html = _ANY_TAG.sub(" ", html)
    folded = html.lower()
    if "<script" in folded:
        left.append(_("a script"))
    if "<style" in folded:
        left.append(_("a style sheet"))
    return _CLEANER.clean(html)


def without_embedded(html: str, left: list[str]) -> str:
    """Take out files that are written into the text itself, as base64, before anything looks at them."""

    def leave(match: re.Match[str]) -> str:
        left.append(_("a file inside the text (%s)") % match[1].lower())
        return _INSIDE

    return _DATA.sub(leave, html)


def _literal_if_unknown(match: re.Match[str]) -> str:
    """Keep `List<String>` and `Map<A, B>` as words: a browser would take them for tags and show nothing."""
    closing, name, after = match[1], match[2], match[3]
    if name.lower() in _KNOWN and after:
        return match[0]
    return f"&lt;{closing}{name}"


def _nesting(html: str) -> int:
    depth = deepest = 0
    for closing, name, _after in _TAG.findall(html):
        if name.lower() not in _LOOSE:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest


class _Reader(HTMLParser):
    """Walks cleaned HTML, which is well-formed, and hands blocks and runs to `Blocks`."""

    def __init__(self, left: list[str], blocks: Blocks) -> None:
        super().__init__(convert_charrefs=True)
        self.left = left
        self.blocks = blocks
        self.styles: list[tuple[str, Style]] = []
        self.formula: list[Node] = []  # the elements of a formula that are open
        self.annotated = ""
        self.in_annotation = self.displayed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if self.formula and tag != "annotation":
            node = Node(tag)
            self.formula[-1].children.append(node)
            self.formula.append(node)
        elif tag == "math":
            self.formula, self.annotated = [Node("math")], ""
            self.displayed = values.get("display") == "block"
        elif tag == "annotation":
            self.in_annotation = "tex" in values.get("encoding", "").lower()
            self.annotated = "" if self.in_annotation else self.annotated
        elif style := self._style(tag, values):
            self.styles.append((tag, style))
        elif tag == "br":
            self.blocks.line_break(LINE_BREAK)
        elif tag == "img":
            self._picture(values)
        elif tag in _LEFT.split():
            self._leave(tag, values)
        elif tag in _PARTING:
            self.blocks.open(tag, start=values.get("start", ""), language=_language(values), align=_align(values))

    def handle_endtag(self, tag: str) -> None:
        if tag == "annotation":
            self.in_annotation = False
        elif self.formula:
            node = self.formula.pop()
            if not self.formula:
                self._formula_ends(node)
        elif self.styles and self.styles[-1][0] == tag:
            self.styles.pop()
        elif tag in _PARTING:
            self.blocks.close(tag)

    def handle_data(self, data: str) -> None:
        if self.in_annotation:
            self.annotated += data
        elif self.formula:
            self.formula[-1].children.append(data)
        else:
            self._add(data)

    def _add(self, text: str, *, written: bool = False) -> None:
        self.blocks.add(Run(text, tuple(style for _tag, style in self.styles), written))

    def _style(self, tag: str, values: dict[str, str]) -> Style | None:
        if tag == "code" and self.blocks.in_code:
            self.blocks.name_language(_language(values))
            return None
        if tag == "a":
            address = values.get("href", "").strip()
            if address and not address.startswith(("http://", "https://", "mailto:", "#")):
                self.left.append(_("the address of a link (%s)") % address[:200])
            return Style("a", address)
        return Style(_STYLES[tag]) if tag in _STYLES else None

    def _formula_ends(self, node: Node) -> None:
        unknown: set[str] = set()
        latex = self.annotated.strip() or latex_of(node, unknown) or " ".join(node.text.split())
        if unknown:
            self.left.append(_("parts of the layout of a formula (%s)") % ", ".join(sorted(unknown)))
        if latex:
            self._add(formula("$$" if self.displayed else "$", latex), written=True)

    def _picture(self, values: dict[str, str]) -> None:
        source, words = values.get("src", ""), values.get("alt") or values.get("title") or ""
        name = PurePosixPath(unquote(source)).name
        if tex := tex_of_picture(source):
            self._add(formula("$", tex), written=True)
            return
        if source != _INSIDE:
            self.left.append(_("a picture (%s)") % (name or words or _("without a name")))
        label = escaped(words or name or _("picture"), block=False, words_only=True)
        self._add(f"![{label}]({picture_address(source)})", written=True)

    def _leave(self, tag: str, values: dict[str, str]) -> None:
        name = PurePosixPath(unquote(values.get("src") or values.get("data") or "")).name
        what = f"<{tag}> {name}".strip()
        if tag not in _UNNAMED:
            self.left.append(_("what Markdown has no place for: %s") % what)


def picture_address(source: str) -> str:
    """Return the address of a picture as it may stand in Markdown."""
    source = source.removeprefix("@@PLUGINFILE@@/").strip()
    return re.sub(r"[\s()<>]", lambda found: f"%{ord(found[0]):02X}", source)[:500]


_TEX_PICTURE = re.compile(r"(?:/render/math\?math=|codecogs\.com/[a-z.]*\?|chart\?cht=tx&chl=|mimetex\.cgi\?)(.*)")


def tex_of_picture(source: str) -> str:
    """Return the formula that the address of a picture spells out, as some services draw formulas; else nothing."""
    if match := _TEX_PICTURE.search(source[:4_000]):
        tex = unquote(match[1]).strip()
        tex = re.sub(r"^\\(?:inline|dpi\{\d+\}|bg_\w+|large|small)\s*", "", tex)
        return "" if "$" in tex or "\n" in tex else tex
    return ""


def _align(values: dict[str, str]) -> str:
    said = f"{values.get('align', '')} {values.get('class', '')} {values.get('style', '')}".lower()
    return next((side for side in ("right", "center") if side in said), "")


def _language(values: dict[str, str]) -> str:
    match = _LANGUAGE.search(values.get("class", ""))
    return match[1].lower() if match else ""
