"""Channels, strides and operators of the one-shot ShuffleNetV2, as a function of the width multiplier.

Source: the SinglePathOneShot release (Guo et al., ECCV 2020): 20 blocks in four stages, each block one of four units.
"""

from __future__ import annotations

from dataclasses import dataclass

RESOLUTION = 224
KERNELS = {0: 3, 1: 5, 2: 7}
"""Kernel of each choice that is a shuffle unit."""
XCEPTION = 3
"""The choice of the unit with three depthwise convolutions, each 3x3."""
CHOICES = (*KERNELS, XCEPTION)
REPEATS = (4, 4, 8, 4)


@dataclass(frozen=True, kw_only=True)
class Block:
    """Shape of one block; the first block of a stage has stride 2, and both of its branches read all channels."""

    stage: int
    inputs: int
    outputs: int
    stride: int

    @property
    def main_inputs(self) -> int:
        """Input channels of the main branch; with stride 1 the other half passes unchanged."""
        return self.inputs if self.stride == 2 else self.inputs // 2

    @property
    def mid(self) -> int:
        return self.outputs // 2

    @property
    def main_outputs(self) -> int:
        return self.outputs - self.main_inputs


@dataclass(frozen=True)
class Layout:
    """Channels of the network at one width."""

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
    """The released network at width 1.0; channels of narrower ones are multiples of 8."""
    stem, *stages, last = (max(8, round(c * width / 8) * 8) for c in (16, 64, 160, 320, 640, 1024))
    return Layout(stem, tuple(stages), last)
