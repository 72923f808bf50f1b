"""Downloads from a real server on loopback that does what servers do to long downloads."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from supernets.fetch.download import RetryPolicy, download
from supernets.fetch.download_errors import FetchError, Unreachable
from supernets.fetch.partial import Partial
from tests.supernets.fetch.file_server import FileServer, answer, cut, serve, serving, stall, without_length

CONTENT = bytes(range(256)) * 1000
OTHER = CONTENT[::-1]
QUICK = RetryPolicy(connect=10, silence=10, tries=3, pause=0.01)
NERVOUS = RetryPolicy(connect=10, silence=0.3, tries=3, pause=0.01)


class Watch:
    """What a download reported."""

    def __init__(self) -> None:
        self.progress: list[tuple[int, int | None]] = []
        self.notices: list[str] = []

    def report(self, done: int, total: int | None) -> None:
        self.progress.append((done, total))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def partial(tmp_path: Path) -> Partial:
    return Partial(tmp_path / "ofa.part")


def get(server: FileServer, partial: Partial, retries: RetryPolicy = QUICK) -> Watch:
    watch = Watch()
    download(f"{server.url}/file", partial, watch.report, watch.notices.append, retries)
    return watch


def begin(partial: Partial, content: bytes, **headers: str) -> str:
    """Leave the first 1000 bytes of a download that was given up; returns the address for the next server."""
    with serving(cut(content, 1000, **headers)) as server, pytest.raises(Unreachable):
        get(server, partial, RetryPolicy(tries=1))
    return server.url


def moved_to(partial: Partial, server: FileServer) -> None:
    """Pretend that the partial file began at this server: ports differ from test server to test server."""
    note = json.loads(partial.note.read_text())
    partial.note.write_text(json.dumps({**note, "url": f"{server.url}/file"}))


def test_a_file_comes_whole_and_progress_ends_at_its_length(partial: Partial) -> None:
    with serving(serve(CONTENT)) as server:
        watch = get(server, partial)
    assert partial.path.read_bytes() == CONTENT
    assert watch.progress[0] == (0, len(CONTENT))
    assert watch.progress[-1] == (len(CONTENT), len(CONTENT))
    assert watch.notices == []


def test_what_is_whole_is_not_asked_for_again(partial: Partial) -> None:
    with serving(serve(CONTENT)) as server:
        get(server, partial)
        get(server, partial)
        assert len(server.paths) == 1


@pytest.mark.parametrize("mark", [{"etag": '"v1"'}, {"last_modified": "Wed, 21 Oct 2015 07:28:00 GMT"}])
def test_a_cut_connection_is_continued_where_it_ended(partial: Partial, mark: dict[str, str]) -> None:
    with serving(cut(CONTENT, 1000, **mark), cut(CONTENT, 500, **mark), serve(CONTENT, **mark)) as server:
        watch = get(server, partial)
        assert server.ranges == [None, "bytes=1000-", "bytes=1500-"]
    assert partial.path.read_bytes() == CONTENT
    assert "try 2 of 3" in watch.notices[0]
    assert "connection failed" in watch.notices[0]


def test_a_later_call_continues_an_earlier_one(partial: Partial) -> None:
    begin(partial, CONTENT)
    with serving(serve(CONTENT)) as server:
        moved_to(partial, server)
        watch = get(server, partial)
        assert server.ranges == ["bytes=1000-"]
    assert watch.progress[0] == (1000, len(CONTENT))
    assert partial.path.read_bytes() == CONTENT


def test_another_address_does_not_continue_what_was_begun(partial: Partial) -> None:
    begin(partial, OTHER)
    with serving(serve(CONTENT)) as server:
        get(server, partial)
        assert server.ranges == [None]
    assert partial.path.read_bytes() == CONTENT


@pytest.mark.parametrize("mark", [{"etag": 'W/"v1"'}, {"x": "no mark at all"}])
def test_without_a_mark_of_the_version_nothing_is_continued(partial: Partial, mark: dict[str, str]) -> None:
    with serving(cut(CONTENT, 1000, **mark), serve(CONTENT, **mark)) as server:
        get(server, partial)
        assert server.ranges == [None, None]
    assert partial.path.read_bytes() == CONTENT


def test_a_file_that_changed_between_the_parts_comes_anew(partial: Partial) -> None:
    with serving(cut(OTHER, 1000), serve(CONTENT, etag='"v2"')) as server:
        watch = get(server, partial)
        assert server.ranges == [None, "bytes=1000-"]
    assert partial.path.read_bytes() == CONTENT
    assert "starting again" in watch.notices[-1]


CHANGED: dict[str, dict[str, str]] = {
    "another version": {"content_range": f"bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}", "etag": '"v2"'},
    "another start": {"content_range": f"bytes 900-{len(CONTENT) - 1}/{len(CONTENT)}", "etag": '"v1"'},
    "another length": {"content_range": f"bytes 1000-{len(CONTENT)}/{len(CONTENT) + 1}", "etag": '"v1"'},
    "no place at all": {"etag": '"v1"'},
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_part_that_does_not_fit_is_not_appended(partial: Partial, change: str) -> None:
    wrong = answer(206, OTHER[1000:], **CHANGED[change])
    with serving(cut(CONTENT, 1000), wrong, serve(CONTENT)) as server:
        watch = get(server, partial)
        assert server.ranges == [None, "bytes=1000-", None]
    assert partial.path.read_bytes() == CONTENT
    assert "has changed since" in watch.notices[-1]


def test_a_server_that_ignores_ranges(partial: Partial) -> None:
    with serving(cut(CONTENT, 1000), answer(200, CONTENT)) as server:
        get(server, partial)
    assert partial.path.read_bytes() == CONTENT


def test_a_file_that_became_shorter_than_its_part(partial: Partial) -> None:
    with serving(cut(CONTENT, 1000), answer(416, content_range="bytes */10"), serve(OTHER)) as server:
        get(server, partial)
    assert partial.path.read_bytes() == OTHER


def test_silence_ends_a_try(partial: Partial) -> None:
    with serving(stall(CONTENT, 1000), serve(CONTENT)) as server:
        watch = get(server, partial, NERVOUS)
        assert server.ranges == [None, "bytes=1000-"]
    assert "no data for 0.3 s" in watch.notices[0]
    assert partial.path.read_bytes() == CONTENT


def test_tries_end_and_say_why(partial: Partial) -> None:
    with serving(answer(503)) as server:
        with pytest.raises(Unreachable, match=r"gave up after 3 tries; last error: the server answered 503 \(Service"):
            get(server, partial)
        assert len(server.paths) == 3


def test_a_server_that_always_falls_silent_keeps_what_came(partial: Partial) -> None:
    with serving(stall(CONTENT, 1000)) as server, pytest.raises(Unreachable, match="no data"):
        get(server, partial, NERVOUS)
    assert partial.path.read_bytes() == CONTENT[:3000]


@pytest.mark.parametrize("status", [403, 404, 410, 451])
def test_a_dead_link_is_asked_once(partial: Partial, status: int) -> None:
    with serving(answer(status)) as server:
        with pytest.raises(Unreachable, match=f"/file: the server answered {status}"):
            get(server, partial)
        assert len(server.paths) == 1


def test_a_dead_link_in_the_middle_keeps_what_came(partial: Partial) -> None:
    with serving(cut(CONTENT, 1000), answer(404)) as server, pytest.raises(Unreachable, match="404"):
        get(server, partial)
    assert partial.path.read_bytes() == CONTENT[:1000]


def test_a_length_that_is_too_long_is_a_cut(partial: Partial) -> None:
    with serving(answer(200, CONTENT, content_length=str(len(CONTENT) + 5))) as server, pytest.raises(Unreachable):
        get(server, partial)


def test_a_length_that_is_too_short_is_all_that_comes(partial: Partial) -> None:
    with serving(answer(200, CONTENT, content_length="1000", connection="close")) as server:
        get(server, partial)
    assert partial.path.read_bytes() == CONTENT[:1000]


def test_a_rest_that_is_shorter_than_announced_is_asked_for_again(partial: Partial) -> None:
    where = f"bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}"
    short = answer(206, CONTENT[1000:1500], etag='"v1"', content_range=where)
    with serving(cut(CONTENT, 1000), short, serve(CONTENT)) as server:
        get(server, partial)
        assert server.ranges[-1] == "bytes=1500-"
    assert partial.path.read_bytes() == CONTENT


def test_a_rest_that_is_longer_than_the_file_starts_anew(partial: Partial) -> None:
    where = f"bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}"
    long = answer(206, CONTENT[1000:] + b"more", etag='"v1"', content_range=where)
    with serving(cut(CONTENT, 1000), long, serve(CONTENT)) as server:
        get(server, partial)
        assert server.ranges[-1] is None
    assert partial.path.read_bytes() == CONTENT


def test_a_file_of_unknown_length(partial: Partial) -> None:
    with serving(without_length(CONTENT)) as server:
        watch = get(server, partial)
    assert partial.path.read_bytes() == CONTENT
    assert watch.progress[-1] == (len(CONTENT), None)


def test_redirects_are_followed_with_the_range(partial: Partial) -> None:
    with serving(serve(CONTENT)) as last:
        with serving(answer(302, location=f"{last.url}/signed?key=1")) as first:
            begin(partial, CONTENT)
            moved_to(partial, first)
            get(first, partial)
        assert last.ranges == ["bytes=1000-"]
        assert last.paths == ["/signed?key=1"]
    assert partial.path.read_bytes() == CONTENT


def test_a_relative_redirect(partial: Partial) -> None:
    with serving(answer(301, location="/there"), serve(CONTENT)) as server:
        get(server, partial)
        assert server.paths == ["/file", "/there"]
    assert partial.path.read_bytes() == CONTENT


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "http://[bad"])
def test_redirects_lead_to_the_web_only(partial: Partial, target: str) -> None:
    with serving(answer(302, location=target)) as server, pytest.raises(Unreachable, match=r"redirect|connection"):
        get(server, partial)
    assert not partial.path.exists()


def test_redirects_end(partial: Partial) -> None:
    with serving(answer(302, location="/file")) as server:
        with pytest.raises(Unreachable, match="redirects more than 10 times"):
            get(server, partial)
        assert len(server.paths) == 10


def test_nobody_listens(partial: Partial) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/file"
    notices: list[str] = []
    with pytest.raises(Unreachable, match="gave up after 3 tries"):
        download(url, partial, lambda done, total: None, notices.append, QUICK)
    assert len(notices) == 2


def test_a_full_disk_is_named(partial: Partial) -> None:
    partial.path.symlink_to("/dev/full")
    with serving(serve(CONTENT)) as server, pytest.raises(FetchError, match=r"No space left on device.*XDG_CACHE_HOME"):
        get(server, partial)


def test_a_password_in_an_address_is_never_shown(partial: Partial) -> None:
    watch = Watch()
    with serving(answer(503)) as server:
        url = f"{server.url}/file".replace("//", "//me:planted@")
        with pytest.raises(Unreachable) as caught:
            download(url, partial, watch.report, watch.notices.append, QUICK)
    assert "planted" not in str(caught.value) + "".join(watch.notices)
    with serving(serve(CONTENT)) as server:
        download(f"{server.url}/file".replace("//", "//me:planted@"), partial, watch.report, print, QUICK)
    assert "planted" not in partial.note.read_text()


def test_an_unusable_proxy_is_named(partial: Partial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1")
    with serving(serve(CONTENT)) as server, pytest.raises(Unreachable, match="proxy of the environment"):
        get(server, partial)


DAMAGES: dict[str, Callable[[Partial], object]] = {
    "no note": lambda partial: partial.note.unlink(),
    "a note that is no JSON": lambda partial: partial.note.write_text("{"),
    "a note of another form": lambda partial: partial.note.write_text('{"from": 1}'),
    "longer than the file": lambda partial: partial.path.write_bytes(CONTENT + b"more"),
    "empty": lambda partial: partial.path.write_bytes(b""),
    "gone": lambda partial: partial.path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_part_is_not_continued(partial: Partial, damage: str) -> None:
    begin(partial, CONTENT)
    with serving(serve(CONTENT)) as server:
        moved_to(partial, server)
        DAMAGES[damage](partial)
        get(server, partial)
        assert server.ranges == [None]
    assert partial.path.read_bytes() == CONTENT
