"""What all webhooks of providers share: who may call, what a body may hold, how an event is made of it.

Pure. Nothing in a call is looked at before it has proved where it comes from; then its body is still a
stranger's, and read within bounds. Neighbours: ``ses_events``, ``postmark_events`` and the other six, one
for each provider; ``pipeline.webhooks`` calls them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from digest.delivery.events import RAW_MAX_CHARS, EventKind, ProviderEvent
from digest.providers.bounce_words import verdict
from digest.providers.replies import shown_text

MAX_EVENTS: Final = 2000
"""Events of one call that are read; providers send up to a thousand."""

MAX_AGE: Final = timedelta(minutes=5)
"""How old the signed moment of a call may be, either way, where the provider signs each attempt anew."""


class Forged(Exception):
    """The call does not prove that it comes from the provider; nothing in it counts."""


class Malformed(ValueError):
    """The call is genuine, and cannot be read."""


@dataclass(frozen=True, kw_only=True)
class HookSecrets:
    """What calls are checked with; empty: that provider's address does not exist."""

    postmark: str = field(default="", repr=False)
    brevo: str = field(default="", repr=False)
    sparkpost: str = field(default="", repr=False)
    mailjet: str = field(default="", repr=False)
    mailgun: str = field(default="", repr=False)  # the "HTTP webhook signing key"
    sendgrid: str = field(default="", repr=False)  # the verification key: a public one, in base64
    resend: str = field(default="", repr=False)  # "whsec_…"
    ses: tuple[str, ...] = ()  # the TopicArns that are ours


Headers = Mapping[str, str]
"""The header fields of a call by lower-case name, and under ``PATH_SECRET`` what stood in its address."""

PATH_SECRET: Final = ":path-secret"  # noqa: S105 - a name
"""No field of HTTP can have this name (RFC 9110 §5.1), so no caller can set it as one."""


def check_password(headers: Headers, secret: str) -> None:
    """Pass where the call knows the secret: as a Basic password, or in its address; else raise Forged.

    Compared as bytes, in time that does not tell how far they agree (django-anymail's CVE-2018-6596).
    """
    for given in (headers.get(PATH_SECRET, ""), _basic_password(headers.get("authorization", ""))):
        if given and secret and hmac.compare_digest(given.encode(), secret.encode()):
            return
    raise Forged("the password is wrong or missing")


def _basic_password(value: str) -> str:
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(encoded.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def decoded(value: str) -> bytes:
    """Return the bytes of a base64 text; raise Forged for any that is not spelt in the one proper way."""
    try:
        found = b64decode(value, validate=True)
    except ValueError as error:
        raise Forged("the signature is no base64") from error
    if b64encode(found).decode() != value:
        raise Forged("the signature is no base64")
    return found


def check_age(seconds: str, now: datetime, *, max_age: timedelta = MAX_AGE) -> None:
    """Pass where a signed moment, in seconds since 1970, is near now; else raise Forged."""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 12):
        raise Forged("the signed moment is no number")
    if abs(now - datetime.fromtimestamp(int(seconds), tz=UTC)) > max_age:
        raise Forged("the signed moment is not now")


def read_json(body: bytes) -> Any:
    """Return the body's JSON; raise Malformed for any other, for one nested too deeply too."""
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is no JSON") from error


def each(said: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list, or the one object that came alone; what is no object is passed over."""
    items = said if isinstance(said, list) else [said]
    yield from (item for item in items[:MAX_EVENTS] if isinstance(item, Mapping))


def part(said: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return an object within an object; an empty one where there is none."""
    for name in names:
        inner = said.get(name)
        said = inner if isinstance(inner, Mapping) else {}
    return said


def text(said: Mapping[str, Any], *names: str) -> str:
    """Return the first of these values that is a text or a number, shortened; empty where none is."""
    for name in names:
        value = said.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            return str(value)[:2000]
    return ""


def moment(value: str) -> datetime | None:
    """Return an instant from ISO 8601 or seconds since 1970; None for anything else. Shown, never trusted."""
    try:
        found = datetime.fromtimestamp(float(value), tz=UTC)
    except (ValueError, OverflowError, OSError):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def event(
    provider: str,
    kind: EventKind,
    said: Mapping[str, Any],
    *,
    event_id: str,
    words: str = "",
    status: str = "",
    **more: Any,
) -> ProviderEvent:
    """Return an event; its code is the one that says most in the status and the words beside it."""
    return ProviderEvent(
        provider=provider,
        event_id=event_id if len(event_id) <= 200 else hashed(event_id),
        kind=kind,
        code=verdict(status, words).code[:20],
        detail=shown_text(words),
        raw=json.dumps(said, ensure_ascii=False)[:RAW_MAX_CHARS].replace("\0", ""),
        **more,
    )


def hashed(*parts: str) -> str:
    """Return a name for an event that the provider gives none."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
