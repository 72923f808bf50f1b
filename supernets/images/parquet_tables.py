"""Images in Parquet tables in the format of Hugging Face's hub: a column `image` of files and a column `label`.

Notable: tables are read in place and in their own order, because rows can only be read a group at a time; the groups
read last are kept in memory. Needs the optional package pyarrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from supernets.images.decoding import ImageError
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
        numbered: the class names by label number.

    Raises:
        ImageError: pyarrow is missing, a file is not such a table, or a label is not valid.
    """
    parquet, found = _parquet(tables[0]), []
    for path in tables:
        try:
            with parquet.ParquetFile(path) as table:
                if "image" not in table.schema_arrow.names:
                    raise KeyError("image")
                for group in range(table.num_row_groups):
                    labels = table.read_row_group(group, columns=["label"])["label"].to_pylist()
                    found += [(f"{path.name}/{group}/{row}", label) for row, label in enumerate(labels)]
        except (OSError, ValueError, KeyError) as error:
            raise ImageError(
                f"table {path}: expected Parquet with the columns image and label, got {type(error).__name__} "
                f"({error}); copy it again"
            ) from error
    strange = next(((file, label) for file, label in found if label not in range(len(numbered))), None)
    if strange:
        raise ImageError(f"table {strange[0]}: expected a label from 0 to {len(numbered) - 1}, got {strange[1]!r}")
    return [(file, numbered[label]) for file, label in found]


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
