"""A configuration that would send a password in plain text, or nowhere, cannot be made."""

from __future__ import annotations

from typing import Any

import pytest

from digest.errors import ConfigurationError
from digest.providers.smtp_config import SmtpConfig


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"security": "ssl"}, "security is unknown"),
        ({"security": "none", "username": "news", "password": "s3cret"}, "password unencrypted"),
        ({"username": "news"}, "password is missing"),
        ({"port": 0}, "port cannot be 0"),
        ({"host": ""}, "host is no name"),
        ({"host": "mail..example.org"}, "host is no name"),
    ],
)
def test_a_faulty_configuration_says_what_is_wrong(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        SmtpConfig(**({"host": "mail.example.org"} | values))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_a_password_may_go_unencrypted_to_this_machine(host: str) -> None:
    assert SmtpConfig(host=host, security="none", username="news", password="s3cret").username == "news"


def test_the_password_is_never_shown() -> None:
    assert "s3cret" not in repr(SmtpConfig(host="mail.example.org", username="news", password="s3cret"))
