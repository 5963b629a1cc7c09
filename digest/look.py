"""How the operator wants mails to look: the part of ``model.Publication`` that is taste."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place where the publication can be found besides its site, by a name readers know."""

    name: str  # "Mastodon"
    url: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the operator wants mails to look, beside the accent."""

    logo: str = ""  # absolute https address, for light grounds; empty: the name in letters
    logo_dark: str = ""  # the same for dark grounds; empty: the logo on a light plate
    logo_width: int = 0  # CSS pixels
    logo_height: int = 0  # CSS pixels, at most 40
    headings: str = "serif"  # or "sans"
    thumbnails: bool = True  # small pictures beside the items of a digest
    contents_from: int = 5  # posts from which a digest opens with a list of contents
    intro: str = ""  # stands under the title of every digest whose editor wrote none
    company_number: str = ""  # at the foot, where the law asks a company to name itself
    places: tuple[Place, ...] = ()  # linked to at the foot
