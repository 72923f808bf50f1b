"""Converts a checkpoint as its authors released it to a safetensors file of the same weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from supernets.families.base import SupernetFamily
from supernets.fetch.download_errors import WrongFile, cannot_write

if TYPE_CHECKING:
    from supernets.network.supernet import Supernet

Build = Callable[[SupernetFamily], "Supernet"]
"""Makes a family's network with untrained weights."""


def convert(checkpoint: Path, family: SupernetFamily, out: Path, metadata: Mapping[str, str], build: Build) -> None:
    """Write the weights of `checkpoint`, in the precision and with the names of the family's network, to `out`.

    Raises:
        WrongFile: the checkpoint cannot be read, or belongs to another network; nothing is written then.
        FetchError: `out` cannot be written.
    """
    from safetensors import SafetensorError

    from supernets.network.checkpoint_file import CheckpointError, read_checkpoint, write_checkpoint

    net = build(family)
    try:
        family.load(net, read_checkpoint(checkpoint))
    except CheckpointError as error:
        raise WrongFile(str(error)) from None
    try:
        write_checkpoint(net.state_dict(), out, metadata)
    except (OSError, SafetensorError) as error:
        raise cannot_write(out, error) from None
