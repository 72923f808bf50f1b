from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from supernets.families.ofa_resnet50.layout import EXPANSIONS, MULTIPLIERS, resnet50
from supernets.families.registry import get_space
from tests.supernets.families.ofa_resnet50.golden import NAME

LARGEST: dict[str, Any] = {"r": 224, "d": [2] * 5, "e": [0.35] * 18, "w": [2] * 6}


@pytest.mark.parametrize("width", [1.0, 0.5, 0.25])
def test_choices_that_act_differ_in_width_at_every_size(width: float) -> None:
    space, layout = get_space(NAME), resnet50(width)
    mids = {layout.stem(space.parse({**LARGEST, "w": [w, *[2] * 5]})).mid for w in (0, 2)}
    outs = {layout.stem(space.parse({**LARGEST, "w": [2, w, *[2] * 4]})).out for w in (0, 1, 2)}
    assert (len(mids), len(outs)) == (2, 3)
    shapes = {
        (shape.index, shape.mid, shape.cout)
        for w, e in product(range(len(MULTIPLIERS)), EXPANSIONS)
        for shape in layout.blocks(space.parse({**LARGEST, "w": [w] * 6, "e": [e] * 18}))
    }
    assert len(shapes) == 18 * len(MULTIPLIERS) * len(EXPANSIONS)


def test_the_stages_of_the_largest_network() -> None:
    layout = resnet50()
    assert [len(blocks) for blocks in layout.stage_blocks] == [4, 4, 6, 4]
    assert [stage.width for stage in layout.stages] == [256, 512, 1024, 2048]
    blocks = layout.blocks(get_space(NAME).largest())
    assert [shape.index for shape in blocks] == list(range(18))
    assert [shape.cin for shape in blocks[1:]] == [shape.cout for shape in blocks[:-1]]
    assert [shape.index for shape in blocks if shape.first] == [0, 4, 8, 14]
