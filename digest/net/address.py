"""Which addresses we are willing to talk to: the rules of the guard against server-side request forgery.

Pure: nothing here resolves or connects. A feed's address is typed by an operator, but every redirect is
chosen by a stranger, so both pass through ``split`` before anything is resolved and through ``check``
before anything is connected. Neighbour: ``client`` calls both, for every hop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import idna

from digest.errors import AddressRefused

_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\\u2028\u2029]")  # white space and control characters, back-slash
_USER_INFO = re.compile(r"(?:[a-zA-Z]+:)?[/\\]*[^/\\?#]*@")
_ASCII_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,252})")

# What ``is_global`` misses or has changed its mind about between patch releases of Python. The first
# four carry an IPv4 address inside an IPv6 one, so a private address could hide in them.
_NEVER_PUBLIC = tuple(
    ip_network(block)
    for block in (
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/48",  # local NAT64 (RFC 8215)
        "2002::/16",  # 6to4 (RFC 3056)
        "2001::/32",  # Teredo (RFC 4380)
        "fec0::/10",  # site-local, deprecated (RFC 3879)
        "5f00::/16",  # segment routing identifiers (RFC 9602)
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.88.99.0/24",  # 6to4 relays, deprecated (RFC 7526)
    )
)

AnyAddress = IPv4Address | IPv6Address


@dataclass(frozen=True, kw_only=True)
class Target:
    """An address that is spelled acceptably; where it leads is not known yet."""

    scheme: str  # "http" or "https"
    host: str  # ASCII, lower case, without brackets
    port: int
    url: str  # the whole address with that host and without a fragment


def split(url: str) -> Target:
    """Return the parts of an acceptable web address; raise AddressRefused for any other.

    Only ``http`` and ``https``, no user name or password, no control characters; a host in another
    script is turned into its ASCII form (UTS #46).
    """
    if _USER_INFO.match(url):
        # The address itself is left out of the sentence: it may hold a password.
        raise AddressRefused("An address must hold no user name or password; remove the part before the @.")
    if _UNSAFE.search(url):
        raise AddressRefused(f"The address {url!r} holds a space or control character; write it without.")
    scheme = url.partition(":")[0].lower()
    if scheme not in _DEFAULT_PORTS:
        raise AddressRefused(f"The address {url!r} must begin with http:// or https://.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii_host(parts.hostname or "", url)
    except ValueError as error:
        raise AddressRefused(f"The address {url!r} is misspelled ({error}).") from error
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        netloc += f":{port}"
    query = f"?{parts.query}" if parts.query else ""
    return Target(
        scheme=scheme,
        host=host,
        port=port or _DEFAULT_PORTS[scheme],
        url=f"{scheme}://{netloc}{parts.path or '/'}{query}",
    )


def is_public(ip: AnyAddress) -> bool:
    """Return whether an address belongs to the public internet, and to a single machine there."""
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    return not any(ip in block for block in _NEVER_PUBLIC if block.version == ip.version)


def check(host: str, addresses: Iterable[str], allow_private: bool) -> None:
    """Return only when every address of ``host`` may be connected to; raise AddressRefused otherwise.

    One private address among public ones refuses the host: that mixture is how rebinding looks.
    ``allow_private`` admits loopback and local networks, but never link-local addresses (where clouds
    keep their credentials), multicast or the unspecified address.
    """
    for address in addresses:
        ip = ip_address(address)
        if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        if is_public(ip):
            continue
        if not allow_private:
            raise AddressRefused(
                f"{host} is on a private network; set feeds.allow_private = true to allow it."
            )
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
            raise AddressRefused(f"{host} leads to {ip}, which never holds a feed; correct the address.")


def _ascii_host(host: str, url: str) -> str:
    """Return the host as it goes on the wire; raise AddressRefused or ValueError."""
    if ":" in host:
        return _ip_literal(host, url)
    host = host.rstrip(".")
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii")
    if not _ASCII_HOST.fullmatch(host) or ".." in host:
        raise AddressRefused(f"The address {url!r} names no valid host.")
    return host


def _ip_literal(host: str, url: str) -> str:
    """Return an IPv6 literal in its canonical spelling; raise AddressRefused or ValueError."""
    ip = IPv6Address(host)
    if ip.scope_id is not None:
        raise AddressRefused(f"The host of {url!r} names a network interface; write the address without it.")
    return str(ip)
