"""What a single setting may hold: one checked type per kind of value.

Every check answers with the value to use, or refuses in two parts: what is wrong, as a clause that follows
the setting's name, and what to write instead. ``faults`` turns the two into a Fault that says where.
Neighbours: ``schema`` builds its sections of these types.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date, time
from difflib import get_close_matches
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, Strict
from pydantic_core import PydanticCustomError

from digest.cadence.due import WEEKDAYS
from digest.delivery.lanes import OPERATORS, lane_of

REFUSED = "refused"  # the error type of every refusal made here
MIN_KEY_BYTES = 16  # 128 bits: below that, signatures and address hashes can be guessed

_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg", "postgres")


def refuse(problem: str, mend: str) -> NoReturn:
    """Refuse a value: what is wrong, as a clause after the setting's name, and what to write instead."""
    # In pydantic's own form, so that it goes on and collects the faults of the other settings too.
    raise PydanticCustomError(REFUSED, "{problem}", {"problem": problem, "mend": mend})


def _line(value: str) -> str:
    """Return one line of text without surrounding space."""
    if any(not character.isprintable() for character in value):
        refuse("holds a line break or another control character", "Write it as one plain line")
    return value.strip()


def _name(value: str) -> str:
    """Return one line of text that says something."""
    line = _line(value)
    if not line:
        refuse("is empty", "Write the name that readers know")
    return line


def _url(value: str) -> str:
    """Return an absolute web address; empty stays empty."""
    if not value:
        return value
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or " " in value or not value.isprintable():
        refuse(f"is no web address: “{value}”", "Write it whole, starting with https:// or http://")
    if "@" in parts.netloc:
        refuse("holds a user name or password", "Write the address without it")
    return value


def _secure_url(value: str) -> str:
    """Return an absolute https address; empty stays empty. Mail programs show no picture from http."""
    if value and not _url(value).startswith("https://"):
        refuse(f"is not an https address: “{value}”", "Write it whole, starting with https://")
    return value


def _some_url(value: str) -> str:
    """Return an absolute web address, never empty."""
    if not value:
        refuse("is empty", "Write a whole address, such as https://example.org")
    return _url(value)


def _base_url(value: str) -> str:
    """Return a web address to which paths can be added: without a slash at its end."""
    url = _some_url(value)
    if urlsplit(url).query or urlsplit(url).fragment:
        refuse(f"ends in a query or fragment: “{value}”", "Write the address up to the ? or #")
    return url.rstrip("/")


def _optional_base_url(value: str) -> str:
    """Return a web address to which paths can be added; empty stays empty."""
    return _base_url(value) if value else value


def _address(value: str) -> str:
    """Return a mail address; empty stays empty.

    A plausible shape is enough for addresses that an operator types: ``subscribers.address`` is the home of
    the full rules, for addresses that strangers type.
    """
    if value and not re.fullmatch(r"[^\s@<>,;:\"()\[\]\\]+@[^\W_]([\w.-]*[^\W_])?", value):
        refuse(f"is no mail address: “{value}”", "Write the address alone, such as news@example.org")
    return value


def _some_address(value: str) -> str:
    """Return a mail address, never empty."""
    if not value:
        refuse("is empty", "Write a mail address, such as news@example.org")
    return _address(value)


def _zone(value: str) -> str:
    """Return the name of a time zone this machine knows."""
    known = available_timezones()
    if value in known:
        return value
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(known)}
    near = get_close_matches(value, known, n=1) or [
        cities[city] for city in get_close_matches(value, cities, n=1)
    ]
    hint = f"Did you mean “{near[0]}”?" if near else "Write an IANA name, such as “Europe/London”"
    refuse(f"is no time zone: “{value}”", hint)


def _language(value: str) -> str:
    """Return a language tag of plausible shape (BCP 47)."""
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
        refuse(f"is no language tag: “{value}”", "Write one such as “en”, “de” or “pt-BR”")
    return value


def _colour(value: str) -> str:
    """Return a colour as #RRGGBB."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        refuse(f"is no colour: “{value}”", "Write # and six hex digits, such as #0F4C5C")
    return value.upper()


def _list_id(value: str) -> str:
    """Return a List-Id (RFC 2919 §2: words parted by dots, at most 255 octets); empty stays empty."""
    if value and (len(value) > 255 or not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+", value)):
        refuse(f"is no list identifier: “{value}”", "Write one such as newsletter.example.org")
    return value


def _clock_time(value: Any) -> time:
    """Return a time of day from ``07:00``."""
    if isinstance(value, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        hour, minute = value.split(":")
        return time(int(hour), int(minute))
    if type(value) is time and value.tzinfo is None:  # TOML has times of its own: 07:00:00
        return value
    refuse(f"is no time of day: “{value}”", "Write hours and minutes, such as “07:00”")


def _weekly(value: Any) -> tuple[int, time]:
    """Return a weekday (Monday is 0) and a time of day from ``sunday 07:00``."""
    day, _, at = str(value).strip().partition(" ")
    if day.lower() not in WEEKDAYS:
        near = get_close_matches(day.lower(), WEEKDAYS, n=1, cutoff=0.5)
        start = f"Did you mean “{near[0]} {at.strip() or '07:00'}”?" if near else ""
        refuse(f"does not start with a weekday: “{value}”", start or "Write such as “sunday 07:00”")
    return WEEKDAYS.index(day.lower()), _clock_time(at.strip())


def _monthly(value: Any) -> tuple[int, time]:
    """Return a day of the month and a time of day from ``1 07:00``."""
    day, _, at = str(value).strip().partition(" ")
    if not re.fullmatch(r"[1-9]|1\d|2[0-8]", day):
        refuse(
            f"does not start with a day from 1 to 28: “{value}”",
            "Write such as “1 07:00”",
        )
    return int(day), _clock_time(at.strip())


def _day(value: Any) -> date:
    """Return a calendar day, written as TOML's own date or as text."""
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        refuse(f"is no date: “{value}”", "Write year, month and day, such as “2026-01-04”")


def _network(value: str) -> str:
    """Return the address of a machine or network."""
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        refuse(f"holds no IP address or network: “{value}”", "Write such as 10.0.0.1 or 10.0.0.0/8")


def _api_url(value: str) -> str:
    """Return the address of a provider's interface: keys are shown there, so by https, or on this machine."""
    url = _base_url(value) if value else value
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        refuse(f"would show the key to everybody on the way: “{value}”", "Write https:// before it")
    return url


def _some_api_url(value: str) -> str:
    """Return the address of a provider's interface, never empty."""
    if not value:
        refuse("is empty", "Write a whole address, or remove the setting")
    return _api_url(value)


def _dns_name(value: str) -> str:
    """Return a name as the DNS spells it (RFC 1035 §2.3.1, underscores too), in lower case, or nothing."""
    name = value.lower()
    if name and (len(name) > 253 or not re.fullmatch(rf"{_LABEL}(\.{_LABEL})*", name)):
        mend = "Write letters, digits and hyphens, parted by dots; an international one as xn--…"
        refuse(f"is no name of the DNS: “{value}”", mend)
    return name


_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"


BACKENDS = (
    "smtp",
    "sendmail",
    "maildir",
    "file",
    "ses",
    "resend",
    "brevo",
    "postmark",
    "mailgun",
    "sendgrid",
    "sparkpost",
    "mailjet",
)


def _some_backend(value: str) -> str:
    """Return the name of a backend."""
    if value in BACKENDS or re.fullmatch(r"anymail:[a-z][a-z_]{1,15}", value):
        return value
    near = get_close_matches(value.lower(), BACKENDS, n=1)
    names = ", ".join(f'"{name}"' for name in BACKENDS)
    hint = f'Did you mean "{near[0]}"?' if near else f'Write one of {names} or "anymail:" and a name'
    refuse(f"names no backend: “{value}”", hint)


def _command(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command that takes a mail: a program and its arguments, the reader's address among them."""
    if not value:
        refuse("is empty", "Write the program and its arguments as a list")
    if not any("{to}" in part for part in value[1:]):
        refuse("does not say where the reader's address goes", 'Write "{to}" as its last argument')
    unknown = [mark for part in value for mark in re.findall(r"\{.*?\}", part) if mark not in _MARKS]
    if unknown:
        refuse(f"holds {unknown[0]}, which stands for nothing", 'Only "{from}" and "{to}" are replaced')
    return value


_MARKS = ("{from}", "{to}")


def _lane_numbers(value: dict[str, int]) -> dict[str, int]:
    """Return numbers by lane: operators by their names, other lanes by their domains."""
    for name, number in value.items():
        if "." not in name and name not in OPERATORS:
            near = get_close_matches(name.lower(), OPERATORS, n=1)
            names = ", ".join(sorted(OPERATORS))
            hint = f"Did you mean {near[0]}?" if near else f"Write a domain in quotes, or one of {names}"
            refuse(f"names no operator: “{name}”", hint)
        lane = name if name in OPERATORS else lane_of(name)
        if lane != name:
            refuse(f"names “{name}”, whose mail goes by the lane {lane}", f"Write {lane}")
        if number < 1:
            refuse(f"gives {name} {number}", "Write at least 1, or leave it out")
    return value


def _backend(value: str) -> str:
    """Return the name of a backend; empty stays empty."""
    return _some_backend(value) if value else value


def _database_url(value: SecretStr) -> SecretStr:
    """Return the address of a database we can use. It may hold a password and is never shown."""
    scheme, separator, rest = value.get_secret_value().partition("://")
    if not separator or scheme not in _DATABASES or not rest.strip("/"):
        refuse(
            "is no address of a database that can be used",
            "Write sqlite:///digest.db or postgresql://user@host/name",
        )
    return value


def _key(value: SecretStr) -> SecretStr:
    """Return a key as hex digits, at least 128 bits of it. It is never shown."""
    try:
        strong = len(bytes.fromhex(value.get_secret_value())) >= MIN_KEY_BYTES
    except ValueError:
        strong = False
    if not strong:
        refuse("is no key of at least 32 hex digits", "Make one with `openssl rand -hex 32`")
    return value


def _key_ids(keys: dict[str, SecretStr]) -> dict[str, SecretStr]:
    """Return token keys, at least one, each under an id that is safe inside a link."""
    if not keys:
        refuse("is empty", 'Write at least one key: token_keys = { k1 = "…" }')
    for key_id in keys:
        if not re.fullmatch(r"[a-z0-9]{1,8}", key_id):
            refuse(f"names a key “{key_id}”", "Use lower-case letters and digits, at most 8: k1, k2, k3")
    return keys


Line = Annotated[str, AfterValidator(_line)]
Name = Annotated[str, AfterValidator(_name)]
Url = Annotated[str, AfterValidator(_url)]
SecureUrl = Annotated[str, AfterValidator(_secure_url)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
OptionalBaseUrl = Annotated[str, AfterValidator(_optional_base_url)]
MailAddress = Annotated[str, AfterValidator(_address)]
SomeMailAddress = Annotated[str, AfterValidator(_some_address)]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(_language)]
ApiUrl = Annotated[str, AfterValidator(_api_url)]
SomeApiUrl = Annotated[str, AfterValidator(_some_api_url)]
SomeBackend = Annotated[str, AfterValidator(_some_backend)]
Backend = Annotated[str, AfterValidator(_backend)]
DnsName = Annotated[str, AfterValidator(_dns_name)]
Colour = Annotated[str, AfterValidator(_colour)]
ListId = Annotated[str, AfterValidator(_list_id)]
SomeUrl = Annotated[str, AfterValidator(_some_url)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Weekly = Annotated[tuple[int, time], BeforeValidator(_weekly)]
Monthly = Annotated[tuple[int, time], BeforeValidator(_monthly)]
Day = Annotated[date, BeforeValidator(_day)]
Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
# TOML has lists, and strictly speaking a list is no tuple.
Tags = Annotated[tuple[Annotated[str, AfterValidator(_name)], ...], Strict(False)]
Command = Annotated[
    tuple[Annotated[str, AfterValidator(_name)], ...], AfterValidator(_command), Strict(False)
]
LaneNumbers = Annotated[dict[str, int], AfterValidator(_lane_numbers)]
Places = dict[Name, SomeUrl]  # the name readers know a place by, and its address
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], Strict(False)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
Key = Annotated[SecretStr, AfterValidator(_key)]
TokenKeys = Annotated[dict[str, Key], AfterValidator(_key_ids)]
