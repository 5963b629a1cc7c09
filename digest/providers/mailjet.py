"""Mailjet: one mail a call, built from its parts; no keys, and no records that we ask.

Pure. Sources, read 2026-11-25: dev.mailjet.com/docs/email-api/email_api_overview/status_codes; the shape of
a refusal (``Errors`` with ``ErrorCode``, ``StatusCode``, ``ErrorMessage`` and ``ErrorRelatedTo`` for each
mail, also in an answer of 400) as tests of public programs quote it, such as django-anymail's. The guide to
the Send API v3.1 itself was not found again; which fields a refusal can name is taken from those. Mailjet
writes Date and Message-ID itself and refuses them among ``Headers``.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from digest.model import OutcomeKind
from digest.net.call import Answer, Call
from digest.providers.letter import Letter, Mailbox, headers_of
from digest.providers.verdicts import Reading, every, paused
from digest.providers.wire import Habits

BASE_URL: Final = "https://api.mailjet.com"


@dataclass(frozen=True, kw_only=True)
class Mailjet:
    """How Mailjet is spoken to."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    base_url: str = BASE_URL

    name: ClassVar[str] = "mailjet"
    habits: ClassVar[Habits] = Habits(title="Mailjet")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Both keys, plain and as Basic authentication writes them (RFC 7617)."""
        return (self.key, self.secret, self._login)

    def send(self, letters: Sequence[Letter], key: str) -> Call:  # noqa: ARG002  Mailjet knows no keys
        """Return the call for one letter; every kind of tracking is off."""
        (letter,) = letters
        mail: dict[str, Any] = {
            "From": _person(letter.sender),
            "To": [_person(letter.to)],
            "Subject": letter.subject,
            "TextPart": letter.text,
            "HTMLPart": letter.html,
            "Headers": headers_of(letter),
            "CustomID": letter.reference,
            "TrackOpens": "disabled",
            "TrackClicks": "disabled",
        }
        if letter.reply_to:
            mail["ReplyTo"] = _person(letter.reply_to)
        return self._call("POST", "v3.1/send", json.dumps({"Messages": [mail]}).encode())

    def read(self, answer: Answer, letters: Sequence[Letter]) -> Reading | None:
        """Return what an answer means where it is Mailjet's own words that say it."""
        said = answer.json()
        messages = said.get("Messages") if isinstance(said, Mapping) else None
        if not isinstance(messages, list) or len(messages) != 1 or not isinstance(messages[0], Mapping):
            return None
        message = messages[0]
        if answer.status == 200 and message.get("Status") == "success":
            return every(letters, OutcomeKind.ACCEPTED, answer, "", provider_id=_id(message))
        if message.get("Status") == "error":
            return _refused(answer, message, letters)
        return None

    def check(self) -> Call:
        """Ask for the account."""
        return self._call("GET", "v3/REST/apikey")

    @property
    def _login(self) -> str:
        return b64encode(f"{self.key}:{self.secret}".encode()).decode()

    def _call(self, method: str, path: str, body: bytes = b"") -> Call:
        headers = (("authorization", f"Basic {self._login}"), ("content-type", "application/json"))
        return Call(method=method, url=f"{self.base_url}/{path}", headers=headers, body=body)


def _person(mailbox: Mailbox) -> dict[str, str]:
    return {"Email": mailbox.address} | ({"Name": mailbox.name} if mailbox.name else {})


def _id(message: Mapping[str, Any]) -> str:
    to = message.get("To")
    first = to[0] if isinstance(to, list) and to else {}
    return str(first.get("MessageID", "")) if isinstance(first, Mapping) else ""


def _refused(answer: Answer, message: Mapping[str, Any], letters: Sequence[Letter]) -> Reading | None:
    """Return the reading of a refusal: it names the fields it is about."""
    errors = message.get("Errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    if not isinstance(first, Mapping):
        return None
    about, detail = str(first.get("ErrorRelatedTo", "")), str(first.get("ErrorMessage", ""))
    if first.get("StatusCode") in (401, 403) or "From" in about or "Sender" in about:
        return paused(letters, answer, detail)
    if "To" in about:
        return every(letters, OutcomeKind.REJECTED, answer, detail)
    if first.get("StatusCode") == 400:
        return every(letters, OutcomeKind.UNSENDABLE, answer, detail)
    return None
