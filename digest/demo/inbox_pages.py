"""The pages of the demonstration's inbox: mailboxes, mails, and each mail from all its sides.

Read only, like the preview, and drawn with the same bench. Neighbour: ``inbox`` receives the mails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from digest.preview.bench import Choice, Switch, lay_out, read_choice, with_query
from digest.preview.frame import Scheme, frame_document, frame_headers
from digest.preview.local_server import add_assets
from digest.preview.mail_view import MailView, read_mail
from digest.rendering.environment import environment, render

NEWEST_SHOWN = 200  # mails in one list; more are counted, and one mailbox at a time shows them
_view = lru_cache(maxsize=2 * NEWEST_SHOWN)(read_mail)


@dataclass(frozen=True, kw_only=True)
class Received:
    """One mail as it arrived, for one recipient."""

    id: int  # from 1, in the order of arrival
    envelope_from: str
    envelope_to: str
    data: bytes  # exactly as received, dot-stuffing undone
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A person whose mail the inbox shows."""

    name: str
    address: str
    note: str = ""  # what they asked for: "Weekly, Prisons and Courts"


Messages = Callable[[], Sequence[Received]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def inbox_app(
    messages: Messages, people: Sequence[Mailbox], templates: Mapping[str, str], *, lifespan: Lifespan
) -> FastAPI:
    """Return the inbox's pages over whatever ``messages`` answers, oldest first."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    pages = _Pages(messages, people, templates)
    router = APIRouter()
    router.add_api_route("/", pages.mails, methods=["GET"])
    router.add_api_route("/messages/{number}", pages.message, methods=["GET"])
    router.add_api_route("/messages/{number}/frame", pages.frame, methods=["GET"])
    router.add_api_route("/messages/{number}/mail.eml", pages.download, methods=["GET"])
    add_assets(router, templates)
    router.add_api_route("/api/messages", pages.api_messages, methods=["GET"])
    router.add_api_route("/api/messages/{number}", pages.api_message, methods=["GET"])
    router.add_api_route("/api/newest", pages.api_newest, methods=["GET"])
    app.include_router(router)
    return app


class _Pages:
    """One method for each page."""

    def __init__(self, messages: Messages, people: Sequence[Mailbox], templates: Mapping[str, str]) -> None:
        self._messages = messages
        self._people = tuple(people)
        self._templates = templates

    def mails(self, to: str = "") -> Response:
        """Answer the list of mails, newest first: of one mailbox, or of all."""
        everything = self._messages()
        found = [mail for mail in reversed(everything) if to in {"", mail.envelope_to}]
        return self._html(
            "preview/inbox.html",
            {
                "mailboxes": self._mailboxes(everything, to),
                "owner": self._owner(to),
                "to": to,
                "mails": [self._line(mail) for mail in found[:NEWEST_SHOWN]],
                "hidden": max(0, len(found) - NEWEST_SHOWN),
                "newest": everything[-1].id if everything else 0,
            },
        )

    def message(self, number: int, request: Request) -> Response:
        """Answer the page of one mail."""
        mail = self._numbered(number)
        path = f"/messages/{mail.id}"

        def address(choice: Choice) -> str:
            return with_query(path, choice.query())

        def frame_url(scheme: Scheme) -> str:
            return with_query(f"{path}/frame", {"scheme": scheme})

        bench = lay_out(
            _view(mail.data),
            read_choice(request.query_params),
            address=address,
            frame_url=frame_url,
            download_url=f"{path}/mail.eml",
            links_open=True,
        )
        return self._html(
            "preview/inbox_mail.html",
            {
                "mailboxes": self._mailboxes(self._messages(), mail.envelope_to),
                "owner": self._owner(mail.envelope_to),
                "back": _mailbox_url(mail.envelope_to),
                "received": mail,
                "at": _moment(mail.at),
                "bench": bench,
            },
        )

    def frame(self, number: int, request: Request) -> Response:
        """Answer a mail's HTML alone, without any right but to open its links in a new tab."""
        scheme = read_choice(request.query_params).scheme
        html = _view(self._numbered(number).data).html
        return Response(frame_document(html, scheme), headers=frame_headers(links_open=True))

    def download(self, number: int) -> Response:
        """Answer a mail's bytes exactly as they were received."""
        return Response(
            self._numbered(number).data,
            media_type="message/rfc822",
            headers={"Content-Disposition": f'attachment; filename="mail-{number}.eml"'},
        )

    def api_messages(self, to: str = "") -> list[dict[str, object]]:
        """Answer every mail in short, oldest first, for programs."""
        return [_short(mail) for mail in self._messages() if to in {"", mail.envelope_to}]

    def api_message(self, number: int) -> dict[str, object]:
        """Answer one mail with its parts, headers and links, for programs."""
        mail = self._numbered(number)
        view = _view(mail.data)
        return _short(mail) | {
            "headers": [list(header) for header in view.headers],
            "html": view.html,
            "text": view.text,
            "links": [{"url": link.url, "text": link.text} for link in view.links],
        }

    def api_newest(self) -> dict[str, int]:
        """Answer the number of the newest mail, 0 before the first."""
        messages = self._messages()
        return {"newest": messages[-1].id if messages else 0}

    def _numbered(self, number: int) -> Received:
        found = next((mail for mail in self._messages() if mail.id == number), None)
        if found is None:
            raise HTTPException(404, "There is no mail of that number: the inbox forgets when it stops.")
        return found

    def _owner(self, address: str) -> Mailbox:
        known = next((person for person in self._people if person.address == address), None)
        return known or Mailbox(name=address or "All mail", address=address)

    def _mailboxes(self, messages: Sequence[Received], shown: str) -> list[tuple[Switch, int]]:
        """Return each mailbox with how many mails it holds: all mail, our people, then anybody else."""
        held = Counter(mail.envelope_to for mail in messages)
        known = dict.fromkeys([*(person.address for person in self._people), *held])
        return [
            (self._mailbox("", shown), len(messages)),
            *((self._mailbox(address, shown), held[address]) for address in known),
        ]

    def _mailbox(self, address: str, shown: str) -> Switch:
        owner = self._owner(address)
        return Switch(label=owner.name, note=owner.note, url=_mailbox_url(address), on=address == shown)

    def _line(self, mail: Received) -> dict[str, object]:
        """Return what a list shows of a mail."""
        return {
            "received": mail,
            "view": _view(mail.data),
            "to": self._owner(mail.envelope_to).name,
            "at": _moment(mail.at),
        }

    def _html(self, name: str, context: Mapping[str, object]) -> HTMLResponse:
        return HTMLResponse(render(environment(self._templates), name, context))


def _mailbox_url(address: str) -> str:
    """Return where a mailbox is; an empty address is all mail."""
    return with_query("/", {"to": address} if address else {})


def _moment(at: datetime) -> str:
    """Return an instant in UTC for people: "23 November, 18:31 UTC"."""
    return f"{at.day} {at:%B, %H:%M} UTC"


def _short(mail: Received) -> dict[str, object]:
    """Return what the list for programs says of a mail."""
    view: MailView = _view(mail.data)
    return {
        "id": mail.id,
        "envelope_from": mail.envelope_from,
        "envelope_to": mail.envelope_to,
        "at": mail.at.isoformat(),
        "from": view.from_,
        "to": view.to,
        "subject": view.subject,
        "snippet": view.snippet,
        "size": view.size,
    }
