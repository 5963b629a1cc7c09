"""Genuine calls of each provider, signed as it signs them, with keys made for one run of the tests."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from digest.delivery.events import ProviderEvent
from digest.providers import (
    brevo_events,
    mailgun_events,
    mailjet_events,
    postmark_events,
    resend_events,
    sendgrid_events,
    ses_events,
    sparkpost_events,
)
from digest.providers.webhook import HookSecrets

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
PASSWORD = "a-password-of-more-than-128-bits"
SVIX_KEY = b"s" * 24
TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
CERTIFICATE_URL = f"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-{'a' * 32}.pem"

_EC = ec.generate_private_key(ec.SECP256R1())
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: Any = _RSA, *, days: int = 30) -> bytes:
    """Return a certificate of Amazon's, as far as anybody here can tell."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=60))
        .not_valid_after(NOW + timedelta(days=days))
        .sign(_RSA, SHA256())
    )
    return built.public_bytes(Encoding.PEM)


CERTIFICATE = certificate()
SECRETS = HookSecrets(
    postmark=PASSWORD,
    brevo=PASSWORD,
    sparkpost=PASSWORD,
    mailjet=PASSWORD,
    mailgun="mailgun-signing-key-0123456789ab",
    sendgrid=b64encode(
        _EC.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode(),
    resend="whsec_" + b64encode(SVIX_KEY).decode(),
    ses=(TOPIC,),
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call, as the pages hand it on."""

    provider: str
    headers: Mapping[str, str]
    body: bytes

    def with_body(self, body: bytes) -> Call:
        """Return the call with another body and the same proof."""
        return replace(self, body=body)

    def with_header(self, name: str, value: str) -> Call:
        """Return the call with another header field."""
        return replace(self, headers={**self.headers, name: value})


_PARSERS = {
    module.NAME: module.parse_events
    for module in (
        brevo_events,
        mailgun_events,
        mailjet_events,
        postmark_events,
        resend_events,
        sendgrid_events,
        sparkpost_events,
    )
}


def parse(
    call: Call,
    *,
    secrets: HookSecrets = SECRETS,
    now: datetime = NOW,
    fetch: Callable[[str], bytes] = lambda _url: CERTIFICATE,
) -> list[ProviderEvent]:
    """Return what a call tells."""
    if call.provider == "ses":
        return list(ses_events.read_call(call.body, secrets, fetch, now).events)
    return _PARSERS[call.provider](call.headers, call.body, secrets, now)


def genuine(provider: str, said: Any, *, stamp: str = STAMP) -> Call:
    """Return what a provider would call with to say this."""
    return _MAKERS[provider](said, stamp)


def _by_password(provider: str) -> Callable[[Any, str], Call]:
    def make(said: Any, _stamp: str) -> Call:
        login = "Basic " + b64encode(f"any:{PASSWORD}".encode()).decode()
        return Call(provider=provider, headers={"authorization": login}, body=json.dumps(said).encode())

    return make


def _mailgun(said: Any, stamp: str) -> Call:
    token = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:50]
    signature = hmac.new(SECRETS.mailgun.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    whole = {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": said,
    }
    return Call(provider="mailgun", headers={}, body=json.dumps(whole).encode())


def _sendgrid(said: Any, stamp: str) -> Call:
    body = json.dumps(said).encode()
    signature = b64encode(_EC.sign(stamp.encode() + body, ec.ECDSA(SHA256()))).decode()
    headers = {sendgrid_events.SIGNATURE: signature, sendgrid_events.STAMP: stamp}
    return Call(provider="sendgrid", headers=headers, body=body)


def _resend(said: Any, stamp: str) -> Call:
    body = json.dumps(said).encode()
    name = "msg_" + hashlib.sha256(body).hexdigest()[:20]
    digest = hmac.new(SVIX_KEY, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "svix-id": name,
        "svix-timestamp": stamp,
        "svix-signature": "v1,AAAA v1," + b64encode(digest).decode(),
    }
    return Call(provider="resend", headers=headers, body=body)


def _ses(said: Any, _stamp: str) -> Call:
    message = json.dumps(said)
    return sns(
        {
            "Type": "Notification",
            "MessageId": hashlib.sha256(message.encode()).hexdigest()[:36],
            "TopicArn": TOPIC,
            "Subject": "Amazon SES Email Event Notification",
            "Message": message,
            "Timestamp": "2026-11-23T09:00:00.000Z",
        }
    )


def sns(fields: dict[str, str], *, key: Any = _RSA) -> Call:
    """Return a signed message of SNS."""
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields)
    signature = b64encode(key.sign(signed.encode(), padding.PKCS1v15(), SHA256())).decode()
    whole = {"SignatureVersion": "2", "Signature": signature, "SigningCertURL": CERTIFICATE_URL, **fields}
    return Call(provider="ses", headers={}, body=json.dumps(whole).encode())


_MAKERS: dict[str, Callable[[Any, str], Call]] = {
    **{name: _by_password(name) for name in ("postmark", "brevo", "sparkpost", "mailjet")},
    "mailgun": _mailgun,
    "sendgrid": _sendgrid,
    "resend": _resend,
    "ses": _ses,
}

PROVIDERS = sorted(_MAKERS)


def a_complaint(
    provider: str, *, address: str = "ann@reader.example", reference: str = "d17-0123456789ab"
) -> Any:
    """Return how a provider says that somebody reported a mail as spam."""
    return {
        "postmark": {
            "RecordType": "SpamComplaint",
            "ID": 42,
            "MessageID": "pm-1",
            "Email": address,
            "Metadata": {"everypost": reference},
            "BouncedAt": "2026-11-23T08:59:00Z",
        },
        "brevo": {
            "event": "spam",
            "email": address,
            "message-id": "<b1@relay>",
            "ts_event": 1790000000,
            "tags": [reference],
        },
        "sparkpost": [
            {
                "msys": {
                    "message_event": {
                        "type": "spam_complaint",
                        "event_id": "sp-1",
                        "rcpt_to": address,
                        "rcpt_meta": {"everypost": reference},
                    }
                }
            }
        ],
        "mailjet": [
            {"event": "spam", "time": 1790000000, "MessageID": 7, "email": address, "CustomID": reference}
        ],
        "mailgun": {"event": "complained", "recipient": address, "user-variables": {"everypost": reference}},
        "sendgrid": [
            {"event": "spamreport", "email": address, "sg_event_id": "sg-1", "everypost": reference}
        ],
        "resend": {
            "type": "email.complained",
            "data": {"email_id": "re-1", "to": [address], "tags": {"everypost": reference}},
        },
        "ses": {
            "eventType": "Complaint",
            "mail": {"messageId": "ses-1", "tags": {"everypost": [reference]}},
            "complaint": {"complainedRecipients": [{"emailAddress": address}]},
        },
    }[provider]
