"""Fetches released weights: from the authors' file to a file for `--weights`.

Notable: the file must have the checksum that its authors publish, or else the checksum recorded when it was first
fetched and loaded into its network. Weights that exist and are undamaged are not fetched again. Knows no terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from supernets.families.base import SupernetFamily
from supernets.families.registry import supernet_family
from supernets.fetch.convert import Build, convert
from supernets.fetch.download import Notice, Progress, RetryPolicy, download, without_password
from supernets.fetch.download_errors import FetchError, Unreachable, WrongFile
from supernets.fetch.partial import Partial
from supernets.fetch.releases import Release, find_release
from supernets.fetch.weights_folder import Record, WeightsFolder, sha256


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """Fetched weights."""

    path: Path
    released_sha256: str
    """SHA-256 of the file that the weights were made of."""
    new: bool
    """Whether this call wrote the weights."""
    origin: str
    """Address or path of that file."""
    published: bool
    """Whether its authors publish this checksum; if not, the file that was fetched first is trusted."""


def fetch(
    name: str,
    cache: Path,
    progress: Progress,
    notice: Notice,
    *,
    local: Path | None = None,
    mirror: str | None = None,
    offline: bool = False,
    retries: RetryPolicy | None = None,
    build: Build = SupernetFamily.network,
) -> Fetched:
    """The released weights of a supernet, as `weights/<supernet>.safetensors` in the folder `cache`.

    Args:
        name: name of the supernet; supernets that share weights share the file.
        local: a local copy of the authors' file, used instead of downloading.
        mirror: address used instead of the authors' server.
        offline: contact no server.
        build: makes the network that checks the weights.

    Raises:
        FetchError: the file cannot be fetched, differs from the trusted one, or belongs to another network; existing
            weights are unchanged.
    """
    release = find_release(name)
    url = release.url(mirror)
    folder = WeightsFolder(cache / "weights", release.supernet)
    partial = Partial(folder.partial)
    with folder.lock(notice):
        record = folder.record()
        if local is not None:
            return _take(local, str(local.absolute()), release, folder, record, build)
        if record and folder.matches(record):
            partial.discard()
            return _fetched(folder, record, release, new=False)
        if url is None:
            raise FetchError(_steps(release, name))
        if offline:
            raise FetchError(
                f"offline, and {folder.weights} is missing or damaged; go online, {_by_hand(release, name)}"
            )
        try:
            download(url, partial, progress, notice, retries or RetryPolicy())
            fetched = _take(partial.path, without_password(url), release, folder, record, build)
        except Unreachable as error:
            raise FetchError(f"{error}; {_other_ways(release, name)}") from None
        except WrongFile as error:
            partial.discard()
            raise FetchError(f"{error}; the file was deleted; {_other_ways(release, name)}") from None
        partial.discard()
        return fetched


def _take(
    file: Path, origin: str, release: Release, folder: WeightsFolder, record: Record | None, build: Build
) -> Fetched:
    """Check a local copy of a released file, convert it and keep the result.

    Raises:
        WrongFile: the file differs from the trusted one, or belongs to another network.
        FetchError: the file is missing, or the folder cannot be written.
    """
    if not file.is_file():
        raise FetchError(f"{file}: expected the file {Path(release.file).name}, found no file there")
    digest = sha256(file)
    _check(digest, origin, release, folder, record)
    metadata = {"released": release.file, "origin": origin, "released_sha256": digest}
    with folder.unfinished() as weights:
        try:
            convert(file, supernet_family(release.supernet), weights, metadata, build)
        except WrongFile as error:
            raise WrongFile(f"{origin}: {error}") from None
        record = Record(released=release.file, origin=origin, released_sha256=digest, weights_sha256=sha256(weights))
        folder.publish(weights, record)
    return _fetched(folder, record, release, new=True)


def _fetched(folder: WeightsFolder, record: Record, release: Release, *, new: bool) -> Fetched:
    return Fetched(
        path=folder.weights, released_sha256=record.released_sha256, new=new, origin=record.origin,
        published=release.sha256 is not None,
    )  # fmt: skip


def _check(digest: str, origin: str, release: Release, folder: WeightsFolder, record: Record | None) -> None:
    """Compare with the checksum that the authors publish; without one, with the recorded checksum."""
    if release.sha256:
        expected, why = release.sha256, f"which the authors publish for {release.file}"
    elif record:
        expected = record.released_sha256
        why = (
            f"recorded when it was fetched from {record.origin} (if the authors have replaced it since, delete "
            f"{folder.record_file} to trust the new one)"
        )
    else:
        return
    if digest != expected:
        raise WrongFile(f"{origin}: expected a file with SHA-256 {expected}, {why}; got {digest}")


def _steps(release: Release, name: str) -> str:
    file = Path(release.file).name
    return (
        f"the authors of {release.supernet} released its weights in a cloud folder that only browsers can read:\n"
        f"  1. open {release.folder}\n"
        f"  2. download {release.file}\n"
        f"  3. python main.py fetch {name} --from {file}"
    )


def _other_ways(release: Release, name: str) -> str:
    return f"name another server with --mirror URL (or COLLM_MIRROR), {_by_hand(release, name)}"


def _by_hand(release: Release, name: str) -> str:
    return (
        f"or get {Path(release.file).name} by other means (the authors' folder: {release.folder}) and use it with "
        f"`python main.py fetch {name} --from FILE`, or at once with --weights FILE"
    )
