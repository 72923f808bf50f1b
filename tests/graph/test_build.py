from __future__ import annotations

import importlib
import json
import re

import pytest

from common.errors import UserError
from graph.build import mermaid
from graph.strategies import get_strategy, strategy_names
from tests.paths import ROOT


def edges(text: str) -> set[tuple[str, str]]:
    return set(re.findall(r"(\w+) (?:-->|-\.->) (\w+);", text))


def test_collm_goes_from_navigator_over_generator_to_coordinator_and_back() -> None:
    assert edges(mermaid()) == {
        ("__start__", "navigator"),
        ("navigator", "generator"),
        ("generator", "coordinator"),
        ("coordinator", "navigator"),
        ("coordinator", "__end__"),
    }


def test_a_classical_strategy_has_no_navigator() -> None:
    assert edges(mermaid("random")) == {
        ("__start__", "generator"),
        ("generator", "coordinator"),
        ("coordinator", "generator"),
        ("coordinator", "__end__"),
    }


def test_langgraphs_studio_finds_the_graph() -> None:
    path, name = json.loads((ROOT / "langgraph.json").read_text())["graphs"]["collm"].split(":")
    made = getattr(importlib.import_module(path.removeprefix("./").removesuffix(".py").replace("/", ".")), name)()
    assert edges(made.get_graph().draw_mermaid()) == edges(mermaid(interactive=True))
    assert {"round", "strategy"} <= set(made.get_input_jsonschema()["properties"])


def test_strategies_are_found_by_their_names() -> None:
    assert [get_strategy(name).name for name in strategy_names()] == strategy_names()
    with pytest.raises(UserError, match="expected one of collm, sillm, opro, llmatic"):
        get_strategy("guess")
