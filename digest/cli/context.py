"""What the global options say, carried to every command as ``context.obj``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
