"""What a visitor sees when something is wrong: a page in plain words, and what to do next.

No page shows an address, a token or a library's words.
"""

from __future__ import annotations

from typing import NamedTuple

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from digest.errors import NotAllowed, TemporaryError, in_one_line
from digest.text.catalogues import translatable
from digest.web.site import Pages
from subscribers.errors import BadToken, Suppressed, TokenFault, UnknownSubscriber

RETRY_AFTER_S = 30

log = structlog.get_logger(__name__)


class Words(NamedTuple):
    """A fault as a visitor reads it."""

    status: int
    title: str
    text: str
    subscribe: bool = False  # whether signing up again is what to do next


_TOO_OLD = Words(
    410,
    translatable("This link has expired"),
    translatable("Confirmation links work for seven days. Sign up again and we will send you a fresh one."),
    subscribe=True,
)
_USED = Words(
    410,
    translatable("This link has been used"),
    translatable("You have left the newsletter since this link was sent. To come back, sign up again."),
    subscribe=True,
)
_BROKEN = Words(
    404,
    translatable("This link does not work"),
    translatable(
        "Part of it may have been lost on the way. Open it again from the email, or copy the whole link "
        "into the address bar. If you only want to leave, any other email from us has the same link."
    ),
)
_GONE = Words(
    404,
    translatable("We do not know this reader"),
    translatable("Everything about this reader has been deleted."),
    True,
)
_BLOCKED = Words(
    403,
    translatable("This address cannot be subscribed"),
    translatable("Reply to one of our emails and we will help."),
)
_LEFT = Words(
    409,
    translatable("You are not subscribed"),
    translatable(
        "This address does not receive the newsletter at the moment, so there is nothing to change. "
        "To receive it, sign up."
    ),
    subscribe=True,
)
_BUSY = Words(
    503,
    translatable("Please try again in a minute"),
    translatable("The site is busy and nothing was changed. Your link stays good."),
)
_BROKEN_PAGE = Words(
    500,
    translatable("Something went wrong here"),
    translatable("It is not your fault. Please try again later."),
)

_BY_STATUS = {
    400: Words(
        400,
        translatable("We could not read that"),
        translatable("Go back, check the form and send it again."),
    ),
    404: Words(
        404,
        translatable("There is no such page"),
        translatable("The address may be mistyped, or the page has moved."),
    ),
    405: Words(
        405, translatable("That cannot be done here"), translatable("Go back and use the button on the page.")
    ),
    413: Words(
        413,
        translatable("That is too long"),
        translatable("Go back, shorten what you wrote and send it again."),
    ),
}


def install(app: FastAPI, pages: Pages) -> None:
    """Make every fault of the application a page."""

    def show(words: Words) -> Response:
        return pages.message(**words._asdict())

    def bad_token(_: Request, error: Exception) -> Response:
        assert isinstance(error, BadToken)
        return show({TokenFault.EXPIRED: _TOO_OLD, TokenFault.USED: _USED}.get(error.fault, _BROKEN))

    def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = show(_BY_STATUS.get(error.status_code, _BY_STATUS[400]))
        answer.headers.update(error.headers or {})
        return answer

    def busy(_: Request, error: Exception) -> Response:
        log.warning("web.unavailable", cause=type(error).__name__)
        answer = show(_BUSY)
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return answer

    app.add_exception_handler(BadToken, bad_token)
    app.add_exception_handler(UnknownSubscriber, lambda _request, _error: show(_GONE))
    app.add_exception_handler(Suppressed, lambda _request, _error: show(_BLOCKED))
    app.add_exception_handler(NotAllowed, lambda _request, _error: show(_LEFT))
    app.add_exception_handler(RequestValidationError, lambda _request, _error: show(_BY_STATUS[400]))
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(TemporaryError, busy)

    def broken(_: Request, error: Exception) -> Response:
        # The path stays out of the log: it may hold a reader's token.
        log.error("web.fault", reason=in_one_line(error))
        return show(_BROKEN_PAGE)

    app.add_exception_handler(Exception, broken)
