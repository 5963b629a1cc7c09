"""The gate in the pipeline: every rendering is looked at before anybody is mailed it.

    rendering → a sample mail of it → facts that need no network → ``quality.check`` → kept with the issue
              → errors nobody accepted: the issue waits, and the operator is told

Neighbours: ``compose`` asks before it approves, ``renderings`` before it keeps a segment's rendering, and
``issue_desk`` records what an operator accepts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from digest.errors import GateRefused
from digest.model import Content, Edition, Item, Publication, Rendering
from digest.pipeline.fitting import Fitted, fitted
from digest.pipeline.sampling import NOBODY, sample_rendering
from digest.pipeline.tools import Tools
from digest.quality.check import check
from digest.quality.document import marks
from digest.quality.facts import Facts, ShownPost, ShownSponsor
from digest.quality.mail import Mail, read_mail
from digest.quality.report import Finding, Report, Severity
from digest.rendering.issue import source_css
from digest.rendering.personalise import planned_fields
from digest.store import findings, notices


def rendered_and_checked(
    tools: Tools, whole: Content, numbers: tuple[int, ...], language: str, now: datetime
) -> tuple[Rendering, Report]:
    """Return a segment's rendering and what the gate says of it. Raises TemplateFault."""
    made = fitted(whole, numbers, tools, language)
    report = looked_at(tools, whole, made, now, language=language)
    return made.rendering, report


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One mail and what the gate says of it."""

    mail: Mail
    facts: Facts
    report: Report


def checked_issue(
    tools: Tools, whole: Content, now: datetime, gather: Callable[[Mail, Facts], Facts] | None = None
) -> Checked:
    """Return an issue as a reader gets it who wants every theme, and what the gate says of that.

    ``gather`` adds facts that need the network. Raises TemplateFault.
    """
    made = fitted(whole, whole.window, tools)
    mail = read_mail(sample_rendering(tools, whole, made.rendering, now).data)
    facts = facts_of(tools, whole, made.edition)
    if gather is not None:
        facts = gather(mail, facts)
    return Checked(mail=mail, facts=facts, report=check(mail, facts))


def looked_at(tools: Tools, whole: Content, made: Fitted, now: datetime, *, language: str = "") -> Report:
    """Return what the gate says of one rendering, read back from a sample reader's finished mail.

    Raises UnsafeHeader where no mail can be made of it: a title holds what no header may.
    """
    sample = sample_rendering(tools, whole, made.rendering, now, language)
    return check(read_mail(sample.data), facts_of(tools, whole, made.edition, language))


def facts_of(tools: Tools, whole: Content, edition: Edition, language: str = "") -> Facts:
    """Return everything that is known of an issue without asking the network."""
    publication = tools.speaking(language)
    return Facts(
        kind="issue",
        layout=edition.layout,
        shown_as="preview",
        nobody=NOBODY,
        sender=publication.name,
        postal_address=publication.postal_address,
        hosts=own_hosts(publication),
        planned_headers=planned_fields(publication, "issue"),
        source_css=source_css(edition, publication, tools.templates),
        posts=tuple(_shown(item) for item in _items(edition)),
        lead=edition.lead.link if edition.lead else "",
        meant=frozenset(mark for words in _meant(edition, publication) for mark in marks(words)),
        sponsors=tuple(
            ShownSponsor(name=one.name, link=one.link, ends_on=one.ends_on)
            for one in (edition.sponsor, *(section.sponsor for section in edition.sections))
            if one is not None
        ),
        sent_on=whole.sent_on,
        recent_subjects=whole.recent_subjects,
    )


def own_hosts(publication: Publication) -> frozenset[str]:
    """Return the hosts an operator configured; they are meant even where they are private."""
    found = (urlsplit(url).hostname for url in (publication.site_url, publication.public_url))
    return frozenset(host for host in found if host)


def _items(edition: Edition) -> list[Item]:
    rest = [item for section in edition.sections for item in section.items]
    return [edition.lead, *rest] if edition.lead else rest


def _meant(edition: Edition, publication: Publication) -> Iterator[str]:
    """Yield everything that people wrote into an issue: nothing in it was left over by a template."""
    yield from map(_said, (*_items(edition), *edition.related))
    yield from (edition.title, edition.intro, edition.subject, edition.preheader)
    yield from edition.theme_names.values()
    yield from (section.theme.name for section in edition.sections if section.theme)
    yield from (publication.name, publication.tagline, publication.postal_address)
    for sponsor in (edition.sponsor, *(section.sponsor for section in edition.sections)):
        if sponsor:
            yield from (sponsor.name, sponsor.text, sponsor.link_text, sponsor.link)


def _said(item: Item) -> str:
    """Return everything a post says: what looks like a template's mark there is meant to be read."""
    picture = f"{item.image.alt} {item.image.credit}" if item.image else ""
    return " ".join((item.title, item.standfirst, item.summary, item.html, item.link, picture))


def _shown(item: Item) -> ShownPost:
    return ShownPost(
        title=item.title,
        link=item.link,
        picture=item.image.url if item.image else "",
        credit=item.image.credit if item.image else "",
    )


# --- What becomes of findings ----------------------------------------------------------------------


def as_kept(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as they are kept with an issue; notes are not."""
    return [
        asdict(one) | {"key": one.key, "severity": one.severity.value, "who": one.who.value}
        for one in found
        if one.severity is not Severity.NOTE
    ]


def refusal(conn: Connection, issue_id: int, report: Report) -> GateRefused | None:
    """Return why an issue may not be sent: errors that no operator accepted; None where it may."""
    return refused_by(report, findings.of_issue(conn, issue_id).accepted_keys)


def refused_by(report: Report, accepted: frozenset[str] = frozenset()) -> GateRefused | None:
    """Return why a mail may not be sent: errors that nobody accepted; None where it may."""
    refused = [one for one in report.errors if one.key not in accepted]
    if not refused:
        return None
    rules = list(dict.fromkeys(one.rule for one in refused))
    first = refused[0]
    detail = f" ({first.detail})" if first.detail else ""
    return GateRefused(f"the gate refuses it by {', '.join(rules)}. {first.says}{detail}", rules=rules)


def tell(conn: Connection, name: str, refused: GateRefused, now: datetime) -> None:
    """Tell the operator, once for each set of rules, that an issue waits."""
    rules = hashlib.sha256(",".join(refused.rules).encode()).hexdigest()[:8]
    reason = str(refused)
    notices.alert(
        conn,
        nonce=f"gate-{rules}-{name}",
        problem=f"The issue {name} is held back: {', '.join(refused.rules)}.",
        detail=f"{reason[:1].upper()}{reason[1:]}",
        what_to_do=f"`digest issue show {name}` says where and what to do. Mended, the next run goes on. "
        f'To send it as it is: `digest issue accept-findings {name} --because "…"`. Nobody was mailed.',
        now=now,
    )
