"""The preview: the next issue on the editor's own machine, exactly as it will be sent.

It shows mails and can do nothing else: there is no address here that changes or sends anything. What it
shows is handed in as finished bytes by the composition root, built by the functions that build what is
sent. Each visit of the page asks for them anew, so a template's edit shows on reload.
"""

from __future__ import annotations

import hmac
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from digest.errors import EverypostError, TemplateFault
from digest.preview.bench import Bench, Choice, Switch, lay_out, read_choice, with_query
from digest.preview.frame import Scheme, frame_document, frame_headers
from digest.preview.local_server import LOOPBACK, LocalServer, add_assets
from digest.preview.mail_view import read_mail
from digest.rendering.environment import environment, render


@dataclass(frozen=True, kw_only=True)
class PreviewMail:
    """One mail the editor can look at."""

    key: str  # names it in the page's address; unique and the same after a reload
    group: str  # the heading it stands under: "Digests", "Every post", "Account emails"
    label: str  # "Weekly, 14 June"
    persona: str = ""  # the sample reader who receives it: "Sam Reader (all themes)"
    data: bytes  # the finished mail; empty when there is nothing to send, and `note` says why
    note: str = ""  # a second line: "7 posts", or what the next issue would need


Mails = Callable[[], Sequence[PreviewMail]]
PictureOf = Callable[[str], tuple[bytes, str] | None]
"""Name → a picture we made, with its media type; None when there is none of that name."""

# Copies of pictures are served by the public pages, which need not run where an editor looks at a draft.
_OUR_COPY = re.compile(r'https?://[^\s"]+/(pictures/[0-9a-f]{40}\.(?:jpg|png))')


def serve_preview(
    mails: Mails,
    publication_name: str,
    templates: Mapping[str, str],
    *,
    host: str = LOOPBACK,
    port: int = 0,
    token: str,
    picture: PictureOf = lambda _name: None,
) -> tuple[LocalServer, str]:
    """Return the running preview, and the address to open.

    ``mails`` is called for each visit of the page, in a thread of its own; an EverypostError it raises is
    shown instead. ``token`` is random, and part of the address. Raises OSError when the port is taken.
    """
    app = preview_app(mails, publication_name, templates, token, picture)
    server = LocalServer(app, host=host, port=port)
    return server, f"{server.url}/{token}/"


def preview_app(
    mails: Mails,
    publication_name: str,
    templates: Mapping[str, str],
    token: str,
    picture: PictureOf = lambda _name: None,
) -> FastAPI:
    """Return the preview as an application, every page of it below ``/token/``."""
    if not token:
        raise ValueError("The preview needs a token: without one, any program could read it.")
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    pages = _Pages(mails, publication_name, templates, picture)

    def known(word: str) -> None:
        if not hmac.compare_digest(word.encode(), token.encode()):
            raise HTTPException(404)

    router = APIRouter(prefix="/{word}", dependencies=[Depends(known)])
    router.add_api_route("/", pages.page, methods=["GET"])
    router.add_api_route("/frame", pages.frame, methods=["GET"])
    router.add_api_route("/pictures/{name}", pages.picture, methods=["GET"])
    router.add_api_route("/mail.eml", pages.download, methods=["GET"])
    add_assets(router, templates)
    app.include_router(router)
    app.add_exception_handler(EverypostError, pages.fault)
    app.add_exception_handler(404, _not_here)
    return app


class _Pages:
    """The preview's pages, and the mails they last showed.

    A page and its frames are several requests; the frames show what the page was made of, so that
    mails are made once a visit.
    """

    def __init__(
        self, mails: Mails, publication_name: str, templates: Mapping[str, str], picture: PictureOf
    ) -> None:
        self._make = mails
        self._picture = picture
        self._name = publication_name
        self._templates = templates
        self._shown: tuple[PreviewMail, ...] | None = None
        self._lock = threading.Lock()

    def page(self, request: Request) -> Response:
        """Answer the page for the mail and the way of looking at it that the query names."""
        mails = self._renewed()
        chosen = _named(mails, request.query_params.get("mail")) or (mails[0] if mails else None)
        choice = read_choice(request.query_params)
        return self._html(
            "preview/mail.html",
            {
                "publication_name": self._name,
                "chosen": chosen,
                "groups": _groups(mails, chosen, choice),
                "personas": _personas(mails, chosen, choice),
                "bench": _bench(chosen, choice) if chosen and chosen.data else None,
            },
        )

    def frame(self, request: Request) -> Response:
        """Answer the mail's HTML alone, without any right."""
        scheme = read_choice(request.query_params).scheme
        html = _OUR_COPY.sub(r"\1", read_mail(self._asked_for(request).data).html)
        return Response(frame_document(html, scheme), headers=frame_headers(links_open=False))

    def picture(self, name: str) -> Response:
        """Answer a copy of a picture that a mail shows."""
        found = self._picture(name)
        if found is None:
            raise HTTPException(404)
        return Response(found[0], media_type=found[1])

    def download(self, request: Request) -> Response:
        """Answer the mail's own bytes, for another mail program."""
        mail = self._asked_for(request)
        return Response(
            mail.data,
            media_type="message/rfc822",
            headers={"Content-Disposition": 'attachment; filename="mail.eml"'},
        )

    def fault(self, _request: Request, error: Exception) -> Response:
        """Answer what went wrong, with the template and line where that is known."""
        context = {
            "publication_name": self._name,
            "problem": str(error),
            "template": error.template if isinstance(error, TemplateFault) else "",
            "line": error.line if isinstance(error, TemplateFault) else None,
        }
        try:
            return self._html("preview/fault.html", context, status=500)
        except TemplateFault:  # the fault is in the preview's own templates
            return PlainTextResponse(f"{error}\n", status_code=500)

    def _renewed(self) -> tuple[PreviewMail, ...]:
        mails = tuple(self._make())
        with self._lock:
            self._shown = mails
        return mails

    def _asked_for(self, request: Request) -> PreviewMail:
        with self._lock:
            shown = self._shown
        mail = _named(self._renewed() if shown is None else shown, request.query_params.get("mail"))
        if mail is None:
            raise HTTPException(404)
        return mail

    def _html(self, name: str, context: Mapping[str, object], status: int = 200) -> HTMLResponse:
        return HTMLResponse(render(environment(self._templates), name, context), status_code=status)


def _not_here(_request: Request, _error: Exception) -> Response:
    """Answer an address that is none of ours, or lost its token."""
    words = "Nothing is here. Open the preview at the address that was printed when it started.\n"
    return PlainTextResponse(words, status_code=404)


def _named(mails: Sequence[PreviewMail], key: str | None) -> PreviewMail | None:
    """Return the mail of that key, or None."""
    return next((mail for mail in mails if mail.key == key), None)


def _address(mail: PreviewMail, choice: Choice) -> str:
    """Return the page's address for a mail looked at in this way, relative to the page."""
    return with_query("./", {"mail": mail.key}, choice.query())


def _bench(mail: PreviewMail, choice: Choice) -> Bench:
    """Return the bench for a mail that has bytes."""

    def frame_url(scheme: Scheme) -> str:
        return with_query("frame", {"mail": mail.key, "scheme": scheme})

    return lay_out(
        read_mail(mail.data),
        choice,
        address=lambda other: _address(mail, other),
        frame_url=frame_url,
        download_url=with_query("mail.eml", {"mail": mail.key}),
        links_open=False,
    )


def _groups(
    mails: Sequence[PreviewMail], chosen: PreviewMail | None, choice: Choice
) -> list[tuple[str, list[Switch]]]:
    """Return the list at the left: each label once under its group, as the chosen persona receives it."""
    persona = chosen.persona if chosen else ""
    found: dict[tuple[str, str], PreviewMail] = {}
    for mail in mails:
        place = (mail.group, mail.label)
        if place not in found or mail.persona == persona:
            found[place] = mail
    in_groups = sorted(found.values(), key=lambda mail: [m.group for m in mails].index(mail.group))
    return [
        (group, [_entry(mail, chosen, choice) for mail in members])
        for group, members in groupby(in_groups, key=lambda mail: mail.group)
    ]


def _entry(mail: PreviewMail, chosen: PreviewMail | None, choice: Choice) -> Switch:
    """Return one line of the list at the left."""
    return Switch(label=mail.label, note=mail.note, url=_address(mail, choice), on=mail is chosen)


def _personas(mails: Sequence[PreviewMail], chosen: PreviewMail | None, choice: Choice) -> list[Switch]:
    """Return the readers as whom the chosen mail can be seen; empty when there is nobody to choose."""
    if chosen is None:
        return []
    return [
        Switch(label=mail.persona, url=_address(mail, choice), on=mail is chosen)
        for mail in mails
        if mail.persona and (mail.group, mail.label) == (chosen.group, chosen.label)
    ]
