"""The settings of mail itself: who it is from, and the server or program it is handed to."""

from __future__ import annotations

from typing import Literal

from digest.providers.sendmail import DEFAULT_COMMAND
from digest.settings.section import Section, optional, required
from digest.settings.values import (
    Backend,
    Command,
    Count,
    Line,
    ListId,
    MailAddress,
    Name,
    Port,
    SomeBackend,
    SomeMailAddress,
)


class MailSection(Section):
    """Who the mail is from, and how it leaves."""

    from_name: Line = optional("", "Name in the From line; empty: the publication's name.")
    from_address: SomeMailAddress = required("news@example.org", "Address in the From line.")
    reply_to: MailAddress = optional("", "Where answers go; empty: to from_address.")
    bounce_address: MailAddress = optional(
        "", "Where mail servers report bounces (envelope sender); empty: from_address."
    )
    verp: bool = optional(
        True,
        "Add each mail's own token to bounce_address (bounces+TOKEN@…), so that a bounce proves which mail "
        "it is about; its mail server must take addresses with a plus. Without bounce_address nothing is "
        "added.",
    )
    operator_address: SomeMailAddress = required(
        "you@example.org", "Who is told of trouble, and receives every mail while in test mode."
    )
    editor_address: MailAddress = optional(
        "", "Who is told of each issue that was made: what is in it, and when it goes out. Empty: nobody."
    )
    goodbye: bool = optional(
        False, "Confirm by mail that somebody left, if they did so on the page; never after one-click."
    )
    list_id: ListId = optional(
        "",
        "Identifier of the list (RFC 2919), the same for ever; readers' filters use it. "
        "Empty: newsletter.DOMAIN, with the domain of from_address.",
    )
    backend: SomeBackend = optional(
        "smtp",
        '"smtp" hands mail to a mail server, "sendmail" to a program, "maildir" and "file" (.eml files) '
        'write it to a folder; providers: "ses", "resend", "brevo", "postmark", "mailgun", "sendgrid", '
        '"sparkpost", "mailjet", and "anymail:NAME" for others.',
    )
    fallback: Backend = optional(
        "", "A second backend, for the time that the first has been out for a quarter of an hour."
    )
    folder: Line = optional("", 'Where "maildir" and "file" write; relative to digest.toml.')
    command: Command = optional(
        DEFAULT_COMMAND,
        'What "sendmail" starts for each mail, which it reads from its standard input. No shell is asked; '
        "{from} and {to} stand for the envelope.",
    )


class SmtpSection(Section):
    """The mail server that takes the mail."""

    host: Name = optional("localhost", "Name of the mail server.")
    port: Port = optional(587, "Its port: 587 with starttls, 465 with tls, 25 with none.")
    security: Literal["starttls", "tls", "none"] = optional(
        "starttls", '"starttls", "tls", or "none" for a server on this machine.'
    )
    username: Line = optional("", "Empty: no login. The password is smtp_password in digest.secrets.toml.")
    connections: Count = optional(4, "Connections kept open; a crash can double at most this many mails.")
