from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supernets.images.decoding import ImageError
from supernets.images.folders import entries, list_classes, list_images


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def test_classes_and_images_are_sorted_and_other_files_are_counted(tmp_path: Path) -> None:
    touch(tmp_path, "b/2.png", "b/10.png", "b/notes.txt", "b/._2.png", "a/x.JPG", "read.me")
    listed = list_classes(tmp_path)
    assert list(listed.images.items()) == [("a", ["x.JPG"]), ("b", ["10.png", "2.png"])]
    assert listed.files == [("a/x.JPG", "a"), ("b/10.png", "b"), ("b/2.png", "b")]
    assert listed.notes == (f"not used of {tmp_path}: 1 file of other kinds (.txt: 1)",)
    assert list_images(tmp_path) == []


@pytest.mark.parametrize(
    ("files", "left_out"),
    [
        (("b/2.gif", "b/3.GIF", "b/4.tif"), "3 files of other kinds (.gif: 2, .tif: 1)"),
        (("b/2.jfif", "b/README"), "2 files of other kinds (.jfif: 1, no suffix: 1)"),
        (("b/sub/2.png", "b/sub/more/3.png"), "2 images one folder deeper or more (b/sub)"),
        (("c/2.avif",), "1 file of other kinds (.avif: 1); 1 class folder without images (c)"),
        (("c/sub/2.png",), "1 image one folder deeper or more (c/sub); 1 class folder without images (c)"),
        (("2.png", "3.jpg"), "2 images beside the class folders"),
        (("b/sub/notes.txt",), ""),
        (("b/Thumbs.db", "b/.DS_Store", "b/._1.png"), ""),
        ((".git/1.png", "@eaDir/1.png", "__MACOSX/a/1.png", ".ipynb_checkpoints/1.png", "a/@eaDir/1.png"), ""),
    ],
)
def test_what_is_not_used_is_counted_except_files_of_systems(
    tmp_path: Path, files: tuple[str, ...], left_out: str
) -> None:
    touch(tmp_path, "a/1.png", "b/1.png", *files)
    listed = list_classes(tmp_path)
    assert listed.images == {"a": ["1.png"], "b": ["1.png"]}
    assert listed.notes == ((f"not used of {tmp_path}: {left_out}",) if left_out else ())


def test_empty_class_folders_are_no_classes(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.png")
    for name in ("b", "c", "d", "e"):
        (tmp_path / name).mkdir()
    listed = list_classes(tmp_path)
    assert list(listed.images) == ["a"]
    assert listed.notes == (f"not used of {tmp_path}: 4 class folders without images (b, c, d and 1 more)",)


@given(st.dictionaries(st.text("ab.", min_size=1).filter(lambda name: name.strip(".")), st.text("cd.g"), max_size=6))
def test_every_file_is_an_image_of_a_class_or_counted_or_of_a_system(names: dict[str, str]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        touch(root, "class/1.png", *(f"class/{name}{suffix}" for name, suffix in names.items()))
        listed = list_classes(root)
        hidden = [path for path in (root / "class").iterdir() if path.name.startswith(".")]
        counted = sum(int(n) for note in listed.notes for n in re.findall(r": (\d+) files?", note))
        assert len(listed.files) + len(hidden) + counted == len(list((root / "class").iterdir()))


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
