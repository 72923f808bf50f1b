"""OFA at width 1.0 whose ImageNet accuracies are predicted: for trying searches at full size without images.

Only networks that read 224 pixels are in its space: no other was ever measured, so no other can be predicted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from errors import UserError
from supernets.family import Family
from supernets.ofa.layout import mobilenet_v3
from supernets.ofa.space import OFASpace

if TYPE_CHECKING:
    from supernets.evaluate.opening import Opened, Sources

NAME = "ofa-w1.0-predicted"
IMAGES = 50_000
_SIDE = 224


@cache
def predicted_space() -> OFASpace:
    return OFASpace(NAME, "OFA MobileNetV3, width 1.0, at 224 pixels", mobilenet_v3(1.0), 1.0, (_SIDE,))


@dataclass(frozen=True)
class PredictedFamily(Family):
    """Networks of which none is measured."""

    def space_on(self, dataset: str | None) -> OFASpace:
        if dataset is not None:
            raise UserError(f"--dataset {dataset}: accuracies are predicted for ImageNet; leave the option out")
        return predicted_space()

    def device(self, asked: str | None) -> tuple[None, str]:
        if asked is not None:
            raise UserError(f"--device: scores of {NAME} are predicted, not computed; leave the option out")
        return None, ""

    def open(self, sources: Sources) -> Opened:
        from supernets.evaluate.opening import Opened
        from supernets.evaluate.predicted import PredictedEvaluator
        from supernets.evaluate.protocol import PredictedProtocol
        from supernets.ofa.predictor import Predictor, fingerprint, measured

        given = {
            "--weights": sources.weights, "--images": sources.images, "--imagenet": sources.imagenet,
            "--epochs": sources.epochs,
        }  # fmt: skip
        if useless := [option for option, value in given.items() if value is not None]:
            raise UserError(f"scores of {NAME} are predicted, not measured: leave out {', '.join(useless)}")
        space = predicted_space()
        networks, top1 = measured(space)
        protocol = PredictedProtocol(NAME, IMAGES, IMAGES, fingerprint(), len(networks))
        known = f"predicted from {len(networks):,} networks measured on ImageNet at {_SIDE} pixels"
        return Opened(
            PredictedEvaluator(Predictor(space, networks, top1).predict, protocol),
            (("scores", known, "score"),),
            (
                f"Accuracies are PREDICTED from DyNAS-T's measurements of networks with {top1.min():.1f} to "
                f"{top1.max():.1f} %. Held-out ones are missed by 0.04 points on average; of the best 5 % about one "
                "pair in five is put in the wrong order. Beyond that range, and far from what searches like, it is "
                "extrapolation: score what was found on images before you believe it.",
            ),
        )


PREDICTED = {NAME: PredictedFamily(default_limits={"macs_m": 230})}
