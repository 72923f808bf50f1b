"""The state machine of Navigator, Generator and Coordinator, on which every strategy runs."""

from __future__ import annotations

from langgraph.graph import END, START, StateGraph

from graph.nodes import coordinator, generator, navigator, reviewer
from graph.rounds import RoundRunner
from graph.state import State
from graph.strategies import get_strategy
from graph.strategies.search_strategy import SearchStrategy


def build(strategy: type[SearchStrategy], interactive: bool = False) -> StateGraph[State, RoundRunner, State, State]:
    """The uncompiled graph of a strategy; its nodes find the run's `RoundRunner` in LangGraph's runtime context.

    Args:
        interactive: a reviewer is asked about the Navigator's guidance of each round.
    """
    graph = StateGraph(State, context_schema=RoundRunner)
    if strategy.first == "navigator":
        graph.add_node("navigator", navigator, destinations=("person" if interactive else "generator",))
    if interactive:
        graph.add_node("person", reviewer)  # checkpoints of earlier versions name the node so
    graph.add_node("generator", generator)
    # The node's return type lists every node where rounds may begin; those of one strategy all begin at one.
    graph.add_node("coordinator", coordinator, destinations=(strategy.first, END))
    graph.add_edge(START, strategy.first)
    return graph


def mermaid(strategy: str = "collm", interactive: bool = False) -> str:
    """The graph of a strategy as mermaid text, drawn from the code that runs."""
    return str(build(get_strategy(strategy), interactive).compile().get_graph().draw_mermaid())
