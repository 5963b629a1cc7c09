"""Every error Everypost raises on purpose, in one tree.

    EverypostError
    ├── TemporaryError            try again later; nothing was lost
    │   ├── FetchFailed           a feed did not answer usefully (``cause`` names how)
    │   ├── DatabaseBusy          another process holds the database, or it cannot be reached
    │   ├── CallFailed            a call of a provider's interface brought no answer (``sent``: it may count)
    │   ├── MailboxUnavailable    the mailbox that bounces come to cannot be read right now
    │   └── BackendUnavailable    the mail server or provider cannot be used right now
    ├── PermanentError            trying again without a change will fail again
    │   ├── AddressRefused        a URL or host we will not talk to
    │   ├── NotAFeed              the answer is no feed (``reason`` says what it is)
    │   ├── TemplateFault         a template is missing, broken or names something undefined
    │   ├── GateRefused           a finished mail breaks rules that keep it from being sent
    │   ├── UnsafeHeader          a header value could smuggle another header
    │   ├── SchemaTooNew          a newer Everypost has upgraded this database
    │   ├── UnknownName           no feed, issue, post or subscriber of that name
    │   └── NotAllowed            the state of things forbids what was asked
    └── AlreadyRunning            another process holds the run lock

    ConfigurationError            stands outside the tree on purpose: code that forgives
                                  a failed send must never forgive a wrong configuration

Errors carry facts as attributes; ``str(error)`` is one sentence fit for an operator: what is wrong,
where, and what to do. They never hold a secret. Library errors are wrapped once, at the edge that
met them, and kept as ``__cause__``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def in_one_line(error: BaseException) -> str:
    """Return a foreign error by its type and first line, for logs and operators.

    The first line alone: a database writes the row it refused on the next ones, and rows hold addresses.
    """
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0].rstrip('.')}" if lines else type(error).__name__


class EverypostError(Exception):
    """The base of everything the pipeline may handle."""


class TemporaryError(EverypostError):
    """Try again later; nothing was lost."""


class PermanentError(EverypostError):
    """Trying again without a change will fail again."""


class FetchFailed(TemporaryError):
    """A feed did not answer usefully; the last good state is kept.

    ``cause`` is one stable word for logs and ``digest feed show`` (``timeout``, ``http_404``,
    ``too_large`` …); ``retry_after_s`` is what the server asked for, in seconds.
    """

    def __init__(self, message: str, *, cause: str, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.retry_after_s = retry_after_s


class DatabaseBusy(TemporaryError):
    """Another process holds the database, or it cannot be reached; nothing was changed."""


class CallFailed(TemporaryError):
    """A call of a provider's interface brought no usable answer.

    ``sent`` is false where not one byte of the request went out: then it certainly had no effect. ``cause``
    is one stable word (``unresolved``, ``refused``, ``tls``, ``timeout``, ``too_large``, ``protocol``).
    """

    def __init__(self, message: str, *, cause: str, sent: bool) -> None:
        super().__init__(message)
        self.cause = cause
        self.sent = sent


class BackendUnavailable(TemporaryError):
    """The mail server or provider cannot be used right now; no recipient is to blame.

    ``operator_must_act`` is true where waiting will not help (refused credentials, a certificate
    that does not verify): the lane pauses and says so. ``retry_after_s`` is what the far side asked for, in
    seconds; 0 where it named nothing.
    """

    def __init__(self, message: str, *, operator_must_act: bool = False, retry_after_s: int = 0) -> None:
        super().__init__(message)
        self.operator_must_act = operator_must_act
        self.retry_after_s = retry_after_s


class MailboxUnavailable(TemporaryError):
    """The mailbox that bounces come to cannot be read right now; what is in it stays there."""


class AddressRefused(PermanentError):
    """A URL or host that Everypost will not talk to (scheme, private network, spelling)."""


class NotAFeed(PermanentError):
    """The answer could not be read as RSS, Atom or JSON Feed; ``reason`` says what it is."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class TemplateFault(PermanentError):
    """A template is missing, broken, or names something undefined; ``template`` and ``line`` say where."""

    def __init__(self, message: str, *, template: str, line: int | None = None) -> None:
        super().__init__(message)
        self.template = template
        self.line = line


class GateRefused(PermanentError):
    """The gate refuses a finished mail; ``rules`` names the rules it breaks."""

    def __init__(self, message: str, *, rules: Sequence[str]) -> None:
        super().__init__(message)
        self.rules = tuple(rules)


class UnsafeHeader(PermanentError):
    """A header value holds a line break or another control character; ``header`` names it."""

    def __init__(self, message: str, *, header: str) -> None:
        super().__init__(message)
        self.header = header


class SchemaTooNew(PermanentError):
    """A newer Everypost has upgraded this database; this one must not write to it."""


class UnknownName(PermanentError):
    """There is no feed, issue, post or subscriber of that name."""


class NotAllowed(PermanentError):
    """The state of things forbids what was asked; the message says what to do instead."""


class AlreadyRunning(EverypostError):
    """Another process holds the run lock: exit code 3, and nothing was touched."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with the configuration."""

    where: str  # "digest.toml, line 12" or "environment variable DIGEST_SMTP__PORT"
    problem: str  # what is wrong, in one clause
    mend: str  # what to write instead

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}. {self.mend}"


class ConfigurationError(Exception):
    """Every fault found in the configuration, all at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
