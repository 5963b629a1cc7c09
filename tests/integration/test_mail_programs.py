"""Every kind of mail, as programs on this machine read it: w3m in the order of the text, SpamAssassin."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.every_mail import KINDS, html, mail, notices, text
from tests.programs import path_of

_LINK = re.compile(r"https?://\S+")


def dumped(kind: str) -> str:
    """Return what w3m makes of a mail's HTML: its words in reading order, alternative texts included."""
    w3m = path_of("w3m", "that HTML and text are read in the same order")
    done = subprocess.run(
        [w3m, "-dump", "-cols", "100", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8"],
        input=html(kind).encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    return done.stdout.decode()


def landmarks(words: str, known: list[str]) -> list[str]:
    """Return which of the known phrases occur, in the order in which they do."""
    squeezed = " ".join(words.split()).casefold()
    places = {phrase: squeezed.rfind(phrase.casefold()) for phrase in known}
    return sorted((phrase for phrase, place in places.items() if place >= 0), key=places.__getitem__)


ORDERED = [
    "Fewer cases, longer days: what the workload returns leave out",
    "Average caseloads fell in five",
    "keeps notes, plans and court dates",
    "Three findings return in nearly every report",
    "Timetables promise ten hours",
    "The rule was cheap and simple",
    "Receipts, disposals, sitting days",
    "Early evidence on community",
    "A short note on this year",
    "Image credits:",
    "You get the weekly digest",
    "receiving this because",
]


@pytest.mark.parametrize("kind", ["daily", "weekly", "fortnightly", "monthly"])
def test_a_digest_is_read_in_one_order_whether_html_or_text(kind: str) -> None:
    from_html, from_text = (landmarks(words, ORDERED) for words in (dumped(kind), text(kind)))

    assert from_html == from_text
    assert len(from_html) >= len(ORDERED) - 1


BODY = [
    "Every quarter the returns arrive",
    "What the returns count",
    "how serious the risk is",
    "fewer names and less time",
    "What they leave out",
    "A desk at dusk. Photograph",
    "how many minutes?",
    "keeps notes, plans and court dates",
    "Just reply to this email",
    "receiving this because",
]


def test_a_post_is_read_in_one_order_whether_html_or_text() -> None:
    from_html, from_text = (
        landmarks(words, BODY) for words in (dumped("post in full"), text("post in full"))
    )

    assert from_html == from_text == BODY


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_words_of_a_mail_are_its_preheader_or_its_sender(kind: str) -> None:
    """The preheader is hidden from eyes, not from w3m and not from the list of mails on a phone."""
    first = next(line.strip(" \u2007\u034f") for line in dumped(kind).splitlines() if line.strip())

    assert len(first) > 20
    assert "<" not in first
    assert "View" not in first


@pytest.mark.parametrize("kind", ["weekly", "post in full", *notices()])
def test_a_local_spam_filter_finds_next_to_nothing(kind: str) -> None:
    """Less than one of the five points that make a mail suspect."""
    spamassassin = path_of("spamassassin", "what a spam filter says of our mails")
    done = subprocess.run(
        [spamassassin, "-L", "-t"], input=mail(kind).as_bytes(), capture_output=True, timeout=100, check=True
    )
    score = re.search(rb"X-Spam-Status: \w+, score=(-?[\d.]+)", done.stdout)

    assert score, done.stdout[-500:]
    assert float(score[1]) < 1.0, done.stdout[-1500:].decode("utf-8", "replace")
