"""The gate itself: every rule over one mail, and what could not be looked at.

    bytes or HTML → ``mail.read_…`` → ``check`` → findings, the worst first, and what was not run

Pure. The shell gathers the facts (``pipeline.gate``, ``pipeline.online``) and acts on what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from digest.quality import (
    contents,
    document,
    fields,
    inbox,
    leaving,
    legible,
    linking,
    markup,
    picture_rules,
    plain_part,
    reading,
    size,
    styling,
    support,
)
from digest.quality.facts import Facts
from digest.quality.inbox import subject_of
from digest.quality.mail import Mail
from digest.quality.report import Finding, Hit, NotLooked, NotRun, Report, Rule, found

_FAMILIES = (document, size, styling, support, markup, reading, legible, picture_rules, linking, leaving,
fields,
             plain_part, inbox, contents)  # fmt: skip

RULES: Mapping[str, Rule] = {rule.id: rule for family in _FAMILIES for rule in family.RULES}
"""Every rule by its id."""

LACKING: Mapping[str, tuple[Callable[[Mail, Facts], bool], str]] = {
    "data": (lambda mail, _: mail.data is None, "only the HTML is known, not the mail as it travels"),
    "headers": (lambda mail, _: mail.headers is None, "only the HTML is known, not the headers"),
    "html": (lambda mail, _: mail.root is None, "there is no HTML"),
    "text": (lambda mail, _: mail.text is None, "there is no text part"),
    "subject": (lambda mail, facts: subject_of(mail, facts) is None, "the subject is not known"),
    "source_css": (lambda _, facts: facts.source_css is None, "the stylesheet before inlining is not known"),
    "posts": (lambda _, facts: facts.posts is None, "which posts and credits belong in it is not known"),
    "recent_subjects": (
        lambda _, facts: facts.recent_subjects is None,
        "the last subjects were not gathered",
    ),
    "links": (lambda _, facts: facts.links is None, "the links were not asked: --online does that"),
    "pictures": (lambda _, facts: facts.pictures is None, "the pictures were not asked: --online does that"),
    "spam_score": (lambda _, facts: facts.spam_score is None, "SpamAssassin was not run: --online does that"),
}
"""What a rule may need: how to see that it is missing, and the reason to give then."""


def check(mail: Mail, facts: Facts) -> Report:
    """Return everything wrong with a mail that these facts let us see, and what they do not."""
    findings: list[Finding] = []
    not_run: list[NotRun] = []
    passed: list[str] = []
    for rule in RULES.values():
        seen, missed = _looked(rule, mail, facts)
        findings += found(rule, seen)
        not_run += missed
        if not seen and not missed:
            passed.append(rule.id)
    return Report(findings=tuple(sorted(findings, key=_order)), not_run=tuple(not_run), passed=tuple(passed))


def _looked(rule: Rule, mail: Mail, facts: Facts) -> tuple[list[Hit], list[NotRun]]:
    """Return what a rule has found, and what it could not look at."""
    for need in rule.needs:
        is_lacking, reason = LACKING[need]
        if is_lacking(mail, facts):
            return [], [NotRun(rule=rule.id, reason=reason)]
    answers = list(rule.looks(mail, facts))
    missed = dict.fromkeys(answer.reason for answer in answers if isinstance(answer, NotLooked))
    return [answer for answer in answers if isinstance(answer, Hit)], [
        NotRun(rule=rule.id, reason=reason) for reason in missed
    ]


def _order(finding: Finding) -> tuple[int, str, int]:
    return finding.severity.rank, finding.rule, finding.place.line or 0
