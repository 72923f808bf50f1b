"""A real HTTP server of one file on loopback that misbehaves on demand."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler

from tests.loopback import LoopbackServer, running

Behaviour = Callable[["Handler"], None]


class FileServer(LoopbackServer):
    """Keeps the path and the range of every request."""

    def __init__(self, behaviours: list[Behaviour]) -> None:
        super().__init__(behaviours)
        self.paths: list[str] = []
        self.ranges: list[str | None] = []


class Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.ranges.append(self.headers["range"])
        self.server.behave(self, len(self.server.paths))

    def log_message(self, format: str, *args: object) -> None:
        pass

    def start(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def start_file(self, content: bytes, headers: dict[str, str]) -> bytes:
        """Send the head of a faithful answer; returns the bytes that belong after it."""
        begin = self.headers["range"]
        mark = headers.get("etag") or headers.get("last-modified")
        if begin is None or self.headers["if-range"] != mark:
            self.start(200, {**headers, "content-length": str(len(content))})
            return content
        first = int(begin.removeprefix("bytes=").removesuffix("-"))
        rest = content[first:]
        where = f"bytes {first}-{len(content) - 1}/{len(content)}"
        self.start(206, {**headers, "content-range": where, "content-length": str(len(rest))})
        return rest

    def cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def serve(content: bytes, **headers: str) -> Behaviour:
    """A faithful server; headers say `etag`, by default one, or `last_modified`."""
    named = {name.replace("_", "-"): value for name, value in (headers or {"etag": '"v1"'}).items()}

    def behave(handler: Handler) -> None:
        handler.wfile.write(handler.start_file(content, named))

    return behave


def cut(content: bytes, after: int, **headers: str) -> Behaviour:
    """Ends the connection `after` bytes of its answer."""
    named = {name.replace("_", "-"): value for name, value in (headers or {"etag": '"v1"'}).items()}

    def behave(handler: Handler) -> None:
        handler.wfile.write(handler.start_file(content, named)[:after])
        handler.cut()

    return behave


def stall(content: bytes, after: int, until: threading.Event | None = None) -> Behaviour:
    """Falls silent `after` bytes of its answer, until the event happens."""

    def behave(handler: Handler) -> None:
        rest = handler.start_file(content, {"etag": '"v1"'})
        handler.wfile.write(rest[:after])
        (until or handler.server.closing).wait(120)
        handler.wfile.write(rest[after:])

    return behave


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """A fixed answer, whatever was asked; headers as given, also false ones."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def behave(handler: Handler) -> None:
        handler.start(status, {"content-length": str(len(body)), **named})
        handler.wfile.write(body)
        if int(named.get("content-length", len(body))) > len(body):
            handler.cut()

    return behave


def without_length(content: bytes) -> Behaviour:
    """An answer that ends where the connection ends."""

    def behave(handler: Handler) -> None:
        handler.start(200, {"connection": "close"})
        handler.wfile.write(content)
        handler.close_connection = True

    return behave


FileServer.handler = Handler


def serving(*behaviours: Behaviour) -> AbstractContextManager[FileServer]:
    return running(FileServer(list(behaviours)))
