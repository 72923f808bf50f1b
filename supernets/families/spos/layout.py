"""Channels, strides and operators of the one-shot ShuffleNetV2, as a function of the width multiplier.

Source: the SinglePathOneShot release (Guo et al., ECCV 2020): 20 blocks in four stages, each block one of four units.
"""

from __future__ import annotations

from dataclasses import dataclass

RESOLUTION = 224
KERNELS = {0: 3, 1: 5, 2: 7}
"""Choice to kernel of a shuffle unit."""
XCEPTION = 3
"""The choice of the unit with three depthwise convolutions, each 3x3."""
CHOICES = (*KERNELS, XCEPTION)
REPEATS = (4, 4, 8, 4)


@dataclass(frozen=True, kw_only=True)
class Block:
    """Shape of one block: the first of a stage has stride 2 and reads all its input channels on both branches."""

    stage: int
    inputs: int
    outputs: int
    stride: int

    @property
    def main_inputs(self) -> int:
        """Channels of the main branch; at stride 1 the other half passes by."""
        return self.inputs if self.stride == 2 else self.inputs // 2

    @property
    def mid(self) -> int:
        return self.outputs // 2

    @property
    def main_outputs(self) -> int:
        return self.outputs - self.main_inputs


@dataclass(frozen=True)
class Layout:
    stem: int
    stages: tuple[int, ...]
    last: int

    def blocks(self) -> list[Block]:
        blocks, inputs = [], self.stem
        for s, (width, repeats) in enumerate(zip(self.stages, REPEATS, strict=True), start=1):
            for j in range(repeats):
                blocks.append(Block(stage=s, inputs=inputs, outputs=width, stride=2 if j == 0 else 1))
                inputs = width
        return blocks


def shufflenet(width: float) -> Layout:
    """The released network at width 1.0; narrower ones keep channel counts multiples of 8."""
    stem, *stages, last = (max(8, round(c * width / 8) * 8) for c in (16, 64, 160, 320, 640, 1024))
    return Layout(stem, tuple(stages), last)
