"""The nouns of a newsletter, as frozen values. Each word means one thing: see GLOSSARY.md.

Pure. Instants are aware and in UTC; texts hold no control characters; URLs are absolute http or https."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from digest.hubs import FeedLinks
from digest.look import Look
from subscribers.model import Cadence

SHOWN_AT_MOST = 20  # items one mail shows; older ones are on the issue's page (rule k of "Who has had what")


@dataclass(frozen=True, kw_only=True)
class Publication:
    """The newsletter: its name, look and addresses, as the operator configured them."""

    name: str
    tagline: str = ""
    site_url: str  # the blog itself
    public_url: str  # where `digest web` is reached from outside; no trailing slash
    language: str = "en"  # BCP 47 tag of the publication's own words
    zone: str = "UTC"  # IANA zone that dates and due times are told in
    author: str = ""  # who signs; empty when nobody does
    postal_address: str = ""  # one line; the law asks for it in most countries
    privacy_url: str = ""
    from_name: str
    from_address: str
    reply_to: str = ""
    bounce_address: str = ""  # envelope sender; empty means from_address
    operator_address: str  # alerts, and every mail while in test mode
    list_id: str  # RFC 2919 identifier, such as "weekly.example.org"; constant for ever
    accent: str = "#0F4C5C"  # one colour, #RRGGBB
    look: Look = field(default_factory=Look)
    every_post: str = "opening"  # what a mail of one post shows of it; or "whole"


class FeedState(StrEnum):
    """How a feed is doing."""

    NEW = "new"  # added, never read: the first successful poll is its baseline
    HEALTHY = "healthy"
    FAILING = "failing"  # the last poll failed; polled again with back-off
    STOPPED = "stopped"  # told to stop (410) or stopped by the operator; not polled


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A feed, and what we remember for the next conditional GET."""

    id: int
    url: str
    title: str = ""
    site_url: str = ""
    state: FeedState = FeedState.NEW
    etag: str = ""  # exactly as received; sent back unchanged (RFC 9110 §13.1.2)
    last_modified: str = ""  # exactly as received (RFC 9110 §13.1.3)
    added_at: datetime
    baseline_at: datetime | None = None  # when the first successful poll was stored
    last_polled_at: datetime | None = None
    last_ok_at: datetime | None = None
    next_poll_at: datetime | None = None  # None: as soon as possible
    failures: int = 0  # polls failed in a row
    last_answer: str = ""  # one line for people: "200, 24 posts, 1 new", "timed out after 30 s"
    warnings: tuple[str, ...] = ()  # what was odd but readable in the last good answer
    poll_every_s: int | None = None  # seconds between polls; None: the configured pace
    moved_to: str = ""  # where the last permanent redirect led
    moved_seen: int = 0  # polls in a row that it led there
    hub_url: str = ""  # WebSub hub the feed names; empty when none
    topic_url: str = ""  # the feed's own address as its hub knows it
    cause: str = ""  # one stable word for why the last poll failed: "http_404"; empty when it did not
    poll_because: str = ""  # why it is polled at that pace, for people
    gap_at: datetime | None = None  # when a poll last showed nothing that the poll before had shown


@dataclass(frozen=True, kw_only=True)
class Image:
    """A picture that belongs to a post."""

    url: str
    alt: str = ""
    credit: str = ""  # who made it and under which licence, as the publisher wrote it
    width: int | None = None  # CSS pixels; None when unknown
    height: int | None = None
    small: str = ""  # the same picture for where it is shown small; empty: `url` serves for both


@dataclass(frozen=True, kw_only=True)
class FoundPost:
    """One entry of a feed as parsed and cleaned, before we know whether we know it."""

    guid: str  # the feed's own identifier; empty when it has none
    link: str  # empty when the entry has none
    title: str  # plain text; never empty (a shortened body stands in)
    author: str = ""
    published_at: datetime | None = None  # shown, never trusted; None when absent or absurd
    language: str = ""  # BCP 47 tag or empty
    direction: str = "ltr"  # "ltr" or "rtl"
    html: str = ""  # sanitised body: safe to place in a page or a mail
    excerpt: str = ""  # the publisher's own short text, plain; empty when it is a cut-off body
    categories: tuple[str, ...] = ()  # the feed's own words, in its order
    image: Image | None = None  # the header image, removed from the top of `html`


@dataclass(frozen=True, kw_only=True)
class ParsedFeed:
    """What one answer of a feed says."""

    title: str = ""
    site_url: str = ""
    language: str = ""
    generator: str = ""  # the software that wrote it, in its own words
    links: FeedLinks = field(default_factory=FeedLinks)
    posts: tuple[FoundPost, ...] = ()  # in the feed's own order
    warnings: tuple[str, ...] = ()  # plain sentences about what was odd but readable
    ttl_s: int | None = None  # seconds for which the feed says it need not be asked again
    cut_off: bool = False  # the answer ends before the feed does: later entries may be missing


class AliasKind(StrEnum):
    """By which kind of name a post is known."""

    GUID = "guid"
    LINK = "link"  # normalised: see feeds.identity.normalise_link
    CONTENT = "content"  # hash of title and date text, where there is nothing better


@dataclass(frozen=True, kw_only=True)
class Alias:
    """One of the names under which a feed knows a post."""

    kind: AliasKind
    value: str


class PostState(StrEnum):
    """Whether a post may go out."""

    BASELINE = "baseline"  # was there when its feed was first read: known, never mailed
    MAILABLE = "mailable"  # has a number
    HELD = "held"  # waits for a person; `held_because` says why
    SKIPPED = "skipped"  # a person or the publisher said no


@dataclass(frozen=True, kw_only=True)
class Post:
    """One published piece, normalised."""

    id: int
    number: int | None  # given when it becomes mailable; rises in that order, never reused
    state: PostState
    feed_id: int
    link: str
    title: str
    author: str
    published_at: datetime | None
    first_seen_at: datetime
    language: str
    direction: str
    html: str
    excerpt: str
    categories: tuple[str, ...]
    image: Image | None
    content_hash: str  # SHA-256 hex of what a reader would see: feeds.identity.content_hash
    theme_key: str = ""  # the theme it belongs to; empty: none, shown under "More"


@dataclass(frozen=True, kw_only=True)
class KnownPost:
    """A stored post without its text: what recognising it again and deciding about it need."""

    id: int
    number: int | None
    state: PostState
    held_because: str  # why it is held or skipped; empty otherwise
    held_until: datetime | None  # when it is let in by itself; None: only a person does that
    fuse_id: int | None  # the fuse that holds it
    feed_id: int  # the feed whose text it carries
    link: str
    title: str
    published_at: datetime | None
    first_seen_at: datetime
    content_hash: str
    theme_key: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Text *we* made of a post, or took over from its publisher."""

    text: str  # plain sentences; empty when the post has nothing to summarise
    method: str  # "standfirst", "extract", "model" or "none"
    source_hash: str  # content_hash of the post it was made from
    model: str = ""  # the language model that wrote it; empty: none did
    reason: str = ""  # why it is no model's although one is set up; empty otherwise
    again: bool = False  # whether that reason may pass, so that the model is asked again later


@dataclass(frozen=True, kw_only=True)
class Theme:
    """A topic readers know. Its key never changes; its name may."""

    key: str  # [a-z0-9-], from the first name it had
    name: str
    position: int  # order among themes, from 1
    pinned: bool = False  # stands before the others, with a section of its own even for a single post
    hidden: bool = False  # neither offered to readers nor a section: its posts are under "More"
    merged_into: str = ""  # key of the theme it became part of; empty: it stands for itself
    passing: bool = False  # a heading found in the text of one issue: nobody can choose it

    @property
    def shown(self) -> bool:
        """Whether it is offered to readers and has sections."""
        return not (self.hidden or self.merged_into)


@dataclass(frozen=True, kw_only=True)
class Sponsor:
    """One paid placement, always labelled as such."""

    name: str
    text: str  # one or two sentences that continue the name
    link: str
    link_text: str  # names the sponsor: "See how it works at Harbour"
    theme_key: str = ""  # empty: the whole issue
    label: str = ""  # "In partnership with"; empty: "Sponsored", in the reader's language
    starts_on: date
    ends_on: date  # inclusive


@dataclass(frozen=True, kw_only=True)
class Item:
    """One post with its summary, as an issue can show it."""

    number: int  # the post's number
    post_id: int
    title: str
    link: str
    author: str
    published_on: date  # the feed's date, else the day it was first seen, in the publication's zone
    language: str
    direction: str
    standfirst: str  # the publisher's own short text; may be empty
    summary: str  # ours; may be empty
    model: str = ""  # the language model that wrote the summary: readers are told; empty: none did
    html: str  # the sanitised body, for "every post" mails
    image: Image | None
    minutes: int  # estimated reading time, at least 1
    theme_key: str  # empty: none
    categories: tuple[str, ...] = ()  # the feed's own words, in its order
    heading_key: str = ""  # of the heading it stands under in this issue, where that is not its theme

    @property
    def section_key(self) -> str:
        """The theme or heading that it stands under; empty: "More"."""
        return self.heading_key or self.theme_key


class IssueKind(StrEnum):
    """What sort of mailing an issue is. Cadences share their names with the subscriber's choice."""

    EVERY_POST = "every-post"
    DAILY = "daily"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    RESEND = "resend"  # `digest post resend`: one updated post to readers who had it; writes neither
    TEST = "test"  # `digest issue send`: to one named address; writes neither progress nor owed

    @property
    def cadence(self) -> Cadence | None:
        """The cadence whose readers receive it, or None for a kind with a named audience."""
        return None if self in (IssueKind.TEST, IssueKind.RESEND) else Cadence(self.value)


@dataclass(frozen=True, kw_only=True)
class Content:
    """Everything any segment of an issue can show. Frozen, hashed and stored when the draft is made."""

    name: str  # the issue's public name: "weekly-2026-11-23", "post-1287"
    kind: IssueKind
    title: str = ""  # the editor's title; empty: the subject stands in
    subject: str = ""  # the editor's subject; empty: the title, else ours
    preheader: str = ""  # the editor's; empty: ours
    intro: str = ""  # one to three sentences by the editor; may be empty
    period_start: date | None  # first day covered; None for "every post"
    period_end: date  # last day covered, or the day of the post
    sent_on: date  # the day it goes out, in the publication's zone: sponsors run by it
    items: tuple[Item, ...]  # every item any segment can show: oldest number first, or as the editor has it
    window: tuple[int, ...] = ()  # the numbers a reader who is up to date gets; also what the web page shows
    lead: int | None = None  # number of the lead story the editor chose; None: we choose
    themes: tuple[Theme, ...] = ()  # in the order of sections
    sponsors: tuple[Sponsor, ...] = ()
    related: tuple[Item, ...] = ()  # posts that nobody was mailed, on the subject of the one post (number 0)
    next_on: date | None = None  # the day the next of its kind is due; None: not by the clock
    recent_subjects: tuple[str, ...] = ()  # of the newest issues: mailboxes thread mails with equal ones
    overridden: tuple[str, ...] = ()  # what the editor's file changed, in words
    overrides_mark: str = ""  # hash of the table that did: used once, it does not change the next issue


@dataclass(frozen=True, kw_only=True)
class Section:
    """A theme inside one issue."""

    theme: Theme | None  # None: "Also this week", the themes with a single post
    sponsor: Sponsor | None
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One issue as one segment sees it: chosen, ordered, with its subject. Input of the renderer."""

    name: str
    kind: IssueKind
    layout: str  # "digest", or "post" when an every-post reader gets exactly one item
    subject: str
    preheader: str
    title: str  # the h1
    intro: str
    period_start: date | None
    period_end: date
    lead: Item | None  # the lead story; in the "post" layout the only item
    sections: tuple[Section, ...]  # without the lead
    theme_names: dict[str, str] = field(default_factory=dict)  # key → name, for every item shown
    sponsor: Sponsor | None = None  # the issue's own sponsor, shown after the lead or the body
    related: tuple[Item, ...] = ()  # older posts on its subject, in the "post" layout
    next_on: date | None = None  # the day the next issue of its kind is due
    left_out: int = 0  # items beyond the newest 20, on the issue's web page
    is_opening: bool = False  # the post is longer than a mail can be: only its opening is shown
    count: int = 0  # items shown, the lead included


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """A finished mail but for its slots: identical for every reader of a segment."""

    subject: str
    html: str
    text: str
    nonce: str  # 16 hex digits inside every slot marker, so that no post can forge one


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """What a mail needs to know of a person."""

    delivery_id: int
    public_id: str  # the subscriber's; "operator" for alerts
    address: str  # where it really goes
    name: str = ""
    since: str = ""  # "3 March 2026": when they confirmed, already in the reader's language
    choices: str = ""  # "the weekly digest of Prisons and Courts", ditto
    unsubscribe_url: str = ""
    unsubscribe_mailto: str = ""  # the same by mail, where somebody reads the mailbox; else empty
    preferences_url: str = ""
    stands_for: str = ""  # test mode: the address that would have received it


@dataclass(frozen=True, kw_only=True)
class Message:
    """One finished mail to one recipient, ready for a backend."""

    delivery_id: int
    envelope_from: str
    envelope_to: str
    data: bytes  # CRLF line ends, every line at most 998 octets (RFC 5322 §2.1.1)
    key: str = ""  # the same on every attempt (a UUID) until a person says "send again"; empty: none
    sound: bool = False  # nothing in ``data`` needs a look or a change for SMTP (``rendering.octets``)


class OutcomeKind(StrEnum):
    """What became of handing over one message. The words of the state machine's right-hand side."""

    ACCEPTED = "accepted"  # 250 or 2xx: the next system took responsibility
    TEMPORARY = "temporary"  # refused for now, before or after the commit point: definitely not accepted
    REJECTED = "rejected"  # refused for good, and the recipient is the reason
    UNCERTAIN = "uncertain"  # the commit point was passed and the reply was lost
    WITHDRAWN = "withdrawn"  # commit() said no: nothing was sent
    UNSENDABLE = "unsendable"  # refused for good, and the message is the reason (size, SMTPUTF8)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a backend says of one message."""

    delivery_id: int
    kind: OutcomeKind
    code: str = ""  # reply code and enhanced status: "550 5.1.1"; empty when there was no reply
    detail: str = ""  # the reply's words, shortened, without addresses
    provider_id: str = ""  # the next system's own name for the message
    retry_after_s: int = 0  # what the far side asks to wait before this message is tried again; 0: nothing
    suppressed: bool = False  # refused because the provider knows the mailbox to be gone or unwilling
    alarm: bool = False  # what went wrong is a defect of ours: the operator is told
