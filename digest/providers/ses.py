"""Amazon SES, version 2 of its interface: whole mails, one a call, through Amazon's own library.

The only home of ``boto3``, which is an extra and takes seconds to load: it is imported when the first
client is made. It brings the account's credentials by every way Amazon knows (settings, environment,
profile, the machine's role). SES has neither keys nor records; the mail's tag comes back in its events.
Message-ID and Date are replaced by SES. Source: the service model ``sesv2`` of botocore 1.44 (errors of
SendEmail, read 2026-11-25). Neighbours: ``verdicts`` reads statuses, ``base`` holds the contract.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import structlog

from digest.errors import BackendUnavailable, ConfigurationError, Fault
from digest.model import Message, Outcome, OutcomeKind
from digest.net.call import Answer
from digest.providers import verdicts
from digest.providers.base import Commit, Patience
from digest.providers.letter import CannotExpress, Letter, letter_of
from digest.providers.pace import Pace
from digest.providers.replies import shown_text
from digest.providers.verdicts import Reading, every, paused

PER_SECOND: Final = 14.0  # what most accounts have; ``digest provider check`` shows one's own
_TITLE: Final = "Amazon SES"
PATIENCE: Final = Patience(settle=timedelta(minutes=15), give_up=timedelta(minutes=15))
"""SES cannot be asked, but its event of the mail, which carries our tag, may still come."""

_REFUSES_US: Final = frozenset(
    {"AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException"}
    | {"NotFoundException", "LimitExceededException", "UnrecognizedClientException", "AccessDeniedException"}
    | {"InvalidSignatureException", "SignatureDoesNotMatch", "ExpiredTokenException", "InvalidClientTokenId"}
    | {"IncompleteSignature", "MissingAuthenticationToken", "ExpiredToken"}
)
_NOTHING_SENT: Final = frozenset(  # names of botocore's errors: the library is not loaded here
    {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError", "NoRegionError"}
    | {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"}
    | {"InvalidRegionError", "TokenRetrievalError", "UnauthorizedSSOTokenError"}
)
_WAITING_HELPS: Final = frozenset({"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"})

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class SesConfig:
    """Where and as whom SES is called."""

    region: str = ""  # "eu-west-1"; empty: as the machine is set up for Amazon
    configuration_set: str = ""  # which one publishes the events; empty: the account's default
    access_key_id: str = field(default="", repr=False)  # empty: as the machine is set up for Amazon
    secret_access_key: str = field(default="", repr=False)
    base_url: str = ""  # empty: Amazon's


class SesBackend:
    """Hands messages to SES, one a call. Belongs to one thread."""

    name = "ses"
    batch_size = 1

    def __init__(self, config: SesConfig, pace: Pace) -> None:
        """Load Amazon's library; raise ConfigurationError where the extra is missing."""
        self._config = config
        self._pace = pace
        self._client = _client(config)

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        """Yield one outcome per message."""
        for message in batch:
            yield from self._hand_over(message, commit)

    def check(self) -> str:
        """Return why SES does not accept us; empty when it does. Sends nothing."""
        try:
            account = self._client.get_account()
        except Exception as error:  # noqa: BLE001  every error of the library is told, none is raised
            return f"{_TITLE} answers: {shown_text(_without(self._config, str(error)))}"
        if not account.get("SendingEnabled", True):
            return f"{_TITLE} has paused sending for this account"
        return ""

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _hand_over(self, message: Message, commit: Commit) -> Iterator[Outcome]:
        """Pace → commit → call → outcome; raise at the end where SES refuses us."""
        try:
            letter = letter_of(message)
        except CannotExpress as error:
            yield Outcome(delivery_id=message.delivery_id, kind=OutcomeKind.UNSENDABLE, detail=str(error))
            return
        self._pace.wait(_TITLE)
        if message.delivery_id not in commit([message.delivery_id]):
            yield Outcome(delivery_id=message.delivery_id, kind=OutcomeKind.WITHDRAWN)
            return
        reading, cause = self._send(letter)
        if reading.wait_s:
            self._pace.hold(reading.wait_s)
        yield from reading.outcomes
        if reading.pause:
            raise BackendUnavailable(
                f"{_TITLE} does not take our mail: {reading.pause.rstrip('.')}. No reader is to blame.",
                operator_must_act=cause not in _WAITING_HELPS,
            )

    def _send(self, letter: Letter) -> tuple[Reading, str]:
        """Return what SES says of a letter, and the name of the library's error, if it was one."""
        config = self._config
        more = {"ConfigurationSetName": config.configuration_set} if config.configuration_set else {}
        try:
            said = self._client.send_email(
                FromEmailAddress=letter.sender.address,
                Destination={"ToAddresses": [letter.to.address]},
                Content={"Raw": {"Data": letter.raw}},
                EmailTags=[{"Name": "everypost", "Value": letter.reference}],
                **more,
            )
        except Exception as error:  # noqa: BLE001  the library raises errors of many unrelated kinds
            return self._failed(error, letter), type(error).__name__
        id_ = str(said.get("MessageId") or "")
        about = said.get("ResponseMetadata", {})
        answer = Answer(status=200, headers=about.get("HTTPHeaders", {}), body=b"")
        if not id_:
            return verdicts.general(answer, [letter]), ""
        return every([letter], OutcomeKind.ACCEPTED, answer, "", provider_id=id_), ""

    def _failed(self, error: Exception, letter: Letter) -> Reading:
        """Return what an error of the library means."""
        name, words = type(error).__name__, _without(self._config, str(error))
        response: Mapping[str, Any] = getattr(error, "response", None) or {}
        if response.get("Error"):
            return _refused(response, letter, self._config)
        log.warning("provider.call_failed", backend=self.name, cause=name, sent=name not in _NOTHING_SENT)
        silent = Answer(status=0, headers={}, body=b"")
        if name == "ParamValidationError":
            return every([letter], OutcomeKind.UNSENDABLE, silent, words)
        if name in _NOTHING_SENT:
            return verdicts.Reading(
                outcomes=every([letter], OutcomeKind.TEMPORARY, silent, words).outcomes,
                pause=shown_text(words),
            )
        return every([letter], OutcomeKind.UNCERTAIN, silent, words)


def _refused(response: Mapping[str, Any], letter: Letter, config: SesConfig) -> Reading:
    """Return what an answer with an error in it means."""
    error, about = response["Error"], response.get("ResponseMetadata", {})
    code = str(error.get("Code", ""))
    words = _without(config, str(error.get("Message", "")))
    answer = Answer(
        status=int(about.get("HTTPStatusCode", 0)),
        headers=about.get("HTTPHeaders", {}),
        body=json.dumps({"message": f"{code}: {words}"}).encode(),
    )
    lowered = words.lower()
    if code in _REFUSES_US or "not verified" in lowered or "daily" in lowered:
        return paused([letter], answer, f"{code}: {words}")
    return verdicts.general(answer, [letter])


def _without(config: SesConfig, text: str) -> str:
    """Return text without the account's secrets."""
    for secret in filter(None, (config.secret_access_key, config.access_key_id)):
        text = text.replace(secret, "[secret]")
    return text


def _client(config: SesConfig) -> Any:
    """Return the library's client: it never repeats a call by itself, for each one may be a mail."""
    try:
        import boto3  # noqa: PLC0415  an extra, and slow to load
        from botocore.config import Config  # noqa: PLC0415
    except ImportError as error:
        raise ConfigurationError(
            [
                Fault(
                    where="mail.backend",
                    problem='"ses" needs Amazon\'s library, which is not installed',
                    mend='Run: pip install "everypost[ses]"',
                )
            ]
        ) from error
    for library in ("boto3", "botocore", "urllib3"):
        logging.getLogger(library).setLevel(logging.WARNING)  # they tell whoever listens for "debug" all
    return boto3.session.Session().client(
        "sesv2",
        region_name=config.region or None,
        endpoint_url=config.base_url or None,
        aws_access_key_id=config.access_key_id or None,
        aws_secret_access_key=config.secret_access_key or None,
        config=Config(
            connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 1, "mode": "standard"}
        ),
    )
