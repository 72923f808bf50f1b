"""The Coordinator's node: judge, score and close the round, then begin the next one or end."""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from graph.state import State
from graph.team import Team


def coordinator(state: State, runtime: Runtime[Team]) -> Command[Literal["navigator", "generator", "__end__"]]:
    stopped_because = runtime.context.finish(state["round"])
    if stopped_because:
        return Command(goto="__end__", update={"stopped_because": stopped_because})
    return Command(goto=runtime.context.strategy.first, update={"round": state["round"] + 1})
