"""What the gate says: rules, what they found, and what could not be looked at.

A rule that was not run is never counted as passed: its reason stands in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from digest.quality.facts import Facts
from digest.quality.mail import Mail


class Severity(StrEnum):
    """How much a finding weighs, the worst first."""

    ERROR = "error"  # the mail is not sent unless an operator says why it may be
    WARNING = "warning"  # shown and kept; sent all the same
    NOTE = "note"  # good to know

    @property
    def rank(self) -> int:
        """Return 0 for the worst."""
        return list(Severity).index(self)


class Mender(StrEnum):
    """Who can put a finding right."""

    CONTENT = "content"  # the editor, in the site's own editor
    SETTINGS = "settings"  # the operator, in digest.toml
    TEMPLATE = "template"  # whoever wrote the templates; ours must never be the reason


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in the mail a finding is."""

    part: str  # "html", "text", "headers" or "mail"
    line: int | None = None  # from 1, in that part
    path: str = ""  # XPath of the element in the HTML
    snippet: str = ""  # the element's start tag, or the words in question


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing a rule has found."""

    place: Place
    detail: str = ""  # what exactly, in a few words
    severity: Severity | None = None  # where it is not the rule's usual one
    who: Mender | None = None  # where it is not who usually mends it


@dataclass(frozen=True, kw_only=True)
class NotLooked:
    """What a rule could not look at, and why."""

    reason: str


Look = Callable[[Mail, Facts], Iterable[Hit | NotLooked]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that every mail is held to."""

    id: str
    severity: Severity  # its usual one
    says: str  # one plain sentence: what is wrong
    mend: str  # what to do about it
    who: Mender
    source: str  # where the rule comes from
    needs: tuple[str, ...]  # what must have been gathered: names of ``check.LACKING``
    looks: Look


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing wrong with a mail: what, where, and what to do."""

    rule: str
    severity: Severity
    says: str
    detail: str
    place: Place
    mend: str
    who: Mender
    source: str

    @property
    def key(self) -> str:
        """Return what makes two findings the same one, whatever figures stand in them.

        An operator who accepts a finding accepts this: the same rule at another element is a new one.
        """
        return f"{self.rule}|{self.place.part}|{self.place.snippet}"


@dataclass(frozen=True, kw_only=True)
class NotRun:
    """A rule that could not be answered, wholly or in part."""

    rule: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything the gate has to say about one mail."""

    findings: tuple[Finding, ...]  # the worst first
    not_run: tuple[NotRun, ...]
    passed: tuple[str, ...]  # ids of rules that looked at everything and found nothing

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of that weight."""
        return tuple(finding for finding in self.findings if finding.severity is severity)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return what keeps the mail from being sent."""
        return self.of(Severity.ERROR)


def found(rule: Rule, hits: Iterable[Hit]) -> Iterator[Finding]:
    """Yield what a rule's hits mean."""
    for hit in hits:
        yield Finding(
            rule=rule.id,
            severity=hit.severity or rule.severity,
            says=rule.says,
            detail=hit.detail,
            place=hit.place,
            mend=rule.mend,
            who=hit.who or rule.who,
            source=rule.source,
        )
