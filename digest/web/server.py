"""Runs the public pages until a signal comes."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import uvicorn

from digest.errors import NotAllowed
from digest.net.probe import own_url
from digest.web.application import create_app
from digest.web.site import Site


def serve(site: Site, *, host: str, port: int, proxies: Sequence[str]) -> None:
    """Serve the pages; return after SIGTERM or SIGINT, when open requests are answered.

    Only the named proxies are believed about who asks. There is no access log: paths hold readers' tokens.
    """
    _refuse_taken(host, port)
    print(f"The public pages answer at {own_url(host, port)}/ (stop with Ctrl-C).", flush=True)  # noqa: T201
    uvicorn.run(
        create_app(site),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=",".join(proxies) or "127.0.0.1",
    )


def _refuse_taken(host: str, port: int) -> None:
    """Raise NotAllowed where somebody else listens there: said before the address is printed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise NotAllowed(
                f"Cannot listen on {host}, port {port} ({error.strerror}): set web.host or web.port, or stop "
                "what listens there."
            ) from error
