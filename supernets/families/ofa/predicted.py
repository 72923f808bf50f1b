"""OFA with predicted ImageNet accuracies, to try searches at full size without images.

The predictor is either bundled (fitted to measured networks of width 1.0 at 224 pixels, the only resolution of its
space) or a file that OFA's authors published.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from common.errors import UserError
from supernets.families.base import LookupFamily
from supernets.families.ofa.latency import DEVICES
from supernets.families.ofa.layout import RESOLUTIONS, mobilenet_v3
from supernets.families.ofa.space import OFASpace

if TYPE_CHECKING:
    from supernets.evaluate.evaluator import Opened
    from supernets.evaluate.request import EvaluatorRequest

IMAGES = 50_000
"""Number of ImageNet's validation images, on which the networks of the bundled predictor were measured."""


@dataclass(frozen=True, kw_only=True)
class PredictedFamily(LookupFamily):
    """Networks with predicted scores. `bundled`: whether the predictor is part of the program."""

    width: float
    resolutions: tuple[int, ...]
    bundled: bool

    def space_on(self, dataset: str | None) -> OFASpace:
        if dataset is not None:
            raise UserError(f"--dataset {dataset}: accuracies are predicted for ImageNet; leave the option out")
        return _space(self.name, self.width, self.resolutions)

    def open(self, request: EvaluatorRequest) -> Opened:
        self.refuse(request, f"scores of {self.name} are predicted, not measured", "predictor")
        space = self.space_on(None)
        if request.predictor is not None:
            return _from_published(space, request.predictor)
        if not self.bundled:
            raise UserError(
                f"{self.name}: no predictor is bundled; name the one that OFA's authors published "
                "(acc_predictor.pth) with --predictor FILE, or search ofa-w1.0"
            )
        return _from_measured(space)


@cache
def _space(name: str, width: float, resolutions: tuple[int, ...]) -> OFASpace:
    only = f" at {resolutions[0]} pixels" if len(resolutions) == 1 else ""
    return OFASpace(
        name=name,
        title=f"OFA MobileNetV3, width {width}{only}",
        layout=mobilenet_v3(width),
        paper_multiplier=width,
        resolutions=resolutions,
    )


def _from_measured(space: OFASpace) -> Opened:
    from supernets.evaluate.evaluator import Opened
    from supernets.evaluate.predicted_scores import PredictedEvaluator
    from supernets.evaluate.protocol import PredictedProtocol
    from supernets.families.ofa.accuracy_predictor import SIDE, Predictor, fingerprint, measured_networks

    networks, top1 = measured_networks(space)
    protocol = PredictedProtocol(space.name, IMAGES, IMAGES, fingerprint(), len(networks))
    known = f"predicted from {len(networks):,} networks measured on ImageNet at {SIDE} pixels"
    return Opened(
        evaluator=PredictedEvaluator(Predictor(space=space, networks=networks, top1=top1).predict, protocol),
        settings_shown=(("scores", known, "score"),),
        notes=(
            f"Accuracies are PREDICTED from DyNAS-T's measurements of networks with {top1.min():.1f} to "
            f"{top1.max():.1f} %. The mean error on held-out networks is 0.04 points; about one pair in five of the "
            "best 5 % is in the wrong order. Outside of that range, and far from the measured networks, predictions "
            "are extrapolated: score the result on images before you trust it.",
        ),
    )


def _from_published(space: OFASpace, path: Path) -> Opened:
    from supernets.evaluate.evaluator import Opened
    from supernets.evaluate.predicted_scores import PredictedEvaluator
    from supernets.evaluate.protocol import PredictedProtocol
    from supernets.families.ofa.published_predictor import IMAGES, KNOWN, PublishedPredictor

    predictor = PublishedPredictor(space, path)
    protocol = PredictedProtocol(space.name, IMAGES, IMAGES, predictor.hash, KNOWN)
    return Opened(
        evaluator=PredictedEvaluator(predictor.predict, protocol),
        settings_shown=(("scores", f"predicted by {path}, of OFA's authors", "predictor"),),
        notes=(
            "Accuracies are PREDICTED by the file that OFA's authors published for MobileNetV3 at 160 to 224 pixels "
            "and use with width 1.2. They are for held-out training images and too high for validation: by 5.9 points "
            "on 1,462 measured networks of width 1.0 at 224 pixels. After subtracting that, the mean error is 0.21 "
            "points, and four in ten pairs of the best 5 % are in the wrong order: score the result on images before "
            "you trust it.",
        ),
    )


PREDICTED = {
    family.name: family
    for family in (
        PredictedFamily(
            default_limits={"macs_m": 350},
            name="ofa-predicted",
            width=1.2,
            resolutions=RESOLUTIONS,
            bundled=False,
            devices=DEVICES,
        ),
        PredictedFamily(
            default_limits={"macs_m": 230},
            name="ofa-w1.0-predicted",
            width=1.0,
            resolutions=(224,),
            bundled=True,
            devices=DEVICES,
        ),
    )
}
