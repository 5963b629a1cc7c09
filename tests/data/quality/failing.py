"""For each rule of the gate: what to change in the good mail of ``good_mail`` to break it.

A rule with two severities has an entry for each, as "SIZE-01 error".
"""

from datetime import date

from digest.quality.facts import Answer, Picture, ShownSponsor
from tests.data.quality.good_mail import FACTS, HTML, LEAD, PHOTO, SPONSOR, TEXT, Change, alternative

IMG = 'alt="Lamps along a quay at dusk"'


def html(old: str, new: str) -> Change:
    return Change(html=((old, new),))


def added(new: str) -> Change:
    """Return a change that puts something at the end of the card."""
    return html("</td></tr></table>", f"{new}</td></tr></table>")


def css(new: str) -> Change:
    """Return a change that adds a stylesheet to the head."""
    return html("</head>", f"<style>{new}</style></head>")


def header(name: str, value: str | None) -> Change:
    return Change(headers={name: value})


def picture(**changes) -> Change:
    usual = {"status": 200, "content_type": "image/jpeg", "octets": 90_000, "width": 1200, "height": 600}
    return Change(facts={"pictures": {PHOTO: Picture(**usual | changes)}})


def link(**answer) -> Change:
    return Change(facts={"links": {LEAD: Answer(**answer)}})


def paragraphs(octets: int) -> Change:
    return added("<p>" + "word " * (octets // 5) + "</p>")


FAILING: dict[str, Change] = {
    "DOC-01": html("<!DOCTYPE html>", "<!doctype html>"),
    "DOC-02": html('<html lang="en" dir="ltr">', '<html lang="English">'),
    "DOC-03": html('<div lang="en" dir="ltr" class', "<div class"),
    "DOC-04": html("<title>Harbour lights and two more", "<title>Newsletter"),
    "DOC-05": html('<meta charset="utf-8">', ""),
    "DOC-06": added("<p>Dear {{ name }},</p>"),
    "DOC-07": added("<p>It\u0092s late.</p>"),
    "DOC-08": added('<p id="one"></p><p id="one"></p>'),
    "DOC-09": added("<p>Itâ€™s late at the cafÃ©.</p>"),
    "SIZE-01 error": paragraphs(100_000),
    "SIZE-01 warning": paragraphs(80_000),
    "SIZE-02": css(".a{color:#000000}" * 500),
    "SIZE-03": added("<p>" + "word" * 250 + "</p>"),
    "SIZE-04": Change(body=alternative(("plain", TEXT), ("html", HTML)).replace(
        b"--b--", b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n--b--")),
    "CSS-01": added('<p style="background:url(https://site.example/a.png)">x</p>'),
    "CSS-02": css("@supports (color:red){@media (min-width:1px){.a{color:#000000}}}"),
    "CSS-03": added('<p style="color:rgb(0 0 0 / .9)">x</p>'),
    "CSS-04": added("<style>.a{color:#000000}</style>"),
    "CSS-05": added('<p style="color:#222222 !important">x</p>'),
    "CSS-06": added('<div style="display:flex">x</div>'),
    "CSS-07": added('<p style="width:calc(100% - 2px)">x</p>'),
    "CSS-08": added('<span style="padding:4px">x</span>'),
    "CSS-09": Change(facts={"source_css": ".ink{color:#222222;text-indent:2px}"}),
    "CSS-10": css("td > p{color:#222222}"),
    "CSS-11": html(".card{background-color:#101010!important}", ""),
    "CSS-12": added('<p style="text-shadow:1px 1px #000000">x</p>'),
    "HTM-01": added("<form><p>x</p></form>"),
    "HTM-02": added('<p onclick="go()">x</p>'),
    "HTM-03": html("<img ", '<img srcset="https://site.example/2.jpg 2x" '),
    "HTM-04": added('<p>[gallery ids="1,2"]</p>'),
    "A11Y-01": added("<table><tr><td>x</td></tr></table>"),
    "A11Y-02": added("<table><tr><th>Area</th></tr><tr><td>38</td></tr></table>"),
    "A11Y-03": html(f" {IMG}", ""),
    "A11Y-04": html(IMG, 'alt="IMG_2041.jpg"'),
    "A11Y-05": added('<a href="https://site.example/x"></a>'),
    "A11Y-06": added('<p>For the report, <a style="color:#222222" href="https://site.example/x">click here</a></p>'),
    "A11Y-07": added('<p>Lit: <a style="color:#222222" href="https://site.example/x">Harbour lights</a></p>'),
    "A11Y-08": added('<p style="color:#999999">Faint words</p>'),
    "A11Y-09": added('<p>Some running words and <a style="color:#222222;text-decoration:none" '
                     'href="https://site.example/x">a hidden link</a></p>'),
    "A11Y-10": added("<h4>Too deep</h4>"),
    "A11Y-11": added('<p style="font-size:11px">Small print</p>'),
    "A11Y-12": added('<table role="presentation"><tr><td style="background-color:#222222;mso-padding-alt:4px"><a '
                     'href="https://site.example/x" style="display:inline-block;padding:4px 8px;line-height:20px;'
                     'color:#FFFFFF;background-color:#222222">Read the report</a></td></tr></table>'),
    "A11Y-13": added('<!--[if mso]><v:roundrect href="https://site.example/x"><center>Read</center></v:roundrect>'
                     "<![endif]-->"),
    "A11Y-14": picture(content_type="image/gif", seconds=8.0),
    "A11Y-15": added("<blockquote>Огни снова горят вдоль всей набережной</blockquote>"),
    "IMG-01": html(PHOTO, "/photo.jpg"),
    "IMG-01 warning": html(PHOTO, "http://site.example/photo.jpg"),
    "IMG-02": picture(status=404),
    "IMG-03": html(PHOTO, "https://site.example/photo.webp"),
    "IMG-04": html('width="600" height="300"', 'width="600" height="200"'),
    "IMG-05 warning": picture(octets=1_500_000),
    "IMG-05 error": picture(octets=3_500_000),
    "IMG-06": html('width="600" height="300"', 'width="1200" height="600"'),
    "IMG-07": html("Photo: B. Hale", "At dusk"),
    "IMG-08": html(PHOTO, "data:image/gif;base64,R0lGODlhAQABAAAAACw="),
    "LINK-01": added('<p>Near <a style="color:#222222" href="http://192.168.1.7/x">the router</a></p>'),
    "LINK-02 error": link(status=410),
    "LINK-02 warning": link(status=503),
    "LINK-03": Change(html=((LEAD, "http://site.example/lead"),), text=((LEAD, "http://site.example/lead"),),
                      facts={"links": {"http://site.example/lead": Answer(status=200, over_https=True)},
                             "posts": (), "lead": ""}),
    "LINK-04": added('<p>At <a style="color:#222222" href="https://evil.example/x">www.bank.example.org</a></p>'),
    "LINK-05": added('<p>At <a style="color:#222222" href="https://bit.ly/x">the offer</a></p>'),
    "LINK-06": added('<p>Or <a style="color:#222222" href="#top">to the top</a></p>'),
    "LINK-07": added("".join(f'<p>Go <a style="color:#222222" href="https://site.example/{n}">place {n}</a></p>'
                             for n in range(100))),
    "LINK-08": html("<p>Sponsored</p>", ""),
    "UNS-01": html("https://news.site.example/unsubscribe/k1.preview.abc\">Unsubscribe",
                   "https://news.site.example/preferences/k1.preview.abc\">Preferences"),
    "UNS-02": header("List-Unsubscribe-Post", None),
    "UNS-03": html("<p>You get", "<p>" + "word " * 19_400 + "</p><p>You get"),
    "UNS-04": added('<p>See <a style="color:#222222" href="https://news.site.example/preferences/k1.ann01.deadbeef">'
                    "my settings</a></p>"),
    "HDR-01": Change(more=b"Subject: Another\r\n"),
    "HDR-02": header("List-Id", None),
    "HDR-03": Change(more="X-Name: Zoë\r\n".encode(), facts={"planned_headers": None}),
    "HDR-04": header("Reply-To", "no-reply@site.example"),
    "TXT-01": Change(body=alternative(("html", HTML), ("plain", TEXT))),
    "TXT-02": Change(text=((f"Ferry questions\n{FACTS.posts[1].link}\n", ""),)),
    "TXT-03": Change(text=(("Every lamp along", "Every&nbsp;lamp along"),)),
    "INB-01": Change(headers={"Subject": ""}),
    "INB-02": header("Subject", "Harbour lights, and everything else that happened along the whole quay this week"),
    "INB-03": html("The lights are lit again, and a reader asks about the ferry.", "Lit."),
    "INB-04": Change(facts={"recent_subjects": ("Harbour lights and two more",)}),
    "INB-05": header("Subject", "Re: Harbour lights and two more"),
    "INB-06": header("From", "The Quay Post of Exampleton Harbour <post@site.example>"),
    "SPON-01": Change(facts={"sponsors": (
        ShownSponsor(name="Sailmakers", link=SPONSOR, ends_on=date(2026, 5, 1)),)}),
    "ID-01": html("Quay Post, 1 Pier Road, Exampleton", ""),
    "DIG-01": added(f'<h2><a class="ink" style="color:#222222" href="{LEAD}">Harbour lights</a></h2>'),
    "SPAM-01 warning": Change(facts={"spam_score": 3.4}),
    "SPAM-01 error": Change(facts={"spam_score": 6.0}),
}  # fmt: skip
