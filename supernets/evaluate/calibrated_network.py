"""One sub-network as a module of its own, as it is scored, from images to logits."""

from __future__ import annotations

from torch import Tensor, nn

from supernets.evaluate.weight_sharing import SupernetEvaluator
from supernets.space.architecture import Architecture


class CalibratedNetwork(nn.Module):
    """A sub-network with the statistics that its scores are taken with, in float32, independent of the supernet.

    Reads images `(N, 3, side, side)`, RGB with values from 0 to 1, and returns logits `(N, classes)`.
    """

    def __init__(self, evaluator: SupernetEvaluator, a: Architecture) -> None:
        super().__init__()
        self._preprocessing = evaluator.preprocessing
        self.side = evaluator.net.space.resolution(a) // evaluator.preprocessing.divisor
        """Side of the images, in pixels."""
        self.classes = evaluator.report_inputs.images.classes
        """Names of the classes, in the order of the logits."""
        self.steps = nn.Sequential(*evaluator.calibrated_steps(a))
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.steps(self._preprocessing.normalise(255 * images))
        return logits
