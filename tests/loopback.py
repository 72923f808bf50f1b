"""A real HTTP server on loopback that misbehaves on demand: the n-th request meets the n-th behaviour."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar


class LoopbackServer(ThreadingHTTPServer):
    """The last behaviour is that of all further requests; `closing` happens when the server is given up."""

    daemon_threads = True
    handler: type[BaseHTTPRequestHandler]

    def __init__(self, behaviours: list[Callable[[Any], None]]) -> None:
        super().__init__(("127.0.0.1", 0), self.handler)
        self.behaviours = behaviours
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def behave(self, handler: BaseHTTPRequestHandler, request: int) -> None:
        """Answer request number `request`, counted from 1."""
        self.behaviours[min(request, len(self.behaviours)) - 1](handler)


Server = TypeVar("Server", bound=LoopbackServer)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
