"""The demonstration's mails pass our own gate, and a spam filter finds next to nothing in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes

import pytest

from digest.app import now_utc
from digest.demo.inbox import Received
from digest.demo.stage import Stage
from digest.demo.story import tell
from digest.model import Publication
from digest.pipeline import gate
from digest.pipeline.spam_score import spam_score
from digest.quality.check import check
from digest.quality.facts import Facts
from digest.quality.mail import read_mail
from digest.quality.report import Severity
from digest.web.application import create_app
from tests.programs import path_of


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a demonstration sent."""

    publication: Publication
    mails: Sequence[Received]


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    with Stage(now_utc, create_app) as stage:
        summary = tell(stage, lambda _line: None)
        assert summary.faults == ()
        yield Played(publication=stage.app.publication, mails=stage.inbox.messages())


def test_the_demonstrations_mails_have_no_error_and_no_warning(played: Played) -> None:
    facts = Facts(
        sender=played.publication.name,
        postal_address=played.publication.postal_address,
        hosts=gate.own_hosts(played.publication),
        recent_subjects=(),
    )
    found = [
        (mail.envelope_to, one.rule, one.detail, one.place.snippet)
        for mail in played.mails
        for one in check(read_mail(mail.data), facts).findings
        if one.severity is not Severity.NOTE
    ]
    assert played.mails
    assert not found, "\n".join(map(str, found))


def test_a_local_spam_filter_finds_next_to_nothing_in_the_demonstrations_mails(played: Played) -> None:
    path_of("spamassassin", "what a spam filter says of the demonstration's mails")
    by_subject = {message_from_bytes(mail.data)["Subject"]: mail.data for mail in played.mails}
    scores = {subject: spam_score(data) for subject, data in by_subject.items()}
    assert scores
    assert {subject: score for subject, score in scores.items() if score is None or score >= 1.0} == {}
