"""Where and how mail is handed over by SMTP: plain values, checked when they are made.

Neighbours: ``smtp_connection`` opens what these describe; the settings fill them in.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Final

from digest.errors import ConfigurationError, Fault

_SECURITIES: Final = ("starttls", "tls", "none")


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long to wait for the server, in seconds: the minima of RFC 5321 §4.5.3.2."""

    connect: float = 30.0  # TCP and TLS handshakes; ours, the RFC names none
    banner: float = 300.0
    command: float = 300.0  # EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET
    data: float = 120.0  # from DATA to its 354
    block: float = 180.0  # one block of the body into the socket
    final: float = 600.0  # from the dot to its reply; shorter would double mail
    quit: float = 5.0  # ours: nothing is lost when a goodbye goes unheard


@dataclass(frozen=True, kw_only=True)
class SmtpConfig:
    """Where and how to hand mail over. Refuses to exist where it would send a password in plain text."""

    host: str
    port: int = 587
    security: str = "starttls"  # "starttls" (required and verified), "tls" (from the first byte), "none"
    username: str = ""  # empty: no AUTH
    password: str = field(default="", repr=False)
    local_hostname: str = ""  # what EHLO says; empty: this machine's own name
    timeouts: Timeouts = Timeouts()
    ca_file: str = ""  # PEM file that replaces the system's authorities; empty: the system's
    messages_per_connection: int = 100  # then a fresh connection: many servers end long sessions

    def __post_init__(self) -> None:
        faults = []
        if self.security not in _SECURITIES:
            faults.append(("is unknown", f"Use one of {', '.join(_SECURITIES)}", "security"))
        if self.security == "none" and self.username and not _is_loopback(self.host):
            faults.append(("would send the password unencrypted", 'Use "starttls" or "tls"', "security"))
        if self.username and not self.password:
            faults.append(("is missing beside a user name", "Set DIGEST_SMTP__PASSWORD", "password"))
        if not _is_host_name(self.host):
            faults.append(("is no name or number of a machine", "Write it like smtp.example.org", "host"))
        if not 1 <= self.port <= 65535:
            faults.append((f"cannot be {self.port}", "Use 587, 465 or 25", "port"))
        if faults:
            raise ConfigurationError(
                [
                    Fault(where="the SMTP settings", problem=f"{name} {problem}", mend=f"{mend}.")
                    for problem, mend, name in faults
                ]
            )

    @property
    def where(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host_name(host: str) -> bool:
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False
