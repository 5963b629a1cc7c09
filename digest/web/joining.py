"""Subscribe and confirm: the form, the answer to it, and the button behind the mail's link."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from digest.web.site import Pages
from subscribers.address import mask
from subscribers.errors import BadAddress
from subscribers.model import Cadence
from subscribers.tokens import Purpose

# What stands under the form; kept with every request as proof of what was shown.
PROMISE = (
    "Your address is used for this newsletter and nothing else. We send one email to check that it is "
    "yours; nothing follows until you confirm. Every issue has a link to leave with one click."
)


def router(pages: Pages) -> APIRouter:
    """Return the routes of joining."""
    routes = APIRouter()
    readers = pages.site.readers

    @routes.api_route("/", methods=["GET", "HEAD"])
    @routes.api_route("/subscribe", methods=["GET", "HEAD"])
    def form() -> Response:
        return pages.page("subscribe", **_form(pages))

    @routes.post("/subscribe")
    def subscribe(
        email: Annotated[str, Form()] = "",
        cadence: Annotated[Cadence | None, Form()] = None,
        themes: Annotated[list[str] | None, Form()] = None,
        website: Annotated[str, Form()] = "",  # people do not see this field; robots fill it in
    ) -> Response:
        chosen = cadence or preset(pages)
        if website:
            return pages.page("check-inbox")
        try:
            readers.subscribe(
                email=email, cadence=chosen, themes=pages.known_themes(themes or []), shown=PROMISE
            )
        except BadAddress as error:
            filled = _form(pages, email=email, chosen=chosen, ticked=themes or [], error=error.reason)
            return pages.page("subscribe", status=422, **filled)
        return pages.page("check-inbox")

    @routes.api_route("/confirm/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> Response:
        person = readers.asked(token)
        return pages.page("confirm", masked=mask(person.email), cadence=person.preferences.cadence)

    @routes.post("/confirm/{token}")
    def confirm(token: str) -> Response:
        person = readers.confirm(token)
        return pages.page(
            "confirmed",
            returned=False,
            cadence=person.preferences.cadence,
            line=dict(pages.site.cadences()).get(person.preferences.cadence, ""),
            preferences_token=readers.link(Purpose.PREFERENCES, person),
        )

    return routes


def preset(pages: Pages) -> Cadence:
    """Return the cadence that is chosen before the visitor chooses: weekly where it is on offer."""
    offered = [cadence for cadence, _ in pages.site.cadences()]
    return Cadence.WEEKLY if Cadence.WEEKLY in offered or not offered else offered[0]


def _form(
    pages: Pages,
    *,
    email: str = "",
    chosen: Cadence | None = None,
    ticked: list[str] | None = None,
    error: str = "",
) -> dict[str, Any]:
    """Return what the form shows, as the visitor left it."""
    return {
        "cadences": pages.site.cadences(),
        "themes": pages.site.themes(),
        "promise": PROMISE,
        "email": email,
        "chosen": chosen or preset(pages),
        "ticked": ticked or [],
        "error": error,
    }
