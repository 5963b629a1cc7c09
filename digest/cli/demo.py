"""``digest demo`` and ``digest preview``: the newsletter on this machine, to look at."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from digest.cli.context import Context


def demo(
    *,
    once: Annotated[
        bool,
        typer.Option("--once", help="Play it through, print a summary, and exit (1 if anything is wrong)."),
    ] = False,
) -> None:
    """Show everything on this machine: a sample site, its newsletter, three readers and an inbox.

    Needs no configuration and no network. Prints what it does and the addresses to open.

    \b
    Example:
      digest demo
      digest demo --once
    """
    from digest.app import now_utc
    from digest.cli.logs import configure
    from digest.cli.signals import stop_on_signals
    from digest.demo.run import run_demo
    from digest.web.application import create_app

    configure()
    stop = None
    if not once:
        stop = threading.Event()
        stop_on_signals(stop)
    summary = run_demo(now_utc, create_app, lambda line: print(line, flush=True), stop=stop)
    if summary.faults:
        raise typer.Exit(1)


def preview(
    context: typer.Context,
    *,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 0,
) -> None:
    """Look at the next issue in a browser: HTML and text, desktop and phone, the very bytes to be sent.

    Asks the feeds once, stores nothing and sends nothing. Edits of templates show on reload.

    \b
    Example:
      digest preview --port 8030
    """
    from digest.app import new_secret
    from digest.cli.signals import stop_on_signals
    from digest.preview.samples import Samples
    from digest.preview.server import serve_preview

    obj: Context = context.obj
    stop = threading.Event()
    with obj.app() as app:
        samples = Samples(app)
        server, url = serve_preview(
            samples,
            app.publication.name,
            app.templates,
            port=port,
            token=new_secret()[:24],
            picture=app.picture,
        )
        stop_on_signals(stop)
        print(f"Preview of {app.publication.name}: {url}", flush=True)
        print("Only this machine can open it. Stop with Ctrl-C.", flush=True)
        stop.wait()
        server.close()
