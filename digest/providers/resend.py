"""Resend: a hundred mails a call, and a key that makes a repeated call safe for a day.

Pure. Sources, read 2026-11-25: resend.com/docs/api-reference/emails/send-batch-emails (format, 100 mails,
validation modes), …/dashboard/emails/idempotency-keys (256 characters, 24 hours, both endpoints),
…/api-reference/errors (names and statuses; older and newer copies differ in those of a bad key: 403
``invalid_api_key``, or 401 and 400 ``validation_error``), …/api-reference/rate-limit (2 calls a second on
the older page, 5 on the newer: the lower one holds). Resend writes Date and Message-ID itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from digest.model import Outcome, OutcomeKind
from digest.net.call import Answer, Call
from digest.providers.letter import Letter, headers_of
from digest.providers.verdicts import Reading, every, outcome, paused
from digest.providers.wire import Habits

BASE_URL: Final = "https://api.resend.com"
_KEY_LIFE_S: Final = 23 * 3600  # an hour less than they say: our clock need not be theirs
_QUOTAS: Final = frozenset({"daily_quota_exceeded", "monthly_quota_exceeded"})


@dataclass(frozen=True, kw_only=True)
class Resend:
    """How Resend is spoken to."""

    key: str = field(repr=False)
    base_url: str = BASE_URL

    name: ClassVar[str] = "resend"
    habits: ClassVar[Habits] = Habits(
        title="Resend", batch_size=100, per_second=2.0, key_life_s=_KEY_LIFE_S, patience_s=_KEY_LIFE_S
    )

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key."""
        return (self.key,)

    def send(self, letters: Sequence[Letter], key: str) -> Call:
        """Return the call for a batch; "permissive" lets the good mails of a batch go."""
        headers = [
            *self._headers(),
            ("content-type", "application/json"),
            ("x-batch-validation", "permissive"),
        ]
        if key:
            headers.append(("idempotency-key", key))
        body = json.dumps([_mail(letter) for letter in letters]).encode()
        return Call(method="POST", url=f"{self.base_url}/emails/batch", headers=tuple(headers), body=body)

    def read(self, answer: Answer, letters: Sequence[Letter]) -> Reading | None:
        """Return what an answer means where it is Resend's own words that say it."""
        said = answer.json()
        if not isinstance(said, Mapping):
            return None
        if answer.status in (200, 201):
            return _accepted(answer, said, letters)
        name, detail = str(said.get("name", "")), str(said.get("message", ""))
        if answer.status == 409:
            return _conflict(answer, name, detail, letters)
        if (answer.status == 429 and name in _QUOTAS) or name == "invalid_from_address" or _of_key(detail):
            return paused(letters, answer, f"{name} {detail}")
        return None

    def check(self) -> Call:
        """A key that may only send is refused here with 401, and says so."""
        return Call(method="GET", url=f"{self.base_url}/domains", headers=tuple(self._headers()))

    def _headers(self) -> list[tuple[str, str]]:
        return [("authorization", f"Bearer {self.key}")]


def _of_key(detail: str) -> bool:
    """Return whether a refusal is about our key: with a status of 400 it would else look like a bad mail."""
    return "api key" in detail.lower()


def _mail(letter: Letter) -> dict[str, Any]:
    mail: dict[str, Any] = {
        "from": letter.sender.text,
        "to": [letter.to.text],
        "subject": letter.subject,
        "html": letter.html,
        "text": letter.text,
        "headers": headers_of(letter),
        "tags": [{"name": "everypost", "value": letter.reference}],
    }
    if letter.reply_to:
        mail["reply_to"] = letter.reply_to.text
    return mail


def _accepted(answer: Answer, said: Mapping[str, Any], letters: Sequence[Letter]) -> Reading | None:
    """Return the outcomes of a batch: ids in order for what was taken, an index for what was not.

    None where the counts do not add up: then nobody knows which id is whose.
    """
    data, errors = said.get("data"), said.get("errors") or []
    if not isinstance(data, list) or not isinstance(errors, list):
        return None
    refused = {one.get("index"): str(one.get("message", "")) for one in errors if isinstance(one, Mapping)}
    ids = [str(one["id"]) for one in data if isinstance(one, Mapping) and one.get("id")]
    if len(ids) + len(refused) != len(letters) or not set(refused) <= set(range(len(letters))):
        return None
    given = iter(ids)
    outcomes = [
        _refused(letter, refused[place])
        if place in refused
        else outcome(letter, OutcomeKind.ACCEPTED, answer.status, provider_id=next(given))
        for place, letter in enumerate(letters)
    ]
    return Reading(outcomes=tuple(outcomes))


def _refused(letter: Letter, detail: str) -> Outcome:
    kind = OutcomeKind.REJECTED if "`to`" in detail else OutcomeKind.UNSENDABLE
    return outcome(letter, kind, 422, detail)


def _conflict(answer: Answer, name: str, detail: str, letters: Sequence[Letter]) -> Reading:
    """A key that is known with other content is a defect of ours; one in use is at work this moment."""
    if name == "invalid_idempotent_request":
        return every(letters, OutcomeKind.UNSENDABLE, answer, detail, alarm=True)
    return every(letters, OutcomeKind.UNCERTAIN, answer, detail or "the same call is still at work")
