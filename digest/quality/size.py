"""SIZE: what Gmail clips, what mail servers break, and what nobody wants to download."""

from __future__ import annotations

from collections.abc import Iterator

from digest.quality.elements import hit_in
from digest.quality.facts import Facts
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, Rule, Severity

CLIPPED_FROM = 100_000
"""Octets of encoded HTML that are too many: Gmail clips between 99 and 105 kB, as people measured."""
HEAVY_FROM = 80_000
STYLES_HEAVY_FROM = 8_192  # half of what Gmail reads
STYLES_DROPPED_FROM = 16_384  # Gmail drops the styles beyond (email-bugs 90)
LONGEST_LINE = 998  # octets without CRLF (RFC 5322 §2.1.1)
LONGEST_HEADER_LINE = 78  # characters that a header line should not exceed (ibid.)
HEAVIEST_MAIL = 10_000_000  # octets; large providers refuse from here on


def _clipped(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    size = mail.html_size
    if size >= HEAVY_FROM:
        severity = Severity.ERROR if size >= CLIPPED_FROM else Severity.WARNING
        yield hit_in("html", f"{size / 1000:.1f} kB of at most {CLIPPED_FROM // 1000}", severity=severity)


def _styles(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    size = sum(len(sheet.text.encode()) for sheet in mail.sheets)
    if size > STYLES_HEAVY_FROM:
        severity = Severity.ERROR if size > STYLES_DROPPED_FROM else Severity.WARNING
        yield hit_in("html", f"{size / 1000:.1f} kB of styles", severity=severity)


def _long_lines(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    data = mail.data or b""
    head = data.replace(b"\r\n", b"\n").partition(b"\n\n")[0].split(b"\n")
    for number, line in enumerate(data.split(b"\n"), 1):
        if len(line.rstrip(b"\r")) > LONGEST_LINE:
            yield hit_in(
                "mail", f"{len(line)} octets", line=number, words=line[:60].decode("utf-8", "replace")
            )
    for number, line in enumerate(head, 1):
        longest_word = max((len(word) for word in line.split()), default=0)
        # A web address stays in one piece, so its line may be longer (RFC 2369 §2).
        if len(line) > LONGEST_HEADER_LINE and longest_word < LONGEST_HEADER_LINE - 1:
            yield hit_in(
                "headers",
                f"{len(line)} characters",
                line=number,
                words=line.decode("utf-8", "replace"),
                severity=Severity.WARNING,
            )


def _whole(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    size = len(mail.data or b"")
    if size > HEAVIEST_MAIL:
        yield hit_in("mail", f"{size / 1_000_000:.1f} MB")
    for name in mail.attachments:
        yield hit_in("mail", f"“{name}” is attached", words=name)


RULES = (
    Rule(id="SIZE-01", severity=Severity.ERROR, who=Mender.SETTINGS, needs=("html",), looks=_clipped,
         says="The HTML is so large that Gmail cuts the mail off, or nearly so.",
         mend="Show fewer posts or shorter summaries; `digest check` tells what weighs most.",
         source="Gmail clips near 102 kB; email-bugs 41"),
    Rule(id="SIZE-02", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=("html",), looks=_styles,
         says="The style elements are large: Gmail reads 16 kB of them and drops the rest.",
         mend="Remove rules that no element uses.",
         source="email-bugs 90; caniemail html-style"),
    Rule(id="SIZE-03", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=("data",), looks=_long_lines,
         says="A line is longer than mail may have.",
         mend="Send the part quoted-printable; fold headers between words.",
         source="RFC 5322, 2.1.1"),
    Rule(id="SIZE-04", severity=Severity.WARNING, who=Mender.CONTENT, needs=("data",), looks=_whole,
         says="The mail is very large, or carries an attachment.",
         mend="Link to files instead of attaching them.",
         source="limits of mail providers"),
)  # fmt: skip
