"""The section of digest.toml about how mails look.

Neighbours: ``schema`` puts the sections together, ``digest.look`` is what the rest of the program knows.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from digest.look import Look, Place
from digest.settings.section import Section, optional
from digest.settings.values import Line, Places, SecureUrl, refuse


class LookSection(Section):
    """How mails look, beside the accent. `digest look show` tells what becomes of the colour."""

    logo: SecureUrl = optional("", "Picture in place of the name at the top (https); empty: the name.")
    logo_dark: SecureUrl = optional("", "The same for dark mode; empty: the logo on a light plate.")
    logo_width: int = optional(0, "Width at which the logo is shown (pixels).", ge=0, le=400)
    logo_height: int = optional(0, "Height at which the logo is shown (pixels).", ge=0, le=40)
    headings: Literal["serif", "sans"] = optional("serif", 'Face of headlines: "serif" or "sans".')
    thumbnails: bool = optional(True, "Show small pictures beside the posts of a digest.")
    contents_from: int = optional(
        5, "Posts from which a digest opens with a list of contents; 0 for never.", ge=0, le=20
    )
    intro: Line = optional("", "One to three sentences under the title of digests whose editor wrote none.")
    company_number: Line = optional(
        "", "Registration of the company, at the foot of every mail: “Registered in England, no. 01234567”."
    )
    places: Places = optional(
        {}, 'Where else you can be found, linked to at the foot: { Mastodon = "https://…" }.'
    )

    @model_validator(mode="after")
    def _sized(self) -> LookSection:
        """Refuse a logo without its size: mail programs would show it as large as the file is."""
        if self.logo and not (self.logo_width and self.logo_height):
            refuse("has a logo without a size", "Write logo_width and logo_height (at most 40) in pixels")
        return self

    def value(self) -> Look:
        """Return the look as every other module knows it."""
        places = tuple(Place(name=name, url=url) for name, url in self.places.items())
        return Look(**self.model_dump(exclude={"places"}), places=places)
