"""Facts about a mail that only the network and other programs know: ``digest check --online``."""

from __future__ import annotations

from dataclasses import replace

from digest.net import look
from digest.pipeline.spam_score import spam_score
from digest.quality.elements import links, pictures
from digest.quality.facts import Facts
from digest.quality.leaving import is_personal
from digest.quality.linking import target
from digest.quality.mail import Mail
from digest.quality.picture_rules import source


def gathered(mail: Mail, facts: Facts, user_agent: str, *, allow_private: bool = False) -> Facts:
    """Return the facts with what links, pictures and SpamAssassin answered.

    Links of one reader are not followed: they would be somebody's unsubscribe page.
    """
    asked = [target(link) for link in links(mail) if not is_personal(target(link))]
    shown = [source(picture) for picture in pictures(mail)]
    return replace(
        facts,
        links=look.links(asked, user_agent, allow_private=allow_private),
        pictures=look.pictures(shown, user_agent, allow_private=allow_private),
        spam_score=spam_score(mail.data) if mail.data is not None else None,
    )
