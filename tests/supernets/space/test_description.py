from __future__ import annotations

from supernets.space.architecture import Dimension
from supernets.space.description import dimension_table


def test_dimensions_of_a_group_share_a_row() -> None:
    gates = [Dimension(gene="d", index=i, choices=(2, 3), group="d", meaning="depth") for i in range(2)]
    gated = Dimension(
        gene="op",
        index=2,
        choices=("skip", "conv"),
        group="op",
        meaning="operation",
        acts_from=("d[0]", 3),
        ordered=False,
    )
    assert dimension_table([*gates, gated]).splitlines() == [
        "| genes | choices | meaning |",
        "|---|---|---|",
        "| d[0] d[1] | 2, 3 | depth |",
        "| op[2]:d[0]>=3 | skip / conv | operation |",
    ]
