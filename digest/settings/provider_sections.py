"""The sections of the providers: what each must be told besides its keys, which are secrets.

The addresses can be changed for a provider's other regions, and for tests. Neighbours: ``schema`` puts the
sections together, ``backends`` uses them.
"""

from __future__ import annotations

from digest.providers import brevo, mailgun, mailjet, postmark, resend, sendgrid, sparkpost
from digest.settings.section import Section, optional
from digest.settings.values import ApiUrl, Line, Name, SomeApiUrl, Tags


class SesSection(Section):
    """Amazon SES, for mail.backend = "ses"; needs everypost[ses]."""

    region: Line = optional("", 'Such as "eu-west-1"; empty: as this machine is set up for Amazon.')
    topics: Tags = optional(
        (),
        "ARNs of the SNS topics that tell what became of mails; empty: nobody may call /hooks/ses. "
        "Needs everypost[providers].",
        examples=[("arn:aws:sns:eu-west-1:123456789012:mail",)],
    )
    configuration_set: Line = optional("", "The one that publishes events; empty: the account's default.")
    base_url: ApiUrl = optional("", "Address of its interface; empty: Amazon's for the region.")


class ResendSection(Section):
    """Resend, for mail.backend = "resend"; its key is resend_key."""

    base_url: SomeApiUrl = optional(resend.BASE_URL, "Address of its interface.")


class BrevoSection(Section):
    """Brevo, for mail.backend = "brevo"; its key is brevo_key."""

    base_url: SomeApiUrl = optional(brevo.BASE_URL, "Address of its interface.")


class PostmarkSection(Section):
    """Postmark, for mail.backend = "postmark"; its key is postmark_token, of a server."""

    stream: Name = optional("broadcast", "The message stream; newsletters belong into a broadcast stream.")
    base_url: SomeApiUrl = optional(postmark.BASE_URL, "Address of its interface.")


class MailgunSection(Section):
    """Mailgun, for mail.backend = "mailgun"; its key is mailgun_key."""

    domain: Line = optional("", "The sending domain, as Mailgun knows it.")
    base_url: SomeApiUrl = optional(
        mailgun.BASE_URL, "Address of its interface; https://api.eu.mailgun.net for the EU region."
    )


class SendgridSection(Section):
    """SendGrid, for mail.backend = "sendgrid"; its key is sendgrid_key."""

    base_url: SomeApiUrl = optional(
        sendgrid.BASE_URL, "Address of its interface; https://api.eu.sendgrid.com for an EU subuser."
    )


class SparkpostSection(Section):
    """SparkPost, for mail.backend = "sparkpost"; its key is sparkpost_key."""

    base_url: SomeApiUrl = optional(
        sparkpost.BASE_URL, "Address of its interface; https://api.eu.sparkpost.com for an EU account."
    )


class MailjetSection(Section):
    """Mailjet, for mail.backend = "mailjet"; its keys are mailjet_key and mailjet_secret."""

    base_url: SomeApiUrl = optional(mailjet.BASE_URL, "Address of its interface.")


class AnymailSection(Section):
    """Other providers, for mail.backend = "anymail:NAME"; needs everypost[providers]."""

    options: dict[str, str] = optional(
        {}, "What django-anymail wants to be told, by its own names: sender_domain, api_url and so on."
    )
