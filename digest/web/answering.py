"""Answers to a mail that asked: whether mail is still wanted, and whether it may come to another address."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Response

from digest.pipeline import asking_again, moving
from digest.text.catalogues import translatable
from digest.web.site import Pages
from subscribers.address import mask
from subscribers.errors import BadToken, TokenFault
from subscribers.model import Subscriber
from subscribers.tokens import Purpose

_TOO_OLD = translatable("This link has expired")
_WHAT_NOW = translatable("Nothing was changed by it. Write to the publisher, who can send you a fresh one.")


def router(pages: Pages) -> APIRouter:
    """Return the routes of answering."""
    routes = APIRouter()
    readers = pages.site.readers

    @routes.api_route("/keep/{token}", methods=["GET", "HEAD"])
    def ask_to_keep(token: str) -> Response:
        return _page(pages, "keep", lambda: readers.holder(Purpose.KEEP, token), done=False)

    @routes.post("/keep/{token}")
    def keep(token: str) -> Response:
        return _page(pages, "keep", lambda: asking_again.keep(readers, token), done=True)

    @routes.api_route("/move/{token}", methods=["GET", "HEAD"])
    def ask_to_move(token: str) -> Response:
        return _page(pages, "move", lambda: moving.asked(readers, token), done=False)

    @routes.post("/move/{token}")
    def move(token: str) -> Response:
        return _page(pages, "move", lambda: moving.move(readers, token), done=True)

    return routes


def _page(pages: Pages, name: str, act: Callable[[], Subscriber], *, done: bool) -> Response:
    """Return the page after acting; these links are too short-lived for the usual words about old ones."""
    try:
        person = act()
    except BadToken as fault:
        if fault.fault is not TokenFault.EXPIRED:
            raise
        return pages.message(status=410, title=_TOO_OLD, text=_WHAT_NOW)
    return pages.page(name, language=person.preferences.language, masked=mask(person.email), done=done)
