"""One mail through each provider for real: skipped where its key is not in the environment.

    EVERYPOST_LIVE_FROM=news@example.org EVERYPOST_LIVE_TO=you@example.org EVERYPOST_LIVE_RESEND_KEY=… \\
        pytest tests/live --force-enable-socket

The mail is addressed to yourself; look at it when it arrives, its headers too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from digest.model import Message, OutcomeKind
from digest.net.exchange import Exchange
from digest.providers.brevo import Brevo
from digest.providers.by_http import HttpBackend
from digest.providers.mailgun import Mailgun
from digest.providers.mailjet import Mailjet
from digest.providers.pace import Pace
from digest.providers.postmark import Postmark
from digest.providers.resend import Resend
from digest.providers.sendgrid import SendGrid
from digest.providers.sparkpost import SparkPost
from digest.providers.wire import Wire
from tests.finished_mails import message

pytestmark = pytest.mark.live

PREFIX = "EVERYPOST_LIVE_"
WIRES: Mapping[str, tuple[tuple[str, ...], Callable[..., Wire]]] = {
    "resend": (("RESEND_KEY",), lambda key: Resend(key=key)),
    "brevo": (("BREVO_KEY",), lambda key: Brevo(key=key)),
    "postmark": (("POSTMARK_TOKEN",), lambda token: Postmark(token=token)),
    "mailgun": (("MAILGUN_KEY", "MAILGUN_DOMAIN"), lambda key, domain: Mailgun(key=key, domain=domain)),
    "sendgrid": (("SENDGRID_KEY",), lambda key: SendGrid(key=key)),
    "sparkpost": (("SPARKPOST_KEY",), lambda key: SparkPost(key=key)),
    "mailjet": (("MAILJET_KEY", "MAILJET_SECRET"), lambda key, other: Mailjet(key=key, secret=other)),
}


@pytest.mark.parametrize("name", WIRES)
def test_a_mail_to_ourselves_is_taken(name: str) -> None:
    names, make = WIRES[name]
    missing = [PREFIX + wanted for wanted in (*names, "FROM", "TO") if not os.environ.get(PREFIX + wanted)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} in the environment")
    backend = HttpBackend(
        make(*(os.environ[PREFIX + wanted] for wanted in names)), Exchange("Everypost"), Pace()
    )
    outcomes = list(backend.hand_over([_to_ourselves()], frozenset))
    backend.close()
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.ACCEPTED], outcomes


def _to_ourselves() -> Message:
    made = message(1, to=os.environ[f"{PREFIX}TO"])
    own = os.environ[f"{PREFIX}FROM"].encode()
    return replace(made, data=made.data.replace(b"letters@quietbench.example", own), key="")
