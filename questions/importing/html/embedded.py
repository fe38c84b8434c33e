"""HTML that people write into Markdown: turned into Markdown where that has the same, kept as text where it has not.

Code, formulas and whatever is no tag stay exactly as they are. Time is linear in the text.
"""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from questions.importing.html.reading import markdown_from_html, picture_address, tex_of_picture
from questions.importing.html.runs import link, raised

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TOKEN = re.compile(
    r"""
      (?P<ticks>`+)
    | (?P<comment><!--)
    | !\[[^\]\n]{0,500}\]\((?P<picture>[^)\s]{0,2000})
    | <su(?P<script>[bp])>(?P<raised>[^<>]{0,200})</su(?P=script)>
    | <a\s(?P<anchor>[^<>]*+)>(?P<words>[^<>]*+)</a>
    | <(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]*+)(?P<rest>(?:\s[^<>]*+)?)/?>
    """,
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]++))""")
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "s": "~~", "del": "~~", "strike": "~~", "code": "`"}
_WORDLESS = "span font u small big sup sub a"
_OWN_LINES = "p div center details summary figure figcaption section"
_PARAGRAPHS = frozenset(_OWN_LINES.split())
_DROPPED = _PARAGRAPHS | frozenset(_WORDLESS.split())
_REGIONS = frozenset({"table", "ul", "ol", "dl", "pre"})


def without_html(text: str, *, left: list[str]) -> str:
    """Return Markdown without the tags that Markdown has words for, and add to `left` what did not come along."""
    if "<" not in text and "![" not in text:
        return text
    written: list[str] = []
    words: list[str] = []
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if not fence and not match:
            words.append(line)
            continue
        if words:
            written.append(_Stretch("\n".join(words), left).converted())
            words = []
        written.append(line)
        if match and not fence:
            fence = match[1]
        elif match and match[1].startswith(fence) and not line.strip(" " + fence[0]):
            fence = ""
    if words:
        written.append(_Stretch("\n".join(words), left).converted())
    return "\n".join(written)


@dataclass(slots=True)
class _Stretch:
    """A stretch of Markdown without fences, on its way."""

    text: str
    left: list[str]
    parts: list[str] = field(default_factory=list)
    position: int = 0
    # What has no end any more need not be looked for again.
    endless: set[str] = field(default_factory=set)

    def converted(self) -> str:
        while match := _TOKEN.search(self.text, self.position):
            self.parts.append(self.text[self.position : match.start()])
            self.position = match.end()
            self.parts.append(self._token(match))
        self.parts.append(self.text[self.position :])
        text = re.sub(r"\n(?:[ \t]*+\n){2,}", "\n\n", "".join(self.parts))
        return re.sub(r"\A\n++|\n++\Z", "\n", text)

    def _token(self, match: re.Match[str]) -> str:
        if match["ticks"]:
            return match[0] + self._until(match["ticks"])
        if match["comment"]:
            return self._spaces() if self._until("-->") else match[0]
        if match["picture"] is not None:
            self.left.append(_("a picture (%s)") % match["picture"][:200])
            return match[0]
        if match["script"]:
            return raised(match["raised"], up=match["script"] == "p")
        if match["anchor"] is not None:
            return link(match["words"], _attributes(match["anchor"]).get("href", ""))
        return self._tag(match)

    def _until(self, closer: str) -> str:
        """Return the text up to and with `closer`, and go on behind it; nothing if it does not come."""
        end = -1 if closer in self.endless else self.text.find(closer, self.position)
        if end < 0:
            self.endless.add(closer)
            return ""
        start, self.position = self.position, end + len(closer)
        return self.text[start : self.position]

    def _spaces(self) -> str:
        """Pass over spaces, which would indent what follows something that is gone."""
        while self.text[self.position : self.position + 1] == " ":
            self.position += 1
        return ""

    def _tag(self, match: re.Match[str]) -> str:
        name, closing = match["name"].lower(), bool(match["close"])
        if name in _MARKS:
            return _MARKS[name] if self._balanced(match["name"]) else ""
        if name == "img":
            return self._picture(_attributes(match["rest"]))
        if name == "br":
            return self._line_break(match)
        if name == "hr":
            return "\n\n---\n\n"
        if name in _REGIONS and not closing and (end := self._region_end(match["name"], match.start())):
            region = self.text[match.start() : end]
            self.position = end
            return f"\n\n{markdown_from_html(region, left=self.left)}\n\n{self._spaces()}"
        if name in _PARAGRAPHS:
            return "\n\n" if closing and self.text[self.position : self.position + 1] not in {"", "\n"} else ""
        return "" if name in _DROPPED else match[0]

    def _balanced(self, name: str) -> bool:
        if name in self.endless:
            return False
        if f"</{name}" in self.endless:
            return True
        tags = re.findall(rf"<(/?){name}[\s>]", self.text)
        balanced = tags.count("") == tags.count("/")
        self.endless.add(f"</{name}" if balanced else name)
        return balanced

    def _line_break(self, match: re.Match[str]) -> str:
        before = self.text[self.text.rfind("\n", 0, match.start()) + 1 : match.start()]
        ends_line = self.text[self.position : self.position + 1] in {"", "\n"}
        if not before.strip():
            return ""
        return "  " if ends_line else "  \n"

    def _region_end(self, name: str, start: int) -> int:
        """Return where the element that begins at `start` ends, or 0 if it does not."""
        if name in self.endless:
            return 0
        depth = 0
        for tag in re.compile(rf"<(/?){name}(?=[\s>])[^<>]*+>").finditer(self.text, start):
            depth += -1 if tag[1] else 1
            if not depth:
                return tag.end()
        self.endless.add(name)
        return 0

    def _picture(self, values: dict[str, str]) -> str:
        source = values.get("src", "")
        if tex := tex_of_picture(source):
            return f"${tex}$"
        self.left.append(_("a picture (%s)") % (source or _("without a name"))[:200])
        words = values.get("alt") or values.get("title") or source.rpartition("/")[2] or _("picture")
        return f"![{words}]({picture_address(source)})"


def _attributes(text: str) -> dict[str, str]:
    return {name.lower(): double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(text)}
