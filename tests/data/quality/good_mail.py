"""Mails for the tests of the gate's rules: one that breaks none, and what to change to break each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from digest.quality.facts import Answer, Facts, Picture, ShownPost, ShownSponsor
from digest.quality.mail import Mail, read_mail

LEAD, SECOND = "https://site.example/lead", "https://site.example/second"
PHOTO = "https://site.example/photo.jpg"
SPONSOR = "https://sponsor.example/offer"

HTML = """<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Harbour lights and two more</title>
<!--[if mso]><style>.px{padding:40px !important}</style><![endif]-->
<style>@media (prefers-color-scheme:dark){.card{background-color:#101010!important}.ink{color:#F0F0F0!important}}</style>
</head><body><div lang="en" dir="ltr" class="card ink" style="background-color:#FFFFFF; color:#222222">
<div style="display:none; max-height:0">The lights are lit again, and a reader asks about the ferry.</div>
<table role="presentation" width="100%"><tr><td class="ink" style="padding:20px; font-size:16px; line-height:25px; color:#222222">
<h1 class="ink" style="font-size:28px; line-height:34px; color:#222222"><a class="ink" style="color:#222222; text-decoration:none" href="LEAD">Harbour lights</a></h1>
<p>Every lamp along the quay was lit on Monday for the first time in nine years, and people came to look.</p>
<img src="PHOTO" width="600" height="300" alt="Lamps along a quay at dusk"><p style="font-size:13px; line-height:20px">Photo: B. Hale</p>
<h2><a class="ink" style="color:#222222; text-decoration:none" href="SECOND">Ferry questions</a></h2>
<p>When does the ferry run, who pays, and who decided? The answers are short, and one of them is missing.</p>
<p>Sponsored</p><p>Sailmakers mend what the wind tears. <a class="ink" style="color:#222222" rel="sponsored" href="SPONSOR">See Sailmakers’ offer</a></p>
<p>You get this because you confirmed your subscription to Quay Post.
<a class="ink" style="color:#222222" href="https://news.site.example/unsubscribe/k1.preview.abc">Unsubscribe</a></p>
<p>Quay Post, 1 Pier Road, Exampleton</p>
</td></tr></table></div></body></html>
""".replace('"LEAD"', f'"{LEAD}"').replace('"SECOND"', f'"{SECOND}"').replace('"PHOTO"', f'"{PHOTO}"').replace(
    '"SPONSOR"', f'"{SPONSOR}"')  # fmt: skip

TEXT = f"""QUAY POST

Harbour lights
{LEAD}
Every lamp along the quay was lit on Monday.
[Image: Lamps along a quay at dusk. Photo: B. Hale]

Ferry questions
{SECOND}

Unsubscribe:
https://news.site.example/unsubscribe/k1.preview.abc
"""

HEADERS = (
    ("From", "Quay Post <post@site.example>"),
    ("To", "reader@example.org"),
    ("Subject", "Harbour lights and two more"),
    ("Date", "Mon, 01 Jun 2026 06:00:00 +0000"),
    ("Message-ID", "<d1.abc@site.example>"),
    ("List-Id", "Quay Post <post.site.example>"),
    ("List-Unsubscribe", "<https://news.site.example/unsubscribe/k1.preview.abc>"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ("Reply-To", "editor@site.example"),
    ("MIME-Version", "1.0"),
)

FACTS = Facts(
    kind="issue",
    layout="digest",
    shown_as="preview",
    sender="Quay Post",
    postal_address="Quay Post, 1 Pier Road, Exampleton",
    planned_headers=(*(name for name, _ in HEADERS), "Content-Type"),
    source_css=".ink{color:#222222}",
    posts=(
        ShownPost(title="Harbour lights", link=LEAD, picture=PHOTO, credit="Photo: B. Hale"),
        ShownPost(title="Ferry questions", link=SECOND),
    ),
    lead=LEAD,
    sponsors=(ShownSponsor(name="Sailmakers", link=SPONSOR, ends_on=date(2026, 6, 30)),),
    sent_on=date(2026, 6, 1),
    recent_subjects=("Something else entirely",),
    recent_senders=("Quay Post",),
    links={LEAD: Answer(status=200), SECOND: Answer(status=200), SPONSOR: Answer(status=200)},
    pictures={PHOTO: Picture(status=200, content_type="image/jpeg", octets=90_000, width=1200, height=600)},
    one_click=Answer(status=200),
    signed_headers=frozenset({"from", "list-unsubscribe", "list-unsubscribe-post"}),
    spam_score=0.1,
)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What to change in the good mail: pieces of its parts, its headers, and the facts."""

    html: tuple[tuple[str, str], ...] = ()  # old and new
    text: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str | None] = field(default_factory=dict)  # None takes the field out
    more: bytes = b""  # written into the head as it stands
    body: bytes | None = None  # instead of both parts
    facts: dict[str, Any] = field(default_factory=dict)


def changed(text: str, pieces: tuple[tuple[str, str], ...]) -> str:
    for old, new in pieces:
        assert old in text, old
        text = text.replace(old, new)
    return text


def mail(change: Change | None = None) -> Mail:
    """Return the good mail with a change, read back from its bytes."""
    change = change or Change()
    fields = [(name, change.headers.get(name, value)) for name, value in HEADERS]
    fields += [(name, value) for name, value in change.headers.items() if name not in dict(HEADERS)]
    head = b"".join(f"{name}: {value}\r\n".encode() for name, value in fields if value is not None)
    html, text = changed(HTML, change.html), changed(TEXT, change.text)
    body = change.body if change.body is not None else alternative(("plain", text), ("html", html))
    return read_mail(head + change.more + body)


def alternative(*parts: tuple[str, str]) -> bytes:
    """Return parts as a mail carries them, with the header that opens them; 8bit, so that tests can read them."""
    written = "".join(f"--b\n{part_head(kind)}\n\n{content}\n" for kind, content in parts)
    whole = f'Content-Type: multipart/alternative; boundary="b"\n\n{written}--b--\n'
    return whole.replace("\n", "\r\n").encode("utf-8", "surrogatepass")


def part_head(kind: str) -> str:
    return f'Content-Type: text/{kind}; charset="utf-8"\nContent-Transfer-Encoding: 8bit'
