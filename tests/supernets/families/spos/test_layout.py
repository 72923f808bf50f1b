from __future__ import annotations

import pytest

from supernets.families.spos.layout import REPEATS, shufflenet


def test_the_released_channels() -> None:
    layout = shufflenet(1.0)
    assert (layout.stem, layout.stages, layout.last) == (16, (64, 160, 320, 640), 1024)


@pytest.mark.parametrize("width", [0.25, 0.5, 1.0])
def test_blocks_follow_each_other_and_halve_the_side_once_a_stage(width: float) -> None:
    blocks = shufflenet(width).blocks()
    assert len(blocks) == sum(REPEATS) == 20
    assert [block.inputs for block in blocks[1:]] == [block.outputs for block in blocks[:-1]]
    assert [i for i, block in enumerate(blocks) if block.stride == 2] == [0, 4, 8, 16]
    for block in blocks:
        # What passes by or is projected, and what the main branch adds, are all the outputs.
        assert block.main_outputs + (block.inputs if block.stride == 2 else block.inputs // 2) == block.outputs
        assert block.mid == block.outputs // 2
