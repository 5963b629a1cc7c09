"""feed_credentials: four forms, each refused by name and never by its secret."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from digest.errors import ConfigurationError
from digest.net.credentials import Credential
from digest.settings.load import check, parse_variable
from digest.settings.sources import Sources

URL = "https://blog.example/feed"


def logins(given: Any) -> tuple[Credential, ...]:
    values = {
        "publication": {"name": "P", "site_url": "https://b.example", "public_url": "https://n.example"},
        "mail": {"from_address": "a@b.example", "operator_address": "o@b.example"},
        "secrets": {"token_keys": {"k1": "a1" * 32}, "address_key": "b2" * 32, "feed_credentials": given},
    }
    return check(Sources(values=values)).secrets.feed_credentials


def refusal(given: Any) -> str:
    with pytest.raises(ConfigurationError) as refused:
        logins(given)
    assert "hunter2" not in str(refused.value)
    return refused.value.faults[0].problem


def test_four_ways_to_log_in() -> None:
    basic, bearer, header, query = logins(
        {
            f"{URL}/1": {"username": "ann", "password": "pässword"},
            f"{URL}/2": {"bearer": "abc"},
            f"{URL}/3": {"header": "X-Token: a b"},
            f"{URL}/4": {"query": "?key=a%20b&v=2"},
        }
    )
    token = b64encode("ann:pässword".encode()).decode()
    assert basic.headers == (("Authorization", f"Basic {token}"),)
    assert bearer.headers == (("Authorization", "Bearer abc"),)
    assert header.headers == (("X-Token", "a b"),)
    assert query.query == "key=a%20b&v=2"
    assert set(query.secrets) == {"a%20b", "a b", "2"}
    assert [login.kind for login in (basic, bearer, header, query)] == ["basic", "bearer", "header", "query"]


def test_no_login_is_the_default() -> None:
    assert logins({}) == ()


def test_a_login_may_come_from_the_environment() -> None:
    text = '{ "https://b.example/feed" = { bearer = "abc" } }'
    assert logins(parse_variable(("secrets", "feed_credentials"), text))[0].kind == "bearer"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("hunter2", "is no table of addresses"),
        ({"https://ann:hunter2@b.example/": {"bearer": "x"}}, "names what is no web address"),
        ({f"{URL}?a=1": {"bearer": "hunter2"}}, "names an address with a query"),
        ({URL: "hunter2"}, "names none or several ways"),
        ({URL: {}}, "names none or several ways"),
        ({URL: {"bearer": "hunter2", "query": "a=b"}}, "names none or several ways"),
        ({URL: {"username": "ann"}}, "names none or several ways"),
        ({URL: {"username": "ann", "password": ""}}, "holds something empty"),
        ({URL: {"bearer": 7}}, "holds something empty"),
        ({URL: {"header": "X: hunter2\r\nY: z"}}, "holds something empty, or more than one line"),
        ({URL: {"username": "a:b", "password": "hunter2"}}, "has a user name with a colon"),
        ({URL: {"bearer": "hunter2 x"}}, "has a bearer token with a space"),
        ({URL: {"header": "hunter2"}}, "has a header that is not written as Name: value"),
        ({URL: {"query": "hunter2"}}, "has a query that is not written as key=value"),
        ({URL: {"query": "a=hunter2#x"}}, "has a query that is not written as key=value"),
    ],
)
def test_every_mistake_is_named_and_no_secret_told(given: Any, problem: str) -> None:
    assert problem in refusal(given)
