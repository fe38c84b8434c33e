"""HTML of other programs becomes Markdown that our pages show as it was meant; what has no place is said."""

from html import unescape

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interviewprep.markdown import render, render_inline
from questions.importing.base import Markup, Passage
from questions.importing.html import MAX_CHARACTERS, line_of, markdown_of


def of(text: str, markup: Markup = Markup.HTML) -> str:
    return markdown_of(Passage(text, markup), [])


def lost_of(text: str, markup: Markup = Markup.HTML) -> list[str]:
    lost: list[str] = []
    markdown_of(Passage(text, markup), lost)
    return lost


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<br><br>c", "a  \nb\n\nc"),
        ("<b>a </b>b <em>c</em>", "**a** b *c*"),
        ("<b></b><i> </i>x", "x"),
        ("<h1>A</h1><h4>B</h4>", "### A\n\n#### B"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ol start=3><li>a<li>b</ol>x", "3. a\n4. b\n\nx"),
        ("<ol><li><p>a</p><p>b</p></li></ol>", "1. a\n\n   b"),
        ("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc"),
        ("<pre><code class='language-python'>x = 1\n\ny</code></pre>", "```python\nx = 1\n\ny\n```"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        ("<code>a`b</code> and <tt>c</tt>", "``a`b`` and `c`"),
        ("<a href='https://x.y/a b(c)'>z</a>", "[z](https://x.y/a%20b%28c%29)"),
        ("<a href='javascript:alert(1)'>z</a>", "z"),
        ("10<sup>-3</sup> H<sub>2</sub>O e<sup>xy+1</sup>", "10⁻³ H₂O e^(xy+1)"),
        ("<table><tr><th>a<th>b|c<tr><td align=right>1<td>2</table>", "| a | b\\|c |\n| --- | --- |\n| 1 | 2 |"),
        ("<table><tr><td>only</td></tr></table>", "only"),
        ("a <hr> b", "a\n\n---\n\nb"),
        ("&lt;b&gt; &amp;amp; &nbsp;x", "<b> \\&amp; x"),
        ("1. a * b_c_d *e* _f_ # g", "1\\. a * b_c_d \\*e\\* \\_f\\_ # g"),
        ("List<String> Map<A, B> x < y <T> vector<int>", "List<String> Map<A, B> x < y <T> vector<int>"),
        ("<p>a<script>alert(1)</script><style>p{}</style></p>", "a"),
        ("<img src='https://render.githubusercontent.com/render/math?math=%5Cbeta'>", "$\\beta$"),
        (r"\(x_1*y\) $$a_b*c$$ \[d\] and $5 or $6", "$x_1*y$ $a_b*c$ $$d$$ and $5 or $6"),
        (
            "<math><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></math>",
            "$x^2$",
        ),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "$\\frac{1}{2}$"),
        ("<math><msup><mi>x</mi><mn>2</mn></msup><mo>≤</mo><mi>sin</mi><mi>y</mi></math>", "${x}^{2}≤\\sin y$"),
        ("«math xmlns=¨http://x¨»«msqrt»«mi»a«/mi»«/msqrt»«/math»", "$\\sqrt{a}$"),
        ("if x:<br>&nbsp;&nbsp;y&nbsp;z<p>&nbsp;</p>", "if x:  \n\xa0\xa0y z"),
        ("<ruby><rb>a</rb><rt>b</rt></ruby>", "ab"),
        ("<b>a<p>b</p></b>", "**a**\n\n**b**"),
        ("<div><div>a</div></div><span>b</span>", "a\n\nb"),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert of(html) == markdown


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<img src='@@PLUGINFILE@@/a%20b.png'>", "a picture (a b.png)"),
        ("<img src='data:image/png;base64,QUJD+/=='>", "a file inside the text (image)"),
        ("<video src='a.mp4'></video>", "what Markdown has no place for: <video> a.mp4"),
        ("<input type=text>", "what Markdown has no place for: <input>"),
        ("<script>x</script>", "a script"),
        ("<math><menclose><mi>x</mi></menclose></math>", "parts of the layout of a formula (menclose)"),
        ("<a href='@@PLUGINFILE@@/a.csv'>x</a>", "the address of a link (@@PLUGINFILE@@/a.csv)"),
        ("<div>" * 300, "the layout, which is nested too deeply"),
    ],
)
def test_what_markdown_has_no_place_for_is_said(html: str, words: str) -> None:
    assert words in lost_of(html)


def test_one_line_keeps_code_and_loses_the_layout() -> None:
    assert line_of(Passage("<p>Run</p><pre>x = 1\ny</pre><p>now</p>", Markup.HTML), []) == "Run `x = 1 y` now"
    assert line_of(Passage("# 1. a", Markup.PLAIN), []) == "# 1. a"


def test_moodles_own_format_counts_line_breaks_unless_it_has_blocks() -> None:
    assert of("a\n<b>b</b>\n\nc", Markup.MOODLE) == "a  \n**b**\n\nc"
    assert of("<p>a\nb</p>", Markup.MOODLE) == "a b"


def test_plain_text_is_shown_as_it_is() -> None:
    assert of("# a\n- b\n\n> *c*", Markup.PLAIN) == "\\# a  \n\\- b\n\n\\> \\*c\\*"


@pytest.mark.parametrize(
    ("written", "markdown"),
    [
        ("a `<b>x</b>` <b>y</b>", "a `<b>x</b>` **y**"),
        ("```\n<b>x</b>\n```", "```\n<b>x</b>\n```"),
        ("a <!-- c --> b", "a b"),
        ("x<sub>i</sub> <i>y</i><br>z", "xᵢ *y*  \nz"),
        ("a <b>b", "a b"),
        ("<ul><li>a</li></ul>b", "- a\n\nb"),
        ("List<String> <foo>", "List<String> <foo>"),
        ("<a href='https://x.y'>z</a>", "[z](https://x.y)"),
    ],
)
def test_html_inside_markdown_becomes_markdown_and_code_stays(written: str, markdown: str) -> None:
    assert of(written, Markup.MARKDOWN).strip() == markdown


def test_pictures_in_markdown_stay_and_are_said() -> None:
    assert of("![p](q.png)", Markup.MARKDOWN) == "![p](q.png)"
    assert lost_of("![p](q.png)", Markup.MARKDOWN) == ["a picture (q.png)"]


def test_a_text_too_long_to_be_one_is_not_looked_at() -> None:
    text = "<p>" * MAX_CHARACTERS
    assert of(text) == text
    assert lost_of(text) == [f"the layout of a text of more than {MAX_CHARACTERS} characters"]


WORDS = st.text(st.sampled_from("ab1 .,*_`#-+>~[]()!<&|\\$=:;\n"), max_size=60)


@given(WORDS)
@settings(deadline=None)
def test_plain_text_shows_exactly_its_characters(text: str) -> None:
    """Formulas and line breaks aside, what a page shows is what was written."""
    if "$" in text:
        return
    shown = render_inline(line_of(Passage(text, Markup.PLAIN), []))
    assert _words(shown) == " ".join(text.split())


@given(WORDS, st.sampled_from([Markup.HTML, Markup.MOODLE, Markup.MARKDOWN, Markup.PLAIN]))
@settings(deadline=None)
def test_nothing_makes_a_page_unsafe_or_fail(text: str, markup: Markup) -> None:
    source = text.replace("(", "<b>").replace(")", "</b>").replace("!", "<script>").replace("=", "<ul><li>")
    page = render(of(source, markup))
    assert "<script" not in page


def _words(html: str) -> str:
    return " ".join(unescape(nh3.clean(html, tags=set())).split())
