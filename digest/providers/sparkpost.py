"""SparkPost: whole mails, one a call; no records that we could ask, and keys that we do not use yet.

Pure. Sources, read 2026-11-25: content/api/transmissions.apib of
github.com/SparkPost/developers.sparkpost.com (format, the status 420); the table of codes in
github.com/SparkPost/support-docs (tech-resources/extended-error-codes.md, of 2021) and its changes of June
2026 (pull request 852). Since August 2026 there is an ``Idempotency-Key`` (pull request 590 of the first),
which replays the first answer for a day. Whether it replays a refusal too is not said; if so, a mail
refused for a full quota would stay refused, so no key is sent. It fills in ``{{ … }}`` in whole mails too,
so a mail with braces is refused here. The EU has a host of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from digest.model import OutcomeKind
from digest.net.call import Answer, Call
from digest.providers.letter import Letter, without_braces
from digest.providers.verdicts import Reading, every, paused
from digest.providers.wire import Habits

BASE_URL: Final = "https://api.sparkpost.com"
_GENERATION_REFUSED: Final = "1902"
_NO_GOOD_RECIPIENT: Final = "5002"
_BUSY: Final = "1502"  # "server resources unavailable, retry later", with a status of 400
_REFUSES_US: Final = frozenset({"7000", "7001", "2008"})  # the sending domain, or the sender's address
_OVER_LIMIT: Final = 420  # a status of their own: the sending limit of the hour or day


@dataclass(frozen=True, kw_only=True)
class SparkPost:
    """How SparkPost is spoken to."""

    key: str = field(repr=False)
    base_url: str = BASE_URL

    name: ClassVar[str] = "sparkpost"
    habits: ClassVar[Habits] = Habits(title="SparkPost")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key."""
        return (self.key,)

    def send(self, letters: Sequence[Letter], key: str) -> Call:  # noqa: ARG002  see above
        """Return the call for one letter; raise CannotExpress where SparkPost would fill something in."""
        (letter,) = letters
        without_braces(letter, "SparkPost")
        transmission = {
            "options": {"open_tracking": False, "click_tracking": False},
            "recipients": [
                {"address": {"email": letter.to.address}, "metadata": {"everypost": letter.reference}}
            ],
            "content": {"email_rfc822": letter.raw.decode("ascii")},
        }
        return self._call("POST", "transmissions", json.dumps(transmission).encode())

    def read(self, answer: Answer, letters: Sequence[Letter]) -> Reading | None:
        """Return what an answer means where it is SparkPost's own words that say it."""
        said = answer.json()
        if not isinstance(said, Mapping):
            return None
        results = said.get("results")
        if answer.status == 200 and isinstance(results, Mapping):
            return _counted(answer, results, letters)
        return _refused(answer, *_error(said), letters)

    def check(self) -> Call:
        """Ask for the account."""
        return self._call("GET", "account")

    def _call(self, method: str, path: str, body: bytes = b"") -> Call:
        headers = (("authorization", self.key), ("content-type", "application/json"))
        return Call(method=method, url=f"{self.base_url}/api/v1/{path}", headers=headers, body=body)


def _refused(answer: Answer, code: str, detail: str, letters: Sequence[Letter]) -> Reading | None:
    """Return what SparkPost's error code means, or None where it adds nothing to the status."""
    if code in _REFUSES_US or answer.status == _OVER_LIMIT:
        return paused(letters, answer, detail)
    if code == _BUSY:
        return every(letters, OutcomeKind.TEMPORARY, answer, detail)
    if code == _GENERATION_REFUSED and "suppress" in detail.lower():
        return every(letters, OutcomeKind.REJECTED, answer, detail, suppressed=True)
    if code == _NO_GOOD_RECIPIENT:
        return every(letters, OutcomeKind.REJECTED, answer, detail)
    return None


def _counted(answer: Answer, results: Mapping[str, Any], letters: Sequence[Letter]) -> Reading | None:
    """Return what the counts of a transmission say of its one recipient."""
    counts = results.get("total_accepted_recipients"), results.get("total_rejected_recipients")
    if counts == (1, 0):
        return every(letters, OutcomeKind.ACCEPTED, answer, "", provider_id=str(results.get("id", "")))
    return every(letters, OutcomeKind.REJECTED, answer, "refused") if counts == (0, 1) else None


def _error(said: Mapping[str, Any]) -> tuple[str, str]:
    """Return code and words of the first error."""
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    if not isinstance(first, Mapping):
        return "", ""
    words = (str(first.get(name) or "") for name in ("message", "description"))
    return str(first.get("code") or ""), ": ".join(word for word in words if word)
