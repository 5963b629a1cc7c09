"""The only home of premailer: styles into attributes, once per rendering and never per recipient.

premailer shares caches and a global logger between threads, so one lock holds all of it. The switches
below were each measured: without them it drops ``!important`` from the dark rules, overwrites image
widths that classic Outlook needs, and may fetch stylesheets.
"""

from __future__ import annotations

import logging
import re
import threading

from digest.errors import TemplateFault

DOCTYPE = "<!DOCTYPE html>"
_LOCK = threading.Lock()
_FOREIGN_HOST = re.compile(r'(?<=="http)(s?://)([^/"?#:]*[^\x00-\x7f][^/"?#:]*)')


def inline(html: str, css: str) -> str:
    """Return the mail with the rules of ``css`` written into its style attributes.

    ``<style data-premailer="ignore">`` blocks and conditional comments survive byte for byte; blank
    lines go. Raises TemplateFault when the template lost its doctype (every client would fall into
    quirks mode) or when the stylesheet was never rendered.
    """
    if not html.startswith(DOCTYPE):
        raise TemplateFault(
            f"A mail's template starts with exactly {DOCTYPE}: put that on its first line.",
            template="email/_base.html",
        )
    # Only the stylesheet is searched: a post may well write about "{{" in its own text.
    if "{{" in css or "{%" in css:
        raise TemplateFault(
            "The stylesheet still holds template marks: render it first.", template="email/_inline.css"
        )
    with _LOCK:
        from premailer import Premailer  # noqa: PLC0415 -- half a second; only rendering needs it

        inlined: str = Premailer(
            _FOREIGN_HOST.sub(_in_ascii, html),
            css_text=[css],
            disable_basic_attributes=["width", "height", "bgcolor", "align", "valign"],
            disable_leftover_css=True,
            keep_style_tags=False,
            strip_important=True,
            allow_network=False,
            allow_loading_external_files=False,
            disable_validation=True,
            cssutils_logging_level=logging.CRITICAL,
            align_floating_images=False,
            disable_link_rewrites=True,
            remove_classes=False,
            cache_css_parsing=True,
        ).transform(pretty_print=False)
    lines = (line.rstrip() for line in inlined.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def _in_ascii(found: re.Match[str]) -> str:
    """Return a host as mail programs look it up; lxml would percent-encode it (RFC 5890 §2.3.2.1)."""
    try:
        return found[1] + found[2].encode("idna").decode("ascii")
    except UnicodeError:
        return found[0]
