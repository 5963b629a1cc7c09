"""``python -m digest`` is ``digest``."""

from __future__ import annotations

import sys

from digest.cli.frame import main

sys.exit(main())
