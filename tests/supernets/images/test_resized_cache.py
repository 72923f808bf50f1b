from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from supernets.images.decoding import ImageError
from supernets.images.image_sets import Splits
from supernets.images.resized_cache import load_archive, load_folder
from supernets.load import POCKET_IMAGES


def make_folder(root: Path, classes: int = 3, each: int = 12, size: tuple[int, int] = (40, 30)) -> Path:
    rng = np.random.default_rng(0)
    for c in range(classes):
        folder = root / f"class{c}"
        folder.mkdir(parents=True)
        for i in range(each):
            pixels = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{i:03}.png")
    return root


def test_a_folder_is_decoded_once(tmp_path: Path) -> None:
    root, cache = make_folder(tmp_path / "images"), tmp_path / "cache"
    calls: list[tuple[int, int]] = []
    first = load_folder(root, 16, cache, lambda done, total: calls.append((done, total)))
    assert calls[-1] == (36, 36)
    for path in root.glob("*/*.png"):
        path.chmod(0)
    calls.clear()
    second = load_folder(root, 16, cache, lambda done, total: calls.append((done, total)))
    assert calls == [(36, 36)]
    assert first.hash == second.hash
    assert first.pixels.shape == (36, 16, 16, 3)
    assert first.classes == ("class0", "class1", "class2")
    assert np.array_equal(first.labels, np.repeat([0, 1, 2], 12))
    assert isinstance(second.pixels, np.memmap)


def test_the_hash_follows_the_pixels(tmp_path: Path) -> None:
    root = make_folder(tmp_path / "images")
    before = load_folder(root, 16, tmp_path / "cache").hash
    Image.new("RGB", (40, 30), (1, 2, 3)).save(root / "class1" / "000.png")
    assert load_folder(root, 16, tmp_path / "cache").hash != before


def test_grey_and_palette_and_cmyk_images_become_rgb(tmp_path: Path) -> None:
    for i, mode in enumerate(("L", "P", "CMYK", "RGBA")):
        folder = tmp_path / "images" / f"class{i}"
        folder.mkdir(parents=True)
        suffix = "jpg" if mode == "CMYK" else "png"
        Image.new(mode, (20, 20)).save(folder / f"image.{suffix}")
    assert load_folder(tmp_path / "images", 16, tmp_path / "cache").pixels.shape == (4, 16, 16, 3)


def test_the_crop_is_central_and_keeps_the_shape(tmp_path: Path) -> None:
    pixels = np.zeros((20, 60, 3), dtype=np.uint8)
    pixels[:, 20:40] = 200
    (tmp_path / "images" / "only").mkdir(parents=True)
    Image.fromarray(pixels).save(tmp_path / "images" / "only" / "wide.png")
    image = load_folder(tmp_path / "images", 20, tmp_path / "cache").pixels[0]
    assert (image == 200).all()


@pytest.mark.parametrize("damage", ["truncated", "text", "empty"])
def test_an_unreadable_image_is_left_out_counted_and_named(tmp_path: Path, damage: str) -> None:
    root = make_folder(tmp_path / "images")
    whole = load_folder(root, 16, tmp_path / "cache")
    victim = root / "class1" / "005.png"
    content = victim.read_bytes()
    victim.write_bytes({"truncated": content[: len(content) // 2], "text": b"no image", "empty": b""}[damage])
    for _ in range(2):
        images = load_folder(root, 16, tmp_path / "cache")
        (note,) = images.notes
        assert note.startswith("1 of 36 images of images cannot be read and were left out (class1/005.png: ")
        assert np.array_equal(images.pixels, np.delete(whole.pixels, 17, 0))
        assert np.array_equal(images.labels, np.delete(whole.labels, 17))
        assert images.hash != whole.hash


def test_a_folder_without_one_readable_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images" / "cat").mkdir(parents=True)
    (tmp_path / "images" / "cat" / "a.png").write_bytes(b"no image")
    with pytest.raises(ImageError, match=r"none that can be read; 1 of 1 images .*a\.png"):
        load_folder(tmp_path / "images", 16, tmp_path / "cache")


def make_archive(path: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w:xz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_an_archive_is_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_folder(tmp_path / "images")
    files = {
        f"{part}/{path.parent.name}/{path.name}": path for part in ("search", "report") for path in root.glob("*/*")
    }
    path = make_archive(tmp_path / "toy.tar.xz", {name: file.read_bytes() for name, file in files.items()})
    first = load_archive(path, 16, tmp_path / "cache")
    assert set(first) == {"search", "report"}
    assert first["search"].hash == load_folder(root, 16, tmp_path / "cache").hash
    monkeypatch.setattr("tarfile.open", None)
    assert load_archive(path, 16, tmp_path / "cache")["report"].hash == first["report"].hash


def test_an_unreadable_image_of_an_archive_is_left_out_and_named(tmp_path: Path) -> None:
    picture = make_folder(tmp_path / "images", 1, 1) / "class0" / "000.png"
    files = {"search/a/1.png": picture.read_bytes(), "search/a/2.png": b"no image"}
    images = load_archive(make_archive(tmp_path / "toy.tar.xz", files), 16, tmp_path / "cache")["search"]
    assert len(images) == 1
    assert "search/a/2.png" in images.notes[0]


@pytest.mark.parametrize("content", [b"", b"no archive", b"\xfd7zXZ\x00 cut"])
def test_an_archive_that_is_none_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "toy.tar.xz").write_bytes(content)
    with pytest.raises(ImageError, match="install the program again"):
        load_archive(tmp_path / "toy.tar.xz", 16, tmp_path / "cache")


def test_a_cache_that_cannot_be_written_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    path = make_archive(tmp_path / "toy.tar.xz", {"search/a/1.png": b"no image"})
    with pytest.raises(ImageError, match="cannot be written"):
        load_archive(path, 16, tmp_path / "cache")


def test_folders_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="found nothing there"):
        load_folder(tmp_path / "absent", 16, tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImageError, match="an empty folder"):
        load_folder(tmp_path / "empty", 16, tmp_path)
    flat = tmp_path / "flat"
    flat.mkdir()
    Image.new("RGB", (8, 8)).save(flat / "a.png")
    with pytest.raises(ImageError, match="1 images and no class folders"):
        load_folder(flat, 16, tmp_path)
    (tmp_path / "hollow" / "cat").mkdir(parents=True)
    with pytest.raises(ImageError, match="found none"):
        load_folder(tmp_path / "hollow", 16, tmp_path)


def test_the_bundled_images_are_three_disjoint_balanced_splits(tmp_path: Path) -> None:
    sets = load_archive(POCKET_IMAGES, 32, tmp_path)
    splits = Splits(calibrate=sets["calibrate"], search=sets["search"], report=sets["report"])
    assert {name: len(part) for name, part in splits.named()} == {"calibrate": 1000, "search": 5000, "report": 5000}
    for _, part in splits.named():
        assert set(np.bincount(part.labels)) == {len(part) // 10}
        assert part.classes[0] == "airplane"
