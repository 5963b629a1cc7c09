"""What the rules stand on: CSS as it is written, elements as they look, bytes as they come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.quality.cascade import cascade
from digest.quality.check import check
from digest.quality.css import declarations, sheet
from digest.quality.elements import text_of
from digest.quality.facts import Answer, Facts, Picture
from digest.quality.features import features
from digest.quality.leaving import is_personal
from digest.quality.mail import read_html, read_mail
from digest.quality.mended_mail import mended_mail
from digest.quality.mending import mended, mended_text
from digest.quality.mojibake import garbled, ungarbled, without_controls
from digest.quality.picture_files import measured
from digest.quality.report import Severity
from digest.quality.selectors import applies
from tests.data.quality.failing import added, css, html
from tests.data.quality.good_mail import FACTS, HTML, PHOTO, Change, mail


def rules_of(change: Change) -> set[str]:
    report = check(mail(change), replace(FACTS, **change.facts))
    return {one.rule for one in report.findings if one.severity is not Severity.NOTE}


# --- CSS -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("color:red;top:0", [("color", "red"), ("top", "0")]),
        ("background:url(data:a;b,c);top:0", [("background", "url(data:a;b,c)"), ("top", "0")]),
        ("content:'a;b';top:0", [("content", "'a;b'"), ("top", "0")]),
        ('a:url("x)y;");b:f(g(1;2))', [("a", 'url("x)y;")'), ("b", "f(g(1;2))")]),
        (r"a:f(\);1);b:0", [("a", r"f(\);1)"), ("b", "0")]),
        (r"a:'\';';b:0", [("a", r"'\';'"), ("b", "0")]),
        ("a:f(1;b:0", [("a", "f(1;b:0")]),
        ("a:f(1);b:}x;c:0", [("a", "f(1)"), ("b", "}x"), ("c", "0")]),
        ("/* a:1; */ b:0", [("b", "0")]),
    ],
)
def test_declarations_are_parted_where_css_parts_them(written, read):
    assert [(one.name, one.value) for one in declarations(written)] == read


def test_blocks_inside_blocks_are_read_to_a_bound():
    """A sheet of nothing but brackets costs no more than its length."""
    assert len(sheet("a{" * 5_000).rules) < 20
    assert len(sheet("@media a{" * 3 + "p{top:0}" + "}" * 3).at_rules) == 3


def test_a_rule_knows_its_line():
    read = sheet("a{top:0}\n\nb{\ntop:0}\n@media print{\nc{top:0}}", line=10)
    assert [(rule.selectors, rule.conditions) for rule in read.rules] == [
        (("a",), ()), (("b",), ()), (("c",), ("@media print",)),
    ]  # fmt: skip
    assert read.rules[0].line == 10


@pytest.mark.parametrize(
    ("selector", "reaches"),
    [
        ("p", True), ("div", False), (".a", True), (".a.b", True), (".a.c", False), ("#i", True),
        ("#j", False),
        ("div p", True), ("div > p", True), ("body > p", False), ("section p", False), ("[title]", True),
        ("[lang]", False), ("[title=one-two]", True), ("[title~=one-two]", True), ("[title^=one]", True),
        ("[title$=two]", True), ("[title*='-']", True), ("[title|=one]", True),
        ("p:hover", False), ("*", True),
        ("div + p", False), (":root", False), ("html:root p", True), ("!", False),
    ],
)  # fmt: skip
def test_a_selector_reaches_what_a_browser_says(selector, reaches):
    read = read_html('<div><p class="a b" id="i" title="one-two">x</p></div>')
    element = next(one for one in read.elements if one.tag == "p")
    assert applies(selector, element) is reaches


def test_the_root_is_reached_by_its_pseudo_class():
    assert applies(":root", read_html("<p>x</p>").elements[0])


@pytest.mark.parametrize(
    ("style", "size", "line"),
    [
        ("font-size:2em", 32.0, None), ("font-size:1.5rem", 24.0, None), ("font-size:50%", 8.0, None),
        ("font-size:large", 18.0, None), ("font-size:12pt", 16.0, None), ("font-size:huge", 16.0, None),
        ("font-size:20px;line-height:1.5", 20.0, 30.0), ("line-height:150%", 16.0, 24.0),
    ],
)  # fmt: skip
def test_relative_sizes_are_worked_out(style, size, line):
    read = read_html(f'<p style="{style}">x</p>')
    look = cascade(read, dark=False).look(read.elements[-1])
    assert (look.size_px, look.line_px) == (size, line)


def test_old_attributes_colour_where_no_style_does():
    read = read_html('<table bgcolor="#000000"><tr><td><font color="#FFFF00">x</font></td></tr></table>')
    look = cascade(read, dark=False).look(next(one for one in read.elements if one.tag == "font"))
    assert (look.colour, look.ground) == ("#FFFF00", "#000000")


def test_a_colour_nobody_can_read_is_no_finding():
    assert "A11Y-08" not in rules_of(added('<p style="color:var-unknown">x</p>'))


# --- What is no finding ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("DOC-06", added("<p>Write <code>{{ name }}</code>.</p>")),
        ("HTM-04", added("<p>As it says: <code>[gallery]</code></p>")),
        ("HTM-04", added("<p>It was [sic] wrong [3].</p>")),
        ("HTM-01", added('<video><a href="https://site.example/v">the film</a></video>')),
        ("A11Y-10", added('<p style="font-size:22px">Large but not bold</p>')),
        ("A11Y-12", added('<p hidden><a href="https://site.example/h">x</a></p>')),
        ("A11Y-12", added('<p><a href="https://site.example/a"><img src="https://site.example/a.png" '
                          'width="40" '
                          'height="40" alt="A"></a><a href="https://site.example/b"><img src='
                          '"https://site.example/b.png" width="40" height="40" alt="B"></a></p>')),
        ("A11Y-13", added("<!--[if mso]><v:rect></v:rect><![endif]-->")),
        ("LINK-01", Change(html=(("https://site.example/second", "http://127.0.0.1/second"),), facts={
            "hosts": frozenset({"127.0.0.1"}), "posts": None})),
        ("LINK-06", html("https://site.example/second", "https://site.example/second#top")),
        ("CSS-07", css("@media (width:1px){p{color:#222222}}")),
    ],
)  # fmt: skip
def test_what_only_looks_wrong_is_left_alone(rule, change):
    assert rule not in rules_of(change)


def test_an_animation_that_ends_and_does_not_flash_is_fine():
    calm = {
        PHOTO: Picture(status=200, content_type="image/gif", width=1200, height=600, seconds=2.0, flashes=1)
    }
    assert "A11Y-14" in check(mail(), replace(FACTS, pictures=calm)).passed
    unknown = {PHOTO: replace(calm[PHOTO], flashes=None)}
    report = check(mail(), replace(FACTS, pictures=unknown))
    assert "A11Y-14" in {one.rule for one in report.not_run}


def test_a_small_picture_without_a_credit_is_fine():
    """Only header pictures owe a credit that nobody wrote."""
    change = html('width="600" height="300"', 'width="120" height="60"')
    facts = {"posts": (replace(FACTS.posts[0], credit=""),), "pictures": None}
    assert "IMG-07" not in rules_of(replace(change, facts=facts))


def test_a_notice_passes_what_notices_owe():
    notice = Change(
        headers={
            "List-Id": None, "List-Unsubscribe": None, "List-Unsubscribe-Post": None,
            "Auto-Submitted": "auto-generated",
        },
        facts={"kind": "", "planned_headers": None},
    )  # fmt: skip
    report = check(mail(notice), replace(FACTS, **notice.facts))
    assert {"UNS-01", "UNS-02", "HDR-02", "HDR-04"} <= set(report.passed)


def test_a_mail_of_unknown_kind_is_not_run_where_the_kind_decides():
    bare = Change(
        headers={"List-Id": None, "List-Unsubscribe": None}, facts={"kind": "", "planned_headers": None}
    )
    report = check(mail(bare), replace(FACTS, **bare.facts))
    assert {"UNS-01", "UNS-02", "HDR-02", "HDR-04"} <= {one.rule for one in report.not_run}


def test_an_issue_is_known_by_its_headers():
    report = check(mail(), replace(FACTS, kind=""))
    assert {"UNS-01", "HDR-02"} <= set(report.passed)


@pytest.mark.parametrize("language", ["xx", "cy"])
def test_a_language_without_words_is_not_run(language):
    report = check(mail(html('<html lang="en"', f'<html lang="{language}"')), FACTS)
    assert {"A11Y-06", "ID-01"} <= {one.rule for one in report.not_run}


def test_errors_alone_keep_a_mail_back():
    report = check(read_html(HTML.replace("<!DOCTYPE html>", "")), Facts())
    assert {one.severity for one in report.errors} == {Severity.ERROR}
    assert "DOC-01" in {one.rule for one in report.errors}


# --- Bytes -----------------------------------------------------------------------------------------


def test_a_mail_of_ten_megabytes_is_told():
    assert "SIZE-04" in rules_of(Change(body=b"Content-Type: text/plain\r\n\r\n" + b"x" * 10_000_001))


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Type: text/html; charset=no-such\r\n\r\n<p>caf\xc3\xa9</p>",
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
        (
            b"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
            b"--b\r\nContent-Type: text/html\r\n\r\n\r\n--b--"
        ),
        b"Date: no date at all\r\nContent-Type: text/html\r\n\r\n<p>x</p>",
        b"Subject: =?no-such?q?x?=\r\n\r\nx",
    ],
)
def test_a_mail_that_makes_no_sense_is_read_all_the_same(data):
    read = read_mail(data)
    assert check(read, Facts()).findings
    assert read.comments == ()


def test_a_picture_in_the_mail_is_no_attachment():
    data = (
        b"Content-Type: multipart/related; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--b\r\n"
        b"Content-Type: image/png\r\nContent-ID: <a>\r\n\r\nx\r\n--b--\r\n"
    )
    assert read_mail(data).attachments == ()


def test_line_breaks_part_words():
    assert text_of(read_html("<p>one<br>two</p>").elements[-2]) == "one two"


def test_an_unknown_media_feature_is_no_feature():
    assert "css-at-media" in features(read_html("<style>@media (width:1px){p{top:0}}</style>"))
    assert not [slug for slug in features(read_html("<style>@page{top:0}</style>")) if "-at-" in slug]


def test_a_readers_own_link_is_known():
    assert is_personal("https://a.example/unsubscribe/k1.ann01.deadbeef")
    assert not is_personal("https://a.example/unsubscribe")


# --- Mending ---------------------------------------------------------------------------------------


def test_what_is_no_garbled_text_stays():
    assert list(garbled("CAFÉ », Ã‚ and âœ")) == [("Ã‚", "Â")]
    overlong = "ð\u20ac\u20ac\u20ac"
    assert list(garbled(overlong)) == []
    assert ungarbled(overlong) == overlong


def test_controls_that_meant_a_character_become_it():
    assert without_controls("a\x00b\x92c\x81d\x07e") == "ab’cde"


def test_nothing_is_mended_that_was_not_asked_for():
    facts = Facts(
        links={"http://a.example/": Answer(status=200, over_https=False)},
        pictures={PHOTO: Picture(status=200, width=1200, height=600), "b.gif": Picture(status=200)},
    )
    whole = f'<img src="{PHOTO}" width="600" height="300"><img src="b.gif">'
    whole += '<a href="http://a.example/">x</a><img src="c">'
    assert mended(whole, facts).changes == ()
    assert mended_text("http://a.example/", facts).changes == ()
    assert (
        mended(f'<img src="{PHOTO}" height="30"/>', facts).text
        == f'<img src="{PHOTO}" height="30" width="60"/>'
    )


def test_a_mail_nobody_can_decode_is_left_alone():
    data = b"Subject: x\r\nContent-Type: text/html; charset=no-such\r\n\r\n<p>\x80</p>"
    assert mended_mail(data, Facts()).data is data
    plain = b"Subject: x\r\nContent-Type: text/plain\r\n\r\nx"
    assert mended_mail(plain, Facts()).changes == ()


def test_an_extension_of_a_gif_that_means_nothing_here_is_passed_over():
    head = b"GIF89a\x02\x00\x01\x00\x00\x00\x00"
    assert measured(head + b"\x21\xfe\x02hi\x00;").width == 2
    assert measured(head + b"\x21\xff\x0bNETSCAPE").width == 2
