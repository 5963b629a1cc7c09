"""Providers on 127.0.0.1: each speaks its documented wire format, and can be told to go wrong.

    with provider(PostmarkDesk()) as far:
        far.then(reply(503, retry_after="30"))      # the next sending call gets this, and nothing is taken
        far.then(losing)                            # the mails are taken, and the line goes dead
        …
        far.desk.mails                              # what it took

A desk is one provider: it checks the key, takes mails out of the call and answers as the pages named in its
docstring say (read 2026-11-25). It keeps its mails as the reader will see them.
"""

from __future__ import annotations

import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.finished_mails import MADE_BY_PROVIDERS, Arrived, arrived

KEY = "planted-key-5e1f0c9d"
SECRET = "planted-secret-77aa01"
DOMAIN = "mail.quietbench.example"
CREATED = "2026-06-14T06:00:30+00:00"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call that arrived."""

    method: str
    path: str  # without its query
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]  # keys in lower case
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is answered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False  # promise ten bytes more than are sent


def reply(
    status: int = 200, said: Any = None, *, body: bytes = b"", cut: bool = False, **headers: str
) -> Reply:
    """Return an answer; ``said`` is sent as JSON, ``retry_after="5"`` as a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if said is not None:
        named = {"Content-Type": "application/json"} | named
        body = json.dumps(said).encode()
    return Reply(status=status, headers=named, body=body, cut=cut)


Fault = Reply | Callable[["Desk", Asked], Reply | None]
"""What happens to a sending call: an answer instead of taking it, or what a function does; None: silence."""


def losing(desk: Desk, asked: Asked) -> None:
    """The mails are taken and the answer is lost."""
    desk.take(asked)


def dropping(desk: Desk, asked: Asked) -> None:
    """Nothing is taken, and nothing is answered."""


class Desk:
    """One provider. ``refuse`` and ``inactive`` name addresses it does not take."""

    sends: ClassVar[str]  # path of the sending call
    mails: list[Arrived]

    def __init__(self) -> None:
        self.mails = []
        self.references: list[str] = []  # our own name of each, as the call carried it
        self.refuse: set[str] = set()
        self.inactive: set[str] = set()

    def answer(self, asked: Asked) -> Reply:
        """Return the answer to any call; the key is looked at first."""
        if not self.knows(asked):
            return self.unknown_key()
        if asked.method == "POST" and asked.path == self.sends:
            return self.take(asked)
        return self.tell(asked)

    def knows(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {KEY}"

    def unknown_key(self) -> Reply:
        return reply(401, {"message": f"The key {KEY} is not known"})

    def take(self, asked: Asked) -> Reply:
        raise NotImplementedError

    def tell(self, asked: Asked) -> Reply:
        """Answer a call that sends nothing."""
        return reply(200, {})

    def keep(self, mail: Arrived, reference: str) -> str:
        """Keep a mail; return the provider's own name for it."""
        self.mails.append(mail)
        self.references.append(reference)
        return f"{type(self).__name__.lower()}-{len(self.mails)}"


class ResendDesk(Desk):
    """resend.com/docs: send-batch-emails, idempotency-keys, errors."""

    sends = "/emails/batch"

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, tuple[bytes, Reply]] = {}

    def take(self, asked: Asked) -> Reply:
        key = asked.headers.get("idempotency-key", "")
        if key in self.keys:
            body, answer = self.keys[key]
            said = {"name": "invalid_idempotent_request", "message": "Same key, other payload"}
            return answer if body == asked.body else reply(409, said)
        data, errors = [], []
        for place, mail in enumerate(asked.json()):
            address = parseaddr(mail["to"][0])[1]
            if address in self.refuse:
                errors.append({"index": place, "message": f"Invalid `to` field: {address}"})
                continue
            tags = {tag["name"]: tag["value"] for tag in mail["tags"]}
            data.append({"id": self.keep(_of_fields(mail), tags["everypost"])})
        answer = reply(200, {"data": data, "errors": errors})
        if key:
            self.keys[key] = asked.body, answer
        return answer

    def unknown_key(self) -> Reply:
        return reply(403, {"statusCode": 403, "name": "invalid_api_key", "message": f"{KEY} is invalid"})


class BrevoDesk(Desk):
    """developers.brevo.com: sendtransacemail, heterogenous-versions-batch-emails, getemaileventreport."""

    sends = "/v3/smtp/email"

    def __init__(self) -> None:
        super().__init__()
        self.keys: set[str] = set()

    def knows(self, asked: Asked) -> bool:
        return asked.headers.get("api-key") == KEY

    def unknown_key(self) -> Reply:
        return reply(401, {"code": "unauthorized", "message": f"Key {KEY} not found"})

    def take(self, asked: Asked) -> Reply:
        mail = asked.json()
        key = mail["headers"].pop("idempotencyKey", "")
        if key in self.keys:
            return reply(400, {"code": "duplicate_parameter", "message": "idempotencyKey was used"})
        if mail["to"][0]["email"] in self.refuse:
            return reply(400, {"code": "invalid_parameter", "message": "email is not valid in to"})
        if key:
            self.keys.add(key)
        kept = Arrived(
            to=_person(mail["to"][0]),
            sender=_person(mail["sender"]),
            reply_to=mail.get("replyTo", {}).get("email", ""),
            subject=mail["subject"],
            text=mail["textContent"],
            html=mail["htmlContent"],
            headers=_lowered(mail["headers"]),
        )
        return reply(201, {"messageId": f"<{self.keep(kept, mail['tags'][0])}@brevo>"})

    def tell(self, asked: Asked) -> Reply:
        if asked.path != "/v3/smtp/statistics/events":
            return reply(200, {"email": "you@example.org"})
        wanted = asked.query["tags"][0]
        events = [
            {"email": mail.to[1], "event": "requests", "messageId": f"<{place}@brevo>", "tag": reference}
            for place, (mail, reference) in enumerate(zip(self.mails, self.references, strict=True), 1)
            if reference == wanted
        ]
        return reply(200, {"events": events} if events else {})


class PostmarkDesk(Desk):
    """postmarkapp.com/developer: email-api, overview (error codes), messages-api."""

    sends = "/email/batch"

    def knows(self, asked: Asked) -> bool:
        return asked.headers.get("x-postmark-server-token") == KEY

    def unknown_key(self) -> Reply:
        return reply(401, {"ErrorCode": 10, "Message": f"No Account or Server found for {KEY}"})

    def take(self, asked: Asked) -> Reply:
        given = asked.json()
        said = [self._word(mail) for mail in (given if isinstance(given, list) else [given])]
        if isinstance(given, list):
            return reply(200, said)
        return reply(200 if said[0]["ErrorCode"] == 0 else 422, said[0])

    def answer(self, asked: Asked) -> Reply:
        if self.knows(asked) and asked.path == "/email":  # the call for one mail, which anymail makes
            return self.take(asked)
        return super().answer(asked)

    def tell(self, asked: Asked) -> Reply:
        if asked.path != "/messages/outbound":
            return reply(200, {"ID": 1, "Name": "Production"})
        found = [
            {"MessageID": f"pm-{place}", "Recipients": [mail.to[1]], "Metadata": {"everypost": reference}}
            for place, (mail, reference) in enumerate(zip(self.mails, self.references, strict=True), 1)
            if mail.to[1] in asked.query["recipient"]
        ]
        return reply(200, {"TotalCount": len(found), "Messages": found})

    def _word(self, mail: dict[str, Any]) -> dict[str, Any]:
        name, address = parseaddr(mail["To"])
        if address in self.inactive:
            words = (
                "You tried to send to a recipient that has been marked as inactive.\n"
                f"Found inactive addresses: {address}.\nInactive recipients are ones that have generated a "
                "hard bounce or a spam complaint. "
            )
            return {"ErrorCode": 406, "Message": words}
        if address in self.refuse:
            return {"ErrorCode": 300, "Message": f"Error parsing 'To': illegal address '{address}'."}
        headers = _lowered({one["Name"]: one["Value"] for one in mail["Headers"]})
        headers.pop("x-pm-keepid", None)
        kept = Arrived(
            to=(name, address),
            sender=parseaddr(mail["From"]),
            reply_to=parseaddr(mail.get("ReplyTo", ""))[1],
            subject=mail["Subject"],
            text=mail["TextBody"],
            html=mail["HtmlBody"],
            headers=headers,
        )
        id_ = self.keep(kept, mail["Metadata"]["everypost"])
        return {"To": mail["To"], "MessageID": id_, "ErrorCode": 0, "Message": "OK"}


class MailgunDesk(Desk):
    """documentation.mailgun.com: messages.mime, API response codes, List logs."""

    sends = f"/v3/{DOMAIN}/messages.mime"

    def knows(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == _basic("api", KEY)

    def unknown_key(self) -> Reply:
        return reply(401, body=b"Forbidden")

    def take(self, asked: Asked) -> Reply:
        form = _form(asked)
        if form["to"].decode() in self.refuse:
            return reply(400, {"message": "to parameter is not a valid address. please check documentation"})
        assert form["o:tracking"] == b"no"
        id_ = self.keep(arrived(form["message"]), form["v:everypost"].decode())
        return reply(200, {"id": f"<{id_}@{DOMAIN}>", "message": "Queued. Thank you."})

    def tell(self, asked: Asked) -> Reply:
        if asked.path != "/v1/analytics/logs":
            return reply(200, {"domain": {"name": DOMAIN}})
        wanted = asked.json()["filter"]["AND"][0]["values"][0]["value"]
        items = [
            {
                "event": "accepted",
                "recipient": mail.to[1],
                "message": {"headers": {"message-id": _message_id(mail.raw)}},
            }
            for mail in self.mails
            if mail.to[1] == wanted
        ]
        return reply(200, {"items": items, "pagination": {"total": len(items)}})


class SendGridDesk(Desk):
    """twilio.com/docs/sendgrid: mail-send, mail-send/errors, email-logs."""

    sends = "/v3/mail/send"

    def unknown_key(self) -> Reply:
        said = {"message": f"The provided authorization grant {KEY} is invalid", "field": None}
        return reply(401, {"errors": [said]})

    def take(self, asked: Asked) -> Reply:
        mail = asked.json()
        (personal,) = mail["personalizations"]
        (to,) = personal["to"]
        if to["email"] in self.refuse:
            said = {"message": "Does not contain a valid address.", "field": "personalizations.0.to.0.email"}
            return reply(400, {"errors": [said]})
        assert not mail["tracking_settings"]["click_tracking"]["enable"]
        text, html = (part["value"] for part in mail["content"])
        kept = Arrived(
            to=_person(to),
            sender=_person(mail["from"]),
            reply_to=mail.get("reply_to", {}).get("email", ""),
            subject=mail["subject"],
            text=text,
            html=html,
            headers=_lowered(mail["headers"]),
        )
        return reply(202, x_message_id=self.keep(kept, personal["custom_args"]["everypost"]))

    def tell(self, asked: Asked) -> Reply:
        if asked.path != "/v3/logs":
            return reply(200, {"scopes": ["mail.send"]})
        found = [
            {
                "from_email": mail.sender[1],
                "to_email": mail.to[1],
                "subject": mail.subject,
                "sg_message_id": f"sg-{place}",
                "sg_message_id_created_at": CREATED,
                "status": "processed",
            }
            for place, mail in enumerate(self.mails, 1)
            if asked.json()["query"] == f"to_email = '{mail.to[1]}'"
        ]
        return reply(200, {"messages": found})


class SparkPostDesk(Desk):
    """SparkPost's own documents: transmissions, extended error codes."""

    sends = "/api/v1/transmissions"

    def knows(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == KEY

    def unknown_key(self) -> Reply:
        return reply(401, {"errors": [{"message": f"Unauthorized: {KEY}"}]})

    def take(self, asked: Asked) -> Reply:
        transmission = asked.json()
        (to,) = transmission["recipients"]
        address = to["address"]["email"]
        if address in self.inactive:
            said = {
                "message": "Message generation rejected",
                "description": "recipient address suppressed due to customer policy",
                "code": "1902",
            }
            return reply(400, {"errors": [said]})
        if address in self.refuse:
            return reply(400, {"errors": [{"message": "No valid recipients in list", "code": "5002"}]})
        assert transmission["options"] == {"open_tracking": False, "click_tracking": False}
        raw = transmission["content"]["email_rfc822"].encode("ascii")
        id_ = self.keep(arrived(raw), to["metadata"]["everypost"])
        counts = {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": id_}
        return reply(200, {"results": counts})


class MailjetDesk(Desk):
    """dev.mailjet.com/email/guides/send-api-v31."""

    sends = "/v3.1/send"

    def knows(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == _basic(KEY, SECRET)

    def unknown_key(self) -> Reply:
        said = {"ErrorCode": "mj-0002", "StatusCode": 401, "ErrorMessage": f"API key {KEY} not authorized"}
        return reply(401, said)

    def take(self, asked: Asked) -> Reply:
        (mail,) = asked.json()["Messages"]
        (to,) = mail["To"]
        if to["Email"] in self.refuse:
            error = {
                "ErrorCode": "mj-0013",
                "StatusCode": 400,
                "ErrorMessage": f'"{to["Email"]}" is an invalid email address.',
                "ErrorRelatedTo": ["To[0].Email"],
            }
            return reply(400, {"Messages": [{"Status": "error", "Errors": [error]}]})
        assert not {name.lower() for name in mail["Headers"]} & MADE_BY_PROVIDERS
        kept = Arrived(
            to=(to.get("Name", ""), to["Email"]),
            sender=(mail["From"].get("Name", ""), mail["From"]["Email"]),
            reply_to=mail.get("ReplyTo", {}).get("Email", ""),
            subject=mail["Subject"],
            text=mail["TextPart"],
            html=mail["HTMLPart"],
            headers=_lowered(mail["Headers"]),
        )
        taken = [{"Email": to["Email"], "MessageID": self.keep(kept, mail["CustomID"])}]
        return reply(200, {"Messages": [{"Status": "success", "CustomID": mail["CustomID"], "To": taken}]})


class SesDesk(Desk):
    """The service model sesv2 of botocore: SendEmail, GetAccount; errors by the header x-amzn-errortype."""

    sends = "/v2/email/outbound-emails"

    def knows(self, asked: Asked) -> bool:
        return f"Credential={KEY}/" in asked.headers.get("authorization", "")

    def unknown_key(self) -> Reply:
        return ses_error(403, "UnrecognizedClientException", f"The security token {KEY} is invalid.")

    def take(self, asked: Asked) -> Reply:
        call = asked.json()
        tags = {tag["Name"]: tag["Value"] for tag in call["EmailTags"]}
        if call["Destination"]["ToAddresses"][0] in self.refuse:
            return ses_error(400, "BadRequestException", "Missing final '@domain'")
        raw = b64decode(call["Content"]["Raw"]["Data"])
        return reply(200, {"MessageId": self.keep(arrived(raw), tags["everypost"])})

    def tell(self, asked: Asked) -> Reply:
        return reply(200, {"SendingEnabled": True, "SendQuota": {"MaxSendRate": 14.0}})


def ses_error(status: int, name: str, words: str, **headers: str) -> Reply:
    """Return an error as Amazon's JSON services write it."""
    return reply(status, {"message": words}, x_amzn_errortype=name, **headers)


@dataclass(kw_only=True)
class Provider:
    """A desk behind a real HTTP server."""

    desk: Any
    url: str
    asked: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def then(self, *faults: Fault) -> None:
        """Let the next sending calls go wrong, one after the other."""
        self.faults += faults

    @property
    def calls(self) -> list[Asked]:
        """The sending calls that arrived."""
        return [one for one in self.asked if one.method == "POST" and one.path in (self.desk.sends, "/email")]

    def hanging(self, desk: Desk, asked: Asked) -> None:
        """The mails are taken, and the answer is not there in time."""
        desk.take(asked)
        self.over.wait(20)

    def serve(self, asked: Asked) -> Reply | None:
        self.asked.append(asked)
        if asked.method == "POST" and asked.path in (self.desk.sends, "/email") and self.faults:
            fault = self.faults.pop(0)
            return fault if isinstance(fault, Reply) else fault(self.desk, asked)
        answer: Reply = self.desk.answer(asked)
        return answer


@contextmanager
def provider(desk: Desk) -> Iterator[Provider]:
    """Run a provider for as long as the block lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    far = Provider(desk=desk, url=f"http://127.0.0.1:{server.server_address[1]}")
    server.far = far
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield far
    finally:
        far.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    far: Provider


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        asked = Asked(
            method=self.command,
            path=parts.path.rstrip("/"),
            query=parse_qs(parts.query),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )
        answer = self.server.far.serve(asked)
        self.close_connection = answer is None or answer.cut
        if answer is None:
            return
        try:
            self.send_response_only(answer.status)
            if "date" not in answer.headers:
                self.send_header("Date", self.date_time_string())
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + (10 if answer.cut else 0)))
            self.end_headers()
            self.wfile.write(answer.body)
        except OSError:  # the client hung up, as some tests mean it to
            self.close_connection = True

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:
        pass


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def _person(given: Mapping[str, str]) -> tuple[str, str]:
    return given.get("name", ""), given["email"]


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    lowered = {name.lower(): value for name, value in headers.items()}
    assert len(lowered) == len(headers)
    return {name: value for name, value in lowered.items() if name not in MADE_BY_PROVIDERS}


def _of_fields(mail: Mapping[str, Any]) -> Arrived:
    return Arrived(
        to=parseaddr(mail["to"][0]),
        sender=parseaddr(mail["from"]),
        reply_to=parseaddr(mail.get("reply_to", ""))[1],
        subject=mail["subject"],
        text=mail["text"],
        html=mail["html"],
        headers=_lowered(mail["headers"]),
    )


def _form(asked: Asked) -> dict[str, bytes]:
    """Return the fields of a multipart form; a mail inside keeps its bytes."""
    boundary = asked.headers["content-type"].partition("boundary=")[2].encode()
    found = {}
    for part in asked.body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode()
        found[name] = content.removesuffix(b"\r\n")
    return found


def _message_id(raw: bytes) -> str:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return str(mail["Message-ID"]).strip("<>")
