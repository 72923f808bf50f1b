"""How much text the agents are sent in a search of usual size."""

from __future__ import annotations

import json
import random
from contextlib import closing
from pathlib import Path
from typing import Any

from graph.archive.archive import Archive
from graph.config import Config
from graph.run_folder import RunFolder
from supernets.evaluate.request import EvaluatorRequest
from supernets.evaluators import open_evaluator
from supernets.families.registry import get_space
from tests.graph.fakes import MODELS, models, search_in

SPACE = get_space("ofa-w1.0-predicted")
LIMIT, ROUND, ROUNDS = 300.0, 16, 3
STRATEGY = 4500
"""Characters of a strategy of a large language model."""
MOST = 57_000


def genotypes(count: int, seed: int) -> list[dict[str, Any]]:
    rng, found = random.Random(seed), list[dict[str, Any]]()
    while len(found) < count:
        a = SPACE.mutate(SPACE.smallest(), rng, 0.5)
        if SPACE.cost(a).macs_m < LIMIT:
            found.append(a.to_dict())
    return found


def strategy(example: dict[str, Any]) -> str:
    prefer = {f"ks[{i}]": {"3": 1, "5": 3, "7": 1} for i in range(12)}
    block = f"```json\n{json.dumps({'prefer': prefer, 'examples': [example], 'count': ROUND})}\n```"
    text = "## Summary\nx\n## Key patterns\ny\n## Directions\n"
    return text + "word " * ((STRATEGY - len(text) - len(block)) // 5) + "\n" + block


def test_a_search_of_three_rounds_sends_no_more_than_it_should(tmp_path: Path) -> None:
    answers = [genotypes(ROUND, seed) for seed in range(ROUNDS)]
    script = {
        "navigator": [strategy(each[0]) for each in answers],
        "generator": [{"architectures": each[1:]} for each in answers],
    }
    config = Config(
        supernet=SPACE.name, limits={"macs_m": LIMIT}, evaluations=ROUNDS * ROUND, per_round=ROUND, models=MODELS
    )
    folder = RunFolder.create(tmp_path, config)
    opened = open_evaluator(EvaluatorRequest(supernet=SPACE.name, cache=tmp_path))
    search_in(folder, space=SPACE, evaluator=opened.evaluator, models=models(script)).run()
    with closing(Archive(folder.archive, SPACE)) as archive:
        sent = [sum(len(m["content"]) for m in call.request.messages) for call in archive.calls]
        assert archive.evaluation_count == ROUNDS * ROUND
    assert len(sent) == 2 * ROUNDS
    assert sum(sent) < MOST
