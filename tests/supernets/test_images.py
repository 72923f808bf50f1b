from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from supernets.images import ImageError, ImageSet, Splits, load_archive, load_folder, split
from supernets.loading import POCKET_IMAGES


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
    second = load_folder(root, 16, cache, lambda done, total: calls.append((-1, -1)))
    assert (-1, -1) not in calls
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
def test_an_unreadable_image_is_named_and_leaves_no_cache(tmp_path: Path, damage: str) -> None:
    root = make_folder(tmp_path / "images")
    victim = root / "class1" / "005.png"
    content = victim.read_bytes()
    victim.write_bytes({"truncated": content[: len(content) // 2], "text": b"no image", "empty": b""}[damage])
    with pytest.raises(ImageError, match=r"005\.png"):
        load_folder(root, 16, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


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


def image_set(labels: np.ndarray, digests: np.ndarray | None = None) -> ImageSet:
    labels = np.asarray(labels, dtype=np.int64)
    pixels = np.zeros((len(labels), 1, 1, 3), dtype=np.uint8)
    digests = np.arange(len(labels), dtype=np.uint64) if digests is None else digests
    classes = tuple(f"class{c}" for c in range(int(labels.max()) + 1))
    return ImageSet("toy", pixels, labels, digests, classes, "hash")


@given(st.integers(2, 5), st.integers(10, 30), st.integers(0, 1000))
@settings(max_examples=30)
def test_splits_are_disjoint_balanced_and_repeatable(classes: int, each: int, seed: int) -> None:
    images = image_set(np.repeat(np.arange(classes), each))
    sizes = {"calibrate": 2 * classes, "search": 3 * classes, "report": 5 * classes}
    splits = split(images, sizes, seed)
    for name, part in splits.named():
        assert len(part) == sizes[name]
        assert len(set(np.bincount(part.labels, minlength=classes))) == 1
    assert [part.hash for _, part in splits.named()] == [part.hash for _, part in split(images, sizes, seed).named()]
    everything = np.concatenate([part.digests for _, part in splits.named()])
    assert len(set(everything.tolist())) == len(everything)


def test_repeated_images_are_used_once() -> None:
    digests = np.array([0, 1, 2, 2, 2, 5, 6, 7, 7, 9], dtype=np.uint64)
    images = image_set(np.array([0] * 5 + [1] * 5), digests)
    splits = split(images, {"calibrate": 2, "search": 2, "report": 2}, 0)
    assert len({int(d) for _, part in splits.named() for d in part.digests}) == 6


def test_too_few_images_say_how_many_are_needed() -> None:
    with pytest.raises(ImageError, match="expected at least 30 class-balanced images"):
        split(image_set(np.repeat([0, 1], 5)), {"calibrate": 10, "search": 10, "report": 10}, 0)


def test_splits_that_share_an_image_are_refused() -> None:
    a, b = image_set(np.array([0, 1])), image_set(np.array([0, 1]), np.array([7, 8], dtype=np.uint64))
    c = image_set(np.array([0, 1]), np.array([9, 8], dtype=np.uint64))
    with pytest.raises(ImageError, match="search and report: expected no image in both, found 1"):
        Splits(a, b, c)


def test_the_bundled_images_are_three_disjoint_balanced_splits(tmp_path: Path) -> None:
    splits = Splits(**load_archive(POCKET_IMAGES, 32, tmp_path))
    assert {name: len(part) for name, part in splits.named()} == {"calibrate": 1000, "search": 5000, "report": 5000}
    for _, part in splits.named():
        assert set(np.bincount(part.labels)) == {len(part) // 10}
        assert part.classes[0] == "airplane"
