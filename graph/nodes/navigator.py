"""The Navigator's node: a strategy in words for the round."""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from graph.state import State
from graph.team import Team


def navigator(state: State, runtime: Runtime[Team]) -> Command[Literal["generator"]]:
    return Command(goto="generator", update={"strategy": runtime.context.plan(state["round"])})
