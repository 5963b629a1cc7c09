"""What the global options say, carried to every command as ``context.obj``."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.app import App
    from digest.settings.schema import Settings


@dataclass(frozen=True, kw_only=True)
class Context:
    """The global options."""

    config: Path  # --config, DIGEST_CONFIG or ./digest.toml; it may not exist

    def settings(self) -> Settings:
        """Return the checked settings; raise ConfigurationError with every fault."""
        import os

        from digest.settings.load import load

        return load(self.config, os.environ)

    def app(self, stopping: Callable[[], bool] = lambda: False, *, log: str = "warning") -> App:
        """Return the opened installation; raise ConfigurationError with every fault.

        ``log`` is the level that is logged unless DIGEST_LOG names another: a daemon tells more.
        """
        from digest.app import App
        from digest.cli.logs import configure

        configure(log)
        return App(self.settings(), stopping=stopping)


def operator_name() -> str:
    """Return the login name of whoever types; some containers have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "the operator"
