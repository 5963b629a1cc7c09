"""A post's body keeps its meaning in clients that know little HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.rendering.body import mail_body

WORDS = {"media": "Watch it", "table": "See the table", "image": "Image"}
LINK = "https://site.example/post#top"


def body(html: str) -> str:
    return mail_body(html, link=LINK, words=WORDS)


CASES = [
    ("nothing stays nothing", " \n", ""),
    ("headings start below the title", "<h1>A</h1><h2>B</h2>", "<h2>A</h2><h3>B</h3>"),
    ("headings skip no level", "<h3>A</h3><h6>B</h6><h3>C</h3>", "<h2>A</h2><h3>B</h3><h2>C</h2>"),
    ("comments and scripts go", "<!-- wp:x --><p>a</p><script>x</script>", "<p>a</p>"),
    ("empty paragraphs go", "<p>\u00a0</p><p>a</p>", "<p>a</p>"),
    ("classes and styles go", '<p class="x" style="y" onclick="z" lang="de">a</p>', '<p lang="de">a</p>'),
    ("frames become links", '<iframe src="https://v.example/1"></iframe>',
     '<p><a href="https://v.example/1">Watch it</a></p>'),
    ("a player without an address leads to the post", "<video></video>tail",
     f'<p><a href="{LINK}">Watch it</a></p>tail'),
    ("players inside players give one link",
     '<object data="https://v.example/2"><embed src="https://v.example/3"></object>',
     '<p><a href="https://v.example/2">Watch it</a></p>'),
    ("a still is linked", '<video poster="https://v.example/p.jpg" src="https://v.example/1"></video>',
     ('<p><a href="https://v.example/1"><img src="https://v.example/p.jpg" alt="Watch it" width="520" '
      'style="width:100%;max-width:520px"></a>'
      '<a href="https://v.example/1">Watch it</a></p>')),
    ("wide pictures shrink in shape", '<img src="https://i.example/a.jpg" width="1040" height="500">',
     ('<img src="https://i.example/a.jpg" alt="" width="520" height="250" '
      'style="width:100%;max-width:520px">')),
    ("narrow pictures stay", '<img src="https://i.example/a.jpg" width="100" alt=" x " srcset="y">',
     '<img src="https://i.example/a.jpg" alt="x" width="100" style="width:100%;max-width:100px">'),
    ("pictures without an address go", '<p>a<img src="data:image/png;base64,xx"></p>', "<p>a</p>"),
    ("figures become blocks with a caption",
     '<figure class="wp"><img src="https://i.example/a.jpg"><figcaption>By A</figcaption></figure>',
     ('<div class="figure"><img src="https://i.example/a.jpg" alt="" width="520" '
      'style="width:100%;max-width:520px"><p class="caption">By A</p></div>')),
    ("sections become plain blocks", '<section id="x"><p>a</p></section>', "<div><p>a</p></div>"),
    ("a table's first row heads it", "<table><tr><td>A</td></tr><tr><td>1</td></tr></table>",
     '<table class="data"><tr><th scope="col">A</th></tr><tr><td>1</td></tr></table>'),
    ("headers at the side head rows", "<table><tr><th>A</th><td>1</td></tr></table>",
     '<table class="data"><tr><th scope="row">A</th><td>1</td></tr></table>'),
    ("a table of one row only lays out", '<table role="x"><tr><td>1</td></tr></table>',
     '<table role="presentation"><tr><td>1</td></tr></table>'),
    ("wide tables are on the web", "<table><tr>" + "<td>1</td>" * 5 + "</tr></table>after",
     f'<p><a href="{LINK}">See the table</a></p>after'),
    ("lines of code keep their ends", "<pre><code>a\n  b\n\nc</code>\nd</pre>",
     "<pre><code>a<br>  b<br><br>c</code><br>d</pre>"),
    ("page anchors lead to the web", '<a href="#note">1</a>', '<a href="https://site.example/post#note">1</a>'),
    ("links that go nowhere are words", '<a>a</a> <a href="#">b</a> <a href="javascript:x">c</a>', "a b c"),
    ("links without a name go",
     '<a href="https://e.example/"><img src="https://i.example/a.jpg" width="9"></a>',
     '<img src="https://i.example/a.jpg" alt="" width="9" style="width:100%;max-width:9px">'),
    ("the end of code has no empty lines", "<pre>a\n</pre><pre><b>a</b>\r\nb \n</pre><pre><b></b>\n</pre>",
     "<pre>a</pre><pre><b>a</b><br>b</pre><pre><b></b></pre>"),
    ("control characters go", "<p>a\x00b&#1;c&#x1F;d&#xD800;e&#99999999;f&#65;</p>", "<p>abcdefA</p>"),
    ("a document is only its body",
     '<html><body class="x"><p>a</p></body></html><p>b</p>', "<p>a</p><p>b</p>"),
    ("half a document is nothing", "<html", ""),
    ("mail links stay", '<a href="mailto:a@e.example">a</a>', '<a href="mailto:a@e.example">a</a>'),
]  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_bodies(html, expected):
    assert body(html) == expected


@given(st.text(alphabet="<>/apreh1234tdiv= \n\"'#&;", max_size=200) | st.text(max_size=50))
def test_no_markup_breaks_it(html):
    assert "<script" not in body(html)


def test_a_page_gets_no_style_attributes():
    picture = '<img src="https://i.example/a.jpg" width="9" style="position:fixed">'
    assert mail_body(picture, link=LINK, words=WORDS, styled=False) == (
        '<img src="https://i.example/a.jpg" alt="" width="9">'
    )
