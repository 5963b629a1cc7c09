"""What the gate may be told beside the mail itself: gathered by others, frozen here.

``None`` always means "not gathered": the rules that need it then answer "not run", never "passed".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a link answered."""

    status: int = 0  # of the last hop; 0 when there was no answer
    failure: str = ""  # one word where there was none: "unresolved", "timeout", "refused", "tls" …
    url: str = ""  # where it led in the end; empty when it led nowhere else
    over_https: bool | None = None  # whether https answers where the link says http; None: not asked


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What a picture's address answered."""

    status: int = 0  # 0 when there was no answer
    content_type: str = ""  # as the server names it, without parameters
    octets: int | None = None  # of the file; None when the server did not say
    width: int | None = None  # pixels of the file; None when they could not be read
    height: int | None = None
    seconds: float = 0.0  # one run of an animation; 0 for a still picture
    endless: bool = False  # whether the animation starts again for ever
    flashes: int | None = None  # changes of brightness in the worst second; None: not counted
    rendition: str = ""  # address of a JPEG or PNG of it; empty when there is none


@dataclass(frozen=True, kw_only=True)
class ShownPost:
    """A post that the mail is meant to show."""

    title: str
    link: str
    picture: str = ""  # address of its header picture; empty when it has none
    credit: str = ""  # the picture's credit as the publisher wrote it


@dataclass(frozen=True, kw_only=True)
class ShownSponsor:
    """A sponsor that the mail is meant to show."""

    name: str
    link: str
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that was gathered about one mail."""

    kind: str = ""  # "issue" or "notice"; empty: as the headers suggest
    layout: str = ""  # "digest" or "post"; empty: unknown
    shown_as: str = "mail"  # "preview" and "archive" are seen by others than one reader
    nobody: str = "preview"  # the public id in a sample's links: belongs to nobody
    subject: str | None = None  # where the mail has no headers
    sender: str | None = None  # the publication's name, as its footer must have it
    postal_address: str | None = None  # as configured; empty: none is
    hosts: frozenset[str] = frozenset()  # the publication's own, fine even where they are private
    domains: frozenset[str] = frozenset()  # that a Message-ID may end in; empty: the sender's
    planned_headers: tuple[str, ...] | None = None  # names of every header the mail was made with
    source_css: str | None = None  # the stylesheet before it was inlined
    posts: tuple[ShownPost, ...] | None = None
    lead: str | None = None  # the lead story's link; empty: there is none
    sponsors: tuple[ShownSponsor, ...] | None = None
    sent_on: date | None = None
    meant: frozenset[str] = frozenset()  # what looks left to be filled in, and is what a post says
    recent_subjects: tuple[str, ...] | None = None  # of the last 26 issues
    recent_senders: tuple[str, ...] | None = None  # From names of the last issues
    links: Mapping[str, Answer] | None = None  # by address as written in the mail
    pictures: Mapping[str, Picture] | None = None  # by address as written in the mail
    one_click: Answer | None = None  # to a POST at the List-Unsubscribe address
    signed_headers: frozenset[str] | None = None  # lower case: the h= of the mail's DKIM signature
    spam_score: float | None = None  # SpamAssassin's, without network tests
    json_ld: bool = False  # whether annotations in a script element are wanted
    clients: tuple[str, ...] | None = None  # mail programs to look up features for; None: the usual ones
