"""The two wire formats: what goes out, and every answer that may come back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.net.call import Answer
from digest.summarisers.chat import Endpoint, Reply, Turn, call, reply

OPENAI = Endpoint(wire="openai", base_url="https://models.example/v1", model="small", key="k-1")
ANTHROPIC = Endpoint(wire="anthropic", base_url="https://models.example", model="small", key="k-1")
TURNS = (
    Turn(role="user", text="the post"),
    Turn(role="assistant", text="no"),
    Turn(role="user", text="again"),
)


def answered(endpoint: Endpoint, said: Any, status: int = 200, **headers: str) -> Reply:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return reply(endpoint, Answer(status=status, headers=named, body=body))


def test_a_chat_completion_is_asked_for() -> None:
    made = call(OPENAI, "the task", TURNS)
    assert (made.method, made.url) == ("POST", "https://models.example/v1/chat/completions")
    assert dict(made.headers)["authorization"] == "Bearer k-1"
    assert json.loads(made.body) == {
        "model": "small",
        "temperature": 0,
        "stream": False,
        "max_tokens": 800,
        "response_format": {"type": "json_object"},
        "messages": [
            {"role": "system", "content": "the task"},
            {"role": "user", "content": "the post"},
            {"role": "assistant", "content": "no"},
            {"role": "user", "content": "again"},
        ],
    }


def test_a_message_is_asked_for() -> None:
    made = call(ANTHROPIC, "the task", TURNS[:1])
    assert made.url == "https://models.example/v1/messages"
    assert dict(made.headers)["x-api-key"] == "k-1"
    assert dict(made.headers)["anthropic-version"] == "2023-06-01"
    assert json.loads(made.body) == {
        "model": "small",
        "temperature": 0,
        "stream": False,
        "max_tokens": 800,
        "system": "the task",
        "messages": [{"role": "user", "content": "the post"}],
    }


@pytest.mark.parametrize("wire", ["openai", "anthropic"])
def test_without_a_key_none_is_sent(wire: Any) -> None:
    made = call(Endpoint(wire=wire, base_url="http://localhost:1", model="m"), "t", TURNS)
    assert not {"authorization", "x-api-key"} & dict(made.headers).keys()


def test_openai_itself_is_told_the_limit_in_its_newer_word() -> None:
    made = call(Endpoint(wire="openai", base_url="https://api.openai.com/v1", model="m"), "t", TURNS)
    assert "max_tokens" not in json.loads(made.body)
    assert json.loads(made.body)["max_completion_tokens"] == 800


def test_what_a_model_refuses_is_left_out() -> None:
    picky = Endpoint(
        wire="openai", base_url="https://m.example", model="m", leave_out=("temperature", "response_format")
    )
    assert json.loads(call(picky, "t", TURNS).body).keys() == {"model", "stream", "max_tokens", "messages"}


def test_a_request_shows_no_key() -> None:
    assert "k-1" not in repr(OPENAI)
    assert "k-1" not in repr(call(OPENAI, "t", TURNS))


def test_a_chat_completion_is_read() -> None:
    said = {
        "choices": [{"message": {"content": "words"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }
    assert answered(OPENAI, said) == Reply(text="words", tokens_in=7, tokens_out=3)


def test_a_message_is_read() -> None:
    said = {
        "content": [
            {"type": "thinking", "thinking": "hm"},
            {"type": "text", "text": "wor"},
            {"type": "text", "text": "ds"},
            5,
        ],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 7, "output_tokens": 3},
    }
    assert answered(ANTHROPIC, said) == Reply(text="words", tokens_in=7, tokens_out=3)


@pytest.mark.parametrize(
    ("endpoint", "said", "problem"),
    [
        (OPENAI, {"choices": [{"message": {"refusal": "No."}}]}, "the model refused"),
        (OPENAI, {"choices": [{"finish_reason": "content_filter"}]}, "the model refused"),
        (
            OPENAI,
            {"choices": [{"message": {"content": "x"}, "finish_reason": "length"}]},
            "the answer was cut off",
        ),
        (OPENAI, {"choices": []}, "an answer in an unknown form"),
        (OPENAI, {"choices": "none"}, "an answer in an unknown form"),
        (OPENAI, [1], "an answer in an unknown form"),
        (OPENAI, b"<html>", "an answer in an unknown form"),
        (OPENAI, b"[" * 200_000, "an answer in an unknown form"),
        (ANTHROPIC, {"stop_reason": "refusal", "content": []}, "the model refused"),
        (ANTHROPIC, {"stop_reason": "max_tokens", "content": []}, "the answer was cut off"),
        (ANTHROPIC, {"content": "text"}, "an answer in an unknown form"),
    ],
)
def test_an_answer_of_no_use_says_why(endpoint: Endpoint, said: Any, problem: str) -> None:
    found = answered(endpoint, said)
    assert (found.text, found.problem, found.answered) == ("", problem, True)


@pytest.mark.parametrize("count", [-5, "9", True, None, 1.5])
def test_a_count_of_tokens_that_is_none_is_not_believed(count: Any) -> None:
    said = {"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": count}}
    assert answered(OPENAI, said).tokens_in is None


@pytest.mark.parametrize(
    ("status", "headers", "wait_s", "hopeless"),
    [
        (429, {"retry_after": "7"}, 7, False),
        (429, {"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 2, False),
        (429, {"retry_after": "9" * 50}, 2, False),
        (500, {}, 2, False),
        (529, {}, 2, False),
        (400, {}, None, False),
        (401, {}, None, True),
        (404, {}, None, True),
        (307, {}, None, True),
    ],
)
def test_an_error_says_whether_to_ask_again(
    status: int, headers: dict[str, str], wait_s: int | None, hopeless: bool
) -> None:
    found = answered(OPENAI, {"error": {"message": "Slow\ndown"}}, status, **headers)
    assert found == Reply(
        problem=f"the provider answered {status}: Slow down",
        answered=False,
        wait_s=wait_s,
        hopeless=hopeless,
    )


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"error": "model not found"}, "the provider answered 404: model not found"),
        ({"error": {"message": "key k-1 of jo@firm.example"}}, "the provider answered 404: key … of …"),
        (b"<html>", "the provider answered 404"),
        ({"error": {"message": 5}}, "the provider answered 404"),
    ],
)
def test_the_words_of_an_error_hold_neither_key_nor_address(said: Any, problem: str) -> None:
    assert answered(OPENAI, said, 404).problem == problem


def test_without_a_key_the_words_of_an_error_are_kept_whole() -> None:
    keyless = Endpoint(wire="openai", base_url="http://localhost:1", model="m")
    assert answered(keyless, {"error": {"message": "no such model"}}, 404).problem.endswith(": no such model")
