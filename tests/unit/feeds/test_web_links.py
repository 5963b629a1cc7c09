from __future__ import annotations

import pytest

from digest.feeds.web_links import first_of

BASE = "https://blog.example/feed/"


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ('<https://hub.example/>; rel="hub"', "https://hub.example/"),
        ("<https://hub.example/>; rel=hub", "https://hub.example/"),
        ("<https://hub.example/>;REL=HUB;x=1", "https://hub.example/"),
        ('</hub>; title="a, b; rel=self"; rel="hub"', "https://blog.example/hub"),
        ('<https://a.example/>; rel="self", <https://b.example/>; rel="hub"', "https://b.example/"),
        ('<https://b.example/>; rel="alternate hub"', "https://b.example/"),
        ('<https://a.example/>; rel="hub", <https://b.example/>; rel="hub"', "https://a.example/"),
        ('<mailto:hub@b.example>; rel="hub"', ""),
        ("<https://b.example/>", ""),
        ("<https://b.example/>; rel=", ""),
        ("", ""),
    ],
)
def test_the_first_address_of_a_relation_is_found(header: str, address: str) -> None:
    assert first_of(header, "hub", BASE) == address


def test_a_relation_may_be_an_address() -> None:
    header = '<https://blog.example/wp-json/>; rel="https://api.w.org/"'
    assert first_of(header, "https://api.w.org/", BASE) == "https://blog.example/wp-json/"
