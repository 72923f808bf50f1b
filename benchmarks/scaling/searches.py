"""What only searches can tell: how much users do twice, and what larger rounds cost in quality. The analyst speaks.

Notable: nobody knows of other users, as in the program; what is counted is what a table of scores that all share would
have saved.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from agents.models.settings import ModelSettings
from cli.compare import assemble
from graph.archive.archive import Archive
from graph.config import Config
from graph.run_folder import RunFolder
from graph.search import Search
from supernets.evaluate.evaluator import Evaluation
from supernets.families.registry import get_family

USERS = (2, 5, 10, 20, 50, 100)


def duplicates(supernet: str, evaluations: int, users: Sequence[int] = USERS) -> dict[str, float | str]:
    """The percentage of all evaluations that another user has made already, for so many users; their seeds differ."""
    searches = [[e.architecture for e in _scored(supernet, evaluations, seed)] for seed in range(max(users))]
    row: dict[str, float | str] = {"supernet": supernet, "evaluations": evaluations}
    for count in users:
        made = [a for search in searches[:count] for a in search]
        row[str(count)] = round(100 * (1 - len(set(made)) / len(made)), 1)
    return row


def rounds(supernet: str, evaluations: int, per_round: int, seeds: int) -> dict[str, float | str]:
    """Best score of a search with rounds of this size: mean and standard error over seeds."""
    best = [max(e.top1 for e in _scored(supernet, evaluations, seed, per_round)) for seed in range(1, seeds + 1)]
    mean, error = statistics.mean(best), statistics.stdev(best) / seeds**0.5
    figures = {"evaluations": evaluations, "per_round": per_round, "best": round(mean, 3), "stderr": round(error, 3)}
    return {"supernet": supernet, **figures}


def _scored(supernet: str, evaluations: int, seed: int, per_round: int = 16) -> list[Evaluation]:
    analyst = dict.fromkeys(("navigator", "generator"), ModelSettings(name="analyst"))
    limits = dict(get_family(supernet).default_limits)
    config = Config(
        supernet=supernet, seed=seed, evaluations=evaluations, limits=limits, models=analyst, per_round=per_round
    )
    parts = assemble(config)
    with tempfile.TemporaryDirectory() as root:
        folder = RunFolder.create(Path(root), config)
        Search(
            config=config,
            space=parts.space,
            evaluator=parts.evaluator,
            models=parts.models,
            folder=folder,
            sink=lambda event: None,
        ).run()
        with closing(Archive(folder.archive, parts.space)) as archive:
            return archive.evaluations(1, archive.last_round)
