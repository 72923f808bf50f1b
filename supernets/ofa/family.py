"""The OFA supernets that a user can name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from supernets.family import Calibration, Family, Scale
from supernets.ofa.layout import Layout, mobilenet_v3, proxyless
from supernets.ofa.resnet50.layout import resnet50
from supernets.ofa.resnet50.space import ResNet50Space
from supernets.ofa.space import OFASpace
from supernets.preprocessing import Preprocessing
from supernets.recipe import Recipe
from supernets.space import SearchSpace

if TYPE_CHECKING:
    from supernets.modules import Supernet


def _calibration(divisor: int) -> Calibration:
    # The authors take 2,000 images in batches of 200; statistics hardly move after a few hundred.
    return Calibration("average", images=500, batch=250)


def _family(
    name: str, title: str, layout: Callable[[float], Layout], width: float, paper: bool, macs_m: float
) -> Family:
    def space() -> SearchSpace:
        return OFASpace(name, title, layout(width), width if paper else None)

    def build(space: SearchSpace, scale: Scale, classes: int) -> Supernet:
        from supernets.ofa.model import OFASupernet

        assert isinstance(space, OFASpace)
        return OFASupernet(space, layout(width if scale.width is None else scale.width), classes)

    def translate(key: str) -> str:
        from supernets.ofa import released

        return released.translate(key)

    return Family(
        space=space,
        build=build,
        translate=translate,
        default_limits={"macs_m": macs_m},
        preprocessing=Preprocessing(),
        calibration=_calibration,
        pocket=Scale(width=0.35, divisor=4),
        recipe=Recipe(),
    )


def _resnet50(name: str) -> Family:
    def space() -> SearchSpace:
        return ResNet50Space(name)

    def build(space: SearchSpace, scale: Scale, classes: int) -> Supernet:
        from supernets.ofa.resnet50.model import ResNet50Supernet

        assert isinstance(space, ResNet50Space)
        return ResNet50Supernet(space, resnet50(1.0 if scale.width is None else scale.width), classes)

    def translate(key: str) -> str:
        from supernets.ofa.resnet50 import released

        return released.translate(key)

    return Family(
        space=space,
        build=build,
        translate=translate,
        # Near the median of random sub-networks.
        default_limits={"macs_m": 1800},
        preprocessing=Preprocessing(),
        calibration=_calibration,
        pocket=Scale(width=0.25, divisor=4),
        recipe=Recipe(),
    )


FAMILIES = {
    "ofa": _family("ofa", "OFA MobileNetV3, width 1.2", mobilenet_v3, 1.2, True, 350),
    "ofa-w1.0": _family("ofa-w1.0", "OFA MobileNetV3, width 1.0", mobilenet_v3, 1.0, True, 230),
    "ofa-proxyless": _family("ofa-proxyless", "OFA ProxylessNAS, width 1.3", proxyless, 1.3, False, 400),
    "ofa-resnet50": _resnet50("ofa-resnet50"),
}
