"""From a checkpoint as its authors released it to a safetensors file of the same weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from supernets.families.registry import load_released
from supernets.fetch.download_errors import WrongFile, cannot_write

if TYPE_CHECKING:
    from supernets.network.supernet import Supernet

Build = Callable[[str], "Supernet"]
"""From a supernet's name to its network, untrained."""


def convert(checkpoint: Path, name: str, out: Path, metadata: Mapping[str, str], build: Build) -> None:
    """Write the weights of `checkpoint`, in the precision and with the names of the network `name`, to `out`.

    Raises:
        WrongFile: it cannot be read, or is not of that network; nothing is written then.
        FetchError: `out` cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    from supernets.network.checkpoint import CheckpointError, read_checkpoint

    net = build(name)
    try:
        load_released(net, read_checkpoint(checkpoint))
    except CheckpointError as error:
        raise WrongFile(str(error)) from None
    try:
        save_file({key: tensor.contiguous() for key, tensor in net.state_dict().items()}, out, dict(metadata))
    except (OSError, SafetensorError) as error:
        raise cannot_write(out, error) from None
