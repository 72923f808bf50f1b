"""Accuracy of OFA sub-networks (MobileNetV3, width 1.0), predicted from 1,462 measured ones: a Gaussian process.

Notable: all measured networks read images of 224 pixels, so the predicted space has no other resolution. The covariance
is linear and smooth in the blocks' choices, and smooth in the stages' depths and means, MACs and parameters.
`README.md` has the source of the measurements and the errors of predictions; the fit takes less than a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from supernets.families.ofa.layout import EXPANSIONS, KERNELS
from supernets.families.ofa.space import OFASpace
from supernets.space.architecture import Architecture

Matrix = NDArray[np.float64]
FILE = Path(__file__).parent / "measured.npz"
SIDE = 224


@dataclass(frozen=True, kw_only=True)
class Covariance:
    """The covariance of two networks as a sum of weighted parts."""

    linear: float = 1.0
    """Weight of the part that is linear in the blocks' choices."""
    smooth: float = 1.0
    """Weight of the part that is smooth in the blocks' choices."""
    coarse: float = 1.0
    """Weight of the part that is smooth in the stages' means."""
    spread: float = 12.0
    """Length scale of the smooth parts."""
    noise: float = 0.03
    """Weight of the noise of a measurement."""


class Predictor:
    """Predicts top-1 in percent, with a standard error that is scaled to the leave-one-out errors."""

    def __init__(
        self, *, space: OFASpace, networks: Sequence[Architecture], top1: Matrix, kernel: Covariance | None = None
    ) -> None:
        self._space = space
        self._kernel = kernel or Covariance()
        coarse = self._coarse(networks)
        self._centre, self._scale = coarse.mean(0), coarse.std(0)
        self._blocks, self._stages = self._features(networks)
        self._mean = float(top1.mean())
        covariance = self._covariance(self._blocks, self._stages) + self._kernel.noise * np.eye(len(networks))
        self._inverse = np.linalg.inv(covariance)
        self._weights = self._inverse @ (top1 - self._mean)
        self._variance = float(np.mean(self._weights**2 / np.diag(self._inverse)))

    def predict(self, networks: Sequence[Architecture]) -> tuple[Matrix, Matrix]:
        """Means and standard errors, each of shape (networks,)."""
        blocks, stages = self._features(networks)
        shared = self._covariance(blocks, stages)
        kernel = self._kernel
        own = kernel.linear * (blocks**2).sum(1) + kernel.smooth + kernel.coarse + kernel.noise
        left = own - np.einsum("ij,jk,ik->i", shared, self._inverse, shared, optimize=True)
        return self._mean + shared @ self._weights, np.sqrt(self._variance * np.maximum(left, 0))

    def _covariance(self, blocks: Matrix, stages: Matrix) -> Matrix:
        kernel = self._kernel
        smooth, coarse = _near(blocks, self._blocks, kernel.spread), _near(stages, self._stages, kernel.spread)
        return kernel.linear * blocks @ self._blocks.T + kernel.smooth * smooth + kernel.coarse * coarse

    def _features(self, networks: Sequence[Architecture]) -> tuple[Matrix, Matrix]:
        return self._one_hot(networks), (self._coarse(networks) - self._centre) / self._scale

    def _one_hot(self, networks: Sequence[Architecture]) -> Matrix:
        """One-hot kernel and expansion of each acting block, (networks, blocks * 6)."""
        hot = np.zeros((len(networks), self._space.layout.blocks, 2, 3))
        for cells, a in zip(hot, networks, strict=True):
            for i in self._space.active_blocks(a):
                cells[i, 0, KERNELS.index(a["ks"][i])] = cells[i, 1, EXPANSIONS.index(a["e"][i])] = 1
        return hot.reshape(len(networks), -1)

    def _coarse(self, networks: Sequence[Architecture]) -> Matrix:
        """Log MACs and parameters, and for each stage its depth, and sum and mean of kernels and of expansions."""
        return np.array([self._stage_means(a) for a in networks])

    def _stage_means(self, a: Architecture) -> list[float]:
        cost = self._space.count(a)
        found = [float(np.log(cost.macs)), float(np.log(cost.params))]
        for depth, blocks in zip(a["d"], self._space.stage_blocks, strict=True):
            ks, e = (sum(a[gene][i] for i in blocks[:depth]) for gene in ("ks", "e"))
            found += [depth, ks, e, ks / depth, e / depth]
        return found


def _near(one: Matrix, other: Matrix, spread: float) -> Matrix:
    distance = (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T
    return np.asarray(np.exp(-distance / spread**2))


def measured_networks(space: OFASpace) -> tuple[list[Architecture], Matrix]:
    """The measured networks and their top-1 in percent."""
    with np.load(FILE, allow_pickle=False) as file:
        genes = {gene: file[gene].tolist() for gene in ("d", "ks", "e")}
        top1 = np.asarray(file["top1"] / 1000, dtype=np.float64)
    rows = zip(*genes.values(), strict=True)
    return [space.parse({"r": SIDE, **dict(zip(genes, row, strict=True))}) for row in rows], top1


def fingerprint() -> str:
    """Hash of the measurements and of the model's settings."""
    kernel = Covariance()
    settings = f"{kernel.linear} {kernel.smooth} {kernel.coarse} {kernel.spread} {kernel.noise}"
    return hashlib.sha256(FILE.read_bytes() + settings.encode()).hexdigest()
