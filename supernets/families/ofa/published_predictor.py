"""The accuracy predictor that OFA's authors published, read from a user's file; it is not bundled.

Notable: 128 inputs (one-hot kernel and expansion of each of 20 blocks, all zero where a block does not act, then
one-hot resolution from 112 in steps of 16), three hidden layers of 400, one output, a share of 1. Only resolutions
from 160 were trained. `README.md` has its errors on measured networks.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from supernets.families.ofa.accuracy_predictor import Matrix
from supernets.families.ofa.layout import EXPANSIONS, KERNELS
from supernets.families.ofa.space import OFASpace
from supernets.space.architecture import Architecture

if TYPE_CHECKING:
    from torch import Tensor

KNOWN, IMAGES = 16_000, 10_000
"""Number of networks in its training set, and of held-out training images that scored each (Cai et al., 2020)."""
_LEAST_SIDE, _STEP, _SIDES = 112, 16, 8
_HIDDEN = 400
_ERROR = 0.26
"""Standard deviation of its errors on 1,462 measured networks of width 1.0, in percentage points."""


class PublishedPredictor:
    """Predicts top-1 in percent by the network in the file, with one standard error for all architectures.

    Raises:
        CheckpointError: the file cannot be read, or is not this predictor.
    """

    def __init__(self, space: OFASpace, path: Path) -> None:
        from torch import nn

        from supernets.network.checkpoint import load_state, weights_hash

        self._space = space
        inputs = space.layout.blocks * (len(KERNELS) + len(EXPANSIONS)) + _SIDES
        layers: list[nn.Module] = []
        for width in (inputs, _HIDDEN, _HIDDEN):
            layers += [nn.Linear(width, _HIDDEN), nn.ReLU()]
        self._net = nn.Sequential(*layers, nn.Linear(_HIDDEN, 1))
        load_state(self._net, _read(path), str, "the published accuracy predictor of OFA")
        self.hash = weights_hash(self._net.state_dict())
        # In double precision, so that a prediction does not depend on the other architectures of the batch.
        self._net.double()

    def predict(self, networks: Sequence[Architecture]) -> tuple[Matrix, Matrix]:
        """Means and standard errors, each of shape (networks,)."""
        import torch

        with torch.inference_mode():
            shares = self._net(torch.from_numpy(np.array([self._encode(a) for a in networks])))
        return 100 * shares[:, 0].numpy(), np.full(len(networks), _ERROR)

    def _encode(self, a: Architecture) -> Matrix:
        """The inputs for one network."""
        kernels, expansions = np.zeros((2, self._space.layout.blocks, 3))
        for i in self._space.active_blocks(a):
            kernels[i, KERNELS.index(a["ks"][i])] = expansions[i, EXPANSIONS.index(a["e"][i])] = 1
        side = np.eye(_SIDES)[(a["r"] - _LEAST_SIDE) // _STEP]
        return np.concatenate([kernels.ravel(), expansions.ravel(), side])


def _read(path: Path) -> dict[str, Tensor]:
    import torch

    from supernets.network.checkpoint_file import CheckpointError, read_checkpoint

    if path.suffix != ".npz" or not path.is_file():
        return read_checkpoint(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: torch.from_numpy(file[name]) for name in file.files}
    except (OSError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"predictor {path}: expected arrays of plain numbers, got {error}") from None
