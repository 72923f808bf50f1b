from __future__ import annotations

from pathlib import Path

import pytest

from supernets.fetch.download_errors import FetchError
from supernets.fetch.partial import Origin, Partial

URL = "https://example.org/weights"


def begun(folder: Path, content: bytes, validator: str = '"1"', total: int | None = 10) -> Partial:
    partial = Partial(folder / "w.part")
    partial.begin(Origin(URL, validator, total))
    partial.path.write_bytes(content)
    return partial


def test_what_was_begun_can_be_continued(tmp_path: Path) -> None:
    partial = begun(tmp_path, b"abc")
    assert partial.origin(URL) == Origin(URL, '"1"', 10)
    assert partial.size == 3


@pytest.mark.parametrize(
    ("content", "validator", "total", "known"),
    [
        (b"", '"1"', 10, False),
        (b"abc", "", 10, False),
        (b"abc", '"1"', None, True),
        (b"0123456789", "", 10, True),
        (b"0123456789x", '"1"', 10, False),
    ],
)
def test_a_part_is_known_if_it_is_whole_or_can_be_continued(
    tmp_path: Path, content: bytes, validator: str, total: int | None, known: bool
) -> None:
    assert (begun(tmp_path, content, validator, total).origin(URL) is not None) == known


@pytest.mark.parametrize("note", [None, "{", "[]", '{"url": "x"}', '"text"'])
def test_a_part_without_a_good_note_is_unknown(tmp_path: Path, note: str | None) -> None:
    partial = begun(tmp_path, b"abc")
    partial.note.unlink() if note is None else partial.note.write_text(note)
    assert partial.origin(URL) is None


def test_a_part_of_another_address_is_unknown_and_beginning_forgets_it(tmp_path: Path) -> None:
    partial = begun(tmp_path, b"abc")
    assert partial.origin("https://example.org/other") is None
    partial.begin(Origin("https://example.org/other", '"2"', 5))
    assert partial.size == 0
    partial.discard()
    partial.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="cannot write"):
        Partial(tmp_path / "absent" / "w.part").begin(Origin(URL, "", None))
