"""Mails to look at, made by the functions that make the real ones, for a reader who does not exist.

Preview equals send: the same draft, the same rendering, the same bytes but for the sample reader's slots. The
links carry a token that belongs to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from digest.editorial.content import from_json
from digest.model import Content, Message, Recipient, Rendering
from digest.pipeline.confine import notice_mail
from digest.pipeline.fitting import fitted
from digest.pipeline.press import prepared_issue, reader_url
from digest.pipeline.tools import Tools
from digest.rendering.personalise import personalise, prepare
from digest.rendering.transactional import TO_US
from digest.rendering.wording import choices_in_words, day_in_words
from digest.text.catalogues import SOURCE
from subscribers.model import Cadence
from subscribers.tokens import Purpose

NOBODY = "preview"
"""The public id in a sample's links: no subscriber has it, so they change nothing."""


def sample_issue(tools: Tools, whole: Content, when: datetime) -> Message:
    """Return an issue as a reader gets it who is up to date and wants every theme."""
    return sample_rendering(tools, whole, fitted(whole, whole.window, tools).rendering, when)


def sample_rendering(
    tools: Tools, whole: Content, rendering: Rendering, when: datetime, language: str = ""
) -> Message:
    """Return one rendering of an issue as a reader of that language gets it; empty: the publication's."""
    prepared = prepared_issue(rendering, tools.publication, whole.name, tools.speaking(language).language)
    reader = _nobody(tools, whole.kind.cadence or Cadence.WEEKLY, when, language)
    return personalise(prepared, reader, when)


def sample_stored(tools: Tools, stored: Mapping[str, object], when: datetime) -> Message:
    """Return an issue that was drafted before, in the same way."""
    return sample_issue(tools, from_json(dict(stored)), when)


def sample_notice(tools: Tools, kind: str, facts: Mapping[str, str], when: datetime) -> Message:
    """Return a notice as a reader gets it."""
    publication = replace(tools.publication, language=SOURCE) if kind in TO_US else tools.speaking()
    rendering: Rendering = notice_mail(kind, facts, publication, tools)
    prepared = prepare(rendering, publication, kind="notice", reference=kind, language=publication.language)
    return personalise(prepared, _nobody(tools, Cadence.WEEKLY, when), when)


def _nobody(tools: Tools, cadence: Cadence, when: datetime, language: str = "") -> Recipient:
    publication = tools.speaking(language)
    return Recipient(
        delivery_id=0,
        public_id=NOBODY,
        address="sam.reader@example.org",
        since=day_in_words(when, publication),
        choices=choices_in_words(cadence, (), publication, tools.templates),
        unsubscribe_url=reader_url(tools, Purpose.UNSUBSCRIBE, NOBODY),
        preferences_url=reader_url(tools, Purpose.PREFERENCES, NOBODY),
    )
