"""The files that the authors of each supernet released: addresses and published checksums.

Notable: this table has a checksum only if the authors publish one; for other files the first download is trusted and
its checksum recorded. Knows neither network nor disk.

Sources: the model zoo of mit-han-lab/once-for-all, the AutoFormer folder of microsoft/Cream and the page of
megvii-model/SinglePathOneShot, all on GitHub.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from supernets.fetch.download_errors import FetchError

_OFA_FILES = "https://raw.githubusercontent.com/han-cai/files/master/ofa/ofa_nets"
_OFA_LARGE_FILES = "https://media.githubusercontent.com/media/han-cai/files/master/ofa/ofa_nets"
_OFA_FOLDER = "https://drive.google.com/drive/folders/10leLmIiMtaRu4J46KwrBaMydvQt0qFuI"
_AUTOFORMER_FILES = "https://github.com/silent-chen/AutoFormer-model-zoo/releases/download/v1.0"
_AUTOFORMER_FOLDER = "https://drive.google.com/drive/folders/1HqzY3afqQUMI6pJ5_BgR2RquJU_b_3eg"
_SPOS_FOLDER = "https://1drv.ms/u/s!Am_mmG2-KsrnajesvSdfsq_cN48?e=aHVppN"


@dataclass(frozen=True, kw_only=True)
class Release:
    """One released file."""

    supernet: str
    file: str
    folder: str
    """Address of the authors' folder for browsers."""
    store: str | None
    """Address of the folder for programs; None if there is none."""
    sha256: str | None = None
    """SHA-256 that the authors publish; None if they publish none."""

    def url(self, mirror: str | None = None) -> str | None:
        """The address of the file; a mirror replaces scheme and host, and keeps the path.

        Raises:
            FetchError: the mirror is not an http or https address.
        """
        if self.store is None:
            return None
        url = f"{self.store}/{self.file}"
        return url if mirror is None else _mirrored(url, mirror)


_RELEASES = (
    Release(supernet="ofa", file="ofa_mbv3_d234_e346_k357_w1.2", folder=_OFA_FOLDER, store=_OFA_FILES),
    Release(supernet="ofa-w1.0", file="ofa_mbv3_d234_e346_k357_w1.0", folder=_OFA_FOLDER, store=_OFA_FILES),
    Release(supernet="ofa-proxyless", file="ofa_proxyless_d234_e346_k357_w1.3", folder=_OFA_FOLDER, store=_OFA_FILES),
    Release(
        supernet="ofa-resnet50",
        file="ofa_resnet50_d0-1-2_e0.2-0.25-0.35_w0.65-0.8-1.0",
        folder=_OFA_FOLDER,
        store=_OFA_LARGE_FILES,
        # The authors' repository holds a pointer with this checksum; the file itself is in large file storage.
        sha256="3406a4c852f4573a58e9a01f35406baa4ad3787044ffadc6ea45571ad2b9123a",
    ),
    Release(supernet="autoformer", file="supernet-tiny.pth", folder=_AUTOFORMER_FOLDER, store=_AUTOFORMER_FILES),
    Release(supernet="autoformer-small", file="supernet-small.pth", folder=_AUTOFORMER_FOLDER, store=_AUTOFORMER_FILES),
    Release(supernet="autoformer-base", file="supernet-base.pth", folder=_AUTOFORMER_FOLDER, store=_AUTOFORMER_FILES),
    Release(supernet="spos", file="Supernet/checkpoint-150000.pth.tar", folder=_SPOS_FOLDER, store=None),
)
_SHARED = {"autoformer-wide": "autoformer", "autoformer-base-wide": "autoformer-base"}
"""Supernets that use the released weights of another one."""


def find_release(name: str) -> Release:
    """The release with the weights of a supernet, by the name a user types.

    Raises:
        FetchError: no release is known.
    """
    by_name = {release.supernet: release for release in _RELEASES}
    release = by_name.get(_SHARED.get(name, name))
    if release is None:
        raise FetchError(
            f"no released weights are known for {name!r}: expected one of {', '.join([*by_name, *_SHARED])}"
        )
    return release


def _mirrored(url: str, mirror: str) -> str:
    try:
        base = urlsplit(mirror)
    except ValueError:
        base = urlsplit("")
    if base.scheme not in ("http", "https") or not base.hostname:
        raise FetchError(f"mirror {mirror!r}: expected an address such as https://mirror.example.org/weights")
    return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + urlsplit(url).path, "", ""))
