"""Finished mails as the pipeline hands them to a backend, and what of them must arrive."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from digest.model import Message, Rendering
from digest.providers.keys import message_key
from digest.rendering.personalise import personalise, prepare
from digest.rendering.slots import slot
from tests.factories_mail import DATE, publication, recipient

NONCE = "0123456789abcdef"
MADE_BY_PROVIDERS = {"date", "message-id", "mime-version", "content-type", "content-transfer-encoding"}
IN_FIELDS = {"from", "to", "reply-to", "subject"}


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """One mail as a far side has it."""

    to: tuple[str, str]  # name and address
    sender: tuple[str, str]
    reply_to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]  # the others, by name in lower case, as they stand, unfolded
    raw: bytes = field(default=b"", compare=False)  # empty where the far side got only the parts


def messages(count: int, **changes: Any) -> list[Message]:
    """Return this many mails of one issue, to readers 1, 2, 3 …"""
    return [message(number, **changes) for number in range(1, count + 1)]


def message(number: int = 1, *, words: str = "", to: str = "", generation: int = 0) -> Message:
    """Return the mail of one delivery: a name and a subject beyond ASCII, lines that begin with dots."""
    link = slot("unsubscribe_url", NONCE)
    rendering = Rendering(
        subject=f"Über die Gefängnisse, Nr. {number}",
        html=f'<p>Überall … {words}</p>\n<p>.</p>\n<p><a href="{link}">Leave</a></p>',
        text=f".Begins with a dot {words}\n.\nÜberall …\nLeave: {link}\n",
        nonce=NONCE,
    )
    prepared = prepare(rendering, publication(), kind="issue", reference="weekly-2026-06-14", language="de")
    finished = personalise(
        prepared,
        recipient(
            delivery_id=number,
            public_id=f"{number:016x}",
            name="Zoë Müller, née Ó",
            address=to or f"reader{number}@example.net",
            unsubscribe_url=f"https://mail.quietbench.example/unsubscribe/k1.{'t' * 90}{number}",
        ),
        DATE,
    )
    key = message_key(instance="test", reference="1/None", delivery_id=number, generation=generation)
    return Message(
        delivery_id=number,
        envelope_from=finished.envelope_from,
        envelope_to=finished.envelope_to,
        data=finished.data,
        key=key,
    )


def arrived(data: bytes) -> Arrived:
    """Return a whole mail as what must arrive of it."""
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    as_written = message_from_bytes(data, policy=policy.compat32)
    to, sender = mail["To"].addresses[0], mail["From"].addresses[0]
    return Arrived(
        to=(to.display_name, to.addr_spec),
        sender=(sender.display_name, sender.addr_spec),
        reply_to=mail["Reply-To"].addresses[0].addr_spec if mail["Reply-To"] else "",
        subject=str(mail["Subject"]),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        headers={
            name.lower(): "".join(str(value).splitlines())
            for name, value in as_written.items()
            if name.lower() not in MADE_BY_PROVIDERS | IN_FIELDS
        },
        raw=data,
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")
