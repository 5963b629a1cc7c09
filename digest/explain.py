"""Why: what happened to a post and for what reason, from the ledger alone.

Reads only, and works nothing out anew: what it says is what was written down when it happened. Neighbour:
``cli.why`` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.delivery.issue_states import IssueState
from digest.editorial.pictures import addresses
from digest.errors import UnknownName
from digest.feeds import admission
from digest.model import Alias, IssueKind, KnownPost, PostState
from digest.store import appearances, installation, pictures, posts, recognition, themes
from digest.store.appearances import Appearance
from digest.store.engine import Transactions


@dataclass(frozen=True, kw_only=True)
class PostStory:
    """Everything written down about a post."""

    post: KnownPost
    author: str
    categories: tuple[str, ...]
    theme: str  # its theme's name; empty: none
    sources: tuple[tuple[int, str, datetime], ...]  # feed id, address, since when
    aliases: tuple[tuple[int, Alias], ...]  # feed id, name
    edits: tuple[tuple[datetime, str], ...]  # when, and the title before
    issues: tuple[Appearance, ...]  # whose turn it was, oldest first
    pictures: tuple[str, ...]  # what was wrong with its pictures, a sentence each
    verdict: str  # why it was mailed or was not, in a sentence or two


def why_post(db: Transactions, post_id: int) -> PostStory:
    """Return what happened to a post and why. Raises UnknownName."""
    with db.read() as conn:
        post, whole = recognition.by_id(conn, post_id), posts.by_id(conn, post_id)
        if post is None or whole is None:
            raise UnknownName(
                f"There is no post {post_id}; `digest post list` shows them. One that a fuse held is "
                "gone once that was accepted: the post it was taken for has its names."
            )
        names = {theme.key: theme.name for theme in themes.every(conn)}
        been = appearances.of_number(conn, post.number) if post.number else []
        urls = addresses(whole, with_body=True)
        looks = pictures.kept(conn, urls)
        return PostStory(
            post=post,
            author=whole.author,
            categories=whole.categories,
            theme=names.get(post.theme_key, ""),
            sources=tuple(recognition.sources_of(conn, post.id)),
            aliases=tuple(recognition.names_of(conn, post.id)),
            edits=tuple(recognition.edits_of(conn, post.id)),
            issues=tuple(been),
            pictures=tuple(looks[url].reason for url in urls if url in looks and looks[url].reason),
            verdict=_verdict(post, been, paused=installation.paused_since(conn) is not None),
        )


def _verdict(post: KnownPost, been: list[Appearance], *, paused: bool) -> str:
    been = [one for one in been if one.kind is not IssueKind.TEST]  # a trial counts for nobody
    had = sum(one.had for one in been)
    if post.state is PostState.BASELINE:
        return (
            f"Never mailed: it was in its feed when that was first read ({_day(post.first_seen_at)}), "
            f"so it counts as known. `digest post release {post.id}` lets it in."
        )
    if post.state is PostState.HELD:
        return f"Not mailed: {_held(post)}"
    if post.state is PostState.SKIPPED:
        before = f" Before that, {_people(had)} had it." if had else ""
        return f"{'No longer' if had else 'Not'} mailed: it is skipped, {_skipped(post)}.{before}"
    carried = [one for one in been if one.readers]
    if had:
        return f"Mailed: {_people(had)} had it, from {', '.join(one.issue for one in carried)}."
    if carried:
        return (
            f"On its way: it is in {', '.join(one.issue for one in carried)}, and no mail was accepted yet."
        )
    return _waiting(post, been, paused=paused)


def _held(post: KnownPost) -> str:
    release = f"`digest post release {post.id}` lets it in."
    if post.fuse_id is not None:
        return (
            "it came in a burst that looks like known posts under new names. "
            f"`digest fuse show {post.fuse_id}` shows the burst; {release}"
        )
    if post.held_because == admission.BACK_DATED:
        dated = _day(post.published_at) if post.published_at else "long ago"
        return (
            f"it is dated {dated}, over {admission.OLDEST.days} days before it was first seen "
            f"({_day(post.first_seen_at)}). {release}"
        )
    until = f"{post.held_until:%Y-%m-%d %H:%M} UTC" if post.held_until else "a person lets it in"
    return f"{post.held_because}; it waits until {until}. {release}"


def _skipped(post: KnownPost) -> str:
    if post.held_because == admission.NO_MAIL:
        return "because its author tagged it so (feeds.no_mail_tags)"
    return post.held_because


def _waiting(post: KnownPost, been: list[Appearance], *, paused: bool) -> str:
    passed = [one for one in been if one.state not in (IssueState.DRAFT, IssueState.APPROVED)]
    told = "".join(f" {one.issue} passed it by: {one.reason or _no_taker(one)}." for one in passed)
    stopped = " Everything is paused: `digest resume` goes on." if paused else ""
    return f"Not mailed yet: it has number {post.number} and goes into the next issue.{told}{stopped}"


def _no_taker(one: Appearance) -> str:
    return "it cannot be made" if one.state is IssueState.BLOCKED else "none of its readers was due this post"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _people(count: int) -> str:
    return "1 reader" if count == 1 else f"{count} readers"
