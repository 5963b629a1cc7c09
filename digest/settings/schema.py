"""Every setting: its name, type, default and meaning.

The descriptions here are the one home of what a setting means: ``digest init`` writes them into digest.toml,
and ``docs/configuration.md`` is tested against names and defaults. Only ``app`` and ``cli`` use this package;
everything further in receives plain values. Neighbours: ``values`` checks single values, ``load`` fills a
Settings.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, SecretStr

from digest.cadence.due import Schedule
from digest.model import Publication
from digest.settings.content_sections import EditorialSection, FeedsSection, ImagesSection
from digest.settings.dkim_section import DkimSection
from digest.settings.llm_section import LlmSection
from digest.settings.logins import FeedCredentials
from digest.settings.look_section import LookSection
from digest.settings.mail_sections import MailSection, SmtpSection
from digest.settings.mailbox import MailboxSection
from digest.settings.provider_sections import (
    AnymailSection,
    BrevoSection,
    MailgunSection,
    MailjetSection,
    PostmarkSection,
    ResendSection,
    SendgridSection,
    SesSection,
    SparkpostSection,
)
from digest.settings.section import Section, optional, required
from digest.settings.sending_sections import DeliverySection, LanesSection
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
    Monthly,
    Name,
    Networks,
    Port,
    TokenKeys,
    Url,
    Weekly,
    Zone,
)
from digest.summarisers.llm import LanguageModel


class PublicationSection(Section):
    """The newsletter and the site it belongs to."""

    name: Name = required("Plain Sentence", "The newsletter's name, on every page and in every From line.")
    tagline: Line = optional("", "One sentence under the name.")
    site_url: BaseUrl = required("https://example.org", "The site whose posts are mailed.")
    public_url: BaseUrl = required(
        "https://news.example.org",
        "Where readers reach `digest web`: confirm and unsubscribe links start with it.",
    )
    language: Language = optional("en", "Language of the newsletter's own words (BCP 47).")
    zone: Zone = optional("UTC", "Time zone in which dates and due times are told (IANA).")
    author: Line = optional("", "Who signs; empty when nobody does.")
    postal_address: Line = optional(
        "",
        "One line at the foot of every mail, as the law asks in most countries: no issue goes out without "
        "it.",
    )
    privacy_url: Url = optional("", "The site's privacy notice, linked to from every mail.")
    accent: Colour = optional("#0F4C5C", "The one colour of mails and pages (#RRGGBB).")
    every_post: Literal["opening", "whole"] = optional(
        "opening",
        'What a mail of one post shows: "opening", its first section with a link to the rest, or "whole".',
    )


class ScheduleSection(Section):
    """When digests are due, in the publication's zone. Readers choose among them."""

    daily: ClockTime = optional("07:00", "Time of the daily digest.")
    weekly: Weekly = optional("sunday 07:00", "Day and time of the weekly digest.")
    fortnightly: Weekly = optional("sunday 07:00", "Day and time of the fortnightly digest.")
    fortnightly_from: Day = optional("2026-01-04", "Every second week is counted from the week of this day.")
    monthly: Monthly = optional("1 07:00", "Day (1 to 28) and time of the monthly digest.")
    max_late_hours: Count = optional(
        24, "Hours after which a missed digest is left to the next one instead of sent late."
    )


class WebSection(Section):
    """Where `digest web` listens."""

    host: Name = optional("127.0.0.1", "Address to listen on; 127.0.0.1 behind a proxy.")
    port: Port = optional(8025, "Port to listen on.")
    trusted_proxies: Networks = optional(
        (), "Proxies (addresses or networks) whose X-Forwarded-For is believed.", examples=[("10.0.0.1",)]
    )


class DatabaseSection(Section):
    """Where people and issues are kept."""

    url: DatabaseUrl = optional(
        "sqlite:///digest.db",
        "sqlite:///FILE, relative to digest.toml, or postgresql://user@host/name. A password "
        "belongs in DIGEST_DATABASE__URL, not here.",
    )
    allow_network: bool = optional(
        False, "Let an SQLite file lie on NFS, SMB or the like, where a crash may lose what was sent."
    )


class TemplatesSection(Section):
    """Your own templates."""

    folder: Line = optional("", "Folder of templates that replace ours by name; relative to digest.toml.")


class SecretsSection(Section):
    """What digest.secrets.toml holds."""

    token_keys: TokenKeys = required(
        '{ k1 = "…" }',
        "Keys that sign readers' links, by id. The last one signs, all are accepted: "
        "to change keys add one, and never remove one whose mails may still be read.",
    )
    address_key: Key = required(
        "…", "Key of the hashes by which erased and bounced addresses are known. Never change it."
    )
    smtp_password: SecretStr = optional("", "Password of smtp.username.")
    mailbox_password: SecretStr = optional("", "Password of mailbox.username.")
    ses_access_key_id: SecretStr = optional(
        "", "For Amazon SES; empty: as this machine is set up for Amazon."
    )
    ses_secret_access_key: SecretStr = optional("", "Its other half.")
    resend_key: SecretStr = optional("", "Key of Resend; one that may only send is enough.")
    brevo_key: SecretStr = optional("", "Key of Brevo's API, not of its SMTP.")
    postmark_token: SecretStr = optional("", "Token of a Postmark server.")
    mailgun_key: SecretStr = optional("", "Sending key of mailgun.domain.")
    sendgrid_key: SecretStr = optional("", "Key of SendGrid that may send mail, and read its email logs.")
    sparkpost_key: SecretStr = optional("", "Key of SparkPost that may write transmissions.")
    mailjet_key: SecretStr = optional("", "API key of Mailjet.")
    mailjet_secret: SecretStr = optional("", "Its secret key.")
    resend_hook: SecretStr = optional(
        "", "Signing secret of its webhook (whsec_…); empty: nobody may call /hooks/resend."
    )
    brevo_hook: SecretStr = optional("", "Password of calls to /hooks/brevo; empty: nobody may call.")
    postmark_hook: SecretStr = optional("", "Password of calls to /hooks/postmark; empty: nobody may call.")
    mailgun_hook: SecretStr = optional(
        "", "Its HTTP webhook signing key; empty: nobody may call /hooks/mailgun."
    )
    sendgrid_hook: SecretStr = optional(
        "", "Verification key of its signed event webhook; empty: nobody may call /hooks/sendgrid."
    )
    sparkpost_hook: SecretStr = optional("", "Password of calls to /hooks/sparkpost; empty: nobody may call.")
    mailjet_hook: SecretStr = optional("", "Password of calls to /hooks/mailjet; empty: nobody may call.")
    anymail_secrets: dict[str, SecretStr] = optional(
        {}, "Keys for anymail:NAME, by django-anymail's own names, such as api_key."
    )
    llm_key: SecretStr = optional("", "Key of the language model of [llm].")
    feed_credentials: FeedCredentials = optional(
        {}, "How to log in to protected feeds: a table for each address, sent there and below it only."
    )


class Settings(Section):
    """The whole configuration, checked."""

    publication: PublicationSection
    look: LookSection = Field(default_factory=LookSection)
    mail: MailSection
    smtp: SmtpSection = Field(default_factory=SmtpSection)
    dkim: DkimSection = Field(default_factory=DkimSection)
    ses: SesSection = Field(default_factory=SesSection)
    resend: ResendSection = Field(default_factory=ResendSection)
    brevo: BrevoSection = Field(default_factory=BrevoSection)
    postmark: PostmarkSection = Field(default_factory=PostmarkSection)
    mailgun: MailgunSection = Field(default_factory=MailgunSection)
    sendgrid: SendgridSection = Field(default_factory=SendgridSection)
    sparkpost: SparkpostSection = Field(default_factory=SparkpostSection)
    mailjet: MailjetSection = Field(default_factory=MailjetSection)
    anymail: AnymailSection = Field(default_factory=AnymailSection)
    mailbox: MailboxSection = Field(default_factory=MailboxSection)
    schedule: ScheduleSection = Field(default_factory=ScheduleSection)
    feeds: FeedsSection = Field(default_factory=FeedsSection)
    images: ImagesSection = Field(default_factory=ImagesSection)
    llm: LlmSection = Field(default_factory=LlmSection)
    editorial: EditorialSection = Field(default_factory=EditorialSection)
    delivery: DeliverySection = Field(default_factory=DeliverySection)
    lanes: LanesSection = Field(default_factory=LanesSection)
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

    def overrides_path(self) -> Path | None:
        """Return the editor's file of overrides, or None where none is read."""
        return self.path(self.editorial.overrides) if self.editorial.overrides else None

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

    def secret(self, name: str) -> str:
        """Return a provider's key by the name of its setting; empty when there is none."""
        found: SecretStr = getattr(self.secrets, name)
        return found.get_secret_value()

    def language_model(self, user_agent: str, new_marker: Callable[[], str]) -> LanguageModel | None:
        """Return the language model that writes summaries; None when none is set up."""
        config = self.llm.config(self.secret("llm_key"))
        return LanguageModel(config, user_agent=user_agent, new_marker=new_marker) if config else None

    def smtp_password(self) -> str:
        """Return the mail server's password; empty when there is none."""
        return self.secrets.smtp_password.get_secret_value()
