"""The demonstration's mails pass our own gate: no error and no warning in what our templates make."""

from __future__ import annotations

from digest.app import now_utc
from digest.demo.stage import Stage
from digest.demo.story import tell
from digest.pipeline import gate
from digest.quality.check import check
from digest.quality.facts import Facts
from digest.quality.mail import read_mail
from digest.quality.report import Severity
from digest.web.application import create_app


def test_the_demonstrations_mails_have_no_error_and_no_warning():
    with Stage(now_utc, create_app) as stage:
        summary = tell(stage, lambda _line: None)
        assert summary.faults == ()
        publication = stage.app.publication
        facts = Facts(
            sender=publication.name,
            postal_address=publication.postal_address,
            hosts=gate.own_hosts(publication),
            recent_subjects=(),
        )
        found = [
            (mail.envelope_to, one.rule, one.detail, one.place.snippet)
            for mail, report in (
                (read, check(read_mail(read.data), facts)) for read in stage.inbox.messages()
            )
            for one in report.findings
            if one.severity is not Severity.NOTE
        ]
        assert not found, "\n".join(map(str, found))
