"""The nodes of the state machine, thin on purpose: each names the next node, `rounds.py` does the work.

A node's return type lists where it can lead. Strategies without a Navigator begin their rounds with the Generator.
"""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from graph.rounds import RoundRunner
from graph.state import State
from graph.steering import Feedback, ReviewRequest


def navigator(state: State, runtime: Runtime[RoundRunner]) -> Command[Literal["person", "generator"]]:
    """Guidance for the round, for the Generator or first for a reviewer."""
    runner, round = runtime.context, state["round"]
    if runner.awaits_review(round):
        return Command(goto="person", update={"strategy": runner.draft(round), "remarks": runner.remarks(round)})
    return Command(goto="generator", update={"strategy": runner.guidance(round)})


def reviewer(state: State, runtime: Runtime[RoundRunner]) -> Command[Literal["navigator", "generator"]]:
    """Wait here for the reviewer's feedback, also across a killed process."""
    if not runtime.context.awaits_review(state["round"]):  # the feedback was applied before a kill
        return Command(goto="generator")
    feedback: Feedback = interrupt(ReviewRequest(round=state["round"], strategy=state["strategy"]))
    final = runtime.context.apply_feedback(state["round"], state["strategy"], state["remarks"], feedback)
    return Command(goto="generator" if final else "navigator")


def generator(state: State, runtime: Runtime[RoundRunner]) -> Command[Literal["coordinator"]]:
    """The proposals of the round."""
    runtime.context.propose(state["round"])
    return Command(goto="coordinator")


def coordinator(state: State, runtime: Runtime[RoundRunner]) -> Command[Literal["navigator", "generator", "__end__"]]:
    """Judge, score and close the round, then begin the next one or end."""
    stopped_because = runtime.context.finish(state["round"])
    if stopped_because:
        return Command(goto="__end__", update={"stopped_because": stopped_because})
    return Command(goto=runtime.context.strategy.first, update={"round": state["round"] + 1})
