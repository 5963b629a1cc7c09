"""Does an address of our own answer? Asked before readers are mailed links to it."""

from __future__ import annotations

from digest.errors import AddressRefused, FetchFailed
from digest.net.client import Client, Limits

_LIMITS = Limits(total_s=10.0, connect_s=5.0, max_bytes=65_536, max_hops=0, allow_private=True)
"""The operator's own address may well be on this machine."""


_ANY_TO_OWN = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to ask at, not to listen on
"""Who listens on every address of this machine answers on its own one; the first cannot be asked."""


def own_url(host: str, port: int) -> str:
    """Return the URL, without a path, at which a server that listens on this host is asked from here."""
    host = _ANY_TO_OWN.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def silence(url: str, user_agent: str) -> str:
    """Return why a GET of the address did not answer 200, in a few words; empty when it did."""
    try:
        with Client(_LIMITS, user_agent) as client:
            reply = client.get(url)
    except (AddressRefused, FetchFailed) as error:
        return str(error)
    return "" if reply.status == 200 else f"{url} answered {reply.status}"
