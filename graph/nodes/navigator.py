"""The Navigator's node: a strategy in words for the round, for the Generator, or for a person to judge first."""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from graph.state import State
from graph.team import Team


def navigator(state: State, runtime: Runtime[Team]) -> Command[Literal["person", "generator"]]:
    team, round = runtime.context, state["round"]
    if team.waits(round):
        return Command(goto="person", update={"strategy": team.draft(round), "remarks": team.remarks(round)})
    return Command(goto="generator", update={"strategy": team.plan(round)})
