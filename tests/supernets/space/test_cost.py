from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from supernets.space.cost import COST_KINDS, Cost, Operator, conv, linear, shown_kinds, totals


def test_a_convolution_counts_weights_at_every_position() -> None:
    depthwise = conv("depthwise", 8, 8, 14, 3, 2, groups=8)
    assert (depthwise.macs, depthwise.params) == (8 * 9 * 14 * 14, 8 * 9 + 2 * 8)
    assert (depthwise.values, depthwise.kernel, depthwise.stride) == (8 * 14 * 14, 3, 2)
    assert conv("pointwise", 4, 6, 7, bn=False).params == 4 * 6


def test_a_linear_layer_has_a_bias() -> None:
    layer = linear("classifier", 10, 3)
    assert (layer.macs, layer.params, layer.channels, layer.side) == (30, 33, 3, 1)


def test_totals_add_up_operators() -> None:
    operators = [Operator(operator="a", channels=1, side=1, macs=2, params=3), conv("b", 1, 1, 1)]
    assert totals(iter(operators)) == (3, 6)
    assert totals(()) == (0, 0)


@given(st.integers(0, 10**12), st.integers(0, 10**10), st.none() | st.floats(0, 1e6))
def test_figures_give_back_the_cost(macs: int, params: int, latency: float | None) -> None:
    cost = Cost(macs=macs, params=params, latency_ms=latency)
    assert Cost.from_figures(cost.figures()) == cost
    assert list(cost.figures()) == list(COST_KINDS)
    assert cost.figure("macs_m") == macs / 1e6


def test_a_limited_cost_is_shown_beside_those_that_always_are() -> None:
    assert [kind.name for kind in shown_kinds(())] == ["macs_m", "params_m"]
    assert [kind.name for kind in shown_kinds(["latency_ms"])] == ["macs_m", "params_m", "latency_ms"]
