"""The frame around every command: the tree of commands, global options, exit codes.

A command is a function in a module of its own noun that imports what it needs inside, so that ``digest
--help`` stays quick. It prints what a person asked for, and raises what went wrong: ``main`` alone turns
errors into a line on stderr and an exit code. Neighbours: ``output`` prints, ``context`` carries the global
options.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from digest.cli import (
    accounts,
    feeds,
    fuses,
    issues,
    llm,
    look,
    mailbox,
    posts,
    provider,
    running,
    sponsors,
    subscribers,
    templates,
    themes,
    why,
)
from digest.cli.chaos import chaos
from digest.cli.check import check
from digest.cli.context import Context
from digest.cli.demo import demo, preview
from digest.cli.init import init
from digest.cli.summarise import summarise
from digest.errors import AlreadyRunning, ConfigurationError, EverypostError, in_one_line
from subscribers.errors import SubscriberError

DONE, FAILED, WRONG_USE, ALREADY_RUNNING = 0, 1, 2, 3
INTERRUPTED = 130  # 128 + SIGINT, as shells count it

app = typer.Typer(
    name="digest",
    help="Turns a site's new posts into the mail its readers asked for.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 already running.",
    rich_markup_mode=None,  # plain lines: they pipe, grep and read aloud
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("init")(init)
app.command("demo")(demo)
app.command("chaos")(chaos)
app.command("run")(running.run)
app.command("serve")(running.serve)
app.command("web")(running.web)
app.command("preview")(preview)
app.command("check")(check)
app.command("status")(running.status)
app.command("summarise")(summarise)
app.command("go-live")(running.go_live)
app.command("warm-up")(running.warm_up)
app.command("pause")(running.pause)
app.command("resume")(running.resume)
app.command("report")(accounts.report)
app.command("recover")(accounts.recover)
app.add_typer(feeds.app, name="feed")
app.add_typer(posts.app, name="post")
app.add_typer(fuses.app, name="fuse")
app.add_typer(issues.app, name="issue")
app.add_typer(subscribers.app, name="subscriber")
app.add_typer(sponsors.app, name="sponsor")
app.add_typer(provider.app, name="provider")
app.add_typer(llm.app, name="llm")
app.add_typer(mailbox.app, name="mailbox")
app.add_typer(themes.app, name="theme")
app.add_typer(look.app, name="look")
app.add_typer(templates.app, name="template")
app.add_typer(why.app, name="why")


def _print_version(wanted: bool) -> None:
    if wanted:
        try:
            print(f"everypost {version('everypost')}")
        except PackageNotFoundError:
            print("everypost, run from its source without being installed")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path,
        typer.Option(envvar="DIGEST_CONFIG", metavar="FILE", help="The configuration file."),
    ] = Path("digest.toml"),
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Turns a site's new posts into the mail its readers asked for."""
    context.obj = Context(config=config)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Errors become one line on stderr, never a traceback.

    With DIGEST_DEBUG=1 the traceback is printed as well.
    """
    try:
        app(args=arguments, prog_name="digest")
    except SystemExit as stop:  # how Typer ends, wrong use included
        return stop.code if isinstance(stop.code, int) else FAILED
    except KeyboardInterrupt:
        print("digest: stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `digest … | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:  # noqa: BLE001  # the last line before the operator
        if os.environ.get("DIGEST_DEBUG") == "1":
            traceback.print_exception(error)
        for line in told(error):
            print(f"digest: {line}", file=sys.stderr)
        return exit_code(error)
    return DONE


def exit_code(error: Exception) -> int:
    """Return the exit code that stands for an error."""
    if isinstance(error, ConfigurationError):
        return WRONG_USE
    return ALREADY_RUNNING if isinstance(error, AlreadyRunning) else FAILED


_WANT_OF_MEMORY = (
    "There was not enough memory to go on; what was done is kept. Give the process more (300 MB is plenty), "
    "or lower smtp.connections, and run the command again."
)


def _is_want_of_memory(error: Exception) -> bool:
    wanted = isinstance(error, OSError) and error.errno == errno.ENOMEM
    return wanted or isinstance(error, MemoryError) or "can't start new thread" in str(error)


def told(error: Exception) -> list[str]:
    """Return an error in lines fit for an operator."""
    if isinstance(error, ConfigurationError):
        return [str(fault) for fault in error.faults]
    if isinstance(error, EverypostError | SubscriberError):
        return [str(error)]
    if _is_want_of_memory(error):
        return [_WANT_OF_MEMORY]
    if isinstance(error, OSError) and error.filename:
        return [f"{error.filename}: {error.strerror}"]
    advice = (
        "This is a fault in Everypost: run the command again with DIGEST_DEBUG=1 and report what it prints."
    )
    return [f"{in_one_line(error)}. {advice}"]
