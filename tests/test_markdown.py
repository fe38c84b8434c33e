"""Markdown of the bank: rendered well, and harmless whatever it says."""

import re
import time
from pathlib import Path

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from interviewprep.markdown import (
    HIGHLIGHTED_LANGUAGES,
    MAX_FORMULA_LENGTH,
    MAX_HIGHLIGHTED_LENGTH,
    render,
    render_code,
    render_inline,
)
from questions.bankfiles import read_bank

ROOT = Path(__file__).resolve().parents[1]


def test_paragraphs_lists_and_tables_come_out_as_such() -> None:
    html = render("One *two*.\n\n- three\n\n| a | b |\n|---|--:|\n| 4 | 5 |\n")
    assert "<p>One <em>two</em>.</p>" in html
    assert "<li>three</li>" in html
    assert '<div class="table-scroll" tabindex="0"><table>' in html
    assert '<td class="align-right">5</td>' in html
    assert "style" not in html


def test_one_line_gets_no_paragraph() -> None:
    assert render_inline("`n` is **not** $n$") == (
        "<code>n</code> is <strong>not</strong> "
        '<span class="math inline"><math display="inline"><mrow><mi>n</mi></mrow></math></span>'
    )


def test_headings_stay_below_those_of_the_page() -> None:
    assert re.findall(r"<h\d", render("# a\n\n## b\n\n### c\n\n#### d")) == ["<h3", "<h3", "<h3", "<h4"]


def test_code_is_highlighted_by_classes_and_escaped() -> None:
    html = render('```python\ndef f(x):\n    return x < "</code><script>"\n```')
    assert html.startswith('<pre class="code" tabindex="0"><code><span class="c-k">def</span>')
    assert "<script" not in html
    assert "&lt;/code&gt;&lt;script&gt;" in html


@pytest.mark.parametrize("language", ["", "nonsense", "python onclick=x", '"><script>'])
def test_code_of_any_language_is_shown(language: str) -> None:
    html = render(f"```{language}\na < b\n```")
    assert "&lt;" in html
    assert "onclick" not in html
    assert "script" not in html


@pytest.mark.parametrize("language", ["java", "perl", "mathematica", "adl"])
def test_code_in_a_language_the_bank_does_not_use_is_shown_plain(language: str) -> None:
    html = render(f"```{language}\nclass A {{}}\n```")
    assert html == '<pre class="code" tabindex="0"><code>class A {}\n</code></pre>\n'


def test_code_longer_than_four_kilobytes_is_shown_plain() -> None:
    html = render("```python\n" + "x = 1\n" * (MAX_HIGHLIGHTED_LENGTH // 6 + 1) + "```")
    assert "<span" not in html
    assert "x = 1" in html


HOSTILE_CODE = ["a ", "(", "'''", "f'{", "/*", "- ", "[", "`", "$(", "${", "<<", "\\\n", "RUN ", '"\\']


@pytest.mark.parametrize("language", sorted(HIGHLIGHTED_LANGUAGES))
def test_hostile_code_in_a_highlighted_language_costs_less_than_two_seconds(language: str) -> None:
    for piece in HOSTILE_CODE:
        code = piece * (MAX_HIGHLIGHTED_LENGTH // len(piece))
        started = time.process_time()
        render.__wrapped__(f"```{language}\n{code}\n```")
        assert time.process_time() - started < 20, piece  # growth beyond all bounds, not a measurement


def test_formulas_become_mathml_and_display_formulas_can_scroll() -> None:
    html = render("A share $p<\\frac{1}{2}$ of\n\n$$\n\\sum_{i=1}^n x_i\n$$")
    assert "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>" in html
    assert "<mo>&lt;</mo>" in html
    assert '<div class="math-block" tabindex="0"><math display="block">' in html


def test_a_display_formula_within_a_sentence_stays_in_its_paragraph() -> None:
    html = render("so $$x$$ holds")
    assert html.startswith('<p>so <span class="math-block" tabindex="0"><math display="block">')
    assert html.endswith("</span> holds</p>\n")


def test_bold_symbols_are_written_as_letters_every_browser_knows() -> None:
    html = render(r"$\boldsymbol{\beta} + \mathbf{x} + \mathbf{1}$")
    assert "mathvariant" not in html
    assert "𝜷" in html
    assert "𝐱" in html
    assert "𝟏" in html


def test_amounts_of_money_are_not_formulas() -> None:
    assert render("It costs $5 or $10, not $ 20 $.") == "<p>It costs $5 or $10, not $ 20 $.</p>\n"


BAD_FORMULAS = [
    r"\frac{1",
    r"\left( x",
    r"x_",
    r"\unknowncommand{x}",
    r"\begin{matrix} a",
    r"\newcommand{\a}{\b\b}\a",
    r"\def\a{\a\a}\a",
    "x" * (MAX_FORMULA_LENGTH + 1),
    "{" * 1_500,
]


@pytest.mark.parametrize("latex", BAD_FORMULAS)
def test_a_formula_that_cannot_be_read_is_shown_as_written(latex: str) -> None:
    html = render(f"${latex}$")
    assert "<math" not in html
    assert f"${latex}$" in html


def test_the_source_of_a_bad_formula_is_escaped_text() -> None:
    assert render(r"$\oops<b>$") == (
        '<p><span class="math inline"><code class="math-source">$\\oops&lt;b&gt;$</code></span></p>\n'
    )


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "<javascript:alert(1)>",
    "[x](//evil.example/a)",
    "[x](/admin/logout/)",
    '[x](https://a.b "x\\" onmouseover=alert(1) y")',
    "[x](https://a.b/\"onmouseover='alert(1)')",
    "![x](https://evil.example/a.png)",
    '![x" onerror="alert(1)](x)',
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x]: javascript:alert(1)\n\n[x]",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\text{<script>alert(1)</script>}$",
    r"$\text{&lt;script&gt;alert(1)&lt;/script&gt;}$",
    r"$\text{</mtext></math><img src=x onerror=alert(1)>}$",
    r"$\mbox{<svg onload=alert(1)>}$",
    r"$\class{x\" onclick=\"alert(1)}{x}$",
    r"$\style{background:url(javascript:alert(1))}{x}$",
    r"$\color{red\" onclick=\"alert(1)}x$",
    r"$\hspace{1em\" onclick=\"alert(1)}x$",
    r"$\operatorname{<img src=x onerror=alert(1)>}$",
    r"$\unicode{x3c}script>$",
    "$<script>alert(1)</script>$",
    "$$</div><script>alert(1)</script>$$",
    "```html\n<script>alert(1)</script>\n```",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "`</code><script>alert(1)</script>`",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<style>@import 'https://evil.example'</style>",
    "<form action=https://evil.example><button>x</button></form>",
    "<iframe src=https://evil.example></iframe>",
    "<base href=https://evil.example>",
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
]


def assert_harmless(html: str) -> None:
    """Every tag is one we write, no attribute can run or load anything, and every link goes to a web page."""
    tags = re.findall(r"<(/?)([a-zA-Z0-9]+)([^>]*)>", html)
    allowed = {"p", "br", "hr", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "strong", "em", "s", "code"}
    allowed |= {"pre", "span", "div", "a", "table", "thead", "tbody", "tr", "th", "td", "math"}
    for _slash, tag, attributes in tags:
        assert tag in allowed or tag.startswith("m"), tag
        for name, value in re.findall(r'([^\s=]+)="([^"]*)"', attributes):
            assert not name.startswith("on"), html
            assert name not in {"style", "src", "srcset", "action", "formaction", "id", "xlink:href"}, html
            assert name != "href" or re.match(r"(https?:|mailto:)", value), html


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_stays_words(attack: str) -> None:
    for html in (render(attack), render_inline(attack), render(f"> {attack}"), render(f"- **{attack}**")):
        assert_harmless(html)


_PIECES = st.sampled_from(
    [*ATTACKS, "$", "$$", "`", "```", "|", "[", "](", ")", "<", ">", '"', "\\", "\n", "\n\n", "{", "}", "&lt;", "x"]
)


@given(st.lists(_PIECES | st.text(max_size=8), max_size=12).map("".join))
def test_any_mixture_of_attacks_stays_words(text: str) -> None:
    assert_harmless(render(text))


_LATEX = st.sampled_from([*"\\{}[]^_&$abx12'(). \n", "\\frac", "\\left", "\\begin{", "\\sqrt", "\\text{"])


@given(st.lists(_LATEX, max_size=60).map("".join))
def test_no_formula_breaks_a_page(latex: str) -> None:
    assert_harmless(render(f"$${latex}$$"))


def test_links_leave_no_trace_and_images_are_only_named() -> None:
    assert 'rel="noopener noreferrer"' in render("[x](https://example.org/)")
    assert render("![A *chart*](https://example.org/a.png)") == "<p>A chart</p>\n"


@pytest.mark.parametrize("piece", ["[", "![", "$a", "*a ", "`", "> ", "|a", "$$a\n", "<a", "&", "\\", "- "])
def test_a_hostile_text_of_the_greatest_length_costs_less_than_two_seconds(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    started = time.process_time()
    html = render.__wrapped__(text)
    assert time.process_time() - started < 20  # growth beyond all bounds, not a measurement
    assert_harmless(html)


def test_the_filters_render_in_templates() -> None:
    template = Template("{% load markdown %}{{ text|markdown }}|{{ text|markdown_inline }}")
    assert template.render(Context({"text": "*a*"})) == "<p><em>a</em></p>\n|<em>a</em>"


def test_every_formula_of_the_shipped_bank_can_be_shown() -> None:
    unreadable = []
    for question in read_bank(ROOT / "questions" / "bank").questions:
        content = question.content
        points = [text for point in content.key_points for text in (point.text, *point.accepted)]
        choices = [text for choice in content.choices for text in (choice.text, choice.explanation)]
        blocks = [render(content.prompt), render(content.reference_answer)]
        lines = [render_inline(text) for text in (*points, *choices, *content.follow_ups, content.title)]
        if any("math-source" in html for html in (*blocks, *lines)):
            unreadable.append(question.path)
    assert unreadable == []


DRAWING = """```svg
<svg viewBox="0 0 10 10" role="img" xmlns="http://www.w3.org/2000/svg"><title>A rising line</title>
<path class="stroke-main" d="M0 10 L10 0" style="stroke:red" onclick="steal()"/><script>steal()</script>
<text x="1" y="2">loss</text><foreignObject><p>x</p></foreignObject><a href="javascript:x()">y</a>
<image href="https://elsewhere.example/x.png"/><use href="#x"/><style>* { color: red }</style></svg>
```"""


def test_a_drawing_is_drawn_and_nothing_in_it_acts_or_loads() -> None:
    html = render(DRAWING)
    assert '<div class="figure"><svg viewBox="0 0 10 10" role="img"><title>A rising line</title>' in html
    assert '<path class="stroke-main" d="M0 10 L10 0">' in html
    assert "loss" in html
    for forbidden in ("script", "steal", "style", "onclick", "foreignObject", "href", "<image", "<use", "xmlns"):
        assert forbidden not in html, forbidden


def test_nothing_in_a_drawing_takes_the_look_of_the_page_around_it() -> None:
    html = render(
        '```svg\n<svg viewBox="0 0 1 1"><title>A line</title><div class="dialog">Signed out'
        '<a class="button" href="https://elsewhere.example/">Sign in</a></div><path d="M0 0"/></svg>\n```'
    )
    assert '<svg viewBox="0 0 1 1"><title>A line</title>' in html
    assert html.count("<div") == 1 and "<a" not in html and "dialog" not in html


@pytest.mark.parametrize(
    "code",
    [
        '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>',
        "<svg><title>Not closed</title>",
        "<div><title>No drawing</title></div>",
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg><title>&a;</title></svg>',
        "",
    ],
)
def test_a_drawing_without_title_or_end_is_shown_as_it_was_written(code: str) -> None:
    html = render(f"```svg\n{code}\n```")
    assert "<svg" not in html
    assert 'class="code"' in html


def test_a_program_is_coloured_without_being_read_as_markdown() -> None:
    html = render_code("def f():\n    return '```'  # *a*", "python")
    assert 'class="c-k"' in html
    assert "```" in html
    assert "<em>" not in html


def test_code_colours_can_be_read_in_both_themes() -> None:
    style = (ROOT / "static/css/app.css").read_text()
    pair = r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)"
    ground = re.search(r"--surface-sunken: " + pair, style)
    colours = re.findall(r"--code-[a-z]+: " + pair, style)
    assert ground is not None
    assert len(colours) == 5
    for colour in colours:
        for theme in (0, 1):
            assert _contrast(colour[theme], ground.group(theme + 1)) >= 4.5, colour


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
