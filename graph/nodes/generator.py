"""The Generator's node: the proposals of the round. Strategies that have no Navigator begin their rounds with it."""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from graph.state import State
from graph.team import Team


def generator(state: State, runtime: Runtime[Team]) -> Command[Literal["coordinator"]]:
    runtime.context.propose(state["round"])
    return Command(goto="coordinator")
