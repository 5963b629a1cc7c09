"""Amazon SES's events, through Amazon SNS. Pure but for the certificate, which the caller fetches.

Source of the signature, seen 2026-11-25:
docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html (version 2: RSA with SHA-256; refuse
an unexpected TopicArn). Events as django-anymail 15.2 reads them.

A good signature proves only that *some* topic of Amazon's sent the message: anybody can have one. So the
topic is compared with ours before anything is fetched, and certificates come from Amazon's own names alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from digest.delivery.events import EventKind, ProviderEvent
from digest.providers import webhook
from digest.providers.webhook import Forged, HookSecrets, Malformed, part, text

NAME: Final = "ses"
_HOST = re.compile(r"sns\.[a-z]{2}(?:-[a-z]{3,4})?-[a-z]{4,10}-\d{1,2}\.amazonaws\.com(?:\.cn)?")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{32}\.pem")
_SIGNED: Final = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ),
}  # fmt: skip

Certificate = Callable[[str], bytes]
"""Returns the PEM certificate at an address that was checked; raises FetchFailed."""


@dataclass(frozen=True, kw_only=True)
class SnsCall:
    """What one genuine call says."""

    events: tuple[ProviderEvent, ...] = ()
    subscribe_url: str = ""  # to be asked for once, so that one of our topics may call


def read_call(body: bytes, secrets: HookSecrets, certificate: Certificate, now: datetime) -> SnsCall:
    """Return what a call says; raise Forged, Malformed, or what fetching the certificate raises.

    How old a call is does not matter: SNS tries for weeks with the first signature, and the same event twice
    changes nothing.
    """
    said = webhook.read_json(body)
    if not isinstance(said, Mapping) or not all(isinstance(value, str) for value in said.values()):
        raise Malformed("the body is no message of SNS")
    kind = text(said, "Type")
    if text(said, "TopicArn") not in secrets.ses or kind not in _SIGNED:
        raise Forged("the topic is not one of ours")
    _check(said, kind, certificate, now)
    if kind == "SubscriptionConfirmation":
        url = said.get("SubscribeURL", "")
        if not _is_amazons(url):
            raise Forged("the address to confirm at is not Amazon's")
        return SnsCall(subscribe_url=url)
    return SnsCall(events=tuple(_events(webhook.read_json(said.get("Message", "").encode()), said)))


def _is_amazons(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = url.isprintable() and parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc
    return plain and bool(_HOST.fullmatch(parts.hostname or ""))


def _check(said: Mapping[str, str], kind: str, certificate: Certificate, now: datetime) -> None:
    """Pass where the signature holds under a certificate of Amazon's; else raise Forged."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

    url = said.get("SigningCertURL", "")
    if said.get("SignatureVersion") != "2":
        raise Forged("the signature is not of version 2")
    if not (_is_amazons(url) and _CERTIFICATE.fullmatch(urlsplit(url).path) and not urlsplit(url).query):
        raise Forged("the certificate is not Amazon's")
    signed = "".join(f"{name}\n{said[name]}\n" for name in _SIGNED[kind] if name in said)
    try:
        found = load_pem_x509_certificate(certificate(url))
        key = found.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise Forged("the certificate is of another kind")
        if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
            raise Forged("the certificate is out of date")
        signature = webhook.decoded(said.get("Signature", ""))
        key.verify(signature, signed.encode(), padding.PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError) as error:
        raise Forged("the signature does not hold") from error


def _events(said: Any, sns: Mapping[str, str]) -> list[ProviderEvent]:
    """Return what SES says in a message: one event for each mailbox it names."""
    if not isinstance(said, Mapping):
        return []
    mail = part(said, "mail")
    tags = part(mail, "tags").get("everypost")
    reference = tags[0] if isinstance(tags, list) and tags and isinstance(tags[0], str) else ""
    return [
        webhook.event(
            NAME,
            kind,
            said,
            event_id=f"{sns.get('MessageId', '')}/{place}",
            words=text(one, "diagnosticCode"),
            status=text(one, "status"),
            at=webhook.moment(sns.get("Timestamp", "")),
            reference=reference,
            provider_id=text(mail, "messageId"),
            address=text(one, "emailAddress"),
        )
        for place, (kind, one) in enumerate(_told(said))
    ]


def _told(said: Mapping[str, Any]) -> list[tuple[EventKind, Mapping[str, Any]]]:
    name = text(said, "eventType", "notificationType")
    bounce, topic = part(said, "bounce"), part(said, "subscription")
    if name == "Bounce":
        hard = text(bounce, "bounceType") == "Permanent"
        kind = EventKind.BOUNCED_HARD if hard else EventKind.BOUNCED_SOFT
        return [(kind, one) for one in webhook.each(bounce.get("bouncedRecipients"))]
    if name == "Complaint":
        people = part(said, "complaint").get("complainedRecipients")
        return [(EventKind.COMPLAINED, one) for one in webhook.each(people)]
    if name == "Subscription":
        leaves = part(topic, "newTopicPreferences").get("unsubscribeAll") is True
        return [(EventKind.UNSUBSCRIBED, {"emailAddress": text(topic, "contact")})] if leaves else []
    if name == "DeliveryDelay":
        delayed = part(said, "deliveryDelay").get("delayedRecipients")
        return [(EventKind.DEFERRED, one) for one in webhook.each(delayed)]
    if name == "Delivery":
        arrived = part(said, "delivery").get("recipients")
        names = arrived if isinstance(arrived, list) else []
        return [(EventKind.DELIVERED, {"emailAddress": one}) for one in names if isinstance(one, str)]
    return [(EventKind.REJECTED, {})] if name == "Reject" else []
