"""The space as agents see it."""

from __future__ import annotations

from dataclasses import replace

from graph.context import RunContext
from supernets.space.disguise import DisguisedSpace
from tests.graph.fakes import SPACE, config


def test_agents_see_the_space_itself_unless_it_is_disguised(context: RunContext) -> None:
    assert context.agent_space is SPACE
    hidden = replace(context, config=config(disguise=True, seed=3))
    assert hidden.agent_space.describe() == DisguisedSpace(SPACE, 3).describe()
    assert hidden.agent_space is hidden.agent_space
