from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from supernets.families.ofa.layout import (
    consecutive_ranges,
    hidden_width,
    make_divisible,
    mobilenet_v3,
    proxyless,
    squeeze_width,
)


@given(st.floats(1, 5000), st.sampled_from([1, 2, 4, 8]))
def test_widths_are_multiples_and_lose_at_most_a_tenth(value: float, divisor: int) -> None:
    width = make_divisible(value, divisor)
    assert width % divisor == 0
    assert width >= max(divisor, 0.9 * value)
    assert width <= max(divisor, value + divisor)


def test_the_released_widths() -> None:
    large = mobilenet_v3(1.2)
    assert (large.stem, large.final_expand, large.mix, large.blocks) == (24, 1152, 1536, 20)
    assert [stage.width for stage in large.stages] == [32, 48, 96, 136, 192]
    assert [stage.width for stage in proxyless(1.3).stages] == [32, 56, 104, 128, 248, 416]
    assert proxyless(1.3).blocks == 21
    assert (hidden_width(24, 4), squeeze_width(96)) == (96, 24)


def test_the_first_block_of_a_stage_has_the_stride_and_the_previous_width() -> None:
    layout = mobilenet_v3(1.0)
    inputs = layout.block_inputs()
    assert len(inputs) == 20
    assert [stride for _, _, stride in inputs] == [stride for s in layout.stages for stride in (s.stride, 1, 1, 1)]
    assert [cin for _, cin, _ in inputs[:5]] == [16, 24, 24, 24, 24]


@given(st.lists(st.integers(0, 9)))
def test_ranges_follow_each_other(lengths: list[int]) -> None:
    ranges = consecutive_ranges(lengths)
    assert [len(r) for r in ranges] == lengths
    assert [i for r in ranges for i in r] == list(range(sum(lengths)))
