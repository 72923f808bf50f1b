"""A real OpenAI-compatible HTTP server on loopback that misbehaves on demand."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from http.server import BaseHTTPRequestHandler
from io import BufferedIOBase
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

    def begin_stream(self) -> BufferedIOBase:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        return self.wfile


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
        answer["usage"] = USAGE
    return json.dumps(answer).encode()


def says(text: str) -> Behaviour:
    """In one piece, or if a stream is asked for in two."""

    def behave(handler: Handler) -> None:
        if handler.body.get("stream"):
            half = len(text) // 2
            streams(chunk(text[:half]), chunk(text[half:]), chunk("", "stop"), counts(), DONE)(handler)
        else:
            handler.reply(200, completion(text))

    return behave


USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
DONE = b"data: [DONE]\n\n"


def counts(**usage: Any) -> bytes:
    """The event of a stream that reports tokens."""
    event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "pocket", "choices": []}
    return f"data: {json.dumps({**event, 'usage': usage or USAGE})}\n\n".encode()


def message(content: Any, usage: Any = None, finish: str | None = "stop", **fields: Any) -> bytes:
    """A body with any content; `fields` holds what there is besides content."""
    answer = json.loads(completion(""))
    answer["choices"][0] |= {"finish_reason": finish, "message": {"role": "assistant", "content": content, **fields}}
    return json.dumps({**answer, "usage": usage or USAGE}).encode()


def chunk(text: Any, finish: str | None = None, **delta: Any) -> bytes:
    """One event of a stream; `delta` holds what there is besides text."""
    choice = {"index": 0, "delta": {"content": text, **delta}, "finish_reason": finish}
    event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "pocket", "choices": [choice]}
    return f"data: {json.dumps(event)}\n\n".encode()


def streams(*events: bytes) -> Behaviour:
    """The events, and then the end of the connection."""

    def behave(handler: Handler) -> None:
        # A client that has seen enough closes the connection.
        with suppress(OSError):
            handler.begin_stream().write(b"".join(events))

    return behave


def calls_tool(arguments: str) -> Behaviour:
    """As a model answers that was given a tool."""

    def behave(handler: Handler) -> None:
        call = {"id": "1", "type": "function", "function": {"name": "answer", "arguments": arguments}}
        if handler.body.get("stream"):
            streams(chunk("", tool_calls=[{"index": 0, **call}]), chunk("", "tool_calls"))(handler)
            return
        answer = json.loads(completion(""))
        answer["choices"][0]["message"] = {"role": "assistant", "content": None, "tool_calls": [call]}
        handler.reply(200, json.dumps(answer).encode())

    return behave


def thinks(handler: Handler) -> None:
    """Thoughts for ever, no answer."""
    out = handler.begin_stream()
    try:
        while not handler.server.closing.wait(0.01):
            out.write(chunk("", reasoning_content="hmm "))
            out.flush()
    except OSError:
        return


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
