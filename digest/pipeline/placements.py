"""Sponsors' placements: checked where they enter, so that no issue has to doubt them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from digest.editorial.themes import find
from digest.errors import NotAllowed, UnknownName
from digest.model import Sponsor
from digest.net.address import split
from digest.pipeline.sponsor_report import Report, report, today
from digest.pipeline.tools import Tools
from digest.store import sponsors, themes


@dataclass(frozen=True, kw_only=True)
class Placements:
    """What an operator can do with placements, on these tools."""

    tools: Tools

    def every(self) -> list[Sponsor]:
        """Return every placement."""
        with self.tools.db.read() as conn:
            return sponsors.every(conn)

    def numbered(self) -> list[tuple[int, Sponsor]]:
        """Return every placement with its number."""
        with self.tools.db.read() as conn:
            return sponsors.numbered(conn)

    def remove(self, number: int) -> Sponsor:
        """Delete a placement and return it; raise UnknownName. What was approved with it keeps it."""
        with self.tools.db.transaction() as conn:
            removed = sponsors.remove(conn, number)
        if removed is None:
            raise UnknownName(f"There is no placement {number}: `digest sponsor list` numbers them.")
        return removed

    def report(self, name: str, first: date | None = None, last: date | None = None) -> Report:
        """Return what sponsors got between two days, the last thirty unless told; an empty name for all.

        Raises UnknownName.
        """
        until = last or today(self.tools)
        return report(self.tools, name, first or until - timedelta(days=30), until)

    def keep(self, placement: Sponsor) -> None:
        """Store a placement as it is (the demonstration's)."""
        with self.tools.db.transaction() as conn:
            sponsors.add(conn, placement)

    def place(
        self,
        *,
        name: str,
        text: str,
        link: str,
        link_text: str,
        theme: str,
        starts_on: date,
        ends_on: date,
        label: str = "",
    ) -> Sponsor:
        """Store a placement and return it.

        Raises AddressRefused for a link that is not http(s), UnknownName for an unknown theme, and
        NotAllowed where the days are the wrong way round or another placement has the slot on one of them.
        """
        split(link)
        if ends_on < starts_on:
            raise NotAllowed(f"The last day ({ends_on}) is before the first ({starts_on}).")
        with self.tools.db.transaction() as conn:
            known = themes.every(conn)
            found = find(theme, known) if theme else None
            if theme and found is None:
                names = ", ".join(one.name for one in known if one.shown) or "none yet"
                raise UnknownName(f"There is no theme {theme!r}. Known themes: {names}.")
            placed = Sponsor(
                name=name,
                text=text,
                link=link,
                link_text=link_text,
                theme_key=found.key if found else "",
                starts_on=starts_on,
                ends_on=ends_on,
                label=label,
            )
            for other in sponsors.every(conn):
                if (
                    other.theme_key == placed.theme_key
                    and other.starts_on <= ends_on
                    and starts_on <= other.ends_on
                ):
                    raise NotAllowed(
                        f"{other.name} has that slot from {other.starts_on} to {other.ends_on}."
                        " Choose other days."
                    )
            sponsors.add(conn, placed)
        return placed
