"""Postmark: a batch of mails a call, a word for each of them, and records to ask; no keys.

Pure. Sources, read 2026-11-25: postmarkapp.com/developer/api/email-api (``/email/batch``: 500 mails, 50 MB,
200 with an ``ErrorCode`` for each), …/api/overview (error codes), …/api/messages-api (search; kept 45 days).
Postmark's own Message-ID is left off with ``X-PM-KeepID``; it writes Date itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from digest.model import Outcome, OutcomeKind
from digest.net.call import Answer, Call
from digest.providers.letter import Letter, headers_of
from digest.providers.verdicts import Reading, outcome
from digest.providers.wire import Habits

BASE_URL: Final = "https://api.postmarkapp.com"
_INACTIVE: Final = 406  # the address bounced or complained before: Postmark will not try it again
_INVALID: Final = 300
_MAINTENANCE: Final = 100
_RATE: Final = 429
_REFUSES_US: Final = frozenset({10, 400, 401, 405, 412, 413, 1235})
"""Token, sender signature, not allowed to send, account pending or closed, no such stream."""
_ABOUT_TO = re.compile(r"(?:invalid|error parsing) '?to'?", re.IGNORECASE)
_ABOUT_FROM = re.compile(r"(?:invalid|error parsing) '?from'?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Postmark:
    """How Postmark is spoken to."""

    token: str = field(repr=False)  # of a server, not of the account
    stream: str = "broadcast"  # newsletters belong into a broadcast stream
    base_url: str = BASE_URL

    name: ClassVar[str] = "postmark"
    # Far below their 500: a lost answer puts the whole batch in doubt, each to be asked about.
    habits: ClassVar[Habits] = Habits(
        title="Postmark", batch_size=50, look_up_after_s=120, patience_s=60 * 60
    )

    @property
    def secrets(self) -> tuple[str, ...]:
        """The token."""
        return (self.token,)

    def send(self, letters: Sequence[Letter], key: str) -> Call:  # noqa: ARG002  Postmark knows no keys
        """Return the call for a batch."""
        return self._call(
            "POST", "email/batch", json.dumps([self._mail(letter) for letter in letters]).encode()
        )

    def read(self, answer: Answer, letters: Sequence[Letter]) -> Reading | None:
        """Return what an answer means: each mail of a batch has its own word."""
        said = answer.json()
        if answer.status == 200 and isinstance(said, list):
            if len(said) != len(letters) or not all(_is_word(one) for one in said):
                return None  # nobody knows which word is whose
            return _together([_word(letter, one) for letter, one in zip(letters, said, strict=True)])
        if answer.status == 422 and _is_word(said):
            return _together([_word(letter, said) for letter in letters])
        return None

    def look_up(self, letter: Letter, since: datetime) -> Call:  # noqa: ARG002  the metadata tells it alone
        """Return the search for one delivery."""
        wanted = {"count": 50, "offset": 0, "recipient": letter.to.address}
        query = urlencode(wanted | {"metadata_everypost": letter.reference})
        return self._call("GET", f"messages/outbound?{query}")

    def found(self, answer: Answer, letter: Letter, since: datetime) -> Outcome | None:  # noqa: ARG002
        """Return that Postmark has the letter, if a message in the answer carries its reference."""
        said = answer.json()
        messages = said.get("Messages") if isinstance(said, Mapping) else None
        if not isinstance(messages, list):
            raise ValueError("no messages in the answer")
        for message in messages:
            if (message.get("Metadata") or {}).get("everypost") == letter.reference:
                id_ = str(message.get("MessageID", ""))
                return outcome(letter, OutcomeKind.ACCEPTED, "", "found in its records", provider_id=id_)
        return None

    def check(self) -> Call:
        """Ask for the server the token belongs to."""
        return self._call("GET", "server")

    def _mail(self, letter: Letter) -> dict[str, Any]:
        kept = [("Message-ID", letter.message_id), ("X-PM-KeepID", "true")] if letter.message_id else ()
        mail: dict[str, Any] = {
            "From": letter.sender.text,
            "To": letter.to.text,
            "Subject": letter.subject,
            "HtmlBody": letter.html,
            "TextBody": letter.text,
            "Headers": [
                {"Name": name, "Value": value} for name, value in headers_of(letter, besides=kept).items()
            ],
            "Metadata": {"everypost": letter.reference},
            "MessageStream": self.stream,
            "TrackOpens": False,
            "TrackLinks": "None",
        }
        if letter.reply_to:
            mail["ReplyTo"] = letter.reply_to.text
        return mail

    def _call(self, method: str, path: str, body: bytes = b"") -> Call:
        headers = (
            ("x-postmark-server-token", self.token),
            ("accept", "application/json"),
            ("content-type", "application/json"),
        )
        return Call(method=method, url=f"{self.base_url}/{path}", headers=headers, body=body)


def _is_word(said: Any) -> bool:
    return isinstance(said, Mapping) and isinstance(said.get("ErrorCode", 0), int) and "Message" in said


def _word(letter: Letter, said: Mapping[str, Any]) -> tuple[Outcome, str]:
    """Return the outcome of one mail, and what the operator must put right, if anything."""
    code, detail = int(said.get("ErrorCode", 0)), str(said["Message"])
    if code == 0 and said.get("MessageID"):
        return outcome(letter, OutcomeKind.ACCEPTED, 200, provider_id=str(said["MessageID"])), ""
    kind, pause, suppressed = OutcomeKind.UNSENDABLE, "", False
    if code == 0:
        kind = OutcomeKind.UNCERTAIN
    elif code == _INACTIVE:
        kind, suppressed = OutcomeKind.REJECTED, True
    elif code == _INVALID and _ABOUT_TO.search(detail):
        kind = OutcomeKind.REJECTED
    elif code in (_MAINTENANCE, _RATE):
        kind = OutcomeKind.TEMPORARY
    elif code in _REFUSES_US or (code == _INVALID and _ABOUT_FROM.search(detail)):
        kind, pause = OutcomeKind.TEMPORARY, f"{code} {detail}"
    return outcome(letter, kind, code, detail, suppressed=suppressed), pause


def _together(words: Sequence[tuple[Outcome, str]]) -> Reading:
    return Reading(
        outcomes=tuple(one for one, _ in words), pause=next((pause for _, pause in words if pause), "")
    )
