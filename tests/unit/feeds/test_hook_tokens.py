from __future__ import annotations

import pytest

from digest.feeds.hook_tokens import Hook, HookTokens
from subscribers.tokens import Purpose, Signer

KEYS = {"k1": b"1" * 32, "k2": b"2" * 32}


def tokens(current: str = "k2", publication: str = "weekly.blog.example") -> HookTokens:
    return HookTokens(keys=KEYS, current=current, publication=publication)


@pytest.mark.parametrize("hook", list(Hook))
def test_a_token_names_its_feed(hook: Hook) -> None:
    assert tokens().feed_id(hook, tokens().token(hook, 17)) == 17


def test_a_token_of_an_older_key_stays_good() -> None:
    assert tokens("k2").feed_id(Hook.PING, tokens("k1").token(Hook.PING, 17)) == 17


def test_a_token_is_good_for_one_purpose_one_feed_and_one_publication() -> None:
    made = tokens().token(Hook.PUSH, 17)
    assert tokens().feed_id(Hook.PING, made) is None
    assert tokens().feed_id(Hook.PUSH, made.replace(".17.", ".18.")) is None
    assert tokens(publication="other.example").feed_id(Hook.PUSH, made) is None


@pytest.mark.parametrize("text", ["", "k2.17", "k3.17." + "0" * 40, "k2.017." + "0" * 40, "k2.17.ü", "\x00"])
def test_any_other_text_is_no_token(text: str) -> None:
    assert tokens().feed_id(Hook.PUSH, text) is None


def test_a_readers_token_is_never_one_of_a_feed() -> None:
    """Both are signed with the same keys."""
    signer = Signer(keys=KEYS, current="k2", address_key=b"3" * 32, publication="weekly.blog.example")
    readers = signer.token(Purpose.UNSUBSCRIBE, "17")
    assert [tokens().feed_id(hook, readers) for hook in Hook] == [None, None]


def test_a_secret_belongs_to_one_token() -> None:
    push, ping = (tokens().token(hook, 17) for hook in Hook)
    assert tokens().secret(push) == tokens("k1").secret(push)
    assert len({tokens().secret(push), tokens().secret(ping), push}) == 3
    assert len(tokens().secret(push)) < 200


def test_no_key_is_shown() -> None:
    assert repr(tokens()) == "HookTokens(keys=['k1', 'k2'], current='k2')"
