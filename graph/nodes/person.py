"""The node of the person who watches: the strategy waits here, over a kill too, until it has their word."""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from graph.state import State
from graph.steering import Question, Word
from graph.team import Team


def person(state: State, runtime: Runtime[Team]) -> Command[Literal["navigator", "generator"]]:
    if not runtime.context.waits(state["round"]):  # it was heard before a kill
        return Command(goto="generator")
    word: Word = interrupt(Question(round=state["round"], strategy=state["strategy"]))
    accepted = runtime.context.hear(state["round"], state["strategy"], state["remarks"], word)
    return Command(goto="generator" if accepted else "navigator")
