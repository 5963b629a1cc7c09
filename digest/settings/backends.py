"""The backends that the settings name, opened; what is the same for all sender threads is kept here.

Each provider's module is loaded only where it is used. Neighbours: ``schema`` has the sections, ``app`` asks
for backends by their names.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from digest.errors import BackendUnavailable, ConfigurationError, Fault
from digest.failpoints import Passing, nothing_fails
from digest.net.exchange import Exchange
from digest.providers import brevo, mailgun, mailjet, postmark, resend, sendgrid, ses, sparkpost
from digest.providers.anymail import AnymailBackend, AnymailConfig
from digest.providers.base import Backend, Patience
from digest.providers.by_http import HttpBackend
from digest.providers.dkim_keys import SigningKey
from digest.providers.file import FileBackend
from digest.providers.maildir import MaildirBackend
from digest.providers.pace import Pace
from digest.providers.sendmail import SendmailBackend
from digest.providers.ses import SesBackend, SesConfig
from digest.providers.signed import SignedBackend
from digest.providers.smtp import SmtpBackend, SmtpConfig
from digest.providers.smtp_connection import connect, say_goodbye
from digest.providers.wire import Wire
from digest.settings.dkim_section import SIGNING
from digest.settings.schema import Settings

_EXTRAS: Final = {"ses": ("boto3", "ses"), "anymail": ("anymail", "providers")}
"""Backend → the module it needs, and the extra that brings it."""


class Backends:
    """Opens backends. One per process, so that all threads keep one pace."""

    def __init__(self, settings: Settings, user_agent: str, passing: Passing = nothing_fails) -> None:
        """Raises ConfigurationError where a backend that is named needs an extra that is missing."""
        self._passing = passing
        self._settings = settings
        self._user_agent = user_agent
        self.names = tuple(filter(None, (settings.mail.backend, settings.mail.fallback)))
        faults = [fault for name in self.names for fault in _missing_extra(name)]
        if faults:
            raise ConfigurationError(faults)
        self._keys = settings.dkim.keys(settings.path) if set(self.names) & set(SIGNING) else []
        self._paces = {name: Pace(self._per_second(name)) for name in self.names}

    def open(self, name: str) -> Backend:
        """Return a backend for one thread."""
        wire = self._wire(name)
        if wire is not None:
            return HttpBackend(wire, Exchange(self._user_agent), self._paces[name])
        if name == "ses":
            return SesBackend(self._ses(), self._paces[name])
        if name.startswith("anymail:"):
            return AnymailBackend(self._anymail(name), self._paces[name])
        own = self._own(name)
        return SignedBackend(own, [one.key for one in self._keys]) if self._keys else own

    def _own(self, name: str) -> Backend:
        """Return a backend that needs no provider."""
        mail = self._settings.mail
        match name:
            case "file":
                return FileBackend(self._settings.path(mail.folder or "mail"))
            case "maildir":
                return MaildirBackend(self._settings.path(mail.folder or "Maildir"))
            case "sendmail":
                return SendmailBackend(mail.command)
        return SmtpBackend(self._smtp(), passing=self._passing)

    def patience(self) -> dict[str, Patience]:
        """Return when each backend can be asked about a lost reply; backends that cannot are left out."""
        found: dict[str, Patience] = {}
        for name in self.names:
            wire = self._wire(name)
            patience = wire.habits.patience if wire is not None else None
            patience = ses.PATIENCE if name == "ses" else patience
            if patience is not None:
                found[name] = patience
        return found

    def workers(self) -> int:
        """Return how many threads send: one where a call carries many mails."""
        wire = self._wire(self.names[0])
        many = wire is not None and wire.habits.batch_size > 1
        return 1 if many else self._settings.smtp.connections

    def check(self, name: str) -> str:
        """Return why a backend would not take our mail; empty when it would. Sends nothing."""
        try:
            if name == "smtp":
                say_goodbye(connect(self._smtp()), within_s=5)
                return ""
            if name == "sendmail":
                SendmailBackend(self._settings.mail.command).program()
            if name == "maildir":
                MaildirBackend(self._settings.path(self._settings.mail.folder)).make()
            backend = self.open(name)
        except BackendUnavailable as error:
            return str(error)
        try:
            return backend.check() if isinstance(backend, HttpBackend | SesBackend) else ""
        finally:
            backend.close()

    def keys(self, name: str) -> list[SigningKey]:
        """Return the keys that sign what goes by a backend."""
        return self._keys if name in SIGNING else []

    def _per_second(self, name: str) -> float:
        wire = self._wire(name)
        if wire is not None:
            return wire.habits.per_second
        return ses.PER_SECOND if name == "ses" else 0.0

    def _wire(self, name: str) -> Wire | None:  # noqa: PLR0911  one for each provider
        """Return how a provider is spoken to; None for a backend of another kind."""
        settings, secret = self._settings, self._settings.secret
        match name:
            case "resend":
                return resend.Resend(key=secret("resend_key"), base_url=settings.resend.base_url)
            case "brevo":
                return brevo.Brevo(key=secret("brevo_key"), base_url=settings.brevo.base_url)
            case "postmark":
                own = settings.postmark
                return postmark.Postmark(
                    token=secret("postmark_token"), stream=own.stream, base_url=own.base_url
                )
            case "mailgun":
                place = settings.mailgun
                return mailgun.Mailgun(
                    key=secret("mailgun_key"), domain=place.domain, base_url=place.base_url
                )
            case "sendgrid":
                return sendgrid.SendGrid(key=secret("sendgrid_key"), base_url=settings.sendgrid.base_url)
            case "sparkpost":
                return sparkpost.SparkPost(key=secret("sparkpost_key"), base_url=settings.sparkpost.base_url)
            case "mailjet":
                key, other = secret("mailjet_key"), secret("mailjet_secret")
                return mailjet.Mailjet(key=key, secret=other, base_url=settings.mailjet.base_url)
        return None

    def _ses(self) -> SesConfig:
        section = self._settings.ses
        return SesConfig(
            region=section.region,
            configuration_set=section.configuration_set,
            base_url=section.base_url,
            access_key_id=self._settings.secret("ses_access_key_id"),
            secret_access_key=self._settings.secret("ses_secret_access_key"),
        )

    def _anymail(self, name: str) -> AnymailConfig:
        secrets = self._settings.secrets.anymail_secrets
        return AnymailConfig(
            provider=name.partition(":")[2],
            options=self._settings.anymail.options,
            secrets={key: value.get_secret_value() for key, value in secrets.items()},
        )

    def _smtp(self) -> SmtpConfig:
        smtp = self._settings.smtp
        return SmtpConfig(
            host=smtp.host,
            port=smtp.port,
            security=smtp.security,
            username=smtp.username,
            password=self._settings.smtp_password(),
        )


def _missing_extra(name: str) -> list[Fault]:
    module, extra = _EXTRAS.get(name.partition(":")[0], ("", ""))
    if not module or find_spec(module) is not None:
        return []
    return [
        Fault(
            where="mail.backend or mail.fallback",
            problem=f'"{name}" needs a library that is not installed',
            mend=f'Run: pip install "everypost[{extra}]"',
        )
    ]
