from __future__ import annotations

import pytest

from digest.feeds.gap import no_overlap
from digest.feeds.identity import Recognised
from digest.model import FoundPost


def seen(*post_ids: int | None) -> list[Recognised]:
    found = FoundPost(guid="g", link="", title="t")
    return [Recognised(found=found, post_id=post_id, new_aliases=()) for post_id in post_ids]


@pytest.mark.parametrize(
    ("post_ids", "missed"),
    [((), False), ((None,), False), ((None, None), True), ((None, 7), False), ((7, 8), False)],
)
def test_posts_may_be_missed_when_nothing_in_the_window_is_known(
    post_ids: tuple[int | None, ...], missed: bool
) -> None:
    assert no_overlap(seen(*post_ids)) is missed
