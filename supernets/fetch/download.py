"""Downloads one file over HTTP into a partial file, and continues what an earlier call began.

Notable: a partial file is continued only if the server confirms that it still has the same one (`If-Range` with the
validator it gave, the offset and length of its answer); otherwise the download starts anew. Every wait ends, and so do
the tries. Knows nothing of weights, of checksums, or of who watches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urljoin, urlsplit

from supernets.fetch.download_errors import Unreachable, cannot_write
from supernets.fetch.partial import Origin, Partial

if TYPE_CHECKING:
    import httpx

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and those of the whole file, None if the server does not say."""
Notice = Callable[[str], None]
"""Called with one line for people."""

_MAX_REDIRECTS = 10
_REDIRECT_CODES = (301, 302, 303, 307, 308)
_TEMPORARY = (408, 425, 429)
"""Refusals that may end by themselves, as all of a server's own errors may."""


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How long to wait, in seconds, and how often to try; the pause doubles after each try."""

    connect: float = 10
    silence: float = 30
    tries: int = 5
    pause: float = 1


class _TryAgain(Exception):
    """This try has failed; the next one may not."""


def download(url: str, partial: Partial, progress: Progress, notice: Notice, retries: RetryPolicy) -> None:
    """Read `url` into `partial`, which is whole when this returns; what is whole already is not asked for again.

    Raises:
        Unreachable: the server does not give the file; what has come is kept.
        FetchError: `partial` cannot be written.
    """
    pause = retries.pause
    with _client(retries) as client:
        transfer = _Transfer(client=client, url=url, partial=partial, progress=progress, notice=notice)
        for attempt in range(1, retries.tries + 1):
            try:
                transfer.run()
                return
            except _TryAgain as error:
                reason = str(error)
            if attempt < retries.tries:
                notice(f"{without_password(url)}: {reason}; try {attempt + 1} of {retries.tries} in {pause:g} s")
                time.sleep(pause)
                pause *= 2
    raise Unreachable(
        f"{without_password(url)}: gave up after {retries.tries} tries; last error: {reason}; "
        "run the same command to continue"
    )


def without_password(url: str) -> str:
    """An address for messages and files: without a password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _client(retries: RetryPolicy) -> httpx.Client:
    import httpx

    timeout = httpx.Timeout(retries.silence, connect=retries.connect)
    try:
        return httpx.Client(timeout=timeout, headers={"Accept-Encoding": "identity"})
    except (ImportError, ValueError) as error:
        raise Unreachable(f"the proxy that the environment names cannot be used: {error}") from None


@dataclass(frozen=True, kw_only=True)
class _Transfer:
    client: httpx.Client
    url: str
    partial: Partial
    progress: Progress
    notice: Notice

    def run(self) -> None:
        """One try.

        Raises:
            _TryAgain: a passing failure.
            Unreachable, FetchError: as for `download`.
        """
        import httpx

        try:
            self._run()
        except httpx.ConnectTimeout:
            raise _TryAgain(f"no connection within {self.client.timeout.connect:g} s") from None
        except httpx.TimeoutException:
            raise _TryAgain(f"nothing came for {self.client.timeout.read:g} s") from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise _TryAgain(f"the connection failed ({error or type(error).__name__})") from None

    def _run(self) -> None:
        origin = self.partial.origin(without_password(self.url))
        have = self.partial.size if origin else 0
        if origin and have == origin.total:
            return
        headers = {"Range": f"bytes={have}-", "If-Range": origin.validator} if origin else {}
        with self._get(headers) as response:
            if response.status_code == 200:
                if origin:
                    self.notice(
                        f"{without_password(self.url)}: the server sends the whole file, not its rest; starting anew"
                    )
                origin = Origin(without_password(self.url), _validator(response), _length(response))
                self.partial.begin(origin)
            elif origin is None:
                _refuse(self.url, response)
            elif not self._is_rest(response, origin, have):
                return
            self._append(response, origin.total)
        if origin.total is not None and self.partial.size != origin.total:
            raise _TryAgain(f"the server said {origin.total:,} bytes and sent {self.partial.size:,}")

    @contextmanager
    def _get(self, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """The answer at the end of all redirects."""
        address = self.url
        for _ in range(_MAX_REDIRECTS):
            with self.client.stream("GET", address, headers=headers) as response:
                if response.status_code not in _REDIRECT_CODES or "location" not in response.headers:
                    yield response
                    return
                address = _target(self.url, address, response.headers["location"])
        raise Unreachable(f"{without_password(self.url)}: the server redirects more than {_MAX_REDIRECTS} times")

    def _is_rest(self, response: httpx.Response, origin: Origin, have: int) -> bool:
        """Whether this answer is what is still missing; False if nothing is.

        Raises:
            _TryAgain: it is something else, or there is no answer for now.
            Unreachable: the server refuses.
        """
        part = response.headers.get("content-range", "")
        if response.status_code == 416 and part == f"bytes */{have}" and origin.total is None:
            return False
        if response.status_code == 206 and _validator(response) in ("", origin.validator):
            total = "" if origin.total is None else f"/{origin.total}"
            if part.startswith(f"bytes {have}-") and part.endswith(total):
                return True
        if response.status_code not in (206, 416):
            _refuse(self.url, response)
        self.partial.discard()
        raise _TryAgain("the server has another file than the one that was begun, which is forgotten")

    def _append(self, response: httpx.Response, total: int | None) -> None:
        have = self.partial.size
        self.progress(have, total)
        try:
            with self.partial.path.open("ab") as file:
                for chunk in response.iter_raw():
                    file.write(chunk)
                    have += len(chunk)
                    self.progress(have, total)
        except OSError as error:
            raise cannot_write(self.partial.path, error) from None


def _target(url: str, address: str, location: str) -> str:
    """Where a redirect leads: the web, never a file or another protocol."""
    try:
        target = urljoin(address, location)
        if urlsplit(target).scheme in ("http", "https"):
            return target
    except ValueError:
        pass
    raise Unreachable(f"{without_password(url)}: expected a redirect to an http or https address, got {location!r}")


def _refuse(url: str, response: httpx.Response) -> NoReturn:
    status = f"the server answers {response.status_code} ({response.reason_phrase or 'no reason given'})"
    if response.status_code in _TEMPORARY or response.status_code >= 500:
        raise _TryAgain(status)
    raise Unreachable(f"{without_password(url)}: {status}")


def _validator(response: httpx.Response) -> str:
    """A strong ETag, else the date of the last change, else nothing: a weak ETag does not stand for the same bytes."""
    tag: str = response.headers.get("etag", "")
    return tag if tag and not tag.startswith("W/") else response.headers.get("last-modified", "")


def _length(response: httpx.Response) -> int | None:
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None
