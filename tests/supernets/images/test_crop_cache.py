"""The store of crops: whatever is killed, cut or spoilt, what is read is what one quiet pass would have written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from supernets.images.crop_cache import CHUNK, CropCache
from supernets.images.cropping import Cropping
from supernets.images.decoding import DECODER, ImageError
from supernets.images.sources import Folder
from tests.paths import ROOT
from tests.supernets.images.pictures import picture, save, truncate

COUNT, SIDES = 3 * CHUNK + 7, (16, 24)
CROPPING = Cropping("bilinear")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pictures")
    for i in range(COUNT):
        save(root / f"{i:03}.JPEG", i, (40 + i % 9, 33 + i % 5))
    return root


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


def store(root: Path, cache: Path) -> CropCache:
    return CropCache(name="toy", source=Folder(root), files=names(root), cropping=CROPPING, cache=cache)


def prepared(store: CropCache, *sides: int) -> list[int]:
    """Makes what is missing; the counts of images that were reported, the first of those that were there before."""
    counts: list[int] = []
    store.prepare(sides, counts.append)
    return counts


@pytest.fixture(scope="module")
def whole(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, bytes]:
    made = store(root, tmp_path_factory.mktemp("whole"))
    return {side: made.pixels(side).tobytes() for side in SIDES}


def test_crops_are_made_once_and_mapped(root: Path, tmp_path: Path) -> None:
    first = store(root, tmp_path)
    assert prepared(first, *SIDES) == [0, CHUNK, CHUNK, CHUNK, 7]
    assert isinstance(first.pixels(24), np.memmap)
    assert first.pixels(24).shape == (COUNT, 24, 24, 3)
    again = store(root, tmp_path)
    assert prepared(again, *SIDES) == [COUNT]
    assert again.pixels(16).tobytes() == first.pixels(16).tobytes()
    assert np.array_equal(again.digests, first.digests)
    assert len(set(again.digests.tolist())) == COUNT


def test_a_manifest_says_what_was_made(root: Path, tmp_path: Path) -> None:
    prepared(store(root, tmp_path), 24)
    (path,) = tmp_path.glob("images-toy-*/24-bilinear-0.875/manifest.json")
    manifest = json.loads(path.read_text())
    assert manifest.items() >= {
        "decoder": DECODER, "resampling": "bilinear", "crop": 0.875, "side": 24, "images": COUNT, "unreadable": {},
    }.items()  # fmt: skip


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.supernets.images.test_crop_cache import SIDES, store
done = []
def report(images):
    done.append(images)
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
store(Path(sys.argv[1]), Path(sys.argv[2])).prepare(SIDES, report)
"""


def test_a_killed_process_is_continued(root: Path, tmp_path: Path, whole: dict[int, bytes]) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(root), str(tmp_path)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    continued = store(root, tmp_path)
    assert prepared(continued, *SIDES)[0] == 2 * CHUNK
    assert {side: continued.pixels(side).tobytes() for side in SIDES} == whole


@pytest.mark.parametrize("harm", ["spoilt", "cut", "absent", "line cut"])
def test_a_damaged_chunk_is_made_again(root: Path, tmp_path: Path, whole: dict[int, bytes], harm: str) -> None:
    prepared(store(root, tmp_path), 24)
    (pixels,) = tmp_path.glob("images-toy-*/24-*/pixels.u8")
    content = pixels.read_bytes()
    at = CHUNK * 24 * 24 * 3 + 5
    if harm == "spoilt":
        pixels.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    elif harm == "cut":
        pixels.write_bytes(content[:-10])
    elif harm == "absent":
        pixels.unlink()
    else:
        lines = pixels.with_name("chunks.jsonl")
        lines.write_text(lines.read_text()[:-4])
    mended = store(root, tmp_path)
    assert prepared(mended, 24)[0] == {"spoilt": COUNT - CHUNK, "absent": 0}.get(harm, COUNT - 7)
    assert mended.pixels(24).tobytes() == whole[24]


def test_files_that_cannot_be_read_are_named_and_the_rest_is_made(tmp_path: Path) -> None:
    root = tmp_path / "pictures"
    grey, cmyk = save(root / "a.JPEG", 1, mode="L"), save(root / "b.JPEG", 2, mode="CMYK")
    truncate(save(root / "c.JPEG", 3))
    (root / "d.JPEG").write_bytes(b"no picture")
    (root / "e.JPEG").write_bytes(b"")
    save(root / "f.JPEG", 4)
    made = CropCache(
        name="toy", source=Folder(root), files=[*names(root), "g.JPEG"], cropping=CROPPING, cache=tmp_path / "cache"
    )
    prepared(made, 24)
    assert sorted(made.unreadable) == [2, 3, 4, 6]
    assert "truncated" in made.unreadable[2]
    assert "No such file" in made.unreadable[6]
    pixels = made.pixels(24)
    assert (pixels[0][..., 0] == pixels[0][..., 2]).all()
    assert pixels[1].std() > 0
    assert not pixels[2].any()
    assert grey.exists()
    assert cmyk.exists()
    again = CropCache(
        name="toy", source=Folder(root), files=[*names(root), "g.JPEG"], cropping=CROPPING, cache=tmp_path / "cache"
    )
    prepared(again)
    assert again.unreadable == made.unreadable


@pytest.mark.parametrize("content", [b"<html>403</html>", b"", b"GIF89a", b"\xff\xd8\xff", b"II*\0", b"no picture"])
def test_a_later_side_accepts_the_same_unreadable_file(tmp_path: Path, content: bytes) -> None:
    root, cache = tmp_path / "pictures", tmp_path / "cache"
    save(root / "a.JPEG", 1)
    (root / "b.JPEG").write_bytes(content)
    for side in (24, 16, 20):
        made = store(root, cache)
        prepared(made, side)
        assert list(made.unreadable) == [1]


def test_other_files_have_another_store(tmp_path: Path) -> None:
    root, cache = tmp_path / "pictures", tmp_path / "cache"
    save(root / "a.JPEG", 1)
    before = store(root, cache)
    prepared(before, 24)
    picture(2, (90, 60)).save(root / "a.JPEG", "JPEG")
    after = store(root, cache)
    prepared(after, 24)
    assert after.digests != before.digests
    assert len(list(cache.iterdir())) == 2


def test_files_that_change_during_a_run_are_noticed(tmp_path: Path) -> None:
    save(tmp_path / "pictures" / "a.JPEG", 1)
    made = store(tmp_path / "pictures", tmp_path / "cache")
    prepared(made, 24)
    save(tmp_path / "pictures" / "a.JPEG", 2)
    with pytest.raises(ImageError, match=r"a\.JPEG have changed"):
        made.pixels(16)


def test_too_little_space_is_said_before_anything_is_decoded(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supernets.images.crop_cache.shutil.disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(ImageError, match=r"expected 0 MB of free space .* set XDG_CACHE_HOME"):
        prepared(store(root, tmp_path), 24)


def test_a_cache_that_cannot_be_written_is_an_error_for_people(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(ImageError, match="cannot be written"):
        prepared(store(root, tmp_path / "cache"), 24)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
@pytest.mark.parametrize("name", [b"\xff.jpg", b"caf\xe9.jpg", b"\x80\x81.png", b"\xc3.webp", b"a\xfe.bmp"])
def test_file_names_in_no_encoding_are_read(tmp_path: Path, name: bytes) -> None:
    folder = tmp_path / "pictures"
    save(folder / "a.png", 1)
    os.rename(folder / "a.png", os.path.join(os.fsencode(folder), name))
    made = CropCache(
        name="odd",
        source=Folder(folder),
        files=[os.fsdecode(name)],
        cropping=Cropping("bilinear"),
        cache=tmp_path / "c",
    )
    made.prepare((16,))
    assert made.pixels(16).any()
    assert made.unreadable == {}
