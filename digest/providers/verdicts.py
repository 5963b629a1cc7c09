"""What an answer of a provider's interface means for the mails in the call: who is to blame, if anybody.

Pure. The rules that hold for every provider are here (RFC 9110 §15, §10.2.3); what one provider says in its
own words is in its wire, which is asked first. A provider is taken at its word only where the word is plain:
an answer that could mean either is UNCERTAIN, since a mail sent twice and a mail lost are both worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

from digest.model import Outcome, OutcomeKind
from digest.net.call import Answer
from digest.providers.letter import Letter
from digest.providers.replies import shown_text

RETRY_AFTER_MAX_S: Final = 4000
"""However long a provider asks to wait: our own longest wait (``delivery.retry``)."""

_PAUSES: Final = frozenset({401, 402, 403, 404, 405, 407, 410, 451})
"""Key, payment, permission, address of the interface: nothing about a mail, all about the account."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What an answer means."""

    outcomes: tuple[Outcome, ...]  # one for each letter
    pause: str = ""  # what the operator must put right before anything else is sent; empty: nothing
    wait_s: int = 0  # how long the provider asks us not to call it


def every(letters: Sequence[Letter], kind: OutcomeKind, answer: Answer, detail: str, **more: Any) -> Reading:
    """Return the reading where all letters share one outcome."""
    return Reading(outcomes=tuple(outcome(letter, kind, answer.status, detail, **more) for letter in letters))


def paused(letters: Sequence[Letter], answer: Answer, detail: str) -> Reading:
    """Return the reading of a refusal of us: nothing was taken, nobody is to blame, a person must act."""
    reading = every(letters, OutcomeKind.TEMPORARY, answer, detail)
    return Reading(outcomes=reading.outcomes, pause=f"{answer.status} {shown_text(detail)}".rstrip())


def outcome(letter: Letter, kind: OutcomeKind, code: int | str, detail: str = "", **more: Any) -> Outcome:
    """Return one outcome, the provider's words made fit to be shown."""
    return Outcome(
        delivery_id=letter.delivery_id, kind=kind, code=str(code), detail=shown_text(detail), **more
    )


def general(answer: Answer, letters: Sequence[Letter]) -> Reading:
    """Return what an answer means by its status alone."""
    status, detail = answer.status, words_of(answer)
    if 300 <= status <= 399:
        # Followed, a POST could be made twice, or our key be shown to a stranger.
        return paused(letters, answer, "redirects instead of answering; check base_url")
    if status in _PAUSES:
        return paused(letters, answer, detail)
    wait_s = retry_after_s(answer.headers)
    if status == 429 or (status == 503 and wait_s):
        reading = every(letters, OutcomeKind.TEMPORARY, answer, detail, retry_after_s=wait_s)
        return Reading(outcomes=reading.outcomes, wait_s=wait_s or 1)
    if 400 <= status <= 499 and status not in (408, 409, 425):
        return every(letters, OutcomeKind.UNSENDABLE, answer, detail)
    reading = every(letters, OutcomeKind.UNCERTAIN, answer, detail or "an answer that says nothing")
    if status < 300 and is_html(answer):
        # A login page of the network we are in: whoever answered was not the provider.
        return Reading(
            outcomes=reading.outcomes, pause="a web page answered instead; check base_url and the network"
        )
    return reading


def is_html(answer: Answer) -> bool:
    """Return whether the answer is a page for people."""
    return "html" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"<"


def words_of(answer: Answer) -> str:
    """Return what the answer says in words: the message in its JSON; a page's words say nothing."""
    if is_html(answer):
        return ""
    said = answer.json()
    if isinstance(said, Mapping):
        errors = said.get("errors")
        if isinstance(errors, list) and errors and isinstance(errors[0], Mapping):
            said = errors[0]
        for name in ("message", "Message", "ErrorMessage", "detail", "error"):
            if isinstance(said.get(name), str):
                return str(said[name])
    return answer.body[:500].decode("utf-8", "replace") if said is None else ""


def retry_after_s(headers: Mapping[str, str]) -> int:
    """Return the seconds that Retry-After asks to wait, 1 to 4000; 0 where it says nothing of use.

    A date is compared with the answer's own Date, so that our clock does not matter (RFC 9110 §10.2.3).
    """
    value = headers.get("retry-after", "").strip()
    seconds: float
    try:
        seconds = float(value)
    except ValueError:
        try:
            until, now = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
            seconds = (until - now).total_seconds()
        except (TypeError, ValueError):
            return 0
    if not 0 <= seconds < float("inf"):  # also refuses "nan"
        return RETRY_AFTER_MAX_S if seconds == float("inf") else 0
    return int(min(max(seconds, 1), RETRY_AFTER_MAX_S))
