from __future__ import annotations

from pathlib import Path

import pytest

from supernets.images.decoding import ImageError
from supernets.images.folders import entries, flatten, list_classes, list_images


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def test_classes_and_images_are_sorted_and_other_files_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "b/2.png", "b/10.png", "b/notes.txt", "b/._2.png", "a/x.JPG", "read.me")
    images = list_classes(tmp_path)
    assert list(images.items()) == [("a", ["x.JPG"]), ("b", ["10.png", "2.png"])]
    assert flatten(images) == [("a/x.JPG", "a"), ("b/10.png", "b"), ("b/2.png", "b")]
    assert list_images(tmp_path) == []


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ((), "an empty folder"),
        (("a.png", "b.png"), "2 images and no class folders"),
        (("cat/notes.txt",), "expected images in its 1 class folders, found none"),
    ],
)
def test_folders_without_images_of_classes_say_what_was_found(
    tmp_path: Path, files: tuple[str, ...], message: str
) -> None:
    touch(tmp_path, *files)
    with pytest.raises(ImageError, match=message):
        list_classes(tmp_path)


def test_what_is_no_folder_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "file")
    for name, found in (("file", "a file"), ("absent", "nothing")):
        with pytest.raises(ImageError, match=f"expected a folder, found {found} there"):
            list_classes(tmp_path / name)


def test_a_folder_that_cannot_be_read_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ImageError, match=r"cannot be read \(Permission denied\); fix its permissions"):
        entries(tmp_path)
