"""Notices: confirm, welcome, a preferences link, a goodbye, an alert to the operator.

One purpose, one button, its address repeated as text; no pictures, no sponsor, no tracking.
Neighbour: ``issue`` renders what readers subscribed to.
"""

from __future__ import annotations

from collections.abc import Mapping

from digest.errors import UnknownName
from digest.model import Publication, Rendering
from digest.rendering.environment import environment, render
from digest.rendering.inline import inline
from digest.rendering.issue import content_nonce, frame, one_line, tidy_text
from digest.rendering.slots import slots

#: The facts each kind may show. A fact that is not given is empty, and its sentence is left out.
FACTS: Mapping[str, tuple[str, ...]] = {
    "confirm": ("confirm_url", "choices"),  # choices: "the weekly digest, every theme"
    "welcome": ("choices", "next_date"),  # next_date: "Sunday 14 June 2026"
    "preferences-link": ("preferences_url",),
    "goodbye": ("subscribe_url",),
    "address-change": ("confirm_url", "old_address"),  # sent to the new address; the old one is masked
    "address-changed": ("new_address", "subscribe_url"),  # to the old address; the new one is masked
    "re-permission": ("confirm_url", "choices", "ends_on"),  # ends_on: the last day to answer
    "draft-ready": ("issue", "title", "posts", "sends_at"),  # to the editor; posts: one title a line
    "alert": ("problem", "detail", "what_to_do"),  # detail may have several lines
}

TO_US = frozenset({"alert", "draft-ready"})
"""The kinds that go to the operator and the editor, who are spoken to in English."""


def render_notice(
    kind: str, facts: Mapping[str, str], publication: Publication, templates: Mapping[str, str]
) -> Rendering:
    """Return the mail for one notice.

    Raises UnknownName for a kind or fact we do not know, and TemplateFault for a broken template.
    """
    if kind not in FACTS:
        raise UnknownName(f"There is no notice of kind {kind}: use one of {', '.join(FACTS)}.")
    unknown = sorted(set(facts) - set(FACTS[kind]))
    if unknown:
        raise UnknownName(f"The notice {kind} knows no fact {unknown[0]}: give {', '.join(FACTS[kind])}.")
    nonce = content_nonce((kind, sorted(facts.items())), publication, templates)
    given = dict.fromkeys(FACTS[kind], "") | dict(facts) | {"slot": slots(nonce)}
    env = environment(templates)
    named = {"publication": publication, "language": publication.language} | given
    subject = one_line(render(env, f"email/{kind}/subject.txt", named))
    preheader = one_line(render(env, f"email/{kind}/preheader.txt", named))
    context = frame(publication, subject, preheader) | given
    css = render(env, "email/_inline.css", context)
    return Rendering(
        subject=subject,
        html=inline(render(env, f"email/{kind}/body.html", context), css),
        text=tidy_text(render(env, f"email/{kind}/body.txt", context)),
        nonce=nonce,
    )
