"""A real OpenAI-compatible HTTP server on loopback that misbehaves on demand."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import LoopbackServer, running

Behaviour = Callable[["Handler"], None]


class ChatServer(LoopbackServer):
    """Keeps what was asked; `url` is the base address that clients are given."""

    def __init__(self, behaviours: list[Behaviour]) -> None:
        super().__init__(behaviours)
        self.requests: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"{super().url}/v1"


class Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(self.body)
        self.server.behave(self, len(self.server.requests))

    def log_message(self, format: str, *args: object) -> None:
        pass

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ChatServer.handler = Handler


def serving(*behaviours: Behaviour) -> AbstractContextManager[ChatServer]:
    return running(ChatServer(list(behaviours)))


def completion(text: str, usage: bool = True) -> bytes:
    answer: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "pocket",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
    }
    if usage:
        answer["usage"] = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    return json.dumps(answer).encode()


def says(text: str) -> Behaviour:
    return lambda handler: handler.reply(200, completion(text))


def fails(status: int, headers: dict[str, str] | None = None, message: str = "no") -> Behaviour:
    """An error in OpenAI's form that repeats the key it was sent, as some gateways do."""

    def behave(handler: Handler) -> None:
        sent = handler.headers.get("authorization", "")
        handler.reply(
            status, json.dumps({"error": {"message": f"{message}: {sent}", "code": status}}).encode(), headers
        )

    return behave


def sends(body: bytes, content_type: str = "application/json") -> Behaviour:
    return lambda handler: handler.reply(200, body, {"content-type": content_type})


def hangs(handler: Handler) -> None:
    handler.server.closing.wait(30)


def drips(handler: Handler) -> None:
    """One byte at a time: no single read ever times out."""
    body = completion("late")
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    try:
        for byte in body:
            if handler.server.closing.is_set():
                return
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


def cuts(handler: Handler) -> None:
    """Half of the promised bytes, then nothing."""
    body = completion("cut")
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
