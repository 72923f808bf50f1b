"""Fetching from end to end, with a narrow OFA network, so that its file is small."""

from __future__ import annotations

import argparse
import hashlib
import io
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from supernets.families.registry import supernet_family
from supernets.fetch.download import RetryPolicy
from supernets.fetch.download_errors import FetchError
from supernets.fetch.fetch import Fetched, fetch
from supernets.network.supernet import Supernet
from tests.paths import ROOT
from tests.supernets.fetch.fetcher import build
from tests.supernets.fetch.file_server import FileServer, answer, cut, serve, serving, stall

QUICK = RetryPolicy(connect=10, silence=10, tries=2, pause=0.01)
FILE = "ofa_mbv3_d234_e346_k357_w1.2"
PATH = f"/han-cai/files/master/ofa/ofa_nets/{FILE}"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def weights(seed: int) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    return build(supernet_family("ofa")).state_dict()


def released(state: object) -> bytes:
    """A checkpoint as authors save it."""
    file = io.BytesIO()
    torch.save({"state_dict": state, "epoch": 3}, file)
    return file.getvalue()


@pytest.fixture(scope="module")
def state() -> dict[str, Tensor]:
    return weights(1)


@pytest.fixture(scope="module")
def content(state: dict[str, Tensor]) -> bytes:
    return released(state)


@pytest.fixture(scope="module")
def other(state: dict[str, Tensor]) -> bytes:
    """Other weights of the same network."""
    return released(weights(2))


def get(cache: Path, server: FileServer, name: str = "ofa", notices: list[str] | None = None, **given: Any) -> Fetched:
    options: dict[str, Any] = {"mirror": server.url, "retries": QUICK, "build": build, **given}
    said = [] if notices is None else notices
    return fetch(name, cache, lambda done, total: None, said.append, **options)


def left(cache: Path) -> set[str]:
    return {path.name for path in (cache / "weights").iterdir()}


def test_fetched_weights_are_the_released_ones_bit_for_bit(
    tmp_path: Path, content: bytes, state: dict[str, Tensor]
) -> None:
    with serving(serve(content)) as server:
        fetched = get(tmp_path, server)
        assert server.paths == [PATH]
    assert fetched.new
    assert fetched.path == tmp_path / "weights" / "ofa.safetensors"
    assert fetched.released_sha256 == hashlib.sha256(content).hexdigest()
    kept = load_file(fetched.path)
    assert kept.keys() == state.keys()
    assert all(torch.equal(kept[key], tensor) and kept[key].dtype == tensor.dtype for key, tensor in state.items())
    assert left(tmp_path) == {"ofa.safetensors", "ofa.json", "ofa.lock"}


def test_fetched_weights_say_where_they_are_from_and_are_readable_by_all(tmp_path: Path, content: bytes) -> None:
    with serving(serve(content)) as server:
        fetched = get(tmp_path, server)
    assert fetched.path.stat().st_mode == (tmp_path / "weights" / "ofa.json").stat().st_mode
    with safe_open(fetched.path, "pt") as opened:
        written = opened.metadata()
    expected = {"released": FILE, "origin": server.url + PATH, "released_sha256": fetched.released_sha256}
    assert {name: written[name] for name in expected} == expected


def test_what_is_there_is_not_fetched_again(tmp_path: Path, content: bytes) -> None:
    with serving(serve(content)) as server:
        first = get(tmp_path, server)
        again = get(tmp_path, server)
        assert len(server.paths) == 1
        offline = get(tmp_path, server, offline=True)
    assert (first.new, again.new, offline.new) == (True, False, False)
    assert first.path == again.path == offline.path
    assert again.released_sha256 == first.released_sha256


def test_weights_damaged_on_disk_are_made_anew(tmp_path: Path, content: bytes, state: dict[str, Tensor]) -> None:
    with serving(serve(content)) as server:
        fetched = get(tmp_path, server)
        fetched.path.write_bytes(fetched.path.read_bytes()[:-4] + b"oops")
        with pytest.raises(FetchError, match="missing or damaged"):
            get(tmp_path, server, offline=True)
        assert get(tmp_path, server).new
    assert load_file(fetched.path).keys() == state.keys()
    assert all(torch.equal(tensor, state[key]) for key, tensor in load_file(fetched.path).items())


def test_the_first_file_is_trusted_and_then_enforced(tmp_path: Path, content: bytes, other: bytes) -> None:
    with serving(serve(content)) as server:
        fetched = get(tmp_path, server)
    fetched.path.unlink()
    with serving(serve(other)) as server:
        with pytest.raises(FetchError) as caught:
            get(tmp_path, server)
        message = str(caught.value)
        for part in (fetched.released_sha256, hashlib.sha256(other).hexdigest(), "delete", "ofa.json", "--from FILE"):
            assert part in message
        assert left(tmp_path) == {"ofa.json", "ofa.lock"}
        (tmp_path / "weights" / "ofa.json").unlink()
        assert get(tmp_path, server).new


def test_a_checksum_that_the_authors_publish_counts(tmp_path: Path, content: bytes) -> None:
    with serving(serve(content)) as server:
        with pytest.raises(FetchError, match=r"3406a4c8.*which the authors publish"):
            get(tmp_path, server, "ofa-resnet50")
        assert server.paths[0].endswith("/ofa_resnet50_d0-1-2_e0.2-0.25-0.35_w0.65-0.8-1.0")
    assert left(tmp_path) == {"ofa-resnet50.lock"}


WRONG: dict[str, tuple[bytes, str]] = {
    "a page": (b"<html>please log in</html>", "found a web page"),
    "nothing": (b"", "found an empty file"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "found a pointer of Git LFS"),
    "another network": (released(torch.nn.Linear(2, 2).state_dict()), "not those of ofa"),
    "an old checkpoint that is damaged": (b"\x80\x02.", "cannot be read"),
    "an archive": (b"PK\x05\x06" + bytes(18), "cannot be read"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_file_is_refused_and_not_kept_nor_trusted(tmp_path: Path, content: bytes, wrong: str) -> None:
    body, message = WRONG[wrong]
    with serving(serve(body), serve(content)) as server:
        with pytest.raises(FetchError, match=message) as caught:
            get(tmp_path, server)
        assert server.url + PATH in str(caught.value)
        assert left(tmp_path) == {"ofa.lock"}
        assert get(tmp_path, server).new


def test_a_file_that_was_cut_short_without_notice_is_refused(tmp_path: Path, content: bytes) -> None:
    with (
        serving(answer(200, content[: len(content) // 2])) as server,
        pytest.raises(FetchError, match="cannot be read"),
    ):
        get(tmp_path, server)
    assert left(tmp_path) == {"ofa.lock"}


def test_a_failed_fetch_leaves_the_weights_that_were_there(tmp_path: Path, content: bytes, other: bytes) -> None:
    with serving(serve(content)) as server:
        fetched = get(tmp_path, server)
    before = fetched.path.read_bytes()
    (tmp_path / "file").write_bytes(other)
    with pytest.raises(FetchError, match="expected a file with SHA-256"):
        get(tmp_path, server, local=tmp_path / "file")
    assert fetched.path.read_bytes() == before


def test_a_dead_link_names_the_other_ways(tmp_path: Path) -> None:
    with serving(answer(404)) as server, pytest.raises(FetchError) as caught:
        get(tmp_path, server)
    message = str(caught.value)
    for part in (PATH, "404", "--mirror URL", "fetch ofa --from FILE", "--weights FILE", "https://drive.google.com/"):
        assert part in message


def test_a_lasting_failure_keeps_the_part_and_the_next_call_continues(tmp_path: Path, content: bytes) -> None:
    with serving(cut(content, 1000), cut(content, 1000), serve(content)) as server:
        with pytest.raises(FetchError, match="same command to continue"):
            get(tmp_path, server)
        assert get(tmp_path, server).new
        assert server.ranges == [None, "bytes=1000-", "bytes=2000-"]


def test_a_file_of_this_machine_needs_no_server(tmp_path: Path, content: bytes, state: dict[str, Tensor]) -> None:
    (tmp_path / "file.pth").write_bytes(content)
    with serving(answer(500)) as server:
        fetched = get(tmp_path, server, local=tmp_path / "file.pth", offline=True)
        assert server.paths == []
    kept = load_file(fetched.path)
    assert all(torch.equal(kept[key], tensor) for key, tensor in state.items())
    assert (tmp_path / "file.pth").read_bytes() == content


def test_what_a_killed_conversion_left_is_cleared_away(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights" / "ofa.tmp").mkdir(parents=True)
    (tmp_path / "weights" / "ofa.tmp" / "half").write_bytes(content[:1000])
    with serving(serve(content)) as server:
        get(tmp_path, server)
    assert left(tmp_path) == {"ofa.safetensors", "ofa.json", "ofa.lock"}


def test_a_file_of_this_machine_that_is_not_there_or_wrong(tmp_path: Path) -> None:
    with serving(answer(500)) as server:
        with pytest.raises(FetchError, match=r"nowhere: expected the file ofa_mbv3.*found no file there"):
            get(tmp_path, server, local=tmp_path / "nowhere")
        (tmp_path / "page").write_text("<html>")
        with pytest.raises(FetchError, match=r"page: .*found a web page"):
            get(tmp_path, server, local=tmp_path / "page")
    assert (tmp_path / "page").exists()


def test_a_file_of_this_machine_that_cannot_be_read(tmp_path: Path) -> None:
    with serving(answer(500)) as server, pytest.raises(FetchError, match=r"cannot read /proc/self/mem: Input/output"):
        get(tmp_path, server, local=Path("/proc/self/mem"))


def test_a_cloud_folder_gets_steps_and_then_a_file(tmp_path: Path) -> None:
    with serving(answer(500)) as server:
        with pytest.raises(FetchError) as caught:
            get(tmp_path, server, "spos")
        assert server.paths == []
        for part in (
            "1. open https://1drv.ms/",
            "2. download Supernet/",
            "fetch spos --from checkpoint-150000.pth.tar",
        ):
            assert part in str(caught.value)
        torch.manual_seed(0)
        state = build(supernet_family("spos")).state_dict()
        (tmp_path / "checkpoint-150000.pth.tar").write_bytes(released({f"module.{k}": t for k, t in state.items()}))
        fetched = get(tmp_path, server, "spos", local=tmp_path / "checkpoint-150000.pth.tar")
        kept = load_file(fetched.path)
        assert all(torch.equal(kept[key], tensor) for key, tensor in state.items())
        assert not get(tmp_path, server, "spos").new


def test_presets_share_the_file_of_the_supernet_whose_weights_they_search(tmp_path: Path) -> None:
    torch.manual_seed(0)
    with serving(serve(_autoformer(build(supernet_family("autoformer"))))) as server:
        first = get(tmp_path, server, "autoformer-wide")
        second = get(tmp_path, server, "autoformer")
        assert server.paths == ["/silent-chen/AutoFormer-model-zoo/releases/download/v1.0/supernet-tiny.pth"]
    assert first.path == second.path == tmp_path / "weights" / "autoformer.safetensors"
    assert not second.new


def _autoformer(net: Supernet) -> bytes:
    """As its training saves it: with the options of the command line."""
    file = io.BytesIO()
    options = argparse.Namespace(lr=1e-3, output_dir="out", epochs=500, gp=True, clip_grad=None)
    torch.save({"model": net.state_dict(), "optimizer": {"state": {}}, "epoch": 1, "args": options}, file)
    return file.getvalue()


def test_offline_asks_no_server(tmp_path: Path, content: bytes) -> None:
    with serving(serve(content)) as server:
        with pytest.raises(FetchError, match=r"offline.*--from FILE"):
            get(tmp_path, server, offline=True)
        assert server.paths == []


@pytest.mark.parametrize("mirror", ["nonsense", "file:///weights", "https://", "http://[bad", "ftp://host/x"])
def test_a_mirror_is_a_web_address(tmp_path: Path, mirror: str) -> None:
    with pytest.raises(FetchError, match=r"mirror .*expected an address such as https://"):
        fetch("ofa", tmp_path, lambda done, total: None, print, mirror=mirror)
    assert not (tmp_path / "weights").exists()


def test_a_mirror_may_have_a_path(tmp_path: Path, content: bytes) -> None:
    with serving(serve(content)) as server:
        get(tmp_path, server, mirror=f"{server.url}/copy/")
        assert server.paths == [f"/copy{PATH}"]


def test_names_without_released_weights(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"'ofaa': expected one of ofa, ofa-w1\.0"):
        fetch("ofaa", tmp_path, lambda done, total: None, print)


def test_no_room_for_the_converted_weights(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(content) // 2, hard))
    try:
        with serving(answer(500)) as server, pytest.raises(FetchError, match=r"cannot write .*MB free there"):
            get(tmp_path, server, local=tmp_path / "file")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert left(tmp_path) == {"ofa.lock"}


def test_a_folder_that_cannot_be_made(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights").write_text("a file")
    with serving(serve(content)) as server, pytest.raises(FetchError, match=r"cannot write .*XDG_CACHE_HOME"):
        get(tmp_path, server)


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 1}', '{"schema": 99}'])
def test_an_unreadable_record_is_not_passed_over(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "ofa.json").write_text(text)
    with serving(serve(content)) as server:
        with pytest.raises(FetchError, match=r"ofa\.json: expected"):
            get(tmp_path, server)
        assert server.paths == []


def _start(cache: Path, server: FileServer) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.supernets.fetch.fetcher", str(cache), server.url]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _wait_for(path: Path, size: int) -> None:
    deadline = time.monotonic() + 60
    while not path.exists() or path.stat().st_size < size:
        assert time.monotonic() < deadline, f"{path} did not grow to {size} bytes"
        time.sleep(0.02)


def test_a_killed_download_is_continued_and_its_lock_is_free(
    tmp_path: Path, content: bytes, state: dict[str, Tensor]
) -> None:
    half = len(content) // 2
    notices: list[str] = []
    with serving(stall(content, half), serve(content)) as server:
        process = _start(tmp_path, server)
        part = tmp_path / "weights" / "ofa.part"
        _wait_for(part, half // 2)
        process.kill()
        process.communicate()
        kept = part.stat().st_size
        fetched = get(tmp_path, server, notices=notices)
        assert server.ranges == [None, f"bytes={kept}-"]
    assert notices == []
    loaded = load_file(fetched.path)
    assert all(torch.equal(loaded[key], tensor) for key, tensor in state.items())
    assert left(tmp_path) == {"ofa.safetensors", "ofa.json", "ofa.lock"}


def test_of_two_processes_one_downloads_and_the_other_waits(tmp_path: Path, content: bytes) -> None:
    second_waits = threading.Event()
    with serving(stall(content, len(content) // 2, second_waits)) as server:
        first = _start(tmp_path, server)
        _wait_for(tmp_path / "weights" / "ofa.part", 1)
        second = _start(tmp_path, server)
        assert second.stdout is not None
        assert "another process is fetching ofa" in second.stdout.readline()
        second_waits.set()
        assert [process.communicate()[0] for process in (first, second)] == ["wrote\n", "already there\n"]
        assert len(server.paths) == 1
