"""Fills in a form of the public pages, as a browser would: the demonstration's readers press real buttons."""

from __future__ import annotations

from collections.abc import Sequence
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 30


class FormRefused(Exception):
    """The page did not take the form: a defect of the demonstration."""


def post_form(url: str, fields: Sequence[tuple[str, str]]) -> None:
    """POST a form to a page on this machine; raise FormRefused unless it is taken."""
    target = urlsplit(url)
    assert target.hostname is not None, "the demonstration's pages have a host"
    connection = HTTPConnection(target.hostname, target.port, timeout=TIMEOUT_S)
    try:
        connection.request(
            "POST",
            target.path,
            body=urlencode(fields),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if answer.status >= 400:
        raise FormRefused(f"{target.path.split('/')[1]} answered {answer.status}")
