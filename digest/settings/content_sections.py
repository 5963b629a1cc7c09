"""The settings of what goes into an issue: feeds, pictures, and what an editor changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from digest.feeds.admission import Rules
from digest.settings.section import Section, optional
from digest.settings.values import Line, Tags


class FeedsSection(Section):
    """The site's feeds. `digest feed add` is the usual way to name them."""

    allow_private: bool = optional(False, "Allow feeds on this machine or a private network.")
    poll_minutes: int = optional(
        60,
        "Shortest time between two looks at a feed (minutes); one that posts rarely is asked every 6 hours.",
        ge=5,
        le=1440,
    )
    push: Literal["auto", "on", "off"] = optional(
        "auto",
        "Ask the hubs that feeds name to tell of new posts at once (WebSub). They must reach public_url: "
        '"auto" asks where it is https.',
    )
    contact: Line = optional("", "Address or page named to the site in the User-Agent; empty: public_url.")
    max_megabytes: int = optional(10, "Largest feed accepted, decoded (MB).", ge=1, le=100)
    timeout_s: int = optional(30, "Seconds one request may take in all.", ge=1, le=300)
    no_mail_tags: Tags = optional(
        ("no-mail", "nomail"), "Categories that keep a post out of every mail.", examples=[("internal",)]
    )
    settle_minutes: int = optional(
        0, "Minutes a new post waits for its first corrections before it may be mailed.", ge=0, le=10080
    )

    full_text: bool = optional(
        False,
        "Read the pages of new posts with less than 600 characters in the feed; needs everypost[extract].",
    )
    obey_robots: bool = optional(True, "Read only pages that the site's robots.txt allows.")

    def rules(self) -> Rules:
        """Return which new posts wait or never go."""
        return Rules(no_mail_tags=self.no_mail_tags, settle=timedelta(minutes=self.settle_minutes))


class ImagesSection(Section):
    """The pictures of posts."""

    check: bool = optional(
        True,
        "Look at each picture once before it is mailed: how large it is, and that there is one. A broken, "
        "huge or private one is left out.",
    )
    serve: Literal["remote", "here"] = optional(
        "remote",
        '"remote" shows the site\'s own files; "here" shows JPEG and PNG copies in the right size, from '
        "public_url (WebP and AVIF become visible everywhere); needs everypost[images].",
    )
    folder: Line = optional(
        "pictures",
        'Where "here" keeps its copies; relative to digest.toml. Mails show them for years: keep it like the '
        "database.",
    )
    max_megabytes: int = optional(10, "Largest picture a mail may show (MB).", ge=1, le=50)


class EditorialSection(Section):
    """What the editor changes in the next issues."""

    overrides: Line = optional(
        "overrides.toml",
        "File of titles, summaries, orders and themes that replace ours; relative to digest.toml. It need "
        "not exist; empty: none is read.",
    )
