"""What the preview shows: the next issues as things stand, the last ones sent, and the account mails.

The feeds and the pictures of new posts are asked for once, when the preview starts; every reload goes
through the same functions as a send, on a rehearsal of the database, so that edits of templates show and
nothing lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digest.app import App
from digest.errors import ConfigurationError
from digest.model import IssueKind
from digest.pipeline import collect, drafting, due_issues, pictures, sampling, tick
from digest.pipeline.tools import Tools
from digest.preview.server import PreviewMail
from digest.rendering.samples import notice_facts
from digest.rendering.wording import day_in_words
from digest.store import installation, issues
from digest.summarisers.base import Summariser
from digest.summarisers.deferred import Deferred

_LABELS = {
    IssueKind.EVERY_POST: "New post",
    IssueKind.DAILY: "Daily",
    IssueKind.WEEKLY: "Weekly",
    IssueKind.FORTNIGHTLY: "Fortnightly",
    IssueKind.MONTHLY: "Monthly",
}
_NOTICES = {
    "confirm": "Confirm subscription",
    "welcome": "Welcome",
    "preferences-link": "Preferences link",
    "goodbye": "Goodbye",
    "address-change": "Change of address",
    "address-changed": "Address changed, to the old one",
    "re-permission": "Still interested?",
    "draft-ready": "Draft ready, to the editor",
    "alert": "Alert to you",
}
_SENT_SHOWN = 5


class Samples:
    """Makes the preview's mails anew for each visit."""

    def __init__(self, app: App) -> None:
        """Ask the feeds that are due, and for pictures of new posts, once; what they say is not kept."""
        self._app = app
        self._answers: Sequence[collect.Polled] = tick.ask(app.tools)
        self._pictures = pictures.seen(app.tools, self._unseen(), app.clock())

    def _unseen(self) -> list[str]:
        """Return the pictures that the next issues would look at, had the feeds' answers been kept."""
        with self._app.rehearsal() as tools:
            now = tools.clock()
            for polled in self._answers:
                collect.keep(tools, polled, now)
            with tools.db.read() as conn:
                cutoff = installation.last_number(conn)
            shown = [
                (due.kind, post)
                for due in due_issues.upcoming(tools, now)
                for post in drafting.shown_in(tools, due, cutoff)
            ]
            return pictures.missing(tools, shown, now)[: pictures.MOST_AT_ONCE]

    def __call__(self) -> list[PreviewMail]:
        """Return every mail there is to look at. Raises TemplateFault where one cannot be rendered."""
        self._app.reload_templates()
        mails, noted = self._mails()
        # A language model is asked outside of the rehearsal: what it writes is kept, and mailed.
        if isinstance(noted, Deferred) and self._app.model_desk.write(noted):
            mails, _ = self._mails()
        return mails

    def _mails(self) -> tuple[list[PreviewMail], Summariser]:
        """Return every mail, and the posts whose summaries a language model has yet to write."""
        with self._app.rehearsal() as tools:
            now = tools.clock()
            for polled in self._answers:
                collect.keep(tools, polled, now)
            pictures.remember(tools, self._pictures)
            return [*_next(tools, now), *_sent(tools), *_account(tools, now)], tools.summariser


def _next(tools: Tools, now: datetime) -> list[PreviewMail]:
    """Return the next issue of every cadence; those with something in them first."""
    with tools.db.read() as conn:
        cutoff = installation.last_number(conn)
    mails = [_upcoming(tools, due, cutoff) for due in due_issues.upcoming(tools, now)]
    return sorted(mails, key=lambda mail: not mail.data)


def _upcoming(tools: Tools, due: due_issues.Due, cutoff: int) -> PreviewMail:
    fault = ""
    try:
        draft = drafting.drafted(tools, due, cutoff=cutoff) if _has_news(tools, due, cutoff) else None
    except ConfigurationError as error:  # the editor's overrides: the page shows where to mend them
        draft, fault = None, str(error)
    day = day_in_words(due.due_at, tools.publication)
    by_post = due.kind is IssueKind.EVERY_POST
    key, label = f"next-{due.kind.value}", _LABELS[due.kind] if by_post else f"{_LABELS[due.kind]}, {day}"
    if draft is None:
        note = "Nothing new. It goes out as soon as the site publishes a post."
        if fault:
            note = fault
        elif not by_post:
            note = f"Nothing new yet. It goes out on {day} if the site publishes something by then."
        return PreviewMail(key=key, group="Next", label=label, data=b"", note=note)
    count = draft.edition.count + draft.edition.left_out
    return PreviewMail(
        key=key,
        group="Next",
        label=label,
        persona="Sam Reader, every theme",
        data=sampling.sample_issue(tools, draft.content, due.due_at).data,
        note="1 post" if count == 1 else f"{count} posts",
    )


def _has_news(tools: Tools, due: due_issues.Due, cutoff: int) -> bool:
    with tools.db.read() as conn:
        return cutoff > issues.last_cutoff(conn, due.kind)


def _sent(tools: Tools) -> list[PreviewMail]:
    with tools.db.read() as conn:
        sent = [issue for issue in issues.newest(conn, 50) if issue.frozen_at][:_SENT_SHOWN]
        contents = [issues.content(conn, issue.id) for issue in sent]
    return [
        PreviewMail(
            key=issue.name,
            group="Sent",
            label=issue.name,
            persona="Sam Reader, every theme",
            data=sampling.sample_stored(tools, stored, issue.due_at).data,
            note=issue.subject,
        )
        for issue, stored in zip(sent, contents, strict=True)
        if stored
    ]


def _account(tools: Tools, now: datetime) -> list[PreviewMail]:
    return [
        PreviewMail(
            key=kind,
            group="Account emails",
            label=_NOTICES[kind],
            persona="Sam Reader",
            data=sampling.sample_notice(tools, kind, facts, now).data,
        )
        for kind, facts in notice_facts(tools.publication).items()
    ]
