"""Every setting: its name, type, default and meaning.

The descriptions here are the one home of what a setting means: ``digest init`` writes them into digest.toml,
and ``docs/configuration.md`` is tested against names and defaults. Only ``app`` and ``cli`` use this package;
everything further in receives plain values. Neighbours: ``values`` checks single values, ``load`` fills a
Settings.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, model_validator

from digest.cadence.due import Schedule
from digest.feeds.admission import Rules
from digest.look import Look, Place
from digest.model import Publication
from digest.settings.logins import FeedCredentials
from digest.settings.values import (
    BaseUrl,
    ClockTime,
    Colour,
    Count,
    DatabaseUrl,
    Day,
    Key,
    Language,
    Line,
    ListId,
    MailAddress,
    Monthly,
    Name,
    Networks,
    Places,
    Port,
    SecureUrl,
    SomeMailAddress,
    Tags,
    TokenKeys,
    Url,
    Weekly,
    Zone,
    refuse,
)


def _required(example: str, meaning: str) -> Any:
    return Field(description=meaning, examples=[example])


def _optional(default: Any, meaning: str, **limits: Any) -> Any:
    # Defaults are written as an operator would write them, and checked like what an operator wrote.
    return Field(default, description=meaning, **limits)


class Section(BaseModel):
    """One table of digest.toml: no unknown keys, no guessing at types, no change afterwards."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, validate_default=True, hide_input_in_errors=True
    )


class PublicationSection(Section):
    """The newsletter and the site it belongs to."""

    name: Name = _required("Plain Sentence", "The newsletter's name, on every page and in every From line.")
    tagline: Line = _optional("", "One sentence under the name.")
    site_url: BaseUrl = _required("https://example.org", "The site whose posts are mailed.")
    public_url: BaseUrl = _required(
        "https://news.example.org",
        "Where readers reach `digest web`: confirm and unsubscribe links start with it.",
    )
    language: Language = _optional("en", "Language of the newsletter's own words (BCP 47).")
    zone: Zone = _optional("UTC", "Time zone in which dates and due times are told (IANA).")
    author: Line = _optional("", "Who signs; empty when nobody does.")
    postal_address: Line = _optional(
        "", "One line at the foot of every mail; the law asks for it in most countries."
    )
    privacy_url: Url = _optional("", "The site's privacy notice, linked to from every mail.")
    accent: Colour = _optional("#0F4C5C", "The one colour of mails and pages (#RRGGBB).")


class LookSection(Section):
    """How mails look, beside the accent. `digest look show` tells what becomes of the colour."""

    logo: SecureUrl = _optional("", "Picture in place of the name at the top (https); empty: the name.")
    logo_dark: SecureUrl = _optional("", "The same for dark mode; empty: the logo on a light plate.")
    logo_width: int = _optional(0, "Width at which the logo is shown (pixels).", ge=0, le=400)
    logo_height: int = _optional(0, "Height at which the logo is shown (pixels).", ge=0, le=40)
    headings: Literal["serif", "sans"] = _optional("serif", 'Face of headlines: "serif" or "sans".')
    thumbnails: bool = _optional(True, "Show small pictures beside the posts of a digest.")
    contents_from: int = _optional(
        5, "Posts from which a digest opens with a list of contents; 0 for never.", ge=0, le=20
    )
    intro: Line = _optional("", "One to three sentences under the title of digests whose editor wrote none.")
    every_post: Literal["full", "excerpt"] = _optional(
        "full", 'What a mail of one post holds: all of it ("full") or its beginning and a link ("excerpt").'
    )
    company_number: Line = _optional(
        "", "Registration of the company, at the foot of every mail: “Registered in England, no. 01234567”."
    )
    places: Places = _optional(
        {}, 'Where else you can be found, linked to at the foot: { Mastodon = "https://…" }.'
    )

    @model_validator(mode="after")
    def _sized(self) -> LookSection:
        """Refuse a logo without its size: mail programs would show it as large as the file is."""
        if self.logo and not (self.logo_width and self.logo_height):
            refuse("has a logo without a size", "Write logo_width and logo_height (at most 40) in pixels")
        return self

    def value(self) -> Look:
        """Return the look as every other module knows it."""
        places = tuple(Place(name=name, url=url) for name, url in self.places.items())
        return Look(**self.model_dump(exclude={"places"}), places=places)


class MailSection(Section):
    """Who the mail is from, and how it leaves."""

    from_name: Line = _optional("", "Name in the From line; empty: the publication's name.")
    from_address: SomeMailAddress = _required("news@example.org", "Address in the From line.")
    reply_to: MailAddress = _optional("", "Where answers go; empty: to from_address.")
    bounce_address: MailAddress = _optional(
        "", "Where mail servers report bounces (envelope sender); empty: from_address."
    )
    operator_address: SomeMailAddress = _required(
        "you@example.org", "Who is told of trouble, and receives every mail while in test mode."
    )
    list_id: ListId = _optional(
        "",
        "Identifier of the list (RFC 2919), the same for ever; readers' filters use it. "
        "Empty: newsletter. and the domain of from_address.",
    )
    backend: Literal["smtp", "file"] = _optional(
        "smtp", '"smtp" hands mail to a mail server, "file" writes .eml files.'
    )
    folder: Line = _optional("", 'Where "file" writes; relative to digest.toml.')


class SmtpSection(Section):
    """The mail server that takes the mail."""

    host: Name = _optional("localhost", "Name of the mail server.")
    port: Port = _optional(587, "Its port: 587 with starttls, 465 with tls, 25 with none.")
    security: Literal["starttls", "tls", "none"] = _optional(
        "starttls", '"starttls", "tls", or "none" for a server on this machine.'
    )
    username: Line = _optional("", "Empty: no login. The password is smtp_password in digest.secrets.toml.")
    connections: Count = _optional(4, "Connections kept open; a crash can double at most this many mails.")


class ScheduleSection(Section):
    """When digests are due, in the publication's zone. Readers choose among them."""

    daily: ClockTime = _optional("07:00", "Time of the daily digest.")
    weekly: Weekly = _optional("sunday 07:00", "Day and time of the weekly digest.")
    fortnightly: Weekly = _optional("sunday 07:00", "Day and time of the fortnightly digest.")
    fortnightly_from: Day = _optional("2026-01-04", "Every second week is counted from the week of this day.")
    monthly: Monthly = _optional("1 07:00", "Day (1 to 28) and time of the monthly digest.")
    max_late_hours: Count = _optional(
        24, "Hours after which a missed digest is left to the next one instead of sent late."
    )


class FeedsSection(Section):
    """The site's feeds. `digest feed add` is the usual way to name them."""

    allow_private: bool = _optional(False, "Allow feeds on this machine or a private network.")
    poll_minutes: int = _optional(
        60,
        "Shortest time between two looks at a feed (minutes); one that posts rarely is asked every 6 hours.",
        ge=5,
        le=1440,
    )
    push: Literal["auto", "on", "off"] = _optional(
        "auto",
        "Ask the hubs that feeds name to tell of new posts at once (WebSub). They must reach public_url: "
        '"auto" asks where it is https.',
    )
    contact: Line = _optional("", "Address or page named to the site in the User-Agent; empty: public_url.")
    max_megabytes: int = _optional(10, "Largest feed accepted, decoded (MB).", ge=1, le=100)
    timeout_s: int = _optional(30, "Seconds one request may take in all.", ge=1, le=300)
    no_mail_tags: Tags = _optional(
        ("no-mail", "nomail"), "Categories that keep a post out of every mail.", examples=[("internal",)]
    )
    settle_minutes: int = _optional(
        0, "Minutes a new post waits for its first corrections before it may be mailed.", ge=0, le=10080
    )

    full_text: bool = _optional(
        False,
        "Read the pages of new posts with less than 600 characters in the feed; needs everypost[extract].",
    )
    obey_robots: bool = _optional(True, "Read only pages that the site's robots.txt allows.")

    def rules(self) -> Rules:
        """Return which new posts wait or never go."""
        return Rules(no_mail_tags=self.no_mail_tags, settle=timedelta(minutes=self.settle_minutes))


class DeliverySection(Section):
    """How mail is handed over."""

    on_uncertain: Literal["resend", "hold"] = _optional(
        "resend",
        "After a lost reply: send once more, flagged, or hold for the operator (no duplicates).",
    )


class WebSection(Section):
    """Where `digest web` listens."""

    host: Name = _optional("127.0.0.1", "Address to listen on; 127.0.0.1 behind a proxy.")
    port: Port = _optional(8025, "Port to listen on.")
    trusted_proxies: Networks = _optional(
        (), "Proxies (addresses or networks) whose X-Forwarded-For is believed.", examples=[("10.0.0.1",)]
    )


class DatabaseSection(Section):
    """Where people and issues are kept."""

    url: DatabaseUrl = _optional(
        "sqlite:///digest.db",
        "sqlite:///FILE, relative to digest.toml, or postgresql://user@host/name. A password "
        "belongs in DIGEST_DATABASE__URL, not here.",
    )


class TemplatesSection(Section):
    """Your own templates."""

    folder: Line = _optional("", "Folder of templates that replace ours by name; relative to digest.toml.")


class SecretsSection(Section):
    """What digest.secrets.toml holds."""

    token_keys: TokenKeys = _required(
        '{ k1 = "…" }',
        "Keys that sign readers' links, by id. The last one signs, all are accepted: "
        "to change keys add one, and never remove one whose mails may still be read.",
    )
    address_key: Key = _required(
        "…", "Key of the hashes by which erased and bounced addresses are known. Never change it."
    )
    smtp_password: SecretStr = _optional("", "Password of smtp.username.")
    feed_credentials: FeedCredentials = _optional(
        {}, "How to log in to protected feeds: a table for each address, sent there and below it only."
    )


class Settings(Section):
    """The whole configuration, checked."""

    publication: PublicationSection
    look: LookSection = Field(default_factory=LookSection)
    mail: MailSection
    smtp: SmtpSection = Field(default_factory=SmtpSection)
    schedule: ScheduleSection = Field(default_factory=ScheduleSection)
    feeds: FeedsSection = Field(default_factory=FeedsSection)
    delivery: DeliverySection = Field(default_factory=DeliverySection)
    web: WebSection = Field(default_factory=WebSection)
    database: DatabaseSection = Field(default_factory=DatabaseSection)
    templates: TemplatesSection = Field(default_factory=TemplatesSection)
    secrets: SecretsSection

    _folder: Path = PrivateAttr(default=Path())  # the folder of digest.toml

    def relative_to(self, folder: Path) -> Settings:
        """Return these settings with relative paths counted from ``folder``."""
        moved = self.model_copy()
        moved._folder = folder
        return moved

    def publication_value(self) -> Publication:
        """Return the publication as every other module knows it, defaults filled in."""
        mail = self.mail
        given = self.publication.model_dump()
        return Publication(
            **given,
            look=self.look.value(),
            from_name=mail.from_name or self.publication.name,
            from_address=mail.from_address,
            reply_to=mail.reply_to,
            bounce_address=mail.bounce_address,
            operator_address=mail.operator_address,
            list_id=mail.list_id or f"newsletter.{mail.from_address.rpartition('@')[2]}",
        )

    def schedule_value(self) -> Schedule:
        """Return when each cadence is due."""
        given = self.schedule.model_dump(exclude={"max_late_hours"})
        late = timedelta(hours=self.schedule.max_late_hours)
        return Schedule(zone=ZoneInfo(self.publication.zone), max_late=late, **given)

    def database_url(self) -> str:
        """Return the database's address in SQLAlchemy's form, an SQLite file as an absolute path.

        It may hold a password: never log it.
        """
        scheme, _, rest = self.database.url.get_secret_value().partition("://")
        if scheme != "sqlite":
            return f"postgresql+psycopg://{rest}"
        return f"sqlite:///{self.path(unquote(rest.removeprefix('/')))}"

    def push_wanted(self) -> bool:
        """Return whether hubs are asked to tell of new posts."""
        if self.feeds.push == "auto":
            return self.publication.public_url.startswith("https://")
        return self.feeds.push == "on"

    def path(self, text: str) -> Path:
        """Return a path of the configuration as an absolute one."""
        return (self._folder / text).absolute()

    def template_folder(self) -> Path | None:
        """Return the folder of the operator's own templates, or None."""
        return self.path(self.templates.folder) if self.templates.folder else None

    def token_keys(self) -> dict[str, bytes]:
        """Return the keys that sign links, by key id."""
        return {
            key_id: bytes.fromhex(key.get_secret_value()) for key_id, key in self.secrets.token_keys.items()
        }

    def current_token_key(self) -> str:
        """Return the id of the key that signs new links: the last one listed."""
        return list(self.secrets.token_keys)[-1]

    def address_key(self) -> bytes:
        """Return the key of the address hashes."""
        return bytes.fromhex(self.secrets.address_key.get_secret_value())

    def smtp_password(self) -> str:
        """Return the mail server's password; empty when there is none."""
        return self.secrets.smtp_password.get_secret_value()
