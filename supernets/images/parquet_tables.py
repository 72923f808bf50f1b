"""Images in Parquet tables in the format of Hugging Face's hub: a column `image` of files and a column `label`.

Notable: tables are read in place and in their own order, because rows can only be read a group at a time; the groups
read last are kept in memory. Needs the optional package pyarrow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from supernets.images.decoding import ImageError
from supernets.images.numbered_labels import classes_by_number
from supernets.images.sources import Source

_GROUPS = 8
"""Row groups kept in memory; those of the hub hold 100 images, about 11 MB."""


class Tables(Source):
    """Images in Parquet files in the folder `root`, named `<file>.parquet/<row group>/<row in it>`."""

    def read(self, file: str) -> bytes:
        table, group, row = file.rsplit("/", 2)
        try:
            content = _images(self.root / table, int(group))[int(row)]["bytes"].as_py()
        except (ValueError, KeyError) as error:
            raise OSError(f"no image in the table ({error})") from error
        if content is None:
            raise OSError("the table has a file name and no image data")
        return bytes(content)

    def container(self, file: str) -> str:
        return file.rsplit("/", 2)[0]


def list_tables(tables: Sequence[Path], numbered: Sequence[str]) -> list[tuple[str, str]]:
    """The name for `Tables` and the class of every image, in the tables' order.

    Args:
        numbered: the class names by label number, for tables that do not list their own.

    Raises:
        ImageError: pyarrow is missing, a file is not such a table, tables list different classes, or a label is not
            valid.
    """
    parquet, found, lists = _parquet(tables[0]), [], {}
    for path in tables:
        try:
            with parquet.ParquetFile(path) as table:
                if "image" not in table.schema_arrow.names:
                    raise KeyError("image")
                lists[path.name] = _listed_names(table.schema_arrow.metadata or {})
                for group in range(table.num_row_groups):
                    labels = table.read_row_group(group, columns=["label"])["label"].to_pylist()
                    found += [(f"{path.name}/{group}/{row}", label) for row, label in enumerate(labels)]
        except (OSError, ValueError, KeyError) as error:
            raise ImageError(
                f"table {path}: expected Parquet with the columns image and label, got {type(error).__name__} "
                f"({error}); copy it again"
            ) from error
    first, *others = lists.items()
    different = next((name for name, listed in others if listed != first[1]), None)
    if different:
        raise ImageError(
            f"tables {first[0]} and {different}: expected one list of class names in both; copy them again"
        )
    where = f"table {tables[0]}" if len(tables) == 1 else f"tables {tables[0]} and {len(tables) - 1} more"
    classes = classes_by_number(where, {label for _, label in found}, numbered, first[1])
    return [(file, classes[label]) for file, label in found]


def _listed_names(metadata: Mapping[bytes, bytes]) -> tuple[str, ...] | None:
    """The class names that the datasets library stored with a table; None if there are none."""
    try:
        names = json.loads(metadata[b"huggingface"])["info"]["features"]["label"]["names"]
    except (KeyError, TypeError, ValueError):
        return None
    return tuple(map(str, names)) if isinstance(names, list) else None


@lru_cache(_GROUPS)
def _images(path: Path, group: int) -> Any:
    """The image column of one row group."""
    with _parquet(path).ParquetFile(path) as table:
        return table.read_row_group(group, columns=["image"])["image"].combine_chunks()


def _parquet(path: Path) -> ModuleType:
    try:
        import pyarrow.parquet
    except ImportError:
        raise ImageError(
            f"table {path}: expected the package pyarrow, which reads Parquet; install it with `pip install pyarrow`"
        ) from None
    module: ModuleType = pyarrow.parquet
    return module
