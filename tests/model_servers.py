"""Language models on 127.0.0.1, behind the real wire formats of OpenAI's and Anthropic's interfaces.

    with model_server("openai", says(answer(SUMMARY, QUOTE))) as far:
        …
        far.asked[0].said           # what the model was told

What it answers is a function of what it was asked, so that a model can obey the post it reads. The formats
are those of the pages that ``digest.summarisers.chat`` names.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

KEY = "planted-model-key-90c1"
Wire = Literal["openai", "anthropic"]
WIRES: tuple[Wire, ...] = ("openai", "anthropic")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that arrived."""

    path: str
    headers: Mapping[str, str]  # keys in lower case
    body: bytes

    @property
    def call(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def task(self) -> str:
        """What the model was told to do."""
        found: str = self.call["system"] if "system" in self.call else self.call["messages"][0]["content"]
        return found

    @property
    def turns(self) -> list[str]:
        """The conversation, without the task."""
        return [turn["content"] for turn in self.call["messages"] if turn["role"] != "system"]


@dataclass(frozen=True, kw_only=True)
class Raw:
    """An answer as bytes; ``drip`` sends it a byte at a time and never ends."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False  # promise ten bytes more than are sent
    drip: bool = False
    hang: bool = False  # say nothing at all


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the model says, to be put into its provider's format."""

    text: str
    stop: str = ""  # why it stopped, in the provider's words; empty: it was done
    tokens: tuple[int, int] | None = (1000, 200)


Answering = Callable[[Asked], Said | Raw]


def answer(summary: str, *evidence: str) -> str:
    """Return what a model answers that keeps to what it was asked."""
    return json.dumps({"summary": summary, "evidence": list(evidence)}, ensure_ascii=False)


def says(*answers: str | Said | Raw) -> Answering:
    """Give these answers in turn, the last one for ever."""
    left, lock = list(answers), threading.Lock()

    def next_one(_: Asked) -> Said | Raw:
        with lock:
            found = left.pop(0) if len(left) > 1 else left[0]
        return Said(text=found) if isinstance(found, str) else found

    return next_one


@dataclass(kw_only=True)
class ModelServer:
    """A provider of a language model."""

    wire: Wire
    url: str
    answering: Answering
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1" if self.wire == "openai" else self.url

    def serve(self, asked: Asked) -> Raw:
        self.asked.append(asked)
        said = self.answering(asked)
        if isinstance(said, Raw):
            return said
        whole = _openai(said) if self.wire == "openai" else _anthropic(said)
        return Raw(body=json.dumps(whole).encode(), headers={"Content-Type": "application/json"})


def _openai(said: Said) -> dict[str, Any]:
    refused = said.stop == "refusal"
    message = {
        "role": "assistant",
        "content": None if refused else said.text,
        "refusal": said.text if refused else None,
    }
    found: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "small",
        "choices": [{"index": 0, "message": message, "finish_reason": said.stop or "stop"}],
    }
    if said.tokens:
        found["usage"] = {"prompt_tokens": said.tokens[0], "completion_tokens": said.tokens[1]}
    return found


def _anthropic(said: Said) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "small",
        "content": [{"type": "text", "text": said.text}],
        "stop_reason": {"": "end_turn", "length": "max_tokens"}.get(said.stop, said.stop),
    }
    if said.tokens:
        found["usage"] = {"input_tokens": said.tokens[0], "output_tokens": said.tokens[1]}
    return found


@contextmanager
def model_server(wire: Wire, answering: Answering) -> Iterator[ModelServer]:
    """Run a provider for as long as the block lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    far = ModelServer(wire=wire, url=f"http://127.0.0.1:{server.server_address[1]}", answering=answering)
    server.far = far
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield far
    finally:
        far.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    far: ModelServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        far = self.server.far
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        found = far.serve(Asked(path=self.path, headers=headers, body=body))
        self.close_connection = True
        try:
            if found.hang:
                far.over.wait(20)
            else:
                self._send(found)
        except OSError:
            return  # the client hung up, as some tests mean it to

    def _send(self, found: Raw) -> None:
        self.send_response(found.status)
        for name, value in found.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(found.body) + (10 if found.cut or found.drip else 0)))
        self.end_headers()
        if not found.drip:
            self.wfile.write(found.body)
            return
        for byte in found.body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.far.over.wait(0.05):
                return

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
