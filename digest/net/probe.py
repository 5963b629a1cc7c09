"""Does an address of our own answer? Asked before readers are mailed links to it."""

from __future__ import annotations

from digest.errors import AddressRefused, FetchFailed
from digest.net.client import Client, Limits

_LIMITS = Limits(total_s=10.0, connect_s=5.0, max_bytes=65_536, max_hops=0, allow_private=True)
"""The operator's own address may well be on this machine."""


def silence(url: str, user_agent: str) -> str:
    """Return why a GET of the address did not answer 200, in a few words; empty when it did."""
    try:
        with Client(_LIMITS, user_agent) as client:
            reply = client.get(url)
    except (AddressRefused, FetchFailed) as error:
        return str(error)
    return "" if reply.status == 200 else f"{url} answered {reply.status}"
