"""Providers that we have no wire for, through django-anymail: Mailtrap, MailerSend, Scaleway and others.

The only home of ``anymail`` and ``django``, an extra. Django is set up once per process, with nothing in
it. One mail a call; neither keys nor look-up, so a lost answer is a plain doubt. Redirects are not
followed. What a provider cannot express, anymail refuses, and so do we. Source: anymail 15.2,
``backends/base_requests.py``. Neighbours: ``by_http`` serves the providers that have a wire, ``base`` holds
the contract.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from digest.errors import BackendUnavailable, ConfigurationError, Fault
from digest.model import Message, Outcome, OutcomeKind
from digest.net.call import Answer
from digest.providers import verdicts
from digest.providers.base import Commit
from digest.providers.letter import CannotExpress, Letter, headers_of, letter_of
from digest.providers.pace import Pace
from digest.providers.replies import shown_text
from digest.providers.verdicts import Reading, every, paused

_NOTHING_SENT: Final = frozenset({"ConnectTimeout", "SSLError", "ProxyError", "InvalidURL", "MissingSchema"})
_NOT_CONNECTED: Final = frozenset({"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"})
_TAKEN: Final = frozenset({"sent", "queued"})

_django_once = threading.Lock()
log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class AnymailConfig:
    """Which of anymail's backends, and what it is told."""

    provider: str  # the name of anymail's module: "mailtrap", "mailersend", "scaleway" …
    options: Mapping[str, str] = field(
        default_factory=dict
    )  # as anymail names them: sender_domain, api_url …
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # ditto: api_key, api_token …


class AnymailBackend:
    """Hands messages to one provider by anymail, one a call. Belongs to one thread."""

    batch_size = 1

    def __init__(self, config: AnymailConfig, pace: Pace) -> None:
        """Load Django and the backend; raise ConfigurationError where one of them is not to be had."""
        self.name = f"anymail:{config.provider}"
        self._config = config
        self._pace = pace
        self._connection = _connection(config)

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        """Yield one outcome per message."""
        for message in batch:
            yield from self._hand_over(message, commit)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _hand_over(self, message: Message, commit: Commit) -> Iterator[Outcome]:
        """Pace → commit → call → outcome; raise at the end where the provider refuses us."""
        try:
            letter = letter_of(message)
        except CannotExpress as error:
            yield Outcome(delivery_id=message.delivery_id, kind=OutcomeKind.UNSENDABLE, detail=str(error))
            return
        self._pace.wait(self._config.provider)
        if message.delivery_id not in commit([message.delivery_id]):
            yield Outcome(delivery_id=message.delivery_id, kind=OutcomeKind.WITHDRAWN)
            return
        reading, operator_must_act = self._send(letter)
        if reading.wait_s:
            self._pace.hold(reading.wait_s)
        yield from reading.outcomes
        if reading.pause:
            raise BackendUnavailable(
                f"{self.name} does not take our mail: {reading.pause.rstrip('.')}. No reader is to blame.",
                operator_must_act=operator_must_act,
            )

    def _send(self, letter: Letter) -> tuple[Reading, bool]:
        """Return what the provider says of a letter, and whether a person must act on a pause."""
        from anymail.exceptions import AnymailUnsupportedFeature  # noqa: PLC0415  an extra

        mail = _mail(letter)
        silent = Answer(status=200, headers={}, body=b"")
        try:
            if self._connection.open():  # false while it is open already
                self._connection.session.max_redirects = 0  # refused before anything is sent elsewhere
                self._connection.session.trust_env = False
            self._connection.send_messages([mail])
        except AnymailUnsupportedFeature as error:
            return every([letter], OutcomeKind.UNSENDABLE, silent, self._shown(error)), False
        except Exception as error:  # noqa: BLE001  anymail raises the errors of several libraries
            return self._failed(error, letter)
        status = next(iter(mail.anymail_status.recipients.values()), None)
        if status is not None and status.status in _TAKEN:
            id_ = str(status.message_id or "")
            return every([letter], OutcomeKind.ACCEPTED, silent, "", provider_id=id_), False
        said = status.status if status is not None else "nothing"
        if said in ("rejected", "invalid"):
            suppressed = said == "rejected"
            return every([letter], OutcomeKind.REJECTED, silent, said, suppressed=suppressed), False
        return every([letter], OutcomeKind.UNCERTAIN, silent, f"it says {said}"), False

    def _failed(self, error: Exception, letter: Letter) -> tuple[Reading, bool]:
        """Return what an error means; anymail's errors are also those of the library below them."""
        names = {kind.__name__ for kind in type(error).__mro__}
        response = getattr(error, "response", None)
        if "TooManyRedirects" in names:
            answer = Answer(status=302, headers={}, body=b"")
            return paused([letter], answer, "redirects instead of answering; check its address"), True
        if response is not None:
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = self._without_secrets(response.text).encode()
            answer = Answer(status=response.status_code, headers=headers, body=body)
            return verdicts.general(answer, [letter]), True
        sent = not (names & _NOTHING_SENT or _causes(error) & _NOT_CONNECTED)
        log.warning("provider.call_failed", backend=self.name, cause=type(error).__name__, sent=sent)
        silent = Answer(status=0, headers={}, body=b"")
        if sent:
            return every([letter], OutcomeKind.UNCERTAIN, silent, "no answer"), False
        outcomes = every([letter], OutcomeKind.TEMPORARY, silent, "it cannot be reached").outcomes
        return Reading(outcomes=outcomes, pause="it cannot be reached"), "SSLError" in names

    def _shown(self, error: Exception) -> str:
        return shown_text(self._without_secrets(str(error)))

    def _without_secrets(self, text: str) -> str:
        for secret in filter(None, self._config.secrets.values()):
            text = text.replace(secret, "[secret]")
        return text


def _mail(letter: Letter) -> Any:
    """Return a letter as anymail takes it."""
    from anymail.message import AnymailMessage  # noqa: PLC0415  an extra

    kept = [("Message-ID", letter.message_id)] if letter.message_id else ()
    mail = AnymailMessage(
        subject=letter.subject,
        body=letter.text,
        from_email=letter.sender.text,
        to=[letter.to.text],
        reply_to=[letter.reply_to.text] if letter.reply_to else None,
        headers=headers_of(letter, besides=kept),
        metadata={"everypost": letter.reference},
    )
    mail.attach_alternative(letter.html, "text/html")
    return mail


def _causes(error: BaseException | None) -> set[str]:
    """Return the names of the errors that led to this one; urllib3 hides some in ``reason``."""
    names: set[str] = set()
    while error is not None:
        names.add(type(error).__name__)
        names.update(type(hidden).__name__ for arg in error.args for hidden in _hidden_in(arg))
        error = error.__cause__ or error.__context__
    return names


def _hidden_in(arg: object) -> Iterator[BaseException]:
    if isinstance(arg, BaseException):
        yield arg
        reason = getattr(arg, "reason", None)
        if isinstance(reason, BaseException):
            yield reason


def _connection(config: AnymailConfig) -> Any:
    """Return one of anymail's backends, told its options; raise ConfigurationError."""
    try:
        import django  # noqa: PLC0415  an extra
        from django.conf import settings  # noqa: PLC0415
        from django.core.mail import get_connection  # noqa: PLC0415
    except ImportError as error:
        raise _wrong(
            f'"anymail:{config.provider}" needs django-anymail, which is not installed',
            'Run: pip install "everypost[providers]"',
        ) from error
    with _django_once:
        if not settings.configured:
            settings.configure(USE_I18N=False, DEFAULT_CHARSET="utf-8")
            django.setup()
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    try:
        return get_connection(
            f"anymail.backends.{config.provider}.EmailBackend",
            fail_silently=False,
            timeout=60,
            ignore_recipient_status=True,  # a refused recipient is an answer here, and no error
            **config.options,
            **config.secrets,
        )
    except ModuleNotFoundError as error:
        raise _wrong(
            f"anymail has no provider “{config.provider}”", "See its documentation for the names"
        ) from error
    except Exception as error:  # noqa: BLE001  anymail tells what is missing by several kinds of error
        words = str(error)
        for secret in filter(None, config.secrets.values()):
            words = words.replace(secret, "[secret]")
        raise _wrong(
            f"anymail refuses its settings: {shown_text(words)}",
            "Write what it misses below [anymail], and keys below [anymail_secrets] in digest.secrets.toml",
        ) from None


def _wrong(problem: str, mend: str) -> ConfigurationError:
    return ConfigurationError([Fault(where="mail.backend", problem=problem, mend=mend)])
