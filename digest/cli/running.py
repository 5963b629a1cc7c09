"""Commands that run the pipeline: run, serve, web, status, go-live, pause, resume."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from digest.cli.context import Context
from digest.cli.output import json_text, table
from digest.errors import NotAllowed

if TYPE_CHECKING:
    from digest.pipeline.status import InstallationStatus
    from digest.pipeline.tick import Report

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def run(
    context: typer.Context,
    *,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Ask the feeds and say what would be sent; store and send nothing."),
    ] = False,
    forever: Annotated[
        bool, typer.Option("--forever", help="Keep running and tick by itself, until told to stop.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Do what is due now: poll the feeds, make the issues that are due, send them.

    Safe to run twice, from cron, or to be killed at any point: the next run goes on. Ctrl-C or SIGTERM lets
    it finish the mails in its hands. Exit code 1 when a feed failed, an issue is blocked, a mail is held, or
    sending stopped early; 3 when another run is at work.

    \b
    Example:
      digest run --dry-run
      */5 * * * *  cd /srv/news && digest run
    """
    if dry_run and forever:
        raise typer.BadParameter("--dry-run and --forever exclude each other")
    from digest.cli.signals import stop_on_signals

    obj: Context = context.obj
    stop = threading.Event()
    stop_on_signals(stop)
    if forever:
        _run_forever(obj, stop)
        return
    with obj.app(stopping=stop.is_set) as app:
        report = app.rehearse() if dry_run else app.run()
    print(json_text(report) if as_json else told(report, dry_run=dry_run))
    if stop.is_set() and not as_json:
        print("Stopped as asked: the next run goes on from here.")
    if report.failed:
        raise typer.Exit(1)


def _run_forever(obj: Context, stop: threading.Event) -> None:
    from digest.scheduler import run_forever

    with obj.app(stopping=stop.is_set, log="info") as app:
        run_forever(app, stop)


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count} posts"


def told(report: Report, *, dry_run: bool) -> str:
    """Return what a tick did, in lines for a person."""
    if report.paused_since:
        since = f"{report.paused_since:%Y-%m-%d %H:%M} UTC"
        return f"Paused since {since}: nothing was done. `digest resume` goes on."
    if report.refused:
        return f"STOP   {report.refused}"
    lines = [f"feed   {feed.feed_url}: {feed.line}" for feed in report.feeds]
    lines += [f"  new  {title}" for feed in report.feeds for title in feed.new]
    lines += [f"post   let in, its time has come: {title}" for title in report.released]
    for made in report.issues:
        what = f'"{made.subject}", {_posts(made.items)}' if made.subject else made.reason
        lines.append(f"issue  {made.name}: {made.state.value}, {what}")
        if made.overridden:
            lines.append(f"  edit  as your overrides have it: {', '.join(made.overridden)}")
        if made.overrides_used_for:
            lines.append(
                f"  edit  the overrides of this cadence were used for {made.overrides_used_for}: "
                "change them to use them again"
            )
    verb = "would go to" if dry_run else "frozen for"
    lines += [f"issue  {frozen.name}: {verb} {_readers(frozen.expected)}" for frozen in report.frozen]
    lines += [f"swept  {count} {_SWEPT[event.value]}" for event, count in sorted(report.swept.items())]
    lines += [
        f"mail   {count} {_OUTCOMES.get(event.value, event.value)}"
        for event, count in report.outcomes.items()
    ]
    lines += [f"STOP   {why}" for why in report.trouble]
    if report.held:
        lines.append(
            f"HELD   {report.held} of these mails wait for you: `digest issue list` names the issues, "
            "`digest issue held list ISSUE` says why, `held resend`, `accept` or `drop` decides"
        )
    if not report.feeds:
        none = "is due for a poll" if report.feeds_known else "was added yet: `digest feed add URL`"
        lines.insert(0, f"feed   none {none}")
    if report.waiting and (dry_run or not report.outcomes):
        word = "mail" if report.waiting == 1 else "mails"
        lines.append(f"mail   {report.waiting} {word} in the queue" + ("" if dry_run else " for a later run"))
    elif not (report.issues or report.frozen or report.outcomes or report.trouble):
        lines.append("mail   nothing to send: no issue is due, and nothing new has come in")
    return "\n".join(lines)


_OUTCOMES = {
    "accept": "accepted",
    "defer": "refused for now",
    "reject": "refused for good",
    "lose": "in doubt",
    "unsendable": "held: they cannot be sent as they are",
}


_SWEPT = {
    "lapse": "left behind by a run that ended early, queued again",
    "poison": "held: three runs ended while sending them",
    "lose": "whose reply was lost: they may have arrived",
    "resubmit": "sent once more, flagged: they may arrive twice",
    "hold": "held: they may have arrived, you decide",
    "cancel": "cancelled with their issue",
    "expire": "given up: their deadline passed",
    "ineligible": "not sent: the reader left, paused or was suppressed",
}


def _readers(count: int) -> str:
    return "1 reader" if count == 1 else f"{count} readers"


def web(context: typer.Context) -> None:
    """Serve the public pages: subscribe, confirm, preferences, unsubscribe, past issues.

    \b
    Example:
      digest web
      curl http://127.0.0.1:8025/healthz
    """
    from digest.web.server import serve

    obj: Context = context.obj
    with obj.app() as app:
        serve(
            app,
            host=app.settings.web.host,
            port=app.settings.web.port,
            proxies=app.settings.web.trusted_proxies,
        )


def serve(context: typer.Context) -> None:
    """Run everything: the public pages, and the scheduled job that polls and sends.

    Both are processes of their own, started and stopped together; when one ends, so does the other.

    \b
    Example:
      digest serve
      digest --config /srv/news/digest.toml serve
    """
    from digest.cli.children import run_together
    from digest.net.probe import own_url

    obj: Context = context.obj
    with obj.app() as app:  # refuses a wrong configuration before anything starts
        health = f"{own_url(app.settings.web.host, app.settings.web.port)}/healthz"
    code = run_together(obj.config, health)
    if code:
        raise typer.Exit(code)


def go_live(
    context: typer.Context,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """End test mode: from now on mail goes to readers instead of to you.

    What was sent in test mode counts as had by its readers: nobody is sent old posts. Whose confirm mail went
    to you in the last seven days is sent one now; readers who merely came in a file are not.

    \b
    Example:
      digest go-live --yes
    """
    obj: Context = context.obj
    with obj.app() as app:
        if not yes and not typer.confirm(f"Send {app.publication.name} to its readers from now on?"):
            raise NotAllowed("Nothing was changed: still in test mode.")
        went = app.go_live()
    print(f"Live. The next issues go to {_readers(went.readers)}.")
    if went.asked_again:
        print(
            f"{went.asked_again} who asked to join in test mode are sent their confirm mail by the next run."
        )


def warm_up(context: typer.Context) -> None:
    """Begin the warm-up anew, with its first day: after a change of domain, mail server or provider.

    `delivery.warm_up` must be on; `digest status` shows how far the day is.

    \b
    Example:
      digest warm-up
    """
    with context.obj.app() as app:
        app.restart_warm_up()
        found = app.status().warm_up
    print(f"The warm-up begins: at most {found.at_most} issue mails until {found.until:%Y-%m-%d %H:%M} UTC.")


def pause(context: typer.Context) -> None:
    """Stop everything: no poll, no issue, no mail, until `digest resume`.

    \b
    Example:
      digest pause
    """
    with context.obj.app() as app:
        app.pause()
    print("Paused. Mails already handed over cannot be called back. `digest resume` goes on.")


def resume(context: typer.Context) -> None:
    """Go on after `digest pause`; mail that waits for its server is tried at once.

    \b
    Example:
      digest resume
    """
    with context.obj.app() as app:
        app.resume()
    print("Running again: the next tick goes on where it stopped.")


def status(context: typer.Context, *, as_json: Json = False) -> None:
    """Show how things stand: mode, feeds, readers, issues, what waits for a person.

    \b
    Example:
      digest status --json
    """
    with context.obj.app() as app:
        found = app.status()
    print(json_text(found) if as_json else _status_told(found))


def _status_told(found: InstallationStatus) -> str:
    mode = "live" if found.live else "TEST MODE: all mail goes to the operator (`digest go-live` ends it)"
    if found.paused_since:
        mode += f"; PAUSED since {found.paused_since:%Y-%m-%d %H:%M} UTC"
    parts = [
        f"{found.publication}: {mode}",
        "",
        table(["feed", "state", "next poll", "last answer"], [_feed_row(feed) for feed in found.feeds])
        if found.feeds
        else "No feed yet: `digest feed add URL`.",
        "",
        "Posts: " + _counted(found.posts),
        "Readers: " + _counted(found.readers),
        "Mail: " + (_counted(found.deliveries) or "none yet"),
    ]
    if found.heard:
        parts.append("Heard back in 30 days: " + _counted(found.heard))
    if found.mail_waits_until:
        when = f"{found.mail_waits_until:%Y-%m-%d %H:%M} UTC"
        parts.append(f"Mail waits until {when}: {found.mail_waits_why}. `digest resume` tries at once.")
    parts += _lanes_told(found)
    if found.issues:
        rows: list[list[Any]] = [
            [issue.name, issue.state.value, issue.expected, issue.subject or issue.reason]
            for issue in found.issues
        ]
        parts += ["", table(["issue", "state", "readers", "subject or reason"], rows)]
    if found.held:
        parts += ["", f"{found.held} mails wait for a person: `digest issue show NAME` lists them."]
    if found.posts.get("held"):
        parts += [
            "",
            f"Held posts: {found.posts['held']}. `digest post list --state held` and `digest fuse list`.",
        ]
    parts += [f"The placement of {placed.name} ends on {placed.ends_on}." for placed in found.ending_sponsors]
    zone = ZoneInfo(found.zone)
    due = "; ".join(f"{name} {when.astimezone(zone):%a %d %b %H:%M}" for name, when in found.next)
    parts += ["", f"Next ({found.zone}): {due}"]
    return "\n".join(parts)


def _lanes_told(found: InstallationStatus) -> list[str]:
    """Return what slows mail down, one line each."""
    lines = []
    for lane in found.lanes:
        until = f"waits until {lane.closed_until:%H:%M} UTC, then " if lane.closed_until else ""
        lines.append(
            f"Lane {lane.lane}: {until}{lane.per_minute} mails a minute ({lane.queued} queued): {lane.why}"
        )
    if found.warm_up:
        today = found.warm_up
        lines.append(
            f"Warm-up, day {today.day}: {today.sent} of {today.at_most} mails sent; "
            f"the next day begins {today.until:%Y-%m-%d %H:%M} UTC."
        )
    return lines


def _feed_row(feed: Any) -> list[Any]:
    when = f"{feed.next_poll_at:%Y-%m-%d %H:%M}" if feed.next_poll_at else "at the next run"
    return [feed.url, feed.state.value, when, feed.last_answer]


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"
