"""The backend of each provider, opened on a provider's server that runs inside a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from digest.net.client import Limits
from digest.net.exchange import Exchange
from digest.providers.anymail import AnymailBackend, AnymailConfig
from digest.providers.base import Backend
from digest.providers.brevo import Brevo
from digest.providers.by_http import HttpBackend
from digest.providers.mailgun import Mailgun
from digest.providers.mailjet import Mailjet
from digest.providers.pace import Pace
from digest.providers.postmark import Postmark
from digest.providers.resend import Resend
from digest.providers.sendgrid import SendGrid
from digest.providers.ses import SesBackend, SesConfig
from digest.providers.sparkpost import SparkPost
from digest.providers.wire import Wire
from tests import provider_servers as servers
from tests.provider_servers import DOMAIN, KEY, SECRET, Desk

PATIENT = Limits(total_s=10.0, connect_s=5.0, max_bytes=1_000_000, max_hops=0, allow_private=True)
HASTY = Limits(total_s=0.3, connect_s=0.3, max_bytes=1_000_000, max_hops=0, allow_private=True)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One provider: its desk, and how its backend is opened on it."""

    desk: Callable[[], Desk]
    opens: Callable[..., Backend]  # url, key → backend
    takes_whole_mails: bool  # else it builds the mail from its parts


def http(make: Callable[[str, str], Wire]) -> Callable[..., Backend]:
    def opens(
        url: str, key: str = KEY, *, limits: Limits = PATIENT, pace: Pace | None = None, **more: Any
    ) -> Backend:
        return HttpBackend(make(url, key), Exchange("Everypost/test", limits), pace or Pace(), **more)

    return opens


def ses(url: str, key: str = KEY, **more: Any) -> Backend:
    config = SesConfig(region="eu-west-1", access_key_id=key, secret_access_key=SECRET, base_url=url)
    return SesBackend(config, more.get("pace") or Pace())


def anymail(url: str, key: str = KEY, **more: Any) -> Backend:
    config = AnymailConfig(provider="postmark", options={"api_url": f"{url}/"}, secrets={"server_token": key})
    return AnymailBackend(config, more.get("pace") or Pace())


KINDS = {
    "ses": Kind(desk=servers.SesDesk, opens=ses, takes_whole_mails=True),
    "resend": Kind(
        desk=servers.ResendDesk,
        opens=http(lambda url, key: Resend(key=key, base_url=url)),
        takes_whole_mails=False,
    ),
    "brevo": Kind(
        desk=servers.BrevoDesk,
        opens=http(lambda url, key: Brevo(key=key, base_url=url)),
        takes_whole_mails=False,
    ),
    "postmark": Kind(
        desk=servers.PostmarkDesk,
        opens=http(lambda url, key: Postmark(token=key, base_url=url)),
        takes_whole_mails=False,
    ),
    "mailgun": Kind(
        desk=servers.MailgunDesk,
        opens=http(lambda url, key: Mailgun(key=key, domain=DOMAIN, base_url=url)),
        takes_whole_mails=True,
    ),
    "sendgrid": Kind(
        desk=servers.SendGridDesk,
        opens=http(lambda url, key: SendGrid(key=key, base_url=url)),
        takes_whole_mails=False,
    ),
    "sparkpost": Kind(
        desk=servers.SparkPostDesk,
        opens=http(lambda url, key: SparkPost(key=key, base_url=url)),
        takes_whole_mails=True,
    ),
    "mailjet": Kind(
        desk=servers.MailjetDesk,
        opens=http(lambda url, key: Mailjet(key=key, secret=SECRET, base_url=url)),
        takes_whole_mails=False,
    ),
    "anymail:postmark": Kind(desk=servers.PostmarkDesk, opens=anymail, takes_whole_mails=False),
}
"""Every provider. A new one is one line here, and the contract suite and the rows of faults run over it."""
