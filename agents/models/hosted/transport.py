"""The HTTP transport of all requests to hosted models: chooses the proxy, and repairs responses.

litellm's own choice of a proxy fails for ranges of IPv6 addresses in `NO_PROXY`, ignores ranges of IPv4 addresses, and
sends requests to servers on this machine through a proxy that cannot reach them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx

from agents.models.hosted.proxies import Proxy, proxy_for
from agents.models.hosted.response_repair import body_as_stream, repair_body, repair_stream


class ProxyError(httpx.TransportError):
    """A request through a proxy failed.

    Args:
        proxy: the proxy, whose variable the advice names.
        host: the host that the request was for.
    """

    def __init__(self, message: str, proxy: Proxy, host: str) -> None:
        super().__init__(message)
        self.proxy = proxy
        self.host = host


class ModelTransport(httpx.BaseTransport):
    """Reads the proxies of the environment for each request; `verify` as in `httpx.HTTPTransport`."""

    def __init__(self, verify: Any = True) -> None:
        self._verify = verify
        self._lock = threading.Lock()
        self._transports: dict[str | None, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # A compressed body could not be repaired.
        request.headers["accept-encoding"] = "identity"
        proxy = proxy_for(request.url.scheme, request.url.host, request.url.port)
        try:
            response = self._transport(proxy).handle_request(request)
        except (httpx.TransportError, httpx.InvalidURL, ImportError, ValueError) as error:
            if proxy is None:
                raise
            raise ProxyError(str(error), proxy, request.url.host) from error
        if response.status_code == 200 and "content-encoding" not in response.headers:
            return _repaired(response, _asks_for_stream(request))
        return response

    def close(self) -> None:
        """Do nothing: litellm closes its clients, which share this transport, when it forgets them."""

    def _transport(self, proxy: Proxy | None) -> httpx.HTTPTransport:
        address = proxy.address if proxy else None
        with self._lock:
            if address not in self._transports:
                self._transports[address] = httpx.HTTPTransport(verify=self._verify, proxy=address)
            return self._transports[address]


class _RepairedStream(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, events: bool, asked_for_events: bool) -> None:
        self._stream = stream
        self._events = events
        self._asked_for_events = asked_for_events

    def __iter__(self) -> Iterator[bytes]:
        if self._events:
            yield from repair_stream(self._stream)
        else:
            body = b"".join(self._stream)
            yield body_as_stream(body) if self._asked_for_events else repair_body(body)

    def close(self) -> None:
        self._stream.close()


def _repaired(response: httpx.Response, asked_for_events: bool) -> httpx.Response:
    kind = response.headers.get("content-type", "")
    binary = not kind.startswith(("text/", "application/json", "application/x-ndjson"))
    if (kind and binary) or not isinstance(response.stream, httpx.SyncByteStream):
        return response
    headers = [(name, value) for name, value in response.headers.multi_items() if name != "content-length"]
    events = kind.startswith("text/event-stream")
    stream = _RepairedStream(response.stream, events, asked_for_events)
    return httpx.Response(response.status_code, headers=headers, stream=stream, extensions=response.extensions)


def _asks_for_stream(request: httpx.Request) -> bool:
    try:
        body = json.loads(request.content)
    except (ValueError, httpx.RequestNotRead):
        return False
    return isinstance(body, dict) and body.get("stream") is True
