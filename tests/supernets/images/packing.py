"""ImageNet of three classes in folders, and packed into archives and tables in every known layout."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from timm.data.imagenet_info import ImageNetInfo

from supernets.images.full_size import Listing
from supernets.images.imagenet import wnids
from tests.supernets.images.devkit import META, WNIDS
from tests.supernets.images.pictures import class_folders

ALL = wnids()
SOME = tuple(sorted(WNIDS))
DESCRIBED = tuple(map(ImageNetInfo().index_to_description, range(1000)))
SIZES = {"calibrate": 3, "search": 6}


def make_folders(root: Path) -> Path:
    class_folders(root / "train", SOME, 4)
    class_folders(root / "val", SOME, 2, 100)
    return root


def pack(path: Path, files: Mapping[str, bytes]) -> bytes:
    """Write a tar archive; returns its content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path.read_bytes()


def images(root: Path, split: str) -> dict[str, bytes]:
    return {str(path.relative_to(root / split)): path.read_bytes() for path in sorted((root / split).glob("*/*"))}


def one_archive(folders: Path, root: Path) -> None:
    for split in ("train", "val"):
        pack(root / f"{split}.tar", {f"./{split}/{name}": file for name, file in images(folders, split).items()})


def one_for_each_class(folders: Path, root: Path) -> None:
    for split in ("train", "val"):
        for wnid in SOME:
            files = {Path(n).name: file for n, file in images(folders, split).items() if n.startswith(wnid)}
            pack(root / split / f"{wnid}.tar", {"._" + next(iter(files)): b"of macOS", **files})


def as_published(folders: Path, root: Path) -> None:
    """Training archives in an archive, validation flat with the devkit's numbers."""
    one_for_each_class(folders, root)
    inner = {path.name: path.read_bytes() for path in (root / "train").iterdir()}
    pack(root / "ILSVRC2012_img_train.tar", inner)
    val = images(folders, "val")
    pack(
        root / "ILSVRC2012_img_val.tar",
        {f"ILSVRC2012_val_{i:08}.JPEG": file for i, file in enumerate(val.values(), 1)},
    )
    for split in ("train", "val"):
        for path in (root / split).iterdir():
            path.unlink()
        (root / split).rmdir()
    data = root / "ILSVRC2012_devkit_t12" / "data"
    data.mkdir(parents=True)
    (data / "meta.mat").write_bytes(META)
    numbers = [WNIDS.index(Path(name).parts[0]) + 1 for name in val]
    (data / "ILSVRC2012_validation_ground_truth.txt").write_text("\n".join(map(str, numbers)))


def shards(folders: Path, root: Path) -> None:
    """As webdataset writes them: each image with its label and more, in any order."""
    for split, name in (("train", "train"), ("val", "validation")):
        files = sorted(images(folders, split).items(), key=lambda item: item[1])
        for shard in range(2):
            members: dict[str, bytes] = {}
            for path, file in files[shard::2]:
                key = Path(path).stem
                label = str(ALL.index(Path(path).parts[0])).encode()
                members |= {f"{key}.cls": label, f"{key}.jpg": file, f"{key}.json": json.dumps({"label": 7}).encode()}
            pack(root / f"imagenet1k-{name}-{shard:04}.tar", members)


def tables(folders: Path, root: Path) -> None:
    """As on Hugging Face's hub, in row groups of five."""
    for split, name in (("train", "train"), ("val", "validation")):
        rows = [
            {"image": {"bytes": file, "path": Path(path).name}, "label": ALL.index(Path(path).parts[0])}
            for path, file in images(folders, split).items()
        ]
        (root / "data").mkdir(parents=True, exist_ok=True)
        path = root / "data" / f"{name}-00000-of-00001.parquet"
        pq.write_table(pa.Table.from_pylist(rows).replace_schema_metadata(listed(DESCRIBED)), path, row_group_size=5)


def listed(names: Sequence[str]) -> dict[str, str]:
    """The metadata with which the datasets library stores the names of labels."""
    return {"huggingface": json.dumps({"info": {"features": {"label": {"_type": "ClassLabel", "names": [*names]}}}})}


LAYOUTS: list[Callable[[Path, Path], None]] = [one_archive, one_for_each_class, as_published, shards, tables]


def contents(listing: Listing) -> list[tuple[bytes, int]]:
    return [(listing.source.read(file), int(y)) for file, y in zip(listing.files, listing.labels, strict=True)]
