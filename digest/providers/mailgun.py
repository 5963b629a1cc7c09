"""Mailgun: whole mails, byte for byte as they were made, one a call; records to ask, and no keys.

Pure. Sources, read 2026-11-25: for the logs (``POST /v1/analytics/logs``, dates by RFC 2822, conditions
below ``filter.AND``) rubydoc.info/gems/mailgun-ruby/Mailgun/Logs, and for the answer's ``items`` and their
``message.headers.message-id`` a public client of it; ``messages.mime`` and the words of refusals as
documentation.mailgun.com had them, not read again. The EU region has a host of its own. Message-ID and Date
stay ours.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, ClassVar, Final

from digest.model import Outcome, OutcomeKind
from digest.net.call import Answer, Call
from digest.providers.letter import CannotExpress, Letter
from digest.providers.verdicts import Reading, every, outcome, paused, words_of
from digest.providers.wire import Habits

BASE_URL: Final = "https://api.mailgun.net"
_REFUSES_US: Final = ("not allowed to send", "not activated", "disabled", "sandbox", "authorized recipients")


@dataclass(frozen=True, kw_only=True)
class Mailgun:
    """How Mailgun is spoken to."""

    key: str = field(repr=False)
    domain: str  # the sending domain, as Mailgun knows it
    base_url: str = BASE_URL

    name: ClassVar[str] = "mailgun"
    habits: ClassVar[Habits] = Habits(title="Mailgun", look_up_after_s=300, patience_s=60 * 60)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key, plain and as Basic authentication writes it (RFC 7617)."""
        return (self.key, self._login)

    def send(self, letters: Sequence[Letter], key: str) -> Call:  # noqa: ARG002  Mailgun knows no keys
        """Return the call for one letter: the mail itself, as a file of a form (RFC 7578)."""
        (letter,) = letters
        fields = {"to": letter.to.address, "o:tracking": "no", "v:everypost": letter.reference}
        boundary = f"everypost-{letter.reference}".encode()
        if boundary in letter.raw:
            raise CannotExpress("the mail holds the mark that would end it")
        parts = [
            b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (name.encode(), value.encode())
            for name, value in fields.items()
        ]
        parts.append(
            b'Content-Disposition: form-data; name="message"; filename="message.mime"\r\n'
            b"Content-Type: message/rfc822\r\n\r\n" + letter.raw
        )
        body = b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts) + b"--%s--\r\n" % boundary
        form = ("content-type", f"multipart/form-data; boundary={boundary.decode()}")
        return self._call("POST", f"v3/{self.domain}/messages.mime", form, body)

    def read(self, answer: Answer, letters: Sequence[Letter]) -> Reading | None:
        """Return what an answer means where it is Mailgun's own words that say it."""
        said = answer.json()
        if answer.status == 200 and isinstance(said, Mapping) and said.get("id"):
            id_ = str(said["id"]).strip("<>")
            return every(letters, OutcomeKind.ACCEPTED, answer, "", provider_id=id_)
        detail = words_of(answer)
        if answer.status == 400:
            if "'to'" in detail or detail.startswith("to parameter"):
                return every(letters, OutcomeKind.REJECTED, answer, detail)
            if any(words in detail.lower() for words in _REFUSES_US):
                return paused(letters, answer, detail)
        return None

    def look_up(self, letter: Letter, since: datetime) -> Call:
        """Return the question for what was taken for this reader since."""
        wanted = {
            "start": format_datetime(since - timedelta(minutes=2)),
            "events": ["accepted", "delivered", "failed", "rejected"],
            "filter": {
                "AND": [
                    {
                        "attribute": "recipient",
                        "comparator": "=",
                        "values": [{"label": letter.to.address, "value": letter.to.address}],
                    }
                ]
            },
            "pagination": {"limit": 100},
        }
        json_type = ("content-type", "application/json")
        return self._call("POST", "v1/analytics/logs", json_type, json.dumps(wanted).encode())

    def found(self, answer: Answer, letter: Letter, since: datetime) -> Outcome | None:  # noqa: ARG002
        """Return that Mailgun has the letter, if an event names its Message-ID."""
        said = answer.json()
        items = said.get("items") if isinstance(said, Mapping) else None
        if not isinstance(items, list):
            raise ValueError("no items in the answer")
        wanted = letter.message_id.strip("<>")
        for item in items:
            if wanted and _message_id(item) == wanted:
                return outcome(letter, OutcomeKind.ACCEPTED, "", "found in its logs", provider_id=wanted)
        return None

    def check(self) -> Call:
        """Ask for the domain."""
        return self._call("GET", f"v3/domains/{self.domain}")

    @property
    def _login(self) -> str:
        return b64encode(f"api:{self.key}".encode()).decode()

    def _call(self, method: str, path: str, kind: tuple[str, str] | None = None, body: bytes = b"") -> Call:
        headers = [("authorization", f"Basic {self._login}"), *([kind] if kind else [])]
        return Call(method=method, url=f"{self.base_url}/{path}", headers=tuple(headers), body=body)


def _message_id(item: Any) -> str:
    """Return the Message-ID a log line is about, without angle brackets."""
    message = item.get("message") if isinstance(item, Mapping) else None
    headers = message.get("headers") if isinstance(message, Mapping) else None
    return str(headers.get("message-id", "")).strip("<>") if isinstance(headers, Mapping) else ""
