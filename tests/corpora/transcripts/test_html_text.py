"""HTML becomes what people saw, however broken it is."""

import pytest

from corpora.transcripts.html_text import html_to_text
from tests.corpora.transcripts.reading_here import read_all


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain & simple, 3 < 4", "plain & simple, 3 < 4"),
        ("<p>Hi Ana,</p><p>it&#39;s   on\nits way.<br/>Mo</p>", "Hi Ana,\nit's on its way.\nMo"),
        ("<div>a<div>b</div>c</div>", "a\nb\nc"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<table><tr><td>a</td> <td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("see <a href='https://x.example/?a>b'>the page</a>", "see the page"),
        ('<img src="https://x.example/t.gif" alt="a lamp"> it broke', "a lamp it broke"),
        ("<style>p { color: red }</style>hi<script>alert(1)</script>", "hi"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("a <!-- <b>hidden</b> --> b", "a b"),
        ("a <!-- never closed <b>b</b>", "a never closed b"),
        ("&lt;b&gt; &amp;amp; &nope; &#9999999999;", "<b> &amp; &nope; &#9999999999;"),
        ("<p title=\"it's>odd</p>", "odd"),
        ("", ""),
    ],
)
def test_what_people_saw(html: str, text: str) -> None:
    assert html_to_text(html).replace("  ", " ") == text


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<a ",
        "<a b='",
        '<a b="',
        "</a ",
        "<!--a",
        "<!a",
        "<?a",
        "&",
        "&#1",
        "<![CDATA[",
        "<img alt=",
    ],
)
def test_no_broken_page_takes_a_time_that_grows_with_its_square(unit: str) -> None:
    page = unit * 100_000

    # A parser that looks twice is at this for an hour.
    assert isinstance(html_to_text(page + "&amp;"), str)


@pytest.mark.parametrize("unit", ["=?a?q?", "From a 1:11 ", "<a@b", "a,", "re:", "(((", '"a" '])
def test_no_header_of_a_mail_does_either(unit: str) -> None:
    header = unit * 50_000
    mail = f"From a@b.example Thu Mar 14 08:00:00 2024\nFrom: {header}\nSubject: {header}\n\nhi\n"

    conversations, errors = read_all(mail + "\n" + header, format="mbox")

    assert len(conversations) + len(errors) == 1
