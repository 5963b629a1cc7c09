"""What the gate found, in words."""

from __future__ import annotations

from digest.cli.finding_lines import counted, found_told
from digest.quality.report import Finding, Mender, Place, Report, Severity


def finding(severity: Severity) -> Finding:
    return Finding(
        rule="LINK-01",
        severity=severity,
        says="A link leads nowhere.",
        detail="",
        place=Place(part="html"),
        mend="Mend it.",
        who=Mender.CONTENT,
        source="",
    )


def report(*severities: Severity) -> Report:
    return Report(findings=tuple(finding(one) for one in severities), not_run=(), passed=())


def test_one_is_one_and_two_are_several() -> None:
    assert [counted(Severity.ERROR, count) for count in (0, 1, 2)] == ["0 errors", "1 error", "2 errors"]


def test_what_was_found_is_counted_the_worst_first() -> None:
    found = report(Severity.WARNING, Severity.ERROR, Severity.WARNING)
    assert found_told(found) == "1 error, 2 warnings"


def test_of_a_clean_mail_nothing_is_told() -> None:
    assert found_told(report()) == ""
