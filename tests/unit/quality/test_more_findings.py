"""The other ways a rule can be broken: one line each, beside the first ones in ``failing``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.quality.check import check
from digest.quality.facts import Answer, Facts, Picture
from digest.quality.mail import read_html
from digest.quality.mended_mail import mended_mail
from digest.quality.mending import mended, mended_subject, mended_text
from digest.quality.picture_files import measured
from digest.quality.weights import weigh
from tests.data.quality.failing import added
from tests.data.quality.good_mail import FACTS, HTML, PHOTO, Change, mail
from tests.data.quality.more_failing import MORE


@pytest.mark.parametrize(("rule", "change"), MORE, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(MORE)])
def test_each_way_to_break_a_rule_is_found(rule, change):
    report = check(mail(change), replace(FACTS, **change.facts))
    assert rule in {one.rule for one in report.findings}


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (320).to_bytes(4)
FRAME = b"\x21\xf9\x04\x00\x32\x00\x00\x00" + b"\x2c\x00\x00\x00\x00\x02\x00\x01\x00\x00\x02\x01\x00\x00"
GIF = (
    b"GIF89a\x02\x00\x01\x00\x80\x00\x00" + b"\x00" * 6  # two by one pixels, and a table of two colours
    + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00" + FRAME * 2 + b";"  # for ever, two frames of 0.5 s
)  # fmt: skip


@pytest.mark.parametrize(
    ("octets", "size"),
    [
        (PNG, (640, 320)),
        (GIF, (2, 1)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x01\x40\x02\x80\x01", (640, 320)),
        (b"\xff\xd8\x00\x00", (None, None)),
        (b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + b"\x7f\x02\0\x3f\x01\0", (640, 320)),
        (b"RIFF\0\0\0\0WEBPVP8L" + b"\0" * 5 + (639 | 319 << 14).to_bytes(4, "little"), (640, 320)),
        (b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 10 + b"\x80\x02\x40\x01", (640, 320)),
        (b"\x89PNG\r\n\x1a\n", (None, None)),
        (b"<svg/>", (None, None)),
    ],
)
def test_the_first_bytes_of_a_picture_tell_its_size(octets, size):
    told = measured(octets)
    assert (told.width, told.height) == size


def test_an_animation_tells_how_long_and_whether_it_ends():
    assert (measured(GIF).seconds, measured(GIF).endless) == (1.0, True)


def test_what_can_be_mended_is_and_the_rest_stays_byte_for_byte():
    facts = Facts(
        links={"http://a.example/x": Answer(status=200, over_https=True)},
        pictures={PHOTO: Picture(status=200, width=1200, height=600, rendition="https://a.example/p.png")},
    )
    before = (
        '<p class="wp-block-a keep">It\u0092s cafÃ©</p><p class="wp-block-b">[gallery ids="1"]</p>'
        "<!-- wp:x -->\n"
        f'<a href="http://a.example/x">x</a><img src="{PHOTO}" alt=""><pre>[gallery]</pre>'
        '<p>https://vimeo.com/1</p><p>https://site.example/1</p><a href="#fn1">1</a>'
    )
    done = mended(before, facts)
    assert done.text == (
        '<p class="keep">It’s café</p><p></p>'
        '<a href="https://a.example/x">x</a>'
        '<img src="https://a.example/p.png" alt="" width="1200" height="600"><pre>[gallery]</pre>'
        '<p><a href="https://vimeo.com/1">https://vimeo.com/1</a></p><p>https://site.example/1</p>1'
    )
    assert dict(done.changes) == {
        "DOC-07": 1,
        "DOC-09": 1,
        "HTM-04": 6,
        "IMG-03": 1,
        "IMG-04": 1,
        "LINK-03": 1,
    }
    assert mended(done.text, facts).text == done.text
    assert mended_text("http://a.example/x\nhttp://a.example/xy", facts).text == (
        "https://a.example/x\nhttp://a.example/xy"
    )


def test_a_subject_is_calmed():
    assert mended_subject("RE: GREAT NEWS TODAY!! 🎉🎉").text == "Great news today! 🎉"
    assert mended_subject("Harbour lights").changes == ()


def test_a_whole_mail_is_mended_and_a_good_one_left_alone():
    good = mail().data
    assert mended_mail(good, Facts()).data is good
    bad = mail(Change(headers={"Subject": "Re: Lights"}, html=(("Every lamp", "It\u0092s"),))).data
    done = mended_mail(bad, Facts())
    assert dict(done.changes) == {"DOC-07": 1, "INB-05": 1}
    assert b"Subject: Lights\r\n" in done.data
    assert b"List-Unsubscribe: <https://news.site.example/unsubscribe/k1.preview.abc>\r\n" in done.data


def test_every_octet_of_a_mail_is_weighed_once():
    weights = weigh(read_html(HTML))
    assert abs(sum(part.octets for part in weights.parts) - weights.octets) < 40
    assert [part.kind for part in weights.parts].count("post") == 2
    assert weigh(read_html("<p>x</p>")).room_for is None


def test_what_a_post_says_of_templates_is_meant():
    """A post about LaTeX or Jinja is no template that was left unrendered."""
    change = added('<p title="{{ lamp }}">Write {{ lamp }} here.</p>')
    found = {one.rule for one in check(mail(change), FACTS).findings}
    meant = {one.rule for one in check(mail(change), replace(FACTS, meant=frozenset({"{{", "}}"}))).findings}
    assert ("DOC-06" in found, "DOC-06" in meant) == (True, False)


def test_a_part_is_named_by_the_words_people_read():
    mail = read_html(HTML.replace("Harbour lights", "Harbour &amp; <b>lights</b>"))
    assert "Harbour & lights" in [part.name for part in weigh(mail).parts]
