"""The one-shot supernet that a user can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supernets.evaluate.protocol import Calibration
from supernets.families.base import SupernetFamily
from supernets.families.recipe import Recipe, Scale
from supernets.families.spos.checkpoint_names import translate
from supernets.families.spos.layout import shufflenet
from supernets.families.spos.plain_shape import plain_network
from supernets.families.spos.space import SPOSSpace
from supernets.images.preprocessing import Preprocessing
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from supernets.network.supernet import Supernet


def _space() -> SearchSpace:
    return SPOSSpace("spos", shufflenet(1.0))


def _build(space: SearchSpace, scale: Scale, classes: int) -> Supernet:
    from supernets.families.spos.model import SPOSSupernet

    assert isinstance(space, SPOSSpace)
    return SPOSSupernet(space, shufflenet(1.0 if scale.width is None else scale.width), classes)


def _calibration(divisor: int) -> Calibration:
    if divisor > 1:
        # On 2 x 2 positions the running rule cost 5 to 9 points of top-1: what it keeps is the last 20 batches or so.
        return Calibration("average", images=500, batch=250)
    # The authors take 200 batches of 128. Half a percent of the starting values is left after 50 batches.
    return Calibration("running", images=2000, batch=40)


FAMILIES = {
    "spos": SupernetFamily(
        name="spos",
        space=_space,
        build=_build,
        translate=translate,
        default_limits={"macs_m": 330},
        # The released weights expect what OpenCV reads and resizes: blue first, bytes as they are.
        preprocessing=Preprocessing(
            channels="BGR", mean=(0.0, 0.0, 0.0), std=(1 / 255, 1 / 255, 1 / 255), resampling="opencv bilinear"
        ),
        calibration=_calibration,
        pocket=Scale(width=0.5, divisor=5),
        recipe=Recipe(sandwich_epochs=0, random_epochs=40, random_learning_rate=3e-3, random_subnets=1, spreading=0.4),
        plain_network=plain_network,
    )
}
