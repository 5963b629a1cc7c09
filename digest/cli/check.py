"""``digest check``: what is wrong with a mail, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.finding_lines import counted, findings_told, not_run_told, weights_told
from digest.cli.output import json_text
from digest.cli.running import Json

if TYPE_CHECKING:
    from digest.cli.context import Context
    from digest.pipeline.gate import Checked
    from digest.quality.report import Report

HTML = frozenset({".html", ".htm", ".xhtml"})
MAIL = frozenset({".eml", ".msg", ".mail"})
USER_AGENT = "Everypost check"


def check(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="ISSUE|FILE",
            help="An issue's name, a cadence for its next issue, or a file that ends in .eml or .html.",
        ),
    ],
    *,
    online: Annotated[
        bool,
        typer.Option("--online", help="Ask every link and picture, and SpamAssassin where it is installed."),
    ] = False,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULE", help="Leave a rule out; may be repeated.")
    ] = None,
    because: Annotated[str, typer.Option("--because", help="Why the rules of --ignore are left out.")] = "",
    fix: Annotated[
        bool, typer.Option("--fix", help="Write a file in which what can be mended is, beside the other.")
    ] = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="With --fix: write over the file itself.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Hold a mail to the rules of the gate: what is wrong, where, and what to do; then what weighs what.

    Exit code 1 where there is an error: such an issue is not sent unattended.

    \b
    Examples:
      digest check weekly
      digest check mail.eml --online
      digest check mail.html --ignore IMG-07 --because "the pictures are ours"
      digest check mail.html --fix
    """
    ignored = _ignored(ignore or [], because)
    file = Path(what)
    is_file = file.suffix.lower() in HTML | MAIL
    if (fix or in_place) and not is_file:
        raise typer.BadParameter(
            "only a file can be mended; mend an issue's posts on the site.", param_hint="--fix"
        )
    if in_place and not fix:
        raise typer.BadParameter("it belongs to --fix.", param_hint="--in-place")
    checked = _file(file, online=online) if is_file else _issue(context.obj, what, online=online)
    shown = _without(checked.report, ignored)
    if as_json:
        print(json_text(_as_json(what, checked, shown, ignored)))
    else:
        _tell(what, checked, shown, ignored)
    if fix:
        _mend(file, checked, in_place=in_place, quiet=as_json)
    if shown.errors:
        raise typer.Exit(1)


def _ignored(rules: list[str], because: str) -> Mapping[str, str]:
    from digest.quality.check import RULES

    unknown = [rule for rule in rules if rule not in RULES]
    if unknown:
        raise typer.BadParameter(f"there is no rule {unknown[0]}.", param_hint="--ignore")
    if rules and not because.strip():
        raise typer.BadParameter("say why the rule may be left out.", param_hint="--because")
    return dict.fromkeys(rules, " ".join(because.split()))


def _file(file: Path, *, online: bool) -> Checked:
    """Return what the gate says of a file; it needs no installation."""
    from digest.pipeline.gate import Checked
    from digest.quality.check import check as look
    from digest.quality.facts import Facts
    from digest.quality.mail import read_html, read_mail

    data = file.read_bytes()
    is_html = file.suffix.lower() in HTML
    mail = read_html(data.decode("utf-8", "replace")) if is_html else read_mail(data)
    facts = Facts()
    if online:
        from digest.pipeline.online import gathered

        facts = gathered(mail, facts, USER_AGENT)
    return Checked(mail=mail, facts=facts, report=look(mail, facts))


def _issue(options: Context, name: str, *, online: bool) -> Checked:
    with options.app() as opened:
        return opened.check_issue(name, online=online)


def _without(report: Report, ignored: Mapping[str, str]) -> Report:
    from dataclasses import replace

    return replace(report, findings=tuple(one for one in report.findings if one.rule not in ignored))


def _tell(what: str, checked: Checked, shown: Report, ignored: Mapping[str, str]) -> None:
    from digest.quality.report import Severity
    from digest.quality.weights import weigh

    for line in findings_told(shown.findings):
        print(line)
    for rule, reason in ignored.items():
        count = sum(one.rule == rule for one in checked.report.findings)
        print(f"ignored  {rule:<8} {count} found; {reason}")
    for line in not_run_told(shown.not_run):
        print(line)
    counts = ", ".join(counted(severity, len(shown.of(severity))) for severity in Severity)
    print(f"{what}: {counts}; {len(shown.passed)} rules passed")
    if checked.mail.root is not None:
        print()
        for line in weights_told(weigh(checked.mail)):
            print(line)


def _as_json(what: str, checked: Checked, shown: Report, ignored: Mapping[str, str]) -> dict[str, object]:
    from digest.quality.weights import weigh

    return {
        "checked": what,
        "findings": shown.findings,
        "ignored": ignored,
        "not_run": shown.not_run,
        "passed": shown.passed,
        "weights": weigh(checked.mail),
    }


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _mend(file: Path, checked: Checked, *, in_place: bool, quiet: bool) -> None:
    """Write the mended file; say what was done, or that nothing was."""
    from digest.quality.mended_mail import mended_mail
    from digest.quality.mending import mended

    data = file.read_bytes()
    if file.suffix.lower() in HTML:
        done = mended(data.decode("utf-8", "replace"), checked.facts)
        written, changes = done.text.encode("utf-8"), done.changes
    else:
        mail = mended_mail(data, checked.facts)
        written, changes = mail.data, mail.changes
    if not changes:
        told = "nothing in it can be mended by itself"
    else:
        target = file if in_place else file.with_suffix(f".mended{file.suffix}")
        target.write_bytes(written)
        told = f"{target}: mended " + ", ".join(f"{rule} {_times(count)}" for rule, count in changes)
    if not quiet:
        print(told)
