from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest

from supernets.fetch.download_errors import FetchError
from supernets.fetch.weights_folder import Record, WeightsFolder, sha256


@pytest.fixture
def folder(tmp_path: Path) -> WeightsFolder:
    return WeightsFolder(tmp_path, "ofa")


def publish(folder: WeightsFolder, content: bytes) -> Record:
    with folder.unfinished() as path:
        path.write_bytes(content)
        path.chmod(0o600)
        record = Record(
            released="file", origin="https://example.org", released_sha256="0" * 64, weights_sha256=sha256(path)
        )
        folder.publish(path, record)
    return record


def test_published_weights_are_recorded_readable_and_all_that_is_left(folder: WeightsFolder) -> None:
    assert folder.record() is None
    record = publish(folder, b"weights")
    assert folder.record() == record
    assert folder.matches(record)
    assert {path.name for path in folder.folder.iterdir()} == {"ofa.safetensors", "ofa.json"}
    assert stat.S_IMODE(folder.weights.stat().st_mode) == stat.S_IMODE(folder.record_file.stat().st_mode)
    folder.weights.write_bytes(b"damaged")
    assert not folder.matches(record)


def test_an_interrupted_write_leaves_the_old_weights(folder: WeightsFolder) -> None:
    record = publish(folder, b"old")

    def interrupted() -> None:
        with folder.unfinished() as path:
            path.write_bytes(b"new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert folder.matches(record)
    assert not (folder.folder / "ofa.tmp").exists()


@pytest.mark.parametrize("content", ["{", "[]", "{}", json.dumps({"schema": 1})])
def test_a_record_that_cannot_be_read_is_an_error(folder: WeightsFolder, content: str) -> None:
    folder.record_file.write_text(content)
    with pytest.raises(FetchError, match="expected the record of a fetch"):
        folder.record()


def test_a_newer_record_is_refused(folder: WeightsFolder) -> None:
    publish(folder, b"weights")
    folder.record_file.write_text(folder.record_file.read_text().replace('"schema": 1', '"schema": 2'))
    with pytest.raises(FetchError, match="expected schema 1, got 2; update this program"):
        folder.record()


def test_a_lock_makes_the_folder_and_tells_who_waits(tmp_path: Path) -> None:
    folder = WeightsFolder(tmp_path / "new", "ofa")
    with folder.lock(lambda text: pytest.fail(text)):
        pass

    def stop(text: str) -> None:
        raise InterruptedError(text)

    with (
        folder.lock(lambda text: None),
        pytest.raises(FetchError, match="another process is fetching ofa"),
        folder.lock(stop),
    ):
        pass


def test_checksums(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    assert sha256(tmp_path / "file") == hashlib.sha256(b"content").hexdigest()
    with pytest.raises(FetchError, match=r"cannot read .*No such file"):
        sha256(tmp_path / "absent")
