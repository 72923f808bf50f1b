"""The AutoFormer supernets that a user can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supernets.families.autoformer.layout import BASE, BASE_WIDE, SMALL, TINY, TINY_WIDE, Geometry, Layout
from supernets.families.autoformer.plain_shape import plain_network
from supernets.families.autoformer.space import AutoFormerSpace
from supernets.families.base import SupernetFamily
from supernets.families.recipe import Recipe, Scale
from supernets.images.preprocessing import Preprocessing
from supernets.space.space import SearchSpace

if TYPE_CHECKING:
    from supernets.network.supernet import Supernet


def _family(name: str, title: str, layout: Layout, params_m: float) -> SupernetFamily:
    def space() -> SearchSpace:
        return AutoFormerSpace(name, title, layout)

    def build(space: SearchSpace, scale: Scale, classes: int) -> Supernet:
        from supernets.families.autoformer.model import AutoFormerSupernet

        assert isinstance(space, AutoFormerSpace)
        width = 1.0 if scale.width is None else scale.width
        return AutoFormerSupernet(space, Geometry(width, scale.divisor), classes)

    return SupernetFamily(
        name=name,
        space=space,
        build=build,
        translate=lambda key: key.removeprefix("module."),
        default_limits={"params_m": params_m},
        preprocessing=Preprocessing(resampling="bicubic"),
        calibration=lambda divisor: None,
        pocket=Scale(width=0.25, divisor=5),
        # Large batches and pools, because the bundled weights were trained on a GPU.
        recipe=Recipe(
            sandwich_epochs=0,
            random_epochs=57,
            batch=512,
            random_learning_rate=2e-3,
            random_subnets=1,
            pool=24,
            pool_epochs=12,
            weight_decay=0.05,
        ),
        plain_network=plain_network,
    )


FAMILIES = {
    "autoformer": _family("autoformer", "AutoFormer-Tiny", TINY, 6),
    "autoformer-small": _family("autoformer-small", "AutoFormer-Small", SMALL, 23),
    "autoformer-base": _family("autoformer-base", "AutoFormer-Base", BASE, 54),
    "autoformer-wide": _family("autoformer-wide", "AutoFormer-Tiny, also with mlp_ratio 3", TINY_WIDE, 6),
    "autoformer-base-wide": _family("autoformer-base-wide", "AutoFormer-Base, also with 8 heads", BASE_WIDE, 54),
}
