"""The command line: ``digest``. The console script is ``digest.cli.frame:main``."""
