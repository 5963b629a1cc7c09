"""SendGrid: one mail a call, built from its parts; records to ask, and no keys.

Pure. Sources, read 2026-11-25: twilio.com/docs/sendgrid/api-reference/mail-send (format, 202 without a word
for each mail), …/mail-send/errors, …/how-to-use-the-sendgrid-v3-api/errors, …/email-logs (30 days) and
github.com/twilio/sendgrid-oai, spec/json/tsg_logs_v3.json (``POST /v3/logs``: which fields a query may
name, our own arguments not among them; each mail with ``sg_message_id_created_at``, ISO 8601). A call could
carry 1000 recipients of one content; each of our mails has its own links, so it carries one. SendGrid
writes Date itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from digest.model import Outcome, OutcomeKind
from digest.net.call import Answer, Call
from digest.providers.letter import CannotExpress, Letter, Mailbox, headers_of
from digest.providers.verdicts import Reading, every, is_html, outcome, paused
from digest.providers.wire import Habits

BASE_URL: Final = "https://api.sendgrid.com"
_EARLY: Final = timedelta(minutes=1)  # their clock need not be ours


@dataclass(frozen=True, kw_only=True)
class SendGrid:
    """How SendGrid is spoken to."""

    key: str = field(repr=False)
    base_url: str = BASE_URL

    name: ClassVar[str] = "sendgrid"
    habits: ClassVar[Habits] = Habits(title="SendGrid", look_up_after_s=300, patience_s=60 * 60)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key."""
        return (self.key,)

    def send(self, letters: Sequence[Letter], key: str) -> Call:  # noqa: ARG002  SendGrid knows no keys
        """Return the call for one letter; every kind of tracking is off."""
        (letter,) = letters
        kept = [("Message-ID", letter.message_id)] if letter.message_id else ()
        mail: dict[str, Any] = {
            "personalizations": [
                {"to": [_person(letter.to)], "custom_args": {"everypost": letter.reference}}
            ],
            "from": _person(letter.sender),
            "subject": letter.subject,
            "content": [
                {"type": "text/plain", "value": letter.text},
                {"type": "text/html", "value": letter.html},
            ],
            "headers": headers_of(letter, besides=kept),
            "tracking_settings": {
                "click_tracking": {"enable": False, "enable_text": False},
                "open_tracking": {"enable": False},
                "subscription_tracking": {"enable": False},
            },
        }
        if letter.reply_to:
            mail["reply_to"] = _person(letter.reply_to)
        return self._call("POST", "mail/send", json.dumps(mail).encode())

    def read(self, answer: Answer, letters: Sequence[Letter]) -> Reading | None:
        """Return what an answer means where it is SendGrid's own words that say it."""
        id_ = answer.headers.get("x-message-id", "")
        if answer.status == 202 and not is_html(answer) and (id_ or not answer.body.strip()):
            return every(letters, OutcomeKind.ACCEPTED, answer, "", provider_id=id_)
        if answer.status == 400:
            where, detail = _error(answer)
            if where.startswith("personalizations") and ".to" in where:
                return every(letters, OutcomeKind.REJECTED, answer, detail)
            if where.startswith("from"):
                return paused(letters, answer, detail)
        return None

    def look_up(self, letter: Letter, since: datetime) -> Call:  # noqa: ARG002  ``found`` looks at the time
        """Return the question for this reader's mails."""
        if "'" in letter.to.address:
            raise CannotExpress("the address holds a quote, which the query cannot")
        wanted = {"query": f"to_email = '{letter.to.address}'", "limit": 100}
        return self._call("POST", "logs", json.dumps(wanted).encode())

    def found(self, answer: Answer, letter: Letter, since: datetime) -> Outcome | None:
        """Return that SendGrid has the letter: this reader, this subject, since it was handed over."""
        said = answer.json()
        messages = said.get("messages") if isinstance(said, Mapping) else None
        if not isinstance(messages, list):
            raise ValueError("no messages in the answer")
        for message in messages:
            same = message.get("subject") == letter.subject and message.get("to_email") == letter.to.address
            if same and datetime.fromisoformat(message["sg_message_id_created_at"]) >= since - _EARLY:
                id_ = str(message.get("sg_message_id", ""))
                return outcome(letter, OutcomeKind.ACCEPTED, "", "found in its logs", provider_id=id_)
        return None

    def check(self) -> Call:
        """Ask what the key may do."""
        return self._call("GET", "scopes")

    def _call(self, method: str, path: str, body: bytes = b"") -> Call:
        headers = (("authorization", f"Bearer {self.key}"), ("content-type", "application/json"))
        return Call(method=method, url=f"{self.base_url}/v3/{path}", headers=headers, body=body)


def _person(mailbox: Mailbox) -> dict[str, str]:
    return {"email": mailbox.address} | ({"name": mailbox.name} if mailbox.name else {})


def _error(answer: Answer) -> tuple[str, str]:
    """Return which field the first error is about, and its words."""
    said = answer.json()
    errors = said.get("errors") if isinstance(said, Mapping) else None
    first = errors[0] if isinstance(errors, list) and errors else {}
    if not isinstance(first, Mapping):
        return "", ""
    return str(first.get("field") or ""), str(first.get("message") or "")
