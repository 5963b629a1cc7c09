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
from digest.pipeline.confine import notice_mail
from digest.pipeline.kept import Kept
from digest.pipeline.tools import Tools
from digest.providers.keys import message_key
from digest.rendering.personalise import Prepared, personalise, prepare
from digest.rendering.transactional import TO_US
from digest.rendering.wording import choices_in_words, day_in_words, request_in_words, welcome_in_words
from digest.store import installation, issues, notices, themes
from digest.store.claims import Claim
from digest.text.catalogues import SOURCE, catalogue
from subscribers import store as people
from subscribers.address import mask
from subscribers.model import Cadence
from subscribers.tokens import LIFETIMES, Purpose

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
        self._latest: tuple[int, Prepared | None] = 0, None  # nearly always the one that is wanted next
        self._zone = ZoneInfo(tools.publication.zone)
        self._spoken: dict[str, Publication] = {}
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
        bounces_to = ""
        if self._tools.verp:
            bounces_to = self._tools.bounce_tokens.address(prepared.envelope_from, claim.id)
        return personalise(prepared, recipient, claim.dated, envelope_from=bounces_to, key=key)

    def _recipient(self, claim: Claim) -> Recipient:
        tools, publication = self._tools, self._speaking(claim.language)
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

    def _speaking(self, language: str) -> Publication:
        """Return the publication as it speaks to readers of a language; most speak the same one."""
        if language not in self._spoken:
            self._spoken[language] = self._tools.speaking(language)
        return self._spoken[language]

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
        latest_id, latest = self._latest
        if latest is None or latest_id != segment_id:
            latest = self._prepared.get(segment_id, lambda: self._prepare_segment(segment_id, issue_id))
            self._latest = segment_id, latest
        return latest

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
        facts = self._facts(claim, notice, publication)
        rendering = notice_mail(notice.kind, facts, publication, tools)
        return prepare(
            rendering, publication, kind="notice", reference=notice.kind, language=publication.language
        )

    def _facts(self, claim: Claim, notice: notices.StoredNotice, publication: Publication) -> dict[str, str]:
        """Return what a notice shows. What it says of a reader is looked up now; links are never stored."""
        make = _FACTS_OF_READERS.get(notice.kind)
        return make(self, claim, notice, publication) if make else dict(notice.facts)

    def _of_confirm(self, claim: Claim, notice: notices.StoredNotice, to: Publication) -> dict[str, str]:
        url = self._timed_url(Purpose.CONFIRM, claim.public_id, notice.created_at)
        asked = request_in_words(*self._wanted(claim), to, self._tools.templates)
        return {"confirm_url": url, "choices": asked}

    def _of_welcome(self, claim: Claim, _notice: notices.StoredNotice, to: Publication) -> dict[str, str]:
        gets = welcome_in_words(*self._wanted(claim), to, self._tools.templates)
        return {"choices": gets, "next_date": self._next_date(claim, to)}

    def _of_preferences(
        self, claim: Claim, _notice: notices.StoredNotice, _to: Publication
    ) -> dict[str, str]:
        return {"preferences_url": reader_url(self._tools, Purpose.PREFERENCES, claim.public_id)}

    def _of_goodbye(self, _claim: Claim, _notice: notices.StoredNotice, to: Publication) -> dict[str, str]:
        return {"subscribe_url": f"{to.public_url}/subscribe"}

    def _of_keeping(self, claim: Claim, notice: notices.StoredNotice, to: Publication) -> dict[str, str]:
        return {
            "confirm_url": self._timed_url(Purpose.KEEP, claim.public_id, notice.created_at),
            "choices": self._choices(claim, to),
            "ends_on": day_in_words(notice.created_at + LIFETIMES[Purpose.KEEP], to),
        }

    def _of_moving(self, claim: Claim, notice: notices.StoredNotice, _to: Publication) -> dict[str, str]:
        """Its link counts from when the mail is first sent: a run may come long after the question."""
        both = notice.facts["moves"] + claim.public_id
        return {
            "confirm_url": self._timed_url(Purpose.MOVE, both, claim.dated),
            "old_address": self._masked(notice.facts["moves"]),
        }

    def _of_moved(self, _claim: Claim, notice: notices.StoredNotice, to: Publication) -> dict[str, str]:
        return {
            "new_address": self._masked(notice.facts["moved_to"]),
            "subscribe_url": f"{to.public_url}/subscribe",
        }

    def _timed_url(self, purpose: Purpose, public_id: str, since: datetime) -> str:
        token = self._tools.signer.timed_token(purpose, public_id, since)
        return f"{self._tools.publication.public_url}/{purpose.value}/{token}"

    def _masked(self, public_id: str) -> str:
        """Return another address of the reader, so that only who knows it recognises it."""
        with self._tools.db.read() as conn:
            email = people.by_public_id(conn, public_id).email
        return mask(email) if email else ""

    def _next_date(self, claim: Claim, publication: Publication) -> str:
        """Return the day the reader's next issue is due; empty where it does not go by the clock."""
        if claim.cadence in (None, Cadence.EVERY_POST):
            return ""
        due = next_due(claim.cadence, self._tools.schedule, claim.dated)
        return day_in_words(due, publication)


_FACTS_OF_READERS = {
    "confirm": Press._of_confirm,
    "welcome": Press._of_welcome,
    "preferences-link": Press._of_preferences,
    "goodbye": Press._of_goodbye,
    "re-permission": Press._of_keeping,
    "address-change": Press._of_moving,
    "address-changed": Press._of_moved,
}
"""What a notice to a reader shows of them; the others show what was stored with them."""


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
