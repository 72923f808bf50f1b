"""The OFA supernets that a user can name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from supernets.evaluate.protocol import Calibration
from supernets.families.base import SupernetFamily
from supernets.families.ofa import checkpoint_names as released
from supernets.families.ofa.latency import DEVICES
from supernets.families.ofa.layout import Layout, mobilenet_v3, proxyless
from supernets.families.ofa.plain_shape import plain_network, timm_network
from supernets.families.ofa.space import OFASpace
from supernets.families.ofa_resnet50 import checkpoint_names as released_resnet50
from supernets.families.ofa_resnet50.layout import resnet50
from supernets.families.ofa_resnet50.plain_shape import plain_network as plain_resnet50
from supernets.families.ofa_resnet50.space import ResNet50Space
from supernets.families.recipe import Recipe, Scale
from supernets.images.preprocessing import Preprocessing
from supernets.latency.devices import Devices
from supernets.network.plain import PlainNetwork, TimmNetwork
from supernets.space.architecture import Architecture
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from supernets.network.supernet import Supernet

Build = Callable[[SearchSpace, Scale, int], "Supernet"]


def _calibration(divisor: int) -> Calibration:
    # The authors take 2,000 images in batches of 200; statistics hardly move after a few hundred.
    return Calibration("average", images=500, batch=250)


def _family(
    name: str,
    space: Callable[[], SearchSpace],
    build: Build,
    *,
    translate: Callable[[str], str],
    macs_m: float,
    pocket_width: float,
    plain_network: Callable[[Supernet, Architecture], PlainNetwork],
    timm_network: Callable[[Supernet, Architecture], TimmNetwork] | None = None,
    devices: Devices | None = None,
) -> SupernetFamily:
    return SupernetFamily(
        name=name,
        devices=devices or Devices(),
        space=space,
        build=build,
        translate=translate,
        default_limits={"macs_m": macs_m},
        preprocessing=Preprocessing(),
        calibration=_calibration,
        pocket=Scale(pocket_width, divisor=4),
        recipe=Recipe(),
        plain_network=plain_network,
        timm_network=timm_network,
    )


def _inverted_residuals(
    name: str, title: str, layout: Callable[[float], Layout], width: float, paper: bool, macs_m: float
) -> SupernetFamily:
    def space() -> SearchSpace:
        return OFASpace(name=name, title=title, layout=layout(width), paper_multiplier=width if paper else None)

    def build(space: SearchSpace, scale: Scale, classes: int) -> Supernet:
        from supernets.families.ofa.model import OFASupernet

        assert isinstance(space, OFASpace)
        return OFASupernet(space, layout(width if scale.width is None else scale.width), classes)

    return _family(
        name, space, build, translate=released.translate, macs_m=macs_m, pocket_width=0.35,
        plain_network=plain_network, timm_network=timm_network, devices=DEVICES,
    )  # fmt: skip


def _bottlenecks(name: str, macs_m: float) -> SupernetFamily:
    def build(space: SearchSpace, scale: Scale, classes: int) -> Supernet:
        from supernets.families.ofa_resnet50.model import ResNet50Supernet

        assert isinstance(space, ResNet50Space)
        return ResNet50Supernet(space, resnet50(1.0 if scale.width is None else scale.width), classes)

    return _family(
        name, lambda: ResNet50Space(name), build, translate=released_resnet50.translate, macs_m=macs_m,
        pocket_width=0.25, plain_network=plain_resnet50,
    )  # fmt: skip


FAMILIES = {
    "ofa": _inverted_residuals("ofa", "OFA MobileNetV3, width 1.2", mobilenet_v3, 1.2, True, 350),
    "ofa-w1.0": _inverted_residuals("ofa-w1.0", "OFA MobileNetV3, width 1.0", mobilenet_v3, 1.0, True, 230),
    "ofa-proxyless": _inverted_residuals("ofa-proxyless", "OFA ProxylessNAS, width 1.3", proxyless, 1.3, False, 400),
    # The limit is near the median of random sub-networks.
    "ofa-resnet50": _bottlenecks("ofa-resnet50", 1800),
}
