"""Other people's HTML and plain text as our Markdown, with a word about everything that Markdown cannot show.

What comes in is hostile until nh3 has cleaned it; it also closes what was left open, so that what is walked here is a
proper tree. Knows no file format: `mapping.py` says what a passage is written in.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit

import nh3
from django.utils.translation import gettext as _

from questions.importing.base import Markup, Passage
from questions.importing.plaintext import markdown_escaped, plain_as_markdown, start_escaped

MAX_DEPTH = 40

_BLOCKS = frozenset(
    {"p", "div", "pre", "ul", "ol", "li", "blockquote", "table", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt"}
    | {"dd", "section", "article", "figure", "figcaption", "center", "tr", "thead", "tbody"}
)
_INLINE = frozenset(
    {"a", "b", "strong", "i", "em", "code", "tt", "kbd", "samp", "var", "sub", "sup", "br", "img", "span", "u", "s"}
    | {"del", "strike", "q", "cite", "mark", "small"}
)
_CLEANER = nh3.Cleaner(
    tags=set(_BLOCKS | _INLINE | {"td", "th"}),
    clean_content_tags={"script", "style"},
    attributes={"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}, "code": {"class"}, "pre": {"class"}},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)
# What cleaning takes away without a trace, and what we say about it.
_TRACES: tuple[tuple[re.Pattern[str], Callable[[], str]], ...] = (
    (re.compile(r"<\s*(?:audio|video|source|track)\b", re.I), lambda: _("sound or film")),
    (re.compile(r"<\s*(?:iframe|object|embed|applet)\b", re.I), lambda: _("an embedded page or program")),
    (re.compile(r"<\s*script\b", re.I), lambda: _("a script")),
    (re.compile(r"<\s*(?:input|select|textarea|button|form)\b", re.I), lambda: _("a form's field")),
    (re.compile(r"<\s*svg\b", re.I), lambda: _("a drawing (SVG)")),
)


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[_Node | str]" = field(default_factory=list)


def markdown_of(passage: Passage, lost: list[str]) -> str:
    """Return `passage` as Markdown of any number of blocks; what could not be kept is added to `lost` in words."""
    match passage.markup:
        case Markup.MARKDOWN:
            return _tidy_markdown(passage.text, lost)
        case Markup.PLAIN:
            return plain_as_markdown(passage.text)
        case Markup.MOODLE if not _HAS_TAG.search(passage.text):
            return plain_as_markdown(unescape(passage.text))
        case Markup.MOODLE:
            return _Writer(lost).blocks(_tree(re.sub(r"\n", "<br>\n", passage.text.strip()), lost).children)
    return _Writer(lost).blocks(_tree(passage.text, lost).children)


def line_of(passage: Passage, lost: list[str]) -> str:
    """Return `passage` as Markdown on one line, for choices and the like."""
    if passage.markup in {Markup.HTML, Markup.MOODLE} and _HAS_TAG.search(passage.text):
        text = _Writer(lost).line(_tree(passage.text, lost))
    else:
        text = markdown_of(passage, lost).replace("\\\n", " ")
    return " ".join(text.split())


# From text to a tree


_HAS_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]+);")


def _tree(html: str, lost: list[str]) -> _Node:
    lost.extend(words() for trace, words in _TRACES if trace.search(html))
    builder = _Builder()
    builder.feed(_CLEANER.clean(html))
    builder.close()
    return builder.root


class _Builder(HTMLParser):
    """Builds the tree of cleaned HTML, in which every element is closed; what is nested too deeply becomes flat."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("root")
        self.open = [self.root]
        self.skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        if tag in {"br", "hr", "img"}:
            self.open[-1].children.append(node)
        elif len(self.open) >= MAX_DEPTH:
            self.skipped += 1
        else:
            self.open[-1].children.append(node)
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"br", "hr", "img"}:
            return
        if self.skipped:
            self.skipped -= 1
        elif len(self.open) > 1:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


# From a tree to Markdown


class _Writer:
    def __init__(self, lost: list[str]) -> None:
        self.lost = lost

    def blocks(self, nodes: "Sequence[_Node | str]") -> str:
        """Return `nodes` as blocks with an empty line between them."""
        return "\n\n".join(block for block in self._blocks(nodes) if block)

    def line(self, node: _Node) -> str:
        """Return everything below `node` as inline Markdown, blocks one after the other."""
        parts = []
        for child in node.children:
            if isinstance(child, _Node) and child.tag in _BLOCKS | {"td", "th"}:
                text = _code(_text(child)) if child.tag == "pre" else self.line(child)
                parts.append(f" {text} ")
            else:
                parts.append(self.inline([child]).replace("\\\n", " "))
        return "".join(parts)

    def _blocks(self, nodes: "Sequence[_Node | str]") -> Iterator[str]:
        run: list[_Node | str] = []
        for node in nodes:
            if isinstance(node, _Node) and node.tag in _BLOCKS:
                yield self._paragraph(run)
                run = []
                yield self._block(node)
            else:
                run.append(node)
        yield self._paragraph(run)

    def _paragraph(self, nodes: "Sequence[_Node | str]") -> str:
        text = self.inline(nodes)
        text = re.sub(r"^(?:\\\n|\s)+|(?:\\\n|\s)+$", "", text)
        text = re.sub(r"(?:\\\n[ ]*){2,}", "\n\n", text)
        return "\n".join(start_escaped(line.strip()) for line in text.split("\n"))

    def _block(self, node: _Node) -> str:
        match node.tag:
            case "pre":
                return _fenced(_text(node), _language(node))
            case "ul" | "ol" | "dl":
                return self._list(node)
            case "blockquote":
                return _prefixed(self.blocks(node.children), "> ", "> ")
            case "table":
                return self._table(node)
            case "hr":
                return "---"
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                # A page's own headings are above ours, and “## ” begins a section of a bank file.
                return f"{'#' * max(3, int(node.tag[1]))} {self.line(node).strip()}"
        return self.blocks(node.children)

    def _list(self, node: _Node) -> str:
        items = [child for child in node.children if isinstance(child, _Node)]
        start = int(node.attributes.get("start", "1")) if node.attributes.get("start", "1").isdecimal() else 1
        lines = []
        for number, item in enumerate(items, min(start, 999_999)):
            mark = f"{number}. " if node.tag == "ol" else "- "
            # A list below a line of text follows it directly: an empty line would make the list a loose one.
            text = re.sub(r"\n\n(?=- |\d+\. )", "\n", self.blocks(item.children))
            lines.append(_prefixed(text, mark, " " * len(mark)))
        return "\n".join(lines)

    def _table(self, node: _Node) -> str:
        rows = [[self._cell(cell) for cell in _cells(row)] for row in _rows(node)]
        width = max((len(row) for row in rows), default=0)
        if not width:
            return ""
        rows = [row + [""] * (width - len(row)) for row in rows]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])

    def _cell(self, node: _Node) -> str:
        return " ".join(self.line(node).split()).replace("|", "\\|")

    # Inline

    def inline(self, nodes: "Sequence[_Node | str]") -> str:
        return "".join(
            markdown_escaped(re.sub(r"\s+", " ", node)) if isinstance(node, str) else self._span(node) for node in nodes
        )

    def _span(self, node: _Node) -> str:
        if node.tag == "br":
            return "\\\n"
        if node.tag == "img":
            return self._image(node)
        if node.tag in {"code", "tt", "kbd", "samp"}:
            return _code(_text(node))
        if node.tag in _BLOCKS | {"td", "th"}:
            return f" {self.line(node)} "
        inner = self.inline(node.children)
        match node.tag:
            case "b" | "strong":
                return _wrapped(inner, "**")
            case "i" | "em" | "var" | "cite":
                return _wrapped(inner, "*")
            case "s" | "del" | "strike":
                return _wrapped(inner, "~~")
            case "sub" | "sup":
                return _raised(node, inner)
            case "a":
                return _link(node.attributes.get("href", ""), inner)
        return inner

    def _image(self, node: _Node) -> str:
        source, words = node.attributes.get("src", ""), node.attributes.get("alt", "").strip()
        if formula := formula_of_picture(source):
            return f"${formula}$"
        self.lost.append(_("a picture (%s)") % (words or source or _("inside the file")))
        return markdown_escaped(f"[{words or _('picture')}]")


_FORMULA_HOSTS = {"render.githubusercontent.com", "latex.codecogs.com", "chart.googleapis.com", "math.now.sh"}


def formula_of_picture(source: str) -> str:
    """Return the LaTeX that one of the services for pictures of formulas was asked to draw, if `source` is one."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return ""
    if parts.hostname not in _FORMULA_HOSTS:
        return ""
    values = parse_qs(parts.query)
    written = (values.get("math") or values.get("chl") or values.get("from") or [""])[0]
    written = written or (unquote(parts.query) if "codecogs" in parts.hostname else "")
    return " ".join(written.replace("$", "").split())


def _rows(node: _Node) -> Iterator[_Node]:
    for child in node.children:
        if isinstance(child, _Node):
            if child.tag == "tr":
                yield child
            elif child.tag in {"thead", "tbody"}:
                yield from _rows(child)


def _cells(row: _Node) -> list[_Node]:
    return [child for child in row.children if isinstance(child, _Node) and child.tag in {"td", "th"}]


def _text(node: _Node) -> str:
    """Return the bare text below `node`; line breaks count."""
    parts = [
        child if isinstance(child, str) else "\n" if child.tag == "br" else _text(child) for child in node.children
    ]
    return "".join(parts)


def _language(node: _Node) -> str:
    inner = next((child for child in node.children if isinstance(child, _Node) and child.tag == "code"), node)
    found = re.search(r"(?:language|lang)-([a-z0-9+]+)", inner.attributes.get("class", ""))
    return found[1] if found else ""


def _fenced(code: str, language: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))
    body = code.strip("\n")
    return f"{fence}{language}\n{body}\n{fence}"


def _code(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}"


def _wrapped(inner: str, mark: str) -> str:
    """Put `mark` around the words of `inner`; spaces at its ends stay outside, or the mark would not count."""
    words = inner.strip()
    if not words or "\n\n" in words:
        return inner
    before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    return f"{before}{mark}{words}{mark}{after}"


def _raised(node: _Node, inner: str) -> str:
    mark = "_" if node.tag == "sub" else "^"
    text = " ".join(_text(node).split())
    if re.fullmatch(r"[\w+\-=(),. ]+", text):
        return f"${{}}{mark}{{{text}}}$"
    return f"{mark if mark == '^' else ''}({inner})" if text else ""


def _link(address: str, inner: str) -> str:
    words = inner.strip()
    if not address or not words:
        return inner
    return f"[{words}](<{address}>)" if re.search(r"[\s()]", address) else f"[{words}]({address})"


def _prefixed(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    indented = [f"{others}{line}".rstrip() for line in lines[1:]]
    return "\n".join([f"{first}{lines[0]}", *indented])


# Markdown with HTML in it


_CODE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)", re.M | re.S)
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?P<rest>(?:\s[^<>]*)?)/?>")
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "s": "~~", "del": "~~"}
_SILENT = frozenset(
    {"p", "div", "span", "center", "u", "font", "small", "a", "table", "tbody", "thead", "tr", "sub", "sup"}
    | {"details", "summary"}
)
_PICTURE = re.compile(r"!\[(?P<words>[^\]\n]*)\]\((?P<source>[^)\s]*)[^)\n]*\)")


def _tidy_markdown(text: str, lost: list[str]) -> str:
    """Return Markdown whose HTML tags are Markdown too, as our pages show no HTML; code stays as it is."""
    parts, end = [], 0
    for match in _CODE.finditer(text):
        parts += [_without_tags(text[end : match.start()], lost), match[0]]
        end = match.end()
    parts.append(_without_tags(text[end:], lost))
    return "".join(parts).strip()


def _without_tags(text: str, lost: list[str]) -> str:
    if "<" in text:
        text = _COMMENT.sub("", text)
        text = re.sub(r"<(su[bp])>([^<>]*)</\1>", lambda m: _raised(_Node(m[1], children=[m[2]]), m[2]), text)
        text = _TAG.sub(lambda match: _tag_as_markdown(match, lost), text)
    for match in _PICTURE.finditer(text):
        lost.append(_("a picture (%s)") % (match["words"] or match["source"]))
    return text


def _tag_as_markdown(match: re.Match[str], lost: list[str]) -> str:
    name = match["name"].lower()
    if name in _MARKS:
        return _MARKS[name]
    if name == "br":
        return "\n"
    if name in {"td", "th", "li"}:
        return "\n" if match["close"] else ""
    if name == "img":
        found = re.search(r"""src\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""", match["rest"])
        source = next((value for value in found.groups() if value), "") if found else ""
        if formula := formula_of_picture(source):
            return f"${formula}$"
        lost.append(_("a picture (%s)") % (source or _("inside the file")))
        return ""
    if name in _SILENT:
        return ""
    # Not a tag that people write for looks: “List<String>” is meant as it stands.
    return escape(match[0], quote=False).replace("&lt;", "\\<").replace("&gt;", ">")
