"""The demonstration's story: a site publishes for a week, and three readers get what each asked for.

Everything happens for real: HTTP to the sample site and to the public pages, SMTP to the inbox, a database
file. Only the clock is ours: the story ends on the last Sunday at seven, so that nobody waits a week. Prints
what it does; ``Summary`` says whether it came out right. Neighbours: ``stage`` builds the set.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from digest.delivery.states import Event
from digest.demo.posting import post_form
from digest.demo.stage import Stage
from subscribers.model import Cadence

Say = Callable[[str], None]

LATE_THAT_DAY = timedelta(hours=16, minutes=30)
"""From seven in the morning to the last minutes of the day, when all of its posts are out."""

_CONFIRM_LINK = re.compile(r"https?://\S+/confirm/\S+")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the demonstration did, and whether it is what it should be."""

    baseline: int  # posts that were there before, and are mailed to nobody
    published: int  # posts that appeared during the week
    mails: int  # in the inbox, all of them
    by_reader: dict[str, int]  # issues in each reader's mailbox
    second_run: int  # mails of a run with nothing to do: 0
    faults: tuple[str, ...]  # what is not as it should be


def tell(stage: Stage, say: Say) -> Summary:
    """Play the story on a prepared stage and return how it came out."""
    baseline = _add_feed(stage, say)
    _subscribe(stage, say)
    published = _publish_for_a_week(stage, say)
    _send_weekly(stage, say)
    second = _run_again(stage, say)
    return _summary(stage, baseline=baseline, published=published, second=second)


def _add_feed(stage: Stage, say: Say) -> int:
    """Find the feed from the home page; what it holds now is the baseline."""
    say("1  A site, and its newsletter")
    added = stage.app.add_feed(stage.site.url)
    say(f"   digest feed add {stage.site.url}")
    say(f"   → {added.feed.url} ({added.why})")
    say(f"   → {added.line}: nobody is mailed old posts")
    return len(stage.site.published)


def _subscribe(stage: Stage, say: Say) -> None:
    """Three people fill in the form and press the button in the mail they get."""
    say("2  Three readers sign up, and confirm by mail")
    stage.app.go_live()
    for reader in stage.readers:
        fields = [("email", reader.address), ("cadence", reader.cadence.value)]
        fields += [("themes", key) for key in reader.theme_keys]
        post_form(f"{stage.pages_url}/subscribe", fields)
    stage.app.run()
    for reader in stage.readers:
        mail = stage.newest_to(reader.address)
        link = _CONFIRM_LINK.search(mail.text)
        assert link is not None, "a confirm mail has a confirm link"
        post_form(link.group(), [])
        say(f"   {reader.address:24} {reader.wants}")
    stage.app.run()


def _publish_for_a_week(stage: Stage, say: Say) -> int:
    """Day by day new posts appear; each run polls, and the every-post reader gets mail."""
    say("3  A week of new posts: poll → summarise → group → render → deliver")
    total = 0
    while stage.site.waiting:
        days = stage.site.waiting[0].days_ago
        stage.advance_to(stage.ends - timedelta(days=days) + LATE_THAT_DAY)
        count = sum(1 for post in stage.site.waiting if post.days_ago == days)
        stage.site.publish(count)
        report = stage.app.run()
        total += count
        titles = [title for feed in report.feeds for title in feed.new]
        sent = report.outcomes.get(Event.ACCEPT, 0)
        mails = "1 mail" if sent == 1 else f"{sent} mails"
        say(f"   {stage.clock():%a %d %b}  {len(titles)} new, {mails} at once: {'; '.join(titles)}")
    return total


def _send_weekly(stage: Stage, say: Say) -> None:
    """Sunday, seven o'clock: the weekly issue, whole for one reader and one theme of it for another."""
    stage.advance_to(stage.ends + timedelta(minutes=1))
    say(f"4  {stage.clock():%A, %H:%M}: the weekly issue is due")
    report = stage.app.run()
    for made in report.issues:
        if made.subject:
            say(f"   {made.name}: {made.items} posts, “{made.subject}”")
    for frozen in report.frozen:
        say(f"   frozen for {frozen.expected} readers, {report.outcomes.get(Event.ACCEPT, 0)} mails accepted")


def _run_again(stage: Stage, say: Say) -> int:
    """The same run once more: everything was sent, so nothing is."""
    before = len(stage.inbox.messages())
    stage.app.run()
    sent = len(stage.inbox.messages()) - before
    say(f"5  The same run again: {sent} mails, because everybody has had everything")
    return sent


def _summary(stage: Stage, *, baseline: int, published: int, second: int) -> Summary:
    by_reader = {reader.address: stage.issues_to(reader.address) for reader in stage.readers}
    faults = []
    for reader in stage.readers:
        found = by_reader[reader.address]
        right = found > 1 if reader.cadence is Cadence.EVERY_POST else found == 1
        if not right:
            faults.append(f"{reader.address} has {found} issues")
    if second:
        faults.append(f"the second run sent {second} mails")
    status = stage.app.status()
    open_mail = {state: count for state, count in status.deliveries.items() if state != "accepted"}
    if open_mail:
        faults.append(f"not every mail was accepted: {open_mail}")
    return Summary(
        baseline=baseline,
        published=published,
        mails=len(stage.inbox.messages()),
        by_reader=by_reader,
        second_run=second,
        faults=tuple(faults),
    )
