"""Channel widths, strides and operators of the OFA networks, as a function of the width multiplier.

Source: the once-for-all release (MobileNetV3-Large and ProxylessNAS layouts, Cai et al., ICLR 2020). A layout does not
depend on an architecture; `space.py` and `model.py` both read it, so that costs and networks cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise

KERNELS = (3, 5, 7)
EXPANSIONS = (3, 4, 6)
DEPTHS = (2, 3, 4)
RESOLUTIONS = (160, 176, 192, 208, 224)


def make_divisible(value: float, divisor: int = 8) -> int:
    """The multiple of `divisor` nearest to `value`, or the next one if that is more than 10 % smaller."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def hidden_width(channels: int, expansion: int) -> int:
    """Channels inside an inverted residual block."""
    return make_divisible(round(channels * expansion))


def squeeze_width(hidden: int) -> int:
    """Channels inside a squeeze-and-excitation gate."""
    return make_divisible(hidden // 4)


def consecutive_ranges(lengths: Iterable[int]) -> list[range]:
    """Ranges of these lengths, each starting where the previous one ends."""
    ends = list(accumulate(lengths, initial=0))
    return [range(start, end) for start, end in pairwise(ends)]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A run of blocks of one width; the first block of the stage has the stride."""

    width: int
    stride: int
    activation: str
    squeeze: bool
    max_depth: int


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One network family at one width: stem, first block, elastic stages, head."""

    stem: int
    stem_activation: str
    first: int
    first_activation: str
    stages: tuple[Stage, ...]
    final_expand: int | None
    """Width of the 1x1 convolution before pooling (MobileNetV3), or None (ProxylessNAS)."""
    mix: int
    mix_after_pool: bool
    """True to mix features after pooling and without batch norm (MobileNetV3), False for before and with it."""
    bn_eps: float

    @property
    def blocks(self) -> int:
        return sum(stage.max_depth for stage in self.stages)

    def block_inputs(self) -> list[tuple[Stage, int, int]]:
        """(stage, input channels, stride) of every elastic block of the largest network, in order."""
        inputs, channels = [], self.first
        for stage in self.stages:
            for j in range(stage.max_depth):
                inputs.append((stage, channels, stage.stride if j == 0 else 1))
                channels = stage.width
        return inputs


def mobilenet_v3(width: float) -> Layout:
    """MobileNetV3-Large as OFA releases it (widths 1.0 and 1.2)."""
    scaled = [make_divisible(c * width) for c in (16, 24, 40, 80, 112, 160, 960, 1280)]
    first, *widths, final_expand, mix = scaled
    kinds = [(2, "relu", False), (2, "relu", True), (2, "h_swish", False), (1, "h_swish", True), (2, "h_swish", True)]
    stages = tuple(
        Stage(width=w, stride=s, activation=act, squeeze=se, max_depth=4)
        for w, (s, act, se) in zip(widths, kinds, strict=True)
    )
    return Layout(
        stem=first,
        stem_activation="h_swish",
        first=first,
        first_activation="relu",
        stages=stages,
        final_expand=final_expand,
        mix=mix,
        mix_after_pool=True,
        bn_eps=1e-5,
    )


def proxyless(width: float) -> Layout:
    """ProxylessNAS as OFA releases it (width 1.3): no gates, ReLU6, a sixth stage of one block."""
    stem, first, *widths, mix = [make_divisible(c * width) for c in (32, 16, 24, 40, 80, 96, 192, 320, 1280)]
    kinds = [(2, 4), (2, 4), (2, 4), (1, 4), (2, 4), (1, 1)]
    stages = tuple(
        Stage(width=w, stride=s, activation="relu6", squeeze=False, max_depth=depth)
        for w, (s, depth) in zip(widths, kinds, strict=True)
    )
    return Layout(
        stem=stem,
        stem_activation="relu6",
        first=first,
        first_activation="relu6",
        stages=stages,
        final_expand=None,
        mix=mix,
        mix_after_pool=False,
        bn_eps=1e-3,
    )
