"""Searches in which the random editor stands for a language model, on the formula of the conformance suite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agents.models.random_editor import RandomEditsChatModel
from agents.models.settings import ModelSettings
from graph.config import Config
from graph.events import Event
from graph.run_folder import RunFolder
from graph.search import Search
from studies.run import Run, load
from supernets.evaluate.evaluator import Evaluator
from tests.graph.strategies.conformance import LIMIT, SPACE, Additive


def search(folder: RunFolder, config: Config, evaluator: Evaluator, events: list[Event]) -> None:
    model = RandomEditsChatModel(seed=config.seed)
    Search(
        config=config, space=SPACE, evaluator=evaluator, models={"generator": [model]}, folder=folder,
        sink=events.append,
    ).run()  # fmt: skip


def searched(root: Path, strategy: str, evaluator: Evaluator | None = None, **changes: Any) -> Run:
    """A run of 60 evaluations, or as many as `changes` says."""
    values = {"evaluations": 60, "limits": {"macs_m": LIMIT}, **changes}
    models = {"generator": ModelSettings(name="random-edits")}
    config = Config(supernet="spos", strategy=strategy, models=models, **values)
    folder = RunFolder.create(root, config, strategy)
    search(folder, config, evaluator or Additive(), [])
    return load(folder.path)


def continued(root: Path, strategy: str) -> Run:
    """A run that was interrupted in the middle of a round, after it has gone on."""
    try:
        searched(root, strategy, Additive(stop_at=37))
    except KeyboardInterrupt:
        folder = RunFolder(root / strategy)
        search(folder, folder.config(), Additive(), [])
    return load(root / strategy)
