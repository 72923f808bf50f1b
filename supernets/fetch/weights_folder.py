"""The folder of fetched weights: file names, who may write, and what was trusted.

Notable: a record beside the weights holds the checksum of the released file, so that a later fetch gets the same
file or fails, and that of the converted one, so that damage on disk is seen. Knows nothing of servers or networks.
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
    """What a fetch has established; checksums are SHA-256, as hexadecimal digits."""

    released: str
    """The authors' name of the file."""
    origin: str
    """The address or the path it was read from."""
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
        """A place for weights while they are written; it and all beside it are gone afterwards, or at the next call.

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
        """The released file while it is downloaded."""
        return self.folder / f"{self.supernet}.part"

    @property
    def record_file(self) -> Path:
        return self.folder / f"{self.supernet}.json"

    @contextmanager
    def lock(self, notice: Callable[[str], None]) -> Iterator[None]:
        """Wait until no other process fetches these weights; the system frees the lock of a process that was killed.

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
        """
        Raises:
            FetchError: the record cannot be read, or is of a newer schema.
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
                f"{self.record_file}: expected the record of a fetch, but it cannot be read ({error}); delete it to "
                "trust the next file that comes"
            ) from None

    def holds(self, record: Record) -> bool:
        """Whether the weights are there, unchanged since `record` was made."""
        return self.weights.is_file() and sha256(self.weights) == record.weights_sha256

    def publish(self, unfinished: Path, record: Record) -> None:
        """Give the weights their final name. The record goes first: without weights it says only what was trusted.

        Raises:
            FetchError: the folder cannot be written.
        """
        try:
            write_text(self.record_file, json.dumps(asdict(record), indent=2) + "\n")
            # safetensors writes for the owner alone.
            shutil.copymode(self.record_file, unfinished)
            replace(unfinished, self.weights)
        except OSError as error:
            raise cannot_write(self.weights, error) from None


def sha256(path: Path) -> str:
    """
    Raises:
        FetchError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FetchError(f"cannot read {path}: {error.strerror}") from None
