"""What operators do with readers: ask one to confirm, bring in and take out files, list.

Neighbours: ``readers`` is what one reader can do, ``readers_csv`` deals with whole files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from digest.errors import UnknownName
from digest.model import Theme
from digest.pipeline import asking_again, moving
from digest.pipeline.reader_story import ReaderStory, why_reader
from digest.pipeline.readers import Readers
from digest.pipeline.readers_csv import ImportReport, bring_in, take_out
from digest.store.engine import Transactions
from subscribers import store as people
from subscribers.model import Cadence, Status, Subscriber


@dataclass(frozen=True, kw_only=True)
class ReaderDesk:
    """The operator's actions on readers, with what they need."""

    database: Transactions
    readers: Readers
    themes: Callable[[], Sequence[Theme]]  # every theme, hidden and merged ones too

    def invite(
        self, email: str, *, name: str, cadence: Cadence, themes: Sequence[str], operator: str
    ) -> None:
        """Ask one person to confirm; ``operator`` asked for them, which their proof of consent will say.

        Raises BadAddress, and UnknownName for a theme nobody knows.
        """
        keys = self._theme_keys()
        unknown = [theme for theme in themes if theme.lower() not in keys]
        if unknown:
            known = ", ".join(theme.name for theme in self.themes() if theme.shown) or "none yet"
            raise UnknownName(f"There is no theme {unknown[0]!r}. Known themes: {known}.")
        self.readers.subscribe(
            email=email,
            name=name,
            cadence=cadence,
            themes=frozenset(keys[theme.lower()] for theme in themes),
            shown=f"Typed in by {operator}.",
            source="digest subscriber add",
        )

    def ask_again(self, email: str) -> datetime:
        """Ask a reader whether they still want mail; return until when they can answer."""
        return asking_again.ask(self.readers, email)

    def move(self, old: str, new: str) -> Subscriber:
        """Ask the owner of a new address whether a reader's mail may come there; return who waits."""
        return moving.ask(self.readers, old, new)

    def import_readers(
        self,
        data: bytes,
        *,
        file_name: str,
        proof: str,
        invite: bool,
        advance: Callable[[int, int], None] = lambda _count, _total: None,
    ) -> ImportReport:
        """Bring in a CSV file of readers. Raises BadFile before anything is stored."""
        return bring_in(
            self.readers,
            data,
            file_name=file_name,
            proof=proof,
            theme_keys=self._theme_keys(),
            invite=invite,
            advance=advance,
        )

    def export_readers(self, out: TextIO, *, status: Status | None, cadence: Cadence | None) -> int:
        """Write readers as CSV and return how many."""
        return take_out(self.readers, out, status=status, cadence=cadence)

    def why(self, email: str) -> ReaderStory:
        """Return why an address gets mail or does not. Raises BadAddress, and UnknownName."""
        return why_reader(self.readers, email)

    def subscribers(
        self, *, status: Status | None, cadence: Cadence | None, contains: str, limit: int, after_id: int
    ) -> list[Subscriber]:
        """Return readers, oldest first."""
        with self.database.read() as conn:
            return people.listing(
                conn, status=status, cadence=cadence, contains=contains, limit=limit, after_id=after_id
            )

    def _theme_keys(self) -> dict[str, str]:
        """Return theme names and keys, lower-case, to keys; a merged theme's lead to what it is part of."""
        leads = {
            theme: theme.merged_into or theme.key for theme in reversed(self.themes()) if not theme.hidden
        }
        by_name = {theme.name.lower(): key for theme, key in leads.items()}
        return by_name | {theme.key: key for theme, key in leads.items()}
