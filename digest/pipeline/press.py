"""From a claimed delivery to its finished message.

A segment was rendered and inlined once, at the end of the freeze (``pipeline.renderings``); per reader only
slots are filled. Shared by all sender threads of a process, which wait for each other only where they need
the same segment.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from digest.cadence.due import next_due
from digest.editorial import assemble
from digest.editorial.themes import present
from digest.model import SHOWN_AT_MOST, Content, Edition, Message, Publication, Recipient, Rendering
from digest.pipeline.confine import issue_mail, notice_mail
from digest.pipeline.kept import Kept
from digest.pipeline.tools import Tools
from digest.providers.keys import message_key
from digest.rendering.personalise import Prepared, personalise, prepare
from digest.rendering.transactional import TO_US
from digest.rendering.wording import choices_in_words, day_in_words, request_in_words, welcome_in_words
from digest.store import installation, issues, notices, themes
from digest.store.claims import Claim
from digest.text.catalogues import SOURCE, catalogue
from subscribers.model import Cadence
from subscribers.tokens import Purpose

OPERATOR_ID = "operator"

SEGMENTS_KEPT = 32
"""Segments kept ready. Deliveries are claimed in the order of the freeze, so a few are in use at a time."""


class Press:
    """Makes messages; keeps the last few segments ready."""

    def __init__(self, tools: Tools, *, live: bool) -> None:
        """Use these tools; unless ``live``, every message goes to the operator instead."""
        self._tools = tools
        self._live = live
        self._prepared: Kept[Prepared] = Kept(SEGMENTS_KEPT)
        self._zone = ZoneInfo(tools.publication.zone)
        self._days: dict[tuple[date, str], str] = {}
        self._chosen: dict[tuple[Cadence | None, frozenset[str], str], str] = {}
        with tools.db.read() as conn:
            self._themes = themes.every(conn)
            since = installation.installed_at(conn).isoformat()
        self._instance = f"{tools.publication.list_id} {since}"

    def message(self, claim: Claim) -> Message:
        """Return the finished mail of a claimed delivery; raise TemplateFault where it cannot be rendered."""
        recipient = self._recipient(claim)
        prepared = self._segment(claim) if claim.notice_id is None else self._notice(claim)
        key = message_key(
            instance=self._instance,
            reference=f"{claim.issue_id}/{claim.notice_id}",
            delivery_id=claim.id,
            generation=claim.generation,
        )
        message = personalise(prepared, recipient, claim.dated)
        return replace(message, key=key, envelope_from=self._envelope_from(message))

    def _envelope_from(self, message: Message) -> str:
        """Return where a bounce of this very mail goes."""
        if not self._tools.verp:
            return message.envelope_from
        return self._tools.bounce_tokens.address(message.envelope_from, message.delivery_id)

    def _recipient(self, claim: Claim) -> Recipient:
        tools, publication = self._tools, self._tools.speaking(claim.language)
        true_address = claim.typed_address or claim.address or publication.operator_address
        redirected = not self._live and true_address != publication.operator_address
        public_id = claim.public_id or OPERATOR_ID
        return Recipient(
            delivery_id=claim.id,
            public_id=public_id,
            address=publication.operator_address if redirected else true_address,
            name="" if redirected else claim.name,
            since=self._since(claim.confirmed_at or claim.dated, publication),
            choices=self._choices(claim, publication),
            unsubscribe_url=reader_url(tools, Purpose.UNSUBSCRIBE, public_id),
            unsubscribe_mailto=_mailto(tools, public_id) if tools.leave_by_mail else "",
            preferences_url=reader_url(tools, Purpose.PREFERENCES, public_id),
            stands_for=true_address if redirected else "",
        )

    def _since(self, moment: datetime, publication: Publication) -> str:
        """Return the day of an instant in words; many readers came on the same one."""
        day = moment.astimezone(self._zone).date(), publication.language
        if day not in self._days:
            self._days[day] = day_in_words(moment, publication)
        return self._days[day]

    def _choices(self, claim: Claim, publication: Publication) -> str:
        """Return what a reader chose in words; most readers of an issue chose the same."""
        chosen = claim.cadence, claim.themes, publication.language
        if chosen not in self._chosen:
            self._chosen[chosen] = choices_in_words(*self._wanted(claim), publication, self._tools.templates)
        return self._chosen[chosen]

    def _wanted(self, claim: Claim) -> tuple[Cadence, list[str]]:
        """Return how often a reader wants mail, and the names of the themes they chose, in their order."""
        chosen = present(claim.themes, self._themes)
        names = [theme.name for theme in self._themes if theme.key in chosen]
        return claim.cadence or Cadence.WEEKLY, names

    def _segment(self, claim: Claim) -> Prepared:
        segment_id, issue_id = claim.segment_id, claim.issue_id
        assert segment_id is not None
        assert issue_id is not None
        return self._prepared.get(segment_id, lambda: self._prepare_segment(segment_id, issue_id))

    def _prepare_segment(self, segment_id: int, issue_id: int) -> Prepared:
        with self._tools.db.read() as conn:
            segment = issues.segment_by_id(conn, segment_id)
            issue = issues.by_id(conn, issue_id)
        assert segment.rendering is not None, "every segment is rendered before its issue is sent"
        return prepared_issue(segment.rendering, self._tools.publication, issue.name, segment.language)

    def _notice(self, claim: Claim) -> Prepared:
        assert claim.notice_id is not None
        tools, publication = self._tools, self._tools.speaking(claim.language)
        with tools.db.read() as conn:
            notice = notices.by_id(conn, claim.notice_id)
        if notice.kind in TO_US:
            publication = replace(publication, language=SOURCE)  # the operator is spoken to in English
        facts = dict(notice.facts) | self._facts(claim, notice, publication)
        rendering = notice_mail(notice.kind, facts, publication, tools)
        return prepare(
            rendering, publication, kind="notice", reference=notice.kind, language=publication.language
        )

    def _facts(self, claim: Claim, notice: notices.StoredNotice, publication: Publication) -> dict[str, str]:
        """Return what a notice to a reader shows of the reader; links are never stored."""
        tools = self._tools
        if notice.kind == "confirm":
            token = tools.signer.timed_token(Purpose.CONFIRM, claim.public_id, notice.created_at)
            url = f"{tools.publication.public_url}/confirm/{token}"
            asked = request_in_words(*self._wanted(claim), publication, tools.templates)
            return {"confirm_url": url, "choices": asked}
        if notice.kind == "welcome":
            gets = welcome_in_words(*self._wanted(claim), publication, tools.templates)
            return {"choices": gets, "next_date": self._next_date(claim, publication)}
        if notice.kind == "preferences-link":
            return {"preferences_url": reader_url(tools, Purpose.PREFERENCES, claim.public_id)}
        return {}

    def _next_date(self, claim: Claim, publication: Publication) -> str:
        """Return the day the reader's next issue is due; empty where it does not go by the clock."""
        if claim.cadence in (None, Cadence.EVERY_POST):
            return ""
        due = next_due(claim.cadence, self._tools.schedule, claim.dated)
        return day_in_words(due, publication)


def edition(
    whole: Content,
    numbers: tuple[int, ...],
    tools: Tools,
    language: str = "",
    *,
    at_most: int = SHOWN_AT_MOST,
) -> Edition:
    """Return an issue as readers of these posts and this language see it; no language: the publication's."""
    speaking = tools.speaking(language)
    words = catalogue(tools.templates, speaking.language)
    return assemble.assemble(whole, numbers, speaking, words, at_most=at_most)


def rendered(whole: Content, numbers: tuple[int, ...], tools: Tools, language: str = "") -> Rendering:
    """Return the one rendering of a segment: a pure function of the content, its numbers and its language."""
    shown = edition(whole, numbers, tools, language)
    return issue_mail(shown, tools.speaking(language), tools)


def prepared_issue(rendering: Rendering, publication: Publication, name: str, language: str) -> Prepared:
    """Return a segment's rendering ready for its readers' slots."""
    return prepare(rendering, publication, kind="issue", reference=name, language=language)


def reader_url(tools: Tools, purpose: Purpose, public_id: str) -> str:
    """Return a reader's own link; it never expires."""
    token = tools.signer.token(purpose, public_id)
    return f"{tools.publication.public_url}/{purpose.value}/{token}"


def _mailto(tools: Tools, public_id: str) -> str:
    """Return the link that writes a mail to leave; the token in its subject counts, not the sender."""
    token = tools.signer.token(Purpose.UNSUBSCRIBE, public_id)
    return f"mailto:{tools.leave_by_mail}?subject=unsubscribe%20{token}"
