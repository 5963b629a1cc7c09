"""What stands in for a slow summariser in rehearsals."""

from __future__ import annotations

from digest.summarisers.deferred import Deferred
from digest.summarisers.extractive import Extractive
from tests.unit.text_makers import make_post

POSTS = [
    make_post(id=1, html="<p>The bus heard 214 claims in its first six weeks on the road.</p>"),
    make_post(id=2, html="<p>Nobody had to travel further than four miles to be heard.</p>"),
]


def test_extracts_stand_in_and_what_was_wanted_is_noted() -> None:
    real = Extractive()
    deferred = Deferred(real)
    assert deferred.summarise_all(POSTS, sentences=2) == real.summarise_all(POSTS, sentences=2)
    assert (
        deferred.summarise_all(POSTS[:1], sentences=1)[0].text == real.summarise(POSTS[0], sentences=1).text
    )
    assert (deferred.name, deferred.asked_once) == (real.name, real.asked_once)
    assert deferred.wanted == [(tuple(POSTS), 2), (tuple(POSTS[:1]), 1)]
