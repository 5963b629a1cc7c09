"""The two wire formats of language models: OpenAI's chat completions and Anthropic's messages.

Pure. The first is also spoken by Ollama, vLLM, llama.cpp, Mistral, Groq and many others at addresses of their
own. Sources, read 2026-11-25: https://platform.openai.com/docs/api-reference/chat/create,
https://docs.anthropic.com/en/api/messages and …/errors, https://docs.ollama.com/openai. No tools are offered
to the model and nothing is stored at the provider's (``store`` stays off). Neighbours: ``prompt`` writes the
words, ``llm`` makes the calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from digest.net.call import Answer, Call

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
OLLAMA_URL = "http://localhost:11434/v1"
MAX_TOKENS_OUT = 800  # of one answer: a summary with its quotes has about 250

_MAIL_ADDRESS = re.compile(r"\S+@\S+")
_WAIT_FOR = frozenset({429, 500, 502, 503, 504, 529})  # 529: Anthropic's "overloaded"
_HOPELESS = frozenset({401, 402, 403, 404, 405})  # the next post would get it too, as it would a redirect


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A model and where it is asked."""

    wire: Literal["openai", "anthropic"]
    base_url: str  # without a slash at its end
    model: str
    key: str = field(default="", repr=False)  # empty: none is sent
    leave_out: tuple[str, ...] = ()  # parts of a request that this model refuses


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a model said, or why it said nothing."""

    text: str = ""
    problem: str = ""  # a clause; empty when it answered
    answered: bool = True  # whether the model was reached: a refusal is an answer, an error is none
    tokens_in: int | None = None  # as the provider counts them; None where it does not say
    tokens_out: int | None = None
    wait_s: int | None = None  # seconds after which to ask again; None: do not
    hopeless: bool = False  # whether every other post would get the same


def call(endpoint: Endpoint, task: str, turns: Sequence[Turn]) -> Call:
    """Return the request that asks a model for its next turn."""
    said = [{"role": turn.role, "content": turn.text} for turn in turns]
    headers = [("content-type", "application/json"), ("accept", "application/json")]
    if endpoint.wire == "anthropic":
        path = "/v1/messages"
        body: dict[str, Any] = {"system": task, "messages": said, "max_tokens": MAX_TOKENS_OUT}
        headers.append(("anthropic-version", "2023-06-01"))
        if endpoint.key:
            headers.append(("x-api-key", endpoint.key))
    else:
        path = "/chat/completions"
        # OpenAI itself has given max_tokens up; the others know nothing else.
        is_openai = urlsplit(endpoint.base_url).hostname == "api.openai.com"
        body = {
            "messages": [{"role": "system", "content": task}, *said],
            "max_completion_tokens" if is_openai else "max_tokens": MAX_TOKENS_OUT,
            "response_format": {"type": "json_object"},
        }
        if endpoint.key:
            headers.append(("authorization", f"Bearer {endpoint.key}"))
    body = {"model": endpoint.model, "temperature": 0, "stream": False} | body
    kept = {name: value for name, value in body.items() if name not in endpoint.leave_out}
    return Call(
        method="POST",
        url=endpoint.base_url + path,
        headers=tuple(headers),
        body=json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace"),
    )


def reply(endpoint: Endpoint, answer: Answer) -> Reply:
    """Return what an answer of the provider says."""
    said = answer.json()
    whole = said if isinstance(said, dict) else {}
    if answer.status != 200:
        return _failure(endpoint, answer, whole)
    usage = _table(whole.get("usage"))
    names = ("input_tokens", "output_tokens")
    if endpoint.wire == "openai":
        names = ("prompt_tokens", "completion_tokens")
    text, problem = (_anthropic if endpoint.wire == "anthropic" else _openai)(whole)
    return Reply(
        text=text, problem=problem, tokens_in=_count(usage, names[0]), tokens_out=_count(usage, names[1])
    )


def _openai(said: dict[str, Any]) -> tuple[str, str]:
    """Return the text of a chat completion, and why it is of no use."""
    choice = _table(_first(said.get("choices")))
    message = _table(choice.get("message"))
    if message.get("refusal") or choice.get("finish_reason") == "content_filter":
        return "", "the model refused"
    if choice.get("finish_reason") == "length":
        return "", "the answer was cut off"
    text = message.get("content")
    return (text, "") if isinstance(text, str) else ("", "an answer in an unknown form")


def _anthropic(said: dict[str, Any]) -> tuple[str, str]:
    """Return the text of a message, and why it is of no use."""
    if said.get("stop_reason") == "refusal":
        return "", "the model refused"
    if said.get("stop_reason") == "max_tokens":
        return "", "the answer was cut off"
    blocks = said.get("content")
    if not isinstance(blocks, list):
        return "", "an answer in an unknown form"
    texts = [_table(block).get("text") for block in blocks if _table(block).get("type") == "text"]
    return "".join(text for text in texts if isinstance(text, str)), ""


def _failure(endpoint: Endpoint, answer: Answer, said: dict[str, Any]) -> Reply:
    """Return why the provider did not answer with 200, in its own words without the key or addresses."""
    error = said.get("error")
    words = _table(error).get("message", error)
    plain = words if isinstance(words, str) else ""
    plain = _MAIL_ADDRESS.sub("…", plain.replace(endpoint.key, "…") if endpoint.key else plain)
    told = f": {' '.join(plain.split())[:160]}" if plain.strip() else ""
    after = answer.headers.get("retry-after", "").strip()
    asked_for = int(after) if re.fullmatch(r"[0-9]{1,6}", after) else 2
    wait_s = asked_for if answer.status in _WAIT_FOR else None
    return Reply(
        problem=f"the provider answered {answer.status}{told}",
        answered=False,
        wait_s=wait_s,
        hopeless=answer.status in _HOPELESS or 300 <= answer.status < 400,
    )


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _count(usage: dict[str, Any], name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
