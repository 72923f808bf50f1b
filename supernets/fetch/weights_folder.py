"""The folder of fetched weights: file names, the lock, and the record of trusted checksums.

Notable: a record beside the weights holds the checksum of the released file, so that a later fetch gets the same file
or fails, and the checksum of the converted file, to detect damage on disk. Knows no servers and no networks.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from common.files import lock, replace, write_text
from supernets.fetch.download_errors import FetchError, cannot_write

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Record:
    """The result of a fetch; checksums are SHA-256 in hexadecimal digits."""

    released: str
    """The authors' name of the released file."""
    origin: str
    """Address or path from which the released file was read."""
    released_sha256: str
    weights_sha256: str
    schema: int = SCHEMA


@dataclass(frozen=True)
class WeightsFolder:
    """The files of one supernet's weights."""

    folder: Path
    supernet: str

    @property
    def weights(self) -> Path:
        return self.folder / f"{self.supernet}.safetensors"

    @contextmanager
    def unfinished(self) -> Iterator[Path]:
        """A path for weights while they are written; its temporary folder is deleted afterwards or by the next call.

        Raises:
            FetchError: the folder cannot be written.
        """
        scratch = self.folder / f"{self.supernet}.tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            scratch.mkdir()
        except OSError as error:
            raise cannot_write(scratch, error) from None
        try:
            yield scratch / self.weights.name
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    @property
    def partial(self) -> Path:
        """Path of the released file while it is downloaded."""
        return self.folder / f"{self.supernet}.part"

    @property
    def record_file(self) -> Path:
        return self.folder / f"{self.supernet}.json"

    @contextmanager
    def lock(self, notice: Callable[[str], None]) -> Iterator[None]:
        """Hold the lock of these weights; wait if another process is fetching them.

        Raises:
            FetchError: the folder cannot be written.
        """
        path = self.folder / f"{self.supernet}.lock"
        with ExitStack() as stack:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                waiting = f"another process is fetching {self.supernet}: waiting for it to end"
                stack.enter_context(lock(path, lambda: notice(waiting)))
            except OSError as error:
                raise cannot_write(path, error) from None
            yield

    def record(self) -> Record | None:
        """The record of an earlier fetch, if there is one.

        Raises:
            FetchError: the record cannot be read, or has a newer schema.
        """
        try:
            content = json.loads(self.record_file.read_text(encoding="utf-8"))
            if content["schema"] != SCHEMA:
                raise FetchError(
                    f"{self.record_file}: expected schema {SCHEMA}, got {content['schema']}; update this program"
                )
            return Record(**content)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise FetchError(
                f"{self.record_file}: expected the record of a fetch, but it cannot be read ({error}); delete it and "
                "fetch again; the next file is then not compared with the earlier one"
            ) from None

    def matches(self, record: Record) -> bool:
        """Whether the weights exist and are unchanged since `record` was written."""
        return self.weights.is_file() and sha256(self.weights) == record.weights_sha256

    def publish(self, unfinished: Path, record: Record) -> None:
        """Give the weights their final name. The record is written first: alone, it only holds the trusted checksum.

        Raises:
            FetchError: the folder cannot be written.
        """
        try:
            write_text(self.record_file, json.dumps(asdict(record), indent=2) + "\n")
            # safetensors makes files that only their owner can read.
            shutil.copymode(self.record_file, unfinished)
            replace(unfinished, self.weights)
        except OSError as error:
            raise cannot_write(self.weights, error) from None


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits.

    Raises:
        FetchError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FetchError(f"cannot read {path}: {error.strerror}") from None
