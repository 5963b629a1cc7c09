"""Each of the 81 rules says yes to the good mail and no to a mail that breaks it; none answers unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.quality.check import RULES, check
from digest.quality.facts import Facts
from digest.quality.mail import read_html, read_mail
from digest.quality.report import Severity
from tests.data.quality.failing import FAILING
from tests.data.quality.good_mail import FACTS, HTML, mail

FAMILIES = {
    "DOC": 9, "SIZE": 4, "CSS": 12, "HTM": 4, "A11Y": 15, "IMG": 8, "LINK": 8, "UNS": 4, "HDR": 4, "TXT": 3,
    "INB": 6, "SPON": 1, "ID": 1, "DIG": 1, "SPAM": 1,
}  # fmt: skip


def test_there_are_81_rules_in_their_families():
    wanted = {f"{family}-{number:02}" for family, count in FAMILIES.items() for number in range(1, count + 1)}
    assert set(RULES) == wanted
    assert len(RULES) == 81


def test_every_rule_has_a_failing_fixture():
    assert {name.split()[0] for name in FAILING} == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_passes_the_good_mail(rule):
    assert rule in check(mail(), FACTS).passed


@pytest.mark.parametrize("name", FAILING)
def test_a_mail_that_breaks_a_rule_is_found_with_its_place_and_mend(name):
    rule, _, severity = name.partition(" ")
    change = FAILING[name]
    report = check(mail(change), replace(FACTS, **change.facts))
    mine = [one for one in report.findings if one.rule == rule]
    assert mine, [(one.rule, one.detail) for one in report.findings]
    assert rule not in report.passed
    assert mine[0].severity is (Severity(severity) if severity else RULES[rule].severity)
    assert mine[0].says.endswith(".")
    assert mine[0].mend.endswith(".")
    assert mine[0].place.part in {"html", "text", "headers", "mail"}
    assert mine[0].source


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_without_its_facts_says_that_it_was_not_run(rule):
    """Nothing but an empty mail is known: whatever a rule needs, it never says "passed" for want of it."""
    report = check(read_html(""), Facts())
    assert rule in {one.rule for one in report.not_run} or RULES[rule].needs == ()


@pytest.mark.parametrize(
    ("changes", "rule", "reason"),
    [
        ({"links": None}, "LINK-02", "--online"),
        ({"pictures": None}, "IMG-02", "--online"),
        ({"spam_score": None}, "SPAM-01", "SpamAssassin"),
        ({"recent_subjects": None}, "INB-04", "last subjects"),
        ({"recent_senders": None}, "INB-06", "past issues"),
        ({"one_click": None}, "UNS-02", "one-click"),
        ({"signed_headers": None}, "UNS-02", "DKIM"),
        ({"source_css": None}, "CSS-09", "stylesheet"),
        ({"posts": None}, "IMG-07", "credits"),
        ({"sponsors": None}, "SPON-01", "booked"),
        ({"shown_as": "mail"}, "UNS-04", "own links"),
        ({"layout": "post"}, "DIG-01", "single post"),
        ({"postal_address": None}, "ID-01", "postal address"),
    ],
)
def test_what_was_not_gathered_is_named(changes, rule, reason):
    report = check(mail(), replace(FACTS, **changes))
    assert [one for one in report.not_run if one.rule == rule and reason in one.reason]
    assert rule not in report.passed


def test_the_worst_comes_first():
    report = check(read_html(HTML.replace("<!DOCTYPE html>", "<p>")), Facts())
    ranks = [one.severity.rank for one in report.findings]
    assert ranks == sorted(ranks)


def test_a_finding_is_known_by_its_rule_and_place_not_by_its_figures():
    """An operator who accepts a size accepts it also when another mail is a little larger."""
    one, other = (
        next(found for found in check(mail(FAILING[name]), FACTS).findings if found.rule == "SIZE-01")
        for name in ("SIZE-01 error", "SIZE-01 warning")
    )
    assert one.detail != other.detail
    assert one.key == other.key


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff", b"Subject: x", b"From: \xff\r\n\r\n<html>", b"<" * 50_000]
)
def test_whatever_the_bytes_are_there_is_a_report(data):
    assert check(read_mail(data), Facts()).findings
