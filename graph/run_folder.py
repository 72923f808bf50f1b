"""The folder of a run: its files, its lock, and how a user names it.

Notable: files are replaced as a whole, and one process at a time holds the folder. Knows nothing of what a search does.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from agents.text.sanitize import excerpt
from common.errors import UserError
from common.files import lock, write_text
from graph.config import Config

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
"""Names that every file system accepts, and no shell reads as something else."""


@dataclass(frozen=True)
class RunFolder:
    """`runs/<id>/`."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def archive(self) -> Path:
        return self.path / "archive.sqlite"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints.sqlite"

    @property
    def trace(self) -> Path:
        return self.path / "trace.txt"

    @property
    def result(self) -> Path:
        return self.path / "result.json"

    @property
    def _config(self) -> Path:
        return self.path / "config.json"

    @property
    def begun(self) -> datetime:
        """When its configuration was written, in local time.

        Raises:
            OSError: the folder has none.
        """
        return datetime.fromtimestamp(self._config.stat().st_mtime)

    @property
    def report(self) -> Path:
        """The report for a browser, written when a search ends."""
        return self.path / "report.html"

    @classmethod
    def create(cls, root: Path, config: Config, name: str | None = None, now: datetime | None = None) -> RunFolder:
        """A new folder under `root`, with a name that a user chose, or named by time, supernet and seed.

        Raises:
            UserError: the folder cannot be written, or the name is taken or cannot be a folder's.
        """
        if name is not None:
            _check_name(root, name)
        with _explain_errors(root):
            folder = cls.make(root, name or f"{now or datetime.now():%Y%m%d-%H%M%S}-{config.label}-s{config.seed}")
            folder.write_config(config)
        return folder

    @classmethod
    def make(cls, root: Path, stem: str) -> RunFolder:
        """A new folder under `root`; it is not found as a run until its configuration is written.

        Raises:
            UserError: the folder cannot be written.
        """
        with _explain_errors(root):
            root.mkdir(parents=True, exist_ok=True)
            return cls(_make_unique(root, stem))

    @classmethod
    def at(cls, path: Path, config: Config) -> RunFolder:
        """The folder at a path, created if it does not exist.

        Raises:
            UserError: it holds a run of another configuration, or cannot be written.
        """
        folder = cls(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
            if not folder._config.is_file():
                write_text(folder._config, config.to_json())
        except OSError as error:
            raise UserError(f"cannot make the run folder {path}: {error}; make room, or choose another place") from None
        if folder.config().to_json() != config.to_json():
            raise UserError(f"{path} holds a run with other settings; move it away, or choose another place")
        return folder

    @classmethod
    def find(cls, root: Path, run: str) -> RunFolder:
        """The folder of an earlier run, by its path or by its id under `root`.

        Raises:
            UserError: there is no such run.
        """
        for path in (root / run, Path(run)):
            if (path / "config.json").is_file():
                return cls(path.resolve())
        known = sorted(path.parent.name for path in root.glob("*/config.json"))
        latest = f"the latest are {', '.join(known[-3:])}" if known else "there are none yet"
        raise UserError(f"no run {run!r}: expected a run folder or the id of one under {root}; {latest}")

    def config(self) -> Config:
        """
        Raises:
            UserError: the file cannot be read, or is of a newer schema.
        """
        try:
            return Config.from_json(self._config.read_text(), str(self._config))
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"cannot read {self._config}: {error}") from None

    def write_config(self, config: Config) -> None:
        write_text(self._config, config.to_json())

    def keep_places(self, config: Config) -> None:
        """Remember where weights and images of the run are now, once they are known to be the same."""
        if self._config.is_file() and self.config() != config:
            self.write_config(config)

    def read_result(self) -> dict[str, Any]:
        """The content of `result.json`; empty if there is none that can be read."""
        try:
            found = json.loads(self.result.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write_result(self, result: dict[str, Any]) -> None:
        write_text(self.result, json.dumps(result, indent=2) + "\n")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder; the system releases it when the process ends.

        Raises:
            UserError: another process holds it, or it cannot be locked.
        """
        holder = self.path / "lock.pid"

        def refuse() -> None:
            process = holder.read_text() if holder.exists() else ""
            raise UserError(
                f"the run folder {self.path} is in use by process {process or 'unknown'}; "
                "wait for it to end, or start a new run"
            )

        with ExitStack() as held:
            try:
                held.enter_context(lock(self.path / "lock", refuse))
                holder.write_text(str(os.getpid()))
            except OSError as error:
                raise UserError(
                    f"cannot lock the run folder {self.path}: {error}; make the folder writable, and remove what is in "
                    f"the place of its files lock and {holder.name}"
                ) from error
            yield


def _check_name(root: Path, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UserError(
            f"--name {excerpt(name, 40)}: expected letters, digits, dots, hyphens and underscores, 80 at most, "
            "beginning with a letter or a digit"
        )
    if (root / name).exists():
        raise UserError(f"--name {name}: {root / name} exists; continue it, --resume {root / name}, or choose another")


@contextmanager
def _explain_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"cannot make a run folder under {root}: {error}; make room, or choose another place") from None


def _make_unique(root: Path, stem: str) -> Path:
    number = 1
    while True:
        path = root / (stem if number == 1 else f"{stem}-{number}")
        try:
            path.mkdir()
            return path
        except FileExistsError:
            number += 1
