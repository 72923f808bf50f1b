from __future__ import annotations

from supernets.space.cost import conv
from supernets.space.operator_graph import HEAD, STEM, GraphBuilder


def test_a_chain_with_a_shortcut() -> None:
    builder = GraphBuilder()
    builder.chain([conv("stem", 3, 8, 16)], STEM)
    start = builder.last
    assert start is not None
    builder.chain([conv("expand", 8, 32, 16), conv("project", 32, 8, 16)], 1, 1, "e4")
    builder.join(start)
    builder.chain([conv("head", 8, 10, 16)], HEAD)
    graph = builder.graph
    assert sorted(graph.edges) == [(0, 1), (0, 3), (1, 2), (2, 3), (3, 4)]
    assert [graph.nodes[n]["operator"] for n in graph] == ["stem", "expand", "project", "add", "head"]
    added = graph.nodes[3]
    assert (added["macs"], added["params"], added["channels"], added["stage"], added["label"]) == (0, 0, 8, 1, "e4")
    assert (graph.nodes[0]["stage"], graph.nodes[4]["stage"]) == (STEM, HEAD)


def test_a_join_may_change_the_channels() -> None:
    builder = GraphBuilder()
    builder.chain([conv("a", 3, 8, 16), conv("b", 8, 8, 16)], 1)
    builder.join(0, "concat", 16)
    assert (builder.graph.nodes[2]["operator"], builder.graph.nodes[2]["channels"]) == ("concat", 16)


def test_several_ends_meet_in_one_sum() -> None:
    builder = GraphBuilder()
    builder.chain([conv("in", 3, 8, 16)], 1)
    ends = []
    for name in "abc":
        builder.last = 0
        builder.chain([conv(name, 8, 8, 16)], 1)
        ends.append(builder.last)
    builder.meet(ends)
    assert set(builder.graph.predecessors(4)) == {1, 2, 3}
    builder.meet([4])
    assert len(builder.graph) == 5
