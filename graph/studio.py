"""The graph for LangGraph's studio, which `langgraph.json` points to: to look at, not to run.

A run needs its archive, its budget and its models in LangGraph's runtime context, which only `graph/search.py` has.
"""

from __future__ import annotations

from typing import Any

from langgraph.graph.state import CompiledStateGraph

from graph.build import build
from graph.strategies import get_strategy


def collm() -> CompiledStateGraph[Any, Any, Any, Any]:
    """The graph of the two agents with every node that it can have, the reviewer's included."""
    return build(get_strategy("collm"), interactive=True).compile()
