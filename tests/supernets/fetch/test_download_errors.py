from __future__ import annotations

from pathlib import Path

from supernets.fetch.download_errors import FetchError, cannot_write


def test_a_file_that_cannot_be_written_says_why_and_what_to_do(tmp_path: Path) -> None:
    error = cannot_write(tmp_path / "w.part", OSError(28, "No space left on device"))
    assert isinstance(error, FetchError)
    text = str(error)
    assert text.startswith(f"cannot write {tmp_path / 'w.part'}: No space left on device (")
    assert "MB free there" in text
    assert "XDG_CACHE_HOME" in text


def test_a_folder_that_is_not_there_has_unknown_space(tmp_path: Path) -> None:
    assert "boom (unknown space free there)" in str(cannot_write(tmp_path / "a" / "b", ValueError("boom")))
