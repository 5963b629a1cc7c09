"""Brevo: one mail a call, with a key that makes a repeated call safe for a quarter of an hour, and records.

Pure. Sources, read 2026-11-25: developers.brevo.com/reference/sendtransacemail (format),
…/docs/heterogenous-versions-batch-emails (``idempotencyKey``, a UUID, inside ``headers`` of the body; a
second call is not processed and answered ``duplicate_parameter``; it lives 30 minutes by this page and 15
by the changelog that announced it: the lower one holds), …/reference/getemaileventreport (the records).
That the key works inside the body alone: github.com/getbrevo/brevo-node, issue 94. The other error codes
are those of their SDK's ``ErrorModel``; what they say in words was not found in writing. Brevo fills in
``{{ … }}`` in every mail, so a mail with braces is refused here; it writes Date and Message-ID itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from digest.model import Outcome, OutcomeKind
from digest.net.call import Answer, Call
from digest.providers.letter import Letter, Mailbox, headers_of, without_braces
from digest.providers.verdicts import Reading, every, outcome, paused
from digest.providers.wire import Habits

BASE_URL: Final = "https://api.brevo.com"
_KNOWN_KEY: Final = frozenset({"duplicate_request", "duplicate_parameter"})
_REFUSES_US: Final = frozenset(
    {"unauthorized", "permission_denied", "not_enough_credits", "account_under_validation"}
)


@dataclass(frozen=True, kw_only=True)
class Brevo:
    """How Brevo is spoken to."""

    key: str = field(repr=False)
    base_url: str = BASE_URL

    name: ClassVar[str] = "brevo"
    habits: ClassVar[Habits] = Habits(
        title="Brevo", key_life_s=14 * 60, look_up_after_s=5 * 60, patience_s=60 * 60
    )

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key."""
        return (self.key,)

    def send(self, letters: Sequence[Letter], key: str) -> Call:
        """Return the call for one letter; raise CannotExpress where Brevo would fill something in."""
        (letter,) = letters
        without_braces(letter, "Brevo")
        mail: dict[str, Any] = {
            "sender": _person(letter.sender),
            "to": [_person(letter.to)],
            "subject": letter.subject,
            "htmlContent": letter.html,
            "textContent": letter.text,
            "headers": headers_of(letter, besides=[("idempotencyKey", key)] if key else ()),
            "tags": [letter.reference],
        }
        if letter.reply_to:
            mail["replyTo"] = _person(letter.reply_to)
        return self._call("POST", "smtp/email", json.dumps(mail).encode())

    def read(self, answer: Answer, letters: Sequence[Letter]) -> Reading | None:
        """Return what an answer means where it is Brevo's own words that say it."""
        said = answer.json()
        if not isinstance(said, Mapping):
            return None
        if answer.status in (200, 201, 202):
            if not isinstance(said.get("messageId"), str):
                return None
            return every(letters, OutcomeKind.ACCEPTED, answer, "", provider_id=said["messageId"])
        return _refused(answer, str(said.get("code", "")), str(said.get("message", "")), letters)

    def look_up(self, letter: Letter, since: datetime) -> Call:  # noqa: ARG002  the tag tells it alone
        """Return the question for the events of one delivery."""
        query = urlencode({"email": letter.to.address, "tags": letter.reference, "limit": 50})
        return self._call("GET", f"smtp/statistics/events?{query}")

    def found(self, answer: Answer, letter: Letter, since: datetime) -> Outcome | None:  # noqa: ARG002
        """Return that Brevo has the letter, if one of its events says so; {} stands for no events."""
        said = answer.json()
        events = said.get("events", []) if isinstance(said, Mapping) else None
        if not isinstance(events, list):
            raise ValueError("no events in the answer")
        for event in events:
            if isinstance(event, Mapping) and letter.reference in str(event.get("tag", "")).split(","):
                id_ = str(event.get("messageId", ""))
                return outcome(letter, OutcomeKind.ACCEPTED, "", "found in its events", provider_id=id_)
        return None

    def check(self) -> Call:
        """Ask for the account."""
        return self._call("GET", "account")

    def _call(self, method: str, path: str, body: bytes = b"") -> Call:
        headers = (
            ("api-key", self.key),
            ("accept", "application/json"),
            ("content-type", "application/json"),
        )
        return Call(method=method, url=f"{self.base_url}/v3/{path}", headers=headers, body=body)


def _refused(answer: Answer, code: str, detail: str, letters: Sequence[Letter]) -> Reading | None:
    """Return what Brevo's error code means, or None where it adds nothing to the status."""
    if code in _KNOWN_KEY:
        # Only ``duplicate_parameter`` is on the page; the SDK knows both. An earlier call was processed.
        return every(letters, OutcomeKind.ACCEPTED, answer, detail)
    if code in _REFUSES_US or (answer.status == 400 and "sender" in detail.lower()):
        return paused(letters, answer, f"{code} {detail}")
    if answer.status == 400 and ("to is not valid" in detail or "email is not valid in to" in detail):
        return every(letters, OutcomeKind.REJECTED, answer, detail)
    return None


def _person(mailbox: Mailbox) -> dict[str, str]:
    return {"email": mailbox.address} | ({"name": mailbox.name} if mailbox.name else {})
