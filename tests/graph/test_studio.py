"""The graph that LangGraph's studio shows."""

from __future__ import annotations

from graph.studio import collm


def test_it_has_every_node() -> None:
    assert {"navigator", "person", "generator", "coordinator"} < set(collm().get_graph().nodes)
