"""Widths, depths and strides of the OFA ResNet-50, and the shapes that an architecture's genes give it.

Source: the once-for-all release (Cai et al.). It is a ResNet-D (He et al., CVPR 2019): a stem of small convolutions,
and shortcuts that pool before they project. Costs, graphs and networks all use the shapes of this module, so that
they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass

from supernets.families.ofa.layout import consecutive_ranges, make_divisible
from supernets.space.architecture import Architecture

RESOLUTIONS = (128, 144, 160, 176, 192, 208, 224)
"""Resolutions of the space; the authors train at every multiple of 4 from 128 to 224."""
EXTRA_BLOCKS = (0, 1, 2)
"""Choices for the number of blocks that a stage has beyond its base depth."""
EXPANSIONS = (0.2, 0.25, 0.35)
MULTIPLIERS = (0.65, 0.8, 1.0)
"""Multipliers of the largest widths; the gene `w` holds indices into them."""
STEM_RESIDUAL = 2
"""Value of `d[0]` with a residual convolution in the stem; smaller values mean none."""


@dataclass(frozen=True)
class Stage:
    """A run of blocks of one width; the first block of the stage has the stride."""

    width: int
    stride: int
    base_depth: int

    @property
    def max_depth(self) -> int:
        return self.base_depth + max(EXTRA_BLOCKS)


@dataclass(frozen=True)
class StemShape:
    """Channels inside the stem and of its output, and whether it has the residual convolution."""

    mid: int
    out: int
    residual: bool


@dataclass(frozen=True, kw_only=True)
class BlockShape:
    """One bottleneck block that acts.

    `stage` counts from 0, `index` counts the blocks of the largest network. The `first` block of a stage projects its
    shortcut; other blocks add their input.
    """

    index: int
    stage: int
    cin: int
    mid: int
    cout: int
    stride: int
    first: bool


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The largest widths of one network size, and the divisor of all rounded widths."""

    stem_mid: int
    stem_out: int
    stages: tuple[Stage, ...]
    divisor: int

    @property
    def stage_blocks(self) -> list[range]:
        """Indices of the blocks of each stage, in the largest network."""
        return consecutive_ranges(stage.max_depth for stage in self.stages)

    def stem(self, a: Architecture) -> StemShape:
        return self.stem_of(a["d"][0], *a["w"][:2])

    def stem_of(self, depth: int, mid: int, out: int) -> StemShape:
        """The stem of the choices `d[0]`, `w[0]` and `w[1]`."""
        return StemShape(self._scaled(self.stem_mid, mid), self.width_before(0, out), residual=depth == STEM_RESIDUAL)

    def width_before(self, stage: int, choice: int) -> int:
        """Channels that a stage reads, by the choice `w[stage + 1]`; `stage` may be the one after the last."""
        return self._scaled((self.stem_out, *(s.width for s in self.stages))[stage], choice)

    def block(self, stage: int, j: int, *, cin: int, width: int, expansion: float) -> BlockShape:
        """Block `j` of a stage that reads `cin` channels, by the choices `w[stage + 2]` and `e`."""
        cout = self.width_before(stage + 1, width)
        return BlockShape(
            index=self.stage_blocks[stage][j],
            stage=stage,
            cin=cin,
            mid=make_divisible(round(cout * expansion), self.divisor),
            cout=cout,
            stride=self.stages[stage].stride if j == 0 else 1,
            first=j == 0,
        )

    def blocks(self, a: Architecture) -> list[BlockShape]:
        """The blocks that act, in order."""
        shapes, channels, (_, *extra), (_, _, *widths) = [], self.stem(a).out, a["d"], a["w"]
        for s, (stage, indices) in enumerate(zip(self.stages, self.stage_blocks, strict=True)):
            for j, i in enumerate(indices[: stage.base_depth + extra[s]]):
                shapes.append(self.block(s, j, cin=channels, width=widths[s], expansion=a["e"][i]))
                channels = shapes[-1].cout
        return shapes

    def _scaled(self, width: int, multiplier: int) -> int:
        return make_divisible(width * MULTIPLIERS[multiplier], self.divisor)


def resnet50(width: float = 1.0) -> Layout:
    """The released layout at `width` 1.

    A narrower one is rounded to smaller multiples in proportion, so that genes that differ at full size still do.
    """
    divisor = max(1, round(8 * width))
    mid, out, *widths = (make_divisible(c * width, divisor) for c in (32, 64, 256, 512, 1024, 2048))
    kinds = ((1, 2), (2, 2), (2, 4), (2, 2))
    stages = tuple(Stage(c, stride, depth) for c, (stride, depth) in zip(widths, kinds, strict=True))
    return Layout(stem_mid=mid, stem_out=out, stages=stages, divisor=divisor)
