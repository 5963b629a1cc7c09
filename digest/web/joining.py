"""Subscribe and confirm: the form, the answer to it, and the button behind the mail's link."""

from __future__ import annotations

from gettext import NullTranslations
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from digest.text.catalogues import translatable
from digest.web.site import Pages
from subscribers.address import mask
from subscribers.errors import BadAddress
from subscribers.model import Cadence, Subscriber
from subscribers.tokens import Purpose

# What stands under the form; kept with every request as proof of what was shown.
PROMISE = translatable(
    "Your address is used for this newsletter and nothing else. We send one email to check that it is "
    "yours; nothing follows until you confirm. Every issue has a link to leave with one click."
)


def router(pages: Pages) -> APIRouter:
    """Return the routes of joining."""
    routes = APIRouter()
    readers = pages.site.readers

    @routes.api_route("/", methods=["GET", "HEAD"])
    @routes.api_route("/subscribe", methods=["GET", "HEAD"])
    def form(language: str = "") -> Response:
        return pages.page("subscribe", **_form(pages, language=language))

    @routes.post("/subscribe")
    def subscribe(
        email: Annotated[str, Form()] = "",
        cadence: Annotated[Cadence | None, Form()] = None,
        themes: Annotated[list[str] | None, Form()] = None,
        language: Annotated[str, Form()] = "",  # where the form says so
        website: Annotated[str, Form()] = "",  # people do not see this field; robots fill it in
    ) -> Response:
        chosen, asked = cadence or preset(pages), pages.known_language(language)
        if website:
            return pages.page("check-inbox", language=asked)
        try:
            readers.subscribe(
                email=email,
                cadence=chosen,
                themes=pages.known_themes(themes or []),
                language=asked,
                shown=pages.words(asked).gettext(PROMISE),
            )
        except BadAddress as error:
            filled = _form(
                pages, language=asked, email=email, chosen=chosen, ticked=themes or [], error=error.reason
            )
            return pages.page("subscribe", status=422, **filled)
        return pages.page("check-inbox", language=asked)

    @routes.api_route("/confirm/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> Response:
        person = readers.asked(token)
        wanted = person.preferences
        return pages.page(
            "confirm", language=wanted.language, masked=mask(person.email), cadence=wanted.cadence
        )

    @routes.post("/confirm/{token}")
    def confirm(token: str) -> Response:
        return confirmed(pages, readers.confirm(token), returned=False)

    return routes


def confirmed(pages: Pages, person: Subscriber, *, returned: bool) -> Response:
    """Return the page that greets a reader, new or returned by taking back that they left."""
    wanted = person.preferences
    return pages.page(
        "confirmed",
        language=wanted.language,
        returned=returned,
        cadence=wanted.cadence,
        line=dict(pages.site.cadences(wanted.language)).get(wanted.cadence, ""),
        preferences_token=pages.site.readers.link(Purpose.PREFERENCES, person),
    )


def preset(pages: Pages) -> Cadence:
    """Return the cadence that is chosen before the visitor chooses: weekly where it is on offer."""
    offered = [cadence for cadence, _ in pages.site.cadences()]
    return Cadence.WEEKLY if Cadence.WEEKLY in offered or not offered else offered[0]


def _form(
    pages: Pages,
    *,
    language: str,
    email: str = "",
    chosen: Cadence | None = None,
    ticked: list[str] | None = None,
    error: str = "",
) -> dict[str, Any]:
    """Return what the form shows, as the visitor left it."""
    asked, words = pages.known_language(language), pages.words(language)
    return {
        "language": asked,
        "asked_language": asked,
        "cadences": pages.site.cadences(asked),
        "themes": pages.site.themes(),
        "promise": words.gettext(PROMISE),
        "email": email,
        "chosen": chosen or preset(pages),
        "ticked": ticked or [],
        "error": _what_is_wrong(error, words) if error else "",
    }


def _what_is_wrong(reason: str, words: NullTranslations) -> str:
    """Return what is wrong with an address, in the page's words.

    Some reasons come from a library that speaks English only; where there are other words, they get one
    sentence for all.
    """
    told = words.gettext(reason)
    if told != reason:
        return told
    general = translatable("This does not look like an email address. Please check it.")
    own = words.gettext(general)
    return reason if own == general else own
