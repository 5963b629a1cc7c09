"""The sections on how fast mail goes, and what follows a lost reply.

Neighbour: ``schema`` puts the sections together.
"""

from __future__ import annotations

from typing import Literal

from digest.delivery.lanes import Limits
from digest.settings.section import Section, optional
from digest.settings.values import LaneNumbers


class DeliverySection(Section):
    """How mail is handed over."""

    on_uncertain: Literal["resend", "hold"] = optional(
        "resend",
        "After a lost reply: send once more, flagged, or hold for the operator (no duplicates).",
    )
    warm_up: bool = optional(
        False,
        "For a domain or a machine that has not sent before: at most 50 issue mails on the first day, 15 % "
        "more on each next one; the others wait. It begins with `digest go-live`, or the first mail.",
    )


class LanesSection(Section):
    """How fast mail goes to each operator of mailboxes; to one that is not named, as fast as it is taken."""

    per_minute: LaneNumbers = optional(
        {}, "Mails a minute, by operator (gmail, outlook, yahoo …) or domain: { gmail = 600 }."
    )
    at_once: LaneNumbers = optional(
        {}, "Connections that may carry mail for it at the same time: { gmail = 2 }."
    )

    def limits(self) -> Limits:
        """Return them as the lanes' rules take them."""
        return Limits(per_minute=self.per_minute, at_once=self.at_once)
