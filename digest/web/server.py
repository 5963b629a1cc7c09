"""Runs the public pages until a signal comes."""

from __future__ import annotations

from collections.abc import Sequence

import uvicorn

from digest.net.probe import own_url
from digest.web.application import create_app
from digest.web.site import Site


def serve(site: Site, *, host: str, port: int, proxies: Sequence[str]) -> None:
    """Serve the pages; return after SIGTERM or SIGINT, when open requests are answered.

    Only the named proxies are believed about who asks. There is no access log: paths hold readers' tokens.
    """
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
