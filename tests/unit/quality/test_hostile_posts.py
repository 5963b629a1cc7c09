"""What a hostile feed puts into posts, followed to the bytes of the mail: nothing runs, hides or smuggles.

The families of attack are scripts, parser tricks, schemes, styles over the unsubscribe link, pixels,
look-alike links, header injection, smuggling, size and Unicode tricks.
"""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from digest.errors import UnsafeHeader
from digest.feeds.article import clean
from digest.feeds.parse import parse
from digest.quality.check import check
from digest.quality.elements import is_hidden, styles
from digest.quality.facts import Facts
from digest.quality.leaving import leave_links
from digest.quality.mail import Mail, read_mail
from digest.rendering.issue import render_issue
from digest.rendering.personalise import personalise, planned_fields, prepare
from digest.template_files import read_templates
from tests.blog import entry, rss
from tests.factories_mail import DATE, LEAD, publication, recipient, single

TEMPLATES = read_templates(None)
DANGEROUS = {
    "HTM-01",
    "HTM-02",
    "CSS-01",
    "CSS-04",
    "CSS-06",
    "DOC-06",
    "DOC-07",
    "HDR-01",
    "HDR-03",
    "UNS-01",
    "UNS-04",
}

SCRIPTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>", "<math><mtext><script>alert(1)</script></mtext></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<!--><img src=x onerror=alert(1)>-->",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<template><script>alert(1)</script></template>",
    "<details open ontoggle=alert(1)>x</details>", "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>", "<form action=javascript:alert(1)><button>x</button></form>",
    "<form><input type=text onfocus=alert(1) autofocus></form>", "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=https://evil.example/x>",
    "<svg><p><style><g title='</style><img src=x onerror=alert(1)>'>",
    "<math><mi//xlink:href='javascript:alert(1)'>x",
)  # fmt: skip
ADDRESSES = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "&#106;avascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "\x01javascript:alert(1)",
    "file:///etc/passwd",
)  # fmt: skip
STYLES = (
    "<div style='position:fixed;top:0;left:0;width:100%;height:100%;background:#fff;z-index:9'>x</div>",
    "<div style='margin-top:-900px;background:url(https://evil.example/p)'>x</div>",
    "<style>.footl{display:none!important}</style>",
    "<style>@import url(https://evil.example/x.css);</style>",
    "<p class='footl' style='display:none'>x</p>", "<p style='width:expression(alert(1))'>x</p>",
    "</td></tr></table></div><div style='position:absolute;top:0'>x</div>",
)  # fmt: skip
TITLES = {
    "500 characters": "Lamps " * 83 + "!!",
    "no spaces": "L" * 500,
    "emoji": "👩‍👩‍👧‍👦🎉🏴󠁧󠁢󠁳󠁣󠁴󠁿 Lamps",
    "right to left": "\u202egnikcah\u202c lamps \u2067אבג\u2069",
    "C1 controls": "It\u0092s \u0085 lamps",
    "line separators": "Lamps\u2028Bcc: x@evil.example",
    "line ends": "Lamps&#13;&#10;Bcc: x@evil.example",
    "a tag": "<b onclick=x>Lamps</b> <script>alert(1)</script>",
    "a slot": "@@0123456789abcdef:unsubscribe_url@@ lamps",
    "a template": "{{ lamps }}",
}


def finished(**changes) -> tuple[bytes, Mail]:
    """Return the bytes of a mail about one post, and what they say when they are read back."""
    post = replace(LEAD, **changes)
    edition = single(lead=post, subject=post.title, title=post.title)
    rendering = render_issue(edition, publication(), TEMPLATES)
    prepared = prepare(rendering, publication(), kind="issue", reference="post-1", language="en-GB")
    data = personalise(prepared, recipient(), DATE).data
    return data, read_mail(data)


def found(mail: Mail) -> set[str]:
    facts = Facts(kind="issue", planned_headers=planned_fields(publication(), "issue"))
    return {one.rule for one in check(mail, facts).findings}


def assert_harmless(mail: Mail) -> None:
    assert found(mail) & DANGEROUS == set()
    way_out = leave_links(mail)
    assert way_out
    assert way_out[-1].get("href") == recipient().unsubscribe_url
    assert not is_hidden(way_out[-1])
    for element in mail.elements:
        assert not any(name.startswith("on") for name in element.attrib)
        assert styles(element).get("position") is None


@pytest.mark.parametrize("vector", [*SCRIPTS, *STYLES])
def test_nothing_in_a_post_runs_or_covers_the_way_out(vector):
    body = clean(f"<p>Before.</p>{vector}<p>After.</p>", base_url="https://blog.example/").html
    assert_harmless(finished(html=body)[1])


def test_all_of_it_at_once_is_harmless():
    body = clean("".join([*SCRIPTS, *STYLES]), base_url="https://blog.example/").html
    assert_harmless(finished(html=body)[1])


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_of_another_scheme_reaches_the_mail(address):
    body = clean(
        f'<p><a href="{address}">a</a><img src="{address}" alt="b"></p>', base_url="https://b.example/"
    ).html
    _, mail = finished(html=body)
    assert_harmless(mail)
    for element in mail.elements:
        for name in ("href", "src"):
            assert element.get(name, "https://").startswith(("https://", "http://", "mailto:"))


def test_pixels_do_not_reach_the_mail():
    body = clean(
        '<p>x<img src="https://evil.example/p.gif" width="1" height="1"></p>', base_url="https://b.example/"
    ).html
    assert b"evil.example" not in finished(html=body)[0]


def test_a_look_alike_of_the_way_out_is_told():
    """A link that shows our host and leads elsewhere is found by its look; the footer's stays the last."""
    fake = '<p><a href="https://evil.example/x">mail.quietbench.example</a></p>'
    _, mail = finished(html=clean(fake, base_url="https://b.example/").html)
    assert "LINK-04" in found(mail)
    assert_harmless(mail)


@pytest.mark.parametrize("name", TITLES)
def test_no_title_adds_a_header_or_leaves_its_line(name):
    feed = rss([entry(1, "PLACEHOLDER")]).replace("PLACEHOLDER", _escaped(TITLES[name]))
    post = parse(feed.encode(), content_type="application/rss+xml", url="https://blog.example/feed").posts[0]
    data, mail = finished(title=post.title)
    planned = sorted(planned_fields(publication(), "issue"))
    assert sorted(message_from_bytes(data, policy=policy.default).keys()) == planned
    assert sorted(header for header, _ in mail.headers) == planned
    assert found(mail) & {"HDR-01", "HDR-03", "DOC-07", "HTM-01", "HTM-02", "SIZE-03"} == set()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)


def test_an_encoded_word_in_a_title_is_refused():
    with pytest.raises(UnsafeHeader):
        finished(title="=?utf-8?q?Lamps=0D=0ABcc:_x@evil.example?=")


def _escaped(title: str) -> str:
    kept = "&#" in title
    return title if kept else title.replace("&", "&amp;").replace("<", "&lt;")


@pytest.mark.parametrize("dots", ["\n.\n", "\r.\r", "\r\n.\r\n", "\n.\r\n", "\r\n.\n"])
def test_no_body_can_end_the_mail_early(dots):
    data, _ = finished(html=f"<pre>before{dots}MAIL FROM:&lt;x@evil.example&gt;{dots}after</pre>")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert b"\r\n.\r\n" not in data


def test_a_nul_never_reaches_the_mail():
    data, mail = finished(html="<p>a\x00b\x85c\x92d</p>", standfirst="x\x00y")
    assert b"\x00" not in data
    assert "DOC-07" not in found(mail)


@pytest.mark.parametrize("depth", [300, 5_000])
def test_deep_nesting_is_looked_at_without_failing(depth):
    body = clean("<div>" * depth + "<p>x</p>", base_url="https://b.example/").html
    assert_harmless(finished(html=body)[1])


def test_a_smuggled_header_is_found_when_the_bytes_are_read_back():
    data, _ = finished()
    smuggled = data.replace(b"Subject:", b"Bcc: x@evil.example\r\nSubject:", 1)
    assert "HDR-01" in found(read_mail(smuggled))


def test_a_slot_in_a_post_is_never_filled():
    data, mail = finished(html="<p>@@0123456789abcdef:unsubscribe_url@@</p>")
    assert mail.html.count(recipient().unsubscribe_url) == 1
    assert "DOC-06" in found(mail)
    assert data
