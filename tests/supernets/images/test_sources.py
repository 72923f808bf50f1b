from __future__ import annotations

import os
from pathlib import Path

import pytest

from supernets.images.sources import Folder


def test_a_folder_reads_files_below_it(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.jpg").write_bytes(b"content")
    source = Folder(tmp_path)
    assert source.read("cat/1.jpg") == b"content"
    assert source.name("cat/1.jpg") == "1.jpg"
    with pytest.raises(FileNotFoundError):
        source.read("cat/2.jpg")


def test_a_stamp_changes_with_size_and_time(tmp_path: Path) -> None:
    path, source = tmp_path / "1.jpg", Folder(tmp_path)
    path.write_bytes(b"content")
    os.utime(path, ns=(0, 1))
    first = source.stamp("1.jpg")
    assert source.stamp("1.jpg") == first
    os.utime(path, ns=(0, 2))
    later = source.stamp("1.jpg")
    path.write_bytes(b"longer content")
    os.utime(path, ns=(0, 2))
    assert len({first, later, source.stamp("1.jpg")}) == 3
    with pytest.raises(OSError, match="No such file"):
        source.stamp("2.jpg")
