"""A TCP proxy that delays, cuts, half-closes and swallows: a network that fails where a test says.

with fault_proxy(sink.port, up=Way(after=200, then="cut")) as proxy:
    ...  # talk to proxy.port: the 200th octet towards the server is the last that arrives
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

WAIT_S = 0.05  # between two looks whether the test is over


@dataclass(frozen=True, kw_only=True)
class Way:
    """What happens to octets that travel one way."""

    delay_s: float = 0.0  # each block waits so long
    after: int | bytes | None = None  # so many octets, or these octets, pass; None: all do
    then: Literal["cut", "half_close", "black_hole"] = "cut"


@dataclass(kw_only=True)
class FaultProxy:
    """Where to connect, and what was seen. ``up`` and ``down`` may be changed while it runs."""

    port: int
    up: Way  # from the client to the server
    down: Way
    connections: int = 0
    passed_up: int = 0  # octets that reached the server, over all connections
    passed_down: int = 0
    open: list[socket.socket] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def fault_proxy(port: int, *, up: Way = Way(), down: Way = Way()) -> Iterator[FaultProxy]:
    """Run a proxy before a server of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(WAIT_S)
        proxy = FaultProxy(port=listener.getsockname()[1], up=up, down=down)
        threads: list[threading.Thread] = []

        def accept() -> None:
            while not proxy.over.is_set():
                with suppress(TimeoutError):
                    client, _ = listener.accept()
                    server = socket.create_connection(("127.0.0.1", port))
                    proxy.connections += 1
                    proxy.open += [client, server]
                    for one in (client, server):
                        one.settimeout(WAIT_S)
                    for args in ((client, server, "up"), (server, client, "down")):
                        threads.append(threading.Thread(target=_carry, args=(proxy, *args)))
                        threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield proxy
        finally:
            proxy.over.set()
            accepting.join()
            for thread in threads:
                thread.join()
            for one in proxy.open:
                one.close()


def _carry(proxy: FaultProxy, source: socket.socket, target: socket.socket, name: str) -> None:
    """Carry octets one way until the end of either side or of the test."""
    seen, swallowing = b"", False
    while not proxy.over.is_set():
        try:
            block = source.recv(65_536)
        except TimeoutError:
            continue
        except OSError:
            return
        way: Way = getattr(proxy, name)
        if not block:
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)
            return
        if swallowing:
            continue
        proxy.over.wait(way.delay_s)
        before, seen = len(seen), seen + block
        end = _end(way, seen)
        passing = block if end is None else block[: max(0, end - before)]
        with suppress(OSError):
            target.sendall(passing)
        setattr(proxy, f"passed_{name}", getattr(proxy, f"passed_{name}") + len(passing))
        if end is None:
            continue
        if way.then == "cut":
            for one in (source, target):
                _reset(one)
            return
        if way.then == "half_close":
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)
        swallowing = True


def _end(way: Way, seen: bytes) -> int | None:
    """Return how many octets may pass; None while it is not yet known that fewer than all do."""
    if way.after is None:
        return None
    if isinstance(way.after, int):
        return way.after if len(seen) >= way.after else None
    found = seen.find(way.after)
    return found + len(way.after) if found >= 0 else None


def _reset(one: socket.socket) -> None:
    """Cut a connection as a firewall does: the far side hears a reset, and no goodbye."""
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RD)
        one.close()
