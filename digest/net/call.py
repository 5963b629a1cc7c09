"""One call of a provider's interface and its answer, as plain values.

Pure. Neighbours: ``exchange`` makes calls; ``providers`` writes them and reads what comes back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, finished: the same bytes each time it is made."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # they hold the secret
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A complete answer of any status, redirects included."""

    status: int
    headers: Mapping[str, str]  # keys in lower case
    body: bytes = field(repr=False)  # decompressed

    def json(self) -> Any:
        """Return what the body says, or None where it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):  # nested ten thousand deep, it is nothing we asked for
            return None
