"""Downloads one file over HTTP into a partial file, and continues an earlier download.

Notable: a partial file is continued only if the server confirms that its file has not changed (`If-Range` with the
server's validator, and the offset and length in its response); otherwise the download starts again. Waits and tries are
limited. Knows no weights, no checksums and no terminal. httpx has no resumable downloads, hence this module.
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
"""Called with the number of bytes received and the size of the file; None if the server does not report the size."""
Notice = Callable[[str], None]
"""Called with one line for the user."""

_MAX_REDIRECTS = 10
_REDIRECT_CODES = (301, 302, 303, 307, 308)
_TEMPORARY = (408, 425, 429)
"""Refusals that may be temporary, like all server errors from 500."""


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Limits of waiting, in seconds, and of tries; the pause doubles after each try."""

    connect: float = 10
    """Maximum time to connect."""
    silence: float = 30
    """Maximum time without data."""
    tries: int = 5
    pause: float = 1
    """Pause after the first try."""


class _TryAgain(Exception):
    """This try has failed, but the next one may succeed."""


def download(url: str, partial: Partial, progress: Progress, notice: Notice, retries: RetryPolicy) -> None:
    """Download `url` into `partial`, unless it is complete already.

    Raises:
        Unreachable: the server does not send the file; received data is kept.
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
    """An address without user and password, for messages and files."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _client(retries: RetryPolicy) -> httpx.Client:
    import httpx

    timeout = httpx.Timeout(retries.silence, connect=retries.connect)
    try:
        return httpx.Client(timeout=timeout, headers={"Accept-Encoding": "identity"})
    except (ImportError, ValueError) as error:
        raise Unreachable(f"the proxy of the environment (HTTPS_PROXY or ALL_PROXY) cannot be used: {error}") from None


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
            _TryAgain: a temporary failure.
            Unreachable, FetchError: as for `download`.
        """
        import httpx

        try:
            self._run()
        except httpx.ConnectTimeout:
            raise _TryAgain(f"no connection within {self.client.timeout.connect:g} s") from None
        except httpx.TimeoutException:
            raise _TryAgain(f"no data for {self.client.timeout.read:g} s") from None
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
                        f"{without_password(self.url)}: the server sends the whole file, not the rest; starting again"
                    )
                origin = Origin(without_password(self.url), _validator(response), _length(response))
                self.partial.begin(origin)
            elif origin is None:
                _refuse(self.url, response)
            elif not self._is_rest(response, origin, have):
                return
            self._append(response, origin.total)
        if origin.total is not None and self.partial.size != origin.total:
            raise _TryAgain(f"the server announced {origin.total:,} bytes and sent {self.partial.size:,}")

    @contextmanager
    def _get(self, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """The response after all redirects."""
        address = self.url
        for _ in range(_MAX_REDIRECTS):
            with self.client.stream("GET", address, headers=headers) as response:
                if response.status_code not in _REDIRECT_CODES or "location" not in response.headers:
                    yield response
                    return
                address = _target(self.url, address, response.headers["location"])
        raise Unreachable(f"{without_password(self.url)}: the server redirects more than {_MAX_REDIRECTS} times")

    def _is_rest(self, response: httpx.Response, origin: Origin, have: int) -> bool:
        """Whether this response holds the missing rest of the file; False if nothing is missing.

        Raises:
            _TryAgain: the response is for another file, or the server refuses temporarily.
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
        raise _TryAgain("the server's file has changed since the download began; the partial file was deleted")

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
    """The address of a redirect, which must be http or https."""
    try:
        target = urljoin(address, location)
        if urlsplit(target).scheme in ("http", "https"):
            return target
    except ValueError:
        pass
    raise Unreachable(f"{without_password(url)}: expected a redirect to an http or https address, got {location!r}")


def _refuse(url: str, response: httpx.Response) -> NoReturn:
    status = f"the server answered {response.status_code} ({response.reason_phrase or 'no reason given'})"
    if response.status_code in _TEMPORARY or response.status_code >= 500:
        raise _TryAgain(status)
    raise Unreachable(f"{without_password(url)}: {status}")


def _validator(response: httpx.Response) -> str:
    """A strong ETag, else the date of the last change, else nothing; a weak ETag does not guarantee equal bytes."""
    tag: str = response.headers.get("etag", "")
    return tag if tag and not tag.startswith("W/") else response.headers.get("last-modified", "")


def _length(response: httpx.Response) -> int | None:
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None
