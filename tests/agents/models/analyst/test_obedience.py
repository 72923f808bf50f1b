"""The analyst as Generator does what a language model's strategy says, within limits whose costs it can add up."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from agents.calls.caller import Caller
from agents.calls.transcript import MemoryTranscript
from agents.models.analyst.analyst import AnalystChatModel
from agents.roles.briefing import Briefing
from agents.roles.generator import Generator, nothing_wrong
from supernets.families.registry import get_space
from supernets.space.architecture import Architecture
from tests.agents.toy import STRATEGY

SPACE, LIMIT = get_space("ofa-w1.0-predicted"), 300.0
TASK = Briefing(
    space_text=SPACE.describe(), limits=(("macs_m", LIMIT),), target=None, measure="", error_meaning="",
    schema=SPACE.json_schema, costs={"macs_m": 1}, cost_tables={"macs_m": SPACE.cost_table().describe("macs_m")},
)  # fmt: skip


def proposed(block: dict[str, Any], seed: int = 0) -> list[Architecture]:
    """Sixteen proposals for a strategy with this block."""
    model = AnalystChatModel(seed=seed)
    caller = Caller(model=model, name="analyst", role="generator", transcript=MemoryTranscript())
    strategy = f"{STRATEGY}\n```json\n{json.dumps(block)}\n```"
    made = Generator(caller=caller, briefing=TASK).propose(1, strategy, 16, nothing_wrong)
    return [SPACE.parse(genotype) for genotype in made.genotypes]


def share(a: Architecture) -> float:
    return SPACE.cost(a).macs_m / LIMIT


def preferences(seed: int) -> dict[str, dict[str, float]]:
    rng = random.Random(seed)
    varied = [dimension for dimension in SPACE.dimensions if len(dimension.choices) > 1]
    return {d.label: {str(choice): rng.choice([1, 2, 5]) for choice in d.choices} for d in varied}


def test_whatever_is_preferred_proposals_come_near_the_limit_and_none_is_over() -> None:
    shares = [share(a) for seed in range(6) for a in proposed({"prefer": preferences(seed)}, seed)]
    assert len(shares) == 6 * 16
    assert max(shares) <= 1
    assert sum(each > 0.92 for each in shares) >= 0.9 * len(shares)


def test_small_weights_stay_small_and_zero_is_never() -> None:
    drawn = []
    for seed in range(6):
        prefer = preferences(seed) | {"ks[16]": {"3": 0.02, "5": 0.49, "7": 0.49}, "d[0]": {"4": 0}}
        drawn += proposed({"prefer": prefer}, seed)
    assert sum(a["ks"][16] == 3 for a in drawn) <= 0.06 * len(drawn)
    assert 4 not in {a["d"][0] for a in drawn}


def test_a_window_of_cost_is_kept() -> None:
    drawn = proposed({"cost": [270, 280]})
    assert all(270 <= SPACE.cost(a).macs_m <= 280 for a in drawn)


@pytest.mark.parametrize("key", ["e[16] to e[19]", "e[16..19]"])
def test_a_range_of_genes_is_weighted_together(key: str) -> None:
    drawn = proposed({"prefer": {key: {"3": 0, "4": 0, "6": 1}}})
    acting = [a["e"][16 + block] for a in drawn for block in range(a["d"][4])]
    assert set(acting) == {6}
