"""The command line: ``digest``. ``digest.cli:main`` is the console script."""

from digest.cli.frame import main

__all__ = ["main"]
